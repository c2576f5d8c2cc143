using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Aerona.Operations.Imports;
using Aerona.Reference;
using Aerona.TestKit;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Aerona.Operations.Tests;

public sealed class ImportTests
{
    private const string Heading = "departure_local,origin,destination,distance_mi,arrival_delay_min\n";

    // 2001-03-01 was a Thursday; the test's clock stands on Tuesday 2026-12-01, so the first Thursday after it is 2026-12-03.
    private const string TwoDays = Heading
        + "2001-03-01T06:35,JFK,LAX,2475,-4\n"
        + "2001-03-01T06:35,LAX,JFK,2475,\n"
        + "2001-03-01T23:50,BOS,DCA,399,12\n"
        + "2001-03-02T06:35,JFK,LAX,2475,0\n";

    [Fact]
    public async Task Flights_are_moved_by_whole_weeks_to_begin_after_today()
    {
        await using var service = await OperationsService.StartAsync();

        var answer = await SendAsync(service, TwoDays, days: 1);

        Assert.Equal("completed", answer.GetProperty("state").GetString());
        Assert.Equal("2026-12-03", answer.GetProperty("firstDay").GetString());
        Assert.Equal(0, answer.GetProperty("movedByDays").GetInt32() % 7);
        Assert.Equal(3, answer.GetProperty("flights").GetInt32());
        var flights = await service.FlightsAsync();
        Assert.Equal(3, flights.Count);
        Assert.All(flights, flight => Assert.Equal(new DateOnly(2026, 12, 3), flight.DepartsOn));
        var flown = Assert.Single(flights, flight => flight.Origin == "JFK");
        Assert.Equal(new DateTime(2026, 12, 3, 6, 35, 0), flown.DepartsLocal);
        Assert.Equal(FlightRules.BlockTime(2475 * 1.609344), flown.ArrivesAt - flown.DepartsAt);
        Assert.Equal(flights.Select(flight => flight.Id), (await service.PublishedFlightsAsync()).Select(flight => flight.FlightId).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_same_file_again_does_nothing_twice()
    {
        await using var service = await OperationsService.StartAsync();

        var first = await SendAsync(service, TwoDays, days: 2);
        var second = await SendAsync(service, TwoDays, days: 2);

        Assert.False(first.GetProperty("alreadyImported").GetBoolean());
        Assert.True(second.GetProperty("alreadyImported").GetBoolean());
        Assert.Equal(first.GetProperty("importId").GetGuid(), second.GetProperty("importId").GetGuid());
        Assert.Equal(4, second.GetProperty("flights").GetInt32());
        Assert.Equal(4, (await service.PublishedFlightsAsync()).Count);
    }

    [Fact]
    public async Task A_file_is_known_by_what_it_says_packed_or_not_and_whatever_its_lines_end_with()
    {
        await using var service = await OperationsService.StartAsync();
        var plain = await SendAsync(service, TwoDays, days: 2);

        foreach (var file in new[]
        {
            Gzip(TwoDays), Encoding.UTF8.GetBytes(TwoDays.Replace("\n", "\r\n", StringComparison.Ordinal)), [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(TwoDays)],
            Gzip(TwoDays.TrimEnd('\n')),
        })
        {
            var again = await ReadAsync(await PostAsync(service, file, "?format=us-on-time&days=2"));

            Assert.True(again.GetProperty("alreadyImported").GetBoolean());
            Assert.Equal(plain.GetProperty("importId").GetGuid(), again.GetProperty("importId").GetGuid());
        }

        Assert.False(plain.GetProperty("endIsKnown").GetBoolean());
        Assert.Equal(4, (await service.FlightsAsync()).Count);
        var other = await SendAsync(service, TwoDays.Replace(",12\n", ",13\n", StringComparison.Ordinal), days: 2);
        Assert.NotEqual(plain.GetProperty("importId").GetGuid(), other.GetProperty("importId").GetGuid());
    }

    [Fact]
    public async Task More_days_of_the_same_file_add_to_it()
    {
        await using var service = await OperationsService.StartAsync();

        await SendAsync(service, TwoDays, days: 1);
        var answer = await SendAsync(service, TwoDays, days: 2);

        Assert.False(answer.GetProperty("alreadyImported").GetBoolean());
        Assert.Equal("2026-12-04", answer.GetProperty("lastDay").GetString());
        Assert.Equal(4, (await service.FlightsAsync()).Count);
        Assert.Equal(4, (await service.PublishedFlightsAsync()).DistinctBy(flight => flight.FlightId).Count());
    }

    [Fact]
    public async Task Another_file_for_the_same_days_takes_other_flight_numbers()
    {
        await using var service = await OperationsService.StartAsync();

        await SendAsync(service, TwoDays, days: 2);
        var answer = await SendAsync(service, TwoDays + "2001-03-02T07:00,JFK,LAX,2475,0\n", days: 2);

        Assert.Equal(5, answer.GetProperty("flights").GetInt32());
        Assert.Equal(9, (await service.FlightsAsync()).Count);
    }

    [Fact]
    public async Task An_import_killed_half_way_goes_on_when_the_file_comes_again()
    {
        var file = Heading + string.Concat(Enumerable.Range(0, FlightImporter.FlightsAtOnce + 700).Select(i => $"2001-03-01T{6 + i / 600:D2}:{i % 60:D2},JFK,LAX,2475,0\n"));
        var interrupted = new DiesAtSave(2);
        await using var service = await OperationsService.StartAsync(add: builder => builder.Services.AddSingleton<IInterceptor>(interrupted));

        using var killed = await PostAsync(service, Encoding.UTF8.GetBytes(file), "?format=us-on-time&days=1");
        Assert.Equal(HttpStatusCode.InternalServerError, killed.StatusCode);
        Assert.Equal(FlightImporter.FlightsAtOnce, (await service.FlightsAsync()).Count);

        var answer = await SendAsync(service, file, days: 1);

        Assert.Equal(FlightImporter.FlightsAtOnce + 700, answer.GetProperty("flights").GetInt32());
        Assert.Equal((await service.FlightsAsync()).Select(flight => flight.Id), (await service.PublishedFlightsAsync()).Select(flight => flight.FlightId).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Broken_rows_are_left_out_and_counted_by_reason()
    {
        await using var service = await OperationsService.StartAsync();

        var answer = await SendAsync(service, Heading
            + "2001-03-01T06:00,JFK,LAX,2475,-4\r\n"
            + "2001-03-01T06:00,JFK\n"
            + "2001-03-01 06:00,JFK,LAX,2475,0\n"
            + "2001-02-30T06:00,JFK,LAX,2475,0\n"
            + "2001-03-01T06:00,QQQ,LAX,2475,0\n"
            + "2001-03-01T06:00,JFK,QQQ,2475,0\n"
            + "2001-03-01T06:00,JFK,JFK,1,0\n"
            + "2001-03-01T06:00,JFK,LAX,far,0\n"
            + "2001-03-01T06:00,JFK,LAX,99,0\n"
            + "2001-03-01T06:00,JFK,LAX,2475,soon\n"
            + $"{new string('x', 100_000)}\n"
            + "2001-02-27T06:00,JFK,LAX,2475,0\n"
            + "2001-03-01T07:00,LAX,JFK,2475,0\n", days: 3);

        Assert.Equal(2, answer.GetProperty("flights").GetInt32());
        Assert.Equal(13, answer.GetProperty("rows").GetInt32());
        var reasons = answer.GetProperty("rejected").Deserialize<Dictionary<string, int>>()!;
        Assert.Equal(
            new Dictionary<string, int>
            {
                ["airport.unknown"] = 2,
                ["delay.invalid"] = 1,
                ["distance.implausible"] = 1,
                ["distance.invalid"] = 1,
                ["route.same_place"] = 1,
                ["row.malformed"] = 1,
                ["row.out_of_order"] = 1,
                ["row.too_long"] = 1,
                ["time.invalid"] = 2,
            }.OrderBy(reason => reason.Key), reasons.OrderBy(reason => reason.Key));
        Assert.Equal(2, answer.GetProperty("unknownAirports").GetProperty("QQQ").GetInt32());
        Assert.Equal(2, answer.GetProperty("examples")[0].GetProperty("row").GetInt32());
    }

    [Fact]
    public async Task A_departure_in_the_hour_that_daylight_saving_leaves_out_is_moved_on()
    {
        // 2001-03-11 is a Sunday like 2027-03-14, when New York leaves out 02:00-03:00.
        await using var service = await OperationsService.StartAsync();
        service.Clock.SetUtcNow(new(2027, 3, 9, 12, 0, 0, TimeSpan.Zero));
        service.SignIn("operations");

        await SendAsync(service, Heading + "2001-03-11T02:30,JFK,LAX,2475,0\n", days: 1);

        var flight = Assert.Single(await service.FlightsAsync());
        Assert.Equal(new DateTime(2027, 3, 14, 3, 30, 0), flight.DepartsLocal);
        Assert.Equal(new DateTimeOffset(2027, 3, 14, 7, 30, 0, TimeSpan.Zero), flight.DepartsAt);
    }

    [Theory]
    [InlineData("?format=us-on-time&days=0", "limit.out_of_range", "query:days")]
    [InlineData("?format=us-on-time&days=367", "limit.out_of_range", "query:days")]
    [InlineData("?format=ssim", "import.format_unknown", "query:format")]
    [InlineData("", "import.format_unknown", "query:format")]
    public async Task A_wrong_question_names_its_parameter(string query, string code, string pointer)
    {
        await using var service = await OperationsService.StartAsync();

        using var answer = await PostAsync(service, Encoding.UTF8.GetBytes(TwoDays), query);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(code, problem.GetProperty("code").GetString());
        Assert.Equal(pointer, problem.GetProperty("errors")[0].GetProperty("pointer").GetString());
        Assert.Empty(await service.FlightsAsync());
    }

    [Theory]
    [InlineData("", "import.empty")]
    [InlineData("a,b,c\n1,2,3\n", "import.header_unexpected")]
    [InlineData(Heading, "import.no_rows")]
    [InlineData(Heading + "nothing,that,can,be,read\n", "import.no_rows")]
    [InlineData(Heading + "2001-03-01T06:35,JFK,LAX,2475,-4\n2001-03-01T06:3", "import.truncated")]
    [InlineData(Heading + "2001-03-01T06:35,JFK,LAX,2475,-4", "import.truncated")]   // or was it -45?
    public async Task A_file_that_is_none_is_refused(string file, string code)
    {
        await using var service = await OperationsService.StartAsync();

        using var answer = await PostAsync(service, Encoding.UTF8.GetBytes(file), "?format=us-on-time&days=1");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(code, (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_packed_file_is_unpacked_and_a_torn_one_refused()
    {
        await using var service = await OperationsService.StartAsync();
        var packed = Gzip(Heading + string.Concat(Enumerable.Range(0, 3_000).Select(i => $"2001-03-01T06:00,JFK,LAX,2475,{i * 7919 % 1000}\n")));

        using var torn = await PostAsync(service, packed[..(packed.Length / 2)], "?format=us-on-time&days=1");
        Assert.Equal(HttpStatusCode.BadRequest, torn.StatusCode);
        Assert.Equal("import.unreadable", (await torn.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());

        var answer = await ReadAsync(await PostAsync(service, packed, "?format=us-on-time&days=1"));
        Assert.Equal(3_000, answer.GetProperty("flights").GetInt32());
    }

    [Fact]
    public async Task Progress_comes_line_by_line_to_whoever_asks_for_lines()
    {
        await using var service = await OperationsService.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/operations/imports?format=us-on-time&days=1")
        {
            Content = new StringContent(Heading + string.Concat(Enumerable.Range(0, 11_000).Select(i => $"2001-03-01T06:{i % 3:D2},JFK,LAX,2475,0\n"))),
            Headers = { { "Accept", "application/x-ndjson" } },
        };

        using var answer = await service.Http.SendAsync(request);

        Assert.Equal("application/x-ndjson", answer.Content.Headers.ContentType?.MediaType);
        var lines = (await answer.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line)).ToList();
        Assert.Equal(["running", "running", "completed"], lines.Select(line => line.GetProperty("state").GetString()));
        Assert.Equal([5_000, 10_000, 11_000], lines.Select(line => line.GetProperty("flights").GetInt32()));
    }

    [Fact]
    public async Task Only_operations_staff_may_import()
    {
        await using var service = await OperationsService.StartAsync();

        service.SignIn("traveller");
        using var forbidden = await PostAsync(service, Encoding.UTF8.GetBytes(TwoDays), "?format=us-on-time");
        service.Http.DefaultRequestHeaders.Authorization = null;
        using var unknown = await PostAsync(service, Encoding.UTF8.GetBytes(TwoDays), "?format=us-on-time");

        Assert.Equal(HttpStatusCode.Forbidden, forbidden.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, unknown.StatusCode);
        Assert.Empty(await service.FlightsAsync());
    }

    [Fact]
    public async Task A_real_day_loads()
    {
        var folder = Environment.GetEnvironmentVariable("AERONA_DATA");
        Assert.SkipUnless(folder is { Length: > 0 }, "AERONA_DATA is not set: no real flights to import");
        var real = await File.ReadAllBytesAsync(Path.Combine(folder!, "bts-2001", "us-flights-2001-03.csv.gz"), TestContext.Current.CancellationToken);
        await using var service = await OperationsService.StartAsync();

        var answer = await ReadAsync(await PostAsync(service, real, "?format=us-on-time&days=1"));

        Assert.Equal(17_005, answer.GetProperty("rows").GetInt32());   // rows of 2001-03-01
        Assert.Equal(17_005, answer.GetProperty("flights").GetInt32());
        Assert.Empty(answer.GetProperty("rejected").EnumerateObject());
        var flights = await service.FlightsAsync();
        Assert.Equal(answer.GetProperty("flights").GetInt32(), flights.Count);
        Assert.All(flights, flight =>
        {
            Assert.Equal(new DateOnly(2026, 12, 3), flight.DepartsOn);
            Assert.InRange(Airports.KilometresBetween(Airports.All[flight.Origin], Airports.All[flight.Destination]), 10, AircraftTypes.All[flight.Aircraft].RangeKilometres * 1.05);
        });
        Assert.InRange(flights.Count(flight => flight is { Origin: "JFK", Destination: "LAX" }), 10, 40);
    }

    private static async Task<JsonElement> SendAsync(TestService service, string file, int days) =>
        await ReadAsync(await PostAsync(service, Encoding.UTF8.GetBytes(file), $"?format=us-on-time&days={days}"));

    private static async Task<HttpResponseMessage> PostAsync(TestService service, byte[] file, string query) =>
        await service.Http.PostAsync("/v1/operations/imports" + query, new ByteArrayContent(file));

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            return await answer.Content.ReadFromJsonAsync<JsonElement>();
        }
    }

    private static byte[] Gzip(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }
}
