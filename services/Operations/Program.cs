using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Operations;

await HealthProbe.ExitWhenAskedAsync(args);
var builder = WebApplication.CreateBuilder(args);
builder.AddAeronaDefaults();
builder.AddOperations();
builder.AddMessaging(bus =>
{
    bus.AddOperationsConsumers();
});
var app = builder.Build();
app.MapAeronaDefaults();
app.MapOperations();
await app.RunAsync();
