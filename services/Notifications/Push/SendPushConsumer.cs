using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Aerona.Contracts.Notifications;
using Aerona.Messaging;
using Aerona.Notifications.Data;
using Aerona.Notifications.Hooks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Aerona.Notifications.Push;

internal enum PushOutcome
{
    Sent,

    /// <summary>Will not be sent.</summary>
    Dropped,

    /// <summary>Nobody is there any more (404, 410).</summary>
    Gone,

    /// <summary>Again, in a while.</summary>
    Later,
}

/// <param name="Outcome">What became of it.</param>
/// <param name="Problem">Stable code of what was wrong.</param>
/// <param name="At">UTC; with Later: not before. Null: by our own schedule.</param>
/// <param name="Paused">The push service that asked us to wait till then.</param>
internal sealed record PushAnswer(PushOutcome Outcome, string? Problem = null, DateTimeOffset? At = null, string? Paused = null);

/// <summary>
/// Sends a notice to the browser's push service (RFC 8030): encrypted, signed, with how long and how urgently it matters. What it carries is its kind and a link; killed in
/// between it is sent again, and replaces itself on the screen.
/// </summary>
internal sealed class SendPushConsumer(EgressGuard egress, Vapid vapid, IServiceScopeFactory scopes, IOptions<PushOptions> options, TimeProvider clock)
    : EffectConsumer<SendPush, PushAnswer, NotificationsDbContext>
{
    /// <summary>All messages are of this length.</summary>
    private const int PaddedLength = 256;

    private const string TooLarge = "push.too_large";

    protected override TimeSpan CallLimit => options.Value.AnswerLimit + TimeSpan.FromSeconds(10);

    protected override string Key(SendPush command) => $"push/{command.NoticeId}";

    protected override PushAnswer ClosedAnswer(SendPush command) => new(PushOutcome.Dropped, "push.closed");

    protected override bool IsFinal(PushAnswer answer) => answer.Outcome != PushOutcome.Later;

    protected override async Task<PushAnswer> CallAsync(SendPush command, EffectIntent intent, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<NotificationsDbContext>();
        var now = clock.GetUtcNow();
        var notice = await db.PushNotices.AsNoTracking().SingleOrDefaultAsync(row => row.Id == command.NoticeId, cancellationToken);
        if (notice is not { State: PushNoticeState.Pending })
        {
            return new(PushOutcome.Dropped, "push.forgotten");
        }

        if (notice.ExpiresAt <= now)
        {
            return new(PushOutcome.Dropped, "push.expired");
        }

        var isOld = db.PushNotices.Where(row => row.SubscriptionId == notice.SubscriptionId && row.Topic == notice.Topic && row.At > notice.At);
        if (await isOld.AnyAsync(cancellationToken))
        {
            return new(PushOutcome.Dropped, "push.superseded");
        }

        var subscription = await db.PushSubscriptions.AsNoTracking().SingleOrDefaultAsync(row => row.Id == notice.SubscriptionId, cancellationToken);
        if (subscription is null)
        {
            return new(PushOutcome.Dropped, "push.unsubscribed");
        }

        var origin = new Uri(subscription.Endpoint).GetLeftPart(UriPartial.Authority);
        var service = await db.PushServices.AsNoTracking().SingleOrDefaultAsync(row => row.Origin == origin, cancellationToken);
        return service is { PausedUntil: var until } && until > now ? new(PushOutcome.Later, "push.paused", until) : await SendAsync(notice, subscription, origin, cancellationToken);
    }

    protected override async Task RecordAsync(NotificationsDbContext db, SendPush command, PushAnswer answer, CancellationToken cancellationToken)
    {
        if (await db.PushNotices.FindAsync([command.NoticeId], cancellationToken) is not { State: PushNoticeState.Pending } notice)
        {
            return;
        }

        notice.Problem = answer.Problem;
        switch (answer.Outcome)
        {
            case PushOutcome.Sent:
                notice.State = PushNoticeState.Sent;
                break;
            case PushOutcome.Gone:
                notice.State = PushNoticeState.Dropped;
                await PruneAsync(db, notice.SubscriptionId, cancellationToken);
                break;
            case PushOutcome.Dropped:
                notice.State = PushNoticeState.Dropped;
                break;
            default:
                notice.IsBare |= answer.Problem == TooLarge;
                await PauseAsync(db, answer, cancellationToken);
                var again = RetrySchedule.Next(notice.Id, command.Attempt, clock.GetUtcNow(), answer.At, notice.ExpiresAt) ?? notice.ExpiresAt;
                db.Schedule(command with { Attempt = command.Attempt + 1 }, again);
                break;
        }
    }

    private async Task<PushAnswer> SendAsync(PushNotice notice, PushSubscription subscription, string origin, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var endpoint = new Uri(subscription.Endpoint);
        var text = JsonSerializer.SerializeToUtf8Bytes(new { v = 1, kind = notice.Kind, id = notice.Id, link = $"/v1/push-notices/{notice.Code}" });
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint);
        request.Content = new ByteArrayContent(PushEncryption.Encrypt(text, subscription.P256dh, subscription.Auth, notice.IsBare ? 0 : PaddedLength))
        {
            Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream"), ContentEncoding = { "aes128gcm" } },
        };
        request.Headers.TryAddWithoutValidation("Authorization", vapid.Authorization(endpoint, now));
        request.Headers.Add("TTL", ((long)(notice.ExpiresAt - now).TotalSeconds).ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("Urgency", notice.Urgency);
        request.Headers.Add("Topic", notice.Topic);

        using var limit = new CancellationTokenSource(options.Value.AnswerLimit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var response = await egress.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var notBefore = response.Headers.RetryAfter.NotBefore(clock.GetUtcNow());
            return (int)response.StatusCode switch
            {
                >= 200 and < 300 => new(PushOutcome.Sent),
                404 or 410 => new(PushOutcome.Gone, "push.gone"),
                413 => notice.IsBare ? new(PushOutcome.Dropped, TooLarge) : new(PushOutcome.Later, TooLarge),
                429 => new(PushOutcome.Later, "push.too_many", notBefore, notBefore is null ? null : origin),
                >= 500 => new(PushOutcome.Later, "push.unavailable", notBefore, notBefore is null ? null : origin),
                // A key that is not the one subscribed with, a header that is not understood: again would be the same.
                var status => new(PushOutcome.Dropped, $"push.refused_{status.ToString(CultureInfo.InvariantCulture)}"),
            };
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new(PushOutcome.Later, CallProblem.Timeout);
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException)
        {
            return CallProblem.Of(problem) is "call.address_refused" and var refused ? new(PushOutcome.Dropped, refused) : new(PushOutcome.Later, CallProblem.Of(problem));
        }
    }

    /// <summary>The browser is gone for every scope it had subscribed for.</summary>
    private static async Task PruneAsync(NotificationsDbContext db, Guid subscriptionId, CancellationToken cancellationToken)
    {
        var hash = await db.PushSubscriptions.Where(row => row.Id == subscriptionId).Select(row => row.EndpointHash).SingleOrDefaultAsync(cancellationToken);
        if (hash is not null)
        {
            await db.PushSubscriptions.Where(row => row.EndpointHash == hash).ExecuteDeleteAsync(cancellationToken);
        }
    }

    private static async Task PauseAsync(NotificationsDbContext db, PushAnswer answer, CancellationToken cancellationToken)
    {
        if (answer is not { Paused: { } origin, At: { } until })
        {
            return;
        }

        if (await db.PushServices.FindAsync([origin], cancellationToken) is not { } service)
        {
            db.PushServices.Add(new() { Origin = origin, PausedUntil = until });
        }
        else if (service.PausedUntil < until)
        {
            service.PausedUntil = until;
        }
    }
}
