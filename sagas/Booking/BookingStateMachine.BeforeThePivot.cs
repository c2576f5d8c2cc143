using Aerona.Contracts.Airlines;
using MassTransit;
using static Aerona.Sagas.Booking.BookingConditions;
using static Aerona.Sagas.Booking.BookingSteps;

namespace Aerona.Sagas.Booking;

/// <content>From the request to the reserved money: all of it can be undone.</content>
public sealed partial class BookingStateMachine
{
    private void PriceAndHold()
    {
        Initially(
            When(BookingSubmitted)
                .RememberTheRequest()
                .TransitionTo(Pricing));

        During(Pricing,
            When(OfferPriced, IsFresh)
                .IfElse(CostsTheSame,
                    same => same
                        .RememberTheOffer()
                        .IfElse(SeatsAreHeld,
                            held => held.TransitionTo(OpeningPayment),
                            notYet => notYet.TransitionTo(HoldingSeats)),
                    other => other
                        .RememberTheNewPrice()
                        .TransitionTo(AwaitingPriceDecision)),
            When(OfferPriceChanged, IsFresh)
                .RememberTheNewPrice()
                .TransitionTo(AwaitingPriceDecision),
            When(OfferGone, IsCurrent)
                .Undo(Because.OfferGone, offer => offer.Reason),
            WhenDeadline()
                .Undo(Because.AirlineUnavailable));

        During(AwaitingPriceDecision,
            When(PriceAccepted, x => MayDecidePrice(x.Saga) && IsTheNewPrice(x))
                .TakeTheNewPrice()
                .IfElse(AttemptsAreLeft,
                    payable => payable.IfElse(SeatsAreHeld,
                        held => held.TransitionTo(OpeningPayment),
                        notYet => notYet.TransitionTo(HoldingSeats)),
                    over => over.Undo(Because.PaymentDeclined)),
            When(PriceDeclined, IsTheNewPrice)
                .UndoAsThePriceIsNotTaken(),
            WhenDeadline()
                .UndoAsThePriceIsNotTaken());

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
    }

    private void LetThePayerApprove()
    {
        During(OpeningPayment,
            When(PaymentOpened, CanBeApproved)
                .RememberTheApprovalLink()
                .TransitionTo(AwaitingPayment),
            When(PaymentNotPossible, CanBeApproved)
                .NoteThatNothingIsPaid(refusal => refusal.PaymentId)
                .Undo(Because.PaymentNotPossible, refusal => refusal.Reason),
            When(PaymentDeclined, CanBeApproved)
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
            When(PaymentDeclined, CanBeApproved)             // learnt by a look-up; the traveller may try again
                .NoteThatNothingIsPaid(refusal => refusal.PaymentId),
            When(PaymentRetried, x => MayRetryPayment(x.Saga))
                .IfElse(PriceStands,
                    stands => stands.TransitionTo(OpeningPayment),
                    old => old.TransitionTo(Pricing)),
            WhenDeadline()
                .Undo(Because.Expired));

        During([Pricing, AwaitingPriceDecision, OpeningPayment, AwaitingPayment],
            When(HoldLapsed, IsHeld)                         // held once more when the price or the payment is settled
                .NoteThatNothingIsHeld(lapse => lapse.HoldId));
    }

    private void PinAndReserve()
    {
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

        During([Authorising, PaymentUnknown, PaymentReview],
            When(PaymentAuthorized, IsBeingAuthorised)
                .RememberTheAuthorisation()
                .IfElse(CancelWasAsked,
                    cancelled => cancelled.Undo(Because.Cancelled),
                    on => on.TransitionTo(Committing)),
            When(PaymentDeclined, IsBeingAuthorised)
                .NoteThatNothingIsPaid(refusal => refusal.PaymentId)
                .IfElse(TimeIsLeft,
                    again => again.TransitionTo(AwaitingPayment),      // the seats stay pinned
                    over => over.Undo(Because.PaymentDeclined, refusal => refusal.Reason)));

        During([Authorising, PaymentUnknown],
            When(PaymentUnderReview, IsBeingAuthorised)
                .NoteTheAnswer()
                .IfElse(CancelWasAsked,
                    cancelled => cancelled.Undo(Because.Cancelled),
                    on => on.TransitionTo(PaymentReview)));

        During(Authorising,
            WhenDeadline()
                .TransitionTo(PaymentUnknown));

        During([PaymentUnknown, PaymentReview],
            When(PaymentAbsent, AnswersTheLookUp)            // the look-up closed that id
                .NoteThatNothingIsPaid(answer => answer.PaymentId)
                .IfElse(TimeIsLeft,
                    again => again.TransitionTo(AwaitingPayment),
                    over => over.Undo(Because.PaymentUnavailable)),
            WhenDeadline()
                .Undo(Because.PaymentUnavailable));

        During(PaymentReview,
            When(PaymentUnderReview, IsBeingAuthorised)
                .NoteTheAnswer());
    }

    // A repeat of what was said before the price was asked for again has expired by now.
    private bool IsFresh(BehaviorContext<BookingState, OfferPriced> x) => x.Message.OfferId == x.Saga.OfferId && Now < x.Message.Offer.ExpiresAt;

    private bool IsFresh(BehaviorContext<BookingState, OfferPriceChanged> x) => x.Message.OfferId == x.Saga.OfferId && Now < x.Message.NewOffer.ExpiresAt;

    private bool PriceStands<T>(BehaviorContext<BookingState, T> x) where T : class => Now < x.Saga.PriceUntil;

    private bool TimeIsLeft<T>(BehaviorContext<BookingState, T> x) where T : class =>
        x.Saga.CancelRequestedAt is null && Now < x.Saga.PaymentUntil && AttemptsAreLeft(x);

    private bool AttemptsAreLeft<T>(BehaviorContext<BookingState, T> x) where T : class => HasAttemptsLeft(x.Saga);

    private bool MayHoldAgain<T>(BehaviorContext<BookingState, T> x) where T : class => x.Saga.CancelRequestedAt is null && x.Saga.Holds.Count == 1;
}
