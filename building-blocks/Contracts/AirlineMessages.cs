namespace Aerona.Contracts.Airlines;

/// <summary>Command to Airlines: say what the offer costs now. While the booking holds seats an expired offer is priced again; otherwise it is gone.</summary>
public sealed record PriceOffer(Guid BookingId, Guid OfferId) : ICommand;

/// <summary>Event: the offer stands.</summary>
public sealed record OfferPriced(Guid BookingId, Guid OfferId, OfferSnapshot Offer);

/// <summary>Event: the offer can be had, at another price.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="OfferId">The offer asked about.</param>
/// <param name="OldTotal">What it cost.</param>
/// <param name="NewOffer">The same flights for the same passengers at today's price, stored under an id of its own: what is held and bought if the traveller accepts.</param>
public sealed record OfferPriceChanged(Guid BookingId, Guid OfferId, Money OldTotal, OfferSnapshot NewOffer);

/// <summary>Event: the offer expired, was never made, or its flights are not sold any more.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="OfferId">The offer.</param>
/// <param name="Reason">Stable code: <c>offer.expired</c>, <c>offer.not_found</c>, <c>flight.withdrawn</c>, <c>flight.changed</c> (its times or airports).</param>
public sealed record OfferGone(Guid BookingId, Guid OfferId, string Reason);

/// <summary>Command to Airlines: hold a seat in every segment for every passenger who has one, or none at all.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="HoldId">This attempt; a repeat gets the same answer.</param>
/// <param name="OfferId">What to hold.</param>
/// <param name="Passengers">Who travels.</param>
/// <param name="PayLater">Whether to hold for as long as the airline lets travellers pay later, instead of for a payment made now.</param>
/// <param name="Contact">Passed on to suppliers that want it with the names.</param>
public sealed record HoldSeats(
    Guid BookingId, Guid HoldId, Guid OfferId, IReadOnlyList<Passenger> Passengers, bool PayLater = false, Contact? Contact = null) : ICommand;

/// <summary>
/// Event: all seats are held. At a supplier that holds nothing (an instant one) it means: the offer was priced again just now and is still there, and both times
/// are the offer's own end; the pin is then its last price check.
/// </summary>
/// <param name="BookingId">The booking.</param>
/// <param name="HoldId">The attempt.</param>
/// <param name="Token">Fencing token: pin, commit and release must show it.</param>
/// <param name="SpaceUntil">UTC; from then on the seats may go to somebody else.</param>
/// <param name="PriceUntil">UTC; from then on the price must be asked for again.</param>
public sealed record SeatsHeld(Guid BookingId, Guid HoldId, long Token, DateTimeOffset SpaceUntil, DateTimeOffset PriceUntil);

/// <summary>Event: the seats cannot be had.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="HoldId">The attempt, closed from now on.</param>
/// <param name="Reason">Stable code: <c>seats.sold_out</c>, <c>seats.class_closed</c> (the cabin has seats, not at that fare any more), <c>seats.taken</c> (a chosen seat is
/// somebody else's or not there any more), <c>seats.exit_row</c> (a passenger may not sit where they chose), <c>seats.infant_limit</c>, <c>hold.closed</c>, <c>flight.withdrawn</c>, <c>offer.not_found</c>, <c>offer.expired</c>,
/// <c>offer.price_changed</c>, <c>hold.refused</c>, <c>passenger.incomplete</c>.</param>
/// <param name="Alternatives">Ids of flights on the same route and day that still have the seats; may be empty.</param>
/// <param name="Seats">The chosen seats that cannot be had, with those nearest to them that can; null unless seats are the reason.</param>
public sealed record SeatsRefused(Guid BookingId, Guid HoldId, string Reason, IReadOnlyList<string> Alternatives, IReadOnlyList<RefusedSeat>? Seats = null);

/// <summary>A chosen seat that cannot be had.</summary>
/// <param name="PassengerId">Who chose it.</param>
/// <param name="SegmentOrdinal">Of which flight.</param>
/// <param name="Seat">Which one: <c>12A</c>.</param>
/// <param name="Nearest">Seats of the same cabin that are free now and may be had by that passenger, the nearest first.</param>
public sealed record RefusedSeat(string PassengerId, int SegmentOrdinal, string Seat, IReadOnlyList<string> Nearest);

/// <summary>Command to Airlines: is there a hold of this id? If not, the id is closed, so that a late HoldSeats is refused.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="HoldId">The attempt.</param>
/// <param name="LookUp">Number of this question; the answer carries it (SeatsHeld needs none, it is a fact).</param>
public sealed record LookUpHold(Guid BookingId, Guid HoldId, int LookUp) : ICommand;

/// <summary>Event: there is no such hold and there never will be.</summary>
public sealed record HoldAbsent(Guid BookingId, Guid HoldId, int LookUp);

/// <summary>Command to Airlines: from now on the hold may not lapse.</summary>
public sealed record PinSeats(Guid BookingId, Guid HoldId, long Token) : ICommand;

/// <summary>Event: the seats are pinned; only a commit or a release ends that.</summary>
public sealed record SeatsPinned(Guid BookingId, Guid HoldId, long Token);

/// <summary>Event: the hold had lapsed or was released; nothing is held under this id.</summary>
public sealed record HoldLapsed(Guid BookingId, Guid HoldId);

/// <summary>Command to Airlines: give the seats back; afterwards the id is closed, whether it existed or not. A sold hold stays sold.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="HoldId">The attempt.</param>
/// <param name="Token">Null when the saga never got one.</param>
public sealed record ReleaseSeats(Guid BookingId, Guid HoldId, long? Token) : ICommand;

/// <summary>Event: nothing is held under this id any more.</summary>
public sealed record SeatsReleased(Guid BookingId, Guid HoldId);

/// <summary>Command to Airlines: buy. The pivot: from here on only a cancellation undoes it.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="OrderId">This attempt and our reference at the supplier.</param>
/// <param name="HoldId">The pinned hold.</param>
/// <param name="Token">Its fencing token.</param>
/// <param name="OfferId">What is bought.</param>
/// <param name="Locator">Our record locator.</param>
/// <param name="Passengers">Who travels, names as sent.</param>
/// <param name="Contact">Passed on to the airline.</param>
public sealed record CommitAirlineOrder(
    Guid BookingId, Guid OrderId, Guid HoldId, long Token, Guid OfferId, string Locator, IReadOnlyList<Passenger> Passengers, Contact Contact) : ICommand;

/// <summary>Event: bought.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="OrderId">The attempt.</param>
/// <param name="Locators">The supplier's and the airlines' codes.</param>
/// <param name="TicketNumbers">One a passenger, or null while the airline has not issued them.</param>
/// <param name="TicketingLimitAt">UTC; tickets must be issued before.</param>
/// <param name="VoidableUntil">UTC; until then a cancellation is free. Null: no void window.</param>
public sealed record AirlineOrderConfirmed(
    Guid BookingId, Guid OrderId, IReadOnlyList<Locator> Locators, IReadOnlyList<TicketNumber>? TicketNumbers, DateTimeOffset TicketingLimitAt,
    DateTimeOffset? VoidableUntil);

/// <summary>Event: whether it was bought is not known yet; look it up, never send the commit again.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="OrderId">The attempt.</param>
/// <param name="LookUp">The question answered; 0 for the commit itself.</param>
public sealed record AirlineOrderPending(Guid BookingId, Guid OrderId, int LookUp);

/// <summary>Event: not bought; the id is closed.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="OrderId">The attempt.</param>
/// <param name="Reason">Stable code: <c>order.sold_out</c>, <c>order.hold_lost</c>, <c>order.refused</c>.</param>
public sealed record AirlineOrderRefused(Guid BookingId, Guid OrderId, string Reason);

/// <summary>Command to Airlines: was this order made? If it never was, the id is closed.</summary>
public sealed record LookUpAirlineOrder(Guid BookingId, Guid OrderId, int LookUp) : ICommand;

/// <summary>Event: no such order exists and none can come.</summary>
public sealed record AirlineOrderAbsent(Guid BookingId, Guid OrderId, int LookUp);

/// <summary>Command to Airlines: cancel an order that should not exist.</summary>
public sealed record CancelAirlineOrder(Guid BookingId, Guid OrderId) : ICommand;

/// <summary>Event: the order is cancelled; its seats are free, its tickets void.</summary>
public sealed record AirlineOrderCancelled(Guid BookingId, Guid OrderId);

/// <summary>Event: holds, sales or releases moved what is left of a cabin.</summary>
/// <param name="FlightId">The dated flight.</param>
/// <param name="Cabin">The cabin.</param>
/// <param name="Left">Seats that can still be sold, never negative.</param>
/// <param name="Version">Grows with every change of this flight and cabin; an older one is ignored.</param>
public sealed record SeatAvailabilityChanged(string FlightId, Cabin Cabin, int Left, long Version);

/// <summary>Command within Airlines: ask the outside supplier what the offer costs now; answered as <see cref="PriceOffer"/> is.</summary>
public sealed record PriceAtSupplier(Guid BookingId, Guid OfferId) : ICommand;

/// <summary>Command within Airlines: hold at the outside supplier; answered as <see cref="HoldSeats"/> is.</summary>
public sealed record HoldAtSupplier(Guid BookingId, Guid HoldId, Guid OfferId, IReadOnlyList<Passenger> Passengers, Contact? Contact) : ICommand;

/// <summary>Command within Airlines: ask the outside supplier for the hold; answered as <see cref="LookUpHold"/> is.</summary>
public sealed record LookUpHoldAtSupplier(Guid BookingId, Guid HoldId, int LookUp) : ICommand;

/// <summary>Command within Airlines: make sure that the outside supplier still has what is held; answered as <see cref="PinSeats"/> is.</summary>
public sealed record PinAtSupplier(Guid BookingId, Guid HoldId, long Token) : ICommand;

/// <summary>Command within Airlines: take the held order back at the outside supplier; answered as <see cref="ReleaseSeats"/> is.</summary>
public sealed record ReleaseAtSupplier(Guid BookingId, Guid HoldId) : ICommand;

/// <summary>Command within Airlines: look at an event that a supplier sent and that is stored.</summary>
/// <param name="EventKey">The stored event.</param>
public sealed record ProcessSupplierEvent(string EventKey) : ICommand;
