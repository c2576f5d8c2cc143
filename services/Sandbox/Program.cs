using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Sandbox;

await HealthProbe.ExitWhenAskedAsync(args);
var builder = WebApplication.CreateBuilder(args);
builder.AddAeronaDefaults();
builder.AddSandbox();
builder.AddMessaging(_ => { });
var app = builder.Build();
app.MapAeronaDefaults();
app.MapSandbox();
await app.RunAsync();
