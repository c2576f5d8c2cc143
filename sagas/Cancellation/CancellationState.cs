using System.Security.Cryptography;
using System.Text;
using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Sagas.Booking;

namespace Aerona.Sagas.Cancellation;

/// <summary>A cancellation on its way: what is to be given back, what was promised for it, what the airline did, and where the money is.</summary>
public sealed class CancellationState : TimedSaga
{
    /// <summary>What is cancelled, or a part of it.</summary>
    public Guid BookingId { get; set; }

    /// <summary>Our record locator.</summary>
    public string Locator { get; set; } = "";

    /// <summary>The airline order.</summary>
    public Guid OrderId { get; set; }

    /// <summary>What was asked for; null: all that is left.</summary>
    public IReadOnlyList<CouponKey>? Coupons { get; set; }

    /// <summary>Who wants it.</summary>
    public CancellationCause Cause { get; set; }

    /// <summary>Who is told.</summary>
    public Contact Contact { get; set; } = new("", null, "en");

    /// <summary>Flights in the order flown, to name them.</summary>
    public IReadOnlyList<Segment> Segments { get; set; } = [];

    /// <summary>Subject of who asked; null for a guest or the booking itself.</summary>
    public string? RequestedBy { get; set; }

    /// <summary>UTC.</summary>
    public DateTimeOffset RequestedAt { get; set; }

    /// <summary>Servicings of the booking that were over when it was looked at.</summary>
    public int Seen { get; set; }

    /// <summary>Whether the quote is mailed when it is there.</summary>
    public bool TellByMail { get; set; }

    /// <summary>Whether the booking asked itself, because nobody pays for its tickets.</summary>
    public bool Unpaid { get; set; }

    /// <summary>Quotes asked for, oldest first; the last one is the current one.</summary>
    public IReadOnlyList<QuoteAttempt> Quotes { get; set; } = [];

    /// <summary>UTC; when the current quote was confirmed. Null: it is not.</summary>
    public DateTimeOffset? ConfirmedAt { get; set; }

    /// <summary>Subject of who confirmed it; null for a guest.</summary>
    public string? ConfirmedBy { get; set; }

    /// <summary>The payment that was taken; null when none was, or while the booking is not locked.</summary>
    public Guid? PaymentId { get; set; }

    /// <summary>What of it may be given back at most, and in the end what is; null while the booking is not locked.</summary>
    public RefundMoney? Money { get; set; }

    /// <summary>What the airline said that it did; null until it did.</summary>
    public AirlineCancellation? AtTheAirline { get; set; }

    /// <summary>What a member of staff wants to be refunded, above the limit, until another agrees; else null.</summary>
    public ProposedAmount? Proposed { get; set; }

    /// <summary>Every refund asked for, oldest first; the last one is the current one.</summary>
    public IReadOnlyList<RefundAttempt> Refunds { get; set; } = [];

    /// <summary>UTC; by when the payer should see the money. Null until a refund is due.</summary>
    public DateTimeOffset? SeenBy { get; set; }

    /// <summary>UTC; when it was over at the airline and in our books. Null until then.</summary>
    public DateTimeOffset? CancelledAt { get; set; }

    /// <summary>Why nothing was cancelled; a stable code. Null: it was, or it is not decided.</summary>
    public string? EndedBecause { get; set; }

    /// <summary>What people were asked to look at, oldest first. Only ever added to.</summary>
    public IReadOnlyList<OpenedCase> Cases { get; set; } = [];

    /// <summary>What staff decided, oldest first; each action is here once.</summary>
    public IReadOnlyList<CancellationAction> StaffActions { get; set; } = [];

    internal QuoteAttempt? Quote => Quotes.Count > 0 ? Quotes[^1] : null;

    internal RefundAttempt? Refund => Refunds.Count > 0 ? Refunds[^1] : null;

    internal void ChangeQuote(Func<QuoteAttempt, QuoteAttempt> change) => Quotes = [.. Quotes.SkipLast(1), change(Quotes[^1])];

    internal void ChangeRefund(Guid refundId, Func<RefundAttempt, RefundAttempt> change) => Refunds = [.. Refunds.Select(x => x.RefundId == refundId ? change(x) : x)];

    /// <summary>A quote's id follows from the cancellation and its number, so that a transition rolled back and done again asks for the same thing.</summary>
    internal static Guid QuoteId(Guid cancellationId, int number) => new(SHA256.HashData(Encoding.ASCII.GetBytes($"{cancellationId:N}/quote/{number}")).AsSpan(..16));
}

/// <summary>A quote asked for.</summary>
/// <param name="QuoteId">The attempt.</param>
/// <param name="AskedAt">UTC; windows are judged by it.</param>
/// <param name="Answer">What was said; null until then.</param>
public sealed record QuoteAttempt(Guid QuoteId, DateTimeOffset AskedAt, CancellationQuoted? Answer = null);

/// <summary>The money of a cancellation.</summary>
/// <param name="Remaining">Taken, and neither given back nor promised back, when the booking was locked; null: nothing was taken.</param>
/// <param name="Due">What goes back; null until that is settled.</param>
public sealed record RefundMoney(Money? Remaining, Money? Due = null);

/// <summary>What the airline did.</summary>
/// <param name="Coupons">What is gone.</param>
/// <param name="Refund">What it gives back; null: it does not say.</param>
/// <param name="IsWhole">Nothing of the order is left.</param>
/// <param name="RefundDueOn">The last day, UTC, on which the money may go back; null: no rule says.</param>
/// <param name="DueBy">The rule that says it.</param>
public sealed record AirlineCancellation(IReadOnlyList<CouponKey> Coupons, Money? Refund, bool IsWhole, DateOnly? RefundDueOn = null, AppliedPolicy? DueBy = null);

/// <summary>An amount that a second person has to agree to.</summary>
public sealed record ProposedAmount(Money Amount, string By);

/// <summary>A try to give money back.</summary>
/// <param name="RefundId">The attempt.</param>
/// <param name="Amount">How much.</param>
/// <param name="Standing">Where it is.</param>
/// <param name="AskedAt">UTC.</param>
/// <param name="Detail">The other side's code, or where staff sent it; null when there is no more to say.</param>
public sealed record RefundAttempt(Guid RefundId, Money Amount, RefundStanding Standing, DateTimeOffset AskedAt, string? Detail = null);

/// <summary>Where a refund is.</summary>
public enum RefundStanding
{
    /// <summary>Asked for; the answer is not known.</summary>
    Asked,

    /// <summary>PayPal has not made it yet.</summary>
    Pending,

    /// <summary>Nothing was given back under this id and nothing will be.</summary>
    Refused,

    /// <summary>On its way to the payer.</summary>
    Made,

    /// <summary>Staff gave it back another way.</summary>
    ByHand,
}

/// <summary>What a member of staff decided about a cancellation.</summary>
/// <param name="ActionId">The decision.</param>
/// <param name="Decision">What was decided.</param>
/// <param name="Amount">How much, where an amount was decided.</param>
/// <param name="By">Subject of the member of staff.</param>
/// <param name="Reason">In their words.</param>
/// <param name="DecidedAt">UTC.</param>
/// <param name="Applied">False when it came at a moment that did not allow it; it is not made up for.</param>
public sealed record CancellationAction(Guid ActionId, CancellationDecision Decision, Money? Amount, string By, string Reason, DateTimeOffset DecidedAt, bool Applied);

/// <summary>Why nothing was cancelled, where it was not the airline that said so; stable codes beside those of the contracts.</summary>
public static class NotCancelledBecause
{
    /// <summary>Nobody confirmed the quote while it bound.</summary>
    public const string QuoteExpired = "cancellation.quote_expired";

    /// <summary>The traveller does not want it any more, or asked for another one.</summary>
    public const string Withdrawn = "cancellation.withdrawn";

    /// <summary>A second person did not agree to the refund.</summary>
    public const string NotApproved = "cancellation.not_approved";

    /// <summary>No second person agreed while the quote bound.</summary>
    public const string ApprovalLate = "cancellation.approval_late";

    /// <summary>The airline gave no quote in time.</summary>
    public const string NoQuote = "cancellation.supplier_unavailable";

    /// <summary>The airline never got it, and will not do it any more.</summary>
    public const string NeverArrived = "cancellation.not_received";

    /// <summary>The booking did not give its lock in time.</summary>
    public const string NotLocked = "cancellation.not_locked";

    /// <summary>Tickets that nobody pays for can no longer be cancelled for nothing.</summary>
    public const string NotFree = "cancellation.not_free";
}

/// <summary>Timer: the end of the current state.</summary>
public sealed record CancellationDeadline(Guid CancellationId);

/// <summary>Timer: time for the next repeat, look-up or case within the current state.</summary>
public sealed record CancellationTick(Guid CancellationId);
