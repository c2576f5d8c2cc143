using Aerona.Contracts;
using Aerona.Contracts.Operations;
using Aerona.Pricing;
using Aerona.Reference;
using Aerona.Search.Connections;

namespace Aerona.Search.Tests;

/// <summary>A leg as the oracle is asked for it.</summary>
internal sealed record OracleLeg(IReadOnlyList<string> Origins, IReadOnlyList<string> Destinations, DateOnly Day);

/// <summary>A way to fly a leg.</summary>
internal sealed record OraclePath(IReadOnlyList<PublishedFlight> Flights)
{
    public string Id { get; } = string.Join(".", Flights.Select(flight => flight.FlightId));

    public DateTimeOffset DepartsAt => Flights[0].DepartsAt;

    public DateTimeOffset ArrivesAt => Flights[^1].ArrivesAt;

    public int Minutes => (int)(ArrivesAt - DepartsAt).TotalMinutes;

    public int Stops => Flights.Count - 1;

    public long Price { get; set; }
}

/// <summary>
/// The truth about a world of flights by trying every flight after every other one, on the published records: it shares the rules' data and the tariff with the
/// product, and no code of its search.
/// </summary>
internal sealed class Oracle(IEnumerable<PublishedFlight> world, Func<PublishedFlight, Cabin, int> left, DateTimeOffset now)
{
    private readonly Dictionary<string, PublishedFlight[]> byOrigin =
        world.GroupBy(flight => flight.Origin).ToDictionary(airport => airport.Key, airport => airport.OrderBy(flight => flight.DepartsAt).ToArray());

    /// <summary>Every way to fly the leg in that cabin, with the party's price.</summary>
    public List<OraclePath> Paths(OracleLeg leg, int maxStops, Cabin cabin, int adults, int children, int infants, string currency)
    {
        var found = new List<OraclePath>();
        var ends = leg.Origins.Concat(leg.Destinations).Select(City).ToHashSet();
        foreach (var first in leg.Origins.SelectMany(origin => byOrigin.GetValueOrDefault(origin, [])).Where(flight => DateOnly.FromDateTime(flight.DepartsLocal) == leg.Day && Sold(flight)))
        {
            Extend([first]);
        }

        return found;

        bool Sold(PublishedFlight flight) =>
            flight.DepartsAt > now && flight.Cabins.Any(sold => sold.Cabin == cabin) && left(flight, cabin) >= adults + children;

        void Extend(List<PublishedFlight> path)
        {
            var last = path[^1];
            if (leg.Destinations.Contains(last.Destination))
            {
                Add(path);
            }

            if (path.Count > maxStops || ends.Contains(City(last.Destination)) || last.Supplier is not null)
            {
                return;
            }

            foreach (var next in Airports.Named(City(last.Destination)).SelectMany(airport => Within(airport.Code, last.ArrivesAt, TimeSpan.FromHours(24))))
            {
                if (path.Count == maxStops && !leg.Destinations.Contains(next.Destination))
                {
                    continue;
                }

                var wait = next.DepartsAt - last.ArrivesAt;
                var isNew = leg.Destinations.Contains(next.Destination)
                    || (!ends.Contains(City(next.Destination)) && path.TrueForAll(flight => City(flight.Destination) != City(next.Destination)));
                if (next.Supplier is null && Sold(next) && isNew && wait >= TimeSpan.FromMinutes(Minimum(last, next)) && wait <= TimeSpan.FromHours(24))
                {
                    Extend([.. path, next]);
                }
            }
        }

        void Add(List<PublishedFlight> path)
        {
            var direct = Kilometres(path[0].Origin, path[^1].Destination);
            if (path.Count > 1 && (path.Sum(flight => Kilometres(flight.Origin, flight.Destination)) > (2 * direct) + 1_500
                || path.Zip(path.Skip(1), (before, after) => (after.DepartsAt - before.ArrivesAt).TotalHours).Sum() > 24
                || path[^1].ArrivesAt - path[0].DepartsAt > TimeSpan.FromMinutes(Math.Min(48 * 60, (2 * (40 + (int)(direct / 13))) + (16 * 60)))))
            {
                return;
            }

            var price = path.Sum(flight =>
            {
                var fare = HouseTariff.In(currency, flight.Cabins.Single(sold => sold.Cabin == cabin).Fare);
                return HouseTariff.Total(fare, flight.Origin, flight.Destination, adults, children, infants).MinorUnits;
            });
            found.Add(new([.. path]) { Price = price });
        }
    }

    private IEnumerable<PublishedFlight> Within(string origin, DateTimeOffset from, TimeSpan length)
    {
        var flights = byOrigin.GetValueOrDefault(origin, []);
        var (low, high) = (0, flights.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = flights[middle].DepartsAt < from ? (middle + 1, high) : (low, middle);
        }

        return flights.Skip(low).TakeWhile(flight => flight.DepartsAt <= from + length);
    }

    /// <summary>What the table says for two flights, all of it looked through.</summary>
    public static int Minimum(PublishedFlight before, PublishedFlight after)
    {
        var rules = ConnectionRules.Shipped;
        static bool IsDomestic(PublishedFlight flight) => Airports.Find(flight.Origin)!.Country == Airports.Find(flight.Destination)!.Country;
        string? Terminal(string airport, string airline) => rules.Terminals.GetValueOrDefault((airport, airline));
        var fitting = rules.All.Where(rule =>
            (rule.Airport is null || rule.Airport == before.Destination)
            && (before.Destination == after.Origin ? rule.To is null : rule.To == "*" || rule.To == after.Origin)
            && (rule.ArrivingAirline is null || rule.ArrivingAirline == before.Flight.Carrier)
            && (rule.DepartingAirline is null || rule.DepartingAirline == after.Flight.Carrier)
            && (rule.ArrivingTerminal is null || rule.ArrivingTerminal == Terminal(before.Destination, before.Flight.Carrier))
            && (rule.DepartingTerminal is null || rule.DepartingTerminal == Terminal(after.Origin, after.Flight.Carrier))
            && (rule.ArrivesDomestic is null || rule.ArrivesDomestic == IsDomestic(before))
            && (rule.DepartsDomestic is null || rule.DepartsDomestic == IsDomestic(after))).ToList();
        var most = fitting.Max(Telling);
        return fitting.Where(rule => Telling(rule) == most).Max(rule => rule.Minutes);
    }

    // Airport, then airlines, then terminals, then domestic or international: written as digits.
    private static int Telling(ConnectionRule rule) =>
        (rule.Airport is null ? 0 : 10_000) + (rule.To is null or "*" ? 0 : 1_000)
        + (100 * ((rule.ArrivingAirline is null ? 0 : 1) + (rule.DepartingAirline is null ? 0 : 1)))
        + (10 * ((rule.ArrivingTerminal is null ? 0 : 1) + (rule.DepartingTerminal is null ? 0 : 1)))
        + (rule.ArrivesDomestic is null ? 0 : 1) + (rule.DepartsDomestic is null ? 0 : 1);

    public static double Kilometres(string from, string to) => Airports.KilometresBetween(Airports.Find(from)!, Airports.Find(to)!);

    private static string City(string airport) => Airports.Find(airport)!.CityCode;
}
