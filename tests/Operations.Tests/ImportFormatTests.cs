using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Aerona.Contracts;
using Aerona.TestKit;
using Xunit;

namespace Aerona.Operations.Tests;

public sealed class ImportFormatTests
{
    private const string Csv = "flight,origin,destination,departs,arrives,aircraft,currency,"
        + "economy_seats,economy_fare,premium_economy_seats,premium_economy_fare,business_seats,business_fare,first_seats,first_fare\n";

    private const string Json = """{"flight":"VN901","origin":"SGN","destination":"CDG","departs":"2026-12-07T23:10","arrives":"2026-12-08T06:40","aircraft":"789","cabins":[{"cabin":"economy","authorised":240,"bookingClass":"M","fare":{"amount":"410.00","currency":"EUR"}}]}""" + "\n";

    [Fact]
    public async Task Our_own_forms_say_all_of_a_flight_and_are_loaded_as_they_say()
    {
        await using var service = await OperationsService.StartAsync();

        var csv = await SendAsync(service, Csv + "VN901,SGN,CDG,2026-12-07T23:10,2026-12-08T06:40,789,EUR,240,410.00,,,30,1900,,\n");
        var json = await SendAsync(service, Json.Replace("VN901", "VN902", StringComparison.Ordinal));

        Assert.Equal(("aerona-csv", "aerona-jsonl"), (Text(csv, "format"), Text(json, "format")));
        var flights = await service.PublishedFlightsAsync();
        Assert.Equal(["VN901-20261207", "VN902-20261207"], flights.Select(flight => flight.FlightId));
        Assert.All(flights, flight => Assert.Equal(new DateTimeOffset(2026, 12, 8, 5, 40, 0, TimeSpan.Zero), flight.ArrivesAt));
        Assert.Equal([(Cabin.Economy, 240, "410.00 EUR"), (Cabin.Business, 30, "1900.00 EUR")], flights[0].Cabins.Select(cabin => (cabin.Cabin, cabin.Authorised, $"{cabin.Fare}")));
    }

    [Fact]
    public async Task What_cannot_be_flown_is_left_out_with_its_row_and_reason()
    {
        await using var service = await OperationsService.StartAsync();
        const string good = "VN901,SGN,CDG,2026-12-07T23:10,2026-12-08T06:40,789,EUR,240,410.00,,,,,,\n";
        (string Row, string Code)[] cases =
        [
            (good, "flight.exists"),   // the second time
            (good.Replace("VN901", "VN902", StringComparison.Ordinal).Replace("240", "-1", StringComparison.Ordinal), "capacity.negative"),
            (good.Replace("VN901", "XX902", StringComparison.Ordinal), "carrier.unknown"),
            (good.Replace("SGN", "QQQ", StringComparison.Ordinal), "airport.unknown"),
            (good.Replace("789", "XXX", StringComparison.Ordinal), "aircraft.unknown"),
            (good.Replace("410.00", "410.001", StringComparison.Ordinal), "cabin.invalid"),
            (good.Replace("2026-12-08T06:40", "2026-12-07T15:10", StringComparison.Ordinal), "time.implausible"),
            ("AF7001,CDG,FCO,2027-03-28T02:30,2027-03-28T05:35,320,EUR,150,90,,,,,,\n", "time.skipped"),
            ("\"quoted\"\n", "row.malformed"),
        ];

        var answer = await SendAsync(service, Csv + good + string.Concat(cases.Select(each => each.Row)));
        using var rejected = await service.CallAsync(HttpMethod.Get, $"imports/{Text(answer, "importId")}/rejected-rows");

        var lines = (await rejected.Content.ReadAsStringAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("text/csv", rejected.Content.Headers.ContentType?.MediaType);
        Assert.Equal("row,code,detail", lines[0]);
        Assert.Equal(cases.Select((each, index) => $"{index + 2},{each.Code}"), lines.Skip(1).Select(line => string.Join(',', line.Split(',')[..2])));
        Assert.Single(await service.FlightsAsync());
    }

    [Fact]
    public async Task A_route_is_flown_once_a_day_on_the_days_asked_for_and_the_same_file_again_makes_nothing_new()
    {
        await using var service = await OperationsService.StartAsync();
        const string routes = "VN,1,SGN,2,HAN,3,,0,321 ATR\nVN,1,HAN,3,SGN,2,,0,XYZ\nAF,1,SGN,2,HAN,3,Y,0,321\n2B,410,SGN,2965,HAN,2990,,0,CR2\nVN,1,SGN,2,CDG,9,,1,789\nVN,1,SGN,2,AER,9,,0,321\n";

        var first = await SendAsync(service, routes, "?format=auto&days=3");
        var again = await SendAsync(service, routes, "?format=auto&days=3");

        Assert.Equal("openflights-routes", Text(first, "format"));
        Assert.Equal(6, first.GetProperty("flights").GetInt32());
        Assert.True(again.GetProperty("alreadyImported").GetBoolean());
        Assert.Equal(["airport.unknown", "carrier.unknown", "route.codeshare", "route.has_stops"], first.GetProperty("rejected").EnumerateObject().Select(reason => reason.Name).Order());
        var flights = await service.FlightsAsync();
        Assert.Equal(6, flights.Count);
        Assert.All(flights, flight => Assert.True(flight.DepartsOn > new DateOnly(2026, 12, 1) && flight.Number >= 2_000));
        Assert.Equal(3, flights.Where(flight => flight.Origin == "SGN").Select(flight => flight.DepartsOn).Distinct().Count());
        Assert.Single(flights.Where(flight => flight.Origin == "SGN").Select(flight => flight.Number).Distinct());
    }

    [Fact]
    public async Task A_file_is_moved_by_as_many_weeks_as_are_said()
    {
        await using var service = await OperationsService.StartAsync();

        var answer = await SendAsync(service, Json, "?format=auto&weeks=2");

        Assert.Equal(14, answer.GetProperty("movedByDays").GetInt32());
        Assert.Equal("VN901-20261221", Assert.Single(await service.FlightsAsync()).Id);
    }

    [Fact]
    public async Task A_file_torn_off_anywhere_is_said_so_and_nothing_of_it_is_loaded()
    {
        await using var service = await OperationsService.StartAsync();
        const string row = "VN901,SGN,CDG,2026-12-07T23:10,2026-12-08T06:40,789,EUR,240,410.00,,,,,,\n";
        var whole = Csv + row + row.Replace("VN901", "VN903", StringComparison.Ordinal);

        foreach (var (file, code) in new[]
        {
            (Encoding.UTF8.GetBytes(whole[..^60]), "import.truncated"), (Encoding.UTF8.GetBytes(whole), "import.truncated"), (Encoding.UTF8.GetBytes(whole + "end,3\n"), "import.truncated"),
            (Encoding.UTF8.GetBytes(whole + "end,"), "import.truncated"), (Encoding.UTF8.GetBytes(Json + Json[..60]), "import.truncated"), (Encoding.UTF8.GetBytes(Json + Json), "import.truncated"),
            (Encoding.UTF8.GetBytes(Json + "{\"end\":2}\n"), "import.truncated"), (Gzip(Json)[..^9], "import.unreadable"), (Gzip(whole + "end,3"), "import.truncated"),
        })
        {
            using var refused = await service.Http.PostAsync("/v1/operations/imports?format=auto", new ByteArrayContent(file));

            var said = await refused.Content.ReadAsStringAsync();
            Assert.True(refused.StatusCode == HttpStatusCode.BadRequest, said);
            Assert.Equal(code, JsonDocument.Parse(said).RootElement.GetProperty("code").GetString());
        }

        Assert.Empty(await service.FlightsAsync());
        using var packed = await service.Http.PostAsync("/v1/operations/imports?format=auto", new ByteArrayContent(Gzip(Json)));
        Assert.True(JsonDocument.Parse(await packed.Content.ReadAsStringAsync()).RootElement.GetProperty("endIsKnown").GetBoolean());
        var misplaced = await SendAsync(service, Csv + "end,1\n" + row.Replace("VN901", "VN905", StringComparison.Ordinal));
        Assert.Equal((2, 1), (misplaced.GetProperty("rows").GetInt32(), misplaced.GetProperty("rejected").GetProperty("row.malformed").GetInt32()));
        Assert.Equal(2, (await service.FlightsAsync()).Count);
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    /// <summary>Of our own forms the last line is added.</summary>
    private static async Task<JsonElement> SendAsync(TestService service, string file, string query = "?format=auto")
    {
        var lines = file.Count(letter => letter == '\n');
        file += file.StartsWith(Csv, StringComparison.Ordinal) ? $"end,{lines - 1}\n" : file.StartsWith('{') ? $"{{\"end\":{lines}}}" : "";
        using var answer = await service.Http.PostAsync("/v1/operations/imports" + query, new StringContent(file));
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, text);
        return JsonDocument.Parse(text).RootElement;
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
