using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Payments;
using MassTransit;
using static Aerona.Sagas.Booking.BookingConditions;

namespace Aerona.Sagas.Booking;

/// <summary>
/// From a submitted booking to a confirmed one and to its end, or back to nothing: price, hold, let the payer approve, pin, reserve the money, buy (the pivot),
/// ticket, take the money, store the documents. What was done before the pivot is undone; past it the saga repeats, asks, and calls people.
/// </summary>
public sealed partial class BookingStateMachine : MassTransitStateMachine<BookingState>
{
    private readonly TimeProvider clock;
    private readonly BookingTimes times;

    /// <param name="clock">The only clock.</param>
    /// <param name="times">How long to wait for what.</param>
    public BookingStateMachine(TimeProvider clock, BookingTimes times)
    {
        (this.clock, this.times) = (clock, times);
        InstanceState(x => x.CurrentState);
        CorrelateEvents();
        ScheduleTimers();
        RecheckTimersThatComeEarly();
        GiveBackWhatIsNotWanted();      // judged before the states below change what is wanted
        DescribeStates();

        PriceAndHold();
        LetThePayerApprove();
        PinAndReserve();
        Buy();
        TakeTheMoney();
        Finish();
        UndoWhatWasDone();
        HonourCancelRequests();
        CallPeopleAboutContradictions();
        LetOneServicingAtATimeChangeIt();
        AskStaff();
        NoteWhatWasGivenBackElsewhere();
        IgnoreTheRest();
    }

    /// <summary>Every way from one state to another, whatever its condition.</summary>
    public IReadOnlyList<SagaTransition> Transitions => field ??= SagaMap<BookingState>.Of(this, ParkedForStaff, Parkable, StaffDecided);

    internal DateTimeOffset Now => clock.GetUtcNow();

    internal BookingTimes Times => times;

    private State[] BeforePayment => field ??= [Pricing, AwaitingPriceDecision, HoldingSeats, HoldUnknown, OpeningPayment, AwaitingPayment];

    private State[] BeforePivot => field ??= [Pinning, Authorising, PaymentUnknown];

    private State[] PastPivot => field ??= [Committing, CommitUnknown, Ticketing, Capturing, Documenting];

    private State[] FreeToCancel => field ??= [.. BeforePayment, .. BeforePivot, PaymentReview, CaptureRecovery];

    private State[] Failed => field ??= [Rejected, Expired, PaymentFailed, CancelledBeforePurchase];

    private State[] Ended => [.. Failed, Completed, Cancelled];

    /// <summary>Those a booking can be parked from.</summary>
    private State[] Parkable => field ??= [CommitUnknown, CaptureRecovery];

    /// <summary>What a state waits for, until when, and what happens then.</summary>
    /// <param name="state">Its name; <see cref="ArgumentOutOfRangeException"/> for one that is none.</param>
    public BookingSentence Describe(string state) => BookingSentences.Of(state, times);

    /// <summary>Whether the booking ended without a purchase.</summary>
    public bool HasFailed(BookingState saga) => IsIn(saga, Failed);

    /// <summary>
    /// Whether the traveller can still ask to get out: for nothing until the airline order is being made, and again when the money could not be taken, where
    /// staff see to it.
    /// </summary>
    public bool MayCancel(BookingState saga) => saga.CancelRequestedAt is null && IsIn(saga, FreeToCancel);

    /// <summary>Whether a wish to get out is remembered now, and becomes a cancellation's quote once the booking is confirmed.</summary>
    public bool RemembersCancel(BookingState saga) => saga.CancelRequestedAt is null && IsIn(saga, PastPivot);

    /// <summary>Whether a cancellation of what is bought, or of a part of it, can be asked for now; asking cancels nothing.</summary>
    public bool MayAskForCancellation(BookingState saga) => IsIn(saga, [Confirmed]) && saga.ServicedBy is null;

    /// <summary>Whether another try to pay (or the open one again) can be asked for now.</summary>
    public bool MayRetryPayment(BookingState saga)
    {
        var phase = Phase(saga);
        return phase == AwaitingPayment.Name
            ? Now < saga.PaymentUntil && (saga.Payment?.Standing is PaymentStanding.Open || HasAttemptsLeft(saga))
            : phase == CaptureRecovery.Name && saga.Payment?.Standing switch
            {
                PaymentStanding.Open => true,
                PaymentStanding.Closed or PaymentStanding.Voiding => HasAttemptsLeft(saga),
                _ => false,
            };
    }

    /// <summary>Whether the traveller can take or decline <see cref="BookingState.NewPrice"/> now.</summary>
    public bool MayDecidePrice(BookingState saga) => saga.CurrentState == AwaitingPriceDecision.Name && Now < saga.DeadlineAt;

    /// <summary>
    /// Whether staff can decide that now: only about a parked booking; to give up only before the tickets are issued; to go on unpaid only when the money could
    /// not be taken and is not being taken this moment.
    /// </summary>
    public bool MayDecide(BookingState saga, StaffDecision decision) => saga.CurrentState == ParkedForStaff.Name && decision switch
    {
        StaffDecision.TryAgain => true,
        StaffDecision.GiveUp => saga.ParkedFrom == CommitUnknown.Name,
        StaffDecision.GoOnUnpaid => saga.ParkedFrom == CaptureRecovery.Name
            && saga.Payment?.Standing is not (PaymentStanding.Authorising or PaymentStanding.Capturing or PaymentStanding.CapturePending),
        _ => false,
    };

    /// <summary>The state whose events are taken now: the current one, or the one that the booking was parked from.</summary>
    internal string Phase(BookingState saga) => saga.CurrentState == ParkedForStaff.Name ? saga.ParkedFrom! : saga.CurrentState;

    // Facts that hold something, in every state: what is not wanted (any more) goes back.
    private void GiveBackWhatIsNotWanted() =>
        During(AllBut(),
            When(SeatsHeld, IsUnwanted).ReleaseSeats(held => held.HoldId, held => held.Token),
            When(SeatsPinned, IsUnwanted).ReleaseSeats(pinned => pinned.HoldId, pinned => pinned.Token),
            When(PaymentAuthorized, IsUnwanted).VoidTheLateAuthorisation(),
            When(PaymentCaptured, IsUnwanted)
                .RefundTheLateCapture()
                .OpenCase("late-capture", "Money was taken that this booking did not ask for; it is given back."),
            When(AirlineOrderConfirmed, IsUnwanted)
                .CancelTheLateOrder()
                .OpenCase("late-order", "The airline confirmed an order that this booking did not want any more; it is cancelled."));

    private void HonourCancelRequests()
    {
        During([.. BeforePayment, PaymentReview],
            When(BookingCancelRequested)
                .RememberTheCancelRequest()
                .Undo(Because.Cancelled));
        During([.. BeforePivot, .. PastPivot],               // an answer is awaited: it decides first
            When(BookingCancelRequested)
                .RememberTheCancelRequest());
        During(CaptureRecovery,
            GiveTheTicketsBack(
                When(BookingCancelRequested, x => x.Saga.CancelRequestedAt is null)
                    .RememberTheCancelRequest(),
                CancelUnpaid.Kind, CancelUnpaid.Detail));
        During(Confirmed,
            When(BookingCancelRequested, x => x.Saga.CancelRequestedAt is null)
                .RememberTheCancelRequest()
                .ThenAsync(BookingCommands.AskForACancellation));
    }

    private void CallPeopleAboutContradictions()
    {
        During([.. BeforePayment, Authorising, PaymentUnknown, PaymentReview, Committing, CommitUnknown],
            When(HoldLapsed, IsPinned)
                .OpenCase("pinned-seats-lapsed", "The airline says that seats lapsed which it had pinned."));
        During([Committing, CommitUnknown, Ticketing],
            When(PaymentCaptured, IsReserved)                // not by us; kept if the order is made, else given back
                .RememberTheCapture()
                .OpenCase("early-capture", "Money was taken before the tickets were issued, and not by this booking."));
        During([Ticketing, Capturing, CaptureRecovery, Documenting, Completed],
            When(BookingCancelled)
                .OpenCase("cancelled-elsewhere", "The booking is said to be cancelled, which it can only be while it is confirmed."));
    }

    private void NoteWhatWasGivenBackElsewhere() =>
        During(AllBut(Compensating),
            When(SeatsReleased).NoteTheRelease(),
            When(PaymentVoided).NoteTheVoid(),
            When(PaymentRefunded).NoteTheRefund(),
            When(AirlineOrderCancelled).NoteTheCancellation());

    /// <summary>Every state but those named, and but <see cref="ParkedForStaff"/>, which takes events as the state it was parked from does.</summary>
    private State[] AllBut(params State[] named) =>
        [.. BeforePayment.Concat(BeforePivot).Concat([PaymentReview]).Concat(PastPivot).Concat([CaptureRecovery, CancellingUnpaid, Confirmed, Compensating]).Concat(Ended).Except(named)];

    private bool HasAttemptsLeft(BookingState saga) => saga.Payments.Count - saga.PaymentsBefore < times.PaymentAttempts;

    private static bool IsIn(BookingState saga, State[] states) => Array.Exists(states, state => state.Name == saga.CurrentState);
}
