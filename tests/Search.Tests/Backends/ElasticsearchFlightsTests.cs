using System.Net;
using System.Text;
using Aerona.PayPalSpecs;
using Aerona.Search.Backends;
using Aerona.Search.SearchFlights;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Aerona.Search.Tests.Backends;

/// <summary>The contract on a stand-in: that requests mean what is wanted. What a cluster makes of them, <see cref="ElasticsearchClusterTests"/> shows.</summary>
public sealed class ElasticsearchFlightsTests : FlightBackEndContract
{
    private static readonly Guid Table = Guid.Parse("0193a000-0000-7000-8000-00000000000a");

    private readonly FakeElasticsearch cluster = new();

    [Fact]
    public async Task What_is_made_anew_is_listed_when_it_is_complete_and_the_old_one_until_then()
    {
        var one = Make();
        await one.OpenAsync(Table, Stop);
        await one.WriteAsync(World(new(1), 30), Stop);
        await one.SwitchAsync(Stop);

        await one.StartAnewAsync(Table, Stop);
        await one.WriteAsync([.. World(new(1), 20)], Stop);
        await one.ShowAsync(Stop);
        Assert.Equal((30, 2), ((await one.SumAsync(Stop)).Flights, cluster.Indexes.Count));

        await one.SwitchAsync(Stop);
        Assert.Equal((20, 1), ((await one.SumAsync(Stop)).Flights, cluster.Indexes.Count));
    }

    [Fact]
    public async Task Two_processes_write_the_same_flights_and_what_one_replaces_the_other_does_not_bring_back()
    {
        var (one, two) = (Make(), Make());
        await one.OpenAsync(Table, Stop);
        await two.OpenAsync(Table, Stop);
        foreach (var process in new[] { one, two })
        {
            await process.WriteAsync(World(new(1), 30), Stop);
            await process.SwitchAsync(Stop);
        }

        Assert.Equal((30, 1), ((await one.SumAsync(Stop)).Flights, cluster.Indexes.Count));
        await one.CommitAsync(30, Stop);
        await two.CommitAsync(20, Stop);   // it is behind
        Assert.Equal(30, await two.OpenAsync(Table, Stop));

        await one.StartAnewAsync(Table, Stop);
        await one.WriteAsync(World(new(1), 30), Stop);
        await one.SwitchAsync(Stop);
        await Assert.ThrowsAsync<BackEndException>(() => two.WriteAsync(World(new(1), 30), Stop));
        Assert.Single(cluster.Indexes);
        Assert.Equal(0, await two.OpenAsync(Table, Stop));
        await two.WriteAsync(World(new(1), 30), Stop);
        Assert.Single(cluster.Indexes);
    }

    [Fact]
    public async Task What_the_cluster_has_no_room_for_is_sent_again_later_and_in_smaller_parts()
    {
        var flights = Make();
        await flights.OpenAsync(Table, Stop);
        cluster.Refusals = 2;
        cluster.Room = 40;

        await flights.WriteAsync(World(new(1), 300), Stop);
        await flights.SwitchAsync(Stop);

        Assert.Equal(300, (await flights.SumAsync(Stop)).Flights);
        Assert.True(cluster.Bulks.Max() <= 50 && cluster.Bulks[0] == 50, string.Join(' ', cluster.Bulks));   // from 200 down twice before it took any
    }

    [Fact]
    public async Task A_cluster_that_never_has_room_is_given_up_in_the_end()
    {
        var flights = Make();
        await flights.OpenAsync(Table, Stop);
        cluster.Refusals = int.MaxValue;

        Assert.Contains("no room", (await Assert.ThrowsAsync<BackEndException>(() => flights.WriteAsync(World(new(1), 3), Stop))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_point_in_time_that_is_over_is_an_outdated_cursor_and_a_cluster_that_is_gone_is_named()
    {
        var flights = Make();
        await flights.OpenAsync(Table, Stop);
        await flights.WriteAsync(World(new(1), 60), Stop);
        await flights.SwitchAsync(Stop);
        var question = Question([], [], airline: "VN");
        var first = await flights.ListAsync(question, ListFilters.None, new(ListOrder.Departure, 3), Stop);

        cluster.Forget();
        await Assert.ThrowsAsync<CursorOutdatedException>(() => flights.ListAsync(question, ListFilters.None, new(ListOrder.Departure, 3, first.Next), Stop));

        cluster.IsGone = true;
        var gone = await Assert.ThrowsAsync<BackEndException>(() => flights.ListAsync(question, ListFilters.None, new(ListOrder.Departure, 3), Stop));
        Assert.Contains("does not answer", gone.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_request_is_as_Elastics_description_wants_it_and_so_is_every_answer_of_the_stand_in()
    {
        var folder = Environment.GetEnvironmentVariable("AERONA_SPECS");
        Assert.SkipWhen(string.IsNullOrEmpty(folder), "AERONA_SPECS is not set: requests are not checked against Elastic's API description");
        await EveryRequestAsync();
        var examples = Directory.CreateTempSubdirectory("aerona-elastic-answers-").FullName;
        var calls = cluster.Calls;
        foreach (var call in calls.Where(call => call.Status < 300))
        {
            await File.WriteAllTextAsync(Path.Combine(examples, $"{Operation(call)}.200.json"), call.Answer, Stop);
        }

        await using (var mock = await SpecMock.StartAsync("elasticsearch/elasticsearch-subset.openapi.json", examples, "--bare-object-is-any"))
        {
            await SayAsync(mock, new("POST", "/any/_search", "application/json", """{"query":{"trem":{"flight":"VN54"}}}""", 0, ""));
            Assert.NotEmpty(Assert.Single(await mock.VerdictsAsync()).Violations);   // the checker checks
            await mock.ForgetAsync();

            foreach (var call in calls)
            {
                await SayAsync(mock, call);
            }

            var verdicts = await mock.VerdictsAsync();
            Assert.Empty(verdicts.SelectMany(verdict => verdict.Violations.Select(violation => $"{verdict.Operation}: {violation}")).Distinct());
            Assert.Equal(calls.Count, verdicts.Count);
            Assert.Equal(
                [
                    "bulk-2", "close-point-in-time", "get", "index", "indices-create", "indices-delete", "indices-get-alias-1", "indices-put-index-template",
                    "indices-put-settings-1", "indices-refresh-2", "indices-update-aliases", "open-point-in-time", "search-1", "search-3",
                ],
                verdicts.Select(verdict => verdict.Operation).Distinct().Order(StringComparer.Ordinal));
        }

        Directory.Delete(examples, recursive: true);
    }

    private protected override Task<IFlightBackEnd> MakeAsync(Guid table) => Task.FromResult<IFlightBackEnd>(Make());

    private static async Task SayAsync(SpecMock mock, ElasticCall call)
    {
        using var request = new HttpRequestMessage(new(call.Method), call.Path);
        if (call.ContentType is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(call.Body));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", call.ContentType);
        }

        using var answer = await mock.Http.SendAsync(request, Stop);
        Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest or HttpStatusCode.NotFound, $"{call.Path}: {answer.StatusCode}");
    }

    /// <summary>By the description's name.</summary>
    private static string Operation(ElasticCall call) => (call.Method, call.Path.Split('?')[0].Trim('/').Split('/')) switch
    {
        ("PUT", ["_index_template", _]) => "indices-put-index-template",
        ("GET", ["_alias", _]) => "indices-get-alias-1",
        ("POST", ["_aliases"]) => "indices-update-aliases",
        ("DELETE", ["_pit"]) => "close-point-in-time",
        ("POST", ["_search"]) => "search-1",
        ("PUT", [_]) => "indices-create",
        ("DELETE", [_]) => "indices-delete",
        (_, [_, "_settings"]) => "indices-put-settings-1",
        (_, [_, "_refresh"]) => "indices-refresh-2",
        (_, [_, "_bulk"]) => "bulk-2",
        (_, [_, "_pit"]) => "open-point-in-time",
        (_, [_, "_search"]) => "search-3",
        ("PUT", [_, "_doc", _]) => "index",
        ("GET", [_, "_doc", _]) => "get",
        var other => throw new NotSupportedException(other.ToString()),
    };

    /// <summary>Everything that the product can ask of a cluster.</summary>
    private async Task EveryRequestAsync()
    {
        var flights = Make();
        await flights.OpenAsync(Table, Stop);
        await flights.WriteAsync(World(new(1), 120), Stop);
        await flights.ShowAsync(Stop);
        await flights.CommitAsync(120, Stop);
        await flights.SwitchAsync(Stop);
        await flights.OpenAsync(Table, Stop);
        await flights.SumAsync(Stop);
        var filters = new ListFilters(
            FlightDocument.Facets.ToDictionary(facet => facet, IReadOnlyList<string> (facet) => facet == FlightFacet.Airline ? ["VN", "AF"] : ["HAN", "321", "2026-12-02"]),
            new DayWindow(new(6, 0), new(12, 0)), 500_00, 1, 9);
        foreach (var order in Enum.GetValues<ListOrder>())
        {
            foreach (var question in new[]
            {
                Question(["HAN"], ["LHR", "LGW"]), Question(["HAN"], []), Question([], ["CDG"], "VN54"), Question([], [], airline: "VN") with { Cabin = Contracts.Cabin.PremiumEconomy, Currency = "USD" },
            })
            {
                await flights.ListAsync(question, filters, new(order, 10), Stop);
                await flights.ListAsync(question, ListFilters.None with { MinSeats = 2 }, new(order, 10), Stop);
                var first = await flights.ListAsync(question, ListFilters.None, new(order, 1), Stop);
                if (first.Next is { } next)
                {
                    await flights.ListAsync(question, ListFilters.None, new(order, 200, next), Stop);
                }
            }
        }

        await flights.StartAnewAsync(Table, Stop);
        await flights.WriteAsync(World(new(1), 120), Stop);
        await flights.SwitchAsync(Stop);
    }

    private ElasticsearchFlights Make()
    {
        var options = new ElasticsearchOptions { Url = "http://elasticsearch.test", FlightsAtOnce = 200, RetryAfter = TimeSpan.FromMilliseconds(1), Retries = 6 };
        return new(new(new HttpClient(cluster, disposeHandler: false) { BaseAddress = new("http://elasticsearch.test/") }, options, TimeProvider.System), options, NullLogger<ElasticsearchFlights>.Instance);
    }
}
