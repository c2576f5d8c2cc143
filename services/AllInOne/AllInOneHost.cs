using Aerona.Airlines;
using Aerona.Bookings;
using Aerona.Gateway;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Notifications;
using Aerona.Operations;
using Aerona.Payments;
using Aerona.Sandbox;
using Aerona.Sandbox.HouseAirline;
using Aerona.Sandbox.Mailbox;
using Aerona.Search;
using Aerona.Tickets;
using Aerona.Users;

namespace Aerona.AllInOne;

/// <summary>All services in one process: SQLite, bus in memory, files in a folder, the outside world played by the sandbox.</summary>
public static class AllInOneHost
{
    /// <summary>Runs until stopped. 0: stopped in order; 2: the data folder is in use or a setting is wrong.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = Arguments(args), ContentRootPath = AppContext.BaseDirectory });
        builder.UseEmbeddedDefaults();
        using var folder = DataFolder.Lock(builder.Configuration["Data:Folder"]!);
        if (folder is null)
        {
            await Console.Error.WriteLineAsync($"aerona: the data in {builder.Configuration["Data:Folder"]} is in use by another Aerona; stop it or choose another folder with --data");
            return 2;
        }

        return await AeronaHost.RunAsync(builder, Add, Map, Console.Error);
    }

    private static void Add(WebApplicationBuilder builder)
    {
        builder.AddAeronaDefaults();
        builder.AddFrontDoor();
        builder.AddUsers();
        builder.AddOperations();
        builder.AddAirlines();
        builder.AddSearch();
        builder.AddBookings();
        builder.AddPayments();
        builder.AddTickets();
        builder.AddNotifications();
        builder.AddSandbox();
        if (builder.Environment.IsEnvironment("Sandbox"))
        {
            builder.AddHouseAirlineScenarios();
        }

        builder.AddMessaging(bus =>
        {
            bus.AddUsersConsumers();
            bus.AddOperationsConsumers();
            bus.AddAirlinesConsumers();
            bus.AddSearchConsumers();
            bus.AddBookingsConsumers();   // the sagas come along
            bus.AddPaymentsConsumers();
            bus.AddTicketsConsumers();
            bus.AddNotificationsConsumers();
        });
    }

    private static void Map(WebApplication app)
    {
        app.MapAeronaDefaults();
        app.MapUsers();
        app.MapOperations();
        app.MapAirlines();
        app.MapSearch();
        app.MapBookings();
        app.MapPayments();
        app.MapTickets();
        app.MapNotifications();
        app.MapSandbox();
        app.MapMailbox();
        app.MapStartPage();
    }

    /// <summary>The short options of <c>./aerona up</c> as configuration.</summary>
    private static string[] Arguments(string[] args) => [.. args.Select(argument => argument switch
    {
        "--port" => "--Port",
        "--data" => "--Data:Folder",
        _ => argument,
    })];
}
