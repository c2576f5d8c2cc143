using Aerona.Contracts;
using Aerona.Contracts.Payments;
using Aerona.Messaging;
using Aerona.Payments.PayPal;

namespace Aerona.Payments.Data;

/// <summary>How a reservation stands.</summary>
internal enum AuthorizationState
{
    /// <summary>PayPal examines it.</summary>
    Pending,
    Created,
    Denied,
    Captured,
    Voided,
}

/// <summary>Money reserved at PayPal: the first authorisation of a payment, or its renewal, which is about the same money.</summary>
internal sealed class PaymentAuthorization
{
    /// <summary>PayPal's.</summary>
    public required string Id { get; init; }

    public required Guid PaymentId { get; init; }

    /// <summary>The authorisation that this one renews; null for the first. A void names the first, a capture the renewal.</summary>
    public string? RenewsId { get; init; }

    public AuthorizationState State { get; set; }

    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>Reserved; nothing while PayPal examines it.</summary>
    public long AmountMinor { get; set; }

    /// <summary>UTC; PayPal guarantees the money until then. Null while nothing is reserved.</summary>
    public DateTimeOffset? HonouredUntil { get; set; }

    /// <summary>UTC; the reservation lapses.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    public required DateTimeOffset LearntAt { get; init; }
}

/// <summary>How taking stands.</summary>
internal enum CaptureState
{
    Pending,
    Completed,
    Declined,
}

/// <summary>Money taken at PayPal out of a reservation.</summary>
internal sealed class PaymentCapture
{
    /// <summary>PayPal's.</summary>
    public required string Id { get; init; }

    public required Guid PaymentId { get; init; }

    public CaptureState State { get; set; }

    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }

    public required long AmountMinor { get; init; }

    /// <summary>What PayPal keeps of it; null while it has not said.</summary>
    public long? FeeMinor { get; set; }

    /// <summary>UTC, by PayPal's clock: refunds can be had for 180 days from then on.</summary>
    public required DateTimeOffset TakenAt { get; init; }

    public required DateTimeOffset LearntAt { get; init; }
}

/// <summary>A line of a payment's history.</summary>
internal sealed class PaymentChange
{
    public long Id { get; init; }

    public required Guid PaymentId { get; init; }

    /// <summary>Stable code, such as <c>payment.authorized</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>PayPal's id or word for it.</summary>
    public required string? Reference { get; init; }

    public required DateTimeOffset At { get; init; }
}

/// <summary>How far a refund got.</summary>
internal enum RefundState
{
    /// <summary>Asked for; the amount counts as gone.</summary>
    Open,

    /// <summary>PayPal took it and has not made it yet.</summary>
    Pending,
    Done,
    Refused,
}

/// <summary>Who gave money back.</summary>
internal enum RefundOrigin
{
    /// <summary>We, because the booking asked for it.</summary>
    Ours,

    /// <summary>Somebody in PayPal's own pages: learnt, and a difference until somebody explains it.</summary>
    Elsewhere,

    /// <summary>The payer's bank, or PayPal in a dispute.</summary>
    Reversal,
}

/// <summary>Money to be given back, to where it came from.</summary>
internal sealed class Refund
{
    /// <summary>The saga's RefundId; an id of our own for one that nobody here asked for.</summary>
    public required Guid Id { get; init; }

    public RefundOrigin Origin { get; set; }

    public required Guid PaymentId { get; init; }

    public required string Currency { get; init; }

    public required long AmountMinor { get; init; }

    /// <summary>Stable code of why.</summary>
    public required string Why { get; init; }

    public RefundState State { get; set; }

    public string? PayPalId { get; set; }

    /// <summary>Our code of a refusal.</summary>
    public string? Reason { get; set; }

    /// <summary>Tries without a usable answer, and looks at what is pending.</summary>
    public int Tries { get; set; }

    public required DateTimeOffset AskedAt { get; init; }

    public Money Amount => new(AmountMinor, Currency);

    public bool IsSettled => State is RefundState.Done or RefundState.Refused;

    /// <summary>What is known of it, as if PayPal had just said so.</summary>
    public RefundFacts Facts => new(
        State switch
        {
            RefundState.Done => RefundStanding.Done,
            RefundState.Refused => RefundStanding.Refused,
            RefundState.Pending => RefundStanding.Pending,
            _ => RefundStanding.Unknown,
        },
        PayPalId, Reason);

    /// <param name="command">What is asked.</param>
    /// <param name="refusal">Stable code when it is refused at once: the id is then used up; null: it is not.</param>
    /// <param name="now">UTC.</param>
    public static Refund New(RefundPayment command, string? refusal, DateTimeOffset now) => new()
    {
        Id = command.RefundId,
        PaymentId = command.PaymentId,
        Currency = command.Amount.Currency,
        AmountMinor = command.Amount.MinorUnits,
        Why = command.Reason,
        State = refusal is null ? RefundState.Open : RefundState.Refused,
        Reason = refusal,
        AskedAt = now,
    };

    /// <summary>One that PayPal shows and nobody here asked for.</summary>
    public static Refund Found(Payment payment, RefundSeen seen, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        Origin = RefundOrigin.Elsewhere,
        PaymentId = payment.Id,
        Currency = seen.Amount.Currency,
        AmountMinor = seen.Amount.MinorUnits,
        Why = "payment.refunded_elsewhere",
        AskedAt = now,
    };

    /// <summary>Publishes where it stands; nothing while PayPal has not said, and nothing of what nobody here asked for.</summary>
    public void Tell(PaymentsDbContext db, Guid bookingId)
    {
        switch (State)
        {
            case var _ when Origin != RefundOrigin.Ours:
                break;
            case RefundState.Done:
                db.Publish(new PaymentRefunded(bookingId, PaymentId, Id, Amount));
                break;
            case RefundState.Pending:
                db.Publish(new RefundPending(bookingId, PaymentId, Id));
                break;
            case RefundState.Refused:
                db.Publish(new RefundRefused(bookingId, PaymentId, Id, Reason ?? "refund.refused"));
                break;
        }
    }

    /// <summary>When to ask again: an answer that was lost soon, what PayPal takes its time for with ever longer pauses, up to six hours.</summary>
    public DateTimeOffset NextTry(DateTimeOffset now)
    {
        Tries++;
        return now.AddSeconds(State == RefundState.Pending ? Math.Min(60 * Math.Pow(2, Tries - 1), 21_600) : Math.Min(5 * Math.Pow(2, Tries - 1), 900));
    }
}

/// <summary>A payer who wants the money back, at PayPal or at their bank. It moves no money itself: what was taken is a reversal.</summary>
internal sealed class Dispute
{
    /// <summary>PayPal's.</summary>
    public required string Id { get; init; }

    public required Guid PaymentId { get; init; }

    public required string CaptureId { get; init; }

    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }

    public required long AmountMinor { get; init; }

    /// <summary>PayPal's code.</summary>
    public required string Reason { get; init; }

    public required DisputeStanding Standing { get; set; }

    /// <summary>UTC, PayPal's time of its last change: an older one is ignored.</summary>
    public required DateTimeOffset At { get; set; }
}

/// <summary>How far an event from PayPal got.</summary>
internal enum WebhookState
{
    /// <summary>Stored, to be looked at.</summary>
    Received,

    /// <summary>Stored, and known to be PayPal's when it came.</summary>
    Genuine,

    /// <summary>Verified, but the payment it speaks of is not known (yet).</summary>
    Parked,
    Processed,

    /// <summary>Not from PayPal.</summary>
    Forged,

    /// <summary>After an hour still about nothing we know, or after three days not verified: nobody looks any more.</summary>
    Unmatched,
}

/// <summary>An event from PayPal, as it came.</summary>
internal sealed class WebhookEvent
{
    public required string EventId { get; init; }

    public required string EventType { get; set; }

    /// <summary>The body as received, byte for byte.</summary>
    public required string Body { get; set; }

    public required string AuthAlgo { get; set; }

    public required string CertUrl { get; set; }

    public required string TransmissionId { get; set; }

    public required string TransmissionSig { get; set; }

    public required string TransmissionTime { get; set; }

    public required DateTimeOffset ReceivedAt { get; set; }

    public WebhookState State { get; set; }

    /// <summary>Whether it is still to be looked at.</summary>
    public bool IsOpen => State is WebhookState.Received or WebhookState.Genuine or WebhookState.Parked;

    /// <summary>Looks that did not settle it.</summary>
    public int Tries { get; set; }
}
