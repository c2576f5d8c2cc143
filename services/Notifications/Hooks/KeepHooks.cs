using Aerona.Notifications.Data;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Aerona.Notifications.Hooks;

/// <summary>
/// Every minute has endpoints looked after whose deliveries are two minutes late (a message that was lost, a secret that was wrong); every hour deletes what is past
/// retention.
/// </summary>
internal sealed partial class KeepHooks(
    IServiceScopeFactory scopes, PlainReads<NotificationsDbContext> reads, DatabaseReadiness databases, IOptions<WebhooksOptions> options, TimeProvider clock, ILogger<KeepHooks> log)
    : BackgroundService
{
    private const int Batch = 500;
    private const string AnyLate = "SELECT 1 FROM webhook_delivery WHERE next_attempt_at < @late LIMIT 1";

    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    /// <summary>Flights are sold a year ahead, and refunds come after them.</summary>
    private static readonly TimeSpan BookingsStay = TimeSpan.FromDays(800);
    private static readonly TimeSpan Late = TimeSpan.FromMinutes(2);

    /// <summary>Raises what is late; gives how many endpoints.</summary>
    public async Task<int> RaiseAsync(CancellationToken cancellationToken)
    {
        var late = clock.GetUtcNow() - Late;
        if (await reads.ListAsync(AnyLate, _ => true, cancellationToken, ("late", late)) is [])
        {
            return 0;
        }

        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<NotificationsDbContext>();
        var endpoints = await db.WebhookEndpoints.AsNoTracking()
            .Where(row => row.State == WebhookState.Enabled
                && db.WebhookDeliveries.Any(each => each.EndpointId == row.Id && each.State == WebhookDeliveryState.Pending && each.NextAttemptAt < late))
            .OrderBy(row => row.Id).Take(Batch).ToListAsync(cancellationToken);
        endpoints.ForEach(db.PublishDrive);
        await db.SaveChangesAsync(cancellationToken);
        return endpoints.Count;
    }

    /// <summary>Deletes what is past retention.</summary>
    public async Task ForgetAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<NotificationsDbContext>();
        var before = clock.GetUtcNow() - options.Value.KeptFor;
        await ForgetEventsAsync(db, before, cancellationToken);
        await db.WebhookAttempts.Where(row => row.At < before).ExecuteDeleteAsync(cancellationToken);
        await db.WebhookDeliveries.Where(row => row.CreatedAt < before && row.State != WebhookDeliveryState.Pending).ExecuteDeleteAsync(cancellationToken);
        // Of endpoints that are deleted or stay disabled nothing waits for ever.
        await db.WebhookDeliveries.Where(row => row.CreatedAt < before && row.RetryUntil < before).ExecuteDeleteAsync(cancellationToken);
        await db.WebhookEndpoints.Where(row => row.State == WebhookState.Deleted && !db.WebhookDeliveries.Any(each => each.EndpointId == row.Id)).ExecuteDeleteAsync(cancellationToken);
        await db.BookedFlights.Where(row => row.DepartsAt < before).ExecuteDeleteAsync(cancellationToken);
        var oldest = clock.GetUtcNow() - BookingsStay;
        await db.FollowedBookings.Where(row => (!row.IsKnown && row.At < before) || row.At < oldest).ExecuteDeleteAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await databases.WaitAsync<NotificationsDbContext>(stoppingToken);
        using var timer = new PeriodicTimer(Every, clock);
        for (var minute = 0; await timer.WaitForNextTickAsync(stoppingToken); minute = (minute + 1) % 60)
        {
            try
            {
                await RaiseAsync(stoppingToken);
                if (minute == 0)
                {
                    await ForgetAsync(stoppingToken);
                }
            }
            catch (Exception problem) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(problem.GetBaseException().Message);   // the next round does it all
            }
        }
    }

    /// <summary>Readers are told how far the row is gone in the same transaction as it goes.</summary>
    private static async Task ForgetEventsAsync(NotificationsDbContext db, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var owners = await db.ClientEvents.Where(row => row.At < before).Select(row => row.Owner).Distinct().OrderBy(owner => owner).Take(Batch).ToListAsync(cancellationToken);
        foreach (var owner in owners)
        {
            await using var transaction = await db.BeginAsync(cancellationToken);
            var stream = await db.LockAsync<EventStream>(owner, cancellationToken);
            // Times of events may go back and forth within a row; it is forgotten from its beginning and without holes.
            var kept = await db.ClientEvents.Where(row => row.Owner == owner && row.At >= before).OrderBy(row => row.Sequence).Select(row => (long?)row.Sequence).FirstOrDefaultAsync(cancellationToken);
            stream.ForgottenThrough = kept - 1 ?? stream.LastSequence;
            var through = stream.ForgottenThrough;
            await db.ClientEvents.Where(row => row.Owner == owner && row.Sequence <= through).ExecuteDeleteAsync(cancellationToken);
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            db.ChangeTracker.Clear();
        }
    }

    [LoggerMessage(LogLevel.Warning, "Webhooks were not looked after: {Reason}")]
    private partial void LogFailed(string reason);
}
