using Aerona.Contracts;
using Aerona.Contracts.Cancellations;
using Aerona.Suppliers;

namespace Aerona.Airlines.House;

internal enum HouseOrderState
{
    Confirmed,
    Refused,

    /// <summary>Asked for before it was ever made, and closed by that.</summary>
    Absent,
    Cancelled,
}

/// <summary>An order in the house airline's books, by the buyer's reference.</summary>
internal sealed class HouseOrder
{
    public required Guid OrderId { get; init; }

    public required HouseOrderState State { get; set; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset MadeAt { get; init; }

    /// <summary>What was sold; null unless it was ever confirmed.</summary>
    public Guid? HoldId { get; init; }

    /// <summary>Stable code of a refusal, or null.</summary>
    public string? Reason { get; init; }

    public IReadOnlyList<Locator> Locators { get; init; } = [];

    public DateTimeOffset? TicketingLimitAt { get; init; }

    public DateTimeOffset? VoidableUntil { get; init; }

    public SupplierAnswer Answer(IReadOnlyList<TicketNumber> tickets) => State switch
    {
        HouseOrderState.Confirmed => new(SupplierAnswerKind.Confirmed, null, Locators, tickets, TicketingLimitAt, VoidableUntil),
        HouseOrderState.Refused => new(SupplierAnswerKind.Refused, Reason),
        HouseOrderState.Absent => new(SupplierAnswerKind.Absent),
        HouseOrderState.Cancelled => new(SupplierAnswerKind.Cancelled),
        _ => throw new InvalidOperationException($"order {OrderId} is {State}"),
    };
}

/// <summary>A cancellation in the house airline's books, by the buyer's reference. Its coupons are the marks on the order's: nobody flies on them any more.</summary>
internal sealed class HouseCancellation
{
    public required Guid CancellationId { get; init; }

    public required Guid OrderId { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What was given up; null: asked for before it was ever done, or refused, and closed by that.</summary>
    public GivenUp? GivenUp { get; init; }

    /// <summary>Stable code of a refusal, or null.</summary>
    public string? Reason { get; init; }

    public CancelAnswer Answer() => this switch
    {
        { GivenUp: { } given } => new(CancelAnswerKind.Cancelled, given.Refund, given.IsWhole),
        { Reason: { } reason } => CancelAnswer.Refused(reason),
        _ => new(CancelAnswerKind.Absent),
    };
}

/// <summary>What a cancellation took away and gives back.</summary>
/// <param name="Coupons">Which.</param>
/// <param name="Lines">As quoted.</param>
/// <param name="Refund">What the airline gives back; null: it has not said.</param>
/// <param name="IsWhole">Nothing of the order is left.</param>
internal sealed record GivenUp(IReadOnlyList<CouponKey> Coupons, IReadOnlyList<QuoteLine> Lines, Money? Refund, bool IsWhole);

/// <summary>A reservation code given out: unique in its system.</summary>
/// <param name="System"><c>house</c>, or an airline's designator.</param>
/// <param name="Code">Six symbols.</param>
/// <param name="OrderId">The order.</param>
internal sealed record HouseLocator(string System, string Code, Guid OrderId);

/// <summary>An e-ticket number given out; the key makes it impossible to give it out again.</summary>
internal sealed class HouseTicket
{
    /// <summary>13 digits.</summary>
    public required string Number { get; init; }

    public required Guid OrderId { get; init; }

    public required string PassengerId { get; init; }

    /// <summary>UTC, when it was made void by a cancellation; else null.</summary>
    public DateTimeOffset? VoidedAt { get; set; }

    /// <summary>UTC, when the last of its coupons was given up without being void; else null.</summary>
    public DateTimeOffset? RefundedAt { get; set; }
}
