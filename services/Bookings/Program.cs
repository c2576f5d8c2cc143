using Aerona.Bookings;
using Aerona.Hosting;
using Aerona.Messaging;

return await AeronaHost.RunAsync(
    args,
    builder =>
    {
        builder.AddAeronaDefaults();
        builder.AddBookings();
        builder.AddMessaging(bus => bus.AddBookingsConsumers());
    },
    app =>
    {
        app.MapAeronaDefaults();
        app.MapBookings();
    });
