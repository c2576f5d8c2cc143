using System.Globalization;
using System.Security.Claims;
using Aerona.Hosting;
using Aerona.Notifications.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Notifications.Preferences;

/// <summary>Hours in which what can wait is not sent.</summary>
/// <param name="From">Wall clock, <c>22:00</c>.</param>
/// <param name="Until">Wall clock; earlier than <paramref name="From"/> it is on the next day.</param>
/// <param name="Zone">IANA zone; null: where each journey begins.</param>
internal sealed record QuietHours(string From, string Until, string? Zone = null);

/// <summary>Whether a kind of notice is wanted on a channel.</summary>
/// <param name="Kind">What about.</param>
/// <param name="Channel">How.</param>
/// <param name="Wanted">False: it is not sent.</param>
/// <param name="Required">It cannot be refused.</param>
internal sealed record WantedView(NoticeKind Kind, Channel Channel, bool Wanted, bool Required);

/// <summary>What the caller is told, and when not.</summary>
/// <param name="Notices">Every kind on every channel.</param>
/// <param name="QuietHours">Null: none.</param>
internal sealed record PreferencesView(IReadOnlyList<WantedView> Notices, QuietHours? QuietHours);

/// <summary>Whether a kind is wanted on a channel.</summary>
internal sealed record WantedNotice(NoticeKind Kind, Channel Channel, bool Wanted);

/// <summary>All preferences anew.</summary>
/// <param name="Notices">What is not named is wanted.</param>
/// <param name="QuietHours">Null: none.</param>
internal sealed record SetPreferencesRequest(IReadOnlyList<WantedNotice> Notices, QuietHours? QuietHours = null);

/// <summary><c>/v1/me/notification-preferences</c>: of whoever is signed in. Guests have the link in their mails (<see cref="PreferencesPage"/>).</summary>
internal static class MyPreferences
{
    public static void MapMyPreferences(this RouteGroupBuilder v1)
    {
        var mine = v1.MapGroup("/me/notification-preferences").RequireAuthorization();
        mine.MapGet("", Get).WithName("GetMyNotificationPreferences").WithSummary("What the caller is told, how, and when not").ProducesProblem(403);
        mine.MapPut("", Set).WithName("SetMyNotificationPreferences").WithSummary("Sets all of it anew; what has to reach its reader by mail cannot be refused")
            .ProducesProblem(400).ProducesProblem(403).Idempotent<NotificationsDbContext>();
    }

    public static PreferencesView View(Preference? preference) => new(
        [
            .. from kind in Enum.GetValues<NoticeKind>()
               from channel in Enum.GetValues<Channel>()
               select new WantedView(kind, channel, preference?.Wants(kind, channel) ?? true, Preference.IsRequired(kind, channel)),
        ],
        preference is { QuietFrom: { } from, QuietUntil: { } until } ? new(Clock(from), Clock(until), preference.Zone) : null);

    /// <summary>As printed: <c>22:00</c>.</summary>
    public static string Clock(TimeOnly time) => time.ToString("HH:mm", CultureInfo.InvariantCulture);

    /// <summary>Null when it is no wall clock.</summary>
    public static TimeOnly? ClockOf(string? text) =>
        TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time : null;

    private static async Task<Results<Ok<PreferencesView>, ProblemHttpResult>> Get(ClaimsPrincipal user, NotificationsDbContext db, CancellationToken cancellationToken) =>
        user.Owner() is { } person
            ? TypedResults.Ok(View(await db.Preferences.AsNoTracking().SingleOrDefaultAsync(row => row.Scope == Preference.OfPerson(person), cancellationToken)))
            : NotSignedIn();

    private static async Task<Results<Ok<PreferencesView>, ProblemHttpResult>> Set(
        SetPreferencesRequest request, ClaimsPrincipal user, NotificationsDbContext db, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (user.Owner() is not { } person)
        {
            return NotSignedIn();
        }

        if (ProblemsOf(request) is { Count: > 0 } problems)
        {
            return Problems.Invalid(problems);
        }

        var scope = Preference.OfPerson(person);
        if (await db.Preferences.FindAsync([scope], cancellationToken) is not { } row)
        {
            db.Preferences.Add(row = new() { Scope = scope, Off = [], ChangedAt = clock.GetUtcNow() });
        }

        row.Off = [.. request.Notices.Where(notice => !notice.Wanted).Select(notice => Preference.Key(notice.Kind, notice.Channel)).Order(StringComparer.Ordinal)];
        (row.QuietFrom, row.QuietUntil, row.Zone) = (ClockOf(request.QuietHours?.From), ClockOf(request.QuietHours?.Until), request.QuietHours?.Zone);
        row.ChangedAt = clock.GetUtcNow();
        return TypedResults.Ok(View(row));
    }

    private static List<FieldProblem> ProblemsOf(SetPreferencesRequest request)
    {
        var problems = new List<FieldProblem>();
        foreach (var (notice, index) in request.Notices.Select((notice, index) => (notice, index)))
        {
            if (!notice.Wanted && Preference.IsRequired(notice.Kind, notice.Channel))
            {
                problems.Add(new($"/notices/{index}/wanted", "preferences.required", "What money moves by, and what is about your account, always comes by e-mail."));
            }

            if (request.Notices.Take(index).Any(other => (other.Kind, other.Channel) == (notice.Kind, notice.Channel)))
            {
                problems.Add(new($"/notices/{index}", "preferences.said_twice", "Each kind and channel at most once."));
            }
        }

        if (request.QuietHours is { } quiet)
        {
            problems.AddRange(new[] { ("from", quiet.From), ("until", quiet.Until) }.Where(end => ClockOf(end.Item2) is null)
                .Select(end => new FieldProblem($"/quietHours/{end.Item1}", "preferences.no_clock", "A time of day such as 22:00.")));
            if (quiet.From == quiet.Until)
            {
                problems.Add(new("/quietHours/until", "preferences.quiet_all_day", "Quiet hours end at another time than they begin."));
            }

            if (quiet.Zone is { } zone && !(zone.Contains('/') || zone == "UTC") | !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
            {
                problems.Add(new("/quietHours/zone", "preferences.no_zone", "A zone of the IANA data base such as Europe/Berlin."));
            }
        }

        return problems;
    }

    private static ProblemHttpResult NotSignedIn() =>
        Problems.Refused(403, "preferences.sign_in", "This is for whoever has an account. A guest follows the link at the end of a mail.");
}
