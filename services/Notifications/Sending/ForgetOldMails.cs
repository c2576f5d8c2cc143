using Aerona.Notifications.Data;
using Aerona.Notifications.Mail;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Aerona.Notifications.Sending;

/// <summary>Deletes what old mails were written from, names and flights; that they were sent stays in the log. Once an hour.</summary>
internal sealed partial class ForgetOldMails(
    IServiceScopeFactory scopes, DatabaseReadiness readiness, IOptions<MailOptions> options, TimeProvider clock, ILogger<ForgetOldMails> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var before = clock.GetUtcNow() - options.Value.KeptFor;
        await scope.ServiceProvider.GetRequiredService<NotificationsDbContext>().Deliveries
            .Where(row => row.At < before && row.Content != null && row.State != DeliveryState.Due && row.State != DeliveryState.Deferred)
            .ExecuteUpdateAsync(rows => rows.SetProperty(row => row.Content, (string?)null), cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await readiness.WaitAsync<NotificationsDbContext>(stoppingToken);
        using var timer = new PeriodicTimer(Every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RunAsync(stoppingToken);
            }
            catch (Exception problem) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(problem.GetBaseException().Message);   // the next hour does it
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "What old mails were written from was not deleted: {Reason}")]
    private partial void LogFailed(string reason);
}
