using System.Text.Json.Serialization;
using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Search.Caching;
using Aerona.Search.SavedSearches;
using Aerona.Search.SearchHistory;
using Aerona.Search.Timetables;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aerona.Search.SearchFlights;

/// <summary>Who travels, by type on the day of travel.</summary>
/// <param name="Adults">12 and older.</param>
/// <param name="Children">2 to 11.</param>
/// <param name="Infants">Under 2, on an adult's lap.</param>
internal sealed record Travellers(int Adults, int Children = 0, int Infants = 0);

/// <summary>Wall clock at an airport, both ends included.</summary>
internal sealed record DayWindow(TimeOnly From, TimeOnly To)
{
    /// <summary>Whether a local minute lies in it.</summary>
    public bool Contains(int localMinute) =>
        (localMinute % Clock.Day) is var minute && minute >= (From.Hour * 60) + From.Minute && minute <= (To.Hour * 60) + To.Minute;
}

/// <summary>What each leg must be like; null: anything.</summary>
/// <param name="Airlines">Every flight is marketed by one of them; IATA designators.</param>
/// <param name="WithoutAirlines">None is.</param>
/// <param name="DepartureWindow">When the leg begins, local.</param>
/// <param name="ArrivalWindow">When it ends, local.</param>
/// <param name="MaxPrice">Most that the whole party pays for the whole trip, in the search's currency.</param>
/// <param name="Stops">Any of 0, 1, 2.</param>
/// <param name="OriginAirports">Where a city has several.</param>
/// <param name="DestinationAirports">Likewise.</param>
/// <param name="Via">Connects, and only at these airports.</param>
/// <param name="WithoutVia">At none of these.</param>
/// <param name="MaxDurationMinutes">From the first departure to the last arrival.</param>
/// <param name="MinLayoverMinutes">Each wait.</param>
/// <param name="MaxLayoverMinutes">Each wait.</param>
/// <param name="NoOvernight">No wait with a midnight in it.</param>
/// <param name="NoAirportChange">Goes on from where it arrived.</param>
/// <param name="MinBags">Checked bags in the fare.</param>
/// <param name="Refundable">True: the fare comes back.</param>
internal sealed record FlightFilters(
    IReadOnlyList<string>? Airlines = null, IReadOnlyList<string>? WithoutAirlines = null, DayWindow? DepartureWindow = null, DayWindow? ArrivalWindow = null,
    Money? MaxPrice = null, IReadOnlyList<int>? Stops = null, IReadOnlyList<string>? OriginAirports = null, IReadOnlyList<string>? DestinationAirports = null,
    IReadOnlyList<string>? Via = null, IReadOnlyList<string>? WithoutVia = null, int? MaxDurationMinutes = null, int? MinLayoverMinutes = null,
    int? MaxLayoverMinutes = null, bool? NoOvernight = null, bool? NoAirportChange = null, int? MinBags = null, bool? Refundable = null);

/// <summary>One leg of a trip.</summary>
/// <param name="Origin">IATA airport or city.</param>
/// <param name="Destination">IATA airport or city.</param>
/// <param name="DepartsOn">Local date at the origin.</param>
/// <param name="OriginRadiusKm">Also from airports so near, the five nearest at most.</param>
/// <param name="DestinationRadiusKm">Also to airports so near.</param>
/// <param name="Filters">For this leg, besides the request's; a most to pay is the trip's and stands there.</param>
internal sealed record LegRequest(
    string? Origin, string? Destination, DateOnly? DepartsOn, int? OriginRadiusKm = null, int? DestinationRadiusKm = null, FlightFilters? Filters = null);

/// <summary>What comes first.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<FlightSort>))]
internal enum FlightSort
{
    /// <summary>Price, time, changes, hours and waits weighed against each other.</summary>
    Best,
    Price,
    Duration,
    Departure,
}

/// <summary>A trip to be found: one way, there and back, or up to six legs.</summary>
/// <param name="Origin">IATA airport or city; instead of <paramref name="Legs"/>.</param>
/// <param name="Destination">IATA airport or city.</param>
/// <param name="DepartsOn">Local date at the origin.</param>
/// <param name="ReturnsOn">Local date at the destination; null: one way.</param>
/// <param name="Legs">One to six in the order flown, each from anywhere: a return, an open jaw, several cities. Instead of origin, destination and days.</param>
/// <param name="Travellers">At most nine with a seat.</param>
/// <param name="Cabin">Cabin to sit in on every flight.</param>
/// <param name="MaxStops">Changes on a leg: 0 to 2.</param>
/// <param name="Currency">EUR or USD; null: the currency of the flights between the two.</param>
/// <param name="Filters">For every leg.</param>
/// <param name="Sort">What comes first; the same order again and again.</param>
/// <param name="IncludeDominated">Also connections that another one beats in every way.</param>
/// <param name="Limit">1 to 200 trips.</param>
/// <param name="Cursor"><see cref="FlightSearchView.NextCursor"/> of the page before; the rest of the search must be the same.</param>
internal sealed record FlightSearchRequest(
    Travellers Travellers, string? Origin = null, string? Destination = null, DateOnly? DepartsOn = null, DateOnly? ReturnsOn = null,
    IReadOnlyList<LegRequest>? Legs = null, Cabin Cabin = Cabin.Economy, int MaxStops = 1, string? Currency = null, FlightFilters? Filters = null,
    FlightSort Sort = FlightSort.Best, bool IncludeDominated = false, int Limit = 50, string? Cursor = null)
{
    /// <summary>The legs, however they were said.</summary>
    [JsonIgnore]
    public IReadOnlyList<LegRequest> AllLegs => Legs
        ?? (ReturnsOn is null
            ? [new(Origin, Destination, DepartsOn)]
            : [new(Origin, Destination, DepartsOn), new(Destination, Origin, ReturnsOn)]);
}

/// <summary><c>POST /v1/flight-searches</c>: 200 with trips, or 400 naming what is wrong with the search.</summary>
internal static class SearchFlights
{
    public static void MapSearchFlights(this RouteGroupBuilder api) =>
        api.MapPost("/flight-searches", Search).WithName("SearchFlights")
            .WithSummary("Trips of one to six legs, each nonstop or with connections, with seats for the party; one page").ProducesProblem(400);

    private static async Task<Results<Ok<FlightSearchView>, FileContentHttpResult, ProblemHttpResult>> Search(
        FlightSearchRequest request, HttpContext context, TripSearch trips, SearchCache cache, Timetable timetable, SearchHistoryWriter history, TimeProvider time)
    {
        var now = time.GetUtcNow();
        if (SearchRules.Check(request, now, timetable.LastDay) is { Count: > 0 } problems)
        {
            return Problems.Invalid(problems);
        }

        // Later pages go on with results that are kept, and a search that is refused after all has no answer to remember.
        if (cache.IsEnabled && request.Cursor is null && trips.CurrencyOf(request) is var currency && TripSearch.IsInOne(request, currency))
        {
            var json = await CachedAsync(request, currency, trips, cache, now, context.RequestAborted);
            Note();
            return TypedResults.Bytes(json, "application/json; charset=utf-8");
        }

        if (trips.Find(request, now, out var view) is { } problem)
        {
            return Problems.Invalid(problem);
        }

        Note();
        return TypedResults.Ok(view!);

        void Note()
        {
            if (request.Cursor is null && SearchOwner.Claimed(context) is { } owner)
            {
                history.Note(owner, request);
            }
        }
    }

    private static ValueTask<byte[]> CachedAsync(
        FlightSearchRequest request, string currency, TripSearch trips, SearchCache cache, DateTimeOffset now, CancellationToken cancellationToken) =>
        cache.AnswerAsync(
            "trips", $"{SearchCursor.Fingerprint(request)}:{request.Limit}:{currency}", request.AllLegs.Select(leg => TripSearch.Plan(leg, request.MaxStops)).ToList(), now,
            () => trips.Find(request, currency, now, out var view) is null ? view! : throw new InvalidOperationException("a search without a cursor has none that is wrong"), cancellationToken);
}
