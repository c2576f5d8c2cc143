using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Notifications;

return await AeronaHost.RunAsync(
    args,
    builder =>
    {
        builder.AddAeronaDefaults();
        builder.AddNotifications();
        builder.AddMessaging(bus => bus.AddNotificationsConsumers());
    },
    app =>
    {
        app.MapAeronaDefaults();
        app.MapNotifications();
    });
