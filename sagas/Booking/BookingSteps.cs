using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Payments;
using Aerona.Contracts.Tickets;
using MassTransit;

namespace Aerona.Sagas.Booking;

/// <summary>The verbs of <see cref="BookingStateMachine"/>: each publishes a message or remembers a fact.</summary>
internal static class BookingSteps
{
    internal static readonly (string Kind, string Detail) CancelAfterPurchase =
        ("cancel-after-purchase", "The traveller asked to cancel while the booking was being bought; the cancellation has to be made by hand.");

    // The commands of the states. A state entered or repeated runs its command, so each of them is safe to run again.

    internal static Task Nothing(BehaviorContext<BookingState> x) => Task.CompletedTask;

    internal static Task AskForThePrice(BehaviorContext<BookingState> x) => x.Publish(new PriceOffer(x.Saga.CorrelationId, x.Saga.OfferId));

    internal static Task AskForSeats(BehaviorContext<BookingState> x)
    {
        x.Saga.Mint(new HoldAttempt(x.Saga.Id("hold", x.Saga.Holds.Count + 1), HoldStanding.Asked));
        return x.Publish(new HoldSeats(x.Saga.CorrelationId, x.Saga.Hold!.HoldId, x.Saga.OfferId, x.Saga.Passengers));
    }

    internal static Task AskAboutTheHold(BehaviorContext<BookingState> x) =>
        x.Publish(new LookUpHold(x.Saga.CorrelationId, x.Saga.Hold!.HoldId, NextLookUp(x.Saga)));

    // The last order goes on as long as the payer can approve it; otherwise this is a new try.
    internal static Task OpenThePayment(BehaviorContext<BookingState> x)
    {
        if (x.Saga.Payment is not { Standing: PaymentStanding.Asked or PaymentStanding.Open })
        {
            x.Saga.Mint(new PaymentAttempt(x.Saga.Id("payment", x.Saga.Payments.Count + 1), PaymentStanding.Asked));
        }

        var first = x.Saga.Offer!.Segments[0];
        var description = $"{first.Flight} {first.Origin}-{x.Saga.Offer.Segments[^1].Destination} {first.DepartsLocal:yyyy-MM-dd}";
        return x.Publish(new OpenPayment(x.Saga.CorrelationId, x.Saga.Payment!.PaymentId, x.Saga.Offer.Total, x.Saga.Locator, description, x.Saga.ReturnUrl));
    }

    internal static Task AskAboutTheApproval(BehaviorContext<BookingState> x) => x.Saga.Payment is { Standing: PaymentStanding.Open } open
        ? x.Publish(new LookUpPayment(x.Saga.CorrelationId, open.PaymentId, NextLookUp(x.Saga), CloseIfAbsent: false))
        : Task.CompletedTask;

    internal static Task PinTheSeats(BehaviorContext<BookingState> x) =>
        x.Publish(new PinSeats(x.Saga.CorrelationId, x.Saga.Hold!.HoldId, x.Saga.Hold.Token ?? 0));

    internal static Task AuthorizeThePayment(BehaviorContext<BookingState> x)
    {
        x.Saga.Change(x.Saga.Payment!.PaymentId, payment => payment with { Standing = PaymentStanding.Authorising });
        return x.Publish(new AuthorizePayment(x.Saga.CorrelationId, x.Saga.Payment.PaymentId));
    }

    internal static Task AskAboutTheAuthorisation(BehaviorContext<BookingState> x) =>
        x.Publish(new LookUpPayment(x.Saga.CorrelationId, x.Saga.Payment!.PaymentId, NextLookUp(x.Saga), CloseIfAbsent: true));

    internal static Task MakeTheAirlineOrder(BehaviorContext<BookingState> x)
    {
        x.Saga.Mint(new OrderAttempt(x.Saga.Id("order", x.Saga.Orders.Count + 1), OrderStanding.Asked));
        return x.Publish(new CommitAirlineOrder(
            x.Saga.CorrelationId, x.Saga.Order!.OrderId, x.Saga.Hold!.HoldId, x.Saga.Hold.Token ?? 0, x.Saga.OfferId, x.Saga.Locator, x.Saga.Passengers, x.Saga.Contact));
    }

    internal static Task AskAboutTheOrder(BehaviorContext<BookingState> x) =>
        x.Publish(new LookUpAirlineOrder(x.Saga.CorrelationId, x.Saga.Order!.OrderId, NextLookUp(x.Saga)));

    internal static Task IssueTheTickets(BehaviorContext<BookingState> x) => x.Saga.TicketNumbers.Count == 0
        ? AskAboutTheOrder(x)
        : x.Publish(new IssueTickets(
            x.Saga.CorrelationId, x.Saga.Order!.OrderId, x.Saga.Locator, x.Saga.Locators, x.Saga.Owner, x.Saga.Offer!, x.Saga.Passengers, x.Saga.TicketNumbers));

    // The same id again while nothing was heard; asked about once PayPal said that it waits or refuses.
    internal static Task CaptureThePayment(BehaviorContext<BookingState> x)
    {
        var payment = x.Saga.Payment!;
        if (payment.Standing is PaymentStanding.CapturePending or PaymentStanding.CaptureRefused)
        {
            return x.Publish(new LookUpPayment(x.Saga.CorrelationId, payment.PaymentId, NextLookUp(x.Saga), CloseIfAbsent: false));
        }

        x.Saga.Change(payment.PaymentId, known => known with { Standing = PaymentStanding.Capturing });
        return x.Publish(new CapturePayment(x.Saga.CorrelationId, payment.PaymentId, x.Saga.Offer!.Total));
    }

    internal static Task StoreTheDocuments(BehaviorContext<BookingState> x) => x.Publish(new StoreDocuments(
        x.Saga.CorrelationId, x.Saga.Order!.OrderId, x.Saga.Payment!.Captured ?? x.Saga.Offer!.Total, x.Saga.Contact.Locale));

    /// <summary>Last first: the order, the money, the seats; every id that was ever minted and may still hold something.</summary>
    internal static async Task UndoEverything(BehaviorContext<BookingState> x)
    {
        var saga = x.Saga;
        foreach (var order in saga.Orders.Where(order => order.Standing != OrderStanding.Closed))
        {
            saga.Change(order.OrderId, known => known with { Standing = OrderStanding.Cancelling });
            await x.Publish(new CancelAirlineOrder(saga.CorrelationId, order.OrderId));
        }

        foreach (var payment in saga.Payments.Where(payment => payment.Standing != PaymentStanding.Closed))
        {
            if (payment.Captured is { } captured)
            {
                saga.Change(payment.PaymentId, known => known with { Standing = PaymentStanding.Refunding });
                await x.Publish(Refund(saga, payment.PaymentId, captured));
                continue;
            }

            saga.Change(payment.PaymentId, known => known with { Standing = PaymentStanding.Voiding });
            await x.Publish(new VoidPayment(saga.CorrelationId, payment.PaymentId));
        }

        foreach (var hold in saga.Holds.Where(hold => hold.Standing != HoldStanding.Gone))
        {
            saga.Change(hold.HoldId, known => known with { Standing = HoldStanding.Releasing });
            await x.Publish(new ReleaseSeats(saga.CorrelationId, hold.HoldId, hold.Token));
        }
    }

    internal static async Task SayThatItIsConfirmed(BehaviorContext<BookingState> x)
    {
        var saga = x.Saga;
        var now = Machine(x).Now;
        await x.Publish(new BookingConfirmed(
            saga.CorrelationId, saga.Locator, saga.Locators, saga.Offer!, saga.Passengers, saga.Contact, saga.TicketNumbers, saga.Documents,
            saga.Payment!.Captured ?? saga.Offer!.Total, now));
        if (saga.CancelRequestedAt is not null)
        {
            await OpenCaseOnce(x, CancelAfterPurchase.Kind, CancelAfterPurchase.Detail);
        }
    }

    internal static Task SayThatItFailed(BehaviorContext<BookingState> x) => x.Publish(new BookingFailed(
        x.Saga.CorrelationId, x.Saga.Locator, x.Saga.CurrentState, x.Saga.FailedBecause!, x.Saga.FailureDetail,
        x.Saga.Payments.Any(payment => payment.Authorised is not null) ? MoneyState.AuthorisationVoided : MoneyState.NotCharged,
        x.Saga.Contact, Machine(x).Now));

    internal static string? Alternatives(SeatsRefused refusal) =>
        refusal.Alternatives.Count == 0 ? refusal.Reason : $"Seats are left on {string.Join(", ", refusal.Alternatives)}.";

    extension(EventActivityBinder<BookingState> enter)
    {
        internal EventActivityBinder<BookingState> Enter() => enter.Then(x =>
        {
            x.Saga.EnteredAt = Machine(x).Now;
            x.Saga.Ticks = 0;
            x.Saga.LookUpAnswered = true;
        });

        internal EventActivityBinder<BookingState> StartTimers(Func<BookingState, DateTimeOffset> until)
        {
            var machine = (BookingStateMachine)enter.StateMachine;
            return enter
                .Then(x =>
                {
                    x.Saga.DeadlineAt = until(x.Saga);
                    x.Saga.TickAt = machine.NextTick(x.Saga);
                })
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

        internal EventActivityBinder<BookingState, T> StartTickAgain() => on
            .Then(x =>
            {
                x.Saga.Ticks++;
                x.Saga.TickAt = Machine(x).NextTick(x.Saga);
            })
            .IfElse(x => x.Saga.TickAt is not null,
                ticking => ticking.ScheduleTick(),
                silent => silent.Unschedule(((BookingStateMachine)on.StateMachine).Tick));

        /// <summary>For a state that time alone never ends.</summary>
        internal EventActivityBinder<BookingState, T> StartDeadlineAgain(TimeSpan after) => on
            .Then(x => x.Saga.DeadlineAt = Machine(x).Now + after)
            .ScheduleDeadline()
            .StartTickAgain();

        /// <summary>Gives up, for this reason or, where the traveller asked to cancel meanwhile, for that one.</summary>
        internal EventActivityBinder<BookingState, T> Undo(string because, Func<T, string?>? detail = null) => on
            .Then(x =>
            {
                x.Saga.FailedBecause = x.Saga.CancelRequestedAt is null ? because : Because.Cancelled;
                x.Saga.FailureDetail = detail?.Invoke(x.Message);
            })
            .TransitionTo(((BookingStateMachine)on.StateMachine).Compensating);

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

        internal EventActivityBinder<BookingState, T> VoidTheCurrentPayment() => on.ThenAsync(x =>
        {
            x.Saga.Change(x.Saga.Payment!.PaymentId, (PaymentAttempt payment) => payment with { Standing = PaymentStanding.Voiding });
            return x.Publish(new VoidPayment(x.Saga.CorrelationId, x.Saga.Payment.PaymentId));
        });

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
    });

    // Asked for again while the seats are held: the price is good for as long as the offer is.
    internal static EventActivityBinder<BookingState, OfferPriced> RememberTheOffer(this EventActivityBinder<BookingState, OfferPriced> on) => on.Then(x =>
    {
        x.Saga.Offer = x.Message.Offer;
        x.Saga.PriceUntil = x.Message.Offer.ExpiresAt;
    });

    internal static EventActivityBinder<BookingState, SeatsHeld> RememberTheHold(this EventActivityBinder<BookingState, SeatsHeld> on) => on.Then(x =>
    {
        var (machine, held) = (Machine(x), x.Message);
        x.Saga.Change(held.HoldId, (HoldAttempt hold) => hold with { Standing = HoldStanding.Held, Token = held.Token, SpaceUntil = held.SpaceUntil });
        x.Saga.PriceUntil = held.PriceUntil;
        var (window, space) = (machine.Now + machine.Times.PaymentWindow, held.SpaceUntil - machine.Times.SpaceMargin);
        x.Saga.PaymentUntil ??= window < space ? window : space;
    });

    internal static EventActivityBinder<BookingState, SeatsPinned> RememberThePin(this EventActivityBinder<BookingState, SeatsPinned> on) =>
        on.Then(x => x.Saga.Change(x.Message.HoldId, (HoldAttempt hold) => hold with { Standing = HoldStanding.Pinned }));

    internal static EventActivityBinder<BookingState, PaymentOpened> RememberTheApprovalLink(this EventActivityBinder<BookingState, PaymentOpened> on) => on.Then(x =>
        x.Saga.Change(x.Message.PaymentId, (PaymentAttempt payment) => payment with { Standing = PaymentStanding.Open, ApprovalLink = x.Message.ApprovalLink }));

    internal static EventActivityBinder<BookingState, PaymentApproved> RememberTheApproval(this EventActivityBinder<BookingState, PaymentApproved> on) =>
        on.Then(x => x.Saga.Change(x.Message.PaymentId, (PaymentAttempt payment) => payment with { Standing = PaymentStanding.Approved }));

    internal static EventActivityBinder<BookingState, PaymentAuthorized> RememberTheAuthorisation(this EventActivityBinder<BookingState, PaymentAuthorized> on) => on.Then(x =>
        x.Saga.Change(x.Message.PaymentId, (PaymentAttempt payment) => payment with { Standing = PaymentStanding.Authorised, Authorised = x.Message.Amount }));

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

    private static BookingStateMachine Machine(BehaviorContext<BookingState> x) => (BookingStateMachine)x.StateMachine;

    private static async Task OpenCaseOnce(BehaviorContext<BookingState> x, string kind, string detail)
    {
        if (x.Saga.Cases.All(known => known.Kind != kind))
        {
            var now = Machine(x).Now;
            x.Saga.Cases = [.. x.Saga.Cases, new OpenedCase(kind, detail, now)];
            await x.Publish(new BookingCaseOpened(x.Saga.CorrelationId, kind, detail, now));
        }
    }

    // A question that was not answered is asked again under its own number, so that only one is ever open.
    private static int NextLookUp(BookingState saga)
    {
        if (saga.LookUpAnswered)
        {
            saga.LookUp++;
            saga.LookUpAnswered = false;
        }

        return saga.LookUp;
    }

    // One refund for a payment that should not have been captured: its id follows from the payment's, so a repeat is the same refund.
    private static RefundPayment Refund(BookingState saga, Guid paymentId, Money amount) =>
        new(saga.CorrelationId, paymentId, BookingState.AttemptId(paymentId, "late-capture", 1), amount, "late-capture");
}
