using Aerona.Hosting;

await HealthProbe.ExitWhenAskedAsync(args);
var builder = WebApplication.CreateBuilder(args);
builder.AddAeronaDefaults();

var app = builder.Build();
app.MapAeronaDefaults();
await app.RunAsync();
