using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Tickets;

await HealthProbe.ExitWhenAskedAsync(args);
var builder = WebApplication.CreateBuilder(args);
builder.AddAeronaDefaults();
builder.AddTickets();
builder.AddMessaging(bus => bus.AddTicketsConsumers());

var app = builder.Build();
app.MapAeronaDefaults();
app.MapTickets();
await app.RunAsync();
