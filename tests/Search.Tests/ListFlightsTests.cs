using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Search.Backends;
using Aerona.Search.Indexing;
using Aerona.Search.Tests.Backends;
using Aerona.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Xunit;
using static Aerona.Search.Tests.SearchService;

namespace Aerona.Search.Tests;

public sealed class ListFlightsTests
{
    private static readonly DateTime Morning = new(2026, 12, 2, 8, 0, 0);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_desk_sees_what_a_search_hides_and_narrows_it_down()
    {
        await using var service = await StartAsync();
        await service.PublishAsync(
            Flight("AA1", "JFK", "LAX", Morning, fare: 300), Flight("AA3", "JFK", "LAX", Morning.AddHours(5), fare: 200), Flight("DL5", "EWR", "LAX", Morning.AddHours(11), fare: 100),
            Flight("AA1", "JFK", "LAX", Morning.AddDays(1), fare: 250), Flight("AA9", "JFK", "LAX", new(2026, 11, 30, 18, 0, 0)));
        await service.ChangeSeatsAsync(new SeatAvailabilityChanged("AA3-20261202", Cabin.Economy, 0, 1), new SeatAvailabilityChanged("AA1-20261203", Cabin.Economy, 4, 1));

        var all = await ListAsync(service, "origin=NYC&destination=LAX&departsOn=2026-12-02&currency=USD");
        Assert.Equal(["AA1-20261202", "AA3-20261202", "DL5-20261202"], Ids(all));
        var soldOut = all.GetProperty("flights")[1].GetProperty("cabins")[0];
        Assert.Equal((0, JsonValueKind.Null), (soldOut.GetProperty("seatsLeft").GetInt32(), soldOut.GetProperty("price").ValueKind));
        var airlines = all.GetProperty("facets").GetProperty("airlines").EnumerateArray().ToList();
        Assert.Equal([("AA", 2), ("DL", 1)], airlines.Select(one => (one.GetProperty("value").GetString(), one.GetProperty("count").GetInt32())));
        Assert.Equal(
            all.GetProperty("flights")[0].GetProperty("cabins")[0].GetProperty("price").GetProperty("amount").GetString(), airlines[0].GetProperty("from").GetProperty("amount").GetString());

        Assert.Equal(["AA3-20261202"], Ids(await ListAsync(service, "origin=NYC&departsOn=2026-12-02&maxSeats=0")));
        Assert.Equal(["AA1-20261202", "AA1-20261203"], Ids(await ListAsync(service, "flight=AA1&departsOn=2026-12-01&until=2026-12-05")));
        Assert.Equal(["DL5-20261202", "AA1-20261202"], Ids(await ListAsync(service, "origin=NYC&departsOn=2026-12-02&departsFrom=06:00&minSeats=1&sort=price")));
        Assert.True((await ListAsync(service, "carrier=AA&departsOn=2026-11-30")).GetProperty("flights")[0].GetProperty("departed").GetBoolean());

        var first = await ListAsync(service, "origin=NYC&departsOn=2026-12-02&limit=2&airline=AA&airline=DL");
        await service.PublishAsync(Flight("AA7", "JFK", "LAX", Morning.AddHours(6)));
        var second = await ListAsync(service, $"origin=NYC&departsOn=2026-12-02&limit=2&airline=AA&airline=DL&cursor={first.GetProperty("nextCursor").GetString()}");
        Assert.Equal(["AA1-20261202", "AA3-20261202", "DL5-20261202"], [.. Ids(first), .. Ids(second)]);
        Assert.Equal(JsonValueKind.Null, second.GetProperty("nextCursor").ValueKind);
    }

    [Fact]
    public async Task What_cannot_be_listed_is_named_with_its_rule()
    {
        await using var service = await StartAsync();
        await service.CatchUpAsync();
        foreach (var (query, code, pointer) in new[]
        {
            ("departsOn=2026-12-02", "request.missing_field", "query:origin"),
            ("origin=JFK", "request.missing_field", "query:departsOn"),
            ("origin=JFX&departsOn=2026-12-02", "place.unknown", "query:origin"),
            ("origin=JFK&departsOn=2026-12-02&until=2026-12-01", "date.too_many", "query:until"),
            ("origin=JFK&departsOn=2026-12-02&until=2027-12-01", "date.too_many", "query:until"),
            ("flight=55&departsOn=2026-12-02", "flight.malformed", "query:flight"),
            ("origin=JFK&departsOn=2026-12-02&airline=1Q9", "airline.unknown", "query:airline"),
            ("origin=JFK&departsOn=2026-12-02&to=XXQ", "airport.unknown", "query:to"),
            ("origin=JFK&departsOn=2026-12-02&cabin=roof", "cabin.unknown", "query:cabin"),
            ("origin=JFK&departsOn=2026-12-02&sort=best", "sort.unknown", "query:sort"),
            ("origin=JFK&departsOn=2026-12-02&currency=VND", "currency.not_offered", "query:currency"),
            ("origin=JFK&departsOn=2026-12-02&maxPrice=-1", "limit.out_of_range", "query:maxPrice"),
            ("origin=JFK&departsOn=2026-12-02&minSeats=5&maxSeats=4", "window.reversed", "query:minSeats"),
            ("origin=JFK&departsOn=2026-12-02&departsFrom=12:00&departsUntil=11:00", "window.reversed", "query:departsFrom"),
            ("origin=JFK&departsOn=2026-12-02&limit=201", "limit.out_of_range", "query:limit"),
            ("origin=JFK&departsOn=2026-12-02&cursor=bm9uZQ", "cursor.outdated", "query:cursor"),
        })
        {
            using var answer = await service.Http.GetAsync($"/v1/flights?{query}", Stop);

            Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, query);
            var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Stop);
            Assert.Equal((query, code, pointer), (query, problem.GetProperty("code").GetString(), problem.GetProperty("errors")[0].GetProperty("pointer").GetString()));
        }
    }

    [Fact]
    public async Task What_the_back_end_has_lost_is_noticed_and_it_is_made_anew_while_trips_are_searched()
    {
        var cluster = new FakeElasticsearch();
        await using var service = await OnAsync(cluster);
        await service.PublishAsync(Flight("AA1", "JFK", "LAX", Morning), Flight("AA3", "JFK", "LAX", Morning));
        var indexer = service.Services.GetRequiredService<FlightIndexer>();
        Assert.True(await indexer.CompareAsync(Stop));
        Assert.Equal(2, (await ListAsync(service, "origin=JFK&departsOn=2026-12-02")).GetProperty("total").GetInt32());

        cluster.Lose("AA3-20261202");
        Assert.False(await indexer.CompareAsync(Stop));
        Assert.Equal(["AA1-20261202"], Ids(await ListAsync(service, "origin=JFK&departsOn=2026-12-02")));   // the old one, until the new one is complete
        await service.CatchUpAsync();
        Assert.True(await indexer.CompareAsync(Stop));
        Assert.Equal(2, (await ListAsync(service, "origin=JFK&departsOn=2026-12-02")).GetProperty("total").GetInt32());

        cluster.IsGone = true;
        using var gone = await service.Http.GetAsync("/v1/flights?origin=JFK&departsOn=2026-12-02", Stop);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, gone.StatusCode);
        Assert.Equal("flights.unavailable", (await gone.Content.ReadFromJsonAsync<JsonElement>(Stop)).GetProperty("code").GetString());
        Assert.Equal(2, (await service.SearchAsync(Question())).Ids().Count);
        Assert.Equal(HealthStatus.Degraded, (await service.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Stop)).Entries["elasticsearch"].Status);

        await service.ConsumeAsync(new SeatAvailabilityChanged("AA1-20261202", Cabin.Economy, 3, 1));
        await Assert.ThrowsAsync<BackEndException>(() => indexer.CatchUpAsync(Stop));
        cluster.IsGone = false;
        await service.CatchUpAsync();
        Assert.Equal(["AA1-20261202"], Ids(await ListAsync(service, "origin=JFK&departsOn=2026-12-02&maxSeats=3")));
    }

    [Theory]
    [InlineData("Url", "elasticsearch:9200", "http(s)://")]
    [InlineData("Url", "http://elastic:secret@here:9200", "settings of their own")]
    [InlineData("Username", "elastic", "set together")]
    [InlineData("Shards", "0", "Shards")]
    [InlineData("Alias", "Flights", "Alias")]
    public async Task A_wrong_setting_of_Elasticsearch_stops_the_start_and_is_named(string setting, string value, string named)
    {
        var settings = new Dictionary<string, string?> { ["Search:Elasticsearch:Url"] = "http://here:9200", [$"Search:Elasticsearch:{setting}"] = value };

        var problem = await Assert.ThrowsAsync<OptionsValidationException>(
            () => TestService.StartAsync(builder => builder.AddSearch(), bus => bus.AddSearchConsumers(), app => app.MapSearch(), settings));

        Assert.Contains(named, problem.Message, StringComparison.Ordinal);
    }

    private static Task<TestService> OnAsync(FakeElasticsearch cluster) => TestService.StartAsync(
        builder =>
        {
            builder.AddSearch();
            builder.Services.AddHttpClient(ElasticsearchOptions.Section).ConfigurePrimaryHttpMessageHandler(() => cluster);
        },
        bus => bus.AddSearchConsumers(), app => app.MapSearch(), new Dictionary<string, string?> { ["Search:Elasticsearch:Url"] = "http://elasticsearch.test" });

    private static List<string> Ids(JsonElement list) => [.. list.GetProperty("flights").EnumerateArray().Select(flight => flight.GetProperty("flightId").GetString()!)];

    private static async Task<JsonElement> ListAsync(TestService service, string query)
    {
        using var answer = await service.Http.GetAsync($"/v1/flights?{query}", Stop);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Stop));
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Stop);
    }
}
