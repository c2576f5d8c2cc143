using Aerona.Bookings.Data;
using Aerona.Messaging;
using Aerona.Persistence;
using Aerona.Sagas;
using Aerona.Sagas.Booking;
using Aerona.Sagas.Cancellation;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.Deadlines;

/// <summary>
/// Every minute raises again the timers of sagas that are more than a minute late: a lost timer must not hang a booking. The message carries the saga's own
/// token, so one that comes twice is dropped.
/// </summary>
internal sealed partial class RaiseOverdueTimers(
    IServiceScopeFactory scopes, PlainReads<BookingsDbContext> reads, DatabaseReadiness databases, TimeProvider clock, ILogger<RaiseOverdueTimers> log) : BackgroundService
{
    private const int MostAtOnce = 500;
    private const string AnyLate =
        "SELECT 1 FROM booking_state WHERE deadline_at < @late OR tick_at < @late UNION ALL SELECT 1 FROM cancellation_state WHERE deadline_at < @late OR tick_at < @late LIMIT 1";

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>Raises them now; gives how many.</summary>
    public async Task<int> RaiseAsync(CancellationToken cancellationToken)
    {
        var late = clock.GetUtcNow() - Minute;
        if (await reads.ListAsync(AnyLate, _ => true, cancellationToken, ("late", late)) is [])
        {
            return 0;
        }

        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BookingsDbContext>();
        var raised = await RaiseAsync<BookingState>(db, late, id => new BookingDeadline(id), id => new BookingTick(id), cancellationToken)
            + await RaiseAsync<CancellationState>(db, late, id => new CancellationDeadline(id), id => new CancellationTick(id), cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        return raised;
    }

    private static async Task<int> RaiseAsync<TSaga>(
        BookingsDbContext db, DateTimeOffset late, Func<Guid, object> deadline, Func<Guid, object> tick, CancellationToken cancellationToken) where TSaga : TimedSaga
    {
        var overdue = await db.Set<TSaga>().AsNoTracking()
            .Where(saga => saga.DeadlineAt < late || saga.TickAt < late)
            .OrderBy(saga => saga.DeadlineAt)
            .Select(saga => new { saga.CorrelationId, saga.DeadlineAt, saga.DeadlineToken, saga.TickAt, saga.TickToken })
            .Take(MostAtOnce)
            .ToListAsync(cancellationToken);
        var raised = 0;
        foreach (var saga in overdue)
        {
            if (saga.DeadlineAt < late)
            {
                db.Publish(deadline(saga.CorrelationId), saga.DeadlineToken);
                raised++;
            }

            if (saga.TickAt < late)
            {
                db.Publish(tick(saga.CorrelationId), saga.TickToken);
                raised++;
            }
        }

        return raised;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await databases.WaitAsync<BookingsDbContext>(stoppingToken);
        using var timer = new PeriodicTimer(Minute, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (await RaiseAsync(stoppingToken) is > 0 and var raised)
                {
                    Raised(log, raised);
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                Failed(log, exception);   // one bad minute must not end all later ones
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Raised {Count} timers again that were more than a minute late")]
    private static partial void Raised(ILogger log, int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "Late timers could not be raised; the next try is in a minute")]
    private static partial void Failed(ILogger log, Exception exception);
}
