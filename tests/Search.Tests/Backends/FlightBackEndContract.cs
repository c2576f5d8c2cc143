using System.Text.Json;
using Aerona.Contracts;
using Aerona.Contracts.Operations;
using Aerona.Search.Backends;
using Aerona.Search.Indexing;
using Aerona.Search.SearchFlights;
using Xunit;

namespace Aerona.Search.Tests.Backends;

/// <summary>What every back end keeps to.</summary>
public abstract class FlightBackEndContract
{
    private const string Days = "2026-12-02,2026-12-03,2026-12-04";

    private static readonly Guid Table = Guid.Parse("0193a000-0000-7000-8000-00000000000a");

    private static readonly DateTime Morning = new(2026, 12, 2, 8, 0, 0);

    private protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_flight_is_listed_as_it_was_written()
    {
        await using var bench = await StartAsync();
        var written = Sellable(7, SearchService.Flight("VN54", "HAN", "LHR", Morning, 765, cabins:
        [
            new(Cabin.Economy, 200, "M", Money.Of(480, "EUR")), new(Cabin.Business, 28, "J", Money.Of(1900, "EUR")),
        ]), (Cabin.Business, 3));

        await bench.WriteAsync(written);
        var list = await bench.ListAsync(Question(["HAN"], ["LHR"]));

        var read = Assert.Single(list.Flights);
        Assert.Equal((7, 1L, written.Flight.FlightId), (read.Row, list.Total, read.Flight.FlightId));
        Assert.Equal(written.Flight with { Cabins = read.Flight.Cabins }, read.Flight);
        Assert.Equal(written.Flight.Cabins, read.Flight.Cabins);
        Assert.Equal([200, 3], read.Flight.Cabins.Select(read.SeatsLeft));
        Assert.Null(list.Next);
    }

    [Fact]
    public async Task A_late_write_never_overwrites_a_newer_one()
    {
        await using var bench = await StartAsync();
        var flight = SearchService.Flight("VN54", "HAN", "LHR", Morning);

        await bench.BackEnd.WriteAsync([Sellable(5, flight, (Cabin.Economy, 5))], Stop);
        await bench.BackEnd.WriteAsync([Sellable(4, flight, (Cabin.Economy, 4))], Stop);   // not shown yet
        await bench.WriteAsync(Sellable(9, flight, (Cabin.Economy, 9)));
        await bench.WriteAsync(Sellable(8, flight, (Cabin.Economy, 8)));
        await bench.WriteAsync(Sellable(9, flight, (Cabin.Economy, 1)));

        var read = Assert.Single((await bench.ListAsync(Question(["HAN"], ["LHR"]))).Flights);
        Assert.Equal((9L, 9), (read.Row, read.SeatsLeft(read.Flight.Cabins[0])));
        Assert.Equal(new Held(1, 9), await bench.BackEnd.SumAsync(Stop));
    }

    [Fact]
    public async Task Lists_facets_histograms_and_ranges_are_what_a_recount_finds()
    {
        await using var bench = await StartAsync();
        var random = new Random(20261123);
        var world = World(random, 400);
        await bench.WriteAsync([.. world]);

        for (var round = 0; round < 60; round++)
        {
            var (question, filters, order) = Asked(random);
            var expected = Recount.List(world, question, filters, order);

            var list = await bench.BackEnd.ListAsync(question, filters, new(order, 500), Stop);

            Assert.True(Text(expected.Flights.Select(flight => flight.Flight.FlightId)) == Text(list.Flights.Select(flight => flight.Flight.FlightId)), $"{round} {Text(question)} {Text(filters)}");
            Assert.True(Text(expected.Facets!) == Text(list.Facets!), $"{round} {Text(question)} {Text(filters)}: {Text(expected.Facets!)} is not {Text(list.Facets!)}");
            Assert.Equal(expected.Total, list.Total);
        }
    }

    [Fact]
    public async Task Pages_have_no_gap_and_no_repeat_while_flights_change()
    {
        await using var bench = await StartAsync();
        var world = World(new(5), 120);
        await bench.WriteAsync([.. world]);
        foreach (var order in Enum.GetValues<ListOrder>())
        {
            var question = Question([], [], airline: "VN");
            var expected = Recount.List(world, question, ListFilters.None, order).Flights.Select(flight => flight.Flight.FlightId).ToList();
            Assert.True(expected.Count > 20);

            var shown = new List<string>();
            string? cursor = null;
            var row = 10_000L * ((int)order + 1);
            do
            {
                var page = await bench.BackEnd.ListAsync(question, ListFilters.None, new(order, 7, cursor), Stop);
                Assert.Equal(expected.Count, page.Total);
                Assert.Equal(cursor is null, page.Facets is not null);
                shown.AddRange(page.Flights.Select(flight => flight.Flight.FlightId));
                cursor = page.Next;
                // Before and after the place: one that comes, and one whose price changes.
                await bench.WriteAsync(
                    Sellable(row++, SearchService.Flight($"VN{row % 9000}", "HAN", "LHR", Morning, fare: 1)),
                    Sellable(row++, world[(int)(row % 100)].Flight, (Cabin.Economy, 0)));
            }
            while (cursor is not null);

            Assert.Equal(expected, shown);
            world = [.. World(new(5), 120).Select(flight => flight with { Row = row + 1_000 + flight.Row })];
            await bench.BackEnd.StartAnewAsync(Table, Stop);
            await bench.WriteAsync([.. world]);
            await bench.BackEnd.SwitchAsync(Stop);
        }
    }

    [Fact]
    public async Task A_cursor_of_another_list_or_of_none_is_refused()
    {
        await using var bench = await StartAsync();
        await bench.WriteAsync([.. World(new(6), 60)]);
        var question = Question([], [], airline: "VN");
        var first = await bench.BackEnd.ListAsync(question, ListFilters.None, new(ListOrder.Departure, 3), Stop);

        Task Again(FlightQuestion of, ListOrder order, string cursor) => bench.BackEnd.ListAsync(of, ListFilters.None, new(order, 3, cursor), Stop);

        await Assert.ThrowsAsync<CursorOutdatedException>(() => Again(question with { Cabin = Cabin.Business }, ListOrder.Departure, first.Next!));
        await Assert.ThrowsAsync<CursorOutdatedException>(() => Again(question, ListOrder.Price, first.Next!));
        await Assert.ThrowsAsync<CursorOutdatedException>(() => Again(question, ListOrder.Departure, "bm9uZQ"));
        await Again(question, ListOrder.Departure, first.Next!);
    }

    [Fact]
    public async Task Opened_again_it_goes_on_where_it_was_kept_and_for_another_table_from_the_beginning()
    {
        await using var bench = await StartAsync();
        await bench.WriteAsync(Sellable(1, SearchService.Flight("VN1", "HAN", "LHR", Morning)), Sellable(2, SearchService.Flight("VN3", "HAN", "LHR", Morning)));
        await bench.BackEnd.CommitAsync(2, Stop);

        Assert.Equal(2, await bench.BackEnd.OpenAsync(Table, Stop));
        Assert.True(bench.BackEnd.IsReady);
        Assert.Equal(2, (await bench.ListAsync(Question(["HAN"], ["LHR"]))).Total);

        Assert.Equal(0, await bench.BackEnd.OpenAsync(Guid.Parse("0193a000-0000-7000-8000-00000000000b"), Stop));
        await bench.WriteAsync(Sellable(1, SearchService.Flight("VN5", "HAN", "LHR", Morning)));
        await bench.BackEnd.SwitchAsync(Stop);
        Assert.Equal(["VN5-20261202"], (await bench.ListAsync(Question(["HAN"], ["LHR"]))).Flights.Select(flight => flight.Flight.FlightId));
        Assert.Equal(new Held(1, 1), await bench.BackEnd.SumAsync(Stop));
    }

    [Fact]
    public async Task Nothing_is_listed_before_all_is_in()
    {
        await using var bench = await StartAsync(isSwitched: false);

        Assert.False(bench.BackEnd.IsReady);
        await Assert.ThrowsAsync<BackEndException>(() => bench.ListAsync(Question(["HAN"], ["LHR"])));

        await bench.BackEnd.SwitchAsync(Stop);
        Assert.Equal(0, (await bench.ListAsync(Question(["HAN"], ["LHR"]))).Total);
    }

    private protected static SellableFlight Sellable(long row, PublishedFlight flight, params (Cabin Cabin, int Left)[] left) =>
        new(row, flight, PackedFlight.Write(flight), left.ToDictionary(one => one.Cabin, one => one.Left));

    private protected static FlightQuestion Question(string[] origins, string[] destinations, string? designator = null, string? airline = null) =>
        new(origins, destinations, [.. Days.Split(',').Select(day => DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture))], designator, airline, Cabin.Economy, "EUR");

    /// <summary>Flights of three days between few airports, some in two cabins, some sold out, some of another currency.</summary>
    private protected static List<SellableFlight> World(Random random, int count)
    {
        string[] airports = ["HAN", "SGN", "LHR", "LGW", "CDG", "FRA"];
        return [.. Enumerable.Range(1, count).Select(row =>
        {
            var from = airports[random.Next(airports.Length)];
            var to = airports.Where(airport => airport != from).ElementAt(random.Next(airports.Length - 1));
            var currency = random.Next(3) == 0 ? "USD" : "EUR";
            List<PublishedCabin> cabins = [new(Cabin.Economy, random.Next(12), "M", Money.Of(random.Next(40, 900), currency))];
            if (random.Next(2) == 0)
            {
                cabins.Add(new(Cabin.Business, random.Next(1, 6), "J", Money.Of(random.Next(900, 2500), currency)));
            }

            var flight = SearchService.Flight(
                $"{(random.Next(2) == 0 ? "VN" : "AF")}{row}", from, to, new DateTime(2026, 12, 2).AddMinutes(random.Next(3 * 24 * 60)), random.Next(60, 800), cabins: cabins);
            return Sellable(row, flight with { Aircraft = random.Next(2) == 0 ? "321" : "789" }, random.Next(4) == 0 ? [(Cabin.Economy, random.Next(3))] : []);
        })];
    }

    private protected abstract Task<IFlightBackEnd> MakeAsync(Guid table);

    private protected virtual ValueTask EndAsync(IFlightBackEnd backEnd) => ValueTask.CompletedTask;

    private protected async Task<Bench> StartAsync(bool isSwitched = true)
    {
        var backEnd = await MakeAsync(Table);
        Assert.Equal(0, await backEnd.OpenAsync(Table, Stop));
        if (isSwitched)
        {
            await backEnd.SwitchAsync(Stop);
        }

        return new(backEnd, EndAsync);
    }

    private static string Text(object value) => JsonSerializer.Serialize(value);

    private static (FlightQuestion, ListFilters, ListOrder) Asked(Random random)
    {
        T? Sometimes<T>(T value) where T : struct => random.Next(3) == 0 ? value : null;
        var question = random.Next(4) switch
        {
            0 => Question(["HAN"], ["LHR", "LGW"]),
            1 => Question([], ["CDG"]),
            2 => Question(["SGN", "HAN"], [], airline: "VN"),
            _ => Question([], [], airline: "AF"),
        } with
        { Cabin = random.Next(3) == 0 ? Cabin.Business : Cabin.Economy, Currency = random.Next(2) == 0 ? "USD" : "EUR" };
        var values = new Dictionary<FlightFacet, IReadOnlyList<string>>();
        foreach (var (facet, some) in new (FlightFacet, string[])[]
        {
            (FlightFacet.Airline, ["VN"]), (FlightFacet.Origin, ["HAN", "FRA"]), (FlightFacet.Destination, ["LHR", "CDG", "SYD"]), (FlightFacet.Aircraft, ["789"]),
            (FlightFacet.Day, ["2026-12-02", "2026-12-04"]),
        })
        {
            if (random.Next(4) == 0)
            {
                values[facet] = some;
            }
        }

        return (
            question,
            new(values, random.Next(3) == 0 ? new DayWindow(new(6, 0), new(17, 30)) : null, Sometimes(random.NextInt64(100_00, 1500_00)), Sometimes(random.Next(4)), Sometimes(random.Next(4, 9))),
            (ListOrder)random.Next(3));
    }

    private protected sealed class Bench(IFlightBackEnd backEnd, Func<IFlightBackEnd, ValueTask> end) : IAsyncDisposable
    {
        public IFlightBackEnd BackEnd => backEnd;

        public async Task WriteAsync(params IReadOnlyList<SellableFlight> flights)
        {
            await backEnd.WriteAsync(flights, Stop);
            await backEnd.ShowAsync(Stop);
        }

        public Task<FlightList> ListAsync(FlightQuestion question) => backEnd.ListAsync(question, ListFilters.None, new(ListOrder.Departure, 50), Stop);

        public ValueTask DisposeAsync() => end(backEnd);
    }
}

/// <summary>The same by trying every flight.</summary>
internal static class Recount
{
    public static FlightList List(IReadOnlyList<SellableFlight> world, FlightQuestion question, ListFilters filters, ListOrder order)
    {
        var all = world.Select(flight => (Flight: flight, Document: FlightDocument.Of(flight))).Where(one =>
            (question.Origins.Count == 0 || question.Origins.Contains(one.Flight.Flight.Origin))
            && (question.Destinations.Count == 0 || question.Destinations.Contains(one.Flight.Flight.Destination))
            && question.Days.Contains(DateOnly.FromDateTime(one.Flight.Flight.DepartsLocal))
            && (question.Airline is null || question.Airline == one.Flight.Flight.Flight.Carrier)).ToList();
        long? Price(FlightDocument document) =>
            document.Prices[Array.IndexOf(FlightDocument.Currencies, question.Currency)][(int)question.Cabin] is >= 0 and var price ? price : null;
        bool Passes(FlightDocument document, string? without)
        {
            var left = document.Left[(int)question.Cabin];
            return FlightDocument.Facets.All(facet => without == facet.ToString() || !filters.Values.TryGetValue(facet, out var chosen) || chosen.Contains(document.Values[(int)facet]))
                && (without == "hours" || filters.Departure is null || filters.Departure.Contains(document.LocalMinute))
                && (without == "prices" || filters.MaxPrice is null || Price(document) <= filters.MaxPrice)
                && (filters.MinSeats is null || left >= filters.MinSeats) && (filters.MaxSeats is null || left <= filters.MaxSeats);
        }

        List<FlightDocument> But(string without) => [.. all.Select(one => one.Document).Where(document => Passes(document, without))];
        var prices = all.Select(one => Price(one.Document)).OfType<long>().ToList();
        var shown = all.Where(one => Passes(one.Document, null))
            .OrderBy(one => order switch { ListOrder.Price => Price(one.Document) ?? long.MaxValue, ListOrder.Duration => one.Document.Minutes, _ => one.Document.Departs })
            .ThenBy(one => one.Document.Id, StringComparer.Ordinal).Select(one => one.Flight).ToList();
        return new(shown, shown.Count, new(
            FlightDocument.Facets.ToDictionary(facet => facet, IReadOnlyList<FacetCount> (facet) =>
            [
                .. But(facet.ToString()).GroupBy(document => document.Values[(int)facet]).OrderByDescending(value => value.Count()).ThenBy(value => value.Key, StringComparer.Ordinal)
                    .Select(value => new FacetCount(value.Key, value.Count(), value.Select(Price).Min())),
            ]),
            [.. But("prices").Select(Price).OfType<long>().GroupBy(price => price / FlightDocument.PriceBar * FlightDocument.PriceBar).OrderBy(bar => bar.Key).Select(bar => new Bar(bar.Key, bar.Count()))],
            [.. But("hours").GroupBy(document => document.LocalMinute / 60).OrderBy(bar => bar.Key).Select(bar => new Bar(bar.Key, bar.Count()))],
            prices.Count == 0 ? null : new(prices.Min(), prices.Max()), all.Count == 0 ? null : new(all.Min(one => one.Document.Minutes), all.Max(one => one.Document.Minutes))), null);
    }
}
