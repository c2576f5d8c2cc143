using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aerona.Operations.Data;
using Aerona.Operations.Fleet;
using Aerona.TestKit;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Aerona.Operations.Tests;

public sealed class FleetTests
{
    [Fact]
    public async Task A_seat_map_says_what_every_seat_has()
    {
        await using var service = await OperationsService.StartAsync().WithFleetAsync();

        var cabins = (await service.GetAsync("airplane-models/A321N/configurations/C16Y30/seat-map")).GetProperty("cabins").EnumerateArray().ToList();

        var seats = cabins.SelectMany(cabin => cabin.GetProperty("seats").EnumerateArray())
            .ToDictionary(seat => seat.GetProperty("number").GetString()!, seat => string.Join(' ', seat.GetProperty("characteristics").EnumerateArray().Select(x => x.GetString())));
        Assert.Equal(16 + 30, seats.Count);
        Assert.Equal("window bulkhead", seats["1A"]);
        Assert.Equal("aisle", seats["2C"]);
        Assert.Equal("middle exitRow extraLegroom", seats["7B"]);
        Assert.DoesNotContain("10A", seats.Keys);
    }

    [Fact]
    public async Task A_model_that_cannot_be_is_refused_with_the_field()
    {
        await using var service = await OperationsService.StartAsync().WithFleetAsync();
        (string Path, string Value, string Pointer, string Code)[] cases =
        [
            ("configurations/0/cabins/0/letters", "\"AC  DF\"", "/configurations/0/cabins/0/letters", "cabin.letters_invalid"),
            ("configurations/0/cabins/0/letters", "\"CA DF\"", "/configurations/0/cabins/0/letters", "cabin.letters_invalid"),
            ("configurations/0/cabins/1/firstRow", "4", "/configurations/0/cabins/1/firstRow", "configuration.rows_overlap"),
            ("configurations/0/cabins/1/cabin", "\"business\"", "/configurations/0/cabins/1/cabin", "configuration.cabin_twice"),
            ("configurations/0/cabins/1/exitRows", "[7,44]", "/configurations/0/cabins/1/exitRows/1", "cabin.row_unknown"),
            ("configurations/0/cabins/1/missingSeats", "[\"5Z\"]", "/configurations/0/cabins/1/missingSeats/0", "cabin.seat_unknown"),
            ("configurations/0/cabins/0/lastRow", "0", "/configurations/0/cabins/0/lastRow", "cabin.rows_invalid"),
            ("configurations/1/code", "\"C16Y30\"", "/configurations/1/code", "configuration.exists"),
            ("aircraftType", "\"XXX\"", "/aircraftType", "aircraft.unknown"),
            ("turnRoundMinutes", "5", "/turnRoundMinutes", "model.turn_round_out_of_range"),
        ];

        foreach (var (path, value, pointer, code) in cases)
        {
            var refused = await service.RefusedAsync(HttpStatusCode.BadRequest, "airplane-models", Desk.Model().With(path, JsonNode.Parse(value)));

            Assert.Equal((path, code), (path, refused.Code));
            Assert.Contains(pointer, refused.Pointers);
        }
    }

    [Fact]
    public async Task An_airplane_of_an_unknown_model_is_refused()
    {
        await using var service = await OperationsService.StartAsync().WithFleetAsync();

        var refused = await service.RefusedAsync(HttpStatusCode.BadRequest, "airplanes", Desk.Airplane("VN-A1", model: "A999"));

        Assert.Equal("model.unknown", refused.Code);
        Assert.Equal(["/model"], refused.Pointers);
    }

    [Fact]
    public async Task An_airplane_is_never_in_two_places_and_the_other_flight_is_named()
    {
        await using var service = await OperationsService.StartAsync().WithFleetAsync(("VN-A1", "SGN"));
        await service.ScheduleAsync(Desk.Schedule());
        await service.ScheduleAsync(Desk.Schedule("VN7003", departs: "09:00", arrives: "11:10"));

        await service.PostAsync("airplanes/VN-A1/assignments", Flights("VN7001-20261207"));
        var refused = await service.RefusedAsync(HttpStatusCode.Conflict, "airplanes/VN-A1/assignments", Flights("VN7001-20261208", "VN7003-20261207"));

        Assert.Equal("airplane.in_two_places", refused.Code);
        Assert.Equal(["/flights/1"], refused.Pointers);
        Assert.Contains("VN7001-20261207", refused.Detail, StringComparison.Ordinal);
        Assert.Single(await UsesAsync(service));
    }

    [Theory]
    [InlineData("10:40", "12:50", "airplane.turn_round_too_short")]
    [InlineData("10:55", "13:05", null)]
    public async Task The_turn_round_is_respected(string departs, string arrives, string? code)
    {
        await using var service = await OperationsService.StartAsync().WithFleetAsync(("VN-A1", "SGN"));
        await service.ScheduleAsync(Desk.Schedule());
        await service.ScheduleAsync(Desk.Schedule("VN7002", "HAN", "SGN", departs, arrives));

        var both = Flights("VN7001-20261207", "VN7002-20261207");
        if (code is null)
        {
            await service.PostAsync("airplanes/VN-A1/assignments", both);
            Assert.Equal(2, (await UsesAsync(service)).Count);
        }
        else
        {
            Assert.Equal(code, (await service.RefusedAsync(HttpStatusCode.Conflict, "airplanes/VN-A1/assignments", both)).Code);
            Assert.Empty(await UsesAsync(service));
        }
    }

    [Fact]
    public async Task An_airplane_does_not_leave_from_where_it_cannot_be()
    {
        await using var service = await OperationsService.StartAsync().WithFleetAsync(("VN-A1", "SGN"));
        await service.ScheduleAsync(Desk.Schedule());
        await service.ScheduleAsync(Desk.Schedule("VN7003", departs: "11:00", arrives: "13:10"));   // from SGN again, when it has just come to HAN

        var refused = await service.RefusedAsync(HttpStatusCode.Conflict, "airplanes/VN-A1/assignments", Flights("VN7001-20261207", "VN7003-20261207"));

        Assert.Equal("airplane.elsewhere", refused.Code);
    }

    [Fact]
    public async Task Nothing_is_flown_in_maintenance_and_no_maintenance_is_planned_over_flights()
    {
        await using var service = await OperationsService.StartAsync().WithFleetAsync(("VN-A1", "SGN"));
        await service.ScheduleAsync(Desk.Schedule());
        await service.PostAsync("maintenance-windows", Maintenance("2026-12-07T00:00:00Z", "2026-12-07T06:00:00Z"));
        await service.PostAsync("airplanes/VN-A1/assignments", Flights("VN7001-20261208"));

        var flight = await service.RefusedAsync(HttpStatusCode.Conflict, "airplanes/VN-A1/assignments", Flights("VN7001-20261207"));
        var window = await service.RefusedAsync(HttpStatusCode.Conflict, "maintenance-windows", Maintenance("2026-12-08T02:00:00Z", "2026-12-08T08:00:00Z"));

        Assert.Equal("airplane.in_maintenance", flight.Code);
        Assert.Equal("airplane.in_two_places", window.Code);
        Assert.Contains("VN7001-20261208", window.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_overrun_takes_the_airplane_off_the_flights_it_reaches_and_lists_them()
    {
        await using var service = await OperationsService.StartAsync().WithFleetAsync(("VN-A1", "SGN"), ("VN-A2", "SGN"));
        await service.ScheduleAsync(Desk.Schedule());
        var id = (await service.PostAsync("maintenance-windows", Maintenance("2026-12-06T12:00:00Z", "2026-12-07T00:00:00Z"))).GetProperty("id").GetString();
        await service.PostAsync("airplanes/VN-A1/assignments", Flights("VN7001-20261207", "VN7001-20261208"));

        var overrun = await service.PutAsync($"maintenance-windows/{id}/end", Desk.Json("""{ "until": "2026-12-07T02:00:00Z" }"""));

        Assert.Equal("overrun", overrun.GetProperty("state").GetString());
        Assert.Equal("VN7001-20261207", Assert.Single(overrun.GetProperty("freed").EnumerateArray()).GetString());
        await service.PostAsync("airplanes/VN-A2/assignments", Flights("VN7001-20261207"));
        var free = await service.GetAsync("airplane-availability?from=2026-12-07T01:30:00Z&until=2026-12-07T02:00:00Z");
        Assert.All(free.GetProperty("items").EnumerateArray(), airplane => Assert.False(airplane.GetProperty("isFree").GetBoolean()));
    }

    [Fact]
    public async Task An_overrun_puts_off_the_windows_it_reaches_and_they_take_flights_with_them()
    {
        await using var service = await OperationsService.StartAsync().WithFleetAsync(("VN-A1", "SGN"));
        await service.ScheduleAsync(Desk.Schedule());
        var first = (await service.PostAsync("maintenance-windows", Maintenance("2026-12-06T06:00:00Z", "2026-12-06T12:00:00Z"))).GetProperty("id").GetString();
        var second = (await service.PostAsync("maintenance-windows", Maintenance("2026-12-06T14:00:00Z", "2026-12-06T18:00:00Z"))).GetProperty("id").GetString();
        var third = (await service.PostAsync("maintenance-windows", Maintenance("2026-12-07T08:00:00Z", "2026-12-07T09:00:00Z"))).GetProperty("id").GetString();
        await service.PostAsync("airplanes/VN-A1/assignments", Flights("VN7001-20261207"));

        var overrun = await service.PutAsync($"maintenance-windows/{first}/end", Desk.Json("""{ "until": "2026-12-06T22:00:00Z" }"""));

        var putOff = Assert.Single(overrun.GetProperty("putOff").EnumerateArray());
        Assert.Equal((second, "2026-12-06T22:00:00", "2026-12-07T02:00:00"), (putOff.GetProperty("id").GetString(), Moment(putOff, "from"), Moment(putOff, "until")));
        Assert.Equal("VN7001-20261207", Assert.Single(overrun.GetProperty("freed").EnumerateArray()).GetString());
        var behind = await service.GetAsync($"maintenance-windows/{second}");
        Assert.Equal(("overrun", "2026-12-07T02:00:00"), (behind.GetProperty("state").GetString(), Moment(behind, "until")));
        Assert.Equal("planned", (await service.GetAsync($"maintenance-windows/{third}")).GetProperty("state").GetString());

        static string Moment(JsonElement of, string name) => of.GetProperty(name).GetDateTimeOffset().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Of_two_requests_at_once_for_one_airplane_only_one_wins()
    {
        await using var service = await OperationsService.StartAsync().WithFleetAsync(("VN-A1", "SGN"));
        var numbers = Enumerable.Range(0, 6).Select(i => $"VN{7101 + i}").ToList();
        foreach (var number in numbers)
        {
            await service.ScheduleAsync(Desk.Schedule(number, until: "2026-12-07"));
        }

        var answers = await Task.WhenAll(numbers.Select(number => service.CallAsync(HttpMethod.Post, "airplanes/VN-A1/assignments", Flights($"{number}-20261207"))));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        Assert.All(answers.Where(answer => answer.StatusCode != HttpStatusCode.OK), answer => Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode));
        Assert.Single(await UsesAsync(service));
    }

    [Fact]
    public async Task The_fleet_belongs_to_operations_staff_alone()
    {
        await using var service = await OperationsService.StartAsync();
        service.SignIn("support");

        Assert.Equal("auth.forbidden", (await service.RefusedAsync(HttpStatusCode.Forbidden, "airplane-models", Desk.Model())).Code);
    }

    private static JsonObject Flights(params string[] flights) => new() { ["flights"] = new JsonArray([.. flights.Select(flight => JsonValue.Create(flight))]) };

    private static JsonObject Maintenance(string from, string until) => Desk.Json(
        $$"""{ "registration": "VN-A1", "airport": "SGN", "work": "A check", "from": "{{from}}", "until": "{{until}}" }""");

    private static Task<List<AirplaneUse>> UsesAsync(TestService service) => service.Query<OperationsDbContext, List<AirplaneUse>>(db => db.Uses.AsNoTracking().ToListAsync());
}
