using Aerona.Contracts;

namespace Aerona.Suppliers;

/// <summary>What is bought at a supplier.</summary>
/// <param name="OrderId">Our reference there; the same at every repeat.</param>
/// <param name="BookingId">The booking.</param>
/// <param name="HoldId">The pinned hold.</param>
/// <param name="Token">Its fencing token.</param>
/// <param name="Offer">What is bought.</param>
/// <param name="Locator">Our record locator.</param>
/// <param name="Passengers">Who travels.</param>
/// <param name="Contact">Passed on.</param>
/// <param name="Terms">At an outside supplier: its own offer.</param>
/// <param name="HeldReference">At an outside supplier: its id of the order that is held and to be paid; null: the order is made now.</param>
public sealed record SupplierOrder(
    Guid OrderId, Guid BookingId, Guid HoldId, long Token, OfferSnapshot Offer, string Locator, IReadOnlyList<Passenger> Passengers, Contact Contact,
    SupplierTerms? Terms = null, string? HeldReference = null);

/// <summary>What a supplier said of an order; exactly one case.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Reason">Stable code of a refusal, else null.</param>
/// <param name="Locators">When confirmed: the supplier's and the airlines' codes.</param>
/// <param name="TicketNumbers">When confirmed: one a passenger, or null while not issued.</param>
/// <param name="TicketingLimitAt">When confirmed, UTC.</param>
/// <param name="VoidableUntil">When confirmed, UTC; null: no void window.</param>
/// <param name="Reference">The supplier's id of the order; null: ours is its only one, or it is not known.</param>
public sealed record SupplierAnswer(
    SupplierAnswerKind Kind, string? Reason = null, IReadOnlyList<Locator>? Locators = null, IReadOnlyList<TicketNumber>? TicketNumbers = null,
    DateTimeOffset? TicketingLimitAt = null, DateTimeOffset? VoidableUntil = null, string? Reference = null);

/// <summary>The cases of <see cref="SupplierAnswer"/>.</summary>
public enum SupplierAnswerKind
{
    /// <summary>Time-out, 5xx, or not decided: neither yes nor no.</summary>
    Unknown,
    Confirmed,
    Refused,

    /// <summary>Look-up only: there is no such order and, by closing the reference, there never will be.</summary>
    Absent,
    Cancelled,
}

/// <summary>An airline or aggregator that sells seats. Calls never throw for what the supplier says or fails to say: that is an answer.</summary>
public interface ISupplier
{
    /// <summary>As in <see cref="OfferSnapshot.Supplier"/>.</summary>
    string Name { get; }

    /// <summary>What it can do.</summary>
    SupplierCapabilities Capabilities => SupplierCapabilities.House;

    /// <summary>Buys the pinned seats; idempotent by <see cref="SupplierOrder.OrderId"/> where the supplier allows.</summary>
    Task<SupplierAnswer> CommitAsync(SupplierOrder order, CancellationToken cancellationToken);

    /// <summary>What became of an order, by our reference.</summary>
    Task<SupplierAnswer> LookUpAsync(Guid orderId, CancellationToken cancellationToken);

    /// <summary>The same, with what is known of the order already: one whose books are ours needs no more than the id.</summary>
    Task<SupplierAnswer> LookUpAsync(KnownOrder order, CancellationToken cancellationToken) => LookUpAsync(order.OrderId, cancellationToken);

    /// <summary>Cancels a bought order; its tickets are void, its seats free.</summary>
    Task<SupplierAnswer> CancelAsync(Guid orderId, CancellationToken cancellationToken);

    /// <summary>The same, with what is known of the order already.</summary>
    Task<SupplierAnswer> CancelAsync(KnownOrder order, CancellationToken cancellationToken) => CancelAsync(order.OrderId, cancellationToken);

    /// <summary>What a cancellation would give back; nothing is cancelled by asking. One that sells but does not take back refuses.</summary>
    Task<CancelQuoteAnswer> QuoteCancellationAsync(CancelWish wish, CancellationToken cancellationToken);

    /// <summary>Cancels what was quoted; idempotent by <see cref="QuotedCancel.CancellationId"/> where the supplier allows.</summary>
    Task<CancelAnswer> CancelQuotedAsync(QuotedCancel cancel, CancellationToken cancellationToken);

    /// <summary>What became of a cancellation that was asked for; one that is denied cannot come any more.</summary>
    Task<CancelAnswer> LookUpCancellationAsync(QuotedCancel cancel, CancellationToken cancellationToken);
}
