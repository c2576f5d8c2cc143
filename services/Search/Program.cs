using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Search;

return await AeronaHost.RunAsync(
    args,
    builder =>
    {
        builder.AddAeronaDefaults();
        builder.AddSearch();
        builder.AddMessaging(bus => bus.AddSearchConsumers());
    },
    app =>
    {
        app.MapAeronaDefaults();
        app.MapSearch();
    });
