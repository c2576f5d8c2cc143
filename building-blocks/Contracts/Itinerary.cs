using System.Text.Json.Serialization;

namespace Aerona.Contracts;

/// <summary>A class of service; in JSON <c>economy</c>, <c>premiumEconomy</c>, <c>business</c>, <c>first</c>.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<Cabin>))]
public enum Cabin
{
    Economy,
    PremiumEconomy,
    Business,
    First,
}

/// <summary>What a fare calls a passenger, by age on the day of travel.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<PassengerType>))]
public enum PassengerType
{
    /// <summary>12 years and older; has a seat.</summary>
    Adult,

    /// <summary>2 to 11 years; has a seat.</summary>
    Child,

    /// <summary>Under 2 years, on an adult's lap; has a ticket but no seat.</summary>
    Infant,
}

/// <summary>What a price line is for.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<PriceLineKind>))]
public enum PriceLineKind
{
    BaseFare,
    CarrierCharge,
    Tax,

    /// <summary>A seat that was chosen.</summary>
    Seat,
}

/// <summary>One flight taken, from take-off to landing, as frozen in an offer.</summary>
/// <param name="Ordinal">1 for the first.</param>
/// <param name="FlightId">The dated flight: <see cref="FlightDesignator.OnDate"/>.</param>
/// <param name="Flight">Marketing designator.</param>
/// <param name="OperatingCarrier">IATA designator of who flies it.</param>
/// <param name="Origin">IATA airport.</param>
/// <param name="Destination">IATA airport.</param>
/// <param name="DepartsLocal">Wall clock at the origin, kind unspecified.</param>
/// <param name="DepartureZone">IANA zone of the origin.</param>
/// <param name="DepartsAt">The same moment in UTC.</param>
/// <param name="ArrivesLocal">Wall clock at the destination; may be before <paramref name="DepartsLocal"/>.</param>
/// <param name="ArrivalZone">IANA zone of the destination.</param>
/// <param name="ArrivesAt">The same moment in UTC.</param>
/// <param name="Aircraft">IATA type code.</param>
/// <param name="Cabin">Cabin sold.</param>
/// <param name="BookingClass">Reservation booking designator, one letter.</param>
/// <param name="FareBasis">Fare basis code printed on the ticket.</param>
/// <param name="BaggageAllowance">As printed: <c>1PC</c>, <c>23K</c>, <c>NIL</c>.</param>
public sealed record Segment(
    int Ordinal, string FlightId, FlightDesignator Flight, string OperatingCarrier, string Origin, string Destination,
    DateTime DepartsLocal, string DepartureZone, DateTimeOffset DepartsAt, DateTime ArrivesLocal, string ArrivalZone, DateTimeOffset ArrivesAt,
    string Aircraft, Cabin Cabin, string BookingClass, string FareBasis, string BaggageAllowance);

/// <summary>One line of what a passenger pays.</summary>
/// <param name="PassengerId">Whose: <see cref="OfferPassenger.Id"/>.</param>
/// <param name="Kind">Fare, carrier's charge, tax or a chosen seat.</param>
/// <param name="Code"><c>FARE</c>, <c>YQ</c>, <c>SEAT</c>, or the tax's two-letter code (GB, UB, XF …).</param>
/// <param name="Country">ISO 3166-1 alpha-2 of a tax's levier, else null.</param>
/// <param name="Refundable">Whether it comes back when the journey is not flown.</param>
/// <param name="Amount">Never negative.</param>
public sealed record PriceLine(string PassengerId, PriceLineKind Kind, string Code, string? Country, bool Refundable, Money Amount);

/// <summary>Someone an offer was priced for.</summary>
/// <param name="Id"><c>p1</c>, <c>p2</c> … in the order asked for.</param>
/// <param name="Type">Type priced.</param>
public sealed record OfferPassenger(string Id, PassengerType Type);

/// <summary>What may be done with a fare; null means the airline did not say, and is shown as unknown.</summary>
/// <param name="Refundable">Whether the fare itself comes back before departure.</param>
/// <param name="RefundPenalty">Kept back per passenger.</param>
/// <param name="Changeable">Whether it may be changed before departure.</param>
/// <param name="ChangePenalty">Charged per passenger and change.</param>
public sealed record FareConditions(bool? Refundable, Money? RefundPenalty, bool? Changeable, Money? ChangePenalty);

/// <summary>A price frozen by Airlines: what a booking is charged comes from here and nowhere else.</summary>
/// <param name="OfferId">The offer.</param>
/// <param name="Supplier"><c>house</c>, or the configured name of an outside supplier, such as <c>zz</c>.</param>
/// <param name="ValidatingCarrier">Whose ticket stock is used; IATA designator.</param>
/// <param name="Segments">In the order flown, at least one.</param>
/// <param name="Passengers">At least one adult, at most nine with a seat.</param>
/// <param name="Lines">Every line of every passenger.</param>
/// <param name="Total">The sum of the lines.</param>
/// <param name="Conditions">Rules of the fare.</param>
/// <param name="ExpiresAt">UTC; after that it cannot be booked.</param>
/// <param name="PayLaterUntil">UTC; seats held under it for paying later are kept until then at least. Null: it is paid at once.</param>
/// <param name="Needs">What a booking must say because the supplier asks for it: see <see cref="OfferNeeds"/>. Null: nothing more than always.</param>
/// <param name="Seats">Seats chosen, at most one a passenger and segment; their prices are among <paramref name="Lines"/>. Null: none; the airport gives them.</param>
public sealed record OfferSnapshot(
    Guid OfferId, string Supplier, string ValidatingCarrier, IReadOnlyList<Segment> Segments, IReadOnlyList<OfferPassenger> Passengers,
    IReadOnlyList<PriceLine> Lines, Money Total, FareConditions Conditions, DateTimeOffset ExpiresAt, DateTimeOffset? PayLaterUntil = null,
    IReadOnlyList<string>? Needs = null, IReadOnlyList<ChosenSeat>? Seats = null);

/// <summary>A seat that a passenger chose.</summary>
/// <param name="PassengerId"><see cref="OfferPassenger.Id"/>.</param>
/// <param name="SegmentOrdinal"><see cref="Segment.Ordinal"/>.</param>
/// <param name="Seat">Row and letter: <c>12A</c>.</param>
/// <param name="Price">What it costs; zero: nothing.</param>
/// <param name="Characteristics">What it has.</param>
public sealed record ChosenSeat(string PassengerId, int SegmentOrdinal, string Seat, Money Price, IReadOnlyList<SeatCharacteristic> Characteristics);

/// <summary>What suppliers ask for beyond names and dates of birth.</summary>
public static class OfferNeeds
{
    /// <summary>Every passenger's <see cref="Passenger.Gender"/>.</summary>
    public const string Gender = "passenger.gender";

    /// <summary>The contact's telephone number.</summary>
    public const string Phone = "contact.phone";
}

/// <summary>As in the travel document; never guessed.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<Gender>))]
public enum Gender
{
    Female,
    Male,
}

/// <summary>A person who travels. Names are kept in two forms: as typed, and as sent to the airline and printed on the ticket.</summary>
/// <param name="Id"><see cref="OfferPassenger.Id"/>.</param>
/// <param name="Type">By age on the day of the last departure.</param>
/// <param name="GivenName">As typed.</param>
/// <param name="Surname">As typed.</param>
/// <param name="TicketGivenName">Capital letters A-Z and blanks, transliterated by ICAO 9303.</param>
/// <param name="TicketSurname">The same.</param>
/// <param name="BirthDate">Calendar date.</param>
/// <param name="AccompaniedBy">For a lap infant the adult's <paramref name="Id"/>, else null.</param>
/// <param name="Gender">Where the offer needs it, else null.</param>
public sealed record Passenger(
    string Id, PassengerType Type, string GivenName, string Surname, string TicketGivenName, string TicketSurname, DateOnly BirthDate, string? AccompaniedBy,
    Gender? Gender = null);

/// <summary>Where the booking's messages go.</summary>
/// <param name="Email">One address.</param>
/// <param name="Phone">E.164, or null.</param>
/// <param name="Locale">BCP 47, such as <c>en</c> or <c>vi</c>.</param>
public sealed record Contact(string Email, string? Phone, string Locale);

/// <summary>The number of a passenger's e-ticket.</summary>
/// <param name="PassengerId">Whose.</param>
/// <param name="Number">13 digits: the airline's accounting code and ten more; no check digit.</param>
public sealed record TicketNumber(string PassengerId, string Number);

/// <summary>A reservation code at somebody's: ours, the supplier's, the airline's.</summary>
/// <param name="System"><c>aerona</c>, or who gave it: a supplier's name or an airline's designator.</param>
/// <param name="Code">As printed.</param>
public sealed record Locator(string System, string Code);

/// <summary>A stored document.</summary>
/// <param name="Kind">One of <see cref="DocumentKinds"/>; readers pass over what they do not know.</param>
/// <param name="Key">Where it lies in the file store.</param>
/// <param name="FileName">What a person should see it called.</param>
/// <param name="Sha256">Lower-case hexadecimal.</param>
/// <param name="ContentType">Media type with its parameters: <c>application/pdf</c>, or of a calendar <c>text/calendar; charset=utf-8; method=PUBLISH</c> (or <c>CANCEL</c>).</param>
/// <param name="Number">Printed number of an invoice or credit note, else null.</param>
public sealed record StoredDocument(string Kind, string Key, string FileName, string Sha256, string ContentType = "application/pdf", string? Number = null);

/// <summary>What kinds of documents there are.</summary>
public static class DocumentKinds
{
    /// <summary>Tickets, flights and price of everybody; PDF.</summary>
    public const string ItineraryReceipt = "itinerary-receipt";

    /// <summary>The same for one passenger; PDF. Fetched from the service, never announced.</summary>
    public const string PassengerReceipt = "passenger-receipt";

    /// <summary>PDF.</summary>
    public const string Invoice = "invoice";

    /// <summary>What an invoice is less by; PDF.</summary>
    public const string CreditNote = "credit-note";

    /// <summary>An event for each flight (RFC 5545); with the method CANCEL it takes them out again.</summary>
    public const string Calendar = "calendar";
}
