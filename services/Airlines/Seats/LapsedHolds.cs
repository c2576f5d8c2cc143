using Aerona.Airlines.Data;
using Aerona.Airlines.House;
using Aerona.Contracts.Bookings;
using Aerona.Messaging;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Aerona.Airlines.Seats;

/// <summary>Gives lapsed holds back, one short transaction each, and reports pins so old that their saga must hang.</summary>
internal sealed partial class LapsedHolds(
    IServiceScopeFactory scopes, PlainReads<AirlinesDbContext> reads, DatabaseReadiness databases, TimeProvider clock, IOptions<HouseAirlineOptions> options, ILogger<LapsedHolds> log) : BackgroundService
{
    private const string Lapsed = $"SELECT hold_id FROM hold WHERE state = '{nameof(HoldState.Held)}' AND space_until <= @now ORDER BY space_until";
    private const string PinnedTooLong = $"SELECT hold_id FROM hold WHERE state = '{nameof(HoldState.Pinned)}' AND pinned_at <= @too_old AND alarmed_at IS NULL";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await databases.WaitAsync<AirlinesDbContext>(stoppingToken);
        using var timer = new PeriodicTimer(options.Value.SweepEvery, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception problem) when (problem is not OperationCanceledException)
            {
                // A database that is away for a while must not end the sweeping; the next round finds the same holds.
                LogFailed(problem);
            }
        }
    }

    /// <summary>One round over all that has lapsed by now.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        foreach (var holdId in await reads.ListAsync(Lapsed, row => row.GetGuid(0), cancellationToken, ("now", now)))
        {
            await ChangeAsync((services, _) => services.GetRequiredService<SeatInventory>().LapseAsync(holdId, cancellationToken), cancellationToken);
        }

        var tooOld = now - options.Value.PinAlarmAfter;
        foreach (var holdId in await reads.ListAsync(PinnedTooLong, row => row.GetGuid(0), cancellationToken, ("too_old", tooOld)))
        {
            await ChangeAsync((_, db) => AlarmAsync(db, holdId, cancellationToken), cancellationToken);
        }
    }

    private async Task AlarmAsync(AirlinesDbContext db, Guid holdId, CancellationToken cancellationToken)
    {
        var hold = await db.LockAsync<Hold>(holdId, cancellationToken);
        if (hold.Alarm(clock.GetUtcNow()))
        {
            LogOldPin(holdId, hold.BookingId, hold.PinnedAt);
            db.Publish(new BookingNoted(hold.BookingId, "seats.pinned_too_long", clock.GetUtcNow(), holdId.ToString()));
        }
    }

    private async Task ChangeAsync(Func<IServiceProvider, AirlinesDbContext, Task> change, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AirlinesDbContext>();
        await using var transaction = await db.BeginAsync(cancellationToken);
        await change(scope.ServiceProvider, db);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Lapsed holds could not be given back; the next round tries again")]
    private partial void LogFailed(Exception problem);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Hold {HoldId} of booking {BookingId} is pinned since {PinnedAt} and neither bought nor released")]
    private partial void LogOldPin(Guid holdId, Guid bookingId, DateTimeOffset? pinnedAt);
}
