using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Payments;
using Aerona.Contracts.Tickets;
using MassTransit;

namespace Aerona.Sagas.Booking;

/// <summary>The verbs of <see cref="BookingStateMachine"/>: each publishes a message or remembers a fact.</summary>
internal static class BookingSteps
{
    internal static string? Alternatives(SeatsRefused refusal) =>
        refusal.Seats is { Count: > 0 } seats ? string.Join(" ", seats.Select(InsteadOf))
        : refusal.Alternatives.Count == 0 ? refusal.Reason : $"Seats are left on {string.Join(", ", refusal.Alternatives)}.";

    private static string InsteadOf(RefusedSeat seat) => seat.Nearest.Count == 0
        ? $"Seat {seat.Seat} of flight {seat.SegmentOrdinal} cannot be had any more."
        : $"Seat {seat.Seat} of flight {seat.SegmentOrdinal} cannot be had any more; free near it: {string.Join(", ", seat.Nearest)}.";

    extension(EventActivityBinder<BookingState> enter)
    {
        internal EventActivityBinder<BookingState> Enter(Func<BookingState, DateTimeOffset> until) => enter.Then(x =>
        {
            x.Saga.EnteredAt = Machine(x).Now;
            x.Saga.Ticks = 0;
            x.Saga.LookUpAnswered = true;
            x.Saga.DeadlineAt = until(x.Saga);
        });

        internal EventActivityBinder<BookingState> StartTimers()
        {
            var machine = (BookingStateMachine)enter.StateMachine;
            return enter
                .Then(x => x.Saga.TickAt = machine.NextTick(x.Saga))
                .Schedule(machine.Deadline, x => new BookingDeadline(x.Saga.CorrelationId), x => x.Saga.DeadlineAt!.Value.UtcDateTime)
                .IfElse(x => x.Saga.TickAt is not null,
                    ticking => ticking.Schedule(machine.Tick, x => new BookingTick(x.Saga.CorrelationId), x => x.Saga.TickAt!.Value.UtcDateTime),
                    silent => silent.Unschedule(machine.Tick));
        }

        internal EventActivityBinder<BookingState> StopTimers()
        {
            var machine = (BookingStateMachine)enter.StateMachine;
            return enter
                .Then(x =>
                {
                    x.Saga.EnteredAt = machine.Now;
                    x.Saga.DeadlineAt = x.Saga.TickAt = null;
                })
                .Unschedule(machine.Deadline)
                .Unschedule(machine.Tick);
        }
    }

    extension<T>(EventActivityBinder<BookingState, T> on) where T : class
    {
        internal EventActivityBinder<BookingState, T> ScheduleDeadline() => on.Schedule(
            ((BookingStateMachine)on.StateMachine).Deadline, x => new BookingDeadline(x.Saga.CorrelationId), x => x.Saga.DeadlineAt!.Value.UtcDateTime);

        internal EventActivityBinder<BookingState, T> ScheduleTick() => on.Schedule(
            ((BookingStateMachine)on.StateMachine).Tick, x => new BookingTick(x.Saga.CorrelationId), x => x.Saga.TickAt!.Value.UtcDateTime);

        /// <summary>Does the state's command again and says when next.</summary>
        internal EventActivityBinder<BookingState, T> RepeatTheCommand() => on
            .ThenAsync(x => Machine(x).RepeatCommand(x))
            .StartTickAgain();

        internal EventActivityBinder<BookingState, T> StartTickAgain() => on.StartTick(x => x.Saga.Ticks + 1);

        /// <summary>Something new is waited for: it is asked about as often as at first.</summary>
        internal EventActivityBinder<BookingState, T> StartTicksAnew() => on.StartTick(_ => 0);

        private EventActivityBinder<BookingState, T> StartTick(Func<BehaviorContext<BookingState, T>, int> ticks) => on
            .Then(x =>
            {
                x.Saga.Ticks = ticks(x);
                x.Saga.TickAt = Machine(x).NextTick(x.Saga);
            })
            .IfElse(x => x.Saga.TickAt is not null,
                ticking => ticking.ScheduleTick(),
                silent => silent.Unschedule(((BookingStateMachine)on.StateMachine).Tick));

        /// <summary>For a state that time alone never ends. Where no repeat fell before the deadline, the deadline is one, or it would be the last of them.</summary>
        internal EventActivityBinder<BookingState, T> StartDeadlineAgain(TimeSpan after) => on
            .Then(x => x.Saga.DeadlineAt = Machine(x).Now + after)
            .ScheduleDeadline()
            .If(x => x.Saga.TickAt is null, silent => silent.ThenAsync(x => Machine(x).RepeatCommand(x)))
            .StartTickAgain();

        /// <summary>Gives up, for this reason or, where the traveller asked to cancel meanwhile, for that one.</summary>
        internal EventActivityBinder<BookingState, T> Undo(string because, Func<T, string?>? detail = null) => on
            .UndoAs(because, x => detail?.Invoke(x.Message));

        internal EventActivityBinder<BookingState, T> UndoAsThePriceIsNotTaken() => on
            .UndoAs(Because.PriceChanged, x => $"The price is {x.Saga.NewPrice!.Offer.Total} now; it was {x.Saga.NewPrice.OldTotal}.");

        private EventActivityBinder<BookingState, T> UndoAs(string because, Func<BehaviorContext<BookingState, T>, string?> detail) => on
            .Then(x =>
            {
                x.Saga.FailedBecause = x.Saga.CancelRequestedAt is null ? because : Because.Cancelled;
                x.Saga.FailureDetail = detail(x);
            })
            .TransitionTo(((BookingStateMachine)on.StateMachine).Compensating);

        /// <summary>Nothing more can be done without people, who are called each time.</summary>
        internal EventActivityBinder<BookingState, T> Park(string kind, string detail)
        {
            var machine = (BookingStateMachine)on.StateMachine;
            return on
                .ThenAsync(x => OpenCaseAgain(x, kind, detail))
                .Then(x => x.Saga.ParkedFrom = machine.Phase(x.Saga))
                .TransitionTo(machine.ParkedForStaff);
        }

        internal EventActivityBinder<BookingState, T> OpenCase(string kind, string detail) => on.ThenAsync(x => OpenCaseOnce(x, kind, detail));

        internal EventActivityBinder<BookingState, T> NoteTheAnswer() => on.Then(x => x.Saga.LookUpAnswered = true);

        internal EventActivityBinder<BookingState, T> NoteThatNothingIsHeld(Func<T, Guid> holdId) =>
            on.Then(x => x.Saga.Change(holdId(x.Message), (HoldAttempt hold) => hold with { Standing = HoldStanding.Gone }));

        internal EventActivityBinder<BookingState, T> NoteThatNothingIsPaid(Func<T, Guid> paymentId) =>
            on.Then(x => x.Saga.Change(paymentId(x.Message), (PaymentAttempt payment) => payment with { Standing = PaymentStanding.Closed }));

        internal EventActivityBinder<BookingState, T> NoteThatNothingIsBought(Func<T, Guid> orderId) =>
            on.Then(x => x.Saga.Change(orderId(x.Message), (OrderAttempt order) => order with { Standing = OrderStanding.Closed }));

        internal EventActivityBinder<BookingState, T> NoteThatCapture(PaymentStanding standing) => on.Then(x =>
        {
            x.Saga.LookUpAnswered = true;
            x.Saga.Change(x.Saga.Payment!.PaymentId, (PaymentAttempt payment) => payment with { Standing = standing });
        });

        internal EventActivityBinder<BookingState, T> VoidTheCurrentPayment() => on.ThenAsync(BookingSteps.VoidTheCurrentPayment);

        internal EventActivityBinder<BookingState, T> VoidThePaymentUnderWay() =>
            on.If(x => x.Saga.Payment is { Standing: not (PaymentStanding.Closed or PaymentStanding.Voiding) }, underWay => underWay.VoidTheCurrentPayment());

        internal EventActivityBinder<BookingState, T> AskForAnotherPayment() => on.ThenAsync(x =>
            Tell(x, BookingNewsKind.PayAgain, x.Saga.CurrentState == Machine(x).CaptureRecovery.Name ? x.Saga.DeadlineAt : null));

        internal EventActivityBinder<BookingState, T> ReleaseSeats(Func<T, Guid> holdId, Func<T, long> token) => on.ThenAsync(x =>
        {
            x.Saga.Change(holdId(x.Message), (HoldAttempt hold) => hold with { Standing = HoldStanding.Releasing, Token = token(x.Message) });
            return x.Publish(new ReleaseSeats(x.Saga.CorrelationId, holdId(x.Message), token(x.Message)));
        });

        internal EventActivityBinder<BookingState, T> IfEverythingIsUndone(Func<EventActivityBinder<BookingState, T>, EventActivityBinder<BookingState, T>> end) =>
            on.If(x => x.Saga.IsUndone, end);
    }

    internal static EventActivityBinder<BookingState, BookingSubmitted> RememberTheRequest(this EventActivityBinder<BookingState, BookingSubmitted> on) => on.Then(x =>
    {
        x.Saga.Locator = x.Message.Locator;
        x.Saga.OfferId = x.Message.OfferId;
        x.Saga.Passengers = x.Message.Passengers;
        x.Saga.Contact = x.Message.Contact;
        x.Saga.Owner = x.Message.Owner;
        x.Saga.ReturnUrl = x.Message.ReturnUrl;
        x.Saga.SubmittedAt = x.Message.SubmittedAt;
        x.Saga.PayLater = x.Message.PayLater;
    });

    // Asked for again while the seats are held: the price is good for as long as the offer is.
    internal static EventActivityBinder<BookingState, OfferPriced> RememberTheOffer(this EventActivityBinder<BookingState, OfferPriced> on) => on.Then(x =>
    {
        x.Saga.Offer = x.Message.Offer;
        x.Saga.PriceUntil = x.Message.Offer.ExpiresAt;
    });

    internal static EventActivityBinder<BookingState, OfferPriced> RememberTheNewPrice(this EventActivityBinder<BookingState, OfferPriced> on) =>
        on.Then(x => x.Saga.NewPrice = new(x.Message.Offer, x.Saga.Offer!.Total));

    internal static EventActivityBinder<BookingState, OfferPriceChanged> RememberTheNewPrice(this EventActivityBinder<BookingState, OfferPriceChanged> on) =>
        on.Then(x => x.Saga.NewPrice = new(x.Message.NewOffer, x.Message.OldTotal));

    // A payment opened at the old price is of no use any more.
    internal static EventActivityBinder<BookingState, PriceAccepted> TakeTheNewPrice(this EventActivityBinder<BookingState, PriceAccepted> on) => on
        .Then(x =>
        {
            x.Saga.Offer = x.Saga.NewPrice!.Offer;
            x.Saga.OfferId = x.Saga.Offer.OfferId;
            x.Saga.PriceUntil = x.Saga.Offer.ExpiresAt;
            x.Saga.NewPrice = null;
        })
        .VoidThePaymentUnderWay();

    // The payer's time is fixed when seats are held first.
    internal static EventActivityBinder<BookingState, SeatsHeld> RememberTheHold(this EventActivityBinder<BookingState, SeatsHeld> on) => on
        .Then(x =>
        {
            var held = x.Message;
            x.Saga.Change(held.HoldId, (HoldAttempt hold) => hold with { Standing = HoldStanding.Held, Token = held.Token, SpaceUntil = held.SpaceUntil });
            x.Saga.PriceUntil = held.PriceUntil;
        })
        .If(x => x.Saga.PaymentUntil is null, first => first
            .Then(x => x.Saga.PaymentUntil = Machine(x).PaymentEnds(x.Saga, x.Message.SpaceUntil))
            .If(x => x.Saga.PayLater, later => later.TellThatThereIsTime()));

    // Where there is so little that the reminder would be due already, this is the reminder.
    private static EventActivityBinder<BookingState, SeatsHeld> TellThatThereIsTime(this EventActivityBinder<BookingState, SeatsHeld> on) => on
        .ThenAsync(x =>
        {
            x.Saga.RemindedAt = Machine(x).Now >= Machine(x).ReminderAt(x.Saga) ? Machine(x).Now : null;
            return Tell(x, BookingNewsKind.PayLater, x.Saga.PaymentUntil);
        });

    internal static EventActivityBinder<BookingState, SeatsPinned> RememberThePin(this EventActivityBinder<BookingState, SeatsPinned> on) =>
        on.Then(x => x.Saga.Change(x.Message.HoldId, (HoldAttempt hold) => hold with { Standing = HoldStanding.Pinned }));

    internal static EventActivityBinder<BookingState, PaymentOpened> RememberTheApprovalLink(this EventActivityBinder<BookingState, PaymentOpened> on) => on.Then(x =>
        x.Saga.Change(x.Message.PaymentId, (PaymentAttempt payment) => payment with { Standing = PaymentStanding.Open, ApprovalLink = x.Message.ApprovalLink }));

    internal static EventActivityBinder<BookingState, PaymentApproved> RememberTheApproval(this EventActivityBinder<BookingState, PaymentApproved> on) =>
        on.Then(x => x.Saga.Change(x.Message.PaymentId, (PaymentAttempt payment) => payment with { Standing = PaymentStanding.Approved }));

    internal static EventActivityBinder<BookingState, PaymentAuthorized> RememberTheAuthorisation(this EventActivityBinder<BookingState, PaymentAuthorized> on) => on.Then(x =>
    {
        x.Saga.LookUpAnswered = true;
        x.Saga.Change(x.Message.PaymentId, (PaymentAttempt payment) => payment with
        {
            Standing = PaymentStanding.Authorised,
            Authorised = x.Message.Amount,
            HonouredUntil = x.Message.HonouredUntil,
        });
    });

    internal static EventActivityBinder<BookingState, AirlineOrderConfirmed> RememberTheAirlineOrder(this EventActivityBinder<BookingState, AirlineOrderConfirmed> on) =>
        on.Then(x =>
        {
            x.Saga.Change(x.Message.OrderId, (OrderAttempt order) => order with { Standing = OrderStanding.Bought });
            x.Saga.Change(x.Saga.Hold!.HoldId, (HoldAttempt hold) => hold with { Standing = HoldStanding.Sold });
            x.Saga.Locators = x.Message.Locators;
            x.Saga.TicketNumbers = x.Message.TicketNumbers ?? [];
            x.Saga.TicketingLimitAt = x.Message.TicketingLimitAt;
            x.Saga.VoidableUntil = x.Message.VoidableUntil;
        });

    internal static EventActivityBinder<BookingState, TicketsIssued> RememberTheTickets(this EventActivityBinder<BookingState, TicketsIssued> on) =>
        on.Then(x => x.Saga.TicketNumbers = x.Message.TicketNumbers);

    internal static EventActivityBinder<BookingState, TicketsPending> ForgetTheNumbers(this EventActivityBinder<BookingState, TicketsPending> on) =>
        on.Then(x => x.Saga.TicketNumbers = []);

    internal static EventActivityBinder<BookingState, PaymentCaptured> RememberTheCapture(this EventActivityBinder<BookingState, PaymentCaptured> on) => on.Then(x =>
        x.Saga.Change(x.Message.PaymentId, (PaymentAttempt payment) => payment with { Standing = PaymentStanding.Captured, Captured = x.Message.Amount }));

    internal static EventActivityBinder<BookingState, DocumentsStored> RememberTheDocuments(this EventActivityBinder<BookingState, DocumentsStored> on) =>
        on.Then(x => x.Saga.Documents = x.Message.Documents);

    internal static EventActivityBinder<BookingState, BookingCancelRequested> RememberTheCancelRequest(this EventActivityBinder<BookingState, BookingCancelRequested> on) =>
        on.Then(x => x.Saga.CancelRequestedAt ??= x.Message.RequestedAt);

    internal static EventActivityBinder<BookingState, SeatsReleased> NoteTheRelease(this EventActivityBinder<BookingState, SeatsReleased> on) => on.Then(x =>
        x.Saga.Change(x.Message.HoldId, (HoldAttempt hold) => hold.Standing == HoldStanding.Releasing ? hold with { Standing = HoldStanding.Gone } : hold));

    internal static EventActivityBinder<BookingState, PaymentVoided> NoteTheVoid(this EventActivityBinder<BookingState, PaymentVoided> on) => on.Then(x =>
        x.Saga.Change(x.Message.PaymentId, (PaymentAttempt payment) => payment.Standing == PaymentStanding.Voiding
            ? payment with { Standing = PaymentStanding.Closed, Authorised = x.Message.Voided ?? payment.Authorised }
            : payment));

    internal static EventActivityBinder<BookingState, PaymentRefunded> NoteTheRefund(this EventActivityBinder<BookingState, PaymentRefunded> on) => on.Then(x =>
        x.Saga.Change(x.Message.PaymentId, (PaymentAttempt payment) => payment.Standing == PaymentStanding.Refunding
            ? payment with { Standing = PaymentStanding.Closed, Refunded = x.Message.Amount }
            : payment));

    internal static EventActivityBinder<BookingState, ServicingRequested> GrantTheLock(this EventActivityBinder<BookingState, ServicingRequested> on) => on.ThenAsync(x =>
    {
        x.Saga.ServicedBy = x.Message.ServicingId;
        var payment = x.Saga.Payment is { Standing: PaymentStanding.Captured, Captured: not null } captured ? captured : null;
        return x.Publish(new ServicingGranted(x.Saga.CorrelationId, x.Message.ServicingId, payment?.PaymentId, Remaining(x.Saga, payment?.Captured)));
    });

    internal static EventActivityBinder<BookingState, ServicingRequested> DenyTheLock(this EventActivityBinder<BookingState, ServicingRequested> on, string reason) =>
        on.ThenAsync(x => x.Publish(new ServicingDenied(x.Saga.CorrelationId, x.Message.ServicingId, reason)));

    internal static EventActivityBinder<BookingState, ServicingEnded> RememberTheServicing(this EventActivityBinder<BookingState, ServicingEnded> on) => on.Then(x =>
    {
        var done = x.Message;
        x.Saga.Servicings = [.. x.Saga.Servicings, new(done.ServicingId, done.Coupons, done.RefundDue, done.EndedAt)];
        x.Saga.ServicedBy = x.Saga.ServicedBy == done.ServicingId ? null : x.Saga.ServicedBy;
    });

    // What is promised back is gone, whether or not PayPal has done it.
    private static Money? Remaining(BookingState saga, Money? captured) =>
        captured is { } taken ? taken - saga.Servicings.Select(known => known.RefundDue).OfType<Money>().Sum(taken.Currency) : null;

    internal static EventActivityBinder<BookingState, AirlineOrderCancelled> NoteTheCancellation(this EventActivityBinder<BookingState, AirlineOrderCancelled> on) => on.Then(x =>
        x.Saga.Change(x.Message.OrderId, (OrderAttempt order) => order.Standing == OrderStanding.Cancelling ? order with { Standing = OrderStanding.Closed } : order));

    internal static EventActivityBinder<BookingState, PaymentAuthorized> VoidTheLateAuthorisation(this EventActivityBinder<BookingState, PaymentAuthorized> on) =>
        on.ThenAsync(x =>
        {
            x.Saga.Change(x.Message.PaymentId, (PaymentAttempt payment) => payment.Standing is PaymentStanding.Refunding
                ? payment
                : payment with { Standing = PaymentStanding.Voiding, Authorised = x.Message.Amount });
            return x.Publish(new VoidPayment(x.Saga.CorrelationId, x.Message.PaymentId));
        });

    internal static EventActivityBinder<BookingState, PaymentCaptured> RefundTheLateCapture(this EventActivityBinder<BookingState, PaymentCaptured> on) => on.ThenAsync(x =>
    {
        var captured = x.Message;
        x.Saga.Change(captured.PaymentId, (PaymentAttempt payment) => payment with { Standing = PaymentStanding.Refunding, Captured = captured.Amount });
        return x.Publish(Refund(x.Saga, captured.PaymentId, captured.Amount));
    });

    internal static EventActivityBinder<BookingState, AirlineOrderConfirmed> CancelTheLateOrder(this EventActivityBinder<BookingState, AirlineOrderConfirmed> on) =>
        on.ThenAsync(x =>
        {
            x.Saga.Change(x.Message.OrderId, (OrderAttempt order) => order with { Standing = OrderStanding.Cancelling });
            return x.Publish(new CancelAirlineOrder(x.Saga.CorrelationId, x.Message.OrderId));
        });

    internal static EventActivityBinder<BookingState, StaffDecided> RememberTheDecision(this EventActivityBinder<BookingState, StaffDecided> on, bool applied) => on.Then(x =>
        x.Saga.StaffActions = [.. x.Saga.StaffActions, new(x.Message.ActionId, x.Message.Decision, x.Message.By, x.Message.Reason, x.Message.DecidedAt, applied)]);

    internal static BookingStateMachine Machine(BehaviorContext<BookingState> x) => (BookingStateMachine)x.StateMachine;

    internal static Task Tell(BehaviorContext<BookingState> x, BookingNewsKind kind, DateTimeOffset? until = null, Money? oldTotal = null) => x.Publish(new BookingNews(
        x.Saga.CorrelationId, x.Saga.Locator, kind, x.Saga.NewPrice?.Offer.Total ?? x.Saga.Offer?.Total, oldTotal, until, x.Saga.Contact, Machine(x).Now,
        (x.Saga.Offer ?? x.Saga.NewPrice?.Offer)?.Segments));

    internal static Task VoidTheCurrentPayment(BehaviorContext<BookingState> x)
    {
        x.Saga.Change(x.Saga.Payment!.PaymentId, (PaymentAttempt payment) => payment with { Standing = PaymentStanding.Voiding });
        return x.Publish(new VoidPayment(x.Saga.CorrelationId, x.Saga.Payment.PaymentId));
    }

    /// <summary>Once a booking, however often it happens.</summary>
    internal static Task OpenCaseOnce(BehaviorContext<BookingState> x, string kind, string detail) =>
        x.Saga.Cases.All(known => known.Kind != kind) ? OpenCase(x, kind, detail) : Task.CompletedTask;

    /// <summary>Once a stay in a state: what went by while people looked at it, and comes again, is said again.</summary>
    internal static Task OpenCaseAgain(BehaviorContext<BookingState> x, string kind, string detail) =>
        x.Saga.Cases.All(known => known.Kind != kind || known.OpenedAt <= x.Saga.EnteredAt) ? OpenCase(x, kind, detail) : Task.CompletedTask;

    internal static async Task SayThatTheOrderIsUnknown(BehaviorContext<BookingState> x)
    {
        const string kind = "commit-unknown";
        if (x.Saga.Cases.All(known => known.Kind != kind))
        {
            await OpenCase(x, kind, "The airline has not said whether the order was made; it is asked again and again.");
            await Tell(x, BookingNewsKind.ConfirmingWithAirline);
        }
    }

    private static Task OpenCase(BehaviorContext<BookingState> x, string kind, string detail)
    {
        var now = Machine(x).Now;
        x.Saga.Cases = [.. x.Saga.Cases, new OpenedCase(kind, detail, now)];
        return x.Publish(new BookingCaseOpened(x.Saga.CorrelationId, kind, detail, now));
    }

    // One refund for a payment that should not have been captured: its id follows from the payment's, so a repeat is the same refund.
    internal static RefundPayment Refund(BookingState saga, Guid paymentId, Money amount) =>
        new(saga.CorrelationId, paymentId, BookingState.AttemptId(paymentId, "late-capture", 1), amount, "late-capture");
}
