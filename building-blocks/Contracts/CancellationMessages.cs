using System.Text.Json.Serialization;

namespace Aerona.Contracts.Cancellations;

/// <summary>The right of one passenger to fly one segment.</summary>
/// <param name="PassengerId"><see cref="OfferPassenger.Id"/>.</param>
/// <param name="SegmentOrdinal"><see cref="Segment.Ordinal"/>.</param>
public sealed record CouponKey(string PassengerId, int SegmentOrdinal);

/// <summary>Who wants a cancellation.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<CancellationCause>))]
public enum CancellationCause
{
    /// <summary>The traveller, or staff for them.</summary>
    Voluntary,

    /// <summary>The airline cancelled or changed the flight: everything paid for it comes back, whatever the fare.</summary>
    Involuntary,
}

/// <summary>Which rule gave an amount.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<RefundRule>))]
public enum RefundRule
{
    /// <summary>The supplier's void window is open: as if never bought.</summary>
    VoidWindow,

    /// <summary>Our own promise of the first hours after booking.</summary>
    OurPromise,

    /// <summary>The fare's conditions.</summary>
    FareRule,

    /// <summary>A tax or charge that is owed by who flies only.</summary>
    RefundableTax,

    /// <summary>The airline cancelled or changed the flight.</summary>
    Involuntary,

    /// <summary>The supplier's own quote, which says no more than a sum.</summary>
    SupplierQuote,

    /// <summary>The flight was flown or has left: nothing comes back.</summary>
    Used,

    /// <summary>Nobody said; shown as unknown.</summary>
    Unknown,
}

/// <summary>One line of a quote: a price line of the offer, and what of it comes back.</summary>
/// <param name="PassengerId">Whose.</param>
/// <param name="SegmentOrdinal">Of which flight; null: of the whole journey, as the fare was sold.</param>
/// <param name="Kind">Fare, carrier's charge or tax.</param>
/// <param name="Code">As on the <see cref="PriceLine"/>; <c>PENALTY</c> for what is kept back.</param>
/// <param name="Paid">What was paid.</param>
/// <param name="Back">What comes back, negative for a penalty; null: not known.</param>
/// <param name="Rule">Why.</param>
public sealed record QuoteLine(string PassengerId, int? SegmentOrdinal, PriceLineKind Kind, string Code, Money Paid, Money? Back, RefundRule Rule);

/// <summary>A rule as it was set when it was applied.</summary>
/// <param name="Id">Of the row: <c>void.house</c>, <c>promise.24h</c>, <c>fare.YOWNR</c>.</param>
/// <param name="Text">What it says, for people.</param>
public sealed record AppliedPolicy(string Id, string Text);

/// <summary>Command to Airlines: what would come back? Nothing is cancelled by asking.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="CancellationId">The cancellation; its saga's correlation id.</param>
/// <param name="QuoteId">This quote; a repeat gets the same answer.</param>
/// <param name="OrderId">The airline order.</param>
/// <param name="Coupons">What is to be given back; null: all that is left of the order.</param>
/// <param name="Cause">Who wants it.</param>
/// <param name="AskedAt">UTC; windows are judged by it.</param>
public sealed record QuoteCancellation(
    Guid BookingId, Guid CancellationId, Guid QuoteId, Guid OrderId, IReadOnlyList<CouponKey>? Coupons, CancellationCause Cause, DateTimeOffset AskedAt) : ICommand;

/// <summary>Event: what would come back.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="CancellationId">The cancellation.</param>
/// <param name="QuoteId">The quote.</param>
/// <param name="Coupons">What it is about, one by one.</param>
/// <param name="Lines">Every line of what it is about; their sum is <paramref name="Refund"/> where all are known.</param>
/// <param name="Refund">What comes back in all; null: not known before it is done.</param>
/// <param name="Rule">The rule that decided most.</param>
/// <param name="IsVoid">The tickets are void, not refunded: as if never bought.</param>
/// <param name="ExpiresAt">UTC; it binds until then.</param>
/// <param name="Policies">The rules that gave it.</param>
public sealed record CancellationQuoted(
    Guid BookingId, Guid CancellationId, Guid QuoteId, IReadOnlyList<CouponKey> Coupons, IReadOnlyList<QuoteLine> Lines, Money? Refund, RefundRule Rule,
    bool IsVoid, DateTimeOffset ExpiresAt, IReadOnlyList<AppliedPolicy>? Policies = null);

/// <summary>Event: it cannot be cancelled, or not so.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="CancellationId">The cancellation.</param>
/// <param name="QuoteId">The quote.</param>
/// <param name="Reason">Stable code: <c>cancellation.flown</c>, <c>cancellation.nothing_left</c>, <c>cancellation.part_not_possible</c> (the supplier cancels whole
/// orders only, or the fare is one for the whole journey), <c>cancellation.out_of_order</c> (coupons are flown in their order: who gives one up gives up those after it),
/// <c>cancellation.lap_infant</c> (an infant would be left without its adult), <c>cancellation.child_alone</c> (children would be left alone),
/// <c>cancellation.coupon_unknown</c>, <c>cancellation.refused</c>, <c>cancellation.supplier_unavailable</c>, <c>order.not_found</c>.</param>
public sealed record CancellationNotQuoted(Guid BookingId, Guid CancellationId, Guid QuoteId, string Reason);

/// <summary>Command to Airlines: cancel what was quoted. The pivot of a cancellation.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="CancellationId">The cancellation: our reference at the supplier; a repeat gets the same answer.</param>
/// <param name="QuoteId">The newest quote, not expired.</param>
/// <param name="OrderId">The airline order.</param>
public sealed record CancelQuotedOrder(Guid BookingId, Guid CancellationId, Guid QuoteId, Guid OrderId) : ICommand;

/// <summary>Event: cancelled at the airline; the seats are on sale again.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="CancellationId">The cancellation.</param>
/// <param name="Coupons">What is gone.</param>
/// <param name="Refund">What the airline gives back; null: it still does not say, and a person must find out.</param>
/// <param name="IsWhole">Nothing of the order is left.</param>
/// <param name="RefundDueOn">The last day, UTC, on which the money may go back; null: no rule says.</param>
/// <param name="DueBy">The rule that says it.</param>
public sealed record QuotedOrderCancelled(
    Guid BookingId, Guid CancellationId, IReadOnlyList<CouponKey> Coupons, Money? Refund, bool IsWhole, DateOnly? RefundDueOn = null, AppliedPolicy? DueBy = null);

/// <summary>Event: whether it was cancelled is not known yet; look it up.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="CancellationId">The cancellation.</param>
/// <param name="LookUp">The question answered; 0 for the cancelling itself.</param>
public sealed record CancellationPending(Guid BookingId, Guid CancellationId, int LookUp);

/// <summary>Event: not cancelled; the id is closed and the order stands as it was.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="CancellationId">The cancellation.</param>
/// <param name="Reason">Stable code: <c>cancellation.quote_expired</c>, <c>cancellation.quote_changed</c>, <c>cancellation.refused</c>, <c>cancellation.flown</c>.</param>
public sealed record CancellationRefused(Guid BookingId, Guid CancellationId, string Reason);

/// <summary>Command to Airlines: was it cancelled? If that was never asked for, the id is closed.</summary>
public sealed record LookUpCancellation(Guid BookingId, Guid CancellationId, int LookUp) : ICommand;

/// <summary>Event: it was not cancelled under this id and will not be.</summary>
public sealed record CancellationAbsent(Guid BookingId, Guid CancellationId, int LookUp);

/// <summary>How coupons end that are not flown.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<CouponEnd>))]
public enum CouponEnd
{
    Void,
    Refunded,
}

/// <summary>Command to Tickets: these coupons are good for nothing any more.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="CancellationId">The cancellation; a repeat gets the same answer.</param>
/// <param name="OrderId">The airline order.</param>
/// <param name="Coupons">Which.</param>
/// <param name="End">A document is void as a whole only: where other coupons of it stay, it is refunded instead.</param>
public sealed record EndCoupons(Guid BookingId, Guid CancellationId, Guid OrderId, IReadOnlyList<CouponKey> Coupons, CouponEnd End) : ICommand;

/// <summary>Event: no coupon of those can be flown.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="CancellationId">The cancellation.</param>
/// <param name="Ended">Those that ended now or before by this cancellation.</param>
/// <param name="NotEnded">Those that could not: checked in, flown, exchanged; a person must look.</param>
public sealed record CouponsEnded(Guid BookingId, Guid CancellationId, IReadOnlyList<CouponKey> Ended, IReadOnlyList<CouponKey> NotEnded);

/// <summary>Event: a credit note is due.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="CancellationId">The cancellation, one note for each.</param>
/// <param name="OrderId">The airline order the invoice was about.</param>
/// <param name="Lines">What is credited.</param>
/// <param name="Amount">What goes back to the payer.</param>
/// <param name="At">UTC.</param>
public sealed record CreditNoteRequested(
    Guid BookingId, Guid CancellationId, Guid OrderId, IReadOnlyList<QuoteLine> Lines, Money Amount, DateTimeOffset At);
