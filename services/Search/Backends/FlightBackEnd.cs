using Aerona.Contracts;
using Aerona.Contracts.Operations;
using Aerona.Search.SearchFlights;

namespace Aerona.Search.Backends;

/// <summary>A dated flight with what is left of it, as a back end takes it and gives it back.</summary>
/// <param name="Row">Its place in the order of changes, and its version: what has a lower one is older.</param>
/// <param name="Flight">As published.</param>
/// <param name="Packed">The same as <see cref="Indexing.PackedFlight"/>.</param>
/// <param name="Left">Seats left by cabin where that is known; elsewhere all authorised ones are.</param>
/// <param name="IsNew">Whether no back end that has read the rows in their order can have met it.</param>
internal sealed record SellableFlight(long Row, PublishedFlight Flight, byte[] Packed, IReadOnlyDictionary<Cabin, int> Left, bool IsNew = false)
{
    public int SeatsLeft(PublishedCabin cabin) => Math.Max(0, Left.GetValueOrDefault(cabin.Cabin, cabin.Authorised));
}

/// <summary>What comes first; flights that are the same in it come by their ids.</summary>
internal enum ListOrder
{
    /// <summary>UTC.</summary>
    Departure,

    /// <summary>Of one adult in the cabin asked for; what is not sold there comes last.</summary>
    Price,
    Duration,
}

/// <summary>What a list can be narrowed by, one value or several.</summary>
internal enum FlightFacet
{
    Airline,
    Origin,
    Destination,
    Aircraft,
    Day,
}

/// <summary>Which flights are asked for; facets, histograms and ranges speak of these.</summary>
/// <param name="Origins">IATA airports; none: any.</param>
/// <param name="Destinations">IATA airports; none: any.</param>
/// <param name="Days">Local days of departure, at least one.</param>
/// <param name="Designator">Marketing designator such as VN55; null: any.</param>
/// <param name="Airline">Marketing carrier; null: any.</param>
/// <param name="Cabin">Of the prices and seats.</param>
/// <param name="Currency">Of the prices, one of <see cref="FlightDocument.Currencies"/>.</param>
internal sealed record FlightQuestion(
    IReadOnlyList<string> Origins, IReadOnlyList<string> Destinations, IReadOnlyList<DateOnly> Days, string? Designator, string? Airline, Cabin Cabin, string Currency)
{
    private const int MostKeys = 64;

    /// <summary>Keys of route and day where they are few: the fast way to one route's day. Null: the fields have to be asked one by one.</summary>
    public IReadOnlyList<string>? Keys => Origins.Count * Destinations.Count * Days.Count is > 0 and <= MostKeys
        ? [.. Origins.SelectMany(from => Destinations.SelectMany(to => Days.Select(day => FlightDocument.RouteDay(from, to, day))))]
        : null;
}

/// <summary>What flights of a question are shown; a facet's own choice does not hide its other values.</summary>
/// <param name="Values">Any of these values; facets that are not there are not chosen from.</param>
/// <param name="Departure">Wall clock.</param>
/// <param name="MaxPrice">Minor units.</param>
/// <param name="MinSeats">Seats left in the cabin.</param>
/// <param name="MaxSeats">Seats left in the cabin; 0: sold out.</param>
internal sealed record ListFilters(
    IReadOnlyDictionary<FlightFacet, IReadOnlyList<string>> Values, DayWindow? Departure = null, long? MaxPrice = null, int? MinSeats = null, int? MaxSeats = null)
{
    public static readonly ListFilters None = new(new Dictionary<FlightFacet, IReadOnlyList<string>>());
}

/// <summary>A page to be read.</summary>
/// <param name="Limit">At least 1.</param>
/// <param name="Cursor">What the page before said; null: the first page.</param>
internal sealed record ListPage(ListOrder Order, int Limit, string? Cursor = null);

/// <summary>One value of a facet.</summary>
/// <param name="Value">Code, or day as yyyy-MM-dd.</param>
/// <param name="Count">Flights that match with this value, and every other filter as it is.</param>
/// <param name="Lowest">Price of the cheapest of them in minor units; null: none is sold in the cabin.</param>
internal sealed record FacetCount(string Value, long Count, long? Lowest);

/// <summary>One bar.</summary>
/// <param name="From">Where it begins: minor units, or the hour.</param>
/// <param name="Count">Flights in it.</param>
internal sealed record Bar(long From, long Count);

/// <summary>Both ends.</summary>
internal sealed record Ends(long Least, long Most);

/// <summary>What flights there are to choose from.</summary>
/// <param name="Values">By facet, what most flights have first, then by value; at most <see cref="FlightDocument.MostValues"/>.</param>
/// <param name="Prices">By <see cref="FlightDocument.PriceBar"/>, all filters but the price's applied.</param>
/// <param name="Hours">By local hour of departure, all filters but the departure's applied.</param>
/// <param name="Price">Of the question, before any filter; null: nothing is sold.</param>
/// <param name="Minutes">Under way; of the question, before any filter; null: there is nothing.</param>
internal sealed record ListFacets(
    IReadOnlyDictionary<FlightFacet, IReadOnlyList<FacetCount>> Values, IReadOnlyList<Bar> Prices, IReadOnlyList<Bar> Hours, Ends? Price, Ends? Minutes);

/// <summary>A page of flights.</summary>
/// <param name="Flights">In their order.</param>
/// <param name="Total">Of all pages.</param>
/// <param name="Facets">On the first page; null later, where they would be the same.</param>
/// <param name="Next">For the next page; null on the last.</param>
internal sealed record FlightList(IReadOnlyList<SellableFlight> Flights, long Total, ListFacets? Facets, string? Next);

/// <summary>What a back end holds, to be compared with the table it is made from.</summary>
/// <param name="Flights">How many.</param>
/// <param name="Rows">The sum of their rows.</param>
internal sealed record Held(long Flights, long Rows);

/// <summary>The back end cannot do that now; later it may. The message says why.</summary>
internal sealed class BackEndException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The state that a cursor goes on in is not kept any longer.</summary>
internal sealed class CursorOutdatedException() : Exception("The list that the cursor belongs to is not kept any longer");

/// <summary>
/// Where flights can be listed from: every flight that is known, sold out and departed ones counted in, with filters, facets and pages. Made from the table of
/// flights and made again from it when it is lost; the table is what counts. One writer at a time, any number of readers.
/// Whatever fails is thrown as <see cref="BackEndException"/>.
/// </summary>
internal interface IFlightBackEnd
{
    /// <summary>For people: <c>lucene</c>, <c>elasticsearch</c>.</summary>
    string Kind { get; }

    /// <summary>Whether lists can be asked for: false while it is made from nothing.</summary>
    bool IsReady { get; }

    /// <summary>How long to wait between two calls of <see cref="ShowAsync"/> while flights change.</summary>
    TimeSpan BetweenViews { get; }

    /// <summary>
    /// Makes ready what is there, or begins anew when it is missing, damaged, of another shape or of another table. Again after anything has failed.
    /// </summary>
    /// <param name="epoch">Which table the rows are of.</param>
    /// <param name="cancellationToken">Ends waiting.</param>
    /// <returns>The row up to which it holds that table; 0: nothing.</returns>
    Task<long> OpenAsync(Guid epoch, CancellationToken cancellationToken);

    /// <summary>Begins anew although something is there; that goes on being listed until <see cref="SwitchAsync"/>, where the back end can do so.</summary>
    Task StartAnewAsync(Guid epoch, CancellationToken cancellationToken);

    /// <summary>Takes flights over, each in place of what was known of it, unless that has the same or a higher row.</summary>
    Task WriteAsync(IReadOnlyList<SellableFlight> flights, CancellationToken cancellationToken);

    /// <summary>Lists show what has been written.</summary>
    Task ShowAsync(CancellationToken cancellationToken);

    /// <summary>What has been written is kept, and that it goes up to that row.</summary>
    Task CommitAsync(long row, CancellationToken cancellationToken);

    /// <summary>All rows are in: what was made anew takes the place of what was there. Nothing to do else.</summary>
    Task SwitchAsync(CancellationToken cancellationToken);

    /// <summary>What lists show, summed up.</summary>
    Task<Held> SumAsync(CancellationToken cancellationToken);

    /// <summary>One page; the pages of a list are all of the same moment.</summary>
    /// <exception cref="CursorOutdatedException">The list that the cursor belongs to is not kept any longer.</exception>
    Task<FlightList> ListAsync(FlightQuestion question, ListFilters filters, ListPage page, CancellationToken cancellationToken);
}
