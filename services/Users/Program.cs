using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Users;

return await AeronaHost.RunAsync(
    args,
    builder =>
    {
        builder.AddAeronaDefaults();
        builder.AddUsers();
        builder.AddMessaging(bus => bus.AddUsersConsumers());
    },
    app =>
    {
        app.MapAeronaDefaults();
        app.MapUsers();
    });
