using Aerona.Contracts;
using Aerona.Contracts.Cancellations;
using MassTransit;
using static Aerona.Sagas.Cancellation.CancellationConditions;
using static Aerona.Sagas.Cancellation.CancellationSteps;

namespace Aerona.Sagas.Cancellation;

/// <summary>
/// From the wish to give a bought booking back, or a part of it, to the money at the payer's: quote, confirm, have a large refund agreed to, lock the booking, cancel
/// at the airline (the pivot), end the coupons, give the money back. Before the pivot it can end without a trace; past it the saga repeats, asks, and calls people.
/// </summary>
public sealed partial class CancellationStateMachine : MassTransitStateMachine<CancellationState>
{
    private readonly TimeProvider clock;
    private readonly CancellationTimes times;

    /// <param name="clock">The only clock.</param>
    /// <param name="times">How long to wait for what.</param>
    public CancellationStateMachine(TimeProvider clock, CancellationTimes times)
    {
        (this.clock, this.times) = (clock, times);
        InstanceState(x => x.CurrentState);
        CorrelateEvents();
        ScheduleTimers();
        RecheckTimersThatComeEarly();
        DescribeStates();

        Quote();
        LetItBeConfirmed();
        Lock();
        CancelAtTheAirline();
        EndTheCoupons();
        GiveTheMoneyBack();
        AskStaff();
        CallPeopleAboutContradictions();
        IgnoreTheRest();
    }

    /// <summary>Every way from one state to another, whatever its condition.</summary>
    public IReadOnlyList<SagaTransition> Transitions => field ??= SagaMap<CancellationState>.Of(this, ParkedForStaff, [CancelUnknown], CancellationDecided);

    internal DateTimeOffset Now => clock.GetUtcNow();

    internal CancellationTimes Times => times;

    private State[] BeforeTheLock => field ??= [Quoting, Quoted, AwaitingApproval, Locking];

    private State[] AtTheAirline => field ??= [SupplierCancelling, CancelUnknown];

    private State[] PastThePivot => field ??= [EndingCoupons, AwaitingAmount, Refunding, RefundDelayed];

    private State[] NotCancelled => field ??= [Lapsed, Refused];

    /// <summary>What a state waits for, until when, and what happens then.</summary>
    /// <param name="state">Its name; <see cref="ArgumentOutOfRangeException"/> for one that is none.</param>
    public CancellationSentence Describe(string state) => CancellationSentences.Of(state, times);

    /// <summary>Whether it is over, one way or the other.</summary>
    public bool HasEnded(CancellationState saga) => IsIn(saga, [.. NotCancelled, Cancelled]);

    /// <summary>Whether the newest quote can be confirmed now.</summary>
    public bool MayConfirm(CancellationState saga) => IsIn(saga, [Quoted]) && Now < saga.Quote!.Answer!.ExpiresAt;

    /// <summary>Whether another quote can be asked for in place of the one there is.</summary>
    public bool MayRequote(CancellationState saga) => IsIn(saga, [Quoted]);

    /// <summary>Whether it can still be given up by who asked for it.</summary>
    public bool MayWithdraw(CancellationState saga) => !saga.Unpaid && IsIn(saga, [Quoting, Quoted, AwaitingApproval]);

    /// <summary>
    /// Whether that person can decide that now. Who agrees to a refund is another one than who asked for it, who confirmed it, and who named its amount; who
    /// refuses may be anybody.
    /// </summary>
    /// <param name="saga">The cancellation.</param>
    /// <param name="decision">What is to be decided.</param>
    /// <param name="by">Subject of the member of staff.</param>
    /// <param name="amount">With <see cref="CancellationDecision.SetAmount"/>: how much.</param>
    public bool MayDecide(CancellationState saga, CancellationDecision decision, string by, Money? amount = null) => decision switch
    {
        CancellationDecision.Approve => (IsIn(saga, [AwaitingApproval]) || saga.Proposed is not null) && by != saga.RequestedBy && by != saga.ConfirmedBy && by != saga.Proposed?.By,
        CancellationDecision.Refuse => IsIn(saga, [AwaitingApproval]) || saga.Proposed is not null,
        CancellationDecision.TryAgain => IsIn(saga, [ParkedForStaff]),
        CancellationDecision.SetAmount => IsIn(saga, [AwaitingAmount]) && (amount is not { } named || CanBeRefunded(saga, named)),
        CancellationDecision.RefundAgain => IsIn(saga, [RefundDelayed]) && saga.PaymentId is not null,
        CancellationDecision.RefundedByHand => IsIn(saga, [RefundDelayed]),
        _ => false,
    };

    private void Quote()
    {
        Initially(
            When(CancellationRequested)
                .RememberTheRequest()
                .TransitionTo(Quoting));

        During(Quoting,
            When(CancellationQuoted, x => IsCurrent(x) && Now < x.Message.ExpiresAt)
                .RememberTheQuote()
                .IfElse(x => x.Saga.Unpaid,
                    unpaid => unpaid.IfElse(x => x.Message.IsVoid,
                        free => free.ConfirmUnasked().TransitionTo(Locking),
                        not => not.EndWithoutIt(NotCancelledBecause.NotFree).TransitionTo(Refused)),
                    asked => asked.TransitionTo(Quoted)),
            When(CancellationNotQuoted, IsCurrent)
                .EndWithoutIt(answer => answer.Reason)
                .TransitionTo(Refused),
            WhenDeadline()
                .EndWithoutIt(NotCancelledBecause.NoQuote)
                .TransitionTo(Refused));
    }

    private void LetItBeConfirmed()
    {
        During(Quoted,
            When(CancellationConfirmed, x => MayConfirm(x.Saga) && IsCurrent(x))
                .RememberTheConfirmation()
                .IfElse(x => x.Saga.Quote!.Answer!.Refund is { } refund && times.NeedsApproval(refund),
                    large => large.TransitionTo(AwaitingApproval),
                    usual => usual.TransitionTo(Locking)),
            When(CancellationRequoted)
                .Then(x => x.Saga.Seen = x.Message.Seen)
                .TransitionTo(Quoting),
            WhenDeadline()
                .EndWithoutIt(NotCancelledBecause.QuoteExpired)
                .TransitionTo(Lapsed));

        During(AwaitingApproval,
            When(CancellationDecided, x => IsNew(x) && Allows(x, CancellationDecision.Approve))
                .RememberTheDecision(applied: true)
                .TransitionTo(Locking),
            When(CancellationDecided, x => IsNew(x) && Allows(x, CancellationDecision.Refuse))
                .RememberTheDecision(applied: true)
                .EndWithoutIt(NotCancelledBecause.NotApproved)
                .TransitionTo(Refused),
            WhenDeadline()
                .EndWithoutIt(NotCancelledBecause.ApprovalLate)
                .TransitionTo(Lapsed));

        During([Quoting, Quoted, AwaitingApproval],
            When(CancellationWithdrawn, x => MayWithdraw(x.Saga))
                .EndWithoutIt(NotCancelledBecause.Withdrawn)
                .TransitionTo(Lapsed));
    }

    private void Lock()
    {
        During(Locking,
            When(ServicingGranted)
                .RememberTheMoney()
                .TransitionTo(SupplierCancelling),
            When(ServicingDenied)
                .EndWithoutIt(denial => denial.Reason)
                .TransitionTo(Refused),
            WhenDeadline()
                .EndWithoutIt(NotCancelledBecause.NotLocked)
                .TransitionTo(Refused));

        During(NotCancelled,
            When(ServicingGranted)                           // crossed on the way
                .ReleaseTheLock());
    }

    private void CancelAtTheAirline()
    {
        During(AtTheAirline,
            When(QuotedOrderCancelled)
                .RememberWhatTheAirlineDid()
                .TransitionTo(EndingCoupons),
            When(CancellationRefused)
                .EndWithoutIt(refusal => refusal.Reason)
                .TransitionTo(Refused));

        During(SupplierCancelling,
            When(CancellationPending)
                .TransitionTo(CancelUnknown),
            WhenDeadline()                                   // neither cancelled nor refused: ask, never resend
                .TransitionTo(CancelUnknown));

        During(CancelUnknown,
            When(CancellationPending, AnswersTheLookUp)
                .NoteTheAnswer(),
            When(CancellationAbsent, AnswersTheLookUp)       // the look-up closed that id
                .EndWithoutIt(NotCancelledBecause.NeverArrived)
                .TransitionTo(Refused),
            WhenDeadline()
                .ThenAsync(SayThatItIsUnknown)               // where the case and the end fall together
                .OpenCase("cancel-unknown-urgent", "Still unknown whether the airline cancelled; only people can find out now.")
                .TransitionTo(ParkedForStaff));
    }

    private void EndTheCoupons() =>
        During(EndingCoupons,
            When(CouponsEnded)
                .If(x => x.Message.NotEnded.Count > 0, left => left
                    .OpenCase("coupons-left", "The airline cancelled, and some coupons could not be ended: checked in, flown or exchanged."))
                .Settle(this),
            WhenDeadline()
                .OpenCase("coupons-overdue", "The airline cancelled, and the tickets are not ended yet.")
                .StartDeadlineAgain(times.Case));

    private void GiveTheMoneyBack()
    {
        During(AwaitingAmount,
            When(CancellationDecided, x => IsNew(x) && Allows(x, CancellationDecision.SetAmount) && times.NeedsApproval(x.Message.Amount!.Value))
                .RememberTheDecision(applied: true)
                .Then(x => x.Saga.Proposed = new(x.Message.Amount!.Value, x.Message.By))
                .OpenCase("refund-approval", "A large refund waits for a second person."),
            When(CancellationDecided, x => IsNew(x) && Allows(x, CancellationDecision.SetAmount) && !times.NeedsApproval(x.Message.Amount!.Value))
                .RememberTheDecision(applied: true)
                .RememberTheAmount(x => x.Message.Amount!.Value)
                .Pay(this),
            When(CancellationDecided, x => IsNew(x) && Allows(x, CancellationDecision.Approve))
                .RememberTheDecision(applied: true)
                .RememberTheAmount(x => x.Saga.Proposed!.Amount)
                .Pay(this),
            When(CancellationDecided, x => IsNew(x) && Allows(x, CancellationDecision.Refuse))
                .RememberTheDecision(applied: true)
                .Then(x => x.Saga.Proposed = null),
            WhenDeadline()
                .ThenAsync(x => OpenCaseAgain(x, "refund-amount", "Nobody has decided yet how much goes back for what is cancelled."))
                .StartDeadlineAgain(times.StaffDecision));

        During(Refunding,
            When(PaymentRefunded, IsCurrent)
                .NoteTheRefund(refund => refund.RefundId, RefundStanding.Made)
                .TransitionTo(Cancelled),
            When(RefundPending, IsCurrent)
                .NoteTheRefund(refund => refund.RefundId, RefundStanding.Pending),
            When(RefundRefused, IsCurrent)
                .NoteTheRefund(refund => refund.RefundId, RefundStanding.Refused, refund => refund.Reason)
                .TransitionTo(RefundDelayed),
            WhenDeadline()
                .ThenAsync(SayThatTheRefundIsLate)
                .StartDeadlineAgain(times.Refund));

        During(RefundDelayed,
            When(PaymentRefunded, IsKnown)                   // refused, and made after all: it is what counts
                .NoteTheRefund(refund => refund.RefundId, RefundStanding.Made)
                .TransitionTo(Cancelled),
            When(CancellationDecided, x => IsNew(x) && Allows(x, CancellationDecision.RefundAgain))
                .RememberTheDecision(applied: true)
                .TransitionTo(Refunding),
            When(CancellationDecided, x => IsNew(x) && Allows(x, CancellationDecision.RefundedByHand))
                .RememberTheDecision(applied: true)
                .NoteTheRefundByHand()
                .TransitionTo(Cancelled),
            WhenDeadline()
                .ThenAsync(x => OpenCaseAgain(x, RefundByHand(x.Saga).Kind, RefundByHand(x.Saga).Detail))
                .StartDeadlineAgain(times.StaffDecision));
    }

    private void AskStaff()
    {
        During(ParkedForStaff,
            AsUnknown(QuotedOrderCancelled), AsUnknown(CancellationPending), AsUnknown(CancellationRefused), AsUnknown(CancellationAbsent));
        During(ParkedForStaff,
            When(CancellationDecided, x => IsNew(x) && Allows(x, CancellationDecision.TryAgain))
                .RememberTheDecision(applied: true)
                .TransitionTo(CancelUnknown),
            WhenDeadline()
                .ThenAsync(x => OpenCaseAgain(x, "cancel-unknown-urgent", "Nobody has found out yet whether the airline cancelled."))
                .StartDeadlineAgain(times.StaffDecision));

        // Decided at a moment that did not allow it: remembered, so that it does not come to pass at another one.
        During(AllBut(),
            When(CancellationDecided, IsNew)
                .RememberTheDecision(applied: false));
    }

    private void CallPeopleAboutContradictions()
    {
        During([.. BeforeTheLock, .. NotCancelled],
            When(QuotedOrderCancelled)
                .OpenCase("cancelled-after-all", "The airline says that it cancelled what it was not to cancel, or not any more; tickets and money stand as before."));
        During([.. PastThePivot, Cancelled],
            When(CancellationRefused)
                .OpenCase("cancellation-contradicted", "The airline refuses a cancellation that it had confirmed."));
        During([.. BeforeTheLock, .. AtTheAirline, ParkedForStaff, EndingCoupons, AwaitingAmount, .. NotCancelled],
            When(PaymentRefunded)
                .OpenCase("refund-unasked", "Money went back under the name of this cancellation, which had not asked for it."));
        During([Refunding, Cancelled],
            When(PaymentRefunded, IsAnotherOne)
                .NoteTheRefund(refund => refund.RefundId, RefundStanding.Made)
                .OpenCase("refunded-twice", "More than one refund was made for this cancellation."));
        During(Cancelled,
            When(RefundRefused, WasMade)
                .NoteTheRefund(refund => refund.RefundId, RefundStanding.Refused, refund => refund.Reason)
                .OpenCase("refund-contradicted", "A refund that was made came back."));
    }

    // Its own transitions leave ParkedForStaff; without one the cancellation stays parked.
    private EventActivities<CancellationState> AsUnknown<T>(Event<T> @event) where T : class => When(@event).ThenAsync(x => GetState(CancelUnknown.Name).Raise(x));

    private bool Allows(BehaviorContext<CancellationState, CancellationDecided> x, CancellationDecision decision) =>
        x.Message.Decision == decision && (decision != CancellationDecision.SetAmount || x.Message.Amount is not null)
        && MayDecide(x.Saga, decision, x.Message.By, x.Message.Amount);

    /// <summary>Every state but those named.</summary>
    private State[] AllBut(params State[] named) =>
        [.. BeforeTheLock.Concat(AtTheAirline).Append(ParkedForStaff).Concat(PastThePivot).Append(Cancelled).Concat(NotCancelled).Except(named)];

    private static bool IsIn(CancellationState saga, State[] states) => Array.Exists(states, state => state.Name == saga.CurrentState);
}
