namespace Aerona.Airlines.Webhooks;

internal enum SupplierEventState
{
    /// <summary>Stored; not looked at yet.</summary>
    Received,
    Processed,

    /// <summary>About an order that is not known here yet; looked at again and again for a while.</summary>
    Parked,

    /// <summary>About nothing that is known here, for too long; or in no form that we read.</summary>
    Unmatched,
}

/// <summary>A supplier's event as it came; its key is what keeps a repeat from being looked at twice.</summary>
internal sealed class SupplierEvent
{
    /// <summary><c>zz/wev_…</c>.</summary>
    public required string Key { get; init; }

    public required string Supplier { get; init; }

    public required string Type { get; init; }

    /// <summary>The supplier's id of the order concerned, or null.</summary>
    public string? OrderReference { get; init; }

    /// <summary>Byte for byte.</summary>
    public required string Body { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    public SupplierEventState State { get; set; }

    public int Tries { get; set; }

    public static string KeyOf(string supplier, string eventId) => $"{supplier}/{eventId}";
}

/// <summary>A change that an airline made by itself, told once.</summary>
internal sealed class SupplierChange
{
    public required string Supplier { get; init; }

    /// <summary>The supplier's id of it.</summary>
    public required string Reference { get; init; }

    public required Guid OrderId { get; init; }

    public required Guid BookingId { get; init; }

    /// <summary>UTC, when the supplier noticed it.</summary>
    public required DateTimeOffset DetectedAt { get; init; }

    /// <summary>UTC, when we did.</summary>
    public required DateTimeOffset NotedAt { get; init; }

    public required IReadOnlyList<string> Removed { get; init; }

    public required IReadOnlyList<string> Added { get; init; }
}
