using System.Security.Cryptography;
using Aerona.Contracts;

namespace Aerona.Sandbox.PayPal;

/// <summary>An order as PayPal keeps it: one purchase unit, nothing reserved or taken by itself.</summary>
internal sealed class PayPalOrder
{
    /// <summary>17 digits and capital letters.</summary>
    public required string Id { get; init; }

    /// <summary>AUTHORIZE or CAPTURE.</summary>
    public required string Intent { get; init; }

    /// <summary>CREATED, PAYER_ACTION_REQUIRED, APPROVED, COMPLETED.</summary>
    public required string Status { get; set; }

    public required string Currency { get; init; }

    /// <summary>ISO 4217 minor units, though PayPal may take fewer decimals.</summary>
    public required long AmountMinor { get; init; }

    public required string ReferenceId { get; init; }

    public string? CustomId { get; init; }

    public string? InvoiceId { get; init; }

    public string? Description { get; init; }

    public string? ReturnUrl { get; init; }

    public string? CancelUrl { get; init; }

    /// <summary>Whether the caller named PayPal's wallet as the payment source.</summary>
    public bool Wallet { get; init; }

    /// <summary>Code of the persona that approved, null before.</summary>
    public string? Payer { get; set; }

    /// <summary>Operations whose fault this payer has played already, each between semicolons.</summary>
    public string PlayedFaults { get; set; } = ";";

    /// <summary>Webhook events made so far for this order.</summary>
    public int Events { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; set; }

    public Money Amount => new(AmountMinor, Currency);

    /// <summary>The payer has three hours to approve.</summary>
    public bool HasLapsed(DateTimeOffset now) => Status is "CREATED" or "PAYER_ACTION_REQUIRED" && now > CreatedAt.AddHours(3);
}

/// <summary>Money reserved: honoured for 3 days, lapsing after 29. A renewal is honoured anew, has an id of its own, and is about the same money as what it renews.</summary>
internal sealed class PayPalAuthorization
{
    public required string Id { get; init; }

    public required string OrderId { get; init; }

    /// <summary>The authorisation that this one renews; null for the first. A renewal's sums stay nothing: the first one's count.</summary>
    public string? ParentId { get; init; }

    /// <summary>CREATED, PENDING, CAPTURED, PARTIALLY_CAPTURED, VOIDED, DENIED.</summary>
    public required string Status { get; set; }

    public required string Currency { get; init; }

    public required long AmountMinor { get; init; }

    /// <summary>Captured so far, pending captures included.</summary>
    public long CapturedMinor { get; set; }

    /// <summary>Given back unused, by a void or by a final capture of less.</summary>
    public long ReleasedMinor { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; set; }

    /// <summary>Until then PayPal guarantees the money.</summary>
    public required DateTimeOffset HonouredUntil { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public Money Amount => new(AmountMinor, Currency);

    public bool IsLive => Status is "CREATED" or "PENDING" or "PARTIALLY_CAPTURED";
}

/// <summary>Money taken.</summary>
internal sealed class PayPalCapture
{
    public required string Id { get; init; }

    public required string OrderId { get; init; }

    /// <summary>Null for an order with intent CAPTURE.</summary>
    public string? AuthorizationId { get; init; }

    /// <summary>COMPLETED, PENDING, DECLINED, PARTIALLY_REFUNDED, REFUNDED.</summary>
    public required string Status { get; set; }

    public required string Currency { get; init; }

    public required long AmountMinor { get; init; }

    public long RefundedMinor { get; set; }

    public bool Final { get; init; }

    /// <summary>Kept by PayPal; nothing before it is taken.</summary>
    public Money Fee => Status is "PENDING" or "DECLINED" ? new(0, Currency) : PayPalMoney.Fee(Amount);

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; set; }

    public Money Amount => new(AmountMinor, Currency);
}

/// <summary>Money given back, or taken back.</summary>
internal sealed class PayPalRefund
{
    public required string Id { get; init; }

    public required string CaptureId { get; init; }

    /// <summary>PENDING, COMPLETED, FAILED.</summary>
    public required string Status { get; set; }

    /// <summary>REVERSAL for what a dispute took; null for a refund, by the API or by somebody in PayPal's pages.</summary>
    public string? Kind { get; init; }

    public required string Currency { get; init; }

    public required long AmountMinor { get; init; }

    public string? CustomId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public Money Amount => new(AmountMinor, Currency);
}

/// <summary>A payer who wants the money back.</summary>
internal sealed class PayPalDispute
{
    /// <summary>Such as <c>PP-D-48213</c>.</summary>
    public required string Id { get; init; }

    public required string OrderId { get; init; }

    public required string CaptureId { get; init; }

    public required string Currency { get; init; }

    public required long AmountMinor { get; init; }

    /// <summary>PayPal's code.</summary>
    public required string Reason { get; init; }

    /// <summary>OPEN or RESOLVED.</summary>
    public required string Status { get; set; }

    /// <summary>RESOLVED_BUYER_FAVOUR or RESOLVED_SELLER_FAVOUR, once resolved.</summary>
    public string? Outcome { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; set; }

    public Money Amount => new(AmountMinor, Currency);
}

/// <summary>What a PayPal-Request-Id was answered the first time; every later call with it gets the same.</summary>
internal sealed class FirstAnswer
{
    /// <summary>Such as <c>orders.authorize</c>.</summary>
    public required string Operation { get; init; }

    /// <summary>What it was done to; empty for a create.</summary>
    public required string Resource { get; init; }

    public required string RequestId { get; init; }

    public required int Status { get; init; }

    public required string? Body { get; init; }

    public required DateTimeOffset AnsweredAt { get; init; }
}

/// <summary>A bearer token given out, kept as its hash.</summary>
internal sealed class AccessToken
{
    public required string Sha256 { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }
}

internal static class PayPalIds
{
    private const string Alphabet = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";

    /// <summary>Like PayPal's own: 17 digits and capital letters.</summary>
    public static string New() => RandomNumberGenerator.GetString(Alphabet, 17);
}
