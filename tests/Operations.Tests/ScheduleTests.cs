using System.Net;
using System.Text.Json.Nodes;
using Aerona.Contracts;
using Aerona.Operations.Schedules;
using CsCheck;
using Xunit;

namespace Aerona.Operations.Tests;

public sealed class ScheduleTests
{
    private static readonly Aerona.Reference.Airport[] Airports = [.. Aerona.Reference.Airports.All.Values];

    [Fact]
    public async Task A_published_schedule_puts_its_flights_on_sale()
    {
        await using var service = await OperationsService.StartAsync().WithFleetAsync();
        var id = await service.ScheduleAsync(Desk.Schedule(days: "135"));

        Assert.Empty(await service.PublishedFlightsAsync());
        var answer = await service.PostAsync($"schedules/{id}/publication");

        Assert.Equal(6, answer.GetProperty("published").GetInt32());
        var flights = await service.PublishedFlightsAsync();
        Assert.Equal(["VN7001-20261207", "VN7001-20261209", "VN7001-20261211", "VN7001-20261214", "VN7001-20261216", "VN7001-20261218"], flights.Select(flight => flight.FlightId));
        var first = flights[0];
        Assert.Equal(new DateTime(2026, 12, 7, 8, 0, 0), first.DepartsLocal);
        Assert.Equal(new DateTimeOffset(2026, 12, 7, 1, 0, 0, TimeSpan.Zero), first.DepartsAt);
        Assert.Equal("32Q", first.Aircraft);
        Assert.Equal((Cabin.Economy, 32), (first.Cabins[1].Cabin, first.Cabins[1].Authorised));   // 30 seats are built in
        Assert.Equal(16, first.Cabins[0].Authorised);
    }

    [Fact]
    public async Task Booking_classes_are_published_with_their_fares_and_the_seats_built_in_go_along()
    {
        await using var service = await OperationsService.StartAsync().WithFleetAsync();
        var id = await service.ScheduleAsync(
            Desk.Schedule(days: "1").With("cabins/1/classes", JsonNode.Parse("""
                [ { "bookingClass": "Y" }, { "bookingClass": "M", "authorised": 20 }, { "bookingClass": "Q", "authorised": 8, "fare": { "amount": "11.00", "currency": "USD" } } ]
                """)),
            publish: true);

        var again = await service.PostAsync($"schedules/{id}/flights");

        Assert.Equal(0, Of(again, "changed"));
        var flight = (await service.PublishedFlightsAsync())[0];
        var (economy, fare) = (flight.Cabins[1], flight.Cabins[1].Fare);
        Assert.Equal(
            [new("Y", 32, fare), new("M", 20, Money.Round(fare.Amount * 0.76m, "USD")), new("Q", 8, Money.Of(11m, "USD"))],
            economy.Classes!.Select(one => new Aerona.Contracts.Operations.PublishedClass(one.BookingClass, one.Authorised, one.Fare)));
        Assert.Null(flight.Cabins[0].Classes);
        Assert.Equal([(Cabin.Business, 16), (Cabin.Economy, 30)], flight.SeatMap!.Select(map => (map.Cabin, map.Seats().Count)));
    }

    [Fact]
    public async Task The_same_schedule_generated_twice_makes_nothing_new()
    {
        await using var service = await OperationsService.StartAsync().WithFleetAsync();
        var id = await service.ScheduleAsync(Desk.Schedule(), publish: true);
        var before = await service.PublishedFlightsAsync();

        var again = await service.PostAsync($"schedules/{id}/flights");

        Assert.Equal((0, 0, 14, 0), (Of(again, "made"), Of(again, "changed"), Of(again, "unchanged"), Of(again, "published")));
        Assert.Equal(before.Count, (await service.PublishedFlightsAsync()).Count);
    }

    [Fact]
    public async Task A_changed_schedule_changes_only_flights_that_have_not_left()
    {
        await using var service = await OperationsService.StartAsync().WithFleetAsync();
        var id = await service.ScheduleAsync(Desk.Schedule(), publish: true);
        var version = (await service.GetAsync($"schedules/{id}")).GetProperty("version").GetInt32();
        service.Clock.SetUtcNow(new(2026, 12, 9, 12, 0, 0, TimeSpan.Zero));   // three are gone
        service.SignIn("operations");

        var later = Desk.Schedule().With("times/departs", "08:30").With("times/arrives", "10:40").With("version", version)
            .With("exceptions", JsonNode.Parse("""[ { "date": "2026-12-12" }, { "date": "2026-12-13", "times": { "departs": "20:00", "arrives": "22:10" } } ]"""));
        await service.PutAsync($"schedules/{id}", later);
        var answer = await service.PostAsync($"schedules/{id}/flights");

        Assert.Equal((0, 10, 1, 3), (Of(answer, "made"), Of(answer, "changed"), Of(answer, "cancelled"), Of(answer, "leftAlone")));
        var flights = (await service.FlightsAsync()).ToDictionary(flight => flight.DepartsOn.Day);
        Assert.All(Enumerable.Range(7, 3), day => Assert.Equal((8, 0, 2L), (flights[day].DepartsLocal.Hour, flights[day].DepartsLocal.Minute, flights[day].Version)));
        Assert.Equal((8, 30, 3L), (flights[10].DepartsLocal.Hour, flights[10].DepartsLocal.Minute, flights[10].Version));
        Assert.Equal(20, flights[13].DepartsLocal.Hour);
        Assert.True(flights[12].IsCancelled);
        var last = (await service.PublishedFlightsAsync()).Last(flight => flight.FlightId == "VN7001-20261212");
        Assert.Empty(last.Cabins);
    }

    [Fact]
    public async Task Two_people_who_change_a_schedule_at_once_do_not_overwrite_each_other()
    {
        await using var service = await OperationsService.StartAsync().WithFleetAsync();
        var id = await service.ScheduleAsync(Desk.Schedule(), generate: false);
        await service.PutAsync($"schedules/{id}", Desk.Schedule(days: "12345").With("version", 1));

        var refused = await service.RefusedAsync(HttpStatusCode.Conflict, $"schedules/{id}", Desk.Schedule(days: "67").With("version", 1), HttpMethod.Put);

        Assert.Equal("schedule.changed", refused.Code);
    }

    [Fact]
    public async Task Flights_that_are_withdrawn_are_sold_no_more()
    {
        await using var service = await OperationsService.StartAsync().WithFleetAsync();
        var id = await service.ScheduleAsync(Desk.Schedule(), publish: true);

        await service.PostAsync($"schedules/{id}/withdrawal");

        var newest = (await service.PublishedFlightsAsync()).GroupBy(flight => flight.FlightId).Select(same => same.MaxBy(flight => flight.Version)!).ToList();
        Assert.Equal(14, newest.Count);
        Assert.All(newest, flight => Assert.Empty(flight.Cabins));
    }

    [Fact]
    public async Task A_schedule_that_cannot_be_is_refused_with_the_field()
    {
        await using var service = await OperationsService.StartAsync().WithFleetAsync();
        (string Path, string Value, string Pointer, string Code)[] cases =
        [
            ("model", "\"A999\"", "/model", "model.unknown"),
            ("configuration", "\"Y999\"", "/configuration", "configuration.unknown"),
            ("cabins/1/authorised", "-1", "/cabins/1/authorised", "capacity.negative"),
            ("cabins/1/classes", """[ { "bookingClass": "B" } ]""", "/cabins/1/classes", "booking_class.not_listed"),
            ("cabins/1/classes", """[ { "bookingClass": "Y" }, { "bookingClass": "m", "authorised": 5 } ]""", "/cabins/1/classes/1/bookingClass", "booking_class.invalid"),
            ("cabins/1/classes", """[ { "bookingClass": "Y" }, { "bookingClass": "Y", "authorised": 5 } ]""", "/cabins/1/classes/1/bookingClass", "booking_class.twice"),
            ("cabins/1/classes", """[ { "bookingClass": "Y", "authorised": 5 } ]""", "/cabins/1/classes/0/authorised", "capacity.not_nested"),
            ("cabins/1/classes", """[ { "bookingClass": "Y" }, { "bookingClass": "M" } ]""", "/cabins/1/classes/1/authorised", "capacity.negative"),
            ("cabins/1/classes", """[ { "bookingClass": "Y" }, { "bookingClass": "M", "authorised": 5 }, { "bookingClass": "Q", "authorised": 6 } ]""", "/cabins/1/classes/2/authorised", "capacity.not_nested"),
            ("cabins/1/classes", """[ { "bookingClass": "Y" }, { "bookingClass": "X", "authorised": 5 } ]""", "/cabins/1/classes/1/fare", "booking_class.without_fare"),
            ("cabins/1/classes", """[ { "bookingClass": "M" }, { "bookingClass": "Y", "authorised": 5 } ]""", "/cabins/1/classes/1/fare", "fare.not_falling"),
            ("cabins/1/classes", """[ { "bookingClass": "Y" }, { "bookingClass": "M", "authorised": 5, "fare": { "amount": "0.00", "currency": "USD" } } ]""", "/cabins/1/classes/1/fare", "fare.invalid"),
            ("cabins/1/classes", """[ { "bookingClass": "Y" }, { "bookingClass": "M", "authorised": 5, "fare": { "amount": "9.00", "currency": "EUR" } } ]""", "/cabins/1/classes/1/fare", "fare.currency_differs"),
            ("cabins/1/classes", """[ { "bookingClass": "Y", "fare": { "amount": "1.00", "currency": "USD" } } ]""", "/cabins/1/classes/0/fare", "fare.differs"),
            ("cabins/1/authorised", "46", "/cabins/1/authorised", "capacity.implausible"),
            ("cabins/1/cabin", "\"first\"", "/cabins/1/cabin", "configuration.cabin_missing"),
            ("cabins/1/fare", "{\"amount\":\"5\",\"currency\":\"EUR\"}", "/cabins/1/fare", "fare.currency_differs"),
            ("days", "\"31\"", "/days", "schedule.days_invalid"),
            ("days", "\"8\"", "/days", "schedule.days_invalid"),
            ("effectiveUntil", "\"2026-12-01\"", "/effectiveUntil", "schedule.period_invalid"),
            ("exceptions", "[{\"date\":\"2027-01-01\"}]", "/exceptions/0/date", "schedule.exception_outside"),
            ("times/arrives", "\"08:05\"", "/times/arrives", "schedule.block_time_implausible"),
            ("origin", "\"QQQ\"", "/origin", "airport.unknown"),
            ("airplane", "\"VN-A9\"", "/airplane", "airplane.unknown"),
        ];

        foreach (var (path, value, pointer, code) in cases)
        {
            var refused = await service.RefusedAsync(HttpStatusCode.BadRequest, "schedules", Desk.Schedule().With(path, JsonNode.Parse(value)));

            Assert.Equal((path, code), (path, refused.Code));
            Assert.Contains(pointer, refused.Pointers);
        }
    }

    [Fact]
    public async Task A_local_time_that_daylight_saving_leaves_out_is_refused_until_its_date_has_times_of_its_own()
    {
        await using var service = await OperationsService.StartAsync().WithFleetAsync();
        var early = Desk.Schedule("AF7001", "CDG", "FCO", "02:30", "04:35", "2027-03-26", "2027-03-30");

        var refused = await service.RefusedAsync(HttpStatusCode.BadRequest, "schedules", early);
        var exception = JsonNode.Parse("""[ { "date": "2027-03-28", "times": { "departs": "03:30", "arrives": "05:35" } } ]""");
        var id = await service.ScheduleAsync(early.With("exceptions", exception));

        Assert.Equal("schedule.time_skipped", refused.Code);
        Assert.Equal(["/times/departs"], refused.Pointers);
        Assert.Contains("2027-03-28", refused.Detail, StringComparison.Ordinal);
        Assert.Equal(5, Of(await service.PostAsync($"schedules/{id}/flights"), "unchanged"));
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public void A_local_time_that_comes_twice_means_the_passing_that_was_chosen(bool second, int hour)
    {
        var moment = ScheduleRules.Moment(new(2026, 10, 25, 2, 30, 0), Aerona.Reference.Airports.All["CDG"].TimeZone, second ? Passing.Second : Passing.First);

        Assert.Equal(new DateTimeOffset(2026, 10, 25, hour, 30, 0, TimeSpan.Zero), moment);
    }

    /// <summary>Its winter is the exception, not its summer: what TimeZoneInfo says of local times is wrong there.</summary>
    [Fact]
    public void Dublins_clocks_leave_an_hour_out_and_repeat_one_as_others_do()
    {
        var dublin = Aerona.Reference.Airports.All["DUB"].TimeZone;

        Assert.Null(ScheduleRules.Moment(new(2026, 3, 29, 1, 10, 0), dublin, Passing.First));
        Assert.Equal(new DateTimeOffset(2026, 3, 29, 1, 10, 0, TimeSpan.Zero), ScheduleRules.Moment(new(2026, 3, 29, 2, 10, 0), dublin, Passing.First));
        Assert.Equal(new DateTimeOffset(2026, 10, 25, 0, 30, 0, TimeSpan.Zero), ScheduleRules.Moment(new(2026, 10, 25, 1, 30, 0), dublin, Passing.First));
        Assert.Equal(new DateTimeOffset(2026, 10, 25, 1, 30, 0, TimeSpan.Zero), ScheduleRules.Moment(new(2026, 10, 25, 1, 30, 0), dublin, Passing.Second));
        Assert.Equal((new DateTime(2026, 3, 29, 2, 10, 0), new DateTimeOffset(2026, 3, 29, 1, 10, 0, TimeSpan.Zero)), FlightRules.Moment(new(2026, 3, 29, 1, 10, 0), dublin));
    }

    [Fact]
    public void Every_moment_of_a_local_time_shows_that_time_on_its_clock() => Gen.Select(
        Gen.DateTime[new DateTime(2026, 1, 1), new DateTime(2028, 1, 1)], Gen.Int[0, Airports.Length - 1].Select(index => Airports[index]), Gen.Bool).Sample((at, airport, second) =>
        {
            var local = DateTime.SpecifyKind(at, DateTimeKind.Unspecified);
            if (ScheduleRules.Moment(local, airport.TimeZone, second ? Passing.Second : Passing.First) is { } moment)
            {
                Assert.Equal(local, FlightRules.LocalTime(moment, airport.TimeZone));
            }
            else
            {
                // No offset there is would show it.
                Assert.DoesNotContain(Enumerable.Range(-56, 113), quarters => FlightRules.LocalTime(new(local, TimeSpan.FromMinutes(15 * quarters)), airport.TimeZone) == local);
            }
        }, iter: 2_000);

    [Fact]
    public async Task A_schedule_with_an_airplane_gives_it_every_flight_or_says_which_it_cannot_fly()
    {
        await using var service = await OperationsService.StartAsync().WithFleetAsync(("VN-A1", "SGN"));
        await service.ScheduleAsync(Desk.Schedule(airplane: "VN-A1"));
        await service.ScheduleAsync(Desk.Schedule("VN7002", "HAN", "SGN", "11:00", "13:10", airplane: "VN-A1"));
        var third = await service.ScheduleAsync(Desk.Schedule("VN7003", departs: "09:00", arrives: "11:10", airplane: "VN-A1"), generate: false);

        var refused = await service.RefusedAsync(HttpStatusCode.Conflict, $"schedules/{third}/flights", null);

        Assert.Equal("airplane.in_two_places", refused.Code);
        Assert.Equal(28, (await service.GetAsync("airplanes/VN-A1/plan?from=2026-12-01T00:00:00Z&until=2027-01-01T00:00:00Z")).GetArrayLength());
        Assert.Equal("VN-A1", (await service.GetAsync("flights/VN7002-20261210")).GetProperty("airplane").GetString());
        Assert.Equal(28, (await service.FlightsAsync()).Count);
    }

    [Fact]
    public async Task A_number_is_flown_once_a_day()
    {
        await using var service = await OperationsService.StartAsync().WithFleetAsync();
        var first = await service.ScheduleAsync(Desk.Schedule(days: "135"));
        await service.ScheduleAsync(Desk.Schedule(days: "246"));

        var refused = await service.RefusedAsync(HttpStatusCode.Conflict, "schedules", Desk.Schedule(days: "57"));

        Assert.Equal("schedule.overlaps", refused.Code);
        Assert.Contains(first, refused.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lists_are_paged_without_gap_or_repeat()
    {
        await using var service = await OperationsService.StartAsync().WithFleetAsync(("A1", "SGN"), ("A2", "SGN"), ("A3", "SGN"));

        var first = await service.GetAsync("airplanes?limit=2");
        var second = await service.GetAsync($"airplanes?limit=2&cursor={first.GetProperty("nextCursor").GetString()}");

        Assert.Equal(["A1", "A2", "A3"], first.GetProperty("items").EnumerateArray().Concat(second.GetProperty("items").EnumerateArray()).Select(item => item.GetProperty("registration").GetString()));
        Assert.Null(second.GetProperty("nextCursor").GetString());
    }

    private static int Of(System.Text.Json.JsonElement answer, string name) => answer.GetProperty(name).GetInt32();
}
