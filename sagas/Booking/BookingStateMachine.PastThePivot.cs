using Aerona.Contracts.Airlines;
using MassTransit;
using static Aerona.Sagas.Booking.BookingConditions;
using static Aerona.Sagas.Booking.BookingSteps;

namespace Aerona.Sagas.Booking;

/// <content>From the airline order to the end: it is asked and repeated, and people are called; nothing is undone on silence.</content>
public sealed partial class BookingStateMachine
{
    private const string Unpaid = "unpaid";

    private static readonly (string Kind, string Detail) CancelUnpaid =
        ("cancel-unpaid", "The traveller wants to cancel; the tickets are issued and the money could not be taken.");

    private void Buy()
    {
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
                .ThenAsync(SayThatTheOrderIsUnknown)         // where the case and the end fall together
                .Park("commit-unknown-urgent", "Still unknown whether the order was made; only people can find out now."));

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
    }

    private void TakeTheMoney()
    {
        During(Capturing,
            When(PaymentCaptured, IsBeingCaptured)
                .RememberTheCapture()
                .TransitionTo(Documenting),
            When(CapturePending, IsBeingCaptured)
                .NoteThatCapture(PaymentStanding.CapturePending),
            When(PaymentAuthorized, IsBeingCaptured)         // learnt by a look-up or renewed: there to be taken
                .RememberTheAuthorisation()
                .ThenAsync(BookingCommands.CaptureAtOnce),
            WhenDeadline()
                .OpenCase("capture-overdue", "The tickets are issued and the money is not taken yet.")
                .StartDeadlineAgain(times.CaptureAlarm));
        During(Capturing,
            Recover(When(CaptureRefused, IsBeingCaptured).NoteThatCapture(PaymentStanding.CaptureRefused)),
            Recover(When(PaymentDeclined, IsBeingCaptured).NoteThatNothingIsPaid(refusal => refusal.PaymentId)),
            Recover(When(PaymentVoided, IsBeingCaptured).NoteThatNothingIsPaid(undone => undone.PaymentId)));

        During(CaptureRecovery,
            When(PaymentRetried, x => MayRetryPayment(x.Saga))
                .ThenAsync(BookingCommands.OpenThePayment)
                .StartTicksAnew(),
            When(PaymentOpened, CanBeApproved)               // once; the answers to later looks are no reason to look as often as at first
                .IfElse(x => x.Saga.Payment!.Standing is PaymentStanding.Asked,
                    first => first.RememberTheApprovalLink().StartTicksAnew(),
                    again => again.RememberTheApprovalLink()),
            When(PaymentApproved, CanBeApproved)
                .ThenAsync(BookingCommands.AuthorizeThePayment)
                .StartTicksAnew(),
            When(PaymentUnderReview, IsBeingAuthorised)
                .NoteTheAnswer(),
            When(PaymentAuthorized, IsBeingAuthorisedOrCaptured)
                .RememberTheAuthorisation()
                .ThenAsync(BookingCommands.CaptureAtOnce)
                .StartTicksAnew(),
            When(CapturePending, IsBeingCaptured)
                .NoteThatCapture(PaymentStanding.CapturePending),
            When(PaymentCaptured, IsBeingCaptured)
                .RememberTheCapture()
                .TransitionTo(Documenting),
            When(PaymentNotPossible, CanBeApproved)
                .NoteThatNothingIsPaid(refusal => refusal.PaymentId)
                .OpenCase("payment-not-possible", "The tickets are issued, the money could not be taken, and PayPal takes no other payment."),
            GiveTheTicketsBack(WhenDeadline(), Unpaid, "The tickets are issued and the traveller has not paid again in time."));
        During(CancellingUnpaid,
            When(BookingCancelled)
                .TransitionTo(Cancelled),
            When(ServicingReleased, x => x.Message.ServicingId == x.Saga.ServicedBy)
                .Then(x =>
                {
                    x.Saga.ServicedBy = null;
                    x.Saga.ParkedFrom = CaptureRecovery.Name;
                })
                .ThenAsync(x => OpenCaseAgain(x, Unpaid, $"The tickets are issued, nobody paid, and they could not be given back: {x.Message.Reason}."))
                .TransitionTo(ParkedForStaff),
            WhenDeadline()
                .OpenCase("unpaid-overdue", "The tickets are issued, nobody paid, and they are not given back yet.")
                .StartDeadlineAgain(times.Case));
        During(CaptureRecovery,
            AskAgain(When(CaptureRefused, IsBeingCaptured).VoidTheCurrentPayment()),
            AskAgain(When(PaymentDeclined, IsUnderWay).NoteThatNothingIsPaid(refusal => refusal.PaymentId)),
            AskAgain(When(PaymentVoided, IsUnderWay).NoteThatNothingIsPaid(undone => undone.PaymentId)),
            AskAgain(When(PaymentAbsent, AnswersTheLookUp).NoteThatNothingIsPaid(answer => answer.PaymentId)));      // the look-up closed that id
    }

    private void Finish()
    {
        During(Documenting,
            When(DocumentsStored, IsTheOrder)
                .RememberTheDocuments()
                .TransitionTo(Confirmed),
            WhenDeadline()
                .OpenCase("documents-overdue", "The documents are not stored yet.")
                .StartDeadlineAgain(times.Case));

        During(Confirmed,
            When(BookingCancelled)
                .TransitionTo(Cancelled),
            WhenDeadline()
                .TransitionTo(Completed));
    }

    // With a remembered wish to cancel there is no use in asking for another payment.
    private EventActivityBinder<BookingState, T> Recover<T>(EventActivityBinder<BookingState, T> refused) where T : class => refused
        .OpenCase("capture-refused", "The tickets are issued and PayPal does not give the money.")
        .TransitionTo(CaptureRecovery)
        .If(CancelWasAsked, cancelled => GiveTheTicketsBack(cancelled, CancelUnpaid.Kind, CancelUnpaid.Detail));

    private EventActivityBinder<BookingState, T> AskAgain<T>(EventActivityBinder<BookingState, T> failed) where T : class => failed
        .IfElse(AttemptsAreLeft,
            again => again.AskForAnotherPayment(),
            over => over.Park(Unpaid, "The tickets are issued and the traveller's last payment came to nothing."));

    // As long as the airline takes them back for nothing, and no money is on its way; else people decide.
    private EventActivityBinder<BookingState, T> GiveTheTicketsBack<T>(EventActivityBinder<BookingState, T> unpaid, string kind, string detail) where T : class => unpaid
        .IfElse(x => MayGiveTheTicketsBack(x.Saga),
            free => free.VoidThePaymentUnderWay().TransitionTo(CancellingUnpaid),
            late => late.Park(kind, detail));

    private bool MayGiveTheTicketsBack(BookingState saga) => Now < saga.VoidableUntil
        && saga.Payment!.Standing is PaymentStanding.Asked or PaymentStanding.Open or PaymentStanding.Approved or PaymentStanding.Voiding or PaymentStanding.Closed;

    // It is one booking: who changes what is bought asks first, and says when it is done.
    private void LetOneServicingAtATimeChangeIt()
    {
        During(Confirmed,
            When(ServicingRequested, x => x.Saga.ServicedBy == x.Message.ServicingId || (x.Saga.ServicedBy is null && x.Message.Seen == x.Saga.Servicings.Count && IsNotDone(x)))
                .GrantTheLock(),
            When(ServicingRequested, x => x.Saga.ServicedBy is { } other && other != x.Message.ServicingId)
                .DenyTheLock("booking.being_serviced"),
            When(ServicingRequested, x => x.Saga.ServicedBy is null && x.Message.Seen != x.Saga.Servicings.Count && IsNotDone(x))
                .DenyTheLock("cancellation.quote_changed"));
        During(CancellingUnpaid,
            When(ServicingRequested, x => x.Saga.ServicedBy == x.Message.ServicingId)
                .GrantTheLock(),
            When(ServicingRequested, x => x.Saga.ServicedBy != x.Message.ServicingId && IsNotDone(x))
                .DenyTheLock("booking.not_confirmed"));
        During(AllBut(Confirmed, CancellingUnpaid),
            When(ServicingRequested, IsNotDone)
                .DenyTheLock("booking.not_confirmed"));

        During(AllBut(CancellingUnpaid),
            When(ServicingReleased, x => x.Message.ServicingId == x.Saga.ServicedBy)
                .Then(x => x.Saga.ServicedBy = null));
        During(AllBut(),
            When(ServicingEnded, x => x.Saga.Servicings.All(known => known.ServicingId != x.Message.ServicingId))
                .RememberTheServicing());
    }
}
