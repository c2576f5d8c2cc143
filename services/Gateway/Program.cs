using Aerona.Gateway;
using Aerona.Hosting;

return await AeronaHost.RunAsync(
    args,
    builder =>
    {
        builder.AddAeronaBasics();
        builder.AddFrontDoor();
        builder.AddGateway();
    },
    app =>
    {
        app.MapAeronaBasics();
        app.MapGateway();
    });
