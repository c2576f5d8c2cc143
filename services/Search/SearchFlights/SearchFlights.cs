using System.Text.Json.Serialization;
using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Search.Indexing;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aerona.Search.SearchFlights;

/// <summary>Who travels, by type on the day of travel.</summary>
/// <param name="Adults">12 and older.</param>
/// <param name="Children">2 to 11.</param>
/// <param name="Infants">Under 2, on an adult's lap.</param>
internal sealed record Travellers(int Adults, int Children = 0, int Infants = 0);

/// <summary>Wall clock at the origin, both ends included.</summary>
internal sealed record DepartureWindow(TimeOnly From, TimeOnly To);

/// <summary>What flights must be like; null: anything.</summary>
/// <param name="Airlines">Marketing airlines, by IATA designator.</param>
/// <param name="DepartureWindow">When they leave.</param>
/// <param name="MaxPrice">Most that the whole party pays.</param>
internal sealed record FlightFilters(IReadOnlyList<string>? Airlines = null, DepartureWindow? DepartureWindow = null, Money? MaxPrice = null);

/// <summary>What comes first.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<FlightSort>))]
internal enum FlightSort
{
    Price,
    Departure,
    Duration,
}

/// <summary>A direct flight one way.</summary>
/// <param name="Origin">IATA airport or city.</param>
/// <param name="Destination">IATA airport or city.</param>
/// <param name="DepartsOn">Local date at the origin.</param>
/// <param name="Travellers">At most nine with a seat.</param>
/// <param name="Cabin">Cabin to sit in.</param>
/// <param name="Filters">Null: all flights.</param>
/// <param name="Sort">By price of the party, departure, or time under way; the same order again and again.</param>
/// <param name="Limit">1 to 200 flights.</param>
/// <param name="Cursor"><see cref="FlightSearchView.NextCursor"/> of the page before; the rest of the search must be the same.</param>
internal sealed record FlightSearchRequest(
    string Origin, string Destination, DateOnly DepartsOn, Travellers Travellers, Cabin Cabin = Cabin.Economy, FlightFilters? Filters = null,
    FlightSort Sort = FlightSort.Price, int Limit = 50, string? Cursor = null);

/// <summary>An airline.</summary>
internal sealed record AirlineView(string Code, string? Name);

/// <summary>An aircraft type.</summary>
internal sealed record AircraftView(string Code, string? Name);

/// <summary>A moment at an airport.</summary>
/// <param name="Local">Wall clock there.</param>
/// <param name="Zone">IANA time zone.</param>
/// <param name="Utc">The same moment in UTC.</param>
internal sealed record MomentView(DateTime Local, string Zone, DateTimeOffset Utc);

/// <summary>What it would cost.</summary>
/// <param name="PerAdult">One adult, charges and taxes included.</param>
/// <param name="Total">The party.</param>
internal sealed record IndicativePrice(Money PerAdult, Money Total);

/// <summary>A flight found.</summary>
/// <param name="FlightId">To ask an offer for.</param>
/// <param name="Flight">Marketing designator.</param>
/// <param name="Airline">Marketing airline.</param>
/// <param name="OperatingCarrier">Who flies it.</param>
/// <param name="Origin">IATA airport.</param>
/// <param name="Destination">IATA airport.</param>
/// <param name="Departure">When it leaves.</param>
/// <param name="Arrival">When it arrives.</param>
/// <param name="DayOffset">Days on the calendar from departure to arrival, each in its local time; may be -1.</param>
/// <param name="DurationMinutes">Under way.</param>
/// <param name="Aircraft">Type.</param>
/// <param name="Cabin">Cabin searched.</param>
/// <param name="SeatsLeft">1 to 9; 9 means nine or more.</param>
/// <param name="Price">Indicative: an offer makes it firm.</param>
/// <param name="Supplier">The outside supplier that sells it; null: the house airline.</param>
/// <param name="PriceIsIndicative">Always true: a search never sells.</param>
internal sealed record FlightView(
    string FlightId, FlightDesignator Flight, AirlineView Airline, string OperatingCarrier, string Origin, string Destination, MomentView Departure, MomentView Arrival,
    int DayOffset, int DurationMinutes, AircraftView Aircraft, Cabin Cabin, int SeatsLeft, IndicativePrice Price, string? Supplier,
    bool PriceIsIndicative = true);

/// <summary>A page of flights.</summary>
/// <param name="Flights">In the order asked for.</param>
/// <param name="Total">How many match in all.</param>
/// <param name="NextCursor">For the next page; null on the last.</param>
internal sealed record FlightSearchView(IReadOnlyList<FlightView> Flights, int Total, string? NextCursor);

/// <summary><c>POST /v1/flight-searches</c>: 200 with flights, or 400 naming what is wrong with the search.</summary>
internal static class SearchFlights
{
    public static void MapSearchFlights(this RouteGroupBuilder api) =>
        api.MapPost("/flight-searches", Search).WithName("SearchFlights").WithSummary("Direct flights on a day with seats for the party, one page").ProducesProblem(400);

    private static Results<Ok<FlightSearchView>, ProblemHttpResult> Search(FlightSearchRequest request, FlightIndex index, FlightIndexer indexer, TimeProvider time)
    {
        var now = time.GetUtcNow();
        if (SearchRules.Check(request, now, indexer.LastDay) is { Count: > 0 } problems)
        {
            return Problems.Invalid(problems);
        }

        if (!SearchCursor.TryRead(request, out var after))
        {
            return Problems.Invalid(new FieldProblem("/cursor", "cursor.invalid", "The cursor is not one of this search; leave it out to begin at the first page."));
        }

        var found = index.Search(searcher => FlightFinder.Find(searcher, request, after, now));
        return found.View is { } view
            ? TypedResults.Ok(view)
            : Problems.Invalid(new FieldProblem(
                "/filters/maxPrice/currency", "currency.mismatch", $"Flights on this route are priced in {found.OtherCurrency}; the most to pay must be too."));
    }
}
