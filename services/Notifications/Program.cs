using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Notifications;

await HealthProbe.ExitWhenAskedAsync(args);
var builder = WebApplication.CreateBuilder(args);
builder.AddAeronaDefaults();
builder.AddNotifications();
builder.AddMessaging(bus => bus.AddNotificationsConsumers());

var app = builder.Build();
app.MapAeronaDefaults();
app.MapNotifications();
await app.RunAsync();
