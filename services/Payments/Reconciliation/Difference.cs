using Aerona.Contracts;

namespace Aerona.Payments.Reconciliation;

/// <summary>Two books that do not say the same: work for somebody, until they do.</summary>
internal sealed class Difference
{
    public required Guid Id { get; init; }

    /// <summary>Stable code, such as <c>reconciliation.capture_unknown_to_us</c>; docs/ledger.md lists them.</summary>
    public required string Reason { get; init; }

    /// <summary>What it is about: PayPal's id of a transaction, or ours of a booking, a payment or a refund. With the reason it is the difference's identity.</summary>
    public required string Subject { get; init; }

    public required Guid? BookingId { get; set; }

    public required Guid? PaymentId { get; set; }

    /// <summary>ISO 4217; null where no amount is known.</summary>
    public required string? Currency { get; set; }

    public required long? AmountMinor { get; set; }

    /// <summary>For people: what one book says and what the other.</summary>
    public required string Detail { get; set; }

    /// <summary>UTC, when it was found first.</summary>
    public required DateTimeOffset FoundAt { get; init; }

    /// <summary>UTC, when it was found last.</summary>
    public required DateTimeOffset SeenAt { get; set; }

    /// <summary>UTC, when it was gone; null while it stands. One that comes back is the same again.</summary>
    public DateTimeOffset? ClosedAt { get; set; }

    public Money? Amount => Currency is not null && AmountMinor is { } minor ? new(minor, Currency) : null;
}

/// <summary>One comparison of the books.</summary>
internal sealed class ReconciliationRun
{
    public long Id { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>UTC; what happened before was not looked at.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Transactions that PayPal listed.</summary>
    public required int Transactions { get; init; }

    /// <summary>Payments of ours that were compared.</summary>
    public required int Payments { get; init; }

    /// <summary>Bookings whose tickets and seats were compared.</summary>
    public required int Bookings { get; init; }

    /// <summary>Differences that stand.</summary>
    public required int Open { get; init; }

    /// <summary>Who could not be asked, joined by blanks (<c>paypal tickets airlines</c>); their differences stay as they were. Null: nobody.</summary>
    public required string? NotAsked { get; init; }
}
