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
public sealed record BookingSubmitted(
    Guid BookingId, string Locator, Guid OfferId, IReadOnlyList<Passenger> Passengers, Contact Contact, string? Owner, string? ReturnUrl,
    DateTimeOffset SubmittedAt);

/// <summary>Event: the traveller (or staff for them) wants out before anything was bought.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="RequestedAt">UTC.</param>
public sealed record BookingCancelRequested(Guid BookingId, DateTimeOffset RequestedAt);

/// <summary>Event: the traveller tries to pay again, with another instrument.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="RequestedAt">UTC.</param>
public sealed record PaymentRetried(Guid BookingId, DateTimeOffset RequestedAt);

/// <summary>Event: bought, ticketed and paid.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="Locator">Our record locator.</param>
/// <param name="Locators">The supplier's and the airlines' codes.</param>
/// <param name="Offer">What was bought.</param>
/// <param name="Passengers">Who travels.</param>
/// <param name="Contact">Who is told.</param>
/// <param name="TicketNumbers">One a passenger.</param>
/// <param name="Documents">Stored documents.</param>
/// <param name="Captured">Money taken.</param>
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
