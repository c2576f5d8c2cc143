using System.Globalization;
using System.Text;
using Aerona.Contracts;
using Aerona.Reference;
using Aerona.Tickets.Documents;
using Aerona.Wording;

namespace Aerona.Tickets.Calendars;

/// <summary>
/// An iCalendar file (RFC 5545, methods of RFC 5546) with an event for each flight, in the local times of both airports. An event keeps its UID for as long as the order lives, so
/// that a file that comes later changes it or takes it out instead of adding another. The same flights give the same bytes.
/// </summary>
internal static class CalendarFile
{
    public const string Published = "text/calendar; charset=utf-8; method=PUBLISH";
    public const string Cancelled = "text/calendar; charset=utf-8; method=CANCEL";

    private const int LongestLine = 75;   // octets, without the line break

    /// <summary>Every flight of the order.</summary>
    public static byte[] Of(TicketedOrder order, Phrases say, string publicAddress) =>
        Write(order, [.. order.Offer.Segments.OrderBy(segment => segment.Ordinal)], say, publicAddress, order.IssuedAt, isCancelled: false);

    /// <summary>Takes those flights out again.</summary>
    /// <param name="order">Of which they were.</param>
    /// <param name="ordinals"><see cref="Segment.Ordinal"/>.</param>
    /// <param name="say">Language.</param>
    /// <param name="publicAddress">Where we are.</param>
    /// <param name="at">UTC, when they were cancelled.</param>
    public static byte[] OfCancelled(TicketedOrder order, IReadOnlyCollection<int> ordinals, Phrases say, string publicAddress, DateTimeOffset at) =>
        Write(order, [.. order.Offer.Segments.Where(segment => ordinals.Contains(segment.Ordinal)).OrderBy(segment => segment.Ordinal)], say, publicAddress, at, isCancelled: true);

    private static byte[] Write(TicketedOrder order, IReadOnlyList<Segment> segments, Phrases say, string publicAddress, DateTimeOffset at, bool isCancelled)
    {
        var file = new StringBuilder();
        Line(file, "BEGIN", "VCALENDAR");
        Line(file, "VERSION", "2.0");
        Line(file, "PRODID", "-//Aerona//Flights//EN");
        Line(file, "CALSCALE", "GREGORIAN");
        Line(file, "METHOD", isCancelled ? "CANCEL" : "PUBLISH");
        Line(file, "X-WR-CALNAME", Text(say.CalendarName));
        var ends = segments.SelectMany(segment => new[]
        {
            (Zone: segment.DepartureZone, Local: segment.DepartsLocal, At: segment.DepartsAt), (Zone: segment.ArrivalZone, Local: segment.ArrivesLocal, At: segment.ArrivesAt),
        }).ToList();
        foreach (var zone in ends.Where(end => IsClear(end.Zone, end.Local, end.At)).GroupBy(end => end.Zone).OrderBy(zone => zone.Key, StringComparer.Ordinal))
            Zone(file, TimeZoneInfo.FindSystemTimeZoneById(zone.Key), zone.Min(end => end.At), zone.Max(end => end.At));

        foreach (var segment in segments)
            Event(file, order, segment, say, publicAddress, at, isCancelled);

        Line(file, "END", "VCALENDAR");
        return Encoding.UTF8.GetBytes(file.ToString());
    }

    private static void Event(StringBuilder file, TicketedOrder order, Segment segment, Phrases say, string publicAddress, DateTimeOffset at, bool isCancelled)
    {
        Line(file, "BEGIN", "VEVENT");
        Line(file, "UID", string.Create(CultureInfo.InvariantCulture, $"{order.OrderId:n}-{segment.Ordinal}@aerona"));
        Line(file, "SEQUENCE", isCancelled ? "1" : "0");
        Line(file, "DTSTAMP", Utc(at));
        Line(file, "ORGANIZER;CN=Aerona", publicAddress);
        Moment(file, "DTSTART", segment.DepartureZone, segment.DepartsLocal, segment.DepartsAt);
        Moment(file, "DTEND", segment.ArrivalZone, segment.ArrivesLocal, segment.ArrivesAt);
        Line(file, "SUMMARY", Text($"{segment.Flight} {segment.Origin}–{segment.Destination}, {say.FromTo(say.City(segment.Origin), say.City(segment.Destination))}"));
        Line(file, "LOCATION", Text($"{say.AirportName(segment.Origin)} ({segment.Origin}), {say.City(segment.Origin)}"));
        if (Airports.Find(segment.Origin) is { } airport)
            Line(file, "GEO", string.Create(CultureInfo.InvariantCulture, $"{airport.Latitude:0.######};{airport.Longitude:0.######}"));

        Line(file, "DESCRIPTION", Text(string.Join('\n', Description(order, segment, say, isCancelled))));
        Line(file, "STATUS", isCancelled ? "CANCELLED" : "CONFIRMED");
        Line(file, "TRANSP", isCancelled ? "TRANSPARENT" : "OPAQUE");
        Line(file, "END", "VEVENT");
    }

    // No names: calendars are shared.
    private static IEnumerable<string> Description(TicketedOrder order, Segment segment, Phrases say, bool isCancelled)
    {
        if (isCancelled)
            yield return say.Cancelled;

        yield return $"{say.BookingReference} {order.Locator}";
        foreach (var reference in say.AirlineReferences(order.Locators))
            yield return reference;

        yield return say.Carriage(segment);
        var offset = say.DayOffset(segment);
        yield return $"{say.Arrives} {Words.Time(segment.ArrivesLocal)}{(offset.Length > 0 ? $" ({offset})" : "")}, {say.AirportName(segment.Destination)} ({segment.Destination}); "
            + $"{Words.Zone(segment.ArrivalZone, segment.ArrivesLocal, segment.ArrivesAt)}";
        yield return $"{say.Duration(segment)} · {say.Of(segment.Cabin)} · {say.CheckedBaggage}: {say.Baggage(segment.BaggageAllowance)}";
    }

    private static void Moment(StringBuilder file, string name, string zone, DateTime local, DateTimeOffset at)
    {
        if (IsClear(zone, local, at))
            Line(file, $"{name};TZID={zone}", local.ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture));
        else
            Line(file, name, Utc(at));
    }

    /// <summary>
    /// Whether a reader that knows the zone comes to the same moment: not in the second of two equal hours when clocks are put back (RFC 5545, 3.3.5 means the first), and not where
    /// a ticket's time was fixed by other rules than this machine knows.
    /// </summary>
    private static bool IsClear(string zone, DateTime local, DateTimeOffset at) =>
        TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var known) && WallClock.Moments(local, known) is [var first, ..] && first == at;

    /// <summary>The zone's rules from before the first moment until after the last, each change as it is; not as a rule for ever, which readers would have to trust.</summary>
    private static void Zone(StringBuilder file, TimeZoneInfo zone, DateTimeOffset first, DateTimeOffset last)
    {
        Line(file, "BEGIN", "VTIMEZONE");
        Line(file, "TZID", zone.Id);
        var changes = ChangesOf(zone, first.AddDays(-400), last.AddDays(2)).ToList();
        var before = changes.FindLastIndex(change => change <= first);
        if (before < 0)
            Observance(file, "STANDARD", new(1970, 1, 1), zone.GetUtcOffset(first), zone.GetUtcOffset(first));

        foreach (var change in changes.Skip(Math.Max(before, 0)))
        {
            var (from, to) = (zone.GetUtcOffset(change.AddSeconds(-1)), zone.GetUtcOffset(change));
            Observance(file, to > from ? "DAYLIGHT" : "STANDARD", (change.ToUniversalTime() + from).DateTime, from, to);
        }

        Line(file, "END", "VTIMEZONE");
    }

    private static void Observance(StringBuilder file, string kind, DateTime start, TimeSpan from, TimeSpan to)
    {
        Line(file, "BEGIN", kind);
        Line(file, "DTSTART", start.ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture));
        Line(file, "TZOFFSETFROM", Offset(from));
        Line(file, "TZOFFSETTO", Offset(to));
        Line(file, "END", kind);
    }

    /// <summary>The moments, to the second, at which clocks in the zone are put forward or back.</summary>
    private static IEnumerable<DateTimeOffset> ChangesOf(TimeZoneInfo zone, DateTimeOffset from, DateTimeOffset until)
    {
        for (var (day, next) = (from, from.AddDays(1)); day < until; (day, next) = (next, next.AddDays(1)))
        {
            var before = zone.GetUtcOffset(day);
            if (zone.GetUtcOffset(next) == before)
                continue;

            var (low, high) = (day.ToUnixTimeSeconds(), next.ToUnixTimeSeconds());
            while (high - low > 1)
            {
                var middle = (low + high) / 2;
                if (zone.GetUtcOffset(DateTimeOffset.FromUnixTimeSeconds(middle)) == before)
                    low = middle;
                else
                    high = middle;
            }

            yield return DateTimeOffset.FromUnixTimeSeconds(high);
        }
    }

    private static string Utc(DateTimeOffset at) => at.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    private static string Offset(TimeSpan offset) =>
        (offset < TimeSpan.Zero ? "-" : "+") + offset.ToString(offset.Seconds == 0 ? "hhmm" : "hhmmss", CultureInfo.InvariantCulture);

    /// <summary>A text value: what would end it or begin another line is escaped, other controls are left out.</summary>
    private static string Text(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var character in text)
        {
            switch (character)
            {
                case '\\' or ';' or ',':
                    escaped.Append('\\').Append(character);
                    break;
                case '\n':
                    escaped.Append("\\n");
                    break;
                case var other when !char.IsControl(other):
                    escaped.Append(other);
                    break;
            }
        }

        return escaped.ToString();
    }

    /// <summary>Folded at 75 octets, never within a character.</summary>
    private static void Line(StringBuilder file, string name, string value)
    {
        var octets = 0;
        foreach (var rune in $"{name}:{value}".EnumerateRunes())
        {
            if (octets + rune.Utf8SequenceLength > LongestLine)
            {
                file.Append("\r\n ");
                octets = 1;
            }

            file.Append(rune.ToString());
            octets += rune.Utf8SequenceLength;
        }

        file.Append("\r\n");
    }
}
