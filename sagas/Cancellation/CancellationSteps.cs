using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Sagas.Booking;
using MassTransit;

namespace Aerona.Sagas.Cancellation;

/// <summary>The verbs of <see cref="CancellationStateMachine"/>: each publishes a message or remembers a fact.</summary>
internal static class CancellationSteps
{
    extension(EventActivityBinder<CancellationState> enter)
    {
        internal EventActivityBinder<CancellationState> Enter(Func<CancellationState, DateTimeOffset> until) => enter.Then(x =>
        {
            x.Saga.EnteredAt = Machine(x).Now;
            x.Saga.Ticks = 0;
            x.Saga.LookUpAnswered = true;
            x.Saga.DeadlineAt = until(x.Saga);
        });

        internal EventActivityBinder<CancellationState> StartTimers()
        {
            var machine = (CancellationStateMachine)enter.StateMachine;
            return enter
                .Then(x => x.Saga.TickAt = machine.NextTick(x.Saga))
                .Schedule(machine.Deadline, x => new CancellationDeadline(x.Saga.CorrelationId), x => x.Saga.DeadlineAt!.Value.UtcDateTime)
                .IfElse(x => x.Saga.TickAt is not null,
                    ticking => ticking.Schedule(machine.Tick, x => new CancellationTick(x.Saga.CorrelationId), x => x.Saga.TickAt!.Value.UtcDateTime),
                    silent => silent.Unschedule(machine.Tick));
        }

        internal EventActivityBinder<CancellationState> StopTimers()
        {
            var machine = (CancellationStateMachine)enter.StateMachine;
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

    extension<T>(EventActivityBinder<CancellationState, T> on) where T : class
    {
        internal EventActivityBinder<CancellationState, T> ScheduleDeadline() => on.Schedule(
            ((CancellationStateMachine)on.StateMachine).Deadline, x => new CancellationDeadline(x.Saga.CorrelationId), x => x.Saga.DeadlineAt!.Value.UtcDateTime);

        internal EventActivityBinder<CancellationState, T> ScheduleTick() => on.Schedule(
            ((CancellationStateMachine)on.StateMachine).Tick, x => new CancellationTick(x.Saga.CorrelationId), x => x.Saga.TickAt!.Value.UtcDateTime);

        /// <summary>Does the state's command again and says when next.</summary>
        internal EventActivityBinder<CancellationState, T> RepeatTheCommand() => on
            .ThenAsync(x => Machine(x).RepeatCommand(x))
            .StartTickAgain();

        internal EventActivityBinder<CancellationState, T> StartTickAgain() => on
            .Then(x =>
            {
                x.Saga.Ticks++;
                x.Saga.TickAt = Machine(x).NextTick(x.Saga);
            })
            .IfElse(x => x.Saga.TickAt is not null,
                ticking => ticking.ScheduleTick(),
                silent => silent.Unschedule(((CancellationStateMachine)on.StateMachine).Tick));

        /// <summary>For a state that time alone never ends. Where no repeat fell before the deadline, it is one.</summary>
        internal EventActivityBinder<CancellationState, T> StartDeadlineAgain(TimeSpan after) => on
            .Then(x => x.Saga.DeadlineAt = Machine(x).Now + after)
            .ScheduleDeadline()
            .If(x => x.Saga.TickAt is null && Machine(x).Repeats(x.Saga), silent => silent.ThenAsync(x => Machine(x).RepeatCommand(x)))
            .StartTickAgain();

        internal EventActivityBinder<CancellationState, T> OpenCase(string kind, string detail) => on.ThenAsync(x => OpenCaseOnce(x, kind, detail));

        internal EventActivityBinder<CancellationState, T> NoteTheAnswer() => on.Then(x => x.Saga.LookUpAnswered = true);

        internal EventActivityBinder<CancellationState, T> ConfirmUnasked() => on.Then(x => x.Saga.ConfirmedAt = Machine(x).Now);

        internal EventActivityBinder<CancellationState, T> EndWithoutIt(string because) => on.EndWithoutIt(_ => because);

        /// <summary>
        /// Nothing was cancelled: the lock goes back, if it was asked for, and whoever had confirmed or waits for a mail is told. A booking that asked itself hears it
        /// in any case.
        /// </summary>
        internal EventActivityBinder<CancellationState, T> EndWithoutIt(Func<T, string> because) => on.ThenAsync(async x =>
        {
            var saga = x.Saga;
            saga.EndedBecause = because(x.Message);
            if (saga.ConfirmedAt is not null || saga.Unpaid)
            {
                await x.Publish(new ServicingReleased(saga.BookingId, saga.CorrelationId, saga.EndedBecause));
            }

            if (!saga.Unpaid && (saga.ConfirmedAt is not null || (saga.TellByMail && saga.Quote is { Answer: null })) && saga.EndedBecause != NotCancelledBecause.Withdrawn)
            {
                await Tell(x, CancellationNewsKind.NotCancelled);
            }
        });

        internal EventActivityBinder<CancellationState, T> NoteTheRefund(Func<T, Guid> refundId, RefundStanding standing, Func<T, string>? detail = null) => on.Then(x =>
            x.Saga.ChangeRefund(refundId(x.Message), refund => refund with { Standing = standing, Detail = detail?.Invoke(x.Message) ?? refund.Detail }));

        internal EventActivityBinder<CancellationState, T> RememberTheAmount(Func<BehaviorContext<CancellationState, T>, Money> amount) => on.Then(x =>
        {
            x.Saga.Money = x.Saga.Money! with { Due = amount(x) };
            x.Saga.Proposed = null;
        });

        /// <summary>What goes back is known: the booking, the books and the traveller hear it, and it is given back.</summary>
        internal EventActivityBinder<CancellationState, T> Pay(CancellationStateMachine machine) => on
            .ThenAsync(SayThatItIsCancelled)
            .IfElse(x => x.Saga.Money!.Due!.Value.MinorUnits == 0,
                nothing => nothing.TransitionTo(machine.Cancelled),
                some => some.IfElse(x => x.Saga.PaymentId is null,
                    another => another.TransitionTo(machine.RefundDelayed),
                    back => back.TransitionTo(machine.Refunding)));
    }

    internal static EventActivityBinder<CancellationState, CancellationRequested> RememberTheRequest(this EventActivityBinder<CancellationState, CancellationRequested> on) => on.Then(x =>
    {
        x.Saga.BookingId = x.Message.BookingId;
        x.Saga.Locator = x.Message.Locator;
        x.Saga.OrderId = x.Message.OrderId;
        x.Saga.Coupons = x.Message.Coupons;
        x.Saga.Cause = x.Message.Cause;
        x.Saga.Contact = x.Message.Contact;
        x.Saga.Segments = x.Message.Segments;
        x.Saga.RequestedBy = x.Message.By;
        x.Saga.RequestedAt = x.Message.RequestedAt;
        x.Saga.Seen = x.Message.Seen;
        x.Saga.TellByMail = x.Message.TellByMail;
        x.Saga.Unpaid = x.Message.Unpaid;
    });

    internal static EventActivityBinder<CancellationState, CancellationQuoted> RememberTheQuote(this EventActivityBinder<CancellationState, CancellationQuoted> on) =>
        on.Then(x => x.Saga.ChangeQuote(quote => quote with { Answer = x.Message }));

    internal static EventActivityBinder<CancellationState, CancellationConfirmed> RememberTheConfirmation(this EventActivityBinder<CancellationState, CancellationConfirmed> on) =>
        on.Then(x => (x.Saga.ConfirmedAt, x.Saga.ConfirmedBy) = (x.Message.ConfirmedAt, x.Message.By));

    internal static EventActivityBinder<CancellationState, CancellationDecided> RememberTheDecision(this EventActivityBinder<CancellationState, CancellationDecided> on, bool applied) =>
        on.Then(x => x.Saga.StaffActions =
            [.. x.Saga.StaffActions, new(x.Message.ActionId, x.Message.Decision, x.Message.Amount, x.Message.By, x.Message.Reason, x.Message.DecidedAt, applied)]);

    internal static EventActivityBinder<CancellationState, CancellationDecided> NoteTheRefundByHand(this EventActivityBinder<CancellationState, CancellationDecided> on) => on.Then(x =>
        x.Saga.Refunds =
        [
            .. x.Saga.Refunds,
            new(CancellationIds.Refund(x.Saga.CorrelationId, x.Saga.Refunds.Count + 1), x.Saga.Money!.Due!.Value, RefundStanding.ByHand, x.Message.DecidedAt, x.Message.Reference),
        ]);

    internal static EventActivityBinder<CancellationState, ServicingGranted> RememberTheMoney(this EventActivityBinder<CancellationState, ServicingGranted> on) =>
        on.Then(x => (x.Saga.PaymentId, x.Saga.Money) = (x.Message.PaymentId, new(x.Message.Remaining)));

    internal static EventActivityBinder<CancellationState, ServicingGranted> ReleaseTheLock(this EventActivityBinder<CancellationState, ServicingGranted> on) =>
        on.ThenAsync(x => x.Publish(new ServicingReleased(x.Saga.BookingId, x.Saga.CorrelationId, x.Saga.EndedBecause!)));

    internal static EventActivityBinder<CancellationState, QuotedOrderCancelled> RememberWhatTheAirlineDid(this EventActivityBinder<CancellationState, QuotedOrderCancelled> on) =>
        on.Then(x => x.Saga.AtTheAirline = new(x.Message.Coupons, x.Message.Refund, x.Message.IsWhole, x.Message.RefundDueOn, x.Message.DueBy));

    /// <summary>The coupons are ended. What goes back is settled: as quoted, else as the airline says, else as people find out.</summary>
    internal static EventActivityBinder<CancellationState, CouponsEnded> Settle(this EventActivityBinder<CancellationState, CouponsEnded> on, CancellationStateMachine machine) => on
        .ThenAsync(SettleTheAmount)
        .IfElse(x => x.Saga.Unpaid,
            unpaid => unpaid.ThenAsync(SayThatItIsGivenBack).TransitionTo(machine.Cancelled),
            paid => paid.IfElse(x => x.Saga.Money!.Due is null,
                unknown => unknown.TransitionTo(machine.AwaitingAmount),
                known => known.Pay(machine)));

    internal static CancellationStateMachine Machine(BehaviorContext<CancellationState> x) => (CancellationStateMachine)x.StateMachine;

    internal static Task Tell(BehaviorContext<CancellationState> x, CancellationNewsKind kind, DateTimeOffset? until = null)
    {
        var saga = x.Saga;
        var coupons = saga.AtTheAirline?.Coupons ?? saga.Quote?.Answer?.Coupons ?? saga.Coupons ?? [];
        var refund = saga.AtTheAirline is null ? saga.Quote?.Answer?.Refund : saga.Money?.Due;
        return x.Publish(new CancellationNews(
            saga.BookingId, saga.CorrelationId, saga.Locator, kind, refund, saga.AtTheAirline?.IsWhole ?? saga.Coupons is null, coupons, saga.EndedBecause, until, saga.Contact,
            saga.Segments, Machine(x).Now));
    }

    /// <summary>Once a cancellation, however often it happens.</summary>
    internal static Task OpenCaseOnce(BehaviorContext<CancellationState> x, string kind, string detail) =>
        x.Saga.Cases.All(known => known.Kind != kind) ? OpenCase(x, kind, detail) : Task.CompletedTask;

    /// <summary>Once a stay in a state.</summary>
    internal static Task OpenCaseAgain(BehaviorContext<CancellationState> x, string kind, string detail) =>
        x.Saga.Cases.All(known => known.Kind != kind || known.OpenedAt <= x.Saga.EnteredAt) ? OpenCase(x, kind, detail) : Task.CompletedTask;

    internal static async Task SayThatItIsUnknown(BehaviorContext<CancellationState> x)
    {
        const string kind = "cancel-unknown";
        if (x.Saga.Cases.All(known => known.Kind != kind))
        {
            await OpenCase(x, kind, "The airline has not said whether it cancelled; it is asked again and again.");
            if (!x.Saga.Unpaid)
            {
                await Tell(x, CancellationNewsKind.ConfirmingWithAirline);
            }
        }
    }

    internal static async Task SayThatTheRefundIsLate(BehaviorContext<CancellationState> x)
    {
        const string kind = "refund-overdue";
        if (x.Saga.Cases.All(known => known.Kind != kind))
        {
            await OpenCase(x, kind, "What is cancelled was not refunded yet.");
            await Tell(x, CancellationNewsKind.RefundDelayed);
        }
    }

    /// <summary>What finance staff are told.</summary>
    internal static (string Kind, string Detail) RefundByHand(CancellationState saga) => saga.Refund is { } refused
        ? ("refund-refused", $"PayPal does not give {refused.Amount} back: {refused.Detail}. Another way has to be found.")
        : ("refund-by-hand", $"{saga.Money!.Due} go back for what is cancelled, and nothing was taken at PayPal: another way has to be found.");

    // Whatever the airline gives back, the traveller gets what was promised; never more than is left of what was paid. A difference is for people.
    private static async Task SettleTheAmount(BehaviorContext<CancellationState, CouponsEnded> x)
    {
        var (saga, machine) = (x.Saga, Machine(x));
        var (done, quote, remaining) = (saga.AtTheAirline!, saga.Quote!.Answer!, saga.Money!.Remaining);
        saga.CancelledAt = machine.Now;
        if (done.IsWhole)
        {
            await x.Publish(new BookingCancelled(saga.BookingId, machine.Now));
        }

        if (saga.Unpaid)
        {
            return;
        }

        if (quote.Refund is { } promised && IsAnotherThanPromised(done.Refund, promised, quote.Rule))
        {
            await OpenCaseOnce(x, "refund-differs", $"{promised} was quoted and goes back; the airline gives another amount, or does not say which.");
        }

        var wanted = quote.Refund ?? done.Refund;
        if (wanted is { } foreign && remaining is { } paid && foreign.Currency != paid.Currency)
        {
            await OpenCaseOnce(x, "refund-currency", $"{foreign} would go back, and {paid.Currency} was paid.");
            wanted = null;
        }

        if (wanted is { } amount && remaining is { } most && amount > most)
        {
            await OpenCaseOnce(x, "refund-too-much", $"{amount} would go back, and only {most} of what was paid is left; that goes back.");
            wanted = most;
        }

        if (quote.Refund is null && wanted is { } surprise && machine.Times.NeedsApproval(surprise))
        {
            saga.Proposed = new(surprise, saga.ConfirmedBy ?? "");
            return;
        }

        saga.Money = saga.Money with { Due = wanted };
    }

    // Our own promise, and what is owed whatever the fare says, cost us more than the airline gives: that is meant so.
    private static bool IsAnotherThanPromised(Money? given, Money promised, RefundRule rule) =>
        given is not { } amount || (amount != promised && !(rule is RefundRule.OurPromise or RefundRule.Involuntary && amount.Currency == promised.Currency && amount < promised));

    private static async Task SayThatItIsCancelled(BehaviorContext<CancellationState> x)
    {
        var (saga, due) = (x.Saga, x.Saga.Money!.Due!.Value);
        if (due.MinorUnits > 0)
        {
            saga.SeenBy = Machine(x).Now + Machine(x).Times.RefundSeen;
            await x.Publish(new CreditNoteRequested(saga.BookingId, saga.CorrelationId, saga.OrderId, saga.Quote!.Answer!.Lines, due, Machine(x).Now));
        }

        await EndTheServicing(x, due);
        await Tell(x, CancellationNewsKind.Cancelled, saga.SeenBy);
    }

    private static async Task SayThatItIsGivenBack(BehaviorContext<CancellationState> x)
    {
        await EndTheServicing(x);
        await Tell(x, CancellationNewsKind.CancelledUnpaid);
    }

    private static Task EndTheServicing(BehaviorContext<CancellationState> x, Money? due = null) => x.Publish(new ServicingEnded(
        x.Saga.BookingId, x.Saga.CorrelationId, x.Saga.AtTheAirline!.Coupons, due, x.Saga.AtTheAirline.IsWhole, x.Saga.CancelledAt!.Value));

    private static Task OpenCase(BehaviorContext<CancellationState> x, string kind, string detail)
    {
        var now = Machine(x).Now;
        x.Saga.Cases = [.. x.Saga.Cases, new OpenedCase(kind, detail, now)];
        return x.Publish(new BookingCaseOpened(x.Saga.BookingId, kind, detail, now));
    }
}
