using Aerona.Contracts;
using Aerona.Contracts.Payments;

namespace Aerona.Payments.PayPal;

/// <summary>Where a payment stands at PayPal.</summary>
internal enum Standing
{
    /// <summary>No usable answer: time-out, 5xx, 429, broken connection. Neither yes nor no.</summary>
    Unknown,

    /// <summary>PayPal has nothing reserved and nothing that could be.</summary>
    Absent,

    /// <summary>The payer has not approved yet.</summary>
    Opened,

    /// <summary>Approved; nothing reserved.</summary>
    Approved,

    /// <summary>PayPal examines the authorisation.</summary>
    UnderReview,

    /// <summary>Reserved.</summary>
    Authorized,

    /// <summary>Refused: nothing is reserved.</summary>
    Declined,

    /// <summary>What was reserved is given back.</summary>
    Voided,

    /// <summary>The capture is not decided.</summary>
    CapturePending,

    /// <summary>Taken.</summary>
    Captured,

    /// <summary>Reserved, and PayPal refuses to take it.</summary>
    CaptureRefused,
}

/// <summary>What PayPal says of a payment; the answer of every effect on it, serialisable as JSON.</summary>
/// <param name="Standing">Where it stands.</param>
/// <param name="Reason">Stable code of ours for a refusal, such as <c>payment.declined</c>.</param>
/// <param name="Issue">PayPal's own word for it, such as <c>INSTRUMENT_DECLINED</c>.</param>
/// <param name="OrderId">PayPal's id of the order.</param>
/// <param name="ApprovalLink">For the payer's browser, while there is one.</param>
/// <param name="AuthorizationId">PayPal's id of the first authorisation, once there is one: the one that is voided.</param>
/// <param name="RenewedAuthorizationId">PayPal's id of its renewal, once there is one: the one that is captured.</param>
/// <param name="Authorized">What is or was reserved.</param>
/// <param name="HonouredUntil">UTC, by PayPal's clock; of the renewal, once there is one.</param>
/// <param name="ExpiresAt">UTC; the reservation lapses.</param>
/// <param name="CaptureId">PayPal's id, once there is one.</param>
/// <param name="Captured">What was taken, or waits to be.</param>
/// <param name="CapturedAt">UTC, by PayPal's clock.</param>
/// <param name="Fee">What PayPal keeps of it; null while it does not say.</param>
/// <param name="Refunds">What was given back of it, whoever asked; null where that was not looked at.</param>
internal sealed record PaymentFacts(
    Standing Standing, string? Reason = null, string? Issue = null, string? OrderId = null, string? ApprovalLink = null, string? AuthorizationId = null,
    string? RenewedAuthorizationId = null, Money? Authorized = null, DateTimeOffset? HonouredUntil = null, DateTimeOffset? ExpiresAt = null, string? CaptureId = null, Money? Captured = null,
    DateTimeOffset? CapturedAt = null, Money? Fee = null, IReadOnlyList<RefundSeen>? Refunds = null)
{
    public static PaymentFacts Unknown { get; } = new(Standing.Unknown);

    public static PaymentFacts Absent { get; } = new(Standing.Absent);

    public static PaymentFacts Declined(string reason, string? issue = null) => new(Standing.Declined, reason, issue);
}

/// <summary>Where a refund stands at PayPal.</summary>
internal enum RefundStanding
{
    /// <summary>No usable answer.</summary>
    Unknown,

    /// <summary>Taken, not made yet.</summary>
    Pending,

    /// <summary>Made.</summary>
    Done,

    /// <summary>Refused or failed: nothing went back and nothing will.</summary>
    Refused,
}

/// <summary>What became of a refund.</summary>
/// <param name="Standing">Where it stands.</param>
/// <param name="PayPalId">PayPal's id; null when it was refused before it had one.</param>
/// <param name="Reason">Stable code of a refusal, such as <c>refund.refused</c>.</param>
/// <param name="Issue">PayPal's own word for it.</param>
/// <param name="Fee">What PayPal gave back of its fee.</param>
internal sealed record RefundFacts(RefundStanding Standing, string? PayPalId = null, string? Reason = null, string? Issue = null, Money? Fee = null)
{
    public static RefundFacts Unknown { get; } = new(RefundStanding.Unknown);
}

/// <summary>A refund as PayPal shows it.</summary>
/// <param name="Id">PayPal's.</param>
/// <param name="CustomId">Our RefundId, where we asked for it.</param>
/// <param name="Amount">What went back.</param>
/// <param name="Facts">Where it stands.</param>
internal sealed record RefundSeen(string Id, string? CustomId, Money Amount, RefundFacts Facts);

/// <summary>A dispute as PayPal shows it.</summary>
/// <param name="Id">PayPal's.</param>
/// <param name="CaptureId">What is disputed.</param>
/// <param name="Amount">How much of it.</param>
/// <param name="Reason">PayPal's code.</param>
/// <param name="Standing">How it stands.</param>
/// <param name="At">UTC, PayPal's time of the last change.</param>
internal sealed record DisputeSeen(string Id, string CaptureId, Money Amount, string Reason, DisputeStanding Standing, DateTimeOffset At);
