using Aerona.BookingsBench.Load;
using Aerona.Messaging;
using Aerona.Persistence;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aerona.BookingsBench.Flow;

/// <summary>The two processes of Aerona's contestant: put together as a service is, with nothing switched off.</summary>
internal static class FlowProcesses
{
    /// <summary>The saga and the load generator; ends when the standard input does.</summary>
    public static async Task OrchestrateAsync()
    {
        var builder = Builder();
        builder.Services.AddSingleton<LoadGenerator>();
        builder.AddDatabase<FlowDbContext>("flow");
        builder.AddMessaging(bus => bus.AddSaga<BookingFlow, FlowState, FlowDbContext>());
        using var host = await StartAsync(builder);
        await host.Services.GetRequiredService<LoadGenerator>().ServeAsync(async id =>
        {
            await using var scope = host.Services.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<FlowDbContext>();
            db.Publish(new StartBooking(id, LoadGenerator.Payload));
            await db.SaveChangesAsync();
        });
        await host.StopAsync();
    }

    /// <summary>The consumers; ends when the standard input does.</summary>
    public static async Task WorkAsync()
    {
        var builder = Builder();
        builder.AddDatabase<WorkDbContext>("work");
        builder.AddMessaging(bus =>
        {
            bus.AddConsumer<ReservationConsumer, WorkDbContext>();
            bus.AddConsumer<PaymentConsumer, WorkDbContext>();
            bus.AddConsumer<TicketingConsumer, WorkDbContext>();
            bus.AddConsumer<NotificationConsumer, WorkDbContext>();
        });
        using var host = await StartAsync(builder);
        Answer.Write(new Answer("ready"));
        await Console.In.ReadLineAsync();
        await host.StopAsync();
    }

    private static HostApplicationBuilder Builder()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders().AddConsole().SetMinimumLevel(LogLevel.Warning);
        return builder;
    }

    /// <summary>Until its queues are there.</summary>
    private static async Task<IHost> StartAsync(HostApplicationBuilder builder)
    {
        var host = builder.Build();
        await host.StartAsync();
        await host.Services.GetRequiredService<IBusControl>().WaitForHealthStatus(BusHealthStatus.Healthy, TimeSpan.FromSeconds(60));
        return host;
    }
}
