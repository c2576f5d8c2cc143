using System.Security.Cryptography;
using System.Text;
using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;

namespace Aerona.Sagas.Booking;

/// <summary>A booking on its way: where it stands, what it waits for, and every outside object it asked for.</summary>
public sealed class BookingState : TimedSaga
{
    /// <summary>Our record locator.</summary>
    public string Locator { get; set; } = "";

    /// <summary>What is booked.</summary>
    public Guid OfferId { get; set; }

    /// <summary>The offer as priced last; null until then.</summary>
    public OfferSnapshot? Offer { get; set; }

    /// <summary>Who travels.</summary>
    public IReadOnlyList<Passenger> Passengers { get; set; } = [];

    /// <summary>Who is told.</summary>
    public Contact Contact { get; set; } = new("", null, "en");

    /// <summary>Subject of who booked; null for a guest.</summary>
    public string? Owner { get; set; }

    /// <summary>Where the payer's browser goes in the end; null for our own page.</summary>
    public string? ReturnUrl { get; set; }

    /// <summary>UTC.</summary>
    public DateTimeOffset SubmittedAt { get; set; }

    /// <summary>Whether the traveller pays before the airline's limit instead of now.</summary>
    public bool PayLater { get; set; }

    /// <summary>What it costs now, while the traveller has not decided about that; null otherwise.</summary>
    public NewPrice? NewPrice { get; set; }

    /// <summary>Every hold asked for, oldest first; the last one is the current one.</summary>
    public IReadOnlyList<HoldAttempt> Holds { get; set; } = [];

    /// <summary>Every payment asked for, oldest first; the last one is the current one.</summary>
    public IReadOnlyList<PaymentAttempt> Payments { get; set; } = [];

    /// <summary>Every airline order asked for; never more than one.</summary>
    public IReadOnlyList<OrderAttempt> Orders { get; set; } = [];

    /// <summary>UTC; the payer has until then. Fixed when seats are held first and never moved.</summary>
    public DateTimeOffset? PaymentUntil { get; set; }

    /// <summary>UTC; from then on the price has to be asked for again.</summary>
    public DateTimeOffset? PriceUntil { get; set; }

    /// <summary>UTC; when the payer was told that the time to pay ends soon. Null: not yet.</summary>
    public DateTimeOffset? RemindedAt { get; set; }

    /// <summary>How many payments were tried before the money had to be asked for again; they do not count as tries any more.</summary>
    public int PaymentsBefore { get; set; }

    /// <summary>The supplier's and the airlines' codes; empty until bought.</summary>
    public IReadOnlyList<Locator> Locators { get; set; } = [];

    /// <summary>One a passenger once the airline issued them; empty until then.</summary>
    public IReadOnlyList<TicketNumber> TicketNumbers { get; set; } = [];

    /// <summary>UTC; tickets must be issued before. Null until bought.</summary>
    public DateTimeOffset? TicketingLimitAt { get; set; }

    /// <summary>UTC; until then a cancellation is free. Null: not bought, or no void window.</summary>
    public DateTimeOffset? VoidableUntil { get; set; }

    /// <summary>Stored documents.</summary>
    public IReadOnlyList<StoredDocument> Documents { get; set; } = [];

    /// <summary>UTC; when the traveller asked to cancel, remembered while an answer is awaited.</summary>
    public DateTimeOffset? CancelRequestedAt { get; set; }

    /// <summary>Why the booking failed: one of <see cref="Because"/>; null while it has not.</summary>
    public string? FailedBecause { get; set; }

    /// <summary>For people: a new price, alternatives, the other side's code.</summary>
    public string? FailureDetail { get; set; }

    /// <summary>What people were asked to look at, oldest first; a kind comes again when it came to pass again after they had looked. Only ever added to.</summary>
    public IReadOnlyList<OpenedCase> Cases { get; set; } = [];

    /// <summary>The state that the booking was last parked from; null when it never was.</summary>
    public string? ParkedFrom { get; set; }

    /// <summary>What staff decided, oldest first; each action is here once.</summary>
    public IReadOnlyList<StaffAction> StaffActions { get; set; } = [];

    /// <summary>The servicing that alone may change what is bought; null: none.</summary>
    public Guid? ServicedBy { get; set; }

    /// <summary>Servicings that are done, oldest first; each is here once.</summary>
    public IReadOnlyList<Servicing> Servicings { get; set; } = [];

    /// <summary>Cancellations that the booking itself asked for.</summary>
    public int OwnCancellations { get; set; }

    internal HoldAttempt? Hold => Holds.Count > 0 ? Holds[^1] : null;

    internal PaymentAttempt? Payment => Payments.Count > 0 ? Payments[^1] : null;

    internal OrderAttempt? Order => Orders.Count > 0 ? Orders[^1] : null;

    internal bool IsUndone =>
        Holds.All(x => x.Standing == HoldStanding.Gone) && Payments.All(x => x.Standing == PaymentStanding.Closed) && Orders.All(x => x.Standing == OrderStanding.Closed);

    internal void Mint(HoldAttempt hold) => Holds = [.. Holds, hold];

    internal void Mint(PaymentAttempt payment) => Payments = [.. Payments, payment];

    internal void Mint(OrderAttempt order) => Orders = [.. Orders, order];

    internal void Change(Guid holdId, Func<HoldAttempt, HoldAttempt> change) => Holds = [.. Holds.Select(x => x.HoldId == holdId ? change(x) : x)];

    internal void Change(Guid paymentId, Func<PaymentAttempt, PaymentAttempt> change) => Payments = [.. Payments.Select(x => x.PaymentId == paymentId ? change(x) : x)];

    internal void Change(Guid orderId, Func<OrderAttempt, OrderAttempt> change) => Orders = [.. Orders.Select(x => x.OrderId == orderId ? change(x) : x)];

    /// <summary>
    /// The id of an attempt follows from the booking and its number, so that a transition rolled back and done again asks for the same thing, and a
    /// simulation can be repeated.
    /// </summary>
    internal Guid Id(string kind, int number) => AttemptId(CorrelationId, kind, number);

    internal static Guid AttemptId(Guid bookingId, string kind, int number) => new(SHA256.HashData(Encoding.ASCII.GetBytes($"{bookingId:N}/{kind}/{number}")).AsSpan(..16));
}

/// <summary>A try to hold seats.</summary>
/// <param name="HoldId">The attempt.</param>
/// <param name="Standing">What is known to be held under it.</param>
/// <param name="Token">Fencing token; null until it was given.</param>
/// <param name="SpaceUntil">UTC; the seats may lapse from then on. Null until known.</param>
public sealed record HoldAttempt(Guid HoldId, HoldStanding Standing, long? Token = null, DateTimeOffset? SpaceUntil = null);

/// <summary>A try to pay.</summary>
/// <param name="PaymentId">The attempt.</param>
/// <param name="Standing">What is known to be reserved or taken under it.</param>
/// <param name="ApprovalLink">Where the payer approves; null until opened.</param>
/// <param name="Authorised">What was ever reserved; null when nothing was.</param>
/// <param name="Captured">What was taken; null when nothing was.</param>
/// <param name="Refunded">What was given back of that.</param>
/// <param name="HonouredUntil">UTC; PayPal guarantees what is reserved until then. Null: nothing is reserved, or nobody said.</param>
public sealed record PaymentAttempt(
    Guid PaymentId, PaymentStanding Standing, string? ApprovalLink = null, Money? Authorised = null, Money? Captured = null, Money? Refunded = null,
    DateTimeOffset? HonouredUntil = null);

/// <summary>A try to buy.</summary>
/// <param name="OrderId">The attempt.</param>
/// <param name="Standing">What is known to be bought under it.</param>
public sealed record OrderAttempt(Guid OrderId, OrderStanding Standing);

/// <summary>Something a person has to look at.</summary>
/// <param name="Kind">Stable code.</param>
/// <param name="Detail">For people.</param>
/// <param name="OpenedAt">UTC.</param>
public sealed record OpenedCase(string Kind, string Detail, DateTimeOffset OpenedAt);

/// <summary>A price that the traveller has not seen before.</summary>
/// <param name="Offer">What is held and bought if it is taken.</param>
/// <param name="OldTotal">What it cost before.</param>
public sealed record NewPrice(OfferSnapshot Offer, Money OldTotal);

/// <summary>What a member of staff decided about a parked booking.</summary>
/// <param name="ActionId">The decision.</param>
/// <param name="Decision">What was decided.</param>
/// <param name="By">Subject of the member of staff.</param>
/// <param name="Reason">In their words.</param>
/// <param name="DecidedAt">UTC.</param>
/// <param name="Applied">False when it came at a moment that did not allow it; it is not made up for.</param>
public sealed record StaffAction(Guid ActionId, StaffDecision Decision, string By, string Reason, DateTimeOffset DecidedAt, bool Applied);

/// <summary>A change of what is bought: today, a cancellation of it or of a part of it.</summary>
/// <param name="ServicingId">The servicing.</param>
/// <param name="Coupons">What cannot be flown any more.</param>
/// <param name="RefundDue">What goes back to the payer for it; null: nothing.</param>
/// <param name="EndedAt">UTC.</param>
public sealed record Servicing(Guid ServicingId, IReadOnlyList<CouponKey> Coupons, Money? RefundDue, DateTimeOffset EndedAt);

/// <summary>What may be held under a hold's id.</summary>
public enum HoldStanding
{
    /// <summary>Asked for; the answer is not known.</summary>
    Asked,

    /// <summary>Held until it lapses.</summary>
    Held,

    /// <summary>Held until it is sold or released.</summary>
    Pinned,

    /// <summary>Bought.</summary>
    Sold,

    /// <summary>Asked back; the answer is not known.</summary>
    Releasing,

    /// <summary>Nothing is held and nothing will be.</summary>
    Gone,
}

/// <summary>What may be reserved or taken under a payment's id.</summary>
public enum PaymentStanding
{
    /// <summary>Asked to be opened.</summary>
    Asked,

    /// <summary>The payer can approve.</summary>
    Open,

    /// <summary>The payer approved; nothing is reserved.</summary>
    Approved,

    /// <summary>Asked to be reserved; the answer is not known.</summary>
    Authorising,

    /// <summary>Reserved.</summary>
    Authorised,

    /// <summary>Asked to be taken; the answer is not known.</summary>
    Capturing,

    /// <summary>PayPal has not decided the capture.</summary>
    CapturePending,

    /// <summary>PayPal refused the capture.</summary>
    CaptureRefused,

    /// <summary>Taken.</summary>
    Captured,

    /// <summary>Asked to be given back before it was taken; the answer is not known.</summary>
    Voiding,

    /// <summary>Taken, and asked to be given back; the answer is not known.</summary>
    Refunding,

    /// <summary>Nothing is reserved or taken and nothing will be.</summary>
    Closed,
}

/// <summary>What may be bought under an order's id.</summary>
public enum OrderStanding
{
    /// <summary>Asked for; the answer is not known.</summary>
    Asked,

    /// <summary>Bought.</summary>
    Bought,

    /// <summary>Bought, and asked to be cancelled.</summary>
    Cancelling,

    /// <summary>Nothing is bought and nothing will be.</summary>
    Closed,
}

/// <summary>Why a booking failed; stable codes, shown by the API and carried by BookingFailed.</summary>
public static class Because
{
    /// <summary>The offer expired, was never made, or its flights are not sold any more.</summary>
    public const string OfferGone = "offer.gone";

    /// <summary>The offer costs something else now, and the traveller did not take that; the detail names the new price.</summary>
    public const string PriceChanged = "price.changed";

    /// <summary>The airline gave no answer in time, or none until staff gave up.</summary>
    public const string AirlineUnavailable = "airline.unavailable";

    /// <summary>Somebody else has the seats.</summary>
    public const string SeatsLost = "seats.lost";

    /// <summary>The airline refused the order for another reason than seats.</summary>
    public const string OrderRefused = "order.refused";

    /// <summary>The payer did not approve in time.</summary>
    public const string Expired = "payment.expired";

    /// <summary>The last payment was declined and no other is possible.</summary>
    public const string PaymentDeclined = "payment.declined";

    /// <summary>No payment can be made for this booking.</summary>
    public const string PaymentNotPossible = "payment.not_possible";

    /// <summary>PayPal gave no answer in time.</summary>
    public const string PaymentUnavailable = "payment.unavailable";

    /// <summary>The traveller wanted out.</summary>
    public const string Cancelled = "booking.cancelled";
}

/// <summary>Timer: the end of the current state.</summary>
public sealed record BookingDeadline(Guid BookingId);

/// <summary>Timer: time for the next repeat, look-up or case within the current state.</summary>
public sealed record BookingTick(Guid BookingId);
