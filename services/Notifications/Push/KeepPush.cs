using Aerona.Notifications.Data;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Notifications.Push;

/// <summary>Every hour deletes notices that are over for a week, pauses that ended, and subscriptions for one booking that are older than any journey.</summary>
internal sealed partial class KeepPush(IServiceScopeFactory scopes, DatabaseReadiness databases, TimeProvider clock, ILogger<KeepPush> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);
    private static readonly TimeSpan NoticesStay = TimeSpan.FromDays(7);

    /// <summary>Flights are sold a year ahead.</summary>
    private static readonly TimeSpan GuestsStay = TimeSpan.FromDays(400);

    public async Task ForgetAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<NotificationsDbContext>();
        var now = clock.GetUtcNow();
        var (over, old) = (now - NoticesStay, now - GuestsStay);
        await db.PushNotices.Where(row => row.ExpiresAt < over).ExecuteDeleteAsync(cancellationToken);
        await db.PushServices.Where(row => row.PausedUntil < now).ExecuteDeleteAsync(cancellationToken);
        await db.PushSubscriptions.Where(row => row.CreatedAt < old && row.Scope.StartsWith("booking:")).ExecuteDeleteAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await databases.WaitAsync<NotificationsDbContext>(stoppingToken);
        using var timer = new PeriodicTimer(Every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await ForgetAsync(stoppingToken);
            }
            catch (Exception problem) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(problem.GetBaseException().Message);   // the next hour deletes it all
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Old notices were not deleted: {Reason}")]
    private partial void LogFailed(string reason);
}
