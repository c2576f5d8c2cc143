using Aerona.Bookings;
using Aerona.Hosting;
using Aerona.Messaging;

await HealthProbe.ExitWhenAskedAsync(args);
var builder = WebApplication.CreateBuilder(args);
builder.AddAeronaDefaults();
builder.AddBookings();
builder.AddMessaging(bus => bus.AddBookingsConsumers());

var app = builder.Build();
app.MapAeronaDefaults();
app.MapBookings();
await app.RunAsync();
