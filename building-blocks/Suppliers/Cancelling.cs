using Aerona.Contracts;
using Aerona.Contracts.Cancellations;

namespace Aerona.Suppliers;

/// <summary>What one flight of an offer costs one passenger for one thing: the lines of the offer before those of several flights were put together.</summary>
/// <param name="SegmentOrdinal">The flight.</param>
/// <param name="Line">The line.</param>
public sealed record SegmentLine(int SegmentOrdinal, PriceLine Line);

/// <summary>What was bought, as it was bought.</summary>
/// <param name="Offer">The offer.</param>
/// <param name="Passengers">Who travels, and on whose lap.</param>
/// <param name="BySegment">The price of each flight where they are priced one by one; null: the fare is for the whole journey.</param>
public sealed record SoldOrder(OfferSnapshot Offer, IReadOnlyList<Passenger> Passengers, IReadOnlyList<SegmentLine>? BySegment = null);

/// <summary>A question what a cancellation would give back.</summary>
/// <param name="CancellationId">The cancellation that it is asked for.</param>
/// <param name="Order">What is known of the order.</param>
/// <param name="Sold">What was bought.</param>
/// <param name="Coupons">What would be given up; null: all that is left.</param>
/// <param name="Cause">Who wants it.</param>
/// <param name="AskedAt">UTC.</param>
public sealed record CancelWish(
    Guid CancellationId, KnownOrder Order, SoldOrder Sold, IReadOnlyList<CouponKey>? Coupons, CancellationCause Cause, DateTimeOffset AskedAt);

/// <summary>How a quote comes about, where the supplier says more than a sum.</summary>
/// <param name="Coupons">What would be given up, one by one.</param>
/// <param name="Lines">Every line of it; those known add up to the refund.</param>
/// <param name="Rule">The rule that decided most.</param>
/// <param name="IsVoid">As if never bought.</param>
/// <param name="Policies">The rules as they are set.</param>
public sealed record QuoteBreakdown(
    IReadOnlyList<CouponKey> Coupons, IReadOnlyList<QuoteLine> Lines, RefundRule Rule, bool IsVoid, IReadOnlyList<AppliedPolicy> Policies);

/// <summary>What a cancellation would give.</summary>
/// <param name="Reference">The supplier's id of the quote, given back to it with the cancellation; null when it has none.</param>
/// <param name="Refund">What comes back; null: the supplier does not say.</param>
/// <param name="ExpiresAt">UTC; null: the supplier does not say.</param>
/// <param name="Problem">Why there is no quote; null when there is one.</param>
/// <param name="Breakdown">Line by line, or null: a sum is all there is.</param>
public sealed record CancelQuoteAnswer(
    string? Reference, Money? Refund = null, DateTimeOffset? ExpiresAt = null, SupplierProblem? Problem = null, QuoteBreakdown? Breakdown = null)
{
    /// <summary>It cannot be cancelled, or not so; the code is for people outside too.</summary>
    public static CancelQuoteAnswer Refused(string reason) => new(null, Problem: new(SupplierFailure.Refused, reason));
}

/// <summary>A cancellation that was quoted and is wanted.</summary>
/// <param name="CancellationId">Our reference; the same at every repeat.</param>
/// <param name="BookingId">The booking.</param>
/// <param name="Order">What is known of the order.</param>
/// <param name="Sold">What was bought.</param>
/// <param name="Reference">The supplier's id of the quote.</param>
/// <param name="Coupons">What is given up.</param>
/// <param name="Lines">The quote's lines.</param>
/// <param name="Refund">The quote's sum.</param>
/// <param name="IsVoid">As quoted.</param>
/// <param name="Cause">Who wants it.</param>
/// <param name="NotedAt">UTC; it cannot have been done before.</param>
public sealed record QuotedCancel(
    Guid CancellationId, Guid BookingId, KnownOrder Order, SoldOrder Sold, string? Reference, IReadOnlyList<CouponKey> Coupons, IReadOnlyList<QuoteLine> Lines,
    Money? Refund, bool IsVoid, CancellationCause Cause, DateTimeOffset NotedAt);

/// <summary>The cases of <see cref="CancelAnswer"/>.</summary>
public enum CancelAnswerKind
{
    /// <summary>Neither yes nor no.</summary>
    Unknown,
    Cancelled,

    /// <summary>Not done; the order stands.</summary>
    Refused,

    /// <summary>Look-up only: it was not done under this reference and will not be.</summary>
    Absent,
}

/// <summary>What became of a cancellation.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Refund">When cancelled: what the airline gives back; null: it does not say.</param>
/// <param name="IsWhole">When cancelled: nothing of the order is left.</param>
/// <param name="Reason">Of a refusal: stable code.</param>
public sealed record CancelAnswer(CancelAnswerKind Kind, Money? Refund = null, bool IsWhole = true, string? Reason = null)
{
    /// <summary>Nobody knows.</summary>
    public static CancelAnswer Unknown { get; } = new(CancelAnswerKind.Unknown);

    /// <summary>Not done.</summary>
    public static CancelAnswer Refused(string reason) => new(CancelAnswerKind.Refused, Reason: reason);
}
