using Aerona.Bookings.Data;
using Aerona.Persistence;
using Aerona.Sagas.Booking;
using Aerona.Sagas.Cancellation;
using MassTransit;

namespace Aerona.Bookings.Figures;

/// <summary>Lets the figures see every transition, and counts in the table how many bookings are in which state.</summary>
internal sealed partial class CountOpenBookings(
    BookingStateMachine machine, CancellationStateMachine cancellations, BookingMetrics metrics, PlainReads<BookingsDbContext> reads, DatabaseReadiness databases, TimeProvider clock, ILogger<CountOpenBookings> log)
    : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(15);

    private static readonly string Statement =
        $"SELECT current_state, count(*) FROM booking_state WHERE current_state IN ({string.Join(", ", BookingMetrics.OnTheWay.Keys.Select(state => $"'{state}'"))}) GROUP BY current_state";

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        machine.ConnectStateObserver(metrics);
        cancellations.ConnectStateObserver(metrics);
        return base.StartAsync(cancellationToken);
    }

    /// <summary>Counts now. Only bookings on their way: those at their end are many and of no interest here.</summary>
    public async Task CountAsync(CancellationToken cancellationToken)
    {
        var counted = await reads.ListAsync(Statement, row => (State: row.GetString(0), Count: row.GetInt64(1)), cancellationToken);
        metrics.Found(counted.ToDictionary(state => state.State, state => state.Count));
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
