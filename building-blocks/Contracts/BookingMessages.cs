using System.Text.Json.Serialization;

namespace Aerona.Contracts.Bookings;

/// <summary>Event: a booking was asked for; starts the saga.</summary>
/// <param name="BookingId">The booking, and the saga's correlation id.</param>
/// <param name="Locator">Our record locator.</param>
/// <param name="OfferId">The offer it books.</param>
/// <param name="Passengers">One for each passenger of the offer.</param>
/// <param name="Contact">For messages to the traveller.</param>
/// <param name="Owner">Subject of who booked; null for a guest.</param>
/// <param name="ReturnUrl">Where the payer's browser goes after approving or giving up; null for our own page.</param>
/// <param name="SubmittedAt">UTC.</param>
/// <param name="PayLater">Whether the traveller pays before the airline's limit instead of now.</param>
public sealed record BookingSubmitted(
    Guid BookingId, string Locator, Guid OfferId, IReadOnlyList<Passenger> Passengers, Contact Contact, string? Owner, string? ReturnUrl,
    DateTimeOffset SubmittedAt, bool PayLater = false);

/// <summary>Event: the traveller takes the new price.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="OfferId">The new offer, as shown; another one than the booking waits for is ignored.</param>
/// <param name="AcceptedAt">UTC.</param>
public sealed record PriceAccepted(Guid BookingId, Guid OfferId, DateTimeOffset AcceptedAt);

/// <summary>Event: the traveller does not take the new price.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="OfferId">The new offer, as shown; another one than the booking waits for is ignored.</param>
/// <param name="DeclinedAt">UTC.</param>
public sealed record PriceDeclined(Guid BookingId, Guid OfferId, DateTimeOffset DeclinedAt);

/// <summary>Event: the traveller (or staff for them) wants out before anything was bought.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="RequestedAt">UTC.</param>
public sealed record BookingCancelRequested(Guid BookingId, DateTimeOffset RequestedAt);

/// <summary>Event: the traveller tries to pay again, with another instrument.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="RequestedAt">UTC.</param>
public sealed record PaymentRetried(Guid BookingId, DateTimeOffset RequestedAt);

/// <summary>What staff may decide about a parked booking.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<StaffDecision>))]
public enum StaffDecision
{
    /// <summary>Back to the state it was parked from, with its clocks started anew.</summary>
    TryAgain,

    /// <summary>Nothing was bought, or what was is to be cancelled: everything is undone. Only before the tickets are issued.</summary>
    GiveUp,

    /// <summary>The money comes another way: the documents are made and the booking is confirmed. Only when the tickets are issued and the money could not be taken.</summary>
    GoOnUnpaid,
}

/// <summary>Event: a member of staff decided about a booking that was parked.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="ActionId">This decision; a second one of the same id is ignored.</param>
/// <param name="Decision">What was decided.</param>
/// <param name="By">Subject of the member of staff.</param>
/// <param name="Reason">In their words.</param>
/// <param name="DecidedAt">UTC.</param>
public sealed record StaffDecided(Guid BookingId, Guid ActionId, StaffDecision Decision, string By, string Reason, DateTimeOffset DecidedAt);

/// <summary>What a traveller is told while a booking is under way.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<BookingNewsKind>))]
public enum BookingNewsKind
{
    /// <summary>The price is another one; it can be taken or not.</summary>
    PriceChanged,

    /// <summary>Seats are held; there is time to pay.</summary>
    PayLater,

    /// <summary>The time to pay ends soon.</summary>
    PaymentDue,

    /// <summary>PayPal examines the payment.</summary>
    PaymentUnderReview,

    /// <summary>The airline has not said whether it made the order.</summary>
    ConfirmingWithAirline,

    /// <summary>The tickets are issued and the money could not be taken: another payment is needed.</summary>
    PayAgain,
}

/// <summary>Event: something the traveller should know before the booking ends.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="Locator">Our record locator.</param>
/// <param name="Kind">What happened; together with <paramref name="At"/> it is told once.</param>
/// <param name="Total">What the booking costs now, or null while no price is known.</param>
/// <param name="OldTotal">What it cost before, or null when that did not change.</param>
/// <param name="Until">UTC; how long the traveller has. Null: nothing is to be done.</param>
/// <param name="Contact">Who is told.</param>
/// <param name="At">UTC.</param>
/// <param name="Segments">Flights in the order flown, to name them and to tell times by the clock where the journey begins; null while not known.</param>
public sealed record BookingNews(
    Guid BookingId, string Locator, BookingNewsKind Kind, Money? Total, Money? OldTotal, DateTimeOffset? Until, Contact Contact, DateTimeOffset At,
    IReadOnlyList<Segment>? Segments = null);

/// <summary>Event: a confirmed booking was cancelled as a whole; from the cancellation saga.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="CancelledAt">UTC.</param>
public sealed record BookingCancelled(Guid BookingId, DateTimeOffset CancelledAt);

/// <summary>Event: bought, ticketed and paid.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="Locator">Our record locator.</param>
/// <param name="Locators">The supplier's and the airlines' codes.</param>
/// <param name="Offer">What was bought.</param>
/// <param name="Passengers">Who travels.</param>
/// <param name="Contact">Who is told.</param>
/// <param name="TicketNumbers">One a passenger.</param>
/// <param name="Documents">Stored documents.</param>
/// <param name="Captured">Money taken; zero when staff let it go on unpaid.</param>
/// <param name="ConfirmedAt">UTC.</param>
public sealed record BookingConfirmed(
    Guid BookingId, string Locator, IReadOnlyList<Locator> Locators, OfferSnapshot Offer, IReadOnlyList<Passenger> Passengers, Contact Contact,
    IReadOnlyList<TicketNumber> TicketNumbers, IReadOnlyList<StoredDocument> Documents, Money Captured, DateTimeOffset ConfirmedAt);

/// <summary>Where the traveller's money stands.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<MoneyState>))]
public enum MoneyState
{
    /// <summary>Nothing was reserved.</summary>
    NotCharged,

    /// <summary>A reservation was made and given back; banks show that after some days.</summary>
    AuthorisationVoided,
}

/// <summary>Event: the booking ended without a purchase and everything done was undone.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="Locator">Our record locator.</param>
/// <param name="State">Final state: <c>Rejected</c>, <c>Expired</c>, <c>PaymentFailed</c>, <c>CancelledBeforePurchase</c>.</param>
/// <param name="Reason">Stable code: see the saga's <c>Because</c>.</param>
/// <param name="Detail">A sentence for people (a new price, alternatives), or the code the other side gave (<c>order.sold_out</c>); null when there is no more to say.</param>
/// <param name="Money">Where the money stands.</param>
/// <param name="Contact">Who is told.</param>
/// <param name="FailedAt">UTC.</param>
public sealed record BookingFailed(
    Guid BookingId, string Locator, string State, string Reason, string? Detail, MoneyState Money, Contact Contact, DateTimeOffset FailedAt);

/// <summary>Event: the saga needs a person.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="Kind">Stable code, such as <c>commit-unknown</c>, <c>capture-refused</c>, <c>late-capture</c>.</param>
/// <param name="Detail">For people.</param>
/// <param name="OpenedAt">UTC.</param>
public sealed record BookingCaseOpened(Guid BookingId, string Kind, string Detail, DateTimeOffset OpenedAt);

/// <summary>Event from any service, for the booking's timeline. No names, no addresses.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="Kind">Stable code, such as <c>payment.authorized</c> or <c>mail.sent</c>.</param>
/// <param name="At">UTC, when it happened.</param>
/// <param name="Reference">The other side's id for it, or null.</param>
public sealed record BookingNoted(Guid BookingId, string Kind, DateTimeOffset At, string? Reference);
