using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Suppliers;

namespace Aerona.Airlines.Orders;

internal enum AirlineOrderState
{
    /// <summary>Sent or about to be; the supplier's answer is not known.</summary>
    Open,
    Confirmed,
    Refused,

    /// <summary>Never made and never will be.</summary>
    Absent,
    Cancelled,
}

/// <summary>An attempt to buy at a supplier, as this service knows it: written before the supplier is called.</summary>
internal sealed class AirlineOrder
{
    public required Guid OrderId { get; init; }

    public required Guid BookingId { get; init; }

    /// <summary>Whom to ask.</summary>
    public required string Supplier { get; init; }

    public required DateTimeOffset NotedAt { get; init; }

    public AirlineOrderState State { get; private set; }

    /// <summary>The supplier's id of the order; null: ours is its only one, or it is not known.</summary>
    public string? Reference { get; set; }

    /// <summary>UTC, first departure; null for orders noted before this was kept.</summary>
    public DateTimeOffset? DepartsAt { get; init; }

    /// <summary>UTC, when the supplier was last asked how the order stands, unasked by anybody; null: never.</summary>
    public DateTimeOffset? SyncedAt { get; set; }

    /// <summary>What was bought, for as long as it may be cancelled: offers are deleted before many flights leave. Null for orders noted before this was kept.</summary>
    public SoldOrder? Sold { get; init; }

    /// <summary>What is known of it, for a supplier that is asked.</summary>
    public KnownOrder Known => new(OrderId, NotedAt, Reference);

    /// <summary>Whether its ticket numbers are known.</summary>
    public bool HasNumbers { get; private set; }

    /// <summary>Whether the timeline was told that the answer is not known.</summary>
    public bool UnknownNoted { get; private set; }

    /// <summary>Takes in what the supplier said. Returns what that is for the timeline, or null when it is nothing new.</summary>
    public BookingNoted? Record(SupplierAnswer answer, DateTimeOffset now)
    {
        Reference ??= answer.Reference;
        HasNumbers |= answer is { Kind: SupplierAnswerKind.Confirmed, TicketNumbers: not null };
        var state = answer.Kind switch
        {
            SupplierAnswerKind.Confirmed => AirlineOrderState.Confirmed,
            SupplierAnswerKind.Refused => AirlineOrderState.Refused,
            SupplierAnswerKind.Absent => AirlineOrderState.Absent,
            SupplierAnswerKind.Cancelled => AirlineOrderState.Cancelled,
            _ => AirlineOrderState.Open,
        };

        // Cancelled is the end; and an answer that got lost does not make unknown what was known.
        if (State == AirlineOrderState.Cancelled || (state == State && (state != AirlineOrderState.Open || UnknownNoted)) || (state == AirlineOrderState.Open && State != state))
        {
            return null;
        }

        State = state;
        UnknownNoted |= state == AirlineOrderState.Open;
        var kind = state == AirlineOrderState.Open ? "airline.unknown" : state == AirlineOrderState.Confirmed ? "airline.committed" : $"airline.{state.ToString().ToLowerInvariant()}";
        return new(BookingId, kind, now, answer.Locators is { Count: > 0 } locators ? locators[0].Code : answer.Reason);
    }

    /// <summary>Intent key of the purchase.</summary>
    public static string CommitKey(Guid orderId) => $"airline-order/{orderId}";

    public static AirlineOrderConfirmed Confirmed(Guid bookingId, Guid orderId, SupplierAnswer answer) => new(
        bookingId, orderId, answer.Locators ?? [], answer.TicketNumbers,
        answer.TicketingLimitAt ?? throw new InvalidOperationException($"order {orderId} was confirmed without a ticketing limit"), answer.VoidableUntil);
}
