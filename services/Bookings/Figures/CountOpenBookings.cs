using Aerona.Bookings.Data;
using Aerona.Persistence;
using Aerona.Sagas.Booking;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.Figures;

/// <summary>Lets the figures see every transition, and counts in the table how many bookings are in which state.</summary>
internal sealed partial class CountOpenBookings(
    BookingStateMachine machine, BookingMetrics metrics, IServiceScopeFactory scopes, DatabaseReadiness databases, TimeProvider clock, ILogger<CountOpenBookings> log)
    : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(15);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        machine.ConnectStateObserver(metrics);
        return base.StartAsync(cancellationToken);
    }

    /// <summary>Counts now. Only bookings on their way: those at their end are many and of no interest here.</summary>
    public async Task CountAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BookingsDbContext>();
        var states = BookingMetrics.OnTheWay.Keys.ToList();
        metrics.Found(await db.Sagas.Where(saga => states.Contains(saga.CurrentState)).GroupBy(saga => saga.CurrentState)
            .Select(group => new { group.Key, Count = group.LongCount() }).ToDictionaryAsync(group => group.Key, group => group.Count, cancellationToken));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await databases.WaitAsync<BookingsDbContext>(stoppingToken);
        using var timer = new PeriodicTimer(Pause, clock);
        do
        {
            try
            {
                await CountAsync(stoppingToken);
            }
            catch (Exception problem) when (!stoppingToken.IsCancellationRequested)
            {
                Failed(log, problem);   // the next count is soon; the last one stands
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(LogLevel.Warning, "Bookings could not be counted; the next try is in a few seconds")]
    private static partial void Failed(ILogger log, Exception problem);
}
