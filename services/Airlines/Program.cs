using Aerona.Airlines;
using Aerona.Hosting;
using Aerona.Messaging;

await HealthProbe.ExitWhenAskedAsync(args);
var builder = WebApplication.CreateBuilder(args);
builder.AddAeronaDefaults();
builder.AddAirlines();
builder.AddMessaging(bus => bus.AddAirlinesConsumers());

var app = builder.Build();
app.MapAeronaDefaults();
app.MapAirlines();
await app.RunAsync();
