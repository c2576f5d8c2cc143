using MassTransit;

namespace Aerona.Sagas.Booking;

/// <content>What is decided by doing nothing, and why.</content>
public sealed partial class BookingStateMachine
{
    private readonly Dictionary<(string State, string Event), string> ignored = [];

    /// <summary>Why a state does nothing about an event, whatever it says; null where it may do something.</summary>
    public string? IgnoredBecause(string state, string @event) => ignored.GetValueOrDefault((state, @event));

    /// <summary>Each event is decided elsewhere in the states named here; anywhere else it is a repeat or an answer nobody waits for.</summary>
    private void IgnoreTheRest()
    {
        const string nobodyAsks = "nobody waits for that answer here";

        IgnoreIn(AllBut(), "the booking has begun", BookingSubmitted);
        IgnoreIn(AllBut(Pricing), nobodyAsks, OfferPriced, OfferPriceChanged, OfferGone);
        IgnoreIn(AllBut(AwaitingPriceDecision), "no new price is to be decided about", PriceAccepted, PriceDeclined);
        IgnoreIn(AllBut(HoldingSeats, HoldUnknown), nobodyAsks, SeatsRefused);
        IgnoreIn(AllBut(HoldUnknown), nobodyAsks, HoldAbsent);
        IgnoreIn([Ticketing, Capturing, CaptureRecovery, CancellingUnpaid, Documenting, Confirmed, Compensating, .. Ended], "no seats depend on a hold any more", HoldLapsed);
        IgnoreIn(AllBut(OpeningPayment, CaptureRecovery), nobodyAsks, PaymentOpened, PaymentNotPossible);
        IgnoreIn(AllBut(OpeningPayment, AwaitingPayment, CaptureRecovery), "an approval reserves nothing, and no payment waits for one", PaymentApproved);
        IgnoreIn(AllBut(AwaitingPayment, CaptureRecovery), "no other payment is asked for", PaymentRetried);
        IgnoreIn(AllBut(OpeningPayment, AwaitingPayment, Authorising, PaymentUnknown, PaymentReview, Capturing, CaptureRecovery), nobodyAsks, PaymentDeclined);
        IgnoreIn(AllBut(Authorising, PaymentUnknown, PaymentReview, CaptureRecovery), nobodyAsks, PaymentUnderReview);
        IgnoreIn(AllBut(PaymentUnknown, PaymentReview, CaptureRecovery), nobodyAsks, PaymentAbsent);
        IgnoreIn(AllBut(Committing, CommitUnknown, Ticketing), nobodyAsks, AirlineOrderPending, AirlineOrderRefused);
        IgnoreIn(AllBut(CommitUnknown, Ticketing), nobodyAsks, AirlineOrderAbsent);
        IgnoreIn(AllBut(Ticketing), nobodyAsks, TicketsIssued, TicketsPending);
        IgnoreIn(AllBut(Capturing, CaptureRecovery), nobodyAsks, CapturePending, CaptureRefused);
        IgnoreIn(AllBut(Documenting), nobodyAsks, DocumentsStored);
        IgnoreIn([CancellingUnpaid, Compensating, .. Ended], "the booking is over, or about to be", BookingCancelRequested);
        IgnoreIn(AllBut(Ticketing, Capturing, CaptureRecovery, CancellingUnpaid, Documenting, Confirmed, Completed), "nothing is bought that could be cancelled", BookingCancelled);
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
