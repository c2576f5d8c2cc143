using Aerona.TestKit;
using Xunit;
using static Aerona.Search.Tests.SearchService;

namespace Aerona.Search.Tests;

public sealed class SearchRulesTests(SearchRulesTests.World world) : IClassFixture<SearchRulesTests.World>
{
    /// <summary>One service with flights up to 2026-12-03; the clock stands at 2026-12-01T00:00Z, which is 30 November in New York.</summary>
    public sealed class World : IAsyncLifetime
    {
        internal TestService Service { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Service = await StartAsync();
            await Service.PublishAsync(
                Flight("AA1", "JFK", "LAX", new(2026, 12, 2, 8, 0, 0)),
                Flight("AA3", "JFK", "LAX", new(2026, 12, 2, 12, 0, 0), fare: 150),
                Flight("AA5", "JFK", "LAX", new(2026, 12, 3, 8, 0, 0)));
        }

        public ValueTask DisposeAsync() => Service.DisposeAsync();
    }

    public static TheoryData<object, string, string> Wrong => new()
    {
        { Question(origin: "XXX"), "place.unknown", "/origin" },
        { Question(destination: "jfk"), "place.unknown", "/destination" },
        { Question(origin: "NYC", destination: "EWR"), "search.same_place", "/destination" },
        { Question(origin: "LAX", destination: "LAX"), "search.same_place", "/destination" },
        { Question(departsOn: "2026-11-29"), "date.in_past", "/departsOn" },
        { Question(origin: "HAN", destination: "SGN", departsOn: "2026-11-30"), "date.in_past", "/departsOn" },
        { Question(departsOn: "2026-12-04"), "date.beyond_horizon", "/departsOn" },
        { Question(departsOn: "2026-02-30"), "request.wrong_type", "/departsOn" },
        { Question(cabin: "steerage"), "request.unknown_value", "/cabin" },
        { Question(sort: "luck"), "request.unknown_value", "/sort" },
        { Question(travellers: new { adults = 8, children = 2 }), "travellers.too_many", "/travellers" },
        { Question(travellers: new { adults = int.MaxValue, children = int.MaxValue }), "travellers.too_many", "/travellers" },
        { Question(travellers: new { adults = 0 }), "travellers.none", "/travellers/adults" },
        { Question(travellers: new { adults = 0, children = 1 }), "travellers.child_without_adult", "/travellers/children" },
        { Question(travellers: new { adults = 0, infants = 1 }), "travellers.infant_without_adult", "/travellers/infants" },
        { Question(travellers: new { adults = 1, infants = 2 }), "travellers.too_many_infants", "/travellers/infants" },
        { Question(travellers: new { adults = -1 }), "limit.out_of_range", "/travellers/adults" },
        { Question(limit: 0), "limit.out_of_range", "/limit" },
        { Question(limit: 201), "limit.out_of_range", "/limit" },
        { Question(cursor: "not a cursor"), "cursor.invalid", "/cursor" },
        { Question(cursor: "e30"), "cursor.invalid", "/cursor" },
        { Question(filters: new { airlines = new[] { "AA", "??" } }), "airline.unknown", "/filters/airlines/1" },
        { Question(filters: new { airlines = Array.Empty<string>() }), "limit.out_of_range", "/filters/airlines" },
        { Question(filters: new { departureWindow = new { from = "12:00", to = "06:00" } }), "window.reversed", "/filters/departureWindow" },
        { Question(filters: new { maxPrice = new { amount = "100.00", currency = "ZZZ" } }), "money.currency_unknown", "/filters/maxPrice/currency" },
        { Question(filters: new { maxPrice = new { amount = "100.001", currency = "USD" } }), "money.too_many_decimals", "/filters/maxPrice/amount" },
        { Question(filters: new { maxPrice = new { amount = "0.00", currency = "USD" } }), "limit.out_of_range", "/filters/maxPrice/amount" },
        { Question(filters: new { maxPrice = new { amount = "500.00", currency = "EUR" } }), "currency.mismatch", "/filters/maxPrice/currency" },
    };

    private static object Legs(params object?[] legs) => new { legs, travellers = new { adults = 1 } };

    private static object Leg(string? origin = "JFK", string? destination = "LAX", string? departsOn = "2026-12-02", object? filters = null, int? originRadiusKm = null, int? destinationRadiusKm = null) =>
        new { origin, destination, departsOn, filters, originRadiusKm, destinationRadiusKm };

    public static TheoryData<object, string, string> WrongTrips => new()
    {
        { new { travellers = new { adults = 1 } }, "request.missing_field", "/origin" },
        { new { origin = "JFK", destination = "LAX", travellers = new { adults = 1 } }, "request.missing_field", "/departsOn" },
        { new { origin = "JFK", destination = "LAX", departsOn = "2026-12-03", returnsOn = "2026-12-01", travellers = new { adults = 1 } }, "date.before_outbound", "/returnsOn" },
        { new { origin = "JFK", destination = "LAX", departsOn = "2026-12-03", returnsOn = "2026-12-24", travellers = new { adults = 1 } }, "date.beyond_horizon", "/returnsOn" },
        { new { origin = "JFK", legs = new[] { Leg() }, travellers = new { adults = 1 } }, "legs.twice", "/legs" },
        { Legs(), "legs.count", "/legs" },
        { Legs([.. Enumerable.Repeat(Leg(), 7)]), "legs.count", "/legs" },
        { Legs(Leg(), null), "request.missing_field", "/legs/1" },
        { Legs(Leg(), Leg("LAX", "QQQ")), "place.unknown", "/legs/1/destination" },
        { Legs(Leg(), Leg("LAX", "LAX")), "search.same_place", "/legs/1/destination" },
        { Legs(Leg(departsOn: "2026-12-03"), Leg("LAX", "JFK", "2026-12-01")), "date.before_outbound", "/legs/1/departsOn" },
        { Legs(Leg(originRadiusKm: 501)), "limit.out_of_range", "/legs/0/originRadiusKm" },
        { Legs(Leg("JFK", "PHL", destinationRadiusKm: 300)), "search.same_place", "/legs/0/destinationRadiusKm" },
        { Legs(Leg(filters: new { maxPrice = new { amount = "100.00", currency = "USD" } })), "price.of_trip", "/legs/0/filters/maxPrice" },
        { Legs(Leg(filters: new { via = new[] { "QQQ" } })), "airport.unknown", "/legs/0/filters/via/0" },
        { Question(maxStops: 3), "limit.out_of_range", "/maxStops" },
        { Question(filters: new { stops = new[] { 0, 3 } }), "limit.out_of_range", "/filters/stops/1" },
        { Question(filters: new { withoutAirlines = new[] { "??" } }), "airline.unknown", "/filters/withoutAirlines/0" },
        { Question(filters: new { minLayoverMinutes = 90, maxLayoverMinutes = 60 }), "window.reversed", "/filters/minLayoverMinutes" },
        { Question(filters: new { minBags = -1 }), "limit.out_of_range", "/filters/minBags" },
    };

    [Theory, MemberData(nameof(WrongTrips), DisableDiscoveryEnumeration = true)]
    public async Task A_wrong_trip_is_refused_with_its_code_and_field(object question, string code, string pointer)
    {
        var refused = await world.Service.RefusedAsync(question);

        Assert.Equal((code, pointer), (refused.Code, refused.Pointer));
    }

    [Theory, MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public async Task A_wrong_search_is_refused_with_its_code_and_field(object question, string code, string pointer)
    {
        var refused = await world.Service.RefusedAsync(question);

        Assert.Equal((code, pointer), (refused.Code, refused.Pointer));
    }

    [Fact]
    public async Task An_unknown_place_comes_with_what_may_be_meant()
    {
        var refused = await world.Service.RefusedAsync(Question(origin: "HANOI"));

        Assert.Contains("HAN (Noi Bai International)", refused.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_it_is_still_yesterday_yesterday_can_be_searched() =>
        Assert.Equal(0, (await world.Service.SearchAsync(Question(departsOn: "2026-11-30"))).GetProperty("total").GetInt32());

    [Fact]
    public async Task A_cursor_belongs_to_its_search_alone()
    {
        var first = await world.Service.SearchAsync(Question(limit: 1));
        var cursor = first.GetProperty("nextCursor").GetString();

        var next = await world.Service.SearchAsync(Question(limit: 5, cursor: cursor));   // the size of a page may change
        var refused = await world.Service.RefusedAsync(Question(limit: 1, cursor: cursor, sort: "departure"));

        Assert.Equal(["AA3-20261202"], first.Ids());
        Assert.Equal(["AA1-20261202"], next.Ids());
        Assert.Equal("cursor.invalid", refused.Code);
    }
}
