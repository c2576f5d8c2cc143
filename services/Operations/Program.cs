using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Operations;

return await AeronaHost.RunAsync(
    args,
    builder =>
    {
        builder.AddAeronaDefaults();
        builder.AddOperations();
        builder.AddMessaging(bus => bus.AddOperationsConsumers());
    },
    app =>
    {
        app.MapAeronaDefaults();
        app.MapOperations();
    });
