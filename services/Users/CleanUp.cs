using Aerona.Persistence;
using Aerona.Users.Data;
using Aerona.Users.Leaving;
using Aerona.Users.SigningIn;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Users;

/// <summary>Deletes what is over: tokens, links, sign-ins, counters. Once an hour, in small statements that hold nobody up.</summary>
internal sealed partial class CleanUp(IServiceScopeFactory scopes, DatabaseReadiness readiness, TimeProvider clock, ILogger<CleanUp> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    /// <summary>Used refresh tokens stay as long as any could, or using one again would not be noticed.</summary>
    private static readonly TimeSpan OverFor = TimeSpan.FromDays(1);

    private static readonly TimeSpan SessionsShownFor = TimeSpan.FromDays(30);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<UsersDbContext>();
        var now = clock.GetUtcNow();
        var (over, overUtc, sessionsOver) = (now - OverFor, (now - OverFor).UtcDateTime, now - SessionsShownFor);
        await db.Tokens.Where(row => row.ExpirationDate < overUtc).ExecuteDeleteAsync(cancellationToken);
        await db.MailedLinks.Where(row => row.ExpiresAt < over).ExecuteDeleteAsync(cancellationToken);
        await db.PasskeyChallenges.Where(row => row.ExpiresAt < over).ExecuteDeleteAsync(cancellationToken);
        await db.Grants.Where(row => row.SessionId != null && !row.Tokens.Any() && row.CreationDate < overUtc).ExecuteDeleteAsync(cancellationToken);
        await db.Sessions.Where(row => row.ExpiresAt < sessionsOver || (row.EndedAt != null && row.EndedAt < sessionsOver)).ExecuteDeleteAsync(cancellationToken);
        await scope.ServiceProvider.GetRequiredService<Throttles>().CleanUpAsync(cancellationToken);
        await scope.ServiceProvider.GetRequiredService<Requests>().CleanUpAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await readiness.WaitAsync<UsersDbContext>(stoppingToken);
        using var timer = new PeriodicTimer(Every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RunAsync(stoppingToken);
            }
            catch (Exception problem) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(problem.GetBaseException().Message);   // the next hour deletes it all
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "What is over was not deleted: {Reason}")]
    private partial void LogFailed(string reason);
}
