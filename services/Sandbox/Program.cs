using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Sandbox;

var builder = WebApplication.CreateBuilder(args);
builder.AddAeronaDefaults();
builder.AddSandbox();
builder.AddMessaging(_ => { });
var app = builder.Build();
app.MapAeronaDefaults();
app.MapSandbox();
await app.RunAsync();
