using Aerona.Contracts;
using Aerona.Pricing;
using Aerona.Search.Timetables;

namespace Aerona.Search.SearchFlights;

/// <summary>The filters, a bit each: what an option fails.</summary>
[Flags]
internal enum Filter
{
    None = 0,
    Cabin = 1,
    Stops = 1 << 1,
    Airlines = 1 << 2,
    Departure = 1 << 3,
    Arrival = 1 << 4,
    Origins = 1 << 5,
    Destinations = 1 << 6,
    Layovers = 1 << 7,
    Duration = 1 << 8,
    Wait = 1 << 9,
    Price = 1 << 10,
    Bags = 1 << 11,
    Refundable = 1 << 12,
    Overnight = 1 << 13,
    AirportChange = 1 << 14,
}

/// <summary>What a request's filters ask of an option, worked out once.</summary>
internal sealed class OptionFilter
{
    private readonly int cabin;

    private readonly FlightFilters wanted;

    private readonly bool isAnything;

    private readonly HashSet<ushort>? airlines;

    private readonly HashSet<ushort>? withoutAirlines;

    private readonly HashSet<short>? origins;

    private readonly HashSet<short>? destinations;

    private readonly HashSet<short>? via;

    private readonly HashSet<short>? withoutVia;

    public OptionFilter(Cabin cabin, FlightFilters? filters)
    {
        this.cabin = (int)cabin;
        wanted = filters ?? new();
        isAnything = wanted with { MaxPrice = null } == new FlightFilters();
        airlines = wanted.Airlines?.Select(DatedFlight.Packed).ToHashSet();
        withoutAirlines = wanted.WithoutAirlines?.Select(DatedFlight.Packed).ToHashSet();
        origins = Set(wanted.OriginAirports);
        destinations = Set(wanted.DestinationAirports);
        via = Set(wanted.Via);
        withoutVia = Set(wanted.WithoutVia);
    }

    /// <summary>What the option fails, the price of the trip left out.</summary>
    public Filter Failed(LegOption option)
    {
        if (isAnything)
        {
            return option.Prices[cabin] >= 0 ? Filter.None : Filter.Cabin;
        }

        var failed = Filter.None;
        void Unless(bool passes, Filter filter) => failed |= passes ? Filter.None : filter;

        Unless(option.Prices[cabin] >= 0, Filter.Cabin);
        Unless(wanted.Stops is not { } stops || stops.Contains(option.Stops), Filter.Stops);
        Unless(wanted.DepartureWindow is not { } leaves || leaves.Contains(option.First.DepartsLocal), Filter.Departure);
        Unless(wanted.ArrivalWindow is not { } arrives || arrives.Contains(option.Last.ArrivesLocal), Filter.Arrival);
        Unless(origins?.Contains(option.First.From) ?? true, Filter.Origins);
        Unless(destinations?.Contains(option.Last.To) ?? true, Filter.Destinations);
        Unless(wanted.MaxDurationMinutes is not { } longest || option.Minutes <= longest, Filter.Duration);
        Unless(HasBags(option, cabin), Filter.Bags);
        Unless(IsRefundable(option, cabin), Filter.Refundable);
        for (var index = 0; index < option.Flights; index++)
        {
            var carrier = option[index].Carrier;
            Unless((airlines?.Contains(carrier) ?? true) && !(withoutAirlines?.Contains(carrier) ?? false), Filter.Airlines);
        }

        Unless(via is null || option.Stops > 0, Filter.Layovers);
        for (var index = 1; index < option.Flights; index++)
        {
            var (before, after) = (option[index - 1], option[index]);
            var wait = after.DepartsAt - before.ArrivesAt;
            Unless((via is null || (via.Contains(before.To) && via.Contains(after.From))) && !(withoutVia is not null && (withoutVia.Contains(before.To) || withoutVia.Contains(after.From))), Filter.Layovers);
            Unless(!(wait < wanted.MinLayoverMinutes) && !(wait > wanted.MaxLayoverMinutes), Filter.Wait);
            Unless(wanted.NoOvernight is not true || !IsOvernight(before, after), Filter.Overnight);
            Unless(wanted.NoAirportChange is not true || before.To == after.From, Filter.AirportChange);
        }

        return failed;
    }

    /// <summary>Whether the option matches in that cabin, whatever it costs there.</summary>
    public bool PassesIn(int other, LegOption option) =>
        (option.Failed & ~(Filter.Cabin | Filter.Price | Filter.Bags | Filter.Refundable)) == 0 && option.Prices[other] >= 0 && HasBags(option, other)
        && IsRefundable(option, other);

    private bool HasBags(LegOption option, int inCabin) => wanted.MinBags is not { } bags || (LegFacets.Bags(option, inCabin) is { } has && has >= bags);

    private bool IsRefundable(LegOption option, int inCabin) => wanted.Refundable is not true || LegFacets.Refundable(option, inCabin) == true;

    /// <summary>Whether the wait between two flights has a midnight in it, by the clock there.</summary>
    public static bool IsOvernight(DatedFlight before, DatedFlight after) => Clock.DayOf(before.ArrivesLocal) != Clock.DayOf(after.DepartsLocal);

    private static HashSet<short>? Set(IReadOnlyList<string>? codes) =>
        codes?.Select(code => Stations.TryFind(code, out var station) ? station : throw new ArgumentException($"'{code}' is no airport known here")).ToHashSet();
}

/// <summary>The filters of a leg: the request's and its own, each of which has to be passed.</summary>
internal sealed class LegFilter(Cabin cabin, FlightFilters? general, FlightFilters? own)
{
    private readonly OptionFilter[] all = own is null ? [new(cabin, general)] : [new(cabin, general), new(cabin, own)];

    /// <summary>What the option fails, the price of the trip left out.</summary>
    public Filter Failed(LegOption option)
    {
        var failed = Filter.None;
        foreach (var filter in all)
        {
            failed |= filter.Failed(option);
        }

        return failed;
    }

    /// <summary>Whether the option matches in that cabin, whatever it costs there.</summary>
    public bool PassesIn(int other, LegOption option)
    {
        foreach (var filter in all)
        {
            if (!filter.PassesIn(other, option))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>Finds for each option the cheapest trip that it can be part of, without building trips.</summary>
internal static class Throughs
{
    /// <summary>From an arrival to the next leg's departure at least.</summary>
    public const int TurnAround = 60;

    /// <summary>
    /// The price of the cheapest trip through every option of every leg when the others keep to <paramref name="mayBePartOf"/>; <see cref="long.MaxValue"/> where there is none.
    /// An option need not keep to it itself: so a facet can count what its own filter leaves out. Arrays are the workspace's, and may be longer than the legs.
    /// </summary>
    public static long[][] Cheapest(IReadOnlyList<List<LegOption>> legs, int cabin, Func<int, LegOption, bool> mayBePartOf, Workspace space)
    {
        var through = legs.Select(options => space.Numbers(options.Count)).ToArray();
        if (legs.Count == 1)
        {
            for (var index = 0; index < legs[0].Count; index++)
            {
                through[0][index] = legs[0][index].Prices[cabin] is >= 0 and var price ? price : long.MaxValue;
            }

            return through;
        }

        var before = new long[legs.Count][];
        for (var leg = 0; leg < legs.Count; leg++)
        {
            before[leg] = space.Numbers(legs[leg].Count);
            var earlier = leg == 0 ? null : new CheapestBeside(legs[leg - 1], before[leg - 1], cabin, leg - 1, mayBePartOf, space, byArrival: true);
            for (var index = 0; index < legs[leg].Count; index++)
            {
                before[leg][index] = earlier?.UpTo(legs[leg][index].DepartsAt - TurnAround) ?? 0;
            }
        }

        long[]? after = null;
        for (var leg = legs.Count - 1; leg >= 0; leg--)
        {
            var later = leg == legs.Count - 1 ? null : new CheapestBeside(legs[leg + 1], after!, cabin, leg + 1, mayBePartOf, space, byArrival: false);
            var next = space.Numbers(legs[leg].Count);
            for (var index = 0; index < legs[leg].Count; index++)
            {
                var option = legs[leg][index];
                next[index] = later?.From(option.ArrivesAt + TurnAround) ?? 0;
                var price = option.Prices[cabin];
                through[leg][index] = price < 0 || before[leg][index] == long.MaxValue || next[index] == long.MaxValue
                    ? long.MaxValue
                    : price + before[leg][index] + next[index];
            }

            after = next;
        }

        return through;
    }
}

/// <summary>The cheapest option of a leg, with what goes before or after it, up to an arrival or from a departure.</summary>
internal sealed class CheapestBeside
{
    private readonly long[] minutes;

    private readonly long[] cheapest;

    private readonly int count;

    /// <param name="options">Of the leg.</param>
    /// <param name="beyond">By option the price of what goes before or after it; null: nothing does.</param>
    /// <param name="cabin">The cabin to pay for.</param>
    /// <param name="leg">For <paramref name="mayBePartOf"/>.</param>
    /// <param name="mayBePartOf">Which options count.</param>
    /// <param name="space">Keeps the arrays.</param>
    /// <param name="byArrival">True for <see cref="UpTo"/>, false for <see cref="From"/>.</param>
    public CheapestBeside(List<LegOption> options, long[]? beyond, int cabin, int leg, Func<int, LegOption, bool> mayBePartOf, Workspace space, bool byArrival)
    {
        (minutes, cheapest) = (space.Numbers(options.Count), space.Numbers(options.Count));
        for (var index = 0; index < options.Count; index++)
        {
            var option = options[index];
            if (option.Prices[cabin] is >= 0 and var price && (beyond is null || beyond[index] != long.MaxValue) && mayBePartOf(leg, option))
            {
                minutes[count] = byArrival ? option.ArrivesAt : option.DepartsAt;
                cheapest[count++] = price + (beyond?[index] ?? 0);
            }
        }

        minutes.AsSpan(0, count).Sort(cheapest.AsSpan(0, count));
        var best = long.MaxValue;
        for (var step = 0; step < count; step++)
        {
            var index = byArrival ? step : count - 1 - step;
            cheapest[index] = best = Math.Min(best, cheapest[index]);
        }
    }

    /// <summary>Of those that have arrived by then; <see cref="long.MaxValue"/>: none.</summary>
    public long UpTo(int minute) => CountBelow(minute + 1) is > 0 and var below ? cheapest[below - 1] : long.MaxValue;

    /// <summary>Of those that leave then or later.</summary>
    public long From(int minute) => CountBelow(minute) is var below && below < count ? cheapest[below] : long.MaxValue;

    private int CountBelow(int minute)
    {
        var (low, high) = (0, count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = minutes[middle] < minute ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
