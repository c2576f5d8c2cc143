using System.Text.Json.Serialization;
using Aerona.Contracts;
using Aerona.Contracts.Cancellations;
using Aerona.Sagas.Booking;
using Aerona.Sagas.Cancellation;

namespace Aerona.Bookings.Cancellation;

/// <summary>Where a cancellation stands: the names of the saga's states, and <see cref="Requested"/> before it begins.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<CancellationStage>))]
internal enum CancellationStage
{
    Requested,
    Quoting,
    Quoted,
    AwaitingApproval,
    Locking,
    SupplierCancelling,
    CancelUnknown,
    ParkedForStaff,
    EndingCoupons,
    AwaitingAmount,
    Refunding,
    RefundDelayed,
    Cancelled,
    Lapsed,
    Refused,
}

/// <summary>What may be done about a cancellation now.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<CancellationStep>))]
internal enum CancellationStep
{
    /// <summary>POST …/confirmations, naming the quote.</summary>
    Confirm,

    /// <summary>POST …/quotes, for another one.</summary>
    Requote,

    /// <summary>POST …/withdrawals.</summary>
    Withdraw,
}

/// <summary>Where money goes.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<RefundDestination>))]
internal enum RefundDestination
{
    /// <summary>Back to the PayPal payment that the booking was paid with, and from there to what paid that.</summary>
    PayPal,

    /// <summary>Another way, which our staff arrange: nothing was taken at PayPal.</summary>
    Arranged,
}

/// <summary>Where the money of a cancellation is.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<RefundPlace>))]
internal enum RefundPlace
{
    /// <summary>Not known yet how much it is.</summary>
    Unknown,

    /// <summary>It is being given back.</summary>
    OnItsWay,

    /// <summary>PayPal works on it.</summary>
    Pending,

    /// <summary>It could not be given back that way; our staff find another.</summary>
    Delayed,

    /// <summary>It went back.</summary>
    Refunded,

    /// <summary>Nothing comes back.</summary>
    Nothing,
}

/// <summary>A cancellation: what would come back or does, where it stands, what it waits for, and what happens if nobody does anything.</summary>
/// <param name="Id">The cancellation.</param>
/// <param name="BookingId">What it is of.</param>
/// <param name="State">Where it stands.</param>
/// <param name="WaitingFor">What it waits for, for people; null when it is over.</param>
/// <param name="Until">UTC; how long it waits. Null when no end is set.</param>
/// <param name="Then">What happens then if nothing is done, for people; null when it is over.</param>
/// <param name="Cause">Who wants it.</param>
/// <param name="Coupons">What was asked for; null: all that was left.</param>
/// <param name="Quote">The newest quote; null while there is none.</param>
/// <param name="Refund">Where the money is; null before it is cancelled.</param>
/// <param name="NotCancelledBecause">Stable code; null unless nothing was cancelled.</param>
/// <param name="RequestedAt">UTC.</param>
/// <param name="ConfirmedAt">UTC; null while it is not.</param>
/// <param name="CancelledAt">UTC; null while it is not.</param>
/// <param name="AvailableActions">What may be done now.</param>
internal sealed record CancellationView(
    Guid Id, Guid BookingId, CancellationStage State, string? WaitingFor, DateTimeOffset? Until, string? Then, CancellationCause Cause, IReadOnlyList<CouponKey>? Coupons,
    QuoteView? Quote, RefundView? Refund, string? NotCancelledBecause, DateTimeOffset RequestedAt, DateTimeOffset? ConfirmedAt, DateTimeOffset? CancelledAt,
    IReadOnlyList<CancellationStep> AvailableActions);

/// <summary>What would come back.</summary>
/// <param name="Id">The quote; what …/confirmations names.</param>
/// <param name="Refund">What comes back in all; null: not known before it is done.</param>
/// <param name="AmountIsKnown">False where nobody can say before it is done; a confirmation has to accept that.</param>
/// <param name="Rule">The rule that decided most.</param>
/// <param name="IsVoid">The tickets become void, as if never bought.</param>
/// <param name="Destination">Where the money goes.</param>
/// <param name="ExpiresAt">UTC; it binds until then.</param>
/// <param name="Coupons">What it is about, one by one.</param>
/// <param name="Lines">What was paid and what of it comes back, line by line, with the rule that gave it.</param>
/// <param name="Policies">Those rules as they are set, for people.</param>
internal sealed record QuoteView(
    Guid Id, Money? Refund, bool AmountIsKnown, RefundRule Rule, bool IsVoid, RefundDestination Destination, DateTimeOffset ExpiresAt, IReadOnlyList<CouponKey> Coupons,
    IReadOnlyList<QuoteLine> Lines, IReadOnlyList<AppliedPolicy> Policies);

/// <summary>The money of what is cancelled.</summary>
/// <param name="Amount">How much goes back; null while that is not known.</param>
/// <param name="Place">Where it is.</param>
/// <param name="Destination">Where it goes.</param>
/// <param name="SeenBy">UTC; by when the payer should see it. Null where nothing comes back, or while it is not known.</param>
/// <param name="Reference">The refund's id, to ask somebody about; null while none was made.</param>
/// <param name="DueOn">The last day, UTC, on which the money may go back; null: no rule says.</param>
/// <param name="DueBy">The rule that says it, for people; null: none does.</param>
internal sealed record RefundView(
    Money? Amount, RefundPlace Place, RefundDestination Destination, DateTimeOffset? SeenBy, string? Reference, DateOnly? DueOn = null, AppliedPolicy? DueBy = null);

/// <summary>Shows cancellations; what may be done is asked from the machine.</summary>
internal sealed class CancellationViews(CancellationStateMachine machine)
{
    public static CancellationStage StageOf(CancellationState? saga) => saga is null ? CancellationStage.Requested : Enum.Parse<CancellationStage>(saga.CurrentState);

    /// <param name="asked">What was asked for; null where the booking asked itself.</param>
    /// <param name="saga">How it goes; null until it has begun. One of the two is there.</param>
    /// <param name="booking">How its booking goes.</param>
    public CancellationView Of(AskedCancellation? asked, CancellationState? saga, BookingState booking)
    {
        var stage = StageOf(saga);
        var words = CancellationWords.Of(stage);
        return new(
            asked?.Id ?? saga!.CorrelationId, booking.CorrelationId, stage, words.WaitingFor, words.WaitingFor is null ? null : saga?.DeadlineAt, words.Then,
            asked?.Cause ?? saga!.Cause, asked is not null ? asked.Coupons : saga!.Coupons, saga is null ? null : QuoteOf(saga, booking), saga is null ? null : RefundOf(saga),
            saga?.EndedBecause, asked?.RequestedAt ?? saga!.RequestedAt, saga?.ConfirmedAt, saga?.CancelledAt, saga is null ? [] : StepsOf(saga));
    }

    private static QuoteView? QuoteOf(CancellationState saga, BookingState booking) => saga.Quotes is [.., { Answer: { } answer }]
        ? new(
            answer.QuoteId, answer.Refund, answer.Refund is not null, answer.Rule, answer.IsVoid,
            booking.Payments is [.., { Standing: PaymentStanding.Captured }] ? RefundDestination.PayPal : RefundDestination.Arranged, answer.ExpiresAt, answer.Coupons, answer.Lines, answer.Policies ?? [])
        : null;

    private static RefundView? RefundOf(CancellationState saga)
    {
        if (saga.CancelledAt is null || saga.Unpaid)
        {
            return null;
        }

        var destination = saga.PaymentId is null || saga.Refunds is [.., { Standing: RefundStanding.ByHand }] ? RefundDestination.Arranged : RefundDestination.PayPal;
        var last = saga.Refunds.Count > 0 ? saga.Refunds[^1] : null;
        var place = (saga.Money?.Due, StageOf(saga), last?.Standing) switch
        {
            (null, _, _) => RefundPlace.Unknown,
            ({ MinorUnits: 0 }, _, _) => RefundPlace.Nothing,
            (_, CancellationStage.RefundDelayed, _) => RefundPlace.Delayed,
            (_, CancellationStage.Cancelled, _) => RefundPlace.Refunded,
            (_, _, RefundStanding.Pending) => RefundPlace.Pending,
            _ => RefundPlace.OnItsWay,
        };
        return new(saga.Money?.Due, place, destination, saga.SeenBy, last is { Standing: RefundStanding.ByHand } ? last.Detail : last?.RefundId.ToString(),
            saga.AtTheAirline?.RefundDueOn, saga.AtTheAirline?.DueBy);
    }

    private List<CancellationStep> StepsOf(CancellationState saga)
    {
        List<CancellationStep> steps = [];
        if (machine.MayConfirm(saga))
        {
            steps.Add(CancellationStep.Confirm);
        }

        if (machine.MayRequote(saga))
        {
            steps.Add(CancellationStep.Requote);
        }

        if (machine.MayWithdraw(saga))
        {
            steps.Add(CancellationStep.Withdraw);
        }

        return steps;
    }
}

/// <summary>The saga in the words of people who wait for it; English.</summary>
internal static class CancellationWords
{
    /// <summary>What a stage waits for, what happens when that does not come, and how the timeline calls its beginning.</summary>
    public sealed record Words(string? WaitingFor, string? Then, string Begun);

    public static Words Of(CancellationStage stage) => stage switch
    {
        CancellationStage.Requested => new("The cancellation to begin", "It begins as soon as its message is delivered", "Cancellation asked for"),
        CancellationStage.Quoting => new("The airline to say what would come back", "Nothing is cancelled; ask again", "Asking what cancelling would bring back"),
        CancellationStage.Quoted => new("The traveller to confirm", "The quote lapses; nothing is cancelled", "What would come back is known"),
        CancellationStage.AwaitingApproval => new("A second member of our staff to agree to the refund", "It lapses; nothing is cancelled", "The refund waits for a second member of our staff"),
        CancellationStage.Locking => new("The booking to let nobody else change it", "Nothing is cancelled; ask again", "Cancellation confirmed"),
        CancellationStage.SupplierCancelling => new("The airline to cancel", "The airline is asked whether it did; it is never told twice", "Cancelling at the airline"),
        CancellationStage.CancelUnknown => new("The airline to say whether it cancelled", "Our staff call the airline; no money moves before it is known", "Cancellation not answered; asking the airline"),
        CancellationStage.ParkedForStaff => new("Our staff to find out whether the airline cancelled", "Our staff are called again", "Our staff ask the airline whether it cancelled"),
        CancellationStage.EndingCoupons => new("The tickets to be ended", "Our staff look into it; the airline has cancelled", "Cancelled at the airline; ending the tickets"),
        CancellationStage.AwaitingAmount => new("Our staff to say how much comes back", "Our staff are called again; it is cancelled", "Cancelled; finding out how much comes back"),
        CancellationStage.Refunding => new("PayPal to give the money back", "Our staff look into it; the money is owed to you", "Cancelled; giving the money back"),
        CancellationStage.RefundDelayed => new("Our staff to give the money back another way", "Our staff are called again; the money is owed to you", "Cancelled; the refund is delayed"),
        CancellationStage.Cancelled => new(null, null, "Cancelled, and what was due went back"),
        CancellationStage.Lapsed => new(null, null, "Nothing was cancelled: nobody confirmed in time"),
        CancellationStage.Refused => new(null, null, "Nothing was cancelled: it is not possible"),
        _ => throw new ArgumentOutOfRangeException(nameof(stage), stage, "has no words"),
    };

    /// <summary>What a traveller was told.</summary>
    public static string Of(CancellationNews news) => news.Kind switch
    {
        CancellationNewsKind.QuoteReady => $"Traveller told that {Amount(news)} would come back",
        CancellationNewsKind.ConfirmingWithAirline => "Traveller told that the airline has not said whether it cancelled",
        CancellationNewsKind.NotCancelled => "Traveller told that nothing was cancelled",
        CancellationNewsKind.Cancelled => $"Traveller told that it is cancelled and {Amount(news)} comes back",
        CancellationNewsKind.CancelledUnpaid => "Traveller told that the unpaid tickets were given back",
        CancellationNewsKind.RefundDelayed => "Traveller told that the refund is delayed",
        _ => $"Traveller told: {news.Kind}",
    };

    private static string Amount(CancellationNews news) => news.Refund?.ToString() ?? "an amount not known yet";
}
