using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Payments;

await HealthProbe.ExitWhenAskedAsync(args);
var builder = WebApplication.CreateBuilder(args);
builder.AddAeronaDefaults();
builder.AddPayments();
builder.AddMessaging(bus =>
{
    bus.AddPaymentsConsumers();
});
var app = builder.Build();
app.MapAeronaDefaults();
app.MapPayments();
await app.RunAsync();
