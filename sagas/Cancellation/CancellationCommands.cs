using Aerona.Contracts.Airlines;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Payments;
using MassTransit;

namespace Aerona.Sagas.Cancellation;

/// <summary>The commands of the states of <see cref="CancellationStateMachine"/>. A state entered or repeated runs its command, so each of them is safe to run again.</summary>
internal static class CancellationCommands
{
    internal static Task Nothing(BehaviorContext<CancellationState> x) => Task.CompletedTask;

    // One that was answered is done with: a new question has an id of its own, and the older quote can no longer be confirmed.
    internal static Task AskForAQuote(BehaviorContext<CancellationState> x)
    {
        var saga = x.Saga;
        if (saga.Quote is null or { Answer: not null })
        {
            var quoteId = CancellationState.QuoteId(saga.CorrelationId, saga.Quotes.Count + 1);
            saga.Quotes = [.. saga.Quotes, new(quoteId, CancellationSteps.Machine(x).Now)];
        }

        return x.Publish(new QuoteCancellation(
            saga.BookingId, saga.CorrelationId, saga.Quote!.QuoteId, saga.OrderId, saga.Coupons, saga.Cause, saga.Quote.AskedAt));
    }

    internal static Task TellTheQuote(BehaviorContext<CancellationState> x) =>
        x.Saga.TellByMail ? CancellationSteps.Tell(x, CancellationNewsKind.QuoteReady, x.Saga.DeadlineAt) : Task.CompletedTask;

    internal static Task AskForApproval(BehaviorContext<CancellationState> x) =>
        CancellationSteps.OpenCaseAgain(x, "refund-approval", $"A refund of {x.Saga.Quote!.Answer!.Refund} waits for a second person.");

    internal static Task AskForTheLock(BehaviorContext<CancellationState> x) =>
        x.Publish(new ServicingRequested(x.Saga.BookingId, x.Saga.CorrelationId, x.Saga.Seen));

    internal static Task CancelTheOrder(BehaviorContext<CancellationState> x) =>
        x.Publish(new CancelQuotedOrder(x.Saga.BookingId, x.Saga.CorrelationId, x.Saga.Quote!.QuoteId, x.Saga.OrderId));

    // A question that was not answered is asked again under its own number, so that only one is ever open.
    internal static Task AskWhetherItIsCancelled(BehaviorContext<CancellationState> x)
    {
        if (x.Saga.LookUpAnswered)
        {
            x.Saga.LookUp++;
            x.Saga.LookUpAnswered = false;
        }

        return x.Publish(new LookUpCancellation(x.Saga.BookingId, x.Saga.CorrelationId, x.Saga.LookUp));
    }

    internal static Task EndTheirCoupons(BehaviorContext<CancellationState> x) => x.Publish(new EndCoupons(
        x.Saga.BookingId, x.Saga.CorrelationId, x.Saga.OrderId, x.Saga.AtTheAirline!.Coupons,
        x.Saga.Quote!.Answer!.IsVoid ? CouponEnd.Void : CouponEnd.Refunded));

    internal static async Task AskForTheAmount(BehaviorContext<CancellationState> x)
    {
        var (kind, detail) = x.Saga.Proposed is { } proposed
            ? ("refund-approval", $"It is cancelled; a refund of {proposed.Amount} waits for a second person.")
            : ("refund-amount", "It is cancelled, and nobody has said how much comes back; a person has to find out.");
        await CancellationSteps.OpenCaseAgain(x, kind, detail);
        await CancellationSteps.Tell(x, CancellationNewsKind.Cancelled);
    }

    internal static Task AskForTheRefund(BehaviorContext<CancellationState> x)
    {
        var saga = x.Saga;
        if (saga.Refund is not { Standing: RefundStanding.Asked or RefundStanding.Pending })
        {
            var refundId = CancellationIds.Refund(saga.CorrelationId, saga.Refunds.Count + 1);
            saga.Refunds = [.. saga.Refunds, new(refundId, saga.Money!.Due!.Value, RefundStanding.Asked, CancellationSteps.Machine(x).Now)];
        }

        return x.Publish(new RefundPayment(saga.BookingId, saga.PaymentId!.Value, saga.Refund!.RefundId, saga.Refund.Amount, "cancellation"));
    }

    internal static async Task SayThatTheRefundIsDelayed(BehaviorContext<CancellationState> x)
    {
        var (kind, detail) = CancellationSteps.RefundByHand(x.Saga);
        await CancellationSteps.OpenCaseAgain(x, kind, detail);
        await CancellationSteps.Tell(x, CancellationNewsKind.RefundDelayed);
    }
}
