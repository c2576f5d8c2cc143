using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Aerona.Contracts.Notifications;
using Aerona.Messaging;
using Aerona.Notifications.Data;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Aerona.Notifications.Hooks;

/// <summary>What came of looking after an endpoint once.</summary>
internal sealed record WebhookRound(IReadOnlyList<WebhookTry> Tries);

/// <param name="DeliveryId">What was sent.</param>
/// <param name="At">UTC; when it began.</param>
/// <param name="Milliseconds">How long it took.</param>
/// <param name="Status">HTTP status; null when none came.</param>
/// <param name="Problem">Stable code; null when it was taken.</param>
/// <param name="Answer">How the answer begins, when it was not.</param>
/// <param name="NotBefore">UTC; Retry-After.</param>
internal sealed record WebhookTry(Guid DeliveryId, DateTimeOffset At, int Milliseconds, int? Status, string? Problem, string? Answer, DateTimeOffset? NotBefore);

/// <summary>Endpoints that answer: up to eight deliveries at a time, four of them at once, in the order of their numbers as far as that goes.</summary>
internal sealed class DeliverWebhooksConsumer(EgressGuard egress, WebhookSecrets secrets, IServiceScopeFactory scopes, IOptions<WebhooksOptions> options, TimeProvider clock)
    : WebhookEndpointConsumer<DeliverWebhooks>(egress, secrets, scopes, options, clock)
{
    protected override (int Deliveries, int AtOnce) Most => (8, 4);

    protected override Guid EndpointId(DeliverWebhooks command) => command.EndpointId;
}

/// <summary>Endpoints that failed last: one delivery, to see.</summary>
internal sealed class RetryWebhooksConsumer(EgressGuard egress, WebhookSecrets secrets, IServiceScopeFactory scopes, IOptions<WebhooksOptions> options, TimeProvider clock)
    : WebhookEndpointConsumer<RetryWebhooks>(egress, secrets, scopes, options, clock)
{
    protected override (int Deliveries, int AtOnce) Most => (1, 1);

    protected override Guid EndpointId(RetryWebhooks command) => command.EndpointId;
}

/// <summary>
/// Looks after one endpoint: sends what is due, writes down what came of it, plans the next time. The intent's lease is the endpoint's, so that no two look after it at
/// once, wherever they run. Killed in between, it sends again: at least once.
/// </summary>
internal abstract class WebhookEndpointConsumer<TCommand>(
    EgressGuard egress, WebhookSecrets secrets, IServiceScopeFactory scopes, IOptions<WebhooksOptions> options, TimeProvider clock)
    : EffectConsumer<TCommand, WebhookRound, NotificationsDbContext> where TCommand : class
{
    private const int LongestAnswer = 300;

    /// <summary>Failed so often in a row, an endpoint that answers again gets all that waits at once.</summary>
    private const int IsTrouble = 3;

    /// <summary>How many deliveries in a round.</summary>
    protected abstract (int Deliveries, int AtOnce) Most { get; }

    protected abstract Guid EndpointId(TCommand command);

    protected sealed override TimeSpan CallLimit => (options.Value.AnswerLimit * Math.Ceiling((double)Most.Deliveries / Most.AtOnce)) + TimeSpan.FromSeconds(10);

    protected sealed override string Key(TCommand command) => $"webhooks/{EndpointId(command)}";

    protected sealed override WebhookRound ClosedAnswer(TCommand command) => new([]);

    // The intent is never settled: it is the endpoint's lease and no more.
    protected sealed override bool IsFinal(WebhookRound answer) => false;

    protected sealed override async Task<WebhookRound> CallAsync(TCommand command, EffectIntent intent, CancellationToken cancellationToken)
    {
        var id = EndpointId(command);
        var (endpoint, due) = await DueAsync(id, cancellationToken);
        if (endpoint is null || due.Count == 0)
        {
            return new([]);
        }

        if (Active(endpoint) is not { } active)
        {
            return new([new(due[0].Id, clock.GetUtcNow(), 0, null, "secret.unreadable", null, null)]);
        }

        var tries = new List<WebhookTry>();
        using var turns = new SemaphoreSlim(Most.AtOnce);
        // What has begun is waited for; the first that fails lets no other begin, they would only wait for the same.
        var failed = false;
        var running = due.Select(async delivery =>
        {
            await turns.WaitAsync(cancellationToken);
            try
            {
                if (!Volatile.Read(ref failed))
                {
                    var done = await TryAsync(endpoint, delivery, active, cancellationToken);
                    Volatile.Write(ref failed, failed || done.Problem is not null);
                    lock (tries)
                    {
                        tries.Add(done);
                    }
                }
            }
            finally
            {
                turns.Release();
            }
        }).ToList();
        await Task.WhenAll(running);
        return new(tries);
    }

    protected sealed override async Task RecordAsync(NotificationsDbContext db, TCommand command, WebhookRound answer, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (await db.TryLockAsync<WebhookEndpoint>(EndpointId(command), cancellationToken) is not { State: not WebhookState.Deleted } endpoint)
        {
            return;
        }

        var pending = db.WebhookDeliveries.Where(row => row.EndpointId == endpoint.Id && row.State == WebhookDeliveryState.Pending);
        Task BringForwardAsync() =>
            pending.Where(row => row.NextAttemptAt > now).ExecuteUpdateAsync(row => row.SetProperty(each => each.NextAttemptAt, now), cancellationToken);

        if (endpoint.IsResumed)
        {
            endpoint.IsResumed = false;
            await BringForwardAsync();
        }

        var wasTrouble = endpoint.Failures >= IsTrouble;
        foreach (var done in answer.Tries.OrderBy(each => each.At))
        {
            if (await db.WebhookDeliveries.FindAsync([done.DeliveryId], cancellationToken) is { } delivery)
            {
                Record(db, endpoint, delivery, done, now);
            }
        }

        DisableIfHopeless(db, endpoint, answer, now);
        await db.SaveChangesAsync(cancellationToken);
        if (endpoint.State != WebhookState.Enabled)
        {
            await db.DriveAsync(endpoint, null, now, cancellationToken);
            return;
        }

        if (wasTrouble && endpoint.Failures == 0)
        {
            await BringForwardAsync();
        }

        var next = await pending.OrderBy(row => row.NextAttemptAt).Select(row => row.NextAttemptAt).FirstOrDefaultAsync(cancellationToken);
        await db.DriveAsync(endpoint, next, now, cancellationToken);
    }

    /// <summary>What is signed with, the newest first; null when it was sealed with a secret that is not the one configured.</summary>
    private List<string>? Active(WebhookEndpoint endpoint)
    {
        try
        {
            return [.. endpoint.Secrets.Where(secret => secret.EndsAt is null || secret.EndsAt > clock.GetUtcNow()).Select(secret => secrets.Open(secret.Secret, endpoint.Id))];
        }
        catch (CryptographicException)
        {
            return null;   // stands in the log of deliveries, where its owner and staff look; a new secret helps
        }
    }

    private async Task<(WebhookEndpoint? Endpoint, List<WebhookDelivery> Due)> DueAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<NotificationsDbContext>();
        var now = clock.GetUtcNow();
        var endpoint = await db.WebhookEndpoints.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id && row.State == WebhookState.Enabled, cancellationToken);
        var due = endpoint is null ? [] : await db.WebhookDeliveries.AsNoTracking()
            .Where(row => row.EndpointId == id && row.State == WebhookDeliveryState.Pending && (row.NextAttemptAt <= now || endpoint.IsResumed))
            .OrderBy(row => row.NextAttemptAt).ThenBy(row => row.Sequence).ThenBy(row => row.Id).Take(Most.Deliveries).ToListAsync(cancellationToken);
        return (endpoint, due);
    }

    private async Task<WebhookTry> TryAsync(WebhookEndpoint endpoint, WebhookDelivery delivery, IReadOnlyList<string> active, CancellationToken cancellationToken)
    {
        var began = clock.GetUtcNow();
        var body = Encoding.UTF8.GetBytes(delivery.Body);
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint.Url);
        request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        request.Headers.TryAddWithoutValidation("User-Agent", "Aerona-Webhooks/1");
        request.Headers.Add(WebhookSignature.Header, WebhookSignature.Of(body, active, began));
        request.Headers.Add("Aerona-Event-Id", delivery.EventId.ToString());
        request.Headers.Add("Aerona-Event-Type", delivery.Type);
        request.Headers.Add("Aerona-Delivery-Id", delivery.Id.ToString());
        if (delivery.Sequence is { } sequence)
        {
            request.Headers.Add("Aerona-Sequence", sequence.ToString(CultureInfo.InvariantCulture));
        }

        WebhookTry Done(int? status, string? problem, string? answer = null, DateTimeOffset? notBefore = null) =>
            new(delivery.Id, began, (int)(clock.GetUtcNow() - began).TotalMilliseconds, status, problem, answer, notBefore);

        using var limit = new CancellationTokenSource(options.Value.AnswerLimit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var response = await egress.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var status = (int)response.StatusCode;
            return response.IsSuccessStatusCode
                ? Done(status, null)
                : Done(status, status is >= 300 and < 400 ? "answer.redirect" : "answer.status", await BeginningAsync(response, either.Token), response.Headers.RetryAfter.NotBefore(clock.GetUtcNow()));
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return Done(null, CallProblem.Timeout);
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException)
        {
            return Done(null, CallProblem.Of(problem));
        }
    }

    /// <summary>The first characters of what may be gigabytes, or never end; nothing when they do not come.</summary>
    private static async Task<string?> BeginningAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            var bytes = new byte[LongestAnswer];
            var length = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
            return new string([.. Encoding.UTF8.GetString(bytes, 0, length).Select(letter => char.IsControl(letter) ? ' ' : letter)]);
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException or OperationCanceledException)
        {
            return null;   // the status has come, and says enough
        }
    }

    private static void Record(NotificationsDbContext db, WebhookEndpoint endpoint, WebhookDelivery delivery, WebhookTry done, DateTimeOffset now)
    {
        delivery.Attempts++;
        (delivery.LastStatus, delivery.LastProblem) = (done.Status, done.Problem);
        db.WebhookAttempts.Add(new()
        {
            DeliveryId = delivery.Id,
            Number = delivery.Attempts,
            At = done.At,
            Milliseconds = done.Milliseconds,
            Status = done.Status,
            Problem = done.Problem,
            Answer = done.Answer,
        });
        if (done.Problem is null)
        {
            (delivery.State, delivery.NextAttemptAt, delivery.DoneAt) = (WebhookDeliveryState.Delivered, null, now);
            (endpoint.Failures, endpoint.FailingSince) = (0, null);
            return;
        }

        (endpoint.Failures, endpoint.FailingSince) = (endpoint.Failures + 1, endpoint.FailingSince ?? done.At);
        delivery.NextAttemptAt = RetrySchedule.Next(delivery.Id, ++delivery.Tries, now, done.NotBefore, delivery.RetryUntil);
        if (delivery.NextAttemptAt is null)
        {
            (delivery.State, delivery.DoneAt) = (WebhookDeliveryState.GivenUp, now);
        }
    }

    private void DisableIfHopeless(NotificationsDbContext db, WebhookEndpoint endpoint, WebhookRound answer, DateTimeOffset now)
    {
        var reason = answer.Tries.Any(each => each.Status == StatusCodes.Status410Gone) ? "endpoint.gone"
            : endpoint.FailingSince is { } since && now - since >= options.Value.DisabledAfter ? "endpoint.failing"
            : null;
        if (reason is not null && endpoint.State == WebhookState.Enabled)
        {
            (endpoint.State, endpoint.DisabledReason) = (WebhookState.Disabled, reason);
            endpoint.Revision++;
            db.Publish(new WebhookEndpointDisabled(endpoint.Id, endpoint.Owner, reason, endpoint.FailingSince, now));
        }
    }
}

internal static class WebhookAnswers
{
    /// <summary>UTC; null when nothing was asked for.</summary>
    public static DateTimeOffset? NotBefore(this RetryConditionHeaderValue? retryAfter, DateTimeOffset now) => retryAfter switch
    {
        { Delta: { } delta } => now + (delta < RetrySchedule.Longest ? delta : RetrySchedule.Longest),
        { Date: { } date } => date < now + RetrySchedule.Longest ? date : now + RetrySchedule.Longest,
        _ => null,
    };
}
