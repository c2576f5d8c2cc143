using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Payments;

return await AeronaHost.RunAsync(
    args,
    builder =>
    {
        builder.AddAeronaDefaults();
        builder.AddPayments();
        builder.AddMessaging(bus => bus.AddPaymentsConsumers());
    },
    app =>
    {
        app.MapAeronaDefaults();
        app.MapPayments();
    });
