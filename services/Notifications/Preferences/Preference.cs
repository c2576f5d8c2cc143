using System.Text.Json.Serialization;
using Aerona.Contracts;
using Aerona.Notifications.Data;
using Aerona.Reference;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Notifications.Preferences;

/// <summary>How somebody is told.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<Channel>))]
internal enum Channel
{
    Email,
    Push,
}

/// <summary>What notices are about, as travellers choose it.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<NoticeKind>))]
internal enum NoticeKind
{
    /// <summary>Confirmation, failure, documents.</summary>
    Booking,

    /// <summary>Prices to decide about, payments to make, disputes.</summary>
    Payment,

    /// <summary>Quotes and outcomes.</summary>
    Cancellation,

    /// <summary>How a booking goes while nothing is to be done.</summary>
    Progress,

    /// <summary>Delays, gates, cancelled flights.</summary>
    FlightChanges,

    /// <summary>Sign-in and password.</summary>
    Account,
}

/// <summary>
/// What somebody wants to be told, and when not. Of a signed-in person, or, from the link in a mail, of one booking or one followed flight alone: whoever was forwarded
/// a mail changes nothing else with it.
/// </summary>
internal sealed class Preference
{
    /// <summary><see cref="OfPerson"/> or <see cref="Of"/>.</summary>
    public required string Scope { get; init; }

    /// <summary>What is not wanted: <c>flightChanges/push</c>.</summary>
    public required IReadOnlyList<string> Off { get; set; }

    /// <summary>Wall clock; null together with <see cref="QuietUntil"/>: any hour will do.</summary>
    public TimeOnly? QuietFrom { get; set; }

    /// <summary>Wall clock; earlier than <see cref="QuietFrom"/> it is on the next day.</summary>
    public TimeOnly? QuietUntil { get; set; }

    /// <summary>IANA zone of the quiet hours; null: where the journey begins.</summary>
    public string? Zone { get; set; }

    public required DateTimeOffset ChangedAt { get; set; }

    /// <summary>Of whoever has that subject.</summary>
    public static string OfPerson(string subject) => $"person:{subject}";

    /// <summary>Of one booking or one followed flight.</summary>
    public static string Of(Guid booking) => $"of:{booking:n}";

    public static string Key(NoticeKind kind, Channel channel) =>
        $"{System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(kind.ToString())}/{System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(channel.ToString())}";

    /// <summary>What has to reach its reader by mail: money moves by it, or somebody might act in his name.</summary>
    public static bool IsRequired(NoticeKind kind, Channel channel) => channel == Channel.Email && kind is not (NoticeKind.Progress or NoticeKind.FlightChanges);

    public bool Wants(NoticeKind kind, Channel channel) => IsRequired(kind, channel) || !Off.Contains(Key(kind, channel));

    /// <summary>The end, UTC, of the quiet hours that <paramref name="now"/> falls into; null outside of them.</summary>
    /// <param name="now">UTC.</param>
    /// <param name="journeyZone">IANA zone where the journey begins; null when not known.</param>
    public DateTimeOffset? QuietEnd(DateTimeOffset now, string? journeyZone)
    {
        if (QuietFrom is not { } from || QuietUntil is not { } until || from == until)
        {
            return null;
        }

        var zone = (Zone ?? journeyZone) is { } name && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var known) ? known : TimeZoneInfo.Utc;
        var local = WallClock.At(now, zone);
        var (day, clock) = (DateOnly.FromDateTime(local), TimeOnly.FromDateTime(local));
        var overnight = until < from;
        var inside = overnight ? clock >= from || clock < until : clock >= from && clock < until;
        return inside ? EndOn(overnight && clock >= from ? day.AddDays(1) : day, until, zone) : null;
    }

    /// <summary>The first moment at which the clock shows that time; put forward over it, the moment after.</summary>
    private static DateTimeOffset EndOn(DateOnly day, TimeOnly until, TimeZoneInfo zone)
    {
        var local = day.ToDateTime(until);
        return WallClock.Moments(local, zone) is [var first, ..] ? first : WallClock.Moments(local + WallClock.PutForward(local, zone), zone)[0];
    }

    /// <summary>Those that count for a notice about a booking or followed flight: its own, else its owner's; null when neither said anything.</summary>
    public static async Task<Preference?> ForAsync(NotificationsDbContext db, Guid subject, CancellationToken cancellationToken)
    {
        var own = Of(subject);
        var owner = await db.Recipients.Where(row => row.BookingId == subject).Select(row => row.Owner)
            .Concat(db.FlightSubscriptions.Where(row => row.Id == subject).Select(row => row.Owner)).FirstOrDefaultAsync(cancellationToken);
        var persons = owner is null ? null : OfPerson(owner);
        var rows = await db.Preferences.AsNoTracking().Where(row => row.Scope == own || row.Scope == persons).ToListAsync(cancellationToken);
        return rows.Find(row => row.Scope == own) ?? rows.FirstOrDefault();
    }
}
