using System.Net.Http.Json;
using System.Text.Json;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Operations;
using Aerona.Search.Connections;
using Aerona.Search.SearchFlights;
using Aerona.Search.Timetables;
using Microsoft.Extensions.DependencyInjection;
using Xunit;
using static Aerona.Search.Tests.SearchService;

namespace Aerona.Search.Tests;

public sealed class TripTests
{
    private static readonly DateTime Morning = new(2026, 12, 2, 8, 0, 0);

    private static object Legs(int maxStops, params (string Origin, string Destination, string Day)[] legs) => new
    {
        legs = legs.Select(leg => new { origin = leg.Origin, destination = leg.Destination, departsOn = leg.Day }),
        travellers = new { adults = 1 },
        maxStops,
    };

    [Fact]
    public async Task Across_the_date_line_one_arrives_before_one_left_by_the_clocks_and_after_by_time()
    {
        await using var service = await StartAsync();
        await service.PublishAsync(Flight("NH106", "HND", "LAX", new(2026, 12, 2, 16, 55, 0), minutes: 10 * 60));

        var leg = (await service.SearchAsync(Question("HND", "LAX"))).GetProperty("trips")[0].GetProperty("legs")[0];

        Assert.Equal(new DateTime(2026, 12, 2, 16, 55, 0), Local(leg, "departure"));
        Assert.Equal(new DateTime(2026, 12, 2, 9, 55, 0), Local(leg, "arrival"));   // seven hours before
        Assert.Equal((600, 0), (leg.GetProperty("durationMinutes").GetInt32(), leg.GetProperty("dayOffset").GetInt32()));
    }

    [Theory]
    [InlineData("HNL", "AKL", "2026-12-02T23:00:00", 545, 2)]    // from the first hours of one day to the next but one
    [InlineData("AKL", "HNL", "2026-12-03T09:00:00", 530, -1)]   // and back to the day before
    [InlineData("JFK", "LHR", "2026-12-02T21:00:00", 420, 1)]
    public async Task The_days_between_departure_and_arrival_are_those_of_the_calendar_there(string origin, string destination, string departs, int minutes, int days)
    {
        await using var service = await StartAsync();
        var local = DateTime.Parse(departs, System.Globalization.CultureInfo.InvariantCulture);
        await service.PublishAsync(Flight("NZ9", origin, destination, local, minutes));

        var leg = (await service.SearchAsync(Question(origin, destination, $"{local:yyyy-MM-dd}"))).GetProperty("trips")[0].GetProperty("legs")[0];

        Assert.Equal((minutes, days), (leg.GetProperty("durationMinutes").GetInt32(), leg.GetProperty("dayOffset").GetInt32()));
    }

    [Fact]
    public async Task In_the_night_when_clocks_go_forward_waits_and_times_are_real_ones()
    {
        // In New York 14 March 2027 has no 02:00 to 03:00.
        await using var service = await StartAsync();
        await service.PublishAsync(
            Flight("AA1", "LAX", "JFK", new(2027, 3, 13, 17, 0, 0), minutes: 300),     // arrives at 01:00 by the clock of New York
            Flight("AA3", "JFK", "BOS", new(2027, 3, 14, 3, 30, 0), minutes: 75));     // an hour and a half later, not two and a half

        var leg = (await service.SearchAsync(Question("LAX", "BOS", "2027-03-13", maxStops: 1))).GetProperty("trips")[0].GetProperty("legs")[0];

        var connection = leg.GetProperty("connections")[0];
        Assert.Equal((90, 465), (connection.GetProperty("minutes").GetInt32(), leg.GetProperty("durationMinutes").GetInt32()));
        Assert.False(connection.GetProperty("isOvernight").GetBoolean());
    }

    [Fact]
    public async Task A_local_day_has_all_its_flights_wherever_on_earth_it_is()
    {
        await using var service = await StartAsync();
        await service.PublishAsync(
            Flight("FJ1", "AKL", "SYD", new(2026, 12, 3, 0, 0, 0)), Flight("FJ3", "AKL", "SYD", new(2026, 12, 3, 23, 55, 0)), Flight("FJ5", "AKL", "SYD", new(2026, 12, 4, 0, 0, 0)),
            Flight("HA1", "HNL", "LAX", new(2026, 12, 3, 0, 0, 0)), Flight("HA3", "HNL", "LAX", new(2026, 12, 3, 23, 55, 0)), Flight("HA5", "HNL", "LAX", new(2026, 12, 2, 23, 55, 0)));

        Assert.Equal(["FJ1-20261203", "FJ3-20261203"], (await service.SearchAsync(Question("AKL", "SYD", "2026-12-03", sort: "departure"))).Ids());
        Assert.Equal(["HA1-20261203", "HA3-20261203"], (await service.SearchAsync(Question("HNL", "LAX", "2026-12-03", sort: "departure"))).Ids());
    }

    [Theory]
    [InlineData("BA", "BA", 60)]    // both at terminal 5
    [InlineData("BA", "AA", 90)]    // from 5 to 3
    [InlineData("LH", "UA", 60)]    // within 2
    [InlineData("LH", "BA", 75)]    // no rule for 2 to 5: the airport's
    [InlineData("VN", "VN", 75)]    // no terminal known
    public void Of_minimum_connection_times_the_most_specific_decides(string arriving, string departing, int minutes)
    {
        var (before, after) = (Route("JFK", "LHR"), Route("LHR", "CDG"));

        Assert.Equal(minutes, ConnectionRules.Shipped.Between(before, after).For(DatedFlight.Packed(arriving), DatedFlight.Packed(departing)));
    }

    [Fact]
    public void Airport_comes_before_airlines_before_terminals_before_domestic_and_international()
    {
        ConnectionRule Rule(int minutes, string? airport = null, string? airline = null, string? terminal = null, bool? domestic = null) =>
            new(airport, null, airline, null, terminal, null, domestic, null, minutes);
        var rules = new List<ConnectionRule>
        {
            Rule(10), Rule(20, domestic: false), Rule(30, terminal: "5"), Rule(40, airline: "BA"), Rule(50, "LHR"), Rule(60, "LHR", domestic: false), Rule(70, "LHR", terminal: "5"),
            Rule(80, "LHR", airline: "BA"), Rule(90, "LHR", "BA", "5"), Rule(85, "LHR", airline: "BA"),
        };
        int Minutes(int count, string airline) => new ConnectionRules(rules[..count], new Dictionary<(string, string), string> { [("LHR", "BA")] = "5" })
            .Between(Route("JFK", "LHR"), Route("LHR", "CDG")).For(DatedFlight.Packed(airline), DatedFlight.Packed("AF"));

        Assert.Equal([10, 20, 30, 40, 50, 60, 70, 80, 90], Enumerable.Range(1, 9).Select(count => Minutes(count, "BA")));
        Assert.Equal(60, Minutes(9, "DL"));
        rules.RemoveAt(8);
        Assert.Equal(85, Minutes(9, "BA"));   // of two that say as much the longer
    }

    [Fact]
    public async Task A_change_of_airports_takes_its_time_is_labelled_and_can_be_left_out()
    {
        await using var service = await StartAsync();
        await service.PublishAsync(
            Flight("AA1", "BOS", "JFK", Morning, minutes: 80), Flight("AA3", "LGA", "ORD", Morning.AddMinutes(80 + 209), minutes: 150, fare: 100),
            Flight("AA5", "LGA", "ORD", Morning.AddMinutes(80 + 210), minutes: 150));

        var found = await service.SearchAsync(Question("BOS", "ORD", maxStops: 1));
        var without = await service.SearchAsync(Question("BOS", "ORD", maxStops: 1, filters: new { noAirportChange = true }));

        Assert.Equal(["AA1-20261202.AA5-20261202"], found.Ids());
        var connection = found.GetProperty("trips")[0].GetProperty("legs")[0].GetProperty("connections")[0];
        Assert.Equal(("JFK", "LGA", 210, 210), (connection.GetProperty("airport").GetString(), connection.GetProperty("nextAirport").GetString(), connection.GetProperty("minutes").GetInt32(), connection.GetProperty("minimumMinutes").GetInt32()));
        Assert.True(connection.GetProperty("isAirportChange").GetBoolean());
        Assert.True(found.GetProperty("trips")[0].GetProperty("score").GetProperty("airportChanges").GetDouble() > 0);
        Assert.Empty(without.Ids());
    }

    [Fact]
    public async Task An_open_jaw_goes_home_from_elsewhere_and_six_legs_are_one_trip()
    {
        await using var service = await StartAsync();
        string[] stops = ["JFK", "LHR", "CDG", "FRA", "SIN", "HAN", "SGN"];
        await service.PublishAsync([.. Enumerable.Range(0, 6).Select(leg => Flight($"AA{leg + 1}", stops[leg], stops[leg + 1], Morning.AddDays(leg), fare: 100 + leg)), Flight("AF7", "CDG", "JFK", Morning.AddDays(5))]);

        var jaw = await service.SearchAsync(Legs(0, ("JFK", "LHR", "2026-12-02"), ("CDG", "JFK", "2026-12-07")));
        var six = await service.SearchAsync(Legs(0, [.. Enumerable.Range(0, 6).Select(leg => (stops[leg], stops[leg + 1], $"2026-12-{2 + leg:00}"))]));

        Assert.Equal(["AA1-20261202~AF7-20261207"], jaw.Ids());
        var trip = Assert.Single(six.GetProperty("trips").EnumerateArray());
        Assert.Equal(6, trip.GetProperty("legs").GetArrayLength());
        Assert.Equal([4, 2], trip.GetProperty("offers").EnumerateArray().Select(offer => offer.GetProperty("flights").GetArrayLength()));   // a ticket has four coupons
        var adult = trip.GetProperty("price").GetProperty("passengers")[0];
        Assert.Equal(
            trip.GetProperty("price").GetProperty("total").Deserialize<Money>(),
            adult.GetProperty("lines").EnumerateArray().Select(line => line.GetProperty("amount").Deserialize<Money>()).Sum("USD"));
    }

    [Fact]
    public async Task A_return_the_same_day_waits_for_the_arrival()
    {
        await using var service = await StartAsync();
        await service.PublishAsync(
            Flight("BA1", "LHR", "CDG", Morning, minutes: 80), Flight("BA2", "CDG", "LHR", Morning.AddHours(2), minutes: 80), Flight("BA4", "CDG", "LHR", Morning.AddHours(4), minutes: 80));

        var found = await service.SearchAsync(new { origin = "LHR", destination = "CDG", departsOn = "2026-12-02", returnsOn = "2026-12-02", travellers = new { adults = 1 } });

        Assert.Equal(["BA1-20261202~BA4-20261202"], found.Ids());   // at ten by the clock in Paris the first is not there yet
        Assert.Equal(1, found.GetProperty("legs")[1].GetProperty("options").GetInt32());
    }

    [Fact]
    public async Task Nobody_is_sent_through_one_city_twice_nor_half_around_the_world()
    {
        await using var service = await StartAsync();
        await service.PublishAsync(
            Flight("VN1", "HAN", "SGN", Morning, minutes: 130), Flight("VN3", "HAN", "DAD", Morning, minutes: 80), Flight("VN5", "DAD", "HAN", Morning.AddHours(4), minutes: 80),
            Flight("VN7", "HAN", "SGN", Morning.AddHours(8), minutes: 130), Flight("VN9", "HAN", "FRA", Morning, minutes: 700), Flight("VN11", "FRA", "SGN", Morning.AddHours(10), minutes: 700));

        var found = await service.SearchAsync(Question("HAN", "SGN", maxStops: 2, sort: "departure"));

        Assert.Equal(["VN1-20261202", "VN7-20261202"], found.Ids());
    }

    [Fact]
    public async Task A_cursor_whose_result_is_forgotten_goes_on_while_nothing_changed_and_says_so_when_something_did()
    {
        await using var service = await StartAsync();
        await service.PublishAsync([.. Enumerable.Range(1, 6).Select(number => Flight($"AA{number}", "JFK", "LAX", Morning, fare: 100 + number))]);
        var cursor = (await service.SearchAsync(Question(limit: 2))).GetProperty("nextCursor").GetString();
        service.Clock.Advance(TimeSpan.FromMinutes(11));   // nothing is kept so long

        var second = await service.SearchAsync(Question(limit: 2, cursor: cursor));
        service.Clock.Advance(TimeSpan.FromMinutes(11));
        await service.ChangeSeatsAsync(new SeatAvailabilityChanged("AA5-20261202", Cabin.Economy, 0, 2));
        var refused = await service.RefusedAsync(Question(limit: 2, cursor: second.GetProperty("nextCursor").GetString()));

        Assert.Equal(["AA3-20261202", "AA4-20261202"], second.Ids());
        Assert.Equal(("cursor.outdated", "/cursor"), (refused.Code, refused.Pointer));
    }

    [Fact]
    public async Task Tabs_show_the_first_trip_of_each_order()
    {
        await using var service = await StartAsync();
        await service.PublishAsync(Flight("AA1", "JFK", "LAX", Morning, minutes: 360, fare: 300), Flight("AA3", "JFK", "LAX", Morning, minutes: 500, fare: 100), Flight("AA5", "JFK", "LAX", Morning, minutes: 380, fare: 200));

        var tabs = (await service.SearchAsync(Question())).GetProperty("tabs");

        foreach (var (tab, sort) in new[] { ("best", "best"), ("cheapest", "price"), ("fastest", "duration") })
        {
            var first = (await service.SearchAsync(Question(sort: sort))).GetProperty("trips")[0];
            Assert.Equal(first.GetProperty("price").GetProperty("total").Deserialize<Money>(), tabs.GetProperty(tab).GetProperty("price").Deserialize<Money>());
            Assert.Equal(first.GetProperty("durationMinutes").GetInt32(), tabs.GetProperty(tab).GetProperty("durationMinutes").GetInt32());
        }
    }

    [Fact]
    public async Task A_calendar_shows_what_searches_of_its_days_find_cheapest()
    {
        await using var service = await StartAsync();
        var random = new Random(7);
        await service.PublishAsync([.. Enumerable.Range(1, 120).Select(number =>
        {
            var (from, to) = new[] { ("HAN", "LHR"), ("LHR", "HAN"), ("HAN", "SIN"), ("SIN", "LHR"), ("LHR", "SIN"), ("SIN", "HAN") }[number % 6];
            return Flight($"VN{number}", from, to, new DateTime(2026, 12, 3).AddMinutes(random.Next(10 * 24 * 60)), minutes: 200 + random.Next(500), fare: 100 + random.Next(500));
        })]);

        var body = new { origin = "HAN", destination = "LHR", departsOn = "2026-12-05", returnsOn = "2026-12-08", travellers = new { adults = 2 }, currency = "USD" };
        using var answer = await service.Http.PostAsJsonAsync("/v1/flight-searches/calendar", body);
        var days = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("days").EnumerateArray().ToList();
        using var month = await service.Http.PostAsJsonAsync(
            "/v1/flight-searches/calendar", new { body.origin, body.destination, body.departsOn, body.travellers, body.currency, month = true });
        var december = (await month.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("days").EnumerateArray().ToList();

        Assert.Equal(49, days.Count(day => true) + Enumerable.Range(2, 7).Sum(there => Enumerable.Range(5, 7).Count(back => back < there - 1)));
        var compared = 0;
        foreach (var day in days.Where(_ => random.Next(4) == 0))
        {
            var (there, back) = (day.GetProperty("departsOn").GetString(), day.GetProperty("returnsOn").GetString());
            var trips = (await service.SearchAsync(new { body.origin, body.destination, departsOn = there, returnsOn = back, body.travellers, body.currency, sort = "price", limit = 1 })).GetProperty("trips");
            Assert.Equal(trips.GetArrayLength() == 0 ? null : Total(trips[0]), day.GetProperty("price").Deserialize<Money?>());
            compared += trips.GetArrayLength();
        }

        Assert.True(compared > 3, "nearly every day had nothing to compare");
        Assert.Equal(days.Min(Price), days.Single(day => day.GetProperty("isCheapest").GetBoolean()).GetProperty("price").Deserialize<Money>());
        Assert.Equal("2026-12-01", december[0].GetProperty("departsOn").GetString());
        foreach (var day in december.Where(day => day.GetProperty("price").ValueKind != JsonValueKind.Null).Take(3))
        {
            var trips = (await service.SearchAsync(new { body.origin, body.destination, departsOn = day.GetProperty("departsOn").GetString(), body.travellers, body.currency, sort = "price", limit = 1 })).GetProperty("trips");
            Assert.Equal(Total(trips[0]), day.GetProperty("price").Deserialize<Money>());
        }

        static Money Total(JsonElement trip) => trip.GetProperty("price").GetProperty("total").Deserialize<Money>();
        static Money? Price(JsonElement day) => day.GetProperty("price").Deserialize<Money?>();
    }

    [Theory]
    [InlineData("AT7", Cabin.Economy)]
    [InlineData("77W", Cabin.Business)]
    public void Carbon_dioxide_grows_with_the_way_and_with_the_room_of_the_cabin(string aircraft, Cabin cabin)
    {
        var flight = DatedFlight.Of(Flight("AA1", "JFK", "LAX", Morning) with { Aircraft = aircraft }, new Dictionary<Cabin, int>())!;

        var (near, far) = (Emissions.Kilograms(flight, 500, cabin), Emissions.Kilograms(flight, 1_000, cabin));

        Assert.InRange(near, 20, far - 1);
        Assert.True(cabin == Cabin.Economy || near > Emissions.Kilograms(flight, 500, Cabin.Economy));
    }

    [Fact]
    public async Task The_timetable_is_built_again_at_start_and_keeps_seats()
    {
        var folder = Directory.CreateTempSubdirectory("aerona-search-");
        try
        {
            await using (var before = await StartAsync(folder.FullName))
            {
                await before.PublishAsync(Flight("AA1", "JFK", "ORD", Morning, minutes: 150), Flight("AA3", "ORD", "LAX", Morning.AddHours(4), minutes: 250));
                await before.ChangeSeatsAsync(new SeatAvailabilityChanged("AA3-20261202", Cabin.Economy, 2, 1));
            }

            await using var after = await StartAsync(folder.FullName);
            await after.CatchUpAsync();

            Assert.Equal(2, after.Services.GetRequiredService<Timetable>().Count);
            var trip = (await after.SearchAsync(Question(maxStops: 1))).GetProperty("trips")[0];
            Assert.Equal(2, trip.GetProperty("seatsLeft").GetInt32());
            await after.PublishAsync(Flight("AA3", "ORD", "LAX", Morning.AddHours(5), minutes: 250, version: 2), Flight("AA1", "JFK", "ORD", Morning, version: 2, cabins: []));
            Assert.Empty((await after.SearchAsync(Question(maxStops: 1))).Ids());   // withdrawn from sale
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static AirRoute Route(string from, string to)
    {
        Assert.True(Stations.TryFind(from, out var origin) & Stations.TryFind(to, out var destination));
        return new(origin, destination, 0);
    }

    private static DateTime Local(JsonElement leg, string end) => leg.GetProperty(end).GetProperty("local").GetDateTime();
}
