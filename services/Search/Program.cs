using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Search;

await HealthProbe.ExitWhenAskedAsync(args);
var builder = WebApplication.CreateBuilder(args);
builder.AddAeronaDefaults();
builder.AddSearch();
builder.AddMessaging(bus =>
{
    bus.AddSearchConsumers();
});
var app = builder.Build();
app.MapAeronaDefaults();
app.MapSearch();
await app.RunAsync();
