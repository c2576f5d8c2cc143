using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Payments;
using Aerona.Contracts.Tickets;
using MassTransit;
using static Aerona.Sagas.Booking.BookingConditions;
using static Aerona.Sagas.Booking.BookingSteps;

namespace Aerona.Sagas.Booking;

/// <summary>
/// From a submitted booking to a confirmed one, or back to nothing: price, hold, let the payer approve, pin, reserve the money, buy (the pivot), ticket, take
/// the money, store the documents. What was done before the pivot is undone; past it the saga repeats, asks, and calls people.
/// </summary>
public sealed partial class BookingStateMachine : MassTransitStateMachine<BookingState>
{
    private readonly TimeProvider clock;
    private readonly BookingTimes times;
    private readonly Dictionary<string, Stay> stays = [];

    /// <param name="clock">The only clock.</param>
    /// <param name="times">How long to wait for what.</param>
    public BookingStateMachine(TimeProvider clock, BookingTimes times)
    {
        (this.clock, this.times) = (clock, times);
        InstanceState(x => x.CurrentState);
        CorrelateEvents();
        ScheduleTimers();
        RecheckTimersThatComeEarly();

        // Facts that hold something, in every state: what is not wanted (any more) goes back. Judged before the states below change what is wanted.
        DuringAny(
            When(SeatsHeld, IsUnwanted).ReleaseSeats(held => held.HoldId, held => held.Token),
            When(SeatsPinned, IsUnwanted).ReleaseSeats(pinned => pinned.HoldId, pinned => pinned.Token),
            When(PaymentAuthorized, IsUnwanted).VoidTheLateAuthorisation(),
            When(PaymentCaptured, IsUnwanted)
                .RefundTheLateCapture()
                .OpenCase("late-capture", "Money was taken that this booking did not ask for; it is given back."),
            When(AirlineOrderConfirmed, IsUnwanted)
                .CancelTheLateOrder()
                .OpenCase("late-order", "The airline confirmed an order that this booking did not want any more; it is cancelled."));

        DescribeStates();

        Initially(
            When(BookingSubmitted)
                .RememberTheRequest()
                .TransitionTo(Pricing));

        During(Pricing,
            When(OfferPriced, CostsTheSame)
                .RememberTheOffer()
                .IfElse(SeatsAreHeld,
                    held => held.TransitionTo(OpeningPayment),
                    notYet => notYet.TransitionTo(HoldingSeats)),
            When(OfferPriced, CostsSomethingElse)
                .Undo(Because.PriceChanged, offer => $"The price is {offer.Offer.Total} now."),
            When(OfferPriceChanged)
                .Undo(Because.PriceChanged, offer => $"The price is {offer.NewOffer.Total} now; it was {offer.OldTotal}."),
            When(OfferGone)
                .Undo(Because.OfferGone, offer => offer.Reason),
            WhenDeadline()
                .Undo(Because.AirlineUnavailable));

        During([HoldingSeats, HoldUnknown],
            When(SeatsHeld, IsCurrent)
                .RememberTheHold()
                .IfElse(PayerApproved,
                    again => again.TransitionTo(Pinning),
                    first => first.TransitionTo(OpeningPayment)),
            When(SeatsRefused, IsCurrent)
                .NoteThatNothingIsHeld(refusal => refusal.HoldId)
                .Undo(Because.SeatsLost, Alternatives));

        During(HoldingSeats,
            WhenDeadline()                                   // neither held nor refused: ask
                .TransitionTo(HoldUnknown));

        During(HoldUnknown,
            When(HoldAbsent, AnswersTheLookUp)
                .NoteThatNothingIsHeld(answer => answer.HoldId)
                .Undo(Because.AirlineUnavailable),
            WhenDeadline()
                .Undo(Because.AirlineUnavailable));

        During(OpeningPayment,
            When(PaymentOpened, IsCurrent)
                .RememberTheApprovalLink()
                .TransitionTo(AwaitingPayment),
            When(PaymentNotPossible, IsCurrent)
                .NoteThatNothingIsPaid(refusal => refusal.PaymentId)
                .Undo(Because.PaymentNotPossible, refusal => refusal.Reason),
            When(PaymentDeclined, IsCurrent)
                .NoteThatNothingIsPaid(refusal => refusal.PaymentId)
                .IfElse(TimeIsLeft,
                    again => again.TransitionTo(AwaitingPayment),
                    over => over.Undo(Because.PaymentDeclined, refusal => refusal.Reason)),
            WhenDeadline()
                .Undo(Because.PaymentUnavailable));

        During([OpeningPayment, AwaitingPayment],
            When(PaymentApproved, CanBeApproved)
                .RememberTheApproval()
                .IfElse(PriceStands,
                    stands => stands.TransitionTo(Pinning),
                    old => old.VoidTheCurrentPayment().IfElse(AttemptsAreLeft,
                        again => again.TransitionTo(Pricing),
                        over => over.Undo(Because.PaymentDeclined))));

        During(AwaitingPayment,
            When(PaymentDeclined, CanBeDeclined)             // learnt by a look-up; the traveller may try again
                .NoteThatNothingIsPaid(refusal => refusal.PaymentId),
            When(PaymentRetried, x => MayRetryPayment(x.Saga))
                .IfElse(PriceStands,
                    stands => stands.TransitionTo(OpeningPayment),
                    old => old.TransitionTo(Pricing)),
            WhenDeadline()
                .Undo(Because.Expired));

        During(Pinning,
            When(SeatsPinned, IsCurrent)
                .RememberThePin()
                .IfElse(CancelWasAsked,
                    cancelled => cancelled.Undo(Because.Cancelled),
                    on => on.TransitionTo(Authorising)),
            When(HoldLapsed, IsCurrent)
                .NoteThatNothingIsHeld(lapse => lapse.HoldId)
                .IfElse(MayHoldAgain,
                    again => again.TransitionTo(HoldingSeats),
                    over => over.Undo(Because.SeatsLost)),
            WhenDeadline()
                .Undo(Because.AirlineUnavailable));

        During([Authorising, PaymentUnknown],
            When(PaymentAuthorized, IsBeingAuthorised)
                .RememberTheAuthorisation()
                .IfElse(CancelWasAsked,
                    cancelled => cancelled.Undo(Because.Cancelled),
                    on => on.TransitionTo(Committing)),
            When(PaymentDeclined, IsBeingAuthorised)
                .NoteThatNothingIsPaid(refusal => refusal.PaymentId)
                .IfElse(TimeIsLeft,
                    again => again.TransitionTo(AwaitingPayment),      // the seats stay pinned
                    over => over.Undo(Because.PaymentDeclined, refusal => refusal.Reason)),
            When(PaymentUnderReview, IsBeingAuthorised)
                .NoteTheAnswer()
                .OpenCase("payment-review", "PayPal examines the payment; the seats stay pinned meanwhile.")
                .TransitionTo(PaymentUnknown));

        During(Authorising,
            WhenDeadline()
                .TransitionTo(PaymentUnknown));

        During(PaymentUnknown,
            When(PaymentAbsent, AnswersTheLookUp)            // the look-up closed that id
                .NoteThatNothingIsPaid(answer => answer.PaymentId)
                .IfElse(TimeIsLeft,
                    again => again.TransitionTo(AwaitingPayment),
                    over => over.Undo(Because.PaymentUnavailable)),
            WhenDeadline()
                .Undo(Because.PaymentUnavailable));

        During([Committing, CommitUnknown],
            When(AirlineOrderConfirmed, IsBeingBought)
                .RememberTheAirlineOrder()
                .TransitionTo(Ticketing),
            When(AirlineOrderRefused, IsBeingBought)
                .NoteThatNothingIsBought(refusal => refusal.OrderId)
                .IfElse(x => x.Message.Reason is "order.sold_out" or "order.hold_lost",
                    lost => lost.Undo(Because.SeatsLost, refusal => refusal.Reason),
                    refused => refused.Undo(Because.OrderRefused, refusal => refusal.Reason)));

        During(Committing,
            When(AirlineOrderPending, IsBeingBought)
                .TransitionTo(CommitUnknown),
            WhenDeadline()                                   // neither bought nor refused: ask, never resend
                .TransitionTo(CommitUnknown));

        During(CommitUnknown,
            When(AirlineOrderPending, AnswersTheLookUp)
                .NoteTheAnswer(),
            When(AirlineOrderAbsent, AnswersTheLookUp)       // the look-up closed that id
                .NoteThatNothingIsBought(answer => answer.OrderId)
                .Undo(Because.AirlineUnavailable),
            WhenDeadline()
                .OpenCase("commit-unknown-urgent", "Still unknown whether the order was made, and departure comes near.")
                .StartDeadlineAgain(times.CommitUnknown));

        During(Ticketing,
            When(AirlineOrderConfirmed, BringsTheNumbers)
                .RememberTheAirlineOrder()
                .RepeatTheCommand(),
            When(AirlineOrderPending, AnswersTheLookUp)
                .NoteTheAnswer(),
            When(AirlineOrderRefused, IsBought)
                .OpenCase("order-contradicted", "The airline refuses an order that it had confirmed."),
            When(AirlineOrderAbsent, AnswersTheLookUp)
                .NoteTheAnswer()
                .OpenCase("order-contradicted", "The airline does not know an order that it had confirmed."),
            When(TicketsIssued, IsTheOrder)
                .RememberTheTickets()
                .TransitionTo(Capturing),
            When(TicketsPending, IsTheOrder)
                .ForgetTheNumbers(),                         // the next repeat asks the airline
            WhenDeadline()
                .OpenCase("ticketing-urgent", "The airline's ticketing limit comes near and the tickets are not issued.")
                .StartDeadlineAgain(times.Case));

        During(Capturing,
            When(PaymentCaptured, IsBeingCaptured)
                .RememberTheCapture()
                .TransitionTo(Documenting),
            When(CapturePending, IsBeingCaptured)
                .NoteThatCapture(PaymentStanding.CapturePending),
            When(CaptureRefused, IsBeingCaptured)
                .NoteThatCapture(PaymentStanding.CaptureRefused)
                .OpenCase("capture-refused", "The tickets are issued and PayPal refuses to take the money."),
            When(PaymentAuthorized, IsBeingCaptured)         // learnt by a look-up: still there to be taken, so the next repeat captures again
                .NoteThatCapture(PaymentStanding.Capturing),
            When(PaymentDeclined, IsBeingCaptured)
                .NoteThatCapture(PaymentStanding.CaptureRefused)
                .OpenCase("capture-refused", "The tickets are issued and PayPal says that the payment was declined."),
            When(PaymentVoided, IsBeingCaptured)
                .NoteThatCapture(PaymentStanding.CaptureRefused)
                .OpenCase("capture-refused", "The tickets are issued and the reservation of the money is gone."),
            WhenDeadline()
                .OpenCase("capture-overdue", "The tickets are issued and the money is not taken yet.")
                .StartDeadlineAgain(times.Capture));

        During(Documenting,
            When(DocumentsStored, IsTheOrder)
                .RememberTheDocuments()
                .TransitionTo(Confirmed),
            WhenDeadline()
                .OpenCase("documents-overdue", "The documents are not stored yet.")
                .StartDeadlineAgain(times.Case));

        During(Compensating,
            When(SeatsReleased).NoteTheRelease().IfEverythingIsUndone(End),
            When(PaymentVoided).NoteTheVoid().IfEverythingIsUndone(End),
            When(PaymentRefunded).NoteTheRefund().IfEverythingIsUndone(End),
            When(AirlineOrderCancelled).NoteTheCancellation().IfEverythingIsUndone(End),
            WhenDeadline()
                .OpenCase("undo-overdue", "Something that was held or reserved for this booking is not given back yet.")
                .StartDeadlineAgain(times.Undo));

        During(BeforePayment,
            When(BookingCancelRequested)
                .RememberTheCancelRequest()
                .Undo(Because.Cancelled));
        During([.. BeforePivot, .. PastPivot],               // an answer is awaited: it decides first
            When(BookingCancelRequested)
                .RememberTheCancelRequest());
        During(Confirmed,
            When(BookingCancelRequested)
                .RememberTheCancelRequest()
                .OpenCase(CancelAfterPurchase.Kind, CancelAfterPurchase.Detail));

        During([Authorising, PaymentUnknown, Committing, CommitUnknown],
            When(HoldLapsed, IsCurrent)
                .OpenCase("pinned-seats-lapsed", "The airline says that seats lapsed which it had pinned."));

        During([Committing, CommitUnknown, Ticketing],
            When(PaymentCaptured, IsReserved)                // not by us; kept if the order is made, else given back
                .RememberTheCapture()
                .OpenCase("early-capture", "Money was taken before the tickets were issued, and not by this booking."));

        NoteWhatWasGivenBackElsewhere();
        IgnoreTheRest();
    }

    internal DateTimeOffset Now => clock.GetUtcNow();

    internal BookingTimes Times => times;

    private State[] BeforePayment => [Pricing, HoldingSeats, HoldUnknown, OpeningPayment, AwaitingPayment];

    private State[] BeforePivot => [Pinning, Authorising, PaymentUnknown];

    private State[] PastPivot => [Committing, CommitUnknown, Ticketing, Capturing, Documenting];

    private State[] Failed => [Rejected, Expired, PaymentFailed, CancelledBeforePurchase];

    /// <summary>Whether the booking ended without a purchase.</summary>
    public bool HasFailed(BookingState saga) => Failed.Any(state => state.Name == saga.CurrentState);

    /// <summary>Whether the traveller can still get out for nothing: until the airline order is being made.</summary>
    public bool MayCancel(BookingState saga) =>
        saga.CancelRequestedAt is null && BeforePayment.Concat(BeforePivot).Any(state => state.Name == saga.CurrentState);

    /// <summary>Whether another try to pay (or the open one again) can be asked for now.</summary>
    public bool MayRetryPayment(BookingState saga) =>
        saga.CurrentState == AwaitingPayment.Name && Now < saga.PaymentUntil && (saga.Payment?.Standing is PaymentStanding.Open || saga.Payments.Count < times.PaymentAttempts);

    internal DateTimeOffset? NextTick(BookingState saga) =>
        stays[saga.CurrentState].NextTick(saga) is { } at && at < saga.DeadlineAt ? at : null;

    internal Task RepeatCommand(BehaviorContext<BookingState> context) => stays[context.Saga.CurrentState].Again(context);

    /// <summary>What entering each state does: its command, how long it may last, and when the command is repeated.</summary>
    private void DescribeStates()
    {
        TimeSpan[] steadily = [Seconds(15), Seconds(30), Seconds(60), Seconds(120), Seconds(300)];
        TimeSpan[] patiently = [Seconds(30), Seconds(60), Seconds(120), Seconds(300), Seconds(900), Seconds(3600)];

        Entering(Pricing, AskForThePrice, _ => Now + (2 * times.PricingRepeat), Every(times.PricingRepeat));
        Entering(HoldingSeats, AskForSeats, _ => Now + times.Hold);
        Entering(HoldUnknown, AskAboutTheHold, _ => Now + times.HoldUnknown, Every(steadily));
        Entering(OpeningPayment, OpenThePayment, _ => Now + times.GiveUp, Every(times.Repeat));
        Entering(AwaitingPayment, Nothing, saga => saga.PaymentUntil ?? Now, NextLookAtTheApproval, again: AskAboutTheApproval);
        Entering(Pinning, PinTheSeats, _ => Now + times.GiveUp, Every(times.Repeat));
        Entering(Authorising, AuthorizeThePayment, _ => Now + times.Authorisation);
        Entering(PaymentUnknown, AskAboutTheAuthorisation, saga => Later(saga.Hold?.SpaceUntil ?? Now, Now + times.PaymentUnknown), Every(steadily));
        Entering(Committing, MakeTheAirlineOrder, _ => Now + times.Commit);
        Entering(CommitUnknown, AskAboutTheOrder, saga => Later(Now + times.Case, Earlier(Now + times.CommitUnknown, Departure(saga) - times.BeforeDeparture)),
            UntilOverdue(Every(steadily)), overdue: ("commit-unknown", "The airline has not said whether the order was made; it is asked again and again."));
        Entering(Ticketing, IssueTheTickets, saga => Later(Now + times.Case, (saga.TicketingLimitAt ?? Now) - times.BeforeTicketingLimit),
            UntilOverdue(Every(steadily)), overdue: ("ticketing-overdue", "The tickets are not issued yet."));
        Entering(Capturing, CaptureThePayment, _ => Now + times.Capture, Every(patiently));
        Entering(Documenting, StoreTheDocuments, _ => Now + times.Case, Every(patiently));

        stays.Add(Compensating.Name, new(UndoEverything, Every(steadily)));
        WhenEnter(Compensating, enter => enter.Enter().ThenAsync(UndoEverything).IfElse(x => x.Saga.IsUndone, End, still => still.StartTimers(_ => Now + times.Undo)));
        During(Compensating, WhenTick().RepeatTheCommand());

        WhenEnter(Confirmed, enter => enter.StopTimers().ThenAsync(SayThatItIsConfirmed));
        foreach (var state in Failed)
        {
            WhenEnter(state, enter => enter.StopTimers().ThenAsync(SayThatItFailed));
        }
    }

    private void Entering(
        State state, Func<BehaviorContext<BookingState>, Task> command, Func<BookingState, DateTimeOffset> until,
        Func<BookingState, DateTimeOffset?>? nextTick = null, Func<BehaviorContext<BookingState>, Task>? again = null, (string Kind, string Detail)? overdue = null)
    {
        stays.Add(state.Name, new(again ?? command, nextTick ?? (_ => null)));
        WhenEnter(state, enter => enter.Enter().ThenAsync(command).StartTimers(until));
        During(state, overdue is var (kind, detail)
            ? WhenTick().If(IsOverdue, late => late.OpenCase(kind, detail)).RepeatTheCommand()
            : WhenTick().RepeatTheCommand());
    }

    private EventActivityBinder<BookingState> End(EventActivityBinder<BookingState> undone) =>
        Failed.Aggregate(undone, (on, final) => on.If(x => EndsIn(x.Saga, final), end => end.TransitionTo(final)));

    private EventActivityBinder<BookingState, T> End<T>(EventActivityBinder<BookingState, T> undone) where T : class =>
        Failed.Aggregate(undone, (on, final) => on.If(x => EndsIn(x.Saga, final), end => end.TransitionTo(final)));

    private bool EndsIn(BookingState saga, State final) => final == (saga.FailedBecause switch
    {
        Because.Expired => Expired,
        Because.PaymentDeclined or Because.PaymentNotPossible or Because.PaymentUnavailable => PaymentFailed,
        Because.Cancelled => CancelledBeforePurchase,
        _ => Rejected,
    });

    private void ScheduleTimers()
    {
        Schedule(() => Deadline, x => x.DeadlineToken, x => x.Received = e => e.CorrelateById(c => c.Message.BookingId));
        Schedule(() => Tick, x => x.TickToken, x => x.Received = e => e.CorrelateById(c => c.Message.BookingId));
    }

    private EventActivityBinder<BookingState, BookingDeadline> WhenDeadline() => When(Deadline.Received, x => Now >= x.Saga.DeadlineAt);

    private EventActivityBinder<BookingState, BookingTick> WhenTick() => When(Tick.Received, x => Now >= x.Saga.TickAt);

    private void RecheckTimersThatComeEarly() =>
        DuringAny(
            When(Deadline.Received, x => Now < x.Saga.DeadlineAt).ScheduleDeadline(),
            When(Tick.Received, x => Now < x.Saga.TickAt).ScheduleTick());

    private void NoteWhatWasGivenBackElsewhere() =>
        During(AllBut(Compensating),
            When(SeatsReleased).NoteTheRelease(),
            When(PaymentVoided).NoteTheVoid(),
            When(PaymentRefunded).NoteTheRefund(),
            When(AirlineOrderCancelled).NoteTheCancellation());

    /// <summary>Each event is decided above in the states named here; anywhere else it is a repeat or an answer nobody waits for.</summary>
    private void IgnoreTheRest()
    {
        During(AllBut(), Ignore(BookingSubmitted));
        During(AllBut(Pricing), Ignore(OfferPriced), Ignore(OfferPriceChanged), Ignore(OfferGone));
        During(AllBut(HoldingSeats, HoldUnknown), Ignore(SeatsRefused));
        During(AllBut(HoldUnknown), Ignore(HoldAbsent));
        During(AllBut(Pinning, Authorising, PaymentUnknown, Committing, CommitUnknown), Ignore(HoldLapsed));
        During(AllBut(OpeningPayment), Ignore(PaymentOpened), Ignore(PaymentNotPossible));
        During(AllBut(OpeningPayment, AwaitingPayment), Ignore(PaymentApproved));
        During(AllBut(AwaitingPayment), Ignore(PaymentRetried));
        During(AllBut(OpeningPayment, AwaitingPayment, Authorising, PaymentUnknown, Capturing), Ignore(PaymentDeclined));
        During(AllBut(Authorising, PaymentUnknown), Ignore(PaymentUnderReview));
        During(AllBut(PaymentUnknown), Ignore(PaymentAbsent));
        During(AllBut(Committing, CommitUnknown, Ticketing), Ignore(AirlineOrderPending), Ignore(AirlineOrderRefused));
        During(AllBut(CommitUnknown, Ticketing), Ignore(AirlineOrderAbsent));
        During(AllBut(Ticketing), Ignore(TicketsIssued), Ignore(TicketsPending));
        During(AllBut(Capturing), Ignore(CapturePending), Ignore(CaptureRefused));
        During(AllBut(Documenting), Ignore(DocumentsStored));
        During([Compensating, .. Failed], Ignore(BookingCancelRequested));
    }

    private State[] AllBut(params State[] named) => [.. BeforePayment.Concat(BeforePivot).Concat(PastPivot).Concat([Confirmed, Compensating, .. Failed]).Except(named)];

    private bool CostsTheSame(BehaviorContext<BookingState, OfferPriced> x) => x.Saga.Offer is not { } known || known.Total == x.Message.Offer.Total;

    private bool CostsSomethingElse(BehaviorContext<BookingState, OfferPriced> x) => !CostsTheSame(x);

    private bool PriceStands<T>(BehaviorContext<BookingState, T> x) where T : class => Now < x.Saga.PriceUntil;

    private bool TimeIsLeft<T>(BehaviorContext<BookingState, T> x) where T : class =>
        x.Saga.CancelRequestedAt is null && Now < x.Saga.PaymentUntil && AttemptsAreLeft(x);

    private bool AttemptsAreLeft<T>(BehaviorContext<BookingState, T> x) where T : class => x.Saga.Payments.Count < times.PaymentAttempts;

    private bool MayHoldAgain<T>(BehaviorContext<BookingState, T> x) where T : class => x.Saga.CancelRequestedAt is null && x.Saga.Holds.Count == 1;

    private bool IsOverdue<T>(BehaviorContext<BookingState, T> x) where T : class => Now >= x.Saga.EnteredAt + times.Case;

    private DateTimeOffset Departure(BookingState saga) => saga.Offer?.Segments[0].DepartsAt ?? Now;

    private Func<BookingState, DateTimeOffset?> Every(params TimeSpan[] pauses) => saga => Now + pauses[Math.Min(saga.Ticks, pauses.Length - 1)];

    // A tick falls on the moment the state gets overdue, so that the case is not opened a pause later.
    private Func<BookingState, DateTimeOffset?> UntilOverdue(Func<BookingState, DateTimeOffset?> next) => saga =>
        saga.EnteredAt + times.Case is var overdue && Now < overdue && next(saga) is { } at ? Earlier(at, overdue) : next(saga);

    /// <summary>Webhooks get lost: 1, 2 and 5 minutes after the payer got the link, and just before the end.</summary>
    private DateTimeOffset? NextLookAtTheApproval(BookingState saga) => saga.Payment is not { Standing: PaymentStanding.Open }
        ? null
        : new[] { saga.EnteredAt + Seconds(60), saga.EnteredAt + Seconds(120), saga.EnteredAt + Seconds(300), (saga.PaymentUntil ?? Now) - Seconds(15) }
                .Where(at => at > Now).Order().Select(at => (DateTimeOffset?)at).FirstOrDefault();

    private static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private sealed record Stay(Func<BehaviorContext<BookingState>, Task> Again, Func<BookingState, DateTimeOffset?> NextTick);
}
