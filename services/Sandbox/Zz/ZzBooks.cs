using System.Security.Cryptography;

namespace Aerona.Sandbox.Zz;

/// <summary>An offer as it was made.</summary>
internal sealed class ZzOffer
{
    public required string Id { get; init; }

    public required string OfferRequestId { get; init; }

    public required ZzScenario Scenario { get; init; }

    /// <summary>The offer in Duffel's form.</summary>
    public required string Json { get; set; }

    /// <summary>Seats it takes: <c>ZZ101-20261205/economy=2</c>, separated by blanks.</summary>
    public required string Seats { get; init; }

    /// <summary>Whether it was asked for again; a dearer one is made dearer once.</summary>
    public bool AskedAgain { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>An order of ZZ's.</summary>
internal sealed class ZzOrder
{
    public required string Id { get; init; }

    public required string OfferId { get; init; }

    public required string BookingReference { get; init; }

    public required ZzScenario Scenario { get; init; }

    /// <summary>The order in Duffel's form.</summary>
    public required string Json { get; set; }

    public required string Seats { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public bool AwaitingPayment { get; set; }

    /// <summary>Until then an unpaid one holds its seats.</summary>
    public DateTimeOffset? PaymentRequiredBy { get; init; }

    public DateTimeOffset? PaidAt { get; set; }

    public DateTimeOffset? CancelledAt { get; set; }

    /// <summary>When the airline does what its scenario says; null: nothing more.</summary>
    public DateTimeOffset? ActsAt { get; set; }
}

/// <summary>A quote for a cancellation; confirmed, it is one.</summary>
internal sealed class ZzCancellation
{
    public required string Id { get; init; }

    public required string OrderId { get; init; }

    /// <summary>Quoted, and once confirmed given; empty: not said.</summary>
    public required string RefundAmount { get; set; }

    public required string RefundCurrency { get; init; }

    public required string RefundTo { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? ConfirmedAt { get; set; }
}

/// <summary>Seats of a cabin of a dated flight that are held or sold.</summary>
internal sealed class ZzSeats
{
    /// <summary><c>ZZ101-20261205/economy</c>.</summary>
    public required string Key { get; init; }

    public int Taken { get; set; }

    public static int Capacity(string key) => key.EndsWith("/economy", StringComparison.Ordinal) ? 30 : 8;
}

/// <summary>An address registered for events.</summary>
internal sealed class ZzWebhook
{
    public required string Id { get; init; }

    public required string Url { get; init; }

    /// <summary>Names of events separated by blanks.</summary>
    public required string Events { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>An event on its way.</summary>
internal sealed class ZzDelivery
{
    public long Id { get; init; }

    public required string EventId { get; init; }

    public required string Type { get; init; }

    public required string OrderId { get; init; }

    public required string Url { get; init; }

    /// <summary>Byte for byte as sent.</summary>
    public required string Body { get; init; }

    public required DateTimeOffset DueAt { get; set; }

    public int Attempts { get; set; }

    /// <summary>Taken, or given up after 72 hours; null while on its way.</summary>
    public DateTimeOffset? DoneAt { get; set; }

    public string? LastAnswer { get; set; }
}

internal static class ZzIds
{
    private const string Alphabet = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

    /// <summary>Like Duffel's own: <c>off_0000</c> and eighteen symbols.</summary>
    public static string New(string prefix) => $"{prefix}_0000{RandomNumberGenerator.GetString(Alphabet, 18)}";
}
