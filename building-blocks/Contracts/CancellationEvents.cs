using System.Text.Json.Serialization;

namespace Aerona.Contracts.Cancellations;

/// <summary>Event: somebody wants to know what cancelling a bought booking, or a part of it, would bring; starts the cancellation saga. Nothing is cancelled by it.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="CancellationId">The cancellation, and its saga's correlation id; made by <c>CancellationIds</c>.</param>
/// <param name="OrderId">The airline order.</param>
/// <param name="Locator">Our record locator.</param>
/// <param name="Coupons">What is to be given back; null: all that is left.</param>
/// <param name="Cause">Who wants it.</param>
/// <param name="Contact">Who is told.</param>
/// <param name="Segments">Flights in the order flown, to name them.</param>
/// <param name="By">Subject of who asked; null for a guest or the booking itself.</param>
/// <param name="Seen">Servicings of the booking that were over when it was asked; another one since makes the quote worthless.</param>
/// <param name="TellByMail">Whether the quote is mailed when it is there.</param>
/// <param name="RequestedAt">UTC.</param>
/// <param name="Unpaid">Whether the booking asks itself, because its tickets are issued and nobody pays: cancelled without a question, if that is free.</param>
public sealed record CancellationRequested(
    Guid BookingId, Guid CancellationId, Guid OrderId, string Locator, IReadOnlyList<CouponKey>? Coupons, CancellationCause Cause, Contact Contact,
    IReadOnlyList<Segment> Segments, string? By, int Seen, bool TellByMail, DateTimeOffset RequestedAt, bool Unpaid = false);

/// <summary>Event: another quote is wanted in place of the one there is.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="CancellationId">The cancellation.</param>
/// <param name="Seen">As in <see cref="CancellationRequested"/>.</param>
/// <param name="RequestedAt">UTC.</param>
public sealed record CancellationRequoted(Guid BookingId, Guid CancellationId, int Seen, DateTimeOffset RequestedAt);

/// <summary>Event: what a quote says is to be done.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="CancellationId">The cancellation.</param>
/// <param name="QuoteId">The quote, as shown; another one than the newest is ignored.</param>
/// <param name="By">Subject of who confirmed; null for a guest.</param>
/// <param name="ConfirmedAt">UTC.</param>
public sealed record CancellationConfirmed(Guid BookingId, Guid CancellationId, Guid QuoteId, string? By, DateTimeOffset ConfirmedAt);

/// <summary>Event: it is not wanted any more, or another one was asked for. Past the confirmation it changes nothing.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="CancellationId">The cancellation.</param>
/// <param name="WithdrawnAt">UTC.</param>
public sealed record CancellationWithdrawn(Guid BookingId, Guid CancellationId, DateTimeOffset WithdrawnAt);

/// <summary>What staff may decide about a cancellation.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<CancellationDecision>))]
public enum CancellationDecision
{
    /// <summary>A second person agrees to a large refund.</summary>
    Approve,

    /// <summary>A second person does not.</summary>
    Refuse,

    /// <summary>The airline is asked again about a cancellation that was parked.</summary>
    TryAgain,

    /// <summary>What is refunded, where the airline never said.</summary>
    SetAmount,

    /// <summary>PayPal is asked again for a refund that it had refused.</summary>
    RefundAgain,

    /// <summary>The money went back another way.</summary>
    RefundedByHand,
}

/// <summary>Event: a member of staff decided about a cancellation.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="CancellationId">The cancellation.</param>
/// <param name="ActionId">This decision; a second one of the same id is ignored.</param>
/// <param name="Decision">What was decided.</param>
/// <param name="Amount">With <see cref="CancellationDecision.SetAmount"/>: how much. Otherwise null.</param>
/// <param name="Reference">With <see cref="CancellationDecision.RefundedByHand"/>: where the money can be found. Otherwise null.</param>
/// <param name="By">Subject of the member of staff.</param>
/// <param name="Reason">In their words.</param>
/// <param name="DecidedAt">UTC.</param>
public sealed record CancellationDecided(
    Guid BookingId, Guid CancellationId, Guid ActionId, CancellationDecision Decision, Money? Amount, string? Reference, string By, string Reason, DateTimeOffset DecidedAt);

/// <summary>Event from a servicing saga to the booking: give me its lock.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="ServicingId">The servicing; asked again it gets the same answer.</param>
/// <param name="Seen">Servicings that were over when it looked at the booking.</param>
public sealed record ServicingRequested(Guid BookingId, Guid ServicingId, int Seen);

/// <summary>Event from the booking: nobody else changes it until this servicing is ended or released.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="ServicingId">The servicing.</param>
/// <param name="PaymentId">The payment that was taken; null when none was.</param>
/// <param name="Remaining">What was taken and neither given back nor promised back; null when nothing was taken.</param>
public sealed record ServicingGranted(Guid BookingId, Guid ServicingId, Guid? PaymentId, Money? Remaining);

/// <summary>Event from the booking: not now.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="ServicingId">The servicing.</param>
/// <param name="Reason">Stable code: <c>booking.being_serviced</c>, <c>booking.not_confirmed</c>, <c>cancellation.quote_changed</c>.</param>
public sealed record ServicingDenied(Guid BookingId, Guid ServicingId, string Reason);

/// <summary>Event from a servicing saga: nothing was changed; the lock is free again.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="ServicingId">The servicing.</param>
/// <param name="Reason">Stable code: why nothing was changed.</param>
public sealed record ServicingReleased(Guid BookingId, Guid ServicingId, string Reason);

/// <summary>Event from a servicing saga: it is done at the airline; the lock is free again.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="ServicingId">The servicing.</param>
/// <param name="Coupons">What cannot be flown any more.</param>
/// <param name="RefundDue">What goes back to the payer from now on; null: nothing.</param>
/// <param name="IsWhole">Nothing of the booking is left.</param>
/// <param name="EndedAt">UTC.</param>
public sealed record ServicingEnded(Guid BookingId, Guid ServicingId, IReadOnlyList<CouponKey> Coupons, Money? RefundDue, bool IsWhole, DateTimeOffset EndedAt);

/// <summary>What a traveller is told about a cancellation.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<CancellationNewsKind>))]
public enum CancellationNewsKind
{
    /// <summary>What would come back is known; nothing is cancelled.</summary>
    QuoteReady,

    /// <summary>The airline has not said whether it cancelled.</summary>
    ConfirmingWithAirline,

    /// <summary>It is not cancelled, and will not be.</summary>
    NotCancelled,

    /// <summary>It is cancelled, and so much goes back.</summary>
    Cancelled,

    /// <summary>Tickets that nobody paid for are given back; nothing was charged.</summary>
    CancelledUnpaid,

    /// <summary>It is cancelled, and the money takes longer.</summary>
    RefundDelayed,
}

/// <summary>Event: something the traveller should know about a cancellation.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="CancellationId">The cancellation.</param>
/// <param name="Locator">Our record locator.</param>
/// <param name="Kind">What happened; together with <paramref name="At"/> it is told once.</param>
/// <param name="Refund">What comes back; null: not known yet.</param>
/// <param name="IsWhole">Whether nothing of the booking is left, or would be.</param>
/// <param name="Coupons">What is or would be cancelled, one by one; empty where not known.</param>
/// <param name="Reason">Stable code, why it is not cancelled; else null.</param>
/// <param name="Until">UTC; how long a quote binds, or by when the money should be seen. Null: neither.</param>
/// <param name="Contact">Who is told.</param>
/// <param name="Segments">Flights in the order flown.</param>
/// <param name="At">UTC.</param>
public sealed record CancellationNews(
    Guid BookingId, Guid CancellationId, string Locator, CancellationNewsKind Kind, Money? Refund, bool IsWhole, IReadOnlyList<CouponKey> Coupons, string? Reason,
    DateTimeOffset? Until, Contact Contact, IReadOnlyList<Segment> Segments, DateTimeOffset At);

/// <summary>Ids of cancellations and of their refunds: a refund's tells its cancellation's, so that what Payments says of it finds its way.</summary>
public static class CancellationIds
{
    /// <summary>That id as a cancellation's: its last byte is nought.</summary>
    public static Guid From(Guid id) => WithLast(id, 0);

    /// <summary>The refund of that number, from 1 to 255, of a cancellation.</summary>
    public static Guid Refund(Guid cancellationId, int number) => WithLast(cancellationId, checked((byte)number));

    /// <summary>The cancellation that a refund would belong to; of another refund's id nobody's.</summary>
    public static Guid OfRefund(Guid refundId) => WithLast(refundId, 0);

    private static Guid WithLast(Guid id, byte last)
    {
        var bytes = id.ToByteArray();
        bytes[15] = last;
        return new(bytes);
    }
}
