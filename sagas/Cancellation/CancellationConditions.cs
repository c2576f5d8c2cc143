using Aerona.Contracts;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Payments;
using MassTransit;

namespace Aerona.Sagas.Cancellation;

/// <summary>What <see cref="CancellationStateMachine"/> asks of an event: whether it is about the newest quote, the current refund or the open question.</summary>
internal static class CancellationConditions
{
    internal static bool IsCurrent(BehaviorContext<CancellationState, CancellationQuoted> x) => x.Message.QuoteId == x.Saga.Quote?.QuoteId;

    internal static bool IsCurrent(BehaviorContext<CancellationState, CancellationNotQuoted> x) => x.Message.QuoteId == x.Saga.Quote?.QuoteId;

    internal static bool IsCurrent(BehaviorContext<CancellationState, CancellationConfirmed> x) => x.Message.QuoteId == x.Saga.Quote?.QuoteId;

    internal static bool IsCurrent(BehaviorContext<CancellationState, PaymentRefunded> x) => x.Message.RefundId == x.Saga.Refund?.RefundId;

    internal static bool IsCurrent(BehaviorContext<CancellationState, RefundPending> x) => x.Message.RefundId == x.Saga.Refund?.RefundId;

    internal static bool IsCurrent(BehaviorContext<CancellationState, RefundRefused> x) => x.Message.RefundId == x.Saga.Refund?.RefundId;

    internal static bool IsKnown(BehaviorContext<CancellationState, PaymentRefunded> x) => x.Saga.Refunds.Any(refund => refund.RefundId == x.Message.RefundId);

    /// <summary>Made beside the one that is wanted; a repeat of what was made already is none.</summary>
    internal static bool IsAnotherOne(BehaviorContext<CancellationState, PaymentRefunded> x) =>
        !IsCurrent(x) && !x.Saga.Refunds.Any(refund => refund.RefundId == x.Message.RefundId && refund.Standing == RefundStanding.Made);

    internal static bool WasMade(BehaviorContext<CancellationState, RefundRefused> x) =>
        x.Saga.Refunds.Any(refund => refund.RefundId == x.Message.RefundId && refund.Standing == RefundStanding.Made);

    internal static bool IsNew(BehaviorContext<CancellationState, CancellationDecided> x) => x.Saga.StaffActions.All(known => known.ActionId != x.Message.ActionId);

    // One question is open at a time; an answer to an older one says nothing any more.
    internal static bool AnswersTheLookUp(BehaviorContext<CancellationState, CancellationPending> x) => x.Message.LookUp == x.Saga.LookUp;

    internal static bool AnswersTheLookUp(BehaviorContext<CancellationState, CancellationAbsent> x) => x.Message.LookUp == x.Saga.LookUp;

    /// <summary>Never more than is left of what was taken, and in its currency.</summary>
    internal static bool CanBeRefunded(CancellationState saga, Money amount) => amount.MinorUnits >= 0
        && (saga.Money?.Remaining is not { } remaining || (amount.Currency == remaining.Currency && amount <= remaining));
}
