using MassTransit;

namespace Aerona.Sagas.Cancellation;

/// <content>What is decided by doing nothing, and why.</content>
public sealed partial class CancellationStateMachine
{
    private readonly Dictionary<(string State, string Event), string> ignored = [];

    /// <summary>Why a state does nothing about an event, whatever it says; null where it may do something.</summary>
    public string? IgnoredBecause(string state, string @event) => ignored.GetValueOrDefault((state, @event));

    /// <summary>Each event is decided elsewhere in the states named here; anywhere else it is a repeat or an answer nobody waits for.</summary>
    private void IgnoreTheRest()
    {
        const string nobodyAsks = "nobody waits for that answer here";

        IgnoreIn(AllBut(), "the cancellation has begun", CancellationRequested);
        IgnoreIn(AllBut(Quoted), "no quote is there that another could take the place of", CancellationRequoted);
        IgnoreIn(AllBut(Quoted), "no quote is to be confirmed", CancellationConfirmed);
        IgnoreIn(AllBut(Quoting, Quoted, AwaitingApproval), "it cannot be taken back any more", CancellationWithdrawn);
        IgnoreIn(AllBut(Quoting), nobodyAsks, CancellationQuoted, CancellationNotQuoted);
        IgnoreIn(AllBut([Locking, .. NotCancelled]), nobodyAsks, ServicingGranted);
        IgnoreIn(AllBut(Locking), nobodyAsks, ServicingDenied);
        IgnoreIn([.. PastThePivot, Cancelled], "that is known", QuotedOrderCancelled);
        IgnoreIn(AllBut(SupplierCancelling, CancelUnknown, ParkedForStaff), nobodyAsks, CancellationPending);
        IgnoreIn([.. BeforeTheLock, .. NotCancelled], nobodyAsks, CancellationRefused);
        IgnoreIn(AllBut(CancelUnknown, ParkedForStaff), nobodyAsks, CancellationAbsent);
        IgnoreIn(AllBut(EndingCoupons), nobodyAsks, CouponsEnded);
        IgnoreIn(AllBut(Refunding), nobodyAsks, RefundPending);
        IgnoreIn(AllBut(Refunding, Cancelled), nobodyAsks, RefundRefused);
    }

    private void IgnoreIn(State[] states, string because, params Event[] events)
    {
        foreach (var state in states)
        {
            foreach (var @event in events)
            {
                During(state, Ignore(@event));
                ignored[(state.Name, @event.Name)] = because;
            }
        }
    }
}
