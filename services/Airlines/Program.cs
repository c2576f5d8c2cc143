using Aerona.Airlines;
using Aerona.Hosting;
using Aerona.Messaging;

return await AeronaHost.RunAsync(
    args,
    builder =>
    {
        builder.AddAeronaDefaults();
        builder.AddAirlines();
        builder.AddMessaging(bus => bus.AddAirlinesConsumers());
    },
    app =>
    {
        app.MapAeronaDefaults();
        app.MapAirlines();
    });
