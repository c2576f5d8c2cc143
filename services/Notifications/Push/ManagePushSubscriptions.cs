using System.Buffers.Text;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Aerona.Hosting;
using Aerona.Notifications.Data;
using Aerona.Notifications.Hooks;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Notifications.Push;

/// <summary>What a browser's <c>PushSubscription.toJSON()</c> gives, and what it is for.</summary>
/// <param name="Endpoint">At the browser's push service.</param>
/// <param name="Keys">The browser's keys.</param>
/// <param name="ExpirationTime">As browsers give it; not used, a dead subscription is noticed.</param>
/// <param name="Locale">BCP 47; Vietnamese for <c>vi</c>, else English.</param>
/// <param name="Code">The code of a link that was mailed, for whoever has no token: news of that booking.</param>
/// <param name="BookingId">With a guest's token: its booking. With another token it is left out: news of all bookings of the caller.</param>
internal sealed record SubscribeToPushRequest(
    string Endpoint, PushKeys Keys, double? ExpirationTime = null, string? Locale = null, string? Code = null, Guid? BookingId = null);

/// <param name="P256dh">An uncompressed point on P-256, base64url.</param>
/// <param name="Auth">16 bytes, base64url.</param>
internal sealed record PushKeys(string P256dh, string Auth);

/// <param name="Id">For deleting it.</param>
/// <param name="BookingId">Null: news of all bookings of the caller.</param>
/// <param name="Language"><c>en</c> or <c>vi</c>.</param>
internal sealed record PushSubscriptionView(Guid Id, Guid? BookingId, string Language);

/// <param name="PublicKey">For <c>applicationServerKey</c>: base64url, 87 characters.</param>
internal sealed record PushKeyView(string PublicKey);

/// <summary>What a browser shows.</summary>
/// <param name="Kind">Stable code.</param>
/// <param name="Tag">A newer notice of the same tag replaces it.</param>
/// <param name="Path">Where a click leads; null: nowhere.</param>
/// <param name="At">UTC.</param>
internal sealed record PushNoticeView(string Kind, string Title, string Text, string Tag, string? Path, string Language, DateTimeOffset At);

internal static class ManagePushSubscriptions
{
    private const int MostOfAScope = 10;

    public static void MapManagePushSubscriptions(this RouteGroupBuilder v1)
    {
        v1.MapGet("/push-subscriptions/public-key", (Vapid vapid) => TypedResults.Ok(new PushKeyView(vapid.PublicKey))).WithName("GetPushKey").WithSummary("The key a browser subscribes with");
        v1.MapPost("/push-subscriptions", Subscribe).WithName("SubscribeToPush").WithSummary("Sends news of bookings and their flights to a browser")
            .ProducesProblem(400).ProducesProblem(401).Idempotent<NotificationsDbContext>();
        v1.MapDelete("/push-subscriptions/{id:guid}", Unsubscribe).WithName("UnsubscribeFromPush").WithSummary("Ends it").ProducesProblem(404).Idempotent<NotificationsDbContext>();
        v1.MapGet("/push-notices/{code}", Get).WithName("GetPushNotice").WithSummary("What a notice says; its code stands in the message that was sent").ProducesProblem(404);
    }

    private static async Task<Results<Created<PushSubscriptionView>, ProblemHttpResult>> Subscribe(
        SubscribeToPushRequest request, ClaimsPrincipal user, NotificationsDbContext db, EgressGuard egress, IBookingLinks links, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (problems, p256dh, auth) = Check(request, egress);
        var scope = ScopeOf(request, user, links, problems);
        if (problems.Count > 0)
        {
            return Problems.Invalid(problems);
        }

        if (scope is null)
        {
            return Problems.Refused(401, "auth.required", "Sign in, or send the code of a link that was mailed to you.");
        }

        var language = request.Locale?.Split('-')[0].Equals("vi", StringComparison.OrdinalIgnoreCase) == true ? "vi" : "en";
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(request.Endpoint)));
        var all = await db.PushSubscriptions.Where(row => row.Scope == scope).OrderBy(row => row.CreatedAt).ToListAsync(cancellationToken);
        if (all.Find(row => row.EndpointHash == hash) is { } known)
        {
            (known.P256dh, known.Auth, known.Language) = (p256dh, auth, language);
            return Created(known);
        }

        // Nobody uses more browsers; the oldest is most likely one that was thrown away without a word.
        db.PushSubscriptions.RemoveRange(all.Take(all.Count - MostOfAScope + 1));
        var row = new PushSubscription
        {
            Id = Guid.NewGuid(),
            Scope = scope,
            Endpoint = request.Endpoint,
            EndpointHash = hash,
            P256dh = p256dh,
            Auth = auth,
            Language = language,
            CreatedAt = clock.GetUtcNow(),
        };
        db.PushSubscriptions.Add(row);
        return Created(row);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Unsubscribe(
        Guid id, ClaimsPrincipal user, NotificationsDbContext db, IBookingLinks links, CancellationToken cancellationToken, string? code = null)
    {
        if (await db.PushSubscriptions.SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } subscription || !IsHis(subscription, user, links, code))
        {
            return Problems.NotFound("push.unknown", $"There is no subscription {id}.");
        }

        db.PushSubscriptions.Remove(subscription);
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<PushNoticeView>, ProblemHttpResult>> Get(string code, HttpResponse response, NotificationsDbContext db, TimeProvider clock, CancellationToken cancellationToken)
    {
        response.Headers.CacheControl = "no-store";
        var now = clock.GetUtcNow();
        return await db.PushNotices.AsNoTracking().SingleOrDefaultAsync(row => row.Code == code && row.ExpiresAt > now, cancellationToken) is { } notice
            ? TypedResults.Ok(new PushNoticeView(notice.Kind, notice.Title, notice.Text, notice.Topic, notice.Path, notice.Language, notice.At))
            : Problems.NotFound("push.notice_unknown", "There is no such notice, or it is over.");
    }

    private static (List<FieldProblem> Problems, byte[] P256dh, byte[] Auth) Check(SubscribeToPushRequest request, EgressGuard egress)
    {
        var problems = new List<FieldProblem>();
        if (egress.ProblemOf(request.Endpoint) is { } wrong)
        {
            problems.Add(new("/endpoint", "push.endpoint_refused", wrong));
        }

        var p256dh = Bytes(request.Keys.P256dh);
        if (!PushEncryption.IsPoint(p256dh))
        {
            problems.Add(new("/keys/p256dh", "push.key_invalid", "An uncompressed point on P-256, as base64url."));
        }

        var auth = Bytes(request.Keys.Auth);
        if (auth.Length != PushEncryption.AuthLength)
        {
            problems.Add(new("/keys/auth", "push.auth_invalid", $"{PushEncryption.AuthLength} bytes as base64url."));
        }

        return (problems, p256dh, auth);
    }

    /// <summary>Null for whoever may not; what is contradictory is a problem.</summary>
    private static string? ScopeOf(SubscribeToPushRequest request, ClaimsPrincipal user, IBookingLinks links, List<FieldProblem> problems)
    {
        if (request.Code is { } code)
        {
            if (links.BookingOf(code) is { } linked)
            {
                return PushScope.Of(linked);
            }

            problems.Add(new("/code", "push.code_unknown", "The code of a link that was mailed, not expired."));
            return null;
        }

        if (user.Owner() is { } subject)
        {
            if (request.BookingId is not null)
            {
                problems.Add(new("/bookingId", "push.booking_not_needed", "With your own token you hear of all your bookings: leave it out."));
            }

            return PushScope.Of(subject);
        }

        if (request.BookingId is { } booking && user.MaySee(booking, null))
        {
            return PushScope.Of(booking);
        }

        return null;
    }

    private static bool IsHis(PushSubscription subscription, ClaimsPrincipal user, IBookingLinks links, string? code) => PushScope.Booking(subscription.Scope) is { } booking
        ? (user.Owner() is null && user.MaySee(booking, null)) || (code is not null && links.BookingOf(code) == booking)
        : user.Owner() is { } subject && subscription.Scope == PushScope.Of(subject);

    private static Created<PushSubscriptionView> Created(PushSubscription row) =>
        TypedResults.Created($"/v1/push-subscriptions/{row.Id}", new PushSubscriptionView(row.Id, PushScope.Booking(row.Scope), row.Language));

    private static byte[] Bytes(string base64Url) => base64Url.Length <= 200 && Base64Url.IsValid(base64Url) ? Base64Url.DecodeFromChars(base64Url) : [];
}
