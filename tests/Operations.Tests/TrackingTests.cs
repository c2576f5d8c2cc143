using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aerona.Contracts.Operations;
using Aerona.Operations.Tracking;
using Aerona.TestKit;
using CsCheck;
using Xunit;

namespace Aerona.Operations.Tests;

public sealed class TrackingTests
{
    private const string Flight = "VN7001-20261207";   // leaves SGN at 01:00 UTC

    [Fact]
    public async Task Of_two_sources_the_higher_is_believed_until_it_takes_back_what_it_said()
    {
        await using var service = await StartAsync();

        await ReportAsync(service, "airport", ("estimatedOffBlock", "2026-12-07T01:20:00Z"), ("departureGate", "B12"));
        await ReportAsync(service, "desk", ("estimatedOffBlock", "2026-12-07T01:30:00Z"));
        var desk = await ReportAsync(service, "airport", ("estimatedOffBlock", "2026-12-07T08:40:00+07:00"));
        var airport = await ReportAsync(service, "desk", ("estimatedOffBlock", null));

        Assert.Equal((30, "2026-12-07T08:30:00"), (Delay(desk), desk.GetProperty("departure").GetProperty("estimated").GetProperty("local").GetString()));
        Assert.Equal(40, Delay(airport));
        var history = (await service.GetAsync($"flights/{Flight}/facts")).EnumerateArray().ToList();
        Assert.Equal(5, history.Count);
        Assert.Equal(["airport departureGate", "airport estimatedOffBlock"], history.Where(fact => fact.GetProperty("isBelieved").GetBoolean())
            .Select(fact => $"{fact.GetProperty("source").GetString()} {fact.GetProperty("name").GetString()}").Order());
        Assert.Equal([1, 2, 3], (await service.Published<FlightStatusChanged>()).Select(change => change.Version));   // the airport's second word changed nothing
    }

    [Fact]
    public void What_is_believed_does_not_depend_on_the_order_in_which_it_was_heard() => Gen.Select(
        Gen.Select(Gen.Enum<FactSource>(), Gen.Enum<FactName>(), Gen.Int[0, 20], Gen.Bool).List[1, 20], Gen.Int).Sample((said, seed) =>
        {
            var facts = said.Select((fact, index) => new FlightFact
            {
                FlightId = Flight,
                Name = fact.Item2,
                Source = fact.Item1,
                Value = fact.Item4 ? $"{index}" : null,
                At = DateTimeOffset.UnixEpoch.AddMinutes(fact.Item3),
                RecordedAt = DateTimeOffset.UnixEpoch.AddMinutes(index),
                RecordedBy = "desk",
            }).ToList();

            var (inOrder, mixed) = (FlightTrack.Believed(facts), FlightTrack.Believed(facts.OrderBy(_ => seed = unchecked((seed * 1_103_515_245) + 12_345))));

            Assert.Equal(inOrder.OrderBy(fact => fact.Key), mixed.OrderBy(fact => fact.Key));
            Assert.All(inOrder, believed => Assert.DoesNotContain(facts, fact => fact.Name == believed.Key && fact.Source == believed.Value.Source && fact.At > believed.Value.At));
        }, iter: 300);

    [Fact]
    public async Task Anybody_can_ask_by_flight_or_by_route_and_sees_local_times()
    {
        await using var service = await StartAsync();
        await ReportAsync(service, "aircraft", ("estimatedTakeOff", "2026-12-07T01:12:00Z"), ("belt", "4"));
        service.Http.DefaultRequestHeaders.Authorization = null;

        var byFlight = (await service.GetAsync("/v1/flight-status?flight=vn7001&date=2026-12-07")).GetProperty("flights");
        var byRoute = (await service.GetAsync("/v1/flight-status?origin=SGN&destination=HAN&date=2026-12-07")).GetProperty("flights");

        Assert.Equal(byFlight.ToString(), byRoute.ToString());
        var departure = Assert.Single(byFlight.EnumerateArray()).GetProperty("departure");
        Assert.Equal(("2026-12-07T08:00:00", "Asia/Ho_Chi_Minh"), (departure.GetProperty("scheduled").GetProperty("local").GetString(), departure.GetProperty("scheduled").GetProperty("zone").GetString()));
        Assert.Equal("2026-12-07T08:12:00", departure.GetProperty("runway").GetProperty("local").GetString());
        Assert.Equal("flight.not_found", (await service.RefusedAsync(HttpStatusCode.NotFound, "/v1/flight-status?flight=VN9999&date=2026-12-07", null, HttpMethod.Get)).Code);
        Assert.Equal(["query:date"], (await service.RefusedAsync(HttpStatusCode.BadRequest, "/v1/flight-status?flight=VN7001", null, HttpMethod.Get)).Pointers);
        Assert.Equal(["query:origin"], (await service.RefusedAsync(HttpStatusCode.BadRequest, "/v1/flight-status?origin=QQQ&destination=HAN&date=2026-12-07", null, HttpMethod.Get)).Pointers);
    }

    [Fact]
    public async Task A_fact_that_cannot_be_is_refused_with_the_field()
    {
        await using var service = await StartAsync();
        (string Name, string Value, string Code)[] cases =
        [
            ("estimatedOffBlock", "2026-12-07T01:20:00", "fact.value_invalid"),     // which clock?
            ("estimatedOffBlock", "soon", "fact.value_invalid"),
            ("estimatedOffBlock", "2026-12-17T01:20:00Z", "fact.implausible"),
            ("actualOffBlock", "2026-12-07T01:20:00Z", "fact.in_future"),
            ("departureGate", "<b>", "fact.value_invalid"),
            ("divertedTo", "QQQ", "fact.value_invalid"),
            ("delayReason", "", "fact.value_invalid"),
            ("cancelReason", "fog", "fact.not_reported"),
        ];

        foreach (var (name, value, code) in cases)
        {
            var refused = await service.RefusedAsync(HttpStatusCode.BadRequest, $"flights/{Flight}/facts", Report("desk", ("belt", "1"), (name, value)));

            Assert.Equal((name, code), (name, refused.Code));
            Assert.StartsWith("/facts/1/", Assert.Single(refused.Pointers), StringComparison.Ordinal);
        }

        service.Clock.SetUtcNow(new(2026, 12, 7, 4, 0, 0, TimeSpan.Zero));
        service.SignIn("operations");
        await ReportAsync(service, "aircraft", ("actualTakeOff", "2026-12-07T01:20:00Z"));
        Assert.Equal("fact.out_of_order", (await service.RefusedAsync(
            HttpStatusCode.Conflict, $"flights/{Flight}/facts", Report("aircraft", ("actualLanding", "2026-12-07T01:10:00Z")))).Code);
    }

    [Fact]
    public async Task A_cancelled_flight_is_sold_no_more_and_frees_its_airplane()
    {
        await using var service = await StartAsync();
        await service.PostAsync("airplanes/VN-A1/assignments", new JsonObject { ["flights"] = new JsonArray(Flight) });

        var cancelled = await service.PostAsync($"flights/{Flight}/cancellation", Desk.Json("""{ "reason": "Typhoon" }"""));
        var again = await service.RefusedAsync(HttpStatusCode.Conflict, $"flights/{Flight}/cancellation", Desk.Json("""{ "reason": "Typhoon" }"""));

        Assert.Equal(("cancelled", "Typhoon"), (cancelled.GetProperty("state").GetString(), cancelled.GetProperty("reason").GetString()));
        Assert.Equal("flight.cancelled", again.Code);
        Assert.Empty((await service.PublishedFlightsAsync())[^1].Cabins);
        Assert.Equal((FlightState.Scheduled, FlightState.Cancelled), Assert.Single(await service.Published<FlightStatusChanged>()) is var change ? (change.Before.State, change.Now.State) : default);
        Assert.Equal(JsonValueKind.Null, (await service.GetAsync($"flights/{Flight}")).GetProperty("airplane").ValueKind);
    }

    [Fact]
    public async Task Other_times_of_a_published_schedule_are_told_as_a_change_of_status()
    {
        await using var service = await StartAsync();
        var id = (await service.GetAsync("schedules")).GetProperty("items")[0].GetProperty("id").GetString();

        await service.PutAsync($"schedules/{id}", Desk.Schedule(until: "2026-12-08").With("version", 2).With("times/departs", "09:00").With("times/arrives", "11:10"));
        await service.PostAsync($"schedules/{id}/flights");

        var change = (await service.Published<FlightStatusChanged>()).First(told => told.Now.FlightId == Flight);
        Assert.Equal(TimeSpan.FromHours(1), change.Now.ScheduledOffBlock - change.Before.ScheduledOffBlock);
    }

    [Fact]
    public async Task Who_begins_to_follow_a_flight_is_told_how_it_stands()
    {
        await using var service = await StartAsync();
        await ReportAsync(service, "airport", ("departureGate", "B12"));

        await service.ConsumeAsync(new TellFlightStatus(Guid.CreateVersion7(), Flight));
        await service.ConsumeAsync(new TellFlightStatus(Guid.CreateVersion7(), "VN9999-20261207"));

        var told = await service.Published<FlightStatusTold>();
        Assert.Equal(("B12", 1L), (told[0].Status!.DepartureGate, told[0].Version));
        Assert.Null(told[1].Status);
    }

    [Fact]
    public async Task The_departures_board_shows_what_leaves_and_says_when_nothing_has_changed()
    {
        await using var service = await StartAsync();
        service.Clock.SetUtcNow(new(2026, 12, 7, 0, 0, 0, TimeSpan.Zero));
        service.SignIn("operations");
        await ReportAsync(service, "airport", ("estimatedOffBlock", "2026-12-07T01:45:00Z"), ("departureGate", "B12"), ("delayReason", "Late <inbound>"));
        service.Http.DefaultRequestHeaders.Authorization = null;

        using var first = await service.CallAsync(HttpMethod.Get, "/departures/SGN");
        var page = await first.Content.ReadAsStringAsync();
        service.Http.DefaultRequestHeaders.IfNoneMatch.Add(first.Headers.ETag!);
        using var unchanged = await service.CallAsync(HttpMethod.Get, "/departures/SGN");
        service.SignIn("operations");
        await ReportAsync(service, "airport", ("departureGate", "B14"));
        using var changed = await service.CallAsync(HttpMethod.Get, "/departures/SGN");
        using var unknown = await service.CallAsync(HttpMethod.Get, "/departures/QQQ");

        Assert.Contains("08:00", page, StringComparison.Ordinal);
        Assert.Contains("Now 08:45", page, StringComparison.Ordinal);
        Assert.Contains("B12", page, StringComparison.Ordinal);
        Assert.Contains("Late &lt;inbound&gt;", page, StringComparison.Ordinal);
        Assert.Contains("http-equiv=\"refresh\"", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
        Assert.Contains("B14", await changed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Theory]
    [InlineData("vi-VN,en;q=0.5", "", "vi", "Khởi hành", "Đúng giờ", "/departures/SGN?locale=en")]
    [InlineData("fr,en-GB;q=0.8,vi;q=0.3", "", "en", "Departures", "On time", "/departures/SGN?locale=vi")]
    [InlineData("vi", "?locale=en", "en", "Departures", "On time", "/departures/SGN?locale=vi")]
    [InlineData("fr", "", "en", "Departures", "On time", "/departures/SGN?locale=vi")]
    public async Task The_departures_board_speaks_the_language_that_is_asked_for(string accepted, string query, string language, string heading, string state, string other)
    {
        await using var service = await StartAsync();
        service.Clock.SetUtcNow(new(2026, 12, 7, 0, 0, 0, TimeSpan.Zero));
        service.Http.DefaultRequestHeaders.Authorization = null;
        service.Http.DefaultRequestHeaders.AcceptLanguage.ParseAdd(accepted);

        using var answer = await service.CallAsync(HttpMethod.Get, "/departures/SGN" + query);
        var page = System.Net.WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
        using var unknown = await service.CallAsync(HttpMethod.Get, "/departures/QQQ" + query);
        using var status = await service.CallAsync(HttpMethod.Get, "/v1/flight-status?flight=VN7001&date=2026-12-07");

        Assert.True(answer.StatusCode == HttpStatusCode.OK, page);
        Assert.Equal(language, Assert.Single(answer.Content.Headers.ContentLanguage));
        Assert.Contains($"<html lang=\"{language}\">", page, StringComparison.Ordinal);
        Assert.Contains(heading, page, StringComparison.Ordinal);
        Assert.Contains(state, page, StringComparison.Ordinal);
        Assert.Contains($"href=\"{other}\"", page, StringComparison.Ordinal);
        Assert.Contains("QQQ", await unknown.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("\"departuresBoard\":\"/departures/SGN\"", await status.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task<TestService> StartAsync()
    {
        var service = await OperationsService.StartAsync().WithFleetAsync(("VN-A1", "SGN"));
        await service.ScheduleAsync(Desk.Schedule(until: "2026-12-08"), publish: true);
        return service;
    }

    private static int Delay(JsonElement status) => status.GetProperty("departure").GetProperty("delayMinutes").GetInt32();

    private static Task<JsonElement> ReportAsync(TestService service, string source, params (string Name, string? Value)[] facts) =>
        service.PostAsync($"flights/{Flight}/facts", Report(source, facts));

    private static JsonObject Report(string source, params (string Name, string? Value)[] facts) => new()
    {
        ["source"] = source,
        ["facts"] = new JsonArray([.. facts.Select(fact => new JsonObject { ["name"] = fact.Name, ["value"] = fact.Value })]),
    };
}
