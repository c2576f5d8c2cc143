using System.Text.Json;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Operations;
using Aerona.Reference;
using Aerona.TestKit;
using Xunit;
using static Aerona.Search.Tests.SearchService;

namespace Aerona.Search.Tests;

/// <summary>Searches over random worlds equal what trying every flight after every other one finds.</summary>
public sealed class SearchTruthTests(SearchTruthTests.World world) : IClassFixture<SearchTruthTests.World>
{
    private const int Seed = 20_261_201;

    private static readonly string[] Somewhere = ["JFK", "LGA", "EWR", "LAX", "SFO", "LHR", "LGW", "CDG", "FRA", "SIN", "HAN", "SGN"];

    private static readonly string[] Asked = [.. Somewhere, "NYC", "LON"];

    private static readonly string[] Airlines = ["AA", "DL", "BA", "LH", "VN"];

    private static readonly DateTimeOffset Now = new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>One service with a random world over five days, some flights nearly or quite sold out.</summary>
    public sealed class World : IAsyncLifetime
    {
        private readonly Dictionary<(string, Cabin), int> left = [];

        internal TestService Service { get; private set; } = null!;

        internal Oracle Oracle { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            var random = new Random(Seed);
            var flights = Enumerable.Range(1, 1_400).Select(number => AnyFlight(random, number)).ToList();
            foreach (var flight in flights.Where(_ => random.Next(40) == 0))
            {
                foreach (var cabin in flight.Cabins)
                {
                    left[(flight.FlightId, cabin.Cabin)] = random.Next(0, 5);
                }
            }

            Service = await StartAsync();
            await Service.PublishAsync(flights);
            await Service.ChangeSeatsAsync(left.Select(seats => new SeatAvailabilityChanged(seats.Key.Item1, seats.Key.Item2, seats.Value, 5)));
            Oracle = new(flights, (flight, cabin) => left.TryGetValue((flight.FlightId, cabin), out var known) ? known : flight.Cabins.Single(one => one.Cabin == cabin).Authorised, Now);
        }

        public ValueTask DisposeAsync() => Service.DisposeAsync();

        private static PublishedFlight AnyFlight(Random random, int number)
        {
            var origin = Somewhere[random.Next(Somewhere.Length)];
            var elsewhere = Somewhere.Where(code => Airports.Find(code)!.CityCode != Airports.Find(origin)!.CityCode).ToArray();
            var destination = elsewhere[random.Next(elsewhere.Length)];
            var currency = new[] { origin, destination }.Any(place => Airports.Find(place)!.Country is "GB" or "FR" or "DE") ? "EUR" : "USD";
            return Flight(
                $"{Airlines[random.Next(Airlines.Length)]}{number}", origin, destination, new DateTime(2026, 12, 1).AddMinutes(5 * random.Next(5 * 24 * 12)),
                40 + (int)(Oracle.Kilometres(origin, destination) / 13), cabins:
                [
                    .. Enum.GetValues<Cabin>().Where(cabin => cabin == Cabin.Economy || random.Next(2) == 0)
                        .Select(cabin => new PublishedCabin(cabin, random.Next(1, 20), "M", Money.Of(20 + (random.Next(30) * 10), currency))),   // few prices: ties
                ]);
        }
    }

    [Theory]
    [InlineData("price")]
    [InlineData("best")]
    [InlineData("duration")]
    [InlineData("departure")]
    public async Task One_way_searches_find_what_trying_everything_finds(string sort)
    {
        var random = new Random(Seed + sort.Length);
        var found = 0;
        for (var turn = 0; turn < 20; turn++)
        {
            var asked = Question.Any(random, 1);
            var expected = asked.Paths(world.Oracle)[0];
            found += expected.Count;

            var shown = await AllAsync(asked.Body(sort, includeDominated: true));

            AssertSame(expected.ConvertAll(path => (path.Id, path.Price)), shown, $"seed {Seed + sort.Length}, turn {turn}: {asked}");
            AssertOrdered(shown, sort);
        }

        Assert.InRange(found, 500, 1_000_000);   // the searches were not all empty
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Trips_of_several_legs_are_the_best_sums_over_their_legs(int legs)
    {
        var random = new Random(Seed + legs);
        var found = 0;
        for (var turn = 0; turn < (legs == 2 ? 8 : 3); turn++)
        {
            var asked = Question.Any(random, legs) with { MaxStops = 1 };
            var all = Trips(asked.Paths(world.Oracle));
            found += all.Count;

            var shown = await AllAsync(asked.Body("price", includeDominated: true));

            var cheapest = all.OrderBy(trip => trip.Price).Take(1_000).ToList();
            Assert.Equal(cheapest.ConvertAll(trip => trip.Price), shown.ConvertAll(Total));   // which of several at the last price are shown is the order's affair
            Assert.Subset(all.Select(trip => trip.Id).ToHashSet(), shown.Select(Id).ToHashSet());
            Assert.Equal(shown.Count, shown.Select(Id).Distinct().Count());
            AssertOrdered(shown, "price");
        }

        Assert.InRange(found, 500, 10_000_000);
    }

    [Fact]
    public async Task What_is_left_out_is_what_another_connection_beats_in_every_way()
    {
        var random = new Random(Seed);
        var dominated = 0;
        for (var turn = 0; turn < 12; turn++)
        {
            var asked = Question.Any(random, 1);
            var all = await AllAsync(asked.Body("best", includeDominated: true));
            if (all.Count == 1_000)
            {
                continue;   // not all of them were shown
            }

            var kept = (await AllAsync(asked.Body("best", includeDominated: false))).Select(Id).ToHashSet();
            for (var later = 0; later < all.Count; later++)
            {
                var beaten = all.FindIndex(better => Dominates(better, all[later]));
                Assert.True(beaten < later, $"turn {turn}: {Id(all[later])} stands before {(beaten < 0 ? "" : Id(all[beaten]))}, which beats it: {asked}");
                Assert.Equal(beaten >= 0 && Leg(all[later]).GetProperty("stops").GetInt32() > 0, !kept.Contains(Id(all[later])));
                dominated += beaten >= 0 ? 1 : 0;
            }
        }

        Assert.True(dominated > 100, $"only {dominated} were dominated: the test says nothing");
    }

    [Fact]
    public async Task Facets_equal_a_recount()
    {
        var random = new Random(Seed + 7);
        var counted = 0;
        for (var turn = 0; turn < 15; turn++)
        {
            var legs = 1 + (turn % 2);
            var asked = Question.Any(random, legs) with { MaxStops = 1 };
            var filters = new
            {
                airlines = random.Next(3) == 0 ? Airlines[..3] : null,
                stops = random.Next(3) == 0 ? new[] { 1 } : null,
                departureWindow = random.Next(3) == 0 ? new { from = "06:00", to = "21:30" } : null,
                maxDurationMinutes = random.Next(3) == 0 ? 1_500 : (int?)null,
            };
            var paths = asked.Paths(world.Oracle);
            var page = await world.Service.SearchAsync(asked.Body("price", includeDominated: true, filters: filters, limit: 1));
            for (var leg = 0; leg < legs; leg++)
            {
                var facets = page.GetProperty("legs")[leg].GetProperty("facets");
                counted += Recount(paths, leg, facets.GetProperty("stops"), "stops", path => $"{path.Stops}", $"turn {turn}: {asked}");
                counted += Recount(
                    paths, leg, facets.GetProperty("airlines"), "airlines",
                    path => path.Flights.Select(flight => flight.Flight.Carrier).Distinct().ToList() is [var one] ? one : null, $"turn {turn}: {asked}");
                counted += Recount(
                    paths, leg, facets.GetProperty("departureTimes"), "window", path => $"{path.Flights[0].DepartsLocal.Hour / 6 * 6:00}", $"turn {turn}: {asked}");
                counted += Recount(paths, leg, facets.GetProperty("durationHours"), "duration", path => $"{(path.Minutes + 59) / 60}", $"turn {turn}: {asked}");
                counted += Recount(
                    paths, leg, facets.GetProperty("layoverAirports"), "via",
                    path => path.Stops == 1 && path.Flights[0].Destination == path.Flights[1].Origin ? path.Flights[0].Destination : null, $"turn {turn}: {asked}");
                Assert.Equal(
                    page.GetProperty("legs")[leg].GetProperty("options").GetInt32(), facets.GetProperty("departureHours").EnumerateArray().Sum(bar => bar.GetInt32()));
            }

            // The values of a facet that are there, with every other filter as it is, and the cheapest trip through each.
            int Recount(List<List<OraclePath>> all, int leg, JsonElement shown, string facet, Func<OraclePath, string?> value, string which)
            {
                bool Passes(OraclePath path, string but) =>
                    (but == "airlines" || filters.airlines is null || path.Flights.All(flight => filters.airlines.Contains(flight.Flight.Carrier)))
                    && (but == "stops" || filters.stops is null || filters.stops.Contains(path.Stops))
                    && (but == "window" || filters.departureWindow is null || TimeOnly.FromDateTime(path.Flights[0].DepartsLocal) is var at && at >= new TimeOnly(6, 0) && at <= new TimeOnly(21, 30))
                    && (but == "duration" || !(path.Minutes > filters.maxDurationMinutes));

                var trips = Trips([.. all.Select((paths, index) => paths.FindAll(path => Passes(path, index == leg ? facet : "")))]);
                var expected = trips.GroupBy(trip => value(trip.Legs[leg])).Where(group => group.Key is not null)
                    .Select(group => (Value: group.Key!, Count: group.Select(trip => trip.Legs[leg].Id).Distinct().Count(), Price: group.Min(trip => trip.Price)))
                    .OrderBy(one => one.Value, StringComparer.Ordinal).ToList();
                var told = shown.EnumerateArray()
                    .Select(one => (
                        Value: facet == "window" ? one.GetProperty("value").GetString()![..2] : one.GetProperty("value").GetString()!, Count: one.GetProperty("count").GetInt32(),
                        Price: one.GetProperty("lowestPrice").Deserialize<Money>().MinorUnits))
                    .OrderBy(one => one.Value, StringComparer.Ordinal).ToList();
                Assert.True(expected.SequenceEqual(told), $"{facet} of leg {leg}, {which}: {string.Join(" ", expected)} but told {string.Join(" ", told)}");
                return expected.Count;
            }
        }

        Assert.True(counted > 200, $"only {counted} values were counted");
    }

    private async Task<List<JsonElement>> AllAsync(object body)
    {
        var (trips, cursor) = (new List<JsonElement>(), (string?)null);
        do
        {
            var page = await world.Service.SearchAsync(With(body, cursor));
            trips.AddRange(page.GetProperty("trips").EnumerateArray());
            cursor = page.GetProperty("nextCursor").GetString();
        }
        while (cursor is not null);
        return trips;

        static Dictionary<string, object?> With(object body, string? cursor) =>
            new(JsonSerializer.SerializeToElement(body).EnumerateObject().Select(one => KeyValuePair.Create(one.Name, (object?)one.Value))) { ["cursor"] = cursor };
    }

    private static List<(string Id, long Price, IReadOnlyList<OraclePath> Legs)> Trips(List<List<OraclePath>> legs)
    {
        List<(string Id, long Price, IReadOnlyList<OraclePath> Legs)> trips = [("", 0, [])];
        foreach (var leg in legs)
        {
            trips = [.. trips.SelectMany(trip => leg.Where(path => trip.Legs.Count == 0 || path.DepartsAt >= trip.Legs[^1].ArrivesAt.AddHours(1))
                .Select(path => (trip.Legs.Count == 0 ? path.Id : $"{trip.Id}~{path.Id}", trip.Price + path.Price, (IReadOnlyList<OraclePath>)[.. trip.Legs, path])))];
        }

        return trips;
    }

    private static void AssertSame(List<(string Id, long Price)> expected, List<JsonElement> shown, string which)
    {
        if (expected.Count > 1_000)
        {
            Assert.Equal(1_000, shown.Count);
            Assert.True(shown.Select(trip => (Id(trip), Total(trip))).ToHashSet().IsSubsetOf(expected), which);
            return;
        }

        var told = shown.Select(trip => (Id(trip), Total(trip))).OrderBy(one => one.Item1, StringComparer.Ordinal).ToList();
        Assert.True(
            expected.OrderBy(one => one.Id, StringComparer.Ordinal).SequenceEqual(told),
            $"{which}: missing {string.Join(" ", expected.Except(told).Take(3))}, too many {string.Join(" ", told.Except(expected).Take(3))}");
    }

    private static void AssertOrdered(List<JsonElement> shown, string sort)
    {
        var keys = shown.ConvertAll(trip => sort switch
        {
            "price" => Total(trip),
            "duration" => trip.GetProperty("durationMinutes").GetInt32(),
            "departure" => Leg(trip).GetProperty("departure").GetProperty("utc").GetDateTimeOffset().Ticks,
            _ => (long)Math.Round(trip.GetProperty("score").GetProperty("total").GetDouble() * 10_000),
        });
        Assert.Equal(keys.Order(), keys);
        Assert.All(shown, trip =>
        {
            var score = trip.GetProperty("score");
            var parts = score.EnumerateObject().Where(part => part.Name != "total").Sum(part => part.Value.GetDouble());
            Assert.InRange(score.GetProperty("total").GetDouble(), parts - 0.001, parts + 0.001);
        });
    }

    private static bool Dominates(JsonElement left, JsonElement right)
    {
        static (long Price, long Departs, long Arrives, int Stops, long Discomfort) Of(JsonElement trip) => (
            Total(trip), -Leg(trip).GetProperty("departure").GetProperty("utc").GetDateTimeOffset().Ticks,
            Leg(trip).GetProperty("arrival").GetProperty("utc").GetDateTimeOffset().Ticks, Leg(trip).GetProperty("stops").GetInt32(),
            (long)Math.Round(1e4 * new[] { "oddHours", "layovers", "airportChanges" }.Sum(part => trip.GetProperty("score").GetProperty(part).GetDouble())));
        var (one, other) = (Of(left), Of(right));
        return one != other && one.Price <= other.Price && one.Departs <= other.Departs && one.Arrives <= other.Arrives && one.Stops <= other.Stops
            && one.Discomfort <= other.Discomfort;
    }

    private static JsonElement Leg(JsonElement trip) => trip.GetProperty("legs")[0];

    private static string Id(JsonElement trip) => trip.GetProperty("id").GetString()!;

    private static long Total(JsonElement trip) => trip.GetProperty("price").GetProperty("total").Deserialize<Money>().MinorUnits;

    private sealed record Question(IReadOnlyList<(string Origin, string Destination, DateOnly Day)> Legs, Cabin Cabin, int Adults, int Children, int Infants, int MaxStops)
    {
        public static Question Any(Random random, int legs)
        {
            var places = new List<string> { Asked[random.Next(Asked.Length)] };
            while (places.Count <= legs)
            {
                var elsewhere = Asked.Where(code => Airports.Named(code)[0].CityCode != Airports.Named(places[^1])[0].CityCode).ToArray();
                places.Add(legs == 2 && places.Count == 2 && random.Next(2) == 0 ? places[0] : elsewhere[random.Next(elsewhere.Length)]);
            }

            var adults = random.Next(1, 4);
            return new(
                [.. Enumerable.Range(0, legs).Select(leg => (places[leg], places[leg + 1], new DateOnly(2026, 12, 1).AddDays(leg + random.Next(2))))],
                random.Next(3) > 0 ? Cabin.Economy : (Cabin)random.Next(4), adults, random.Next(3), random.Next(adults + 1), random.Next(3));
        }

        public List<List<OraclePath>> Paths(Oracle oracle) =>
            [.. Legs.Select(leg => oracle.Paths(new(Codes(leg.Origin), Codes(leg.Destination), leg.Day), MaxStops, Cabin, Adults, Children, Infants, "USD"))];

        public object Body(string sort, bool includeDominated, object? filters = null, int limit = 200) => new
        {
            legs = Legs.Select(leg => new { origin = leg.Origin, destination = leg.Destination, departsOn = $"{leg.Day:yyyy-MM-dd}" }),
            travellers = new { adults = Adults, children = Children, infants = Infants },
            cabin = JsonSerializer.Serialize(Cabin).Trim('"'),
            maxStops = MaxStops,
            currency = "USD",
            sort,
            includeDominated,
            filters,
            limit,
        };

        public override string ToString() => JsonSerializer.Serialize(Body("", false));

        private static IReadOnlyList<string> Codes(string place) => [.. Airports.Named(place).Select(airport => airport.Code)];
    }
}
