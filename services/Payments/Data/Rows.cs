using Aerona.Contracts;
using Aerona.Contracts.Payments;
using Aerona.Messaging;
using Aerona.Payments.PayPal;

namespace Aerona.Payments.Data;

/// <summary>What happened to money.</summary>
internal enum LedgerKind
{
    /// <summary>Reserved.</summary>
    Authorised,

    /// <summary>Reserved and given back.</summary>
    Voided,

    /// <summary>Taken out of what was reserved.</summary>
    Captured,

    /// <summary>Taken and given back.</summary>
    Refunded,
}

/// <summary>One movement of money, written once. Reserved now: authorised − voided − captured.</summary>
internal sealed class LedgerEntry
{
    public long Id { get; init; }

    public required Guid PaymentId { get; init; }

    public required Guid BookingId { get; init; }

    public required LedgerKind Kind { get; init; }

    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>Minor units of the currency by ISO 4217, never negative.</summary>
    public required long AmountMinor { get; init; }

    /// <summary>PayPal's id of the authorisation, capture or refund.</summary>
    public required string Reference { get; init; }

    /// <summary>UTC, when we learnt it.</summary>
    public required DateTimeOffset At { get; init; }
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

/// <summary>Money to be given back, to where it came from.</summary>
internal sealed class Refund
{
    /// <summary>The saga's RefundId.</summary>
    public required Guid Id { get; init; }

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

    /// <summary>Publishes where it stands; nothing while PayPal has not said.</summary>
    public void Tell(PaymentsDbContext db, Guid bookingId)
    {
        switch (State)
        {
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

/// <summary>How far an event from PayPal got.</summary>
internal enum WebhookState
{
    /// <summary>Stored, to be looked at.</summary>
    Received,

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

    /// <summary>Looks that did not settle it.</summary>
    public int Tries { get; set; }
}
