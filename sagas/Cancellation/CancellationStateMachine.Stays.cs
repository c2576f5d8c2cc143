using Aerona.Contracts.Cancellations;
using MassTransit;
using static Aerona.Sagas.Cancellation.CancellationCommands;
using static Aerona.Sagas.Cancellation.CancellationSteps;

namespace Aerona.Sagas.Cancellation;

/// <content>What entering each state does, how long it may last, and what is repeated meanwhile.</content>
public sealed partial class CancellationStateMachine
{
    private readonly Dictionary<string, Stay> stays = [];

    internal DateTimeOffset? NextTick(CancellationState saga) =>
        stays[saga.CurrentState].NextTick(saga) is { } at && at < saga.DeadlineAt ? at : null;

    /// <summary>Whether anything is asked again and again in the current state.</summary>
    internal bool Repeats(CancellationState saga) => stays[saga.CurrentState].Repeats;

    internal Task RepeatCommand(BehaviorContext<CancellationState> context) => stays[context.Saga.CurrentState].Again(context);

    private void DescribeStates()
    {
        var steadily = Every(times.LookUp, 1, 2, 4, 8, 20);
        var patiently = Every(times.PatientRepeat, 1, 2, 4, 10, 30, 120);

        Entering(Quoting, AskForAQuote, _ => Now + times.Quote, Every(times.Repeat));
        Entering(Quoted, TellTheQuote, saga => saga.Quote!.Answer!.ExpiresAt);
        Entering(AwaitingApproval, AskForApproval, saga => saga.Quote!.Answer!.ExpiresAt);
        Entering(Locking, AskForTheLock, _ => Now + times.Lock, Every(times.Repeat));
        Entering(SupplierCancelling, CancelTheOrder, _ => Now + times.Supplier);
        Entering(CancelUnknown, AskWhetherItIsCancelled, _ => Now + (times.Unknown > times.Case ? times.Unknown : times.Case), And(OverdueAt, steadily), overdue: SayThatItIsUnknown);
        Entering(ParkedForStaff, Nothing, _ => Now + times.StaffDecision, Every(times.SlowLookUp), again: AskWhetherItIsCancelled);
        Entering(EndingCoupons, EndTheirCoupons, _ => Now + times.Case, patiently);
        Entering(AwaitingAmount, AskForTheAmount, _ => Now + times.StaffDecision);
        Entering(Refunding, AskForTheRefund, _ => Now + times.Refund, patiently);
        Entering(RefundDelayed, SayThatTheRefundIsDelayed, _ => Now + times.StaffDecision);

        WhenEnter(Lapsed, enter => enter.StopTimers());
        WhenEnter(Refused, enter => enter.StopTimers());
        WhenEnter(Cancelled, enter => enter.StopTimers());
    }

    private void Entering(
        State state, Func<BehaviorContext<CancellationState>, Task> command, Func<CancellationState, DateTimeOffset> until,
        Func<CancellationState, DateTimeOffset?>? nextTick = null, Func<BehaviorContext<CancellationState>, Task>? again = null,
        Func<BehaviorContext<CancellationState>, Task>? overdue = null)
    {
        stays.Add(state.Name, new(again ?? command, nextTick ?? (_ => null), nextTick is not null));
        WhenEnter(state, enter => enter.Enter(until).ThenAsync(command).StartTimers());
        During(state, overdue is null
            ? WhenTick().RepeatTheCommand()
            : WhenTick().If(IsOverdue, late => late.ThenAsync(x => overdue(x))).RepeatTheCommand());
    }

    private void ScheduleTimers()
    {
        Schedule(() => Deadline, x => x.DeadlineToken, x => x.Received = e => e.CorrelateById(c => c.Message.CancellationId));
        Schedule(() => Tick, x => x.TickToken, x => x.Received = e => e.CorrelateById(c => c.Message.CancellationId));
    }

    private EventActivityBinder<CancellationState, CancellationDeadline> WhenDeadline() => When(Deadline.Received, x => Now >= x.Saga.DeadlineAt);

    private EventActivityBinder<CancellationState, CancellationTick> WhenTick() => When(Tick.Received, x => Now >= x.Saga.TickAt);

    private void RecheckTimersThatComeEarly() =>
        DuringAny(
            When(Deadline.Received, x => Now < x.Saga.DeadlineAt).ScheduleDeadline(),
            When(Tick.Received, x => Now < x.Saga.TickAt).ScheduleTick());

    private bool IsOverdue<T>(BehaviorContext<CancellationState, T> x) where T : class => Now >= OverdueAt(x.Saga);

    private DateTimeOffset? OverdueAt(CancellationState saga) => saga.EnteredAt + times.Case;

    private Func<CancellationState, DateTimeOffset?> Every(TimeSpan pause, params int[] times) =>
        saga => Now + (pause * (times.Length == 0 ? 1 : times[Math.Min(saga.Ticks, times.Length - 1)]));

    // A tick falls on that moment, so that what is due then is not done a pause later.
    private Func<CancellationState, DateTimeOffset?> And(Func<CancellationState, DateTimeOffset?> moment, Func<CancellationState, DateTimeOffset?> next) =>
        saga => moment(saga) is { } due && Now < due && next(saga) is { } at && due < at ? due : next(saga);

    private sealed record Stay(Func<BehaviorContext<CancellationState>, Task> Again, Func<CancellationState, DateTimeOffset?> NextTick, bool Repeats);
}
