using System.Text.Json.Serialization;

namespace Aerona.Contracts.Payments;

/// <summary>Command to Payments: make a PayPal order (intent AUTHORIZE) that the payer can approve.</summary>
/// <param name="BookingId">The booking being paid; the saga's correlation id.</param>
/// <param name="PaymentId">This attempt to pay; with the step it is the idempotency key at PayPal.</param>
/// <param name="Price">The whole price, from the stored offer.</param>
/// <param name="Locator">Shown to the payer.</param>
/// <param name="Description">Shown to the payer, at most 127 characters: route and day, no names.</param>
/// <param name="ReturnUrl">Where the payer's browser goes in the end; null for our own page.</param>
public sealed record OpenPayment(Guid BookingId, Guid PaymentId, Money Price, string Locator, string Description, string? ReturnUrl) : ICommand;

/// <summary>Event: the payer can approve now.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="PaymentId">The attempt.</param>
/// <param name="ApprovalLink">Address for the payer's browser.</param>
/// <param name="OrderId">PayPal's id.</param>
public sealed record PaymentOpened(Guid BookingId, Guid PaymentId, string ApprovalLink, string OrderId);

/// <summary>Event: no payment can be made: currency not taken, merchant refused, id closed.</summary>
public sealed record PaymentNotPossible(Guid BookingId, Guid PaymentId, string Reason);

/// <summary>Event: the payer approved (learnt from the return page, a webhook or a look-up; the order was fetched). Nothing is reserved yet.</summary>
public sealed record PaymentApproved(Guid BookingId, Guid PaymentId);

/// <summary>Command to Payments: reserve the approved amount, without taking it.</summary>
public sealed record AuthorizePayment(Guid BookingId, Guid PaymentId) : ICommand;

/// <summary>
/// Command to Payments: renew a reservation that PayPal no longer honours (after 3 days). Answered by PaymentAuthorized with the new dates, by PaymentDeclined
/// when it cannot be renewed, or by what is true of it by now.
/// </summary>
public sealed record ReauthorizePayment(Guid BookingId, Guid PaymentId) : ICommand;

/// <summary>Event: the amount is reserved.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="PaymentId">The attempt.</param>
/// <param name="Amount">What is reserved.</param>
/// <param name="AuthorizationId">PayPal's id.</param>
/// <param name="HonouredUntil">UTC; PayPal guarantees the money until then (3 days).</param>
/// <param name="ExpiresAt">UTC; 29 days.</param>
public sealed record PaymentAuthorized(
    Guid BookingId, Guid PaymentId, Money Amount, string AuthorizationId, DateTimeOffset HonouredUntil, DateTimeOffset ExpiresAt);

/// <summary>Event: nothing is reserved under this id and nothing will be.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="PaymentId">The attempt, closed from now on.</param>
/// <param name="Reason">Stable code: <c>payment.declined</c>, <c>payment.not_approved</c>, <c>payment.closed</c>.</param>
public sealed record PaymentDeclined(Guid BookingId, Guid PaymentId, string Reason);

/// <summary>Event: PayPal examines the authorisation; hours, at most a day.</summary>
public sealed record PaymentUnderReview(Guid BookingId, Guid PaymentId);

/// <summary>
/// Command to Payments: where does this attempt stand at PayPal? Answered with whatever is true: PaymentOpened, PaymentApproved, PaymentAuthorized,
/// PaymentDeclined, PaymentUnderReview, PaymentCaptured, CapturePending, CaptureRefused, or PaymentAbsent when no authorisation was ever asked for (then the id is closed if
/// <paramref name="CloseIfAbsent"/>).
/// </summary>
/// <param name="BookingId">The booking.</param>
/// <param name="PaymentId">The attempt.</param>
/// <param name="LookUp">Number of this question.</param>
/// <param name="CloseIfAbsent">True when the saga waits for an authorisation: one that was never asked for is then denied for good.</param>
public sealed record LookUpPayment(Guid BookingId, Guid PaymentId, int LookUp, bool CloseIfAbsent) : ICommand;

/// <summary>Event: nothing was authorised under this id and, as it is closed, nothing will be.</summary>
public sealed record PaymentAbsent(Guid BookingId, Guid PaymentId, int LookUp);

/// <summary>Command to Payments: take the whole reserved amount.</summary>
/// <param name="BookingId">The booking being paid.</param>
/// <param name="PaymentId">The attempt.</param>
/// <param name="Price">What to take; equals what was reserved.</param>
public sealed record CapturePayment(Guid BookingId, Guid PaymentId, Money Price) : ICommand;

/// <summary>Event: the money is taken.</summary>
public sealed record PaymentCaptured(Guid BookingId, Guid PaymentId, Money Amount, string CaptureId);

/// <summary>Event: PayPal has not decided the capture yet.</summary>
public sealed record CapturePending(Guid BookingId, Guid PaymentId);

/// <summary>Event: PayPal refuses to capture; the tickets are issued, so somebody must act.</summary>
public sealed record CaptureRefused(Guid BookingId, Guid PaymentId, string Reason);

/// <summary>
/// Command to Payments: close this id and give back what it reserved. Answered only when no call on it is open and PayPal shows no live
/// authorisation; an authorisation that comes later is voided by Payments itself.
/// </summary>
public sealed record VoidPayment(Guid BookingId, Guid PaymentId) : ICommand;

/// <summary>Event: nothing is reserved under this id any more.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="PaymentId">The attempt, closed.</param>
/// <param name="Voided">What was reserved and given back; null when nothing had been.</param>
public sealed record PaymentVoided(Guid BookingId, Guid PaymentId, Money? Voided);

/// <summary>Command to Payments: give back money that was taken.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="PaymentId">The attempt.</param>
/// <param name="RefundId">This refund; a repeat gets the same answer.</param>
/// <param name="Amount">How much; at most what was captured and not yet refunded.</param>
/// <param name="Reason">Stable code.</param>
public sealed record RefundPayment(Guid BookingId, Guid PaymentId, Guid RefundId, Money Amount, string Reason) : ICommand;

/// <summary>Event: the money is on its way back.</summary>
public sealed record PaymentRefunded(Guid BookingId, Guid PaymentId, Guid RefundId, Money Amount);

/// <summary>Event: PayPal took the refund and has not made it yet; PaymentRefunded or RefundRefused follows.</summary>
public sealed record RefundPending(Guid BookingId, Guid PaymentId, Guid RefundId);

/// <summary>Event: nothing was given back under this id and nothing will be; another way must be found.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="PaymentId">The attempt.</param>
/// <param name="RefundId">This refund.</param>
/// <param name="Reason">Stable code: <c>refund.too_much</c>, <c>refund.not_captured</c>, <c>refund.window_over</c>, <c>refund.refused</c>, <c>refund.failed</c>.</param>
public sealed record RefundRefused(Guid BookingId, Guid PaymentId, Guid RefundId, string Reason);

/// <summary>How a dispute stands.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<DisputeStanding>))]
public enum DisputeStanding
{
    Open,

    /// <summary>The payer has the money back.</summary>
    Lost,
    Won,
}

/// <summary>Event: the payer disputes a payment at PayPal or their bank, or that changed.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="PaymentId">The attempt.</param>
/// <param name="DisputeId">PayPal's id.</param>
/// <param name="Amount">What is disputed.</param>
/// <param name="Reason">PayPal's code, such as <c>MERCHANDISE_OR_SERVICE_NOT_RECEIVED</c>.</param>
/// <param name="Standing">How it stands.</param>
/// <param name="At">UTC; an older one than known is ignored.</param>
public sealed record PaymentDisputed(
    Guid BookingId, Guid PaymentId, string DisputeId, Money Amount, string Reason, DisputeStanding Standing, DateTimeOffset At);

/// <summary>Command of Payments to itself: look at an event that PayPal sent and that lies stored.</summary>
/// <param name="EventId">PayPal's id of the event.</param>
public sealed record ProcessPayPalEvent(string EventId) : ICommand;
