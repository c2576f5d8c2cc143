using System.Buffers;
using System.Collections.Concurrent;
using Aerona.Search.Timetables;

namespace Aerona.Search.SearchFlights;

/// <summary>
/// What one search works on, used again by a later one: a search with two stops looks at tens of thousands of options, and collecting them as garbage would cost more
/// than finding them. Whatever outlives the search is copied (<see cref="LegOption.Copy"/>). One thread at a time.
/// </summary>
internal sealed class Workspace : IDisposable
{
    /// <summary>A larger one is not kept: rare searches shall not hold the memory of all.</summary>
    private const int MostKept = 200_000;

    private static readonly ConcurrentBag<Workspace> Idle = [];

    private readonly List<LegOption> options = [];

    private readonly List<List<LegOption>> lists = [];

    private readonly List<long[]> numbers = [];

    private RouteSlice[] routes = new RouteSlice[4_096];

    private int usedOptions;

    private int usedLists;

    private Workspace()
    {
    }

    /// <summary>Flights of the routes looked at, as they were at one moment; see <see cref="LegSearch"/>.</summary>
    public DatedFlight[] Flights { get; private set; } = new DatedFlight[4_096];

    /// <summary>By flight in <see cref="Flights"/> when it departs.</summary>
    public int[] Departures { get; private set; } = new int[4_096];

    /// <summary>By flight in <see cref="Flights"/> what the party pays.</summary>
    public PerCabin<long>[] Prices { get; private set; } = new PerCabin<long>[4_096];

    /// <summary>How many of <see cref="Flights"/> are in use.</summary>
    public int UsedFlights { get; private set; }

    /// <summary>Which leg is searched: what a <see cref="Route"/> says of another one is out of date.</summary>
    public int Stamp { get; private set; }

    /// <summary>Flights of the first route that leave on the day.</summary>
    public List<int> Day { get; } = [];

    public static Workspace Rent() => Idle.TryTake(out var idle) ? idle : new();

    /// <summary>Begins a leg: what was known of routes is forgotten, options stay.</summary>
    public void BeginLeg()
    {
        UsedFlights = 0;
        Stamp++;
    }

    /// <summary>Where the flights of the route with that <see cref="AirRoute.Index"/> are, if that was found out in this leg.</summary>
    public ref RouteSlice Route(int index)
    {
        if (index >= routes.Length)
        {
            Array.Resize(ref routes, 2 * index);
        }

        return ref routes[index];
    }

    /// <summary>Room for so many more flights; their prices are not known.</summary>
    public int Reserve(int count)
    {
        var from = UsedFlights;
        UsedFlights += count;
        if (UsedFlights > Flights.Length)
        {
            var (flights, departures, prices) = (Flights, Departures, Prices);
            Array.Resize(ref flights, 2 * UsedFlights);
            Array.Resize(ref departures, 2 * UsedFlights);
            Array.Resize(ref prices, 2 * UsedFlights);
            (Flights, Departures, Prices) = (flights, departures, prices);
        }

        return from;
    }

    /// <summary>An option to fill in, until the workspace is given back.</summary>
    public LegOption Option()
    {
        if (usedOptions == options.Count)
        {
            options.Add(new());
        }

        return options[usedOptions++];
    }

    /// <summary>An empty list, until the workspace is given back.</summary>
    public List<LegOption> List()
    {
        if (usedLists == lists.Count)
        {
            lists.Add([]);
        }

        return lists[usedLists++];
    }

    /// <summary>At least so many numbers of any value, until the workspace is given back.</summary>
    public long[] Numbers(int count)
    {
        var rented = ArrayPool<long>.Shared.Rent(count);
        numbers.Add(rented);
        return rented;
    }

    /// <summary>Gives it back. Nothing that came from it may be used any more.</summary>
    public void Dispose()
    {
        foreach (var rented in numbers)
        {
            ArrayPool<long>.Shared.Return(rented);
        }

        numbers.Clear();
        foreach (var list in lists)
        {
            list.Clear();
        }

        var isSmall = usedOptions <= MostKept && UsedFlights <= MostKept;
        (usedOptions, usedLists) = (0, 0);
        if (isSmall && Idle.Count < 2 * Environment.ProcessorCount)
        {
            Idle.Add(this);
        }
    }
}

/// <summary>A route's flights that can matter on a day.</summary>
/// <param name="Stamp">Of the leg that this was found out for.</param>
/// <param name="From">The first of them in <see cref="Workspace.Flights"/>.</param>
/// <param name="Count">How many there are.</param>
internal readonly record struct RouteSlice(int Stamp, int From, int Count)
{
    public int To => From + Count;
}
