using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Sandbox;
using Aerona.Sandbox.Mailbox;

return await AeronaHost.RunAsync(
    args,
    builder =>
    {
        builder.AddAeronaDefaults();
        builder.AddSandbox();
        builder.AddMessaging(_ => { });
    },
    app =>
    {
        app.MapAeronaDefaults();
        app.MapSandbox();
        app.MapMailbox();
    });
