using Aerona.Contracts;
using Aerona.Contracts.Operations;
using Aerona.Hosting;
using Aerona.Reference;
using Aerona.Search.Backends;
using Aerona.Search.SearchFlights;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Aerona.Search.ListFlights;

/// <summary>A cabin of a listed flight.</summary>
/// <param name="Cabin">The cabin.</param>
/// <param name="BookingClass">One letter.</param>
/// <param name="SeatsLeft">0 to 9; 9 means nine or more.</param>
/// <param name="Price">One adult, charges and taxes included, indicative; null: sold out, or not sold in the currency.</param>
internal sealed record ListedCabin(Cabin Cabin, string BookingClass, int SeatsLeft, Money? Price);

/// <summary>A flight of a day.</summary>
/// <param name="FlightId">The flight.</param>
/// <param name="Flight">Marketing designator.</param>
/// <param name="Airline">Marketing airline.</param>
/// <param name="OperatingCarrier">Who flies it.</param>
/// <param name="Origin">IATA airport.</param>
/// <param name="Destination">IATA airport.</param>
/// <param name="Departure">When it leaves, by the timetable.</param>
/// <param name="Arrival">When it arrives, by the timetable.</param>
/// <param name="DayOffset">Days on the calendar between the two; may be -1.</param>
/// <param name="DurationMinutes">Under way.</param>
/// <param name="Aircraft">Type.</param>
/// <param name="Supplier">The outside supplier that sells it; null: the house airline.</param>
/// <param name="Departed">Whether it has left, by the timetable; then nothing of it is sold.</param>
/// <param name="Cabins">Every cabin that it is sold in.</param>
internal sealed record ListedFlight(
    string FlightId, FlightDesignator Flight, AirlineView Airline, string OperatingCarrier, string Origin, string Destination, MomentView Departure, MomentView Arrival,
    int DayOffset, int DurationMinutes, AircraftView Aircraft, string? Supplier, bool Departed, IReadOnlyList<ListedCabin> Cabins);

/// <summary>One value to narrow the list by.</summary>
/// <param name="Value">Code, or local day.</param>
/// <param name="Count">Flights with this value, every other filter as it is.</param>
/// <param name="From">Price of the cheapest of them in the cabin; null: none is sold.</param>
internal sealed record ListedValue(string Value, long Count, Money? From);

/// <summary>A bar of the prices, <see cref="FlightDocument.PriceBar"/> minor units wide.</summary>
internal sealed record ListedPriceBar(Money From, long Count);

/// <summary>A bar of the hours.</summary>
/// <param name="Hour">0 to 23, local at the origin.</param>
/// <param name="Count">Flights that leave in it.</param>
internal sealed record ListedHour(int Hour, long Count);

/// <summary>Both ends of the prices.</summary>
internal sealed record ListedPrices(Money Lowest, Money Highest);

/// <summary>What the list can be narrowed by.</summary>
/// <param name="Airlines">To be chosen by <c>airline</c>.</param>
/// <param name="Origins">By <c>from</c>.</param>
/// <param name="Destinations">By <c>to</c>.</param>
/// <param name="Aircraft">By <c>aircraft</c>.</param>
/// <param name="Days">By <c>day</c>.</param>
/// <param name="Prices">The price's own filter left out.</param>
/// <param name="Hours">The departure's own filter left out.</param>
/// <param name="PriceRange">Before any filter; null: nothing is sold.</param>
/// <param name="ShortestMinutes">Before any filter; null: there is no flight.</param>
/// <param name="LongestMinutes">Likewise.</param>
internal sealed record ListedFacets(
    IReadOnlyList<ListedValue> Airlines, IReadOnlyList<ListedValue> Origins, IReadOnlyList<ListedValue> Destinations, IReadOnlyList<ListedValue> Aircraft,
    IReadOnlyList<ListedValue> Days, IReadOnlyList<ListedPriceBar> Prices, IReadOnlyList<ListedHour> Hours, ListedPrices? PriceRange, long? ShortestMinutes, long? LongestMinutes);

/// <summary>A page of flights.</summary>
/// <param name="Flights">In the order asked for.</param>
/// <param name="Total">Of all pages.</param>
/// <param name="Cabin">Of the prices and seats that are filtered and counted by.</param>
/// <param name="Currency">Of every price.</param>
/// <param name="Facets">On the first page; null later.</param>
/// <param name="NextCursor">For the next page, for two minutes; null on the last.</param>
internal sealed record FlightListView(
    IReadOnlyList<ListedFlight> Flights, long Total, Cabin Cabin, string Currency, ListedFacets? Facets, string? NextCursor);

/// <summary>
/// What may stand in the query: the question (<c>origin</c>, <c>destination</c>, <c>departsOn</c> to <c>until</c>, <c>flight</c>, <c>carrier</c>), then filters that facets are told of.
/// </summary>
internal sealed record FlightListRequest(
    [property: FromQuery] string? Origin, [property: FromQuery] string? Destination, [property: FromQuery] DateOnly? DepartsOn, [property: FromQuery] DateOnly? Until,
    [property: FromQuery] string? Flight, [property: FromQuery] string? Carrier, [property: FromQuery] string? Cabin, [property: FromQuery] string? Currency,
    [property: FromQuery] string[]? Airline, [property: FromQuery] string[]? From, [property: FromQuery] string[]? To, [property: FromQuery] string[]? Aircraft,
    [property: FromQuery] DateOnly[]? Day, [property: FromQuery] TimeOnly? DepartsFrom, [property: FromQuery] TimeOnly? DepartsUntil, [property: FromQuery] decimal? MaxPrice,
    [property: FromQuery] int? MinSeats, [property: FromQuery] int? MaxSeats, [property: FromQuery] string? Sort, [property: FromQuery] int? Limit, [property: FromQuery] string? Cursor);

/// <summary>
/// <c>GET /v1/flights</c>: the flights of a route, an airport, an airline or a number on a day or several, sold out and departed ones too: what the desk looks at when somebody
/// calls, and what a page of a route shows. A search of trips joins flights and hides what cannot be bought; this does neither.
/// </summary>
internal static class ListFlights
{
    public static void MapListFlights(this RouteGroupBuilder api) =>
        api.MapGet("/flights", List).WithName("ListFlights")
            .WithSummary("Flights of a route, airport, airline or number by day, sold out and departed ones too; filters, facets, pages").ProducesProblem(400).ProducesProblem(503);

    private static async Task<Results<Ok<FlightListView>, ProblemHttpResult>> List(
        [AsParameters] FlightListRequest request, IFlightBackEnd backEnd, TimeProvider time, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        var (question, filters, page) = FlightListRules.Read(request, problems);
        if (problems.Count > 0)
        {
            return Problems.Invalid(problems);
        }

        try
        {
            var list = await backEnd.ListAsync(question, filters, page, cancellationToken);
            return TypedResults.Ok(View(question, list, time.GetUtcNow()));
        }
        catch (CursorOutdatedException)
        {
            return Problems.Invalid(new FieldProblem("query:cursor", "cursor.outdated", "The list is not kept any longer; leave the cursor out to begin at the first page."));
        }
        catch (BackEndException)
        {
            return Problems.Refused(503, "flights.unavailable", "Flights cannot be listed right now; trips can be searched.", true);
        }
    }

    private static FlightListView View(FlightQuestion question, FlightList list, DateTimeOffset now)
    {
        Money In(long minor) => new(minor, question.Currency);
        List<ListedValue> Values(FlightFacet facet) => [.. list.Facets!.Values[facet].Select(one => new ListedValue(one.Value, one.Count, one.Lowest is { } lowest ? In(lowest) : null))];
        return new(
            [.. list.Flights.Select(flight => Flight(flight, question.Currency, now))], list.Total, question.Cabin, question.Currency,
            list.Facets is not { } facets ? null : new(
                Values(FlightFacet.Airline), Values(FlightFacet.Origin), Values(FlightFacet.Destination), Values(FlightFacet.Aircraft), Values(FlightFacet.Day),
                [.. facets.Prices.Select(bar => new ListedPriceBar(In(bar.From), bar.Count))], [.. facets.Hours.Select(bar => new ListedHour((int)bar.From, bar.Count))],
                facets.Price is { } price ? new(In(price.Least), In(price.Most)) : null, facets.Minutes?.Least, facets.Minutes?.Most),
            list.Next);
    }

    private static ListedFlight Flight(SellableFlight sellable, string currency, DateTimeOffset now)
    {
        var flight = sellable.Flight;
        var departed = flight.DepartsAt <= now;
        var prices = FlightDocument.Of(sellable).Prices[Array.IndexOf(FlightDocument.Currencies, currency)];
        return new(
            flight.FlightId, flight.Flight, new(flight.Flight.Carrier, Carriers.Find(flight.Flight.Carrier)?.Name), flight.OperatingCarrier, flight.Origin, flight.Destination,
            Moment(flight.Origin, flight.DepartsLocal, flight.DepartsAt), Moment(flight.Destination, flight.ArrivesLocal, flight.ArrivesAt),
            DateOnly.FromDateTime(flight.ArrivesLocal).DayNumber - DateOnly.FromDateTime(flight.DepartsLocal).DayNumber, (int)(flight.ArrivesAt - flight.DepartsAt).TotalMinutes,
            new(flight.Aircraft, AircraftTypes.Find(flight.Aircraft)?.Name), flight.Supplier, departed,
            [.. flight.Cabins.Select(cabin => new ListedCabin(
                cabin.Cabin, cabin.BookingClass, departed ? 0 : Math.Min(9, sellable.SeatsLeft(cabin)),
                !departed && prices[(int)cabin.Cabin] is >= 0 and var price ? new Money(price, currency) : null))]);
    }

    private static MomentView Moment(string airport, DateTime local, DateTimeOffset utc) => new(local, Airports.Find(airport)?.Zone ?? "", utc);
}
