using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Payments;
using Aerona.Sagas.Booking;
using Aerona.Simulation.Saga;
using Aerona.Simulation.Services;

namespace Aerona.Simulation;

/// <summary>Something that must never be, is.</summary>
internal sealed class ViolationException(string invariant, string what) : Exception($"{invariant}: {what}")
{
    /// <summary>As <c>I1</c>.</summary>
    public string Invariant { get; } = invariant;
}

/// <content>What must hold after every step, and when everything has come to rest.</content>
internal sealed partial class World
{
    private static readonly string[] FailedStates = ["Rejected", "Expired", "PaymentFailed", "CancelledBeforePurchase"];
    private static readonly string[] EndStates = [.. FailedStates, "Confirmed", "Completed", "Cancelled", "ParkedForStaff"];

    // Cases that say that somebody broke his word: with participants that keep theirs they cannot be.
    private static readonly string[] ImpossibleCases = ["late-order", "pinned-seats-lapsed", "order-contradicted", "early-capture"];

    private static readonly ChoiceKind[] FirstDuties = [ChoiceKind.Start, ChoiceKind.DecideReview, ChoiceKind.DecideCapture, ChoiceKind.DecideOrder, ChoiceKind.IssueNumbers];
    private static readonly ChoiceKind[] LastDuties = [ChoiceKind.SweepHolds, ChoiceKind.SweepTimers, ChoiceKind.Advance];

    public bool IsOver => sagas.All(saga => saga is not null && EndStates.Contains(saga.CurrentState));

    private static bool HasFailed(BookingState saga) => FailedStates.Contains(saga.CurrentState);

    private static void Demand(bool holds, string invariant, string what)
    {
        if (!holds)
        {
            throw new ViolationException(invariant, what);
        }
    }

    private void Check()
    {
        // I1: seats.
        Demand(Airlines.Occupied <= Airlines.Seats, "I1", $"{Airlines.Occupied} seats are held or sold and {Airlines.Seats} may be");
        foreach (var order in Airlines.Orders)
        {
            Demand(order.Made <= 1, "I1", "one order was bought twice");
            if (order.Book == OrderState.Confirmed)
            {
                Demand(Array.Exists(Airlines.Holds, hold => hold.HoldId == order.HoldId && hold.State == SeatState.Sold), "I1", "an order is confirmed without its seat");
            }
        }

        for (var number = 0; number < sagas.Length; number++)
        {
            var bookingId = Scenario.Booking(number);
            var live = Airlines.Holds.Where(hold => hold.BookingId == bookingId && hold.State != SeatState.Released).Sum(hold => hold.Seats);
            Demand(live <= 1, "I1", $"a booking for one seat has {live}");
            if (sagas[number] is not { } saga)
            {
                continue;
            }

            foreach (var hold in saga.Holds.Where(hold => hold.Standing is HoldStanding.Pinned or HoldStanding.Sold))
            {
                var book = Array.Find(Airlines.Holds, row => row.HoldId == hold.HoldId)?.State;
                Demand(book is SeatState.Pinned or SeatState.Sold, "I1", $"a booking relies on a seat as {hold.Standing} and the airline has it as {book?.ToString() ?? "unknown"}");
            }

            // What the airline denied and made all the same is cancelled once it says so.
            if (HasFailed(saga) && !Array.Exists(Airlines.Orders, order => order.BookingId == bookingId && order.Denied))
            {
                Demand(live == 0, "I13", $"{saga.CurrentState} and a seat is still held");
                Demand(!Array.Exists(Airlines.Orders, order => order.BookingId == bookingId && order.Book == OrderState.Confirmed), "I2", $"{saga.CurrentState} and the order is bought");
            }
        }

        foreach (var row in Payments.Rows)
        {
            var book = row.PayPal;
            Demand(book.Captures <= 1 && row.Ledger.Captured <= 1, "I6", "one payment was captured twice");
            Demand(book.Authorised <= 1, "I6", "one payment was authorised twice");
            Demand(book.RefundedMinor <= book.Captures * book.PriceMinor, "I6", "more was refunded than captured");
            Demand(!(book.Authorisation == Authorisation.Voided && book.Capture == Capture.Completed), "I6", "a payment is voided and captured");
            Demand(row.Ledger.Voided + row.Ledger.Captured <= row.Ledger.Authorised, "I5", "the ledger gave back or took more than was reserved");
        }

        foreach (var row in Tickets.Rows)
        {
            Demand(row.Tickets <= 1, "I4", $"{row.Tickets} tickets for one passenger");
        }

        Demand(Tickets.Rows.Select(row => row.Number).Distinct().Count() == Tickets.Rows.Length, "I4", "two tickets have one number");
        Demand(Sent == Handled + Letters.Length + Calls.Length, "I9", "a message was neither handled nor is it on its way");
    }

    private void CheckTransition(BookingState saga, string before, object message, List<Effect> effects)
    {
        var number = NumberOf(saga.CorrelationId);
        if (FailedStates.Contains(before) || before is "Completed" or "Cancelled")
        {
            Demand(before == saga.CurrentState, "I11", $"{before} was left for {saga.CurrentState}");
        }

        var commits = effects.Count(effect => effect.Message is CommitAirlineOrder);
        if (commits > 0)
        {
            travellers = travellers.With(number, travellers[number] with { Commits = travellers[number].Commits + commits });
        }

        foreach (var effect in effects)
        {
            if (effect.Message is CapturePayment)
            {
                Demand(Array.Exists(Tickets.Rows, row => row.BookingId == saga.CorrelationId), "I2", "money is taken before the tickets are issued");
            }
        }

        // Money that comes late goes back.
        var unwanted = before == "Compensating" || FailedStates.Contains(before);
        if (message is PaymentAuthorized reserved && (unwanted || saga.Payments.Any(payment => payment != saga.Payments[^1] && payment.PaymentId == reserved.PaymentId)))
        {
            Demand(
                effects.Any(effect => effect.Message is VoidPayment undo && undo.PaymentId == reserved.PaymentId), "I5",
                $"money was reserved for a booking in {before} and nobody gave it back");
        }

        // Money that was taken is kept for what was bought, or given back.
        if (message is PaymentCaptured taken)
        {
            Demand(
                saga.Payments.Any(payment => payment.PaymentId == taken.PaymentId
                    && (payment.Refunded is not null || payment.Standing is PaymentStanding.Refunding || (payment.Standing is PaymentStanding.Captured && !unwanted))), "I2",
                $"money was taken for a booking in {before} and nobody noted it");
        }
    }

    // I16, in words of its own: what staff may decide is not asked of the machine.
    private static void CheckDecision(BookingState was, BookingState saga, StaffDecided decided, List<Effect> effects)
    {
        var known = was.StaffActions.FirstOrDefault(action => action.ActionId == decided.ActionId);
        var noted = saga.StaffActions.Where(action => action.ActionId == decided.ActionId).ToList();
        Demand(noted.Count == 1, "I16", $"a decision of staff is noted {noted.Count} times");
        var allowed = known is null && was.CurrentState == "ParkedForStaff" && decided.Decision switch
        {
            StaffDecision.TryAgain => true,
            StaffDecision.GiveUp => was.ParkedFrom == "CommitUnknown",
            StaffDecision.GoOnUnpaid => was.ParkedFrom == "CaptureRecovery"
                && was.Payments[^1].Standing is not (PaymentStanding.Authorising or PaymentStanding.Capturing or PaymentStanding.CapturePending),
            _ => false,
        };
        if (allowed)
        {
            Demand(noted[0].Applied && saga.CurrentState != was.CurrentState, "I16", $"staff decided {decided.Decision} and nothing came of it");
        }
        else
        {
            Demand(
                effects.Count == 0 && saga.CurrentState == was.CurrentState, "I16",
                $"staff decided {decided.Decision} {(known is null ? $"in {was.CurrentState}" : "once")} and it was done{(known is null ? "" : " again")}");
            Demand(noted[0] == (known ?? noted[0] with { Applied = false }), "I16", "a decision of staff is noted for what it was not");
        }
    }

    private void Told(object message)
    {
        switch (message)
        {
            case BookingFailed failed:
                var number = NumberOf(failed.BookingId);
                Demand(!travellers[number].Failed, "I11", "a booking failed twice");
                travellers = travellers.With(number, travellers[number] with { Failed = true });
                foreach (var row in Payments.Rows.Where(row => row.BookingId == failed.BookingId))
                {
                    Demand(!row.PayPal.Reserves, "I5", $"the booking is {failed.State} and money is still reserved");
                    Demand(row.PayPal.Taken <= 0, "I2", $"the booking is {failed.State} and money was taken");
                }

                break;
            case BookingCaseOpened opened:
                var gaveUp = Find(opened.BookingId)?.StaffActions.Any(action => action is { Applied: true, Decision: StaffDecision.GiveUp }) == true;
                var denied = Array.Exists(Airlines.Orders, order => order.BookingId == opened.BookingId && order.Denied);
                Demand(!ImpossibleCases.Contains(opened.Kind) || (gaveUp && opened.Kind == "late-order") || (denied && opened.Kind is "late-order" or "order-contradicted"), "I11", $"case {opened.Kind}: {opened.Detail}");
                break;
        }
    }

    /// <summary>Stops all faults, lets everything come to rest and demands that it does.</summary>
    public World ComeToRest()
    {
        // A queue that grew while its service was down comes again and again while the first of it is being handled.
        const int most = 100_000;
        var world = this;
        var last = new Queue<string>();
        for (var step = 0; step < most; step++)
        {
            if (world.Duty(world.Choices(0, 0)) is not { } choice)
            {
                world.CheckAtRest();
                return world;
            }

            if (step >= most - 10)
            {
                last.Enqueue(world.Describe(choice));
            }

            world = world.Step(choice);
        }

        throw new ViolationException(
            "I3", $"no end after {most} steps without a fault: {string.Join(", ", world.Sagas.Select(saga => saga.CurrentState))}; at last: {string.Join(", ", last)}");
    }

    // A booking that waits for staff waits, whatever else it asks meanwhile.
    private bool IsAtRest() => Calls.Length == 0 && sagas.All(saga => saga is null || (EndStates.Contains(saga.CurrentState) && (saga.CurrentState != "ParkedForStaff" || Now >= saga.EnteredAt + TimeSpan.FromHours(3))))
        && Array.TrueForAll(Letters, letter => letter.IsTimer) && Sagas.Any(saga => saga.CurrentState == "ParkedForStaff");

    /// <summary>The next step where everybody does his work and nobody does more, out of all that may happen next; null at rest.</summary>
    /// <param name="choices">What may happen next.</param>
    /// <param name="parkedRests">Whether a booking that waits for staff is at rest after a while.</param>
    public Choice? Duty(List<Choice> choices, bool parkedRests = true)
    {
        if (parkedRests && IsAtRest())
        {
            return null;
        }

        Choice? first = null;
        var best = int.MaxValue;
        foreach (var choice in choices)
        {
            if (choice is { Cost: 0, Turn: 0 } && Order(choice) is var order && order < best)
            {
                (first, best) = (choice, order);
            }
        }

        return first;

        // What is left undecided outside is decided first. Then one booking after the other, so that who comes first does not hang on what else is on its way.
        int Order(Choice choice) => choice.Kind switch
        {
            ChoiceKind.Deliver => 10 + (2 * NumberOf(Letters[choice.At].BookingId)),
            ChoiceKind.Answer => 11 + (2 * NumberOf(Calls[choice.At].Letter.BookingId)),
            ChoiceKind.TellOrder => Airlines.Orders[choice.At].Denied ? 20 : int.MaxValue,
            _ => Array.IndexOf(FirstDuties, choice.Kind) is var first and >= 0 ? first : Array.IndexOf(LastDuties, choice.Kind) is var last and >= 0 ? 30 + last : int.MaxValue,
        };
    }

    public void CheckAtRest()
    {
        for (var number = 0; number < sagas.Length; number++)
        {
            if (!travellers[number].Submitted)
            {
                continue;
            }

            var saga = sagas[number] ?? throw new ViolationException("I9", "a booking that was acknowledged never began");
            Demand(EndStates.Contains(saga.CurrentState), "I3", $"at rest in {saga.CurrentState}");
            var rows = Payments.Rows.Where(row => row.BookingId == saga.CorrelationId).ToList();
            var taken = rows.Sum(row => row.PayPal.Taken);
            var tickets = Tickets.Rows.Where(row => row.BookingId == saga.CorrelationId).Sum(row => row.Tickets);
            var seats = Airlines.Holds.Where(hold => hold.BookingId == saga.CorrelationId && hold.State == SeatState.Sold).Sum(hold => hold.Seats);
            if (HasFailed(saga))
            {
                Demand(taken == 0, "I2", $"{saga.CurrentState} and {taken} times the price was kept");
                Demand(tickets == 0, "I4", $"{saga.CurrentState} with an open ticket");
                Demand(seats == 0, "I13", $"{saga.CurrentState} and a seat is still sold");
                Demand(!Array.Exists(Airlines.Orders, order => order.BookingId == saga.CorrelationId && order.Book == OrderState.Confirmed), "I2", $"{saga.CurrentState} and the order is bought");
                Demand(rows.All(row => row.Ledger.Authorised == row.Ledger.Voided + row.Ledger.Captured && row.Ledger.Captured * row.Price.MinorUnits == row.Ledger.RefundedMinor), "I5", "a failed booking has money in the ledger");
            }
            else if (saga.CurrentState is "Confirmed" or "Completed")
            {
                Demand((tickets, seats) == (1, 1), "I4", $"{saga.CurrentState} with {tickets} tickets and {seats} seats");
                Demand(Array.Exists(Tickets.Rows, row => row.BookingId == saga.CorrelationId && row.Stored), "I12", "confirmed without documents");
                var unpaid = saga.StaffActions.Any(action => action is { Applied: true, Decision: StaffDecision.GoOnUnpaid });
                Demand(taken == (unpaid ? 0 : 1), "I2", $"{saga.CurrentState} and {taken} times the price was kept");
            }

            else if (saga.CurrentState == "Cancelled" && travellers[number].GivenBack is { Done: true })
            {
                Demand(taken == 0, "I2", $"tickets that nobody paid for were given back and {taken} times the price was kept");
            }

            Demand(rows.All(row => !row.PayPal.Reserves) || saga.CurrentState == "ParkedForStaff", "I5", $"{saga.CurrentState} and money is still reserved");
        }

        foreach (var row in Payments.Rows)
        {
            var book = row.PayPal;
            Demand(row.Ledger.Captured == (book.Capture == Capture.Completed ? 1 : 0), "I7", "PayPal and the ledger differ about what was captured");
            Demand(row.Ledger.RefundedMinor == book.RefundedMinor, "I7", "PayPal and the ledger differ about what was refunded");
            Demand(row.Ledger.Voided == (book.Authorisation == Authorisation.Voided ? 1 : 0), "I7", "PayPal and the ledger differ about what was voided");
            Demand(row.Ledger.Authorised == (book.Authorisation is Authorisation.Created or Authorisation.Voided ? 1 : 0), "I7", "PayPal and the ledger differ about what was reserved");
        }

        Demand(!Airlines.Holds.Any(hold => hold.State is SeatState.Held or SeatState.Pinned && Find(hold.BookingId)?.CurrentState != "ParkedForStaff"), "I13", "a seat is held for nobody");
    }
}
