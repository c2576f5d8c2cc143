namespace Aerona.Contracts.Operations;

/// <summary>Event: dated flights are on sale, new or changed. At most 500 in a message.</summary>
/// <param name="Flights">Each complete; replaces what was known of it if its version is higher.</param>
public sealed record FlightsPublished(IReadOnlyList<PublishedFlight> Flights);

/// <summary>A dated flight on sale.</summary>
/// <param name="FlightId"><see cref="FlightDesignator.OnDate"/>.</param>
/// <param name="Version">Grows with every change of this flight.</param>
/// <param name="Flight">Marketing designator.</param>
/// <param name="OperatingCarrier">IATA designator of who flies it.</param>
/// <param name="Origin">IATA airport.</param>
/// <param name="Destination">IATA airport.</param>
/// <param name="DepartsLocal">Wall clock at the origin, kind unspecified.</param>
/// <param name="DepartsAt">The same moment in UTC.</param>
/// <param name="ArrivesLocal">Wall clock at the destination.</param>
/// <param name="ArrivesAt">The same moment in UTC.</param>
/// <param name="Aircraft">IATA type code.</param>
/// <param name="Cabins">What is sold, one entry a cabin; none when the flight is withdrawn from sale or cancelled.</param>
/// <param name="Supplier">The outside supplier that sells it, by its configured name; null: the house airline.</param>
/// <param name="SeatMap">The cabins built in, from the front; null where only the type is known.</param>
public sealed record PublishedFlight(
    string FlightId, long Version, FlightDesignator Flight, string OperatingCarrier, string Origin, string Destination,
    DateTime DepartsLocal, DateTimeOffset DepartsAt, DateTime ArrivesLocal, DateTimeOffset ArrivesAt, string Aircraft, IReadOnlyList<PublishedCabin> Cabins,
    string? Supplier = null, IReadOnlyList<CabinMap>? SeatMap = null);

/// <summary>What is sold in a cabin of a dated flight.</summary>
/// <param name="Cabin">The cabin.</param>
/// <param name="Authorised">Seats that may be sold; not the same as seats built in.</param>
/// <param name="BookingClass">One letter.</param>
/// <param name="Fare">
/// Base fare of one adult, without charges and taxes; the flight's currency. Of an outside supplier's flight: all that an adult pays, as it was when it was fetched.
/// </param>
/// <param name="Classes">
/// The cabin's booking classes from the dearest to the cheapest, each nested in the one before it: <paramref name="BookingClass"/> is one of them. Null: it is the only one.
/// </param>
public sealed record PublishedCabin(Cabin Cabin, int Authorised, string BookingClass, Money Fare, IReadOnlyList<PublishedClass>? Classes = null);

/// <summary>A booking class of a cabin.</summary>
/// <param name="BookingClass">One letter.</param>
/// <param name="Authorised">Seats that may be sold in this class and all cheaper ones together; of the dearest as many as of the cabin. What is more is kept for dearer ones.</param>
/// <param name="Fare">Base fare of one adult, without charges and taxes.</param>
public sealed record PublishedClass(string BookingClass, int Authorised, Money Fare);
