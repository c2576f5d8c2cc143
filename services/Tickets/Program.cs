using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Tickets;

return await AeronaHost.RunAsync(
    args,
    builder =>
    {
        builder.AddAeronaDefaults();
        builder.AddTickets();
        builder.AddMessaging(bus => bus.AddTicketsConsumers());
    },
    app =>
    {
        app.MapAeronaDefaults();
        app.MapTickets();
    });
