using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Aerona.Contracts;
using Aerona.Pricing;
using Aerona.Reference;
using Aerona.Search.SearchFlights;
using Aerona.Search.Timetables;

namespace Aerona.Search.Backends;

/// <summary>What both back ends keep of a flight, flat: one document a dated flight, found by its route and day.</summary>
internal sealed class FlightDocument
{
    /// <summary>Values of a facet that are told, at most.</summary>
    public const int MostValues = 200;

    /// <summary>Width of a bar of prices, in minor units.</summary>
    public const long PriceBar = 50_00;

    /// <summary>What prices are kept in.</summary>
    public static readonly string[] Currencies = ["EUR", "USD"];

    public static readonly Cabin[] Cabins = Enum.GetValues<Cabin>();

    public static readonly FlightFacet[] Facets = Enum.GetValues<FlightFacet>();

    private static readonly Prices[] OneAdult = [.. Currencies.Select(currency => new Prices(new(1), currency))];

    private static readonly ConcurrentDictionary<int, AirRoute> Routes = [];

    private FlightDocument()
    {
    }

    /// <summary>Which shape documents have, and which tariff their prices: another one is another index. Lower-case letters and digits.</summary>
    public static string Shape { get; } = $"4{Tariff()}";

    public required string Id { get; init; }

    public required long Row { get; init; }

    public required string Key { get; init; }

    /// <summary>By <see cref="FlightFacet"/>.</summary>
    public required string[] Values { get; init; }

    public required string Designator { get; init; }

    /// <summary>Minutes, <see cref="Clock"/>.</summary>
    public required int Departs { get; init; }

    /// <summary>Of the day at the origin.</summary>
    public required int LocalMinute { get; init; }

    public required int Minutes { get; init; }

    /// <summary>By cabin; null: the flight has no such cabin.</summary>
    public required int?[] Left { get; init; }

    /// <summary>One adult, all in, minor units; by currency, then cabin; negative: nothing is sold there.</summary>
    public required PerCabin<long>[] Prices { get; init; }

    public static FlightDocument Of(SellableFlight sellable)
    {
        var flight = sellable.Flight;
        var day = DateOnly.FromDateTime(flight.DepartsLocal);
        var left = new int?[Cabins.Length];
        foreach (var cabin in flight.Cabins)
        {
            left[(int)cabin.Cabin] = sellable.SeatsLeft(cabin);
        }

        return new()
        {
            Id = flight.FlightId,
            Row = sellable.Row,
            Key = RouteDay(flight.Origin, flight.Destination, day),
            Values = [flight.Flight.Carrier, flight.Origin, flight.Destination, flight.Aircraft, Day(day)],
            Designator = flight.Flight.ToString(),
            Departs = Clock.Minute(flight.DepartsAt),
            LocalMinute = (flight.DepartsLocal.Hour * 60) + flight.DepartsLocal.Minute,
            Minutes = (int)(flight.ArrivesAt - flight.DepartsAt).TotalMinutes,
            Left = left,
            Prices = PricesOf(sellable),
        };
    }

    public static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static string RouteDay(string origin, string destination, DateOnly day) => string.Create(CultureInfo.InvariantCulture, $"{origin}{destination}{day:yyyyMMdd}");

    /// <summary>As a search prices it; nothing for airports that searches do not know.</summary>
    private static PerCabin<long>[] PricesOf(SellableFlight sellable)
    {
        if (DatedFlight.Of(sellable.Flight, sellable.Left) is { } dated)
        {
            var route = Routes.GetOrAdd((dated.From << 16) | (ushort)dated.To, static (_, flight) => new(flight.From, flight.To), dated);
            return [.. OneAdult.Select(prices => prices.Of(route, dated))];
        }

        var nothing = default(PerCabin<long>);
        ((Span<long>)nothing).Fill(DatedFlight.NotSold);
        return [.. Currencies.Select(_ => nothing)];
    }

    /// <summary>Digest of the prices of a few flights: documents priced by another tariff are of another shape.</summary>
    private static string Tariff()
    {
        var prices = new StringBuilder();
        foreach (var (from, to) in new[] { ("JFK", "LAX"), ("LHR", "CDG"), ("HAN", "SGN"), ("SYD", "FRA"), ("GRU", "DXB"), ("NRT", "SIN") })
        {
            foreach (var currency in Currencies)
            {
                foreach (var fare in new[] { 40_00L, 400_00L })
                {
                    prices.Append(CultureInfo.InvariantCulture, $"{RouteTariff.Of(Airports.Find(from)!, Airports.Find(to)!, currency, PassengerType.Adult).Total(fare)} ");
                }
            }
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(prices.ToString())).AsSpan(0, 4));
    }
}
