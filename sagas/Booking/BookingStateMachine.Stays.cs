using MassTransit;
using static Aerona.Sagas.Booking.BookingCommands;
using static Aerona.Sagas.Booking.BookingConditions;

namespace Aerona.Sagas.Booking;

/// <content>What entering each state does, how long it may last, and what is repeated meanwhile.</content>
public sealed partial class BookingStateMachine
{
    private readonly Dictionary<string, Stay> stays = [];

    internal DateTimeOffset? NextTick(BookingState saga) =>
        stays[saga.CurrentState].NextTick(saga) is { } at && at < saga.DeadlineAt ? at : null;

    internal Task RepeatCommand(BehaviorContext<BookingState> context) => stays[context.Saga.CurrentState].Again(context);

    /// <summary>When the payer's time ends.</summary>
    internal DateTimeOffset PaymentEnds(BookingState saga, DateTimeOffset spaceUntil) => saga.PayLater
        ? spaceUntil - times.SpaceMargin
        : Earlier(Now + times.PaymentWindow, spaceUntil - times.SpaceMargin);

    /// <summary>When the payer is reminded of that.</summary>
    internal DateTimeOffset? ReminderAt(BookingState saga) => saga.PaymentUntil - (saga.PayLater ? times.PayLaterReminder : times.Reminder);

    private void DescribeStates()
    {
        var steadily = Every(times.LookUp, 1, 2, 4, 8, 20);
        var patiently = Every(times.PatientRepeat, 1, 2, 4, 10, 30, 120);

        Entering(Pricing, AskForThePrice, _ => Now + (2 * times.PricingRepeat), Every(times.PricingRepeat));
        Entering(AwaitingPriceDecision, TellTheNewPrice, PriceDecisionEnds);
        Entering(HoldingSeats, AskForSeats, _ => Now + times.Hold);
        Entering(HoldUnknown, AskAboutTheHold, _ => Now + times.HoldUnknown, steadily);
        Entering(OpeningPayment, OpenThePayment, _ => Now + times.GiveUp, Every(times.Repeat));
        Entering(AwaitingPayment, Nothing, saga => saga.PaymentUntil ?? Now, NextLookAtTheApproval, again: AskAboutTheApproval);
        Entering(Pinning, PinTheSeats, _ => Now + times.GiveUp, Every(times.Repeat));
        Entering(Authorising, AuthorizeThePayment, _ => Now + times.Authorisation);
        Entering(PaymentUnknown, AskAboutTheAuthorisation, saga => Later(saga.Hold?.SpaceUntil ?? Now, Now + times.PaymentUnknown), steadily);
        Entering(PaymentReview, TellThatThePaymentIsExamined, ReviewEnds, Every(times.SlowLookUp), again: AskAboutTheAuthorisation);
        Entering(Committing, MakeTheAirlineOrder, _ => Now + times.Commit);
        Entering(CommitUnknown, AskAboutTheOrder, CommitUnknownEnds, And(OverdueAt, steadily), overdue: BookingSteps.SayThatTheOrderIsUnknown);
        Entering(Ticketing, IssueTheTickets, saga => Later(Now + times.Case, (saga.TicketingLimitAt ?? Now) - times.BeforeTicketingLimit), And(OverdueAt, steadily),
            overdue: x => BookingSteps.OpenCaseOnce(x, "ticketing-overdue", "The tickets are not issued yet."));
        Entering(Capturing, CaptureThePayment, _ => Now + times.CaptureAlarm, And(HonouredUntil, patiently));
        Entering(CaptureRecovery, AskToPayAgain, RecoveryEnds, And(HonouredUntil, patiently), again: GoOnWithThePayment);
        Entering(CancellingUnpaid, AskToTakeTheTicketsBack, _ => Now + times.Undo);
        Entering(Documenting, StoreTheDocuments, _ => Now + times.Case, patiently);
        Entering(Confirmed, SayThatItIsConfirmed, saga => saga.Offer!.Segments.Max(segment => segment.ArrivesAt) + times.AfterArrival);
        Entering(ParkedForStaff, Nothing, _ => Now + times.StaffDecision, Every(times.SlowLookUp), again: x => stays[x.Saga.ParkedFrom!].Again(x));

        stays.Add(Compensating.Name, new(UndoEverything, steadily));
        WhenEnter(Compensating, enter => enter.Enter(_ => Now + times.Undo).ThenAsync(UndoEverything).IfElse(x => x.Saga.IsUndone, End, still => still.StartTimers()));
        During(Compensating, WhenTick().RepeatTheCommand());

        foreach (var state in Failed)
        {
            WhenEnter(state, enter => enter.StopTimers().ThenAsync(SayThatItFailed));
        }

        WhenEnter(Completed, enter => enter.StopTimers());
        WhenEnter(Cancelled, enter => enter.StopTimers());
    }

    private void Entering(
        State state, Func<BehaviorContext<BookingState>, Task> command, Func<BookingState, DateTimeOffset> until,
        Func<BookingState, DateTimeOffset?>? nextTick = null, Func<BehaviorContext<BookingState>, Task>? again = null, Func<BehaviorContext<BookingState>, Task>? overdue = null)
    {
        stays.Add(state.Name, new(again ?? command, nextTick ?? (_ => null)));
        WhenEnter(state, enter => enter.Enter(until).ThenAsync(command).StartTimers());
        During(state, overdue is null
            ? WhenTick().RepeatTheCommand()
            : WhenTick().If(IsOverdue, late => late.ThenAsync(x => overdue(x))).RepeatTheCommand());
    }

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

    private bool IsOverdue<T>(BehaviorContext<BookingState, T> x) where T : class => Now >= OverdueAt(x.Saga);

    private DateTimeOffset? OverdueAt(BookingState saga) => saga.EnteredAt + times.Case;

    private static DateTimeOffset? HonouredUntil(BookingState saga) => saga.Payment is { Standing: PaymentStanding.Capturing } payment ? payment.HonouredUntil : null;

    private DateTimeOffset Departure(BookingState saga) => saga.Offer?.Segments[0].DepartsAt ?? Now;

    private DateTimeOffset PriceDecisionEnds(BookingState saga) =>
        Earlier(Earlier(Now + times.PriceDecision, saga.NewPrice!.Offer.ExpiresAt), saga.PaymentUntil ?? DateTimeOffset.MaxValue);

    // Pinned seats stay until they are bought or given back, so it is the departure that ends the airline's patience.
    private DateTimeOffset ReviewEnds(BookingState saga) => Earlier(Now + times.PaymentReview, Departure(saga) - times.BeforeDeparture);

    private DateTimeOffset CommitUnknownEnds(BookingState saga) => Later(Now + times.Case, Earlier(Now + times.CommitUnknown, Departure(saga) - times.BeforeDeparture));

    // While the airline still cancels for free people must have time to do so; once it does not, the traveller has the whole time.
    private DateTimeOffset RecoveryEnds(BookingState saga) =>
        saga.VoidableUntil - times.BeforeVoidableUntil is { } last && last > Now ? Earlier(last, Now + times.CaptureRecovery) : Now + times.CaptureRecovery;

    private Func<BookingState, DateTimeOffset?> Every(TimeSpan pause, params int[] times) =>
        saga => Now + (pause * (times.Length == 0 ? 1 : times[Math.Min(saga.Ticks, times.Length - 1)]));

    // A tick falls on that moment, so that what is due then is not done a pause later.
    private Func<BookingState, DateTimeOffset?> And(Func<BookingState, DateTimeOffset?> moment, Func<BookingState, DateTimeOffset?> next) =>
        saga => moment(saga) is { } due && Now < due && next(saga) is { } at ? Earlier(at, due) : next(saga);

    /// <summary>Webhooks get lost: 1, 2 and 5 minutes after the payer got the link, and just before the end. And the payer is reminded.</summary>
    private DateTimeOffset? NextLookAtTheApproval(BookingState saga)
    {
        DateTimeOffset?[] looks = saga.Payment is { Standing: PaymentStanding.Open }
            ? [.. new[] { 1, 2, 5 }.Select(times => saga.EnteredAt + (times * this.times.ApprovalLookUp)), saga.PaymentUntil - times.LastLookUp]
            : [];
        return looks.Append(saga.RemindedAt is null ? ReminderAt(saga) : null).Where(at => at > Now).Min();
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private sealed record Stay(Func<BehaviorContext<BookingState>, Task> Again, Func<BookingState, DateTimeOffset?> NextTick);
}
