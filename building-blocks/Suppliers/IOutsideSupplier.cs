using Aerona.Contracts;

namespace Aerona.Suppliers;

/// <summary>
/// A supplier whose books are not ours: it is asked over the network and may be silent, busy or talk nonsense. Each of those is an answer; nothing is thrown but
/// what is a fault of ours.
/// </summary>
public interface IOutsideSupplier : ISupplier
{
    /// <summary>What it sells for a wish.</summary>
    Task<OffersAnswer> FetchAsync(OfferWish wish, CancellationToken cancellationToken);

    /// <summary>Whether an offer still stands, and what it costs now.</summary>
    Task<PriceAnswer> PriceAsync(SupplierOffer offer, CancellationToken cancellationToken);

    /// <summary>Makes a held order, to be paid later. Not idempotent: what became of one whose answer was lost is looked up by our reference.</summary>
    Task<HoldStandingAnswer> HoldAsync(HoldWish wish, CancellationToken cancellationToken);

    /// <summary>Where a held order stands; absent when there is none under our reference and none can come any more.</summary>
    Task<HoldStandingAnswer> LookUpHoldAsync(KnownHold hold, CancellationToken cancellationToken);

    /// <summary>Takes back a held order that is not paid; one that is gone already, or never was, is released too.</summary>
    Task<HoldStandingAnswer> ReleaseAsync(KnownHold hold, CancellationToken cancellationToken);

    /// <summary>What a cancellation would give back; binding until it expires, and nothing is cancelled by asking.</summary>
    Task<CancelQuoteAnswer> QuoteCancellationAsync(KnownOrder order, CancellationToken cancellationToken);

    /// <summary>What the airline changed of an order by itself, so far.</summary>
    Task<ChangesAnswer> ChangesAsync(KnownOrder order, CancellationToken cancellationToken);

    /// <summary>How a dated flight goes.</summary>
    Task<FlightStatusAnswer> StatusAsync(FlightDesignator flight, DateOnly departsOn, CancellationToken cancellationToken);

    /// <summary>The seats of an offer's flights.</summary>
    Task<SeatMapsAnswer> SeatMapsAsync(SupplierOffer offer, CancellationToken cancellationToken);

    /// <summary>What a webhook's body is about; null when it is not one of this supplier's.</summary>
    SupplierEventFacts? ReadEvent(string body);
}

/// <summary>What a supplier can do; what it cannot do is never asked of it.</summary>
/// <param name="IsLive">Its offers are fetched from it; otherwise its flights are published to us and priced here.</param>
/// <param name="CanHold">Space can be held before it is paid for, for some offers at least (see <see cref="SupplierTerms.CanHold"/>). Otherwise it is instant.</param>
/// <param name="IsIdempotent">A purchase may be repeated with our reference and happens once.</param>
/// <param name="PushesEvents">It reports changes by webhook.</param>
/// <param name="ShowsSeats">It has seat maps.</param>
/// <param name="TellsStatus">It says how flights go.</param>
/// <param name="CancelsInPart">Single passengers and flights of an order can be cancelled; otherwise whole orders only.</param>
public sealed record SupplierCapabilities(
    bool IsLive, bool CanHold, bool IsIdempotent, bool PushesEvents = false, bool ShowsSeats = false, bool TellsStatus = false, bool CancelsInPart = false)
{
    /// <summary>The house airline: its books are ours.</summary>
    public static SupplierCapabilities House { get; } = new(IsLive: false, CanHold: true, IsIdempotent: true, CancelsInPart: true);
}

/// <summary>How a call failed.</summary>
public enum SupplierFailure
{
    /// <summary>Silence, a time-out, a 5xx, a broken connection, or calls are not tried for a while. What became of it is unknown.</summary>
    Unavailable,

    /// <summary>Too many calls; nothing was done.</summary>
    Busy,

    /// <summary>Understood and declined; nothing was done.</summary>
    Refused,

    /// <summary>There is no such thing there.</summary>
    NotFound,

    /// <summary>Our credentials are not accepted; nothing was done.</summary>
    Unauthorised,

    /// <summary>Answered, but not in its own language: an error under a 200, a body that is cut off, a field missing that must be there.</summary>
    NotUnderstood,
}

/// <summary>A failed call.</summary>
/// <param name="Kind">Which way.</param>
/// <param name="Code">The supplier's stable code where it gave one, else ours: <c>http_503</c>, <c>time_out</c>, <c>circuit_open</c>, <c>bulkhead_full</c>.</param>
/// <param name="Detail">For staff; never shown to travellers.</param>
/// <param name="RetryAt">UTC; not before. Null: nothing was said.</param>
public sealed record SupplierProblem(SupplierFailure Kind, string Code, string? Detail = null, DateTimeOffset? RetryAt = null)
{
    /// <summary>Whether it is certain that the call did nothing.</summary>
    public bool DidNothing => Kind is SupplierFailure.Busy or SupplierFailure.Refused or SupplierFailure.NotFound or SupplierFailure.Unauthorised;
}

/// <summary>What is looked for.</summary>
/// <param name="Legs">One for a single journey, two for a return; in order.</param>
/// <param name="Passengers">Who travels.</param>
/// <param name="Cabin">The cabin, or null for any.</param>
/// <param name="MaxConnections">0 for direct flights only.</param>
public sealed record OfferWish(IReadOnlyList<WishedLeg> Legs, IReadOnlyList<PassengerType> Passengers, Cabin? Cabin, int MaxConnections = 1);

/// <summary>One leg of a wish.</summary>
/// <param name="Origin">IATA airport or city.</param>
/// <param name="Destination">The same.</param>
/// <param name="DepartsOn">Local day at the origin.</param>
public sealed record WishedLeg(string Origin, string Destination, DateOnly DepartsOn);

/// <summary>What the supplier needs to hear again of its own offer.</summary>
/// <param name="Reference">Its id of the offer.</param>
/// <param name="CanHold">Whether space can be held under it without paying.</param>
/// <param name="Raw">The offer as it came, JSON: fields that we do not know are kept there.</param>
/// <param name="SeatsLeft">Seats left at that price as far as it says, or null.</param>
public sealed record SupplierTerms(string Reference, bool CanHold, string Raw, int? SeatsLeft = null);

/// <summary>An offer in the supplier's terms and in ours.</summary>
/// <param name="Terms">The supplier's.</param>
/// <param name="Snapshot">Ours; its id is ours to give.</param>
public sealed record SupplierOffer(SupplierTerms Terms, OfferSnapshot Snapshot);

/// <summary>An offer that cannot be sold here.</summary>
/// <param name="Reference">The supplier's id of it.</param>
/// <param name="Reason">Stable code: <c>airline.without_code</c>, <c>airport.unknown</c>, <c>currency.unknown</c>, <c>offer.malformed</c> …</param>
public sealed record SkippedOffer(string Reference, string Reason);

/// <summary>What a fetch brought.</summary>
/// <param name="Offers">Those that can be sold.</param>
/// <param name="Skipped">Those that cannot.</param>
/// <param name="IsPartial">The supplier said, or it is known, that there is more.</param>
/// <param name="Problem">Why there are none, or not all; null when all went well.</param>
public sealed record OffersAnswer(IReadOnlyList<SupplierOffer> Offers, IReadOnlyList<SkippedOffer> Skipped, bool IsPartial = false, SupplierProblem? Problem = null)
{
    /// <summary>Nothing, because of that.</summary>
    public static OffersAnswer Failed(SupplierProblem problem) => new([], [], IsPartial: true, problem);
}

/// <summary>How an offer stands.</summary>
/// <param name="Offer">It stands, at this price; null: it does not, or is not known to.</param>
/// <param name="IsGone">It does not.</param>
/// <param name="Problem">Why, where the supplier said.</param>
public sealed record PriceAnswer(SupplierOffer? Offer, bool IsGone = false, SupplierProblem? Problem = null);

/// <summary>A hold to be made.</summary>
/// <param name="HoldId">Our reference; goes into the order's metadata.</param>
/// <param name="BookingId">The same.</param>
/// <param name="Offer">What is held.</param>
/// <param name="Passengers">Who travels.</param>
/// <param name="Contact">Passed on.</param>
public sealed record HoldWish(Guid HoldId, Guid BookingId, SupplierOffer Offer, IReadOnlyList<Passenger> Passengers, Contact Contact);

/// <summary>What we know of a hold.</summary>
/// <param name="HoldId">Our reference.</param>
/// <param name="NotedAt">UTC; it cannot have been made before.</param>
/// <param name="Reference">The supplier's id of the held order, once known.</param>
public sealed record KnownHold(Guid HoldId, DateTimeOffset NotedAt, string? Reference);

/// <summary>The cases of <see cref="HoldStandingAnswer"/>.</summary>
public enum HoldStandingKind
{
    /// <summary>Neither yes nor no.</summary>
    Unknown,
    Held,
    Refused,

    /// <summary>There is none and none can come.</summary>
    Absent,
    Released,

    /// <summary>It is paid, so it is no hold any more.</summary>
    Bought,
}

/// <summary>How a hold stands.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Reference">The supplier's id of the held order.</param>
/// <param name="SpaceUntil">When held: UTC.</param>
/// <param name="PriceUntil">When held: UTC.</param>
/// <param name="Total">When held: what is to be paid.</param>
/// <param name="Reason">Of a refusal: stable code, <c>seats.sold_out</c>, <c>offer.expired</c>, <c>offer.price_changed</c>, <c>hold.refused</c>.</param>
public sealed record HoldStandingAnswer(
    HoldStandingKind Kind, string? Reference = null, DateTimeOffset? SpaceUntil = null, DateTimeOffset? PriceUntil = null, Money? Total = null, string? Reason = null)
{
    /// <summary>Nobody knows.</summary>
    public static HoldStandingAnswer Unknown { get; } = new(HoldStandingKind.Unknown);
}

/// <summary>What we know of an order.</summary>
/// <param name="OrderId">Our reference.</param>
/// <param name="NotedAt">UTC; it cannot have been made before.</param>
/// <param name="Reference">The supplier's id, once known.</param>
public sealed record KnownOrder(Guid OrderId, DateTimeOffset NotedAt, string? Reference);

/// <summary>A change made by the airline.</summary>
/// <param name="Reference">The supplier's id of it.</param>
/// <param name="DetectedAt">UTC.</param>
/// <param name="Removed">Flights as they were: <c>ZZ101-20261205 09:00-10:20</c>.</param>
/// <param name="Added">Flights as they are; empty: cancelled without a replacement.</param>
/// <param name="AvailableActions">What may be done: <c>accept</c>, <c>cancel</c>, <c>change</c>.</param>
public sealed record AirlineChange(
    string Reference, DateTimeOffset DetectedAt, IReadOnlyList<string> Removed, IReadOnlyList<string> Added, IReadOnlyList<string> AvailableActions);

/// <summary>The changes of an order.</summary>
public sealed record ChangesAnswer(IReadOnlyList<AirlineChange> Changes, SupplierProblem? Problem = null);

/// <summary>One time of a flight.</summary>
/// <param name="Airport">Where, IATA.</param>
/// <param name="Kind">The supplier's qualifier: <c>STD</c>, <c>ETD</c>, <c>ATD</c>, <c>STA</c> …</param>
/// <param name="Local">Wall clock there.</param>
/// <param name="At">The same moment in UTC; null where the supplier gives no offset and the airport is not known here.</param>
public sealed record FlightTime(string Airport, string Kind, DateTime Local, DateTimeOffset? At);

/// <summary>How a flight goes.</summary>
public sealed record FlightStatusAnswer(IReadOnlyList<FlightTime> Times, SupplierProblem? Problem = null);

/// <summary>A seat that can be chosen.</summary>
/// <param name="SegmentReference">The supplier's id of the flight.</param>
/// <param name="Cabin">The supplier's name of the cabin.</param>
/// <param name="Designator"><c>12A</c>.</param>
/// <param name="IsFree">Whether somebody may take it.</param>
/// <param name="Price">What it costs for the first passenger, or null: nothing is said.</param>
public sealed record SupplierSeat(string SegmentReference, string Cabin, string Designator, bool IsFree, Money? Price);

/// <summary>The seats of an offer.</summary>
public sealed record SeatMapsAnswer(IReadOnlyList<SupplierSeat> Seats, SupplierProblem? Problem = null);

/// <summary>What a webhook says.</summary>
/// <param name="EventId">The supplier's id of the event; the same at every repeat.</param>
/// <param name="Type">Its name, such as <c>order.updated</c>.</param>
/// <param name="OrderReference">The supplier's id of the order concerned; null: none is, as for a ping.</param>
public sealed record SupplierEventFacts(string EventId, string Type, string? OrderReference);
