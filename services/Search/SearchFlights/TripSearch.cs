using System.Runtime.InteropServices;
using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Reference;
using Aerona.Search.Caching;
using Aerona.Search.Connections;
using Aerona.Search.Timetables;

namespace Aerona.Search.SearchFlights;

/// <summary>Answers searches from the timetable and keeps results for their later pages.</summary>
internal sealed class TripSearch(Timetable timetable, ConnectionRules rules)
{
    /// <summary>Trips that can be paged through; who wants more filters.</summary>
    public const int MostTrips = 1_000;

    /// <summary>Airports that a radius adds to a place at most, the nearest.</summary>
    public const int MostNearby = 5;

    private readonly KeptResults kept = new();

    /// <summary>What prices of the search are in.</summary>
    public string CurrencyOf(FlightSearchRequest request) => request.Currency ?? OwnCurrency(request);

    /// <summary>Whether the most to pay is in that currency too.</summary>
    public static bool IsInOne(FlightSearchRequest request, string currency) => request.Filters?.MaxPrice is not { } most || most.Currency == currency;

    /// <summary>Runs a checked search; what is wrong with its cursor, or null and the page.</summary>
    public FieldProblem? Find(FlightSearchRequest request, DateTimeOffset now, out FlightSearchView? view) => Find(request, CurrencyOf(request), now, out view);

    /// <summary>The same where it has been said already what prices are in.</summary>
    public FieldProblem? Find(FlightSearchRequest request, string currency, DateTimeOffset now, out FlightSearchView? view)
    {
        view = null;
        var fingerprint = SearchCursor.Fingerprint(request);
        var cursor = request.Cursor is null ? null : SearchCursor.Read(request.Cursor);
        if (request.Cursor is not null && (cursor is null || cursor.Search != fingerprint))
        {
            return new("/cursor", "cursor.invalid", "The cursor is not one of this search; leave it out to begin at the first page.");
        }

        if (!IsInOne(request, currency))
        {
            return new("/filters/maxPrice/currency", "currency.mismatch", $"Prices of this search are in {currency}; the most to pay must be too, or currency must say otherwise.");
        }

        var result = cursor is null ? null : kept.Find(cursor, now);
        if (result is null)
        {
            result = Run(request, currency, now);
            if (cursor is not null && cursor.Version != result.Version)
            {
                return new("/cursor", "cursor.outdated", "The flights have changed since the first page; leave the cursor out to search again.");
            }
        }

        var from = cursor?.Next ?? 0;
        var shown = result.Trips.Skip(from).Take(request.Limit).ToList();
        var isLast = from + shown.Count >= result.Trips.Count;
        var next = isLast ? null : new SearchCursor(fingerprint, result.Version, from + shown.Count);
        if (next is not null)
        {
            kept.Keep(next, result, now);
        }

        var views = new TripViews(request, result, timetable, Clock.Minute(now));
        view = new(
            [.. shown.Select(views.Of)], result.Total, result.Left, result.Currency, result.Legs, result.Tabs, Emissions.Method, result.Version, next?.ToString(),
            result.At, result.At + Lifetimes.Of(request.AllLegs.Min(leg => leg.DepartsOn!.Value), result.At));
        return null;
    }

    /// <summary>The whole answer, all pages.</summary>
    public Result Run(FlightSearchRequest request, string currency, DateTimeOffset now)
    {
        using var space = Workspace.Rent();
        var cabin = (int)request.Cabin;
        var legs = request.AllLegs.Select(leg => Plan(leg, request.MaxStops)).ToList();
        var search = new LegSearch(timetable, rules, new(request.Travellers, currency), Clock.Minute(now), space);
        var options = legs.ConvertAll(search.Find);
        var scale = Scores.Score(options, cabin);

        var filters = request.AllLegs.Select(leg => new LegFilter(request.Cabin, request.Filters, leg.Filters)).ToList();
        for (var leg = 0; leg < legs.Count; leg++)
        {
            foreach (var option in options[leg])
            {
                option.Failed = filters[leg].Failed(option);
            }
        }

        var most = request.Filters?.MaxPrice?.MinorUnits ?? long.MaxValue;
        var unfiltered = Throughs.Cheapest(options, cabin, static (_, _) => true, space);
        var through = legs.Count == 1 ? unfiltered : Throughs.Cheapest(options, cabin, static (_, option) => option.Failed == 0, space);
        for (var leg = 0; leg < legs.Count; leg++)
        {
            for (var index = 0; index < options[leg].Count; index++)
            {
                var option = options[leg][index];
                option.Through = through[leg][index];
                option.Failed |= option.Through > most && option.Through != long.MaxValue ? Filter.Price : Filter.None;
            }
        }

        var shown = options.ConvertAll(all => Matching(all, cabin, request.IncludeDominated, space));
        var trips = TripRanking.Trips([.. shown.Select((all, leg) => TripRanking.Sort(all, request.Sort, leg, cabin))], most).Take(MostTrips + 1).ToList();
        var byCabin = Enumerable.Range(0, PerCabin<long>.Count)
            .Select(other => other == cabin ? through : Throughs.Cheapest(options, other, (leg, option) => filters[leg].PassesIn(other, option), space)).ToList();
        var facets = options.Select((all, leg) => new LegView(
            request.AllLegs[leg].Origin!, request.AllLegs[leg].Destination!, request.AllLegs[leg].DepartsOn!.Value, all.Count(option => option is { Failed: Filter.None, Through: < long.MaxValue }),
            all.Count(option => option.IsDominated),
            new LegFacets(cabin, currency).Count(all, unfiltered[leg], [.. byCabin.Select(one => one[leg])], filters[leg], most))).ToList();
        var left = trips.Count > MostTrips;
        if (left)
        {
            trips.RemoveAt(MostTrips);
        }

        return new(Kept(trips), trips.Count, left, currency, facets, Tabs(shown, cabin, most, currency), SearchCursor.VersionOf(trips, cabin), scale, now);
    }

    /// <summary>Copies that outlive the workspace.</summary>
    private static List<LegOption[]> Kept(List<LegOption[]> trips)
    {
        var copies = new Dictionary<LegOption, LegOption>();
        return trips.ConvertAll(trip => Array.ConvertAll(trip, option =>
        {
            ref var copy = ref CollectionsMarshal.GetValueRefOrAddDefault(copies, option, out _);
            return copy ??= option.Copy();
        }));
    }

    private static List<LegOption> Matching(List<LegOption> options, int cabin, bool includeDominated, Workspace space)
    {
        var matching = space.List();
        foreach (var option in options)
        {
            if (option is { Failed: Filter.None, Through: < long.MaxValue })
            {
                matching.Add(option);
            }
        }

        TripRanking.SortByScore(matching, space, cabin);
        Scores.MarkDominated(matching, cabin);
        if (!includeDominated)
        {
            matching.RemoveAll(option => option.IsDominated);
        }

        return matching;
    }

    private static TabsView? Tabs(List<List<LegOption>> shown, int cabin, long most, string currency)
    {
        TabView? First(FlightSort sort) =>
            TripRanking.Trips([.. shown.Select((all, leg) => TripRanking.Sort(all, sort, leg, cabin))], most).FirstOrDefault() is { } trip
                ? new(new(trip.Sum(option => option.Prices[cabin]), currency), trip.Sum(option => option.Minutes))
                : null;

        return First(FlightSort.Best) is { } best ? new(best, First(FlightSort.Price)!, First(FlightSort.Duration)!) : null;
    }

    internal static Leg Plan(LegRequest leg, int maxStops) =>
        new(Around(leg.Origin!, leg.OriginRadiusKm), Around(leg.Destination!, leg.DestinationRadiusKm), leg.DepartsOn!.Value, maxStops);

    /// <summary>The airports of a place, and the nearest ones within the radius.</summary>
    internal static short[] Around(string place, int? radius) =>
    [
        .. Airports.Named(place)
            .Concat(radius is not { } kilometres ? [] : Places.Nearby(Airports.Named(place)[0], kilometres).Take(MostNearby).Select(near => near.Airport))
            .DistinctBy(airport => airport.Code).Select(Stations.Index),
    ];

    /// <summary>That of the first flights between the two, or else that of the first flights from the origin.</summary>
    public string OwnCurrency(FlightSearchRequest request)
    {
        var (origins, destinations, _, _) = Plan(request.AllLegs[0], 0);
        var between = origins.SelectMany(origin => destinations.Select(destination => timetable.Between(origin, destination))).OfType<AirRoute>();
        var first = between.Concat(origins.SelectMany(timetable.From)).Select(route => Array.Find(route.Flights, flight => flight.Currency != 0)).FirstOrDefault(flight => flight is not null);
        return first is null ? "USD" : Names.Of(first.Currency);
    }

    /// <summary>A whole answer.</summary>
    /// <param name="Trips">At most <see cref="MostTrips"/>, in their order.</param>
    /// <param name="Total">How many there are.</param>
    /// <param name="Left">Whether more were found than can be paged through.</param>
    /// <param name="Currency">Of all prices.</param>
    /// <param name="Legs">Facets by leg.</param>
    /// <param name="Tabs">Null when nothing was found.</param>
    /// <param name="Version">Of the trips.</param>
    /// <param name="Scale">For their scores.</param>
    /// <param name="At">When it was found, UTC.</param>
    internal sealed record Result(
        List<LegOption[]> Trips, int Total, bool Left, string Currency, IReadOnlyList<LegView> Legs, TabsView? Tabs, string Version,
        ScoreScale Scale, DateTimeOffset At);
}

/// <summary>Results whose later pages may still be asked for: a page shows what the first one counted, whatever has changed meanwhile.</summary>
internal sealed class KeptResults
{
    private const int Most = 100;

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private readonly Lock changing = new();

    private readonly Dictionary<(string Search, string Version), (TripSearch.Result Result, DateTimeOffset At)> results = [];

    public TripSearch.Result? Find(SearchCursor cursor, DateTimeOffset now)
    {
        lock (changing)
        {
            return results.TryGetValue((cursor.Search, cursor.Version), out var found) && now - found.At < Lifetime ? found.Result : null;
        }
    }

    public void Keep(SearchCursor cursor, TripSearch.Result result, DateTimeOffset now)
    {
        lock (changing)
        {
            results[(cursor.Search, cursor.Version)] = (result, now);
            if (results.Count > Most)
            {
                results.Remove(results.MinBy(one => one.Value.At).Key);
            }
        }
    }
}
