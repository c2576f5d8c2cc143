using System.Net.Http.Headers;
using System.Text;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Sandbox.PayPal;

/// <summary>Sends webhooks when they are due, again and again until a 2xx comes: up to 25 times in three days, like PayPal.</summary>
internal sealed class WebhookSender(
    IServiceScopeFactory scopes, DatabaseReadiness databases, IHttpClientFactory clients, WebhookSigning signing, WebhookAlarm alarm, Lapses lapses, TimeProvider time, ILogger<WebhookSender> log)
    : BackgroundService
{
    public const string Client = "paypal-sandbox-webhooks";
    private const int MostAttempts = 25;

    /// <summary>Sends all that is due now and answers how many were taken.</summary>
    public async Task<int> SendDueAsync(CancellationToken cancellationToken)
    {
        var taken = 0;
        for (var more = true; more;)
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<SandboxDbContext>();
            var now = time.GetUtcNow();
            var due = await db.Deliveries.Where(delivery => delivery.DoneAt == null && delivery.DueAt <= now)
                .OrderBy(delivery => delivery.DueAt).ThenBy(delivery => delivery.Id).Take(20).ToListAsync(cancellationToken);
            foreach (var delivery in due)
            {
                taken += await SendAsync(db, delivery, cancellationToken) ? 1 : 0;
            }

            await db.SaveChangesAsync(cancellationToken);
            more = due.Count == 20;
        }

        return taken;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await databases.WaitAsync<SandboxDbContext>(stoppingToken);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        var tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
        var ring = alarm.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var woken = await Task.WhenAny(tick, ring);
                await woken;
                tick = woken == tick ? timer.WaitForNextTickAsync(stoppingToken).AsTask() : tick;
                ring = woken == ring ? alarm.WaitAsync(stoppingToken) : ring;
                await lapses.SweepAsync(stoppingToken);
                await SendDueAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception problem) when (problem is DbUpdateException or System.Data.Common.DbException || DatabaseErrors.IsUnreachable(problem))
            {
                log.LogWarning(problem, "Webhooks could not be sent now; the next second tries again");
            }
        }
    }

    private async Task<bool> SendAsync(SandboxDbContext db, WebhookDelivery delivery, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (await db.Webhooks.FindAsync([delivery.WebhookId], cancellationToken) is not { } webhook)
        {
            delivery.DoneAt = now;
            delivery.LastAnswer = "webhook deleted";
            return false;
        }

        delivery.Attempts++;
        using var request = await RequestAsync(webhook, delivery, now, cancellationToken);
        var ok = false;
        try
        {
            using var response = await clients.CreateClient(Client).SendAsync(request, cancellationToken);
            ok = response.IsSuccessStatusCode;
            delivery.LastAnswer = ((int)response.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (Exception problem) when (problem is HttpRequestException || (problem is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            delivery.LastAnswer = "no answer";
        }

        delivery.DoneAt = ok || delivery.Attempts >= MostAttempts ? now : null;
        delivery.DueAt = now + Pause(delivery.Attempts);
        return ok;
    }

    private async Task<HttpRequestMessage> RequestAsync(Webhook webhook, WebhookDelivery delivery, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var key = await signing.KeyAsync(cancellationToken);
        var transmission = Guid.NewGuid().ToString();
        var at = PayPalViews.Time(now);
        var request = new HttpRequestMessage(HttpMethod.Post, webhook.Url)
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(delivery.Body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        request.Headers.Add("PAYPAL-TRANSMISSION-ID", transmission);
        request.Headers.Add("PAYPAL-TRANSMISSION-TIME", at);
        request.Headers.Add("PAYPAL-TRANSMISSION-SIG", WebhookSigning.Sign(key, transmission, at, webhook.Id, delivery.Body));
        request.Headers.Add("PAYPAL-CERT-URL", $"{webhook.Base}/v1/notifications/certs/{key.Id}");
        request.Headers.Add("PAYPAL-AUTH-ALGO", WebhookSigning.Algorithm);
        return request;
    }

    /// <summary>5 s, 10 s, 20 s … at most three hours: 25 tries take about three days.</summary>
    private static TimeSpan Pause(int attempts) =>
        TimeSpan.FromSeconds(Math.Min(5 * Math.Pow(2, attempts - 1), TimeSpan.FromHours(4.5).TotalSeconds));
}
