using System.Collections.Concurrent;
using Aerona.Contracts;
using Aerona.Pricing;
using Aerona.Reference;

namespace Aerona.Search.Timetables;

/// <summary>All flights from one airport to another, by departure.</summary>
/// <param name="from">Index in <see cref="Stations"/>.</param>
/// <param name="to">Index in <see cref="Stations"/>.</param>
/// <param name="index">Counts the routes of a timetable from 0; -1: it is in none.</param>
internal sealed class AirRoute(short from, short to, int index = -1)
{
    private readonly ConcurrentDictionary<(ushort Currency, PassengerType Type), RouteTariff> tariffs = new();

    public short From => from;

    public short To => to;

    public int Index => index;

    /// <summary>Great circle.</summary>
    public double Kilometres { get; } = Airports.KilometresBetween(Stations.All[from], Stations.All[to]);

    public bool IsDomestic { get; } = Stations.All[from].Country == Stations.All[to].Country;

    /// <summary>By departure, then key. The array is replaced when flights come, go or move; one flight in it when only its seats or fares change.</summary>
    public DatedFlight[] Flights => Volatile.Read(ref times).Flights;

    /// <summary>The same with their departures side by side, to look for a time without touching a flight.</summary>
    public RouteTimes Times => Volatile.Read(ref times);

    private RouteTimes times = new([], []);

    public void Replace(DatedFlight[] all) => Volatile.Write(ref times, new(all, Array.ConvertAll(all, static flight => flight.DepartsAt)));

    /// <summary>What its flights of a local day are, in one number.</summary>
    public RouteDigests Digests { get; } = new();

    /// <summary>How the house prices this route.</summary>
    public RouteTariff Tariff(ushort currency, PassengerType type) =>
        tariffs.GetOrAdd((currency, type), static (key, route) => RouteTariff.Of(Stations.All[route.From], Stations.All[route.To], Names.Of(key.Currency), key.Type), this);
}

/// <summary>Flights of a route.</summary>
/// <param name="Flights">By departure.</param>
/// <param name="Departures">Of each the minute.</param>
internal sealed record RouteTimes(DatedFlight[] Flights, int[] Departures);

/// <summary>
/// Every dated flight in memory, by route and departure: what searches read. One writer at a time, any number of readers without a lock; a reader sees each
/// flight as it was before a change or after it.
/// </summary>
internal sealed class Timetable
{
    private readonly Dictionary<long, DatedFlight> byKey = [];

    private readonly ConcurrentDictionary<int, AirRoute> routes = new();

    private readonly AirRoute[][] outOf = [.. Stations.All.Select(_ => Array.Empty<AirRoute>())];

    private readonly AirRoute[][] into = [.. Stations.All.Select(_ => Array.Empty<AirRoute>())];

    private readonly Lock writing = new();

    private int count;

    private int lastDay;

    private int routeCount;

    private long changes;

    /// <summary>
    /// Counts changes; odd while one is under way. Who reads the same even number before and after reading flights and <see cref="AirRoute.Digests"/> has read them all in one state.
    /// </summary>
    public long Changes => Interlocked.Read(ref changes);

    public static bool IsChanging(long changes) => (changes & 1) != 0;

    /// <summary>Dated flights known, sold out and departed ones counted in.</summary>
    public int Count => Volatile.Read(ref count);

    /// <summary>Last local date of departure; null while there is no flight.</summary>
    public DateOnly? LastDay => Volatile.Read(ref lastDay) is > 0 and var day ? DateOnly.FromDayNumber(day) : null;

    /// <summary>Routes that leave the airport.</summary>
    public AirRoute[] From(short station) => Volatile.Read(ref outOf[station]);

    /// <summary>Routes that end there.</summary>
    public AirRoute[] To(short station) => Volatile.Read(ref into[station]);

    public AirRoute? Between(short from, short to) => routes.GetValueOrDefault((from << 16) | (ushort)to);

    /// <summary>The flight as it is now, or null. Not for searching: it waits for writers.</summary>
    public DatedFlight? Find(long key)
    {
        lock (writing)
        {
            return byKey.GetValueOrDefault(key);
        }
    }

    /// <summary>Takes flights over, each in place of what was known of it; of the same one the last.</summary>
    public void Put(IReadOnlyCollection<DatedFlight> flights)
    {
        lock (writing)
        {
            Interlocked.Increment(ref changes);
            byKey.EnsureCapacity(byKey.Count + (flights.Count > 10_000 ? flights.Count : 0));
            var moved = new Dictionary<AirRoute, (HashSet<DatedFlight> Gone, List<DatedFlight> Come)>();
            foreach (var flight in flights)
            {
                PutOne(flight, moved);
            }

            foreach (var (route, (gone, come)) in moved)
            {
                route.Replace(Merge(route.Flights, gone, come));
            }

            Volatile.Write(ref count, byKey.Count);
            Interlocked.Increment(ref changes);
        }
    }

    private void PutOne(DatedFlight flight, Dictionary<AirRoute, (HashSet<DatedFlight> Gone, List<DatedFlight> Come)> moved)
    {
        var route = RouteOf(flight);
        route.Digests.Come(flight);
        if (byKey.TryGetValue(flight.Key, out var before))
        {
            RouteOf(before).Digests.Go(before);
            var at = before.From == flight.From && before.To == flight.To && before.DepartsAt == flight.DepartsAt ? IndexOf(route.Flights, before) : -1;
            if (at >= 0)
            {
                Volatile.Write(ref route.Flights[at], flight);   // the usual case: seats or fares
                byKey[flight.Key] = flight;
                return;
            }

            var (gone, come) = Moved(RouteOf(before));
            if (!come.Remove(before))
            {
                gone.Add(before);
            }
        }

        Moved(route).Come.Add(flight);
        byKey[flight.Key] = flight;
        lastDay = Math.Max(lastDay, Clock.DayOf(flight.DepartsLocal).DayNumber);

        (HashSet<DatedFlight> Gone, List<DatedFlight> Come) Moved(AirRoute of)
        {
            if (!moved.TryGetValue(of, out var both))
            {
                moved[of] = both = ([], []);
            }

            return both;
        }
    }

    private AirRoute RouteOf(DatedFlight flight)
    {
        var key = (flight.From << 16) | (ushort)flight.To;
        if (!routes.TryGetValue(key, out var route))
        {
            route = new(flight.From, flight.To, routeCount++);
            routes[key] = route;
            Volatile.Write(ref outOf[flight.From], [.. outOf[flight.From], route]);
            Volatile.Write(ref into[flight.To], [.. into[flight.To], route]);
        }

        return route;
    }

    private static DatedFlight[] Merge(DatedFlight[] before, HashSet<DatedFlight> gone, List<DatedFlight> come)
    {
        var after = new DatedFlight[before.Length - gone.Count + come.Count];
        come.Sort(Compare);
        var (next, at) = (0, 0);
        foreach (var flight in before)
        {
            if (gone.Contains(flight))
            {
                continue;
            }

            while (next < come.Count && Compare(come[next], flight) < 0)
            {
                after[at++] = come[next++];
            }

            after[at++] = flight;
        }

        while (next < come.Count)
        {
            after[at++] = come[next++];
        }

        return after;
    }

    private static int IndexOf(DatedFlight[] flights, DatedFlight flight)
    {
        for (var at = FirstFrom(flights, flight.DepartsAt); at < flights.Length && flights[at].DepartsAt == flight.DepartsAt; at++)
        {
            if (ReferenceEquals(flights[at], flight))
            {
                return at;
            }
        }

        return -1;
    }

    /// <summary>Index of the first flight that departs at that minute or later.</summary>
    public static int FirstFrom(DatedFlight[] flights, int minute)
    {
        var (low, high) = (0, flights.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = flights[middle].DepartsAt < minute ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    /// <summary>The same, between two indexes of an array of departures.</summary>
    public static int FirstFrom(int[] departures, int low, int high, int minute)
    {
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = departures[middle] < minute ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private static int Compare(DatedFlight left, DatedFlight right) =>
        left.DepartsAt != right.DepartsAt ? left.DepartsAt.CompareTo(right.DepartsAt) : left.Key.CompareTo(right.Key);
}
