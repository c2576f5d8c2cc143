using System.Globalization;
using Aerona.Contracts;
using Aerona.Contracts.Operations;
using Aerona.Reference;

namespace Aerona.SearchBench;

/// <summary>
/// A timetable by chance on OpenFlights' routes of June 2014 (ODbL), those between airports of Aerona's own table: which route, day and minute a flight has is drawn
/// with a seed; block time is 40 minutes and a minute for each 13 km, the price a base and a part by distance, the aircraft one of the route's that are known.
/// </summary>
internal sealed class World
{
    public static readonly DateOnly FirstDay = new(2026, 12, 2);

    private readonly List<(string Airline, Airport From, Airport To, double Kilometres, string Aircraft)> routes = [];

    private readonly int seed;

    public World(string folder, int seed, int flights, int days)
    {
        (this.seed, Flights, Days) = (seed, flights, days);
        foreach (var line in File.ReadLines(Path.Combine(folder, "openflights", "routes.dat")))
        {
            var columns = line.Split(',');
            if (columns[0].Length == 2 && FlightDesignator.Parse(columns[0] + "1") is not null && Airports.Find(columns[2]) is { } from && Airports.Find(columns[4]) is { } to && from.CityCode != to.CityCode)
            {
                var aircraft = columns[8].Split(' ').FirstOrDefault(AircraftTypes.All.ContainsKey) ?? "320";
                routes.Add((columns[0], from, to, Airports.KilometresBetween(from, to), aircraft));
            }
        }

        Busiest = [.. routes.GroupBy(route => route.From.Code).OrderByDescending(airport => airport.Count()).ThenBy(airport => airport.Key, StringComparer.Ordinal).Take(200).Select(airport => airport.Key)];
    }

    public int Flights { get; }

    public int Days { get; }

    public int Routes => routes.Count;

    /// <summary>The airports with most routes.</summary>
    public IReadOnlyList<string> Busiest { get; }

    /// <summary>The same flights again and again.</summary>
    public IEnumerable<PublishedFlight> All()
    {
        var random = new Random(seed);
        var numbers = new Dictionary<(string, int), int>();
        for (var made = 0; made < Flights; made++)
        {
            var (airline, from, to, kilometres, aircraft) = routes[random.Next(routes.Count)];
            var (day, minute) = (random.Next(Days), 5 * random.Next(60, 286));   // five in the morning to almost midnight
            var (factor, load) = (0.7 + random.NextDouble(), random.Next(0, 101));
            var number = numbers[(airline, day)] = numbers.GetValueOrDefault((airline, day)) + 1;
            var local = FirstDay.AddDays(day).ToDateTime(TimeOnly.MinValue).AddMinutes(minute);
            if (from.TimeZone.IsInvalidTime(local))
            {
                local = local.AddHours(1);
            }

            var departs = new DateTimeOffset(local, from.TimeZone.GetUtcOffset(local)).ToUniversalTime();
            var arrives = departs.AddMinutes(40 + (int)(kilometres / 13));
            var arrivesLocal = DateTime.SpecifyKind(TimeZoneInfo.ConvertTime(arrives, to.TimeZone).DateTime, DateTimeKind.Unspecified);
            var type = AircraftTypes.Find(aircraft)!;
            var fare = (long)((20 + (kilometres * 0.06)) * factor * 100);
            var flight = new FlightDesignator(airline, number);
            List<PublishedCabin> cabins = [new(Cabin.Economy, type.Economy * (100 - load) / 100, "M", new(fare, "USD"))];
            if (type.Business > 0)
            {
                cabins.Add(new(Cabin.Business, type.Business * (100 - load) / 100, "J", new(fare * 3, "USD")));
            }

            yield return new(
                flight.OnDate(FirstDay.AddDays(day)), 1, flight, airline, from.Code, to.Code, local, departs, arrivesLocal, arrives, aircraft, cabins);
        }
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Flights:N0} flights over {Days} days on {routes.Count:N0} routes of OpenFlights between {Airports.All.Count} airports, seed {seed}");
}
