using System.Text.Json;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Operations;
using Aerona.Pricing;
using Aerona.Reference;
using Aerona.TestKit;
using Xunit;
using static Aerona.Search.Tests.SearchService;

namespace Aerona.Search.Tests;

/// <summary>Every search over a random world equals a scan over all its flights.</summary>
public sealed class SearchTruthTests
{
    private const int Seed = 20_261_201;

    private static readonly string[] Somewhere = ["JFK", "LGA", "EWR", "LAX", "SFO", "LHR", "LGW", "CDG", "HAN", "SGN"];

    private static readonly string[] Asked = [.. Somewhere, "NYC", "LON"];

    private static readonly string[] Airlines = ["AA", "DL", "BA", "VN"];

    private static readonly DateTimeOffset Now = new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Searches_equal_a_scan_over_all_flights()
    {
        var random = new Random(Seed);
        var flights = World(random, 3_000);
        var left = Sold(random, flights);
        await using var service = await StartAsync();
        await service.PublishAsync(flights);
        await service.ChangeSeatsAsync(left.Select(seats => new SeatAvailabilityChanged(seats.Key.FlightId, seats.Key.Cabin, seats.Value, 5)));

        var found = 0;
        for (var i = 0; i < 200; i++)
        {
            var search = Search.Random(random);
            var expected = search.Scan(flights, left);
            found += expected.Count;

            var (total, shown) = await AllPagesAsync(service, search, random.Next(4, 40));

            Assert.True(
                expected.Select(flight => flight.FlightId).SequenceEqual(shown.Select(flight => flight.GetProperty("flightId").GetString())),
                $"seed {Seed}, search {i}: {JsonSerializer.Serialize(search)}");
            Assert.Equal(expected.Count, total);
            Assert.All(expected.Zip(shown), pair => AssertShown(pair.First, pair.Second, search, left));
        }

        Assert.InRange(found, 400, 100_000);   // the searches were not all empty
    }

    private static void AssertShown(PublishedFlight flight, JsonElement shown, Search search, Dictionary<(string, Cabin), int> left)
    {
        var cabin = flight.Cabins.Single(cabin => cabin.Cabin == search.Cabin);
        Assert.Equal(Math.Min(9, left.GetValueOrDefault((flight.FlightId, search.Cabin), cabin.Authorised)), shown.GetProperty("seatsLeft").GetInt32());
        Assert.Equal(search.Price(flight), shown.GetProperty("price").GetProperty("total").Deserialize<Money>());
        Assert.Equal(HouseTariff.Total(cabin.Fare, flight.Origin, flight.Destination, 1, 0, 0), shown.GetProperty("price").GetProperty("perAdult").Deserialize<Money>());
        Assert.Equal(flight.DepartsLocal, shown.GetProperty("departure").GetProperty("local").GetDateTime());
        Assert.Equal(flight.ArrivesAt, shown.GetProperty("arrival").GetProperty("utc").GetDateTimeOffset());
        Assert.Equal(Airports.Find(flight.Destination)!.Zone, shown.GetProperty("arrival").GetProperty("zone").GetString());
        Assert.Equal((flight.ArrivesAt - flight.DepartsAt).TotalMinutes, shown.GetProperty("durationMinutes").GetInt32());
        Assert.Equal((flight.ArrivesLocal.Date - flight.DepartsLocal.Date).Days, shown.GetProperty("dayOffset").GetInt32());
    }

    private static async Task<(int Total, List<JsonElement> Flights)> AllPagesAsync(TestService service, Search search, int limit)
    {
        var (flights, cursor, total) = (new List<JsonElement>(), (string?)null, 0);
        do
        {
            var page = await service.SearchAsync(search.Question(limit, cursor));
            flights.AddRange(page.GetProperty("flights").EnumerateArray());
            total = page.GetProperty("total").GetInt32();
            cursor = page.GetProperty("nextCursor").GetString();
            Assert.True(page.GetProperty("flights").GetArrayLength() == limit || cursor is null);
        }
        while (cursor is not null);
        return (total, flights);
    }

    // A route has one currency, whichever of the city's airports it uses.
    private static string Currency(string origin, string destination) =>
        new[] { origin, destination }.Any(place => Airports.Named(place)[0].Country is "GB" or "FR") ? "EUR" : "USD";

    private static List<PublishedFlight> World(Random random, int count) =>
    [
        .. Enumerable.Range(0, count).Select(i =>
        {
            var origin = Somewhere[random.Next(Somewhere.Length)];
            var elsewhere = Somewhere.Where(code => Airports.Find(code)!.CityCode != Airports.Find(origin)!.CityCode).ToArray();
            var destination = elsewhere[random.Next(elsewhere.Length)];
            var departs = new DateTime(2026, 12, 1).AddMinutes(5 * random.Next(3 * 24 * 12));
            var currency = Currency(origin, destination);
            return Flight(
                $"{Airlines[random.Next(Airlines.Length)]}{i + 1}", origin, destination, departs, 60 + 5 * random.Next(150), cabins:
                [
                    .. Enum.GetValues<Cabin>().Where(cabin => cabin == Cabin.Economy || random.Next(2) == 0)
                        .Select(cabin => new PublishedCabin(cabin, random.Next(1, 20), "M", Money.Of(20 + random.Next(30) * 10, currency))),   // few prices: ties
                ]);
        }),
    ];

    private static Dictionary<(string FlightId, Cabin Cabin), int> Sold(Random random, List<PublishedFlight> flights) => flights
        .Where(_ => random.Next(60) == 0).SelectMany(flight => flight.Cabins.Select(cabin => (flight.FlightId, cabin.Cabin)))
        .ToDictionary(key => key, _ => random.Next(0, 12));

    private sealed record Search(
        string Origin, string Destination, DateOnly Day, Cabin Cabin, int Adults, int Children, int Infants, string[]? Airlines, TimeOnly? From, TimeOnly? To, Money? Most,
        string Sort)
    {
        public static Search Random(Random random)
        {
            var origin = Asked[random.Next(Asked.Length)];
            var elsewhere = Asked.Where(code => Airports.Named(code)[0].CityCode != Airports.Named(origin)[0].CityCode).ToArray();
            var destination = elsewhere[random.Next(elsewhere.Length)];
            var adults = random.Next(1, 5);
            var hours = new[] { new TimeOnly(random.Next(24), 0), new TimeOnly(random.Next(24), 30) }.Order().ToArray();
            var windowed = random.Next(3) == 0;
            return new(
                origin, destination, new DateOnly(2026, 12, 2).AddDays(random.Next(2)), random.Next(2) == 0 ? Cabin.Economy : (Cabin)random.Next(4),
                adults, random.Next(3), random.Next(adults + 1), random.Next(3) == 0 ? SearchTruthTests.Airlines[..random.Next(1, 4)] : null,
                windowed ? hours[0] : null, windowed ? hours[1] : null, random.Next(4) == 0 ? Money.Of(300 + random.Next(2_000), Currency(origin, destination)) : null,
                new[] { "price", "departure", "duration" }[random.Next(3)]);
        }

        public object Question(int limit, string? cursor) => SearchService.Question(
            Origin, Destination, $"{Day:yyyy-MM-dd}", JsonSerializer.Serialize(Cabin).Trim('"'), new { adults = Adults, children = Children, infants = Infants },
            new { airlines = Airlines, departureWindow = From is { } from ? new { from = $"{from:HH:mm}", to = $"{To:HH:mm}" } : null, maxPrice = Most }, Sort, limit, cursor);

        public Money Price(PublishedFlight flight) =>
            HouseTariff.Total(flight.Cabins.Single(cabin => cabin.Cabin == Cabin).Fare, flight.Origin, flight.Destination, Adults, Children, Infants);

        public List<PublishedFlight> Scan(List<PublishedFlight> flights, Dictionary<(string, Cabin), int> left)
        {
            static bool Serves(string place, string airport) => place == airport || Airports.Find(airport)!.CityCode == place;
            return
            [
                .. flights
                    .Where(flight => Serves(Origin, flight.Origin) && Serves(Destination, flight.Destination) && DateOnly.FromDateTime(flight.DepartsLocal) == Day)
                    .Where(flight => flight.DepartsAt > Now)
                    .Where(flight => flight.Cabins.Any(cabin => cabin.Cabin == Cabin && left.GetValueOrDefault((flight.FlightId, Cabin), cabin.Authorised) >= Adults + Children))
                    .Where(flight => Airlines?.Contains(flight.Flight.Carrier) ?? true)
                    .Where(flight => From is null || (TimeOnly.FromDateTime(flight.DepartsLocal) >= From && TimeOnly.FromDateTime(flight.DepartsLocal) <= To))
                    .Where(flight => Most is not { } most || (Price(flight).Currency == most.Currency && Price(flight) <= most))
                    .OrderBy(flight => Sort switch
                    {
                        "price" => Price(flight).MinorUnits,
                        "duration" => (flight.ArrivesAt - flight.DepartsAt).Ticks,
                        _ => 0,
                    })
                    .ThenBy(flight => flight.DepartsAt).ThenBy(flight => flight.FlightId, StringComparer.Ordinal),
            ];
        }
    }
}
