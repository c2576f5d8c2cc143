using System.Globalization;
using System.Text;
using Aerona.Contracts;
using Aerona.Reference;
using Aerona.TestKit;
using Aerona.Tickets.Calendars;
using Aerona.Tickets.Documents;
using CsCheck;
using Xunit;

namespace Aerona.Tickets.Tests;

/// <summary>Files are read by a reader that knows nothing of time zones but what stands in the file.</summary>
public sealed class CalendarTests
{
    private static readonly string[] Codes = [.. Airports.All.Keys.Order(StringComparer.Ordinal)];
    private static readonly DateTimeOffset IssuedAt = new(2026, 10, 20, 9, 30, 0, TimeSpan.Zero);

    private static readonly Gen<string> AnAirport = Gen.Int[0, Airports.All.Count - 1].Select(at => Codes[at]);

    [Fact]
    public void Each_flight_is_an_event_in_the_local_times_of_both_ends_which_are_the_moments_it_leaves_and_arrives()
    {
        var order = Order(Orders.LongRoute);

        var file = Read(CalendarFile.Of(order, Phrases.For("en"), "https://aerona.example"));

        Assert.Equal("PUBLISH", file.Values["METHOD"]);
        Assert.Equal(8, file.Events.Count);
        foreach (var (segment, flight) in order.Offer.Segments.Zip(file.Events))
        {
            Assert.Equal((segment.DepartsAt, segment.ArrivesAt), (file.Moment(flight, "DTSTART"), file.Moment(flight, "DTEND")));
            Assert.EndsWith(segment.DepartsLocal.ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture), flight.Single(line => line.StartsWith("DTSTART;TZID=", StringComparison.Ordinal)), StringComparison.Ordinal);
            Assert.Contains("STATUS:CONFIRMED", flight);
            Assert.Contains("SEQUENCE:0", flight);
        }

        var text = string.Join('\n', file.Events[0]);
        Assert.Contains("SUMMARY:AA101 SGN–HAN\\, Ho Chi Minh City to Hanoi", text, StringComparison.Ordinal);
        Assert.Contains("Booking reference K7QM2P\\nAmerican Airlines reference V6GZCS\\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("NGUYEN", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("0012400000017", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_flight_over_the_date_line_that_lands_before_it_leaves_is_right()
    {
        var order = Order("SYD", "LAX");
        Assert.True(order.Offer.Segments[0].ArrivesLocal < order.Offer.Segments[0].DepartsLocal);

        var file = Read(CalendarFile.Of(order, Phrases.For("en"), "https://aerona.example"));

        Assert.Equal((order.Offer.Segments[0].DepartsAt, order.Offer.Segments[0].ArrivesAt), (file.Moment(file.Events[0], "DTSTART"), file.Moment(file.Events[0], "DTEND")));
    }

    [Fact]
    public void Whatever_the_airports_and_the_hour_of_the_years_changes_included_the_moments_are_right() =>
        Gen.Select(AnAirport, AnAirport, Gen.Int[0, 2 * 365 * 24 * 2], Gen.Int[40, 1100]).Sample(
            (from, to, halfHours, minutes) =>
            {
                var departs = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(halfHours * 30);
                var order = With(Order("JFK", "LAX"), Airports.Find(from)!, Airports.Find(to)!, departs, departs.AddMinutes(minutes));

                var file = Read(CalendarFile.Of(order, Phrases.For("vi"), "https://aerona.example"));

                Assert.Equal((departs, departs.AddMinutes(minutes)), (file.Moment(file.Events[0], "DTSTART"), file.Moment(file.Events[0], "DTEND")));
            }, iter: 400, threads: 1);

    [Fact]
    public void The_hour_that_comes_twice_is_told_apart()
    {
        var (newYork, lisbon) = (Airports.Find("JFK")!, Airports.Find("LIS")!);
        var first = new DateTimeOffset(2026, 11, 1, 5, 30, 0, TimeSpan.Zero);      // 01:30 in summer time, and again an hour later in winter time
        foreach (var departs in new[] { first, first.AddHours(1) })
        {
            var order = With(Order("JFK", "LIS"), newYork, lisbon, departs, departs.AddHours(7));
            Assert.Equal(new(2026, 11, 1, 1, 30, 0), order.Offer.Segments[0].DepartsLocal);

            var file = Read(CalendarFile.Of(order, Phrases.For("en"), "https://aerona.example"));

            Assert.Equal(departs, file.Moment(file.Events[0], "DTSTART"));
        }
    }

    [Fact]
    public void Cancelled_flights_are_taken_out_by_the_same_uid_and_a_higher_sequence_and_the_others_stay()
    {
        var order = Order("SGN", "NRT", "LAX", "JFK");
        var before = Read(CalendarFile.Of(order, Phrases.For("en"), "https://aerona.example"));

        var after = Read(CalendarFile.OfCancelled(order, [2, 3], Phrases.For("en"), "https://aerona.example", IssuedAt.AddDays(1)));

        Assert.Equal("CANCEL", after.Values["METHOD"]);
        Assert.Equal(before.Events.Skip(1).Select(Uid), after.Events.Select(Uid));
        Assert.Equal(3, before.Events.Select(Uid).Distinct().Count());
        Assert.All(after.Events, flight => Assert.Contains("SEQUENCE:1", flight));
        Assert.All(after.Events, flight => Assert.Contains("STATUS:CANCELLED", flight));
        Assert.All(after.Events, flight => Assert.Contains(flight, line => line.StartsWith("ORGANIZER", StringComparison.Ordinal)));
        Assert.All(after.Events, flight => Assert.Contains("DTSTAMP:20261021T093000Z", flight));
    }

    [Fact]
    public void Lines_end_as_they_must_are_short_enough_in_octets_and_break_no_letter()
    {
        var bytes = CalendarFile.Of(Order(Orders.LongRoute), Phrases.For("vi"), "https://aerona.example");

        Assert.Equal(bytes, CalendarFile.Of(Order(Orders.LongRoute), Phrases.For("vi"), "https://aerona.example"));
        var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        Assert.EndsWith("END:VCALENDAR\r\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', text.Replace("\r\n", "", StringComparison.Ordinal));
        Assert.All(text.Split("\r\n"), line => Assert.InRange(Encoding.UTF8.GetByteCount(line), 0, 75));
        Assert.Contains(Read(bytes).Events[0], line => line.Contains("TP. Hồ Chí Minh đến Hà Nội", StringComparison.Ordinal));
    }

    [Fact]
    public void What_a_supplier_calls_a_reservation_cannot_end_a_value_or_begin_a_line()
    {
        var order = TicketedOrder.Of(Orders.Family() with { Locators = [new("zz", "AB;C,D\r\nATTENDEE:mailto:x@example.org\\")] }, IssuedAt)!;

        var file = Read(CalendarFile.Of(order, Phrases.For("en"), "https://aerona.example"));

        Assert.DoesNotContain(file.Events[0], line => line.StartsWith("ATTENDEE", StringComparison.Ordinal));
        Assert.Contains(file.Events[0], line => line.StartsWith("DESCRIPTION:", StringComparison.Ordinal) && line.Contains("AB\\;C\\,D\\nATTENDEE:mailto:x@example.org\\\\\\n", StringComparison.Ordinal));
    }

    private static string Uid(List<string> flight) => flight.Single(line => line.StartsWith("UID:", StringComparison.Ordinal));

    private static TicketedOrder Order(params string[] airports) =>
        TicketedOrder.Of(Orders.Of(Orders.Route(airports), [Orders.Someone("p1", PassengerType.Adult, "Mia", "Nguyen")]), IssuedAt)!;

    private static TicketedOrder With(TicketedOrder order, Airport from, Airport to, DateTimeOffset departs, DateTimeOffset arrives) => TicketedOrder.Of(
        Orders.Family() with
        {
            Offer = order.Offer with
            {
                Segments =
                [
                    order.Offer.Segments[0] with
                    {
                        Origin = from.Code, Destination = to.Code, DepartureZone = from.Zone, ArrivalZone = to.Zone, DepartsAt = departs, ArrivesAt = arrives,
                        DepartsLocal = WallClock.At(departs, from.TimeZone), ArrivesLocal = WallClock.At(arrives, to.TimeZone),
                    },
                ],
            },
        }, IssuedAt)!;

    private static Calendar Read(byte[] file)
    {
        var lines = Encoding.UTF8.GetString(file).Replace("\r\n ", "", StringComparison.Ordinal).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var calendar = new Calendar();
        string? zone = null;
        List<string>? part = null;
        foreach (var line in lines)
        {
            if (line is "BEGIN:VEVENT" or "BEGIN:STANDARD" or "BEGIN:DAYLIGHT")
            {
                part = [];
            }
            else if (line is "END:VEVENT")
            {
                calendar.Events.Add(part!);
                part = null;
            }
            else if (line is "END:STANDARD" or "END:DAYLIGHT")
            {
                calendar.Add(zone!, part!);
                part = null;
            }
            else if (part is not null)
            {
                part.Add(line);
            }
            else if (line.StartsWith("TZID:", StringComparison.Ordinal))
            {
                zone = line[5..];
            }
            else if (line.Split(':', 2) is [var name, var value])
            {
                calendar.Values[name] = value;
            }
        }

        return calendar;
    }

    private sealed class Calendar
    {
        private readonly Dictionary<string, List<(DateTime From, TimeSpan Before, TimeSpan After)>> zones = [];

        public Dictionary<string, string> Values { get; } = [];

        public List<List<string>> Events { get; } = [];

        public void Add(string zone, List<string> observance)
        {
            zones.TryAdd(zone, []);
            zones[zone].Add((Local(Value(observance, "DTSTART")), Offset(Value(observance, "TZOFFSETFROM")), Offset(Value(observance, "TZOFFSETTO"))));
        }

        /// <summary>As RFC 5545, 3.3.5 and 3.6.5 have it: by the last observance that began before. Changes back begin, by the clock before them, at the end of the hour that comes twice: what is in it is the first.</summary>
        public DateTimeOffset Moment(List<string> flight, string name)
        {
            var line = flight.Single(line => line.StartsWith(name, StringComparison.Ordinal));
            var value = line.Split(':')[^1];
            if (value.EndsWith('Z'))
                return new(DateTime.SpecifyKind(Local(value[..^1]), DateTimeKind.Utc));

            var local = Local(value);
            var observances = zones[line.Split("TZID=")[1].Split(':')[0]].OrderBy(one => one.From).ToList();
            var offset = observances.Last(one => one.From <= local).After;
            return new(local, offset);
        }

        private static string Value(List<string> lines, string name) => lines.Single(line => line.StartsWith($"{name}:", StringComparison.Ordinal))[(name.Length + 1)..];

        private static DateTime Local(string text) => DateTime.ParseExact(text, "yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture);

        private static TimeSpan Offset(string text) => (text[0] == '-' ? -1 : 1) * TimeSpan.ParseExact(text[1..], text.Length == 5 ? "hhmm" : "hhmmss", CultureInfo.InvariantCulture);
    }
}
