using Aerona.Contracts;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Payments;
using Aerona.Sagas.Cancellation;
using static Aerona.Sagas.Tests.Booking.Facts;

namespace Aerona.Sagas.Tests.Cancellation;

/// <summary>One cancellation and everything that can be said about it.</summary>
internal static class CancellationFacts
{
    public static readonly Guid Id = CancellationIds.From(new("00000000-0000-0000-0000-00000000ca00"));
    public static readonly Guid QuoteId = Quote(1);
    public static readonly Guid RefundId = CancellationIds.Refund(Id, 1);
    public static readonly CouponKey[] Coupons = [new("p1", 1)];
    public static readonly Money Back = new(10000, "EUR");

    public static readonly CancellationRequested Asked = new(
        BookingId, Id, OrderId, "K7PQ2R", null, CancellationCause.Voluntary, Submitted.Contact, Offer.Segments, "user|an", 0, TellByMail: false, Start);

    public static readonly CancellationRequested AskedByTheBooking = Asked with { Unpaid = true, By = null };
    public static readonly CancellationQuoted Quoted = QuotedAs(QuoteId, Back);
    public static readonly CancellationQuoted QuotedUnknown = QuotedAs(QuoteId, null);
    public static readonly CancellationConfirmed Confirmed = new(BookingId, Id, QuoteId, "user|an", Start);
    public static readonly ServicingGranted Granted = new(BookingId, Id, PaymentId, Price);
    public static readonly QuotedOrderCancelled Done = new(BookingId, Id, Coupons, Back, IsWhole: true);
    public static readonly CancellationPending Pending = new(BookingId, Id, 0);
    public static readonly CouponsEnded Ended = new(BookingId, Id, Coupons, []);
    public static readonly PaymentRefunded Refunded = new(BookingId, PaymentId, RefundId, Back);
    public static readonly RefundRefused RefundDenied = new(BookingId, PaymentId, RefundId, "refund.refused");
    public static readonly CancellationWithdrawn Withdrawn = new(BookingId, Id, Start);

    /// <summary>Until the airline is told.</summary>
    public static readonly object[] UntilThePivot = [Asked, Quoted, Confirmed, Granted];

    public static Guid Quote(int number) => CancellationState.QuoteId(Id, number);

    public static CancellationQuoted QuotedAs(Guid quoteId, Money? refund, RefundRule rule = RefundRule.FareRule, bool isVoid = false) => new(
        BookingId, Id, quoteId, Coupons, [new("p1", null, PriceLineKind.BaseFare, "FARE", Price, refund, rule)], refund, refund is null ? RefundRule.Unknown : rule, isVoid,
        Start.AddMinutes(30));

    public static CancellationDecided Decided(CancellationDecision decision, Money? amount = null, string by = "staff|minh", int action = 1) => new(
        BookingId, Id, new Guid(action, 0, 0, new byte[8]), decision, amount, decision == CancellationDecision.RefundedByHand ? "wire 4711" : null, by, "The airline's desk said so", Start);
}
