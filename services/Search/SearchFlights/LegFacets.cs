using System.Runtime.InteropServices;
using Aerona.Contracts;
using Aerona.Pricing;
using Aerona.Reference;
using Aerona.Search.Timetables;

namespace Aerona.Search.SearchFlights;

/// <summary>A value that can be filtered by.</summary>
/// <param name="Value">As the filter takes it.</param>
/// <param name="Name">In words, where the value is a code.</param>
/// <param name="Count">How many options of this leg match with this value alone chosen here, every other filter as it is.</param>
/// <param name="LowestPrice">The cheapest whole trip with one of them.</param>
internal sealed record FacetView(string Value, string? Name, int Count, Money LowestPrice);

/// <summary>A bar: from included, to not included.</summary>
internal sealed record PriceBar(Money From, Money To, int Count);

/// <summary>Ends of a range; of all options before any filter.</summary>
internal sealed record RangeView(int Min, int Max);

/// <summary>Ends of the prices of whole trips before any filter.</summary>
internal sealed record PriceRange(Money Min, Money Max);

/// <summary>What can be filtered by on a leg, with counts and lowest prices.</summary>
/// <param name="Stops">0, 1, 2.</param>
/// <param name="Airlines">Options flown by that airline alone.</param>
/// <param name="DepartureTimes">Quarters of the day, local at the origin: <c>00:00-05:59</c> ...</param>
/// <param name="ArrivalTimes">Quarters of the day, local at the destination.</param>
/// <param name="OriginAirports">Where it leaves.</param>
/// <param name="DestinationAirports">Where it arrives.</param>
/// <param name="LayoverAirports">Options that connect there and nowhere else.</param>
/// <param name="DurationHours">Whole hours under way, begun ones counted: <c>9</c> is more than eight hours and at most nine.</param>
/// <param name="Cabins">Each cabin with its own prices.</param>
/// <param name="Bags">Checked bags in the fare; <c>unknown</c> where an outside supplier does not say.</param>
/// <param name="Refundable"><c>true</c>, <c>false</c>, <c>unknown</c>.</param>
/// <param name="DepartureHours">24 counts, by the clock at the origin.</param>
/// <param name="ArrivalHours">24 counts, by the clock at the destination.</param>
/// <param name="Prices">Ten bars between the ends of the price range.</param>
/// <param name="Price">Before any filter; null when nothing is found.</param>
/// <param name="DurationMinutes">Before any filter.</param>
/// <param name="LayoverMinutes">Before any filter; null when nothing connects.</param>
internal sealed record FacetsView(
    IReadOnlyList<FacetView> Stops, IReadOnlyList<FacetView> Airlines, IReadOnlyList<FacetView> DepartureTimes, IReadOnlyList<FacetView> ArrivalTimes,
    IReadOnlyList<FacetView> OriginAirports, IReadOnlyList<FacetView> DestinationAirports, IReadOnlyList<FacetView> LayoverAirports,
    IReadOnlyList<FacetView> DurationHours, IReadOnlyList<FacetView> Cabins, IReadOnlyList<FacetView> Bags, IReadOnlyList<FacetView> Refundable,
    IReadOnlyList<int> DepartureHours, IReadOnlyList<int> ArrivalHours, IReadOnlyList<PriceBar> Prices, PriceRange? Price, RangeView? DurationMinutes,
    RangeView? LayoverMinutes);

/// <summary>Counts the facets of a leg in one pass over its options.</summary>
internal sealed class LegFacets(int cabin, string currency)
{
    private const int Bars = 10;

    private const int Several = -1;

    private const int Unknown = 15;

    /// <summary>By filter and value what was counted; values are small numbers, but an airline's two letters.</summary>
    private readonly (int Count, long Lowest)[][] byFilter = [.. Enumerable.Range(0, 16).Select(_ => Array.Empty<(int, long)>())];

    private readonly Dictionary<int, (int Count, long Lowest)> byAirline = [];

    private readonly int[] departureHours = new int[24];

    private readonly int[] arrivalHours = new int[24];

    private readonly int[] bars = new int[Bars];

    /// <summary>Checked bags in the fare; null: not known.</summary>
    public static int? Bags(LegOption option, int cabin) => option.First.Supplier == 0 ? HouseTariff.BagsIn((Cabin)cabin) : null;

    /// <summary>Whether the fare comes back; null: not known.</summary>
    public static bool? Refundable(LegOption option, int cabin) => option.First.Supplier == 0 ? HouseTariff.Conditions((Cabin)cabin, "USD").Refundable : null;

    /// <summary>Counts.</summary>
    /// <param name="options">All of the leg, each with what it fails and its cheapest trip.</param>
    /// <param name="unfiltered">By option the cheapest trip before any filter.</param>
    /// <param name="byCabin">By cabin and option the cheapest trip in that cabin.</param>
    /// <param name="filter">For what depends on the cabin.</param>
    /// <param name="most">The most that a trip may cost, in minor units.</param>
    public FacetsView Count(List<LegOption> options, long[] unfiltered, IReadOnlyList<long[]> byCabin, LegFilter filter, long most)
    {
        var ends = Ends(options, unfiltered);
        var edges = ends.Price is { } range ? Enumerable.Range(0, Bars).Select(bar => Edge(bar, range)).ToArray() : [];
        var bags = HouseTariff.BagsIn((Cabin)cabin);
        var refundable = HouseTariff.Conditions((Cabin)cabin, "USD").Refundable == true ? 1 : 0;
        for (var index = 0; index < options.Count; index++)
        {
            var option = options[index];
            for (var other = 0; other < PerCabin<long>.Count; other++)
            {
                if (byCabin[other][index] is var inCabin && inCabin <= most && inCabin != long.MaxValue && filter.PassesIn(other, option))
                {
                    Add(Filter.Cabin, other, inCabin);
                }
            }

            if (option.Through == long.MaxValue)
            {
                continue;
            }

            CountIn(option, Filter.Stops, option.Stops);
            CountIn(option, Filter.Airlines, OneAirline(option));
            CountIn(option, Filter.Departure, option.First.DepartsLocal % Clock.Day / (Clock.Day / 4));
            CountIn(option, Filter.Arrival, option.Last.ArrivesLocal % Clock.Day / (Clock.Day / 4));
            CountIn(option, Filter.Origins, option.First.From);
            CountIn(option, Filter.Destinations, option.Last.To);
            CountIn(option, Filter.Layovers, OneLayover(option));
            CountIn(option, Filter.Duration, (option.Minutes + 59) / 60);
            CountIn(option, Filter.Bags, option.First.Supplier == 0 ? bags : Unknown);
            CountIn(option, Filter.Refundable, option.First.Supplier == 0 ? refundable : Unknown);
            if ((option.Failed & ~Filter.Price) == 0 && edges.Length > 0)
            {
                bars[Bar(option.Through, edges)]++;
            }

            if (option.Failed == 0)
            {
                departureHours[option.First.DepartsLocal % Clock.Day / 60]++;
                arrivalHours[option.Last.ArrivesLocal % Clock.Day / 60]++;
            }
        }

        return View(ends);
    }

    private FacetsView View((PriceRange? Price, RangeView? Duration, RangeView? Wait) ends) => new(
        Facet(Filter.Stops, stops => ($"{stops}", null)),
        Facet(Filter.Airlines, airline => (DatedFlight.Letters((ushort)airline), Carriers.Find(DatedFlight.Letters((ushort)airline))?.Name)),
        Facet(Filter.Departure, Quarter), Facet(Filter.Arrival, Quarter), Facet(Filter.Origins, Airport), Facet(Filter.Destinations, Airport),
        Facet(Filter.Layovers, Airport), Facet(Filter.Duration, hours => ($"{hours}", null)),
        Facet(Filter.Cabin, one => (CamelCase(((Cabin)one).ToString()), null)), Facet(Filter.Bags, bags => (bags == Unknown ? "unknown" : $"{bags}", null)),
        Facet(Filter.Refundable, one => (one == Unknown ? "unknown" : one == 1 ? "true" : "false", null)), departureHours, arrivalHours,
        ends.Price is { } price ? [.. bars.Select((count, bar) => new PriceBar(new(Edge(bar, price), currency), new(Edge(bar + 1, price) + (bar == Bars - 1 ? 1 : 0), currency), count))] : [],
        ends.Price, ends.Duration, ends.Wait);

    private void CountIn(LegOption option, Filter filter, int value)
    {
        if (value != Several && (option.Failed & ~filter) == 0)
        {
            Add(filter, value, option.Through);
        }
    }

    private void Add(Filter filter, int value, long price)
    {
        if (filter == Filter.Airlines)
        {
            ref var airline = ref CollectionsMarshal.GetValueRefOrAddDefault(byAirline, value, out var isKnown);
            airline = isKnown ? (airline.Count + 1, Math.Min(airline.Lowest, price)) : (1, price);
            return;
        }

        ref var facet = ref byFilter[Index(filter)];
        if (value >= facet.Length)
        {
            Array.Resize(ref facet, value < 64 ? 64 : Stations.All.Length);
        }

        ref var one = ref facet[value];
        one = one.Count == 0 ? (1, price) : (one.Count + 1, Math.Min(one.Lowest, price));
    }

    private List<FacetView> Facet(Filter filter, Func<int, (string Value, string? Name)> text) =>
    [
        .. (filter == Filter.Airlines ? byAirline.Select(one => (one.Key, one.Value)) : byFilter[Index(filter)].Select((one, value) => (Key: value, Value: one)))
            .Where(one => one.Value.Count > 0).OrderBy(one => one.Key).Select(one =>
            {
                var (value, name) = text(one.Key);
                return new FacetView(value, name, one.Value.Count, new(one.Value.Lowest, currency));
            }),
    ];

    private (PriceRange? Price, RangeView? Duration, RangeView? Wait) Ends(List<LegOption> options, long[] unfiltered)
    {
        var (low, high, shortest, longest, least, most) = (long.MaxValue, long.MinValue, int.MaxValue, int.MinValue, int.MaxValue, int.MinValue);
        for (var index = 0; index < options.Count; index++)
        {
            if (unfiltered[index] == long.MaxValue)
            {
                continue;
            }

            var option = options[index];
            (low, high) = (Math.Min(low, unfiltered[index]), Math.Max(high, unfiltered[index]));
            (shortest, longest) = (Math.Min(shortest, option.Minutes), Math.Max(longest, option.Minutes));
            for (var next = 1; next < option.Flights; next++)
            {
                var wait = option[next].DepartsAt - option[next - 1].ArrivesAt;
                (least, most) = (Math.Min(least, wait), Math.Max(most, wait));
            }
        }

        return (
            low == long.MaxValue ? null : new(new(low, currency), new(high, currency)), shortest == int.MaxValue ? null : new(shortest, longest),
            least == int.MaxValue ? null : new(least, most));
    }

    private static int Bar(long price, long[] edges)
    {
        for (var bar = 1; bar < Bars; bar++)
        {
            if (price < edges[bar])
            {
                return bar - 1;
            }
        }

        return Bars - 1;
    }

    private static long Edge(int bar, PriceRange range) => range.Min.MinorUnits + ((range.Max.MinorUnits - range.Min.MinorUnits) * bar / Bars);

    private static int OneAirline(LegOption option)
    {
        var carrier = option.First.Carrier;
        return (option.Second?.Carrier ?? carrier) == carrier && (option.Third?.Carrier ?? carrier) == carrier ? carrier : Several;
    }

    private static int OneLayover(LegOption option)
    {
        if (option.Second is null)
        {
            return Several;
        }

        var station = option.First.To;
        return option.Second.From == station && (option.Third is null || (option.Second.To == station && option.Third.From == station)) ? station : Several;
    }

    private static (string, string?) Quarter(int quarter) => ($"{quarter * 6:00}:00-{(quarter * 6) + 5:00}:59", null);

    private static (string, string?) Airport(int station) => (Stations.All[station].Code, Stations.All[station].Name);

    private static string CamelCase(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    private static int Index(Filter filter) => System.Numerics.BitOperations.TrailingZeroCount((int)filter);
}
