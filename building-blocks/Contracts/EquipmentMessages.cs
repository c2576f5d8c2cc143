namespace Aerona.Contracts.Operations;

/// <summary>Seats of a cabin.</summary>
public sealed record SeatsInCabin(Cabin Cabin, int Seats);

/// <summary>Command to Airlines: say who would lose a seat if a flight had so many.</summary>
/// <param name="ChangeId">The wish; comes back with the answer.</param>
/// <param name="FlightId"><see cref="FlightDesignator.OnDate"/>.</param>
/// <param name="BuiltIn">Seats of the other configuration; a cabin that is not named has none.</param>
/// <param name="SeatMap">The other configuration; null: which seats go where is not asked.</param>
public sealed record CheckEquipment(Guid ChangeId, string FlightId, IReadOnlyList<SeatsInCabin> BuiltIn, IReadOnlyList<CabinMap>? SeatMap = null) : ICommand;

/// <summary>Event: the answer to <see cref="CheckEquipment"/>.</summary>
/// <param name="ChangeId">As asked.</param>
/// <param name="Occupied">Seats held, pinned and sold, of cabins that have any.</param>
/// <param name="Affected">Bookings that would find no seat, the last to come first; none when all fit.</param>
/// <param name="Moved">Chosen seats that would be others; null where that was not asked.</param>
public sealed record EquipmentChecked(
    Guid ChangeId, IReadOnlyList<SeatsInCabin> Occupied, IReadOnlyList<AffectedBooking> Affected, IReadOnlyList<MovedSeat>? Moved = null);

/// <summary>A chosen seat that is another one in other cabins.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="PassengerId"><see cref="OfferPassenger.Id"/>.</param>
/// <param name="SegmentOrdinal"><see cref="Segment.Ordinal"/>.</param>
/// <param name="Cabin">Where it is.</param>
/// <param name="From">As it was: <c>12A</c>.</param>
/// <param name="To">As it is; null: no seat is free, the airport gives one.</param>
/// <param name="Lost">What the old one had and the new one has not.</param>
/// <param name="Paid">What was paid for it, which may be nothing.</param>
/// <param name="Refund">What is owed back because the seat is not what was paid for; null: nothing.</param>
public sealed record MovedSeat(
    Guid BookingId, string PassengerId, int SegmentOrdinal, Cabin Cabin, string From, string? To, IReadOnlyList<SeatCharacteristic> Lost, Money Paid, Money? Refund);

/// <summary>Event: a flight is flown with other cabins, and seats of a booking that were chosen are others.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="FlightId">The dated flight.</param>
/// <param name="Moved">Those of its seats that are others.</param>
/// <param name="At">UTC.</param>
public sealed record SeatsMoved(Guid BookingId, string FlightId, IReadOnlyList<MovedSeat> Moved, DateTimeOffset At);

/// <summary>Command of Bookings to itself: have paid back what was paid for seats that are lost or worse.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="RefundId">What is owed.</param>
public sealed record PayForLostSeats(Guid BookingId, Guid RefundId) : ICommand;

/// <summary>Event: chosen seats of a booking are others, or gone; for its traveller.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="Locator">Our record locator.</param>
/// <param name="FlightId">The dated flight.</param>
/// <param name="Moved">Those of its seats that are others.</param>
/// <param name="Refund">What goes back for them by itself; null: nothing.</param>
/// <param name="Contact">Who is told.</param>
/// <param name="Segments">Flights in the order flown.</param>
/// <param name="At">UTC; with the booking it is told once.</param>
public sealed record SeatNews(
    Guid BookingId, string Locator, string FlightId, IReadOnlyList<MovedSeat> Moved, Money? Refund, Contact Contact, IReadOnlyList<Segment> Segments, DateTimeOffset At);

/// <summary>A booking that does not fit into a cabin any more.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="Cabin">Where it has seats.</param>
/// <param name="Seats">How many it has there; all of them are counted, so that nobody is parted.</param>
public sealed record AffectedBooking(Guid BookingId, Cabin Cabin, int Seats);
