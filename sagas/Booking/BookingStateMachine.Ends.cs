using Aerona.Contracts.Bookings;
using MassTransit;
using static Aerona.Sagas.Booking.BookingConditions;

namespace Aerona.Sagas.Booking;

/// <content>What cannot go on by itself: everything is undone, or people decide.</content>
public sealed partial class BookingStateMachine
{
    private void UndoWhatWasDone() =>
        During(Compensating,
            When(SeatsReleased).NoteTheRelease().IfEverythingIsUndone(End),
            When(PaymentVoided).NoteTheVoid().IfEverythingIsUndone(End),
            When(PaymentRefunded).NoteTheRefund().IfEverythingIsUndone(End),
            When(AirlineOrderCancelled).NoteTheCancellation().IfEverythingIsUndone(End),
            WhenDeadline()
                .OpenCase("undo-overdue", "Something that was held or reserved for this booking is not given back yet.")
                .StartDeadlineAgain(times.Undo));

    private void AskStaff()
    {
        During(ParkedForStaff,
            AsParkedFrom(BookingSubmitted), AsParkedFrom(BookingCancelRequested), AsParkedFrom(BookingCancelled), AsParkedFrom(PaymentRetried),
            AsParkedFrom(PriceAccepted), AsParkedFrom(PriceDeclined), AsParkedFrom(OfferPriced), AsParkedFrom(OfferPriceChanged), AsParkedFrom(OfferGone),
            AsParkedFrom(SeatsHeld), AsParkedFrom(SeatsRefused), AsParkedFrom(HoldAbsent), AsParkedFrom(SeatsPinned), AsParkedFrom(HoldLapsed),
            AsParkedFrom(SeatsReleased), AsParkedFrom(AirlineOrderConfirmed), AsParkedFrom(AirlineOrderPending), AsParkedFrom(AirlineOrderRefused),
            AsParkedFrom(AirlineOrderAbsent), AsParkedFrom(AirlineOrderCancelled), AsParkedFrom(PaymentOpened), AsParkedFrom(PaymentNotPossible),
            AsParkedFrom(PaymentApproved), AsParkedFrom(PaymentAuthorized), AsParkedFrom(PaymentDeclined), AsParkedFrom(PaymentUnderReview),
            AsParkedFrom(PaymentAbsent), AsParkedFrom(PaymentCaptured), AsParkedFrom(CapturePending), AsParkedFrom(CaptureRefused), AsParkedFrom(PaymentVoided),
            AsParkedFrom(PaymentRefunded), AsParkedFrom(TicketsIssued), AsParkedFrom(TicketsPending), AsParkedFrom(DocumentsStored),
            AsParkedFrom(ServicingRequested), AsParkedFrom(ServicingReleased), AsParkedFrom(ServicingEnded));

        During(ParkedForStaff,
            When(StaffDecided, IsNew)
                .IfElse(x => MayDecide(x.Saga, x.Message.Decision),
                    allowed => DoAsDecided(allowed.RememberTheDecision(applied: true)),
                    notNow => notNow.RememberTheDecision(applied: false)),
            WhenDeadline()
                .ThenAsync(x => BookingSteps.OpenCaseAgain(x, "parked-overdue", "Nobody has decided about this booking yet."))
                .StartDeadlineAgain(times.StaffDecision));

        // Decided about something that is over: remembered, so that it does not come to pass at another moment.
        During(AllBut(),
            When(StaffDecided, IsNew).RememberTheDecision(applied: false));
    }

    // Its own transitions leave ParkedForStaff; without one the booking stays parked.
    private EventActivities<BookingState> AsParkedFrom<T>(Event<T> @event) where T : class =>
        When(@event).ThenAsync(x => GetState(x.Saga.ParkedFrom!).Raise(x));

    private EventActivityBinder<BookingState, StaffDecided> DoAsDecided(EventActivityBinder<BookingState, StaffDecided> on) => Parkable
        .Aggregate(on, (next, state) => next.If(x => x.Message.Decision == StaffDecision.TryAgain && x.Saga.ParkedFrom == state.Name, again => again.TransitionTo(state)))
        .If(x => x.Message.Decision == StaffDecision.GiveUp, over => over.Undo(Because.AirlineUnavailable))
        .If(x => x.Message.Decision == StaffDecision.GoOnUnpaid, unpaid => unpaid.VoidThePaymentUnderWay().TransitionTo(Documenting));

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
}
