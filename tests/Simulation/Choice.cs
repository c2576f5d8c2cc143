using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Sagas.Booking;
using Aerona.Simulation.Services;

namespace Aerona.Simulation;

internal enum ChoiceKind
{
    /// <summary>A message is handled.</summary>
    Deliver,

    /// <summary>A message is handled and comes again, past every inbox: replayed by an operator, or sent anew.</summary>
    Twice,

    /// <summary>The process dies before it commits what a message did.</summary>
    CrashBeforeCommit,

    /// <summary>A message is stuck while time goes on.</summary>
    Slow,

    /// <summary>A timer, or a hint of PayPal's, is lost.</summary>
    Lose,

    /// <summary>Somebody outside answers a call.</summary>
    Answer,

    /// <summary>The process dies during a call.</summary>
    Die,

    /// <summary>The payer approves.</summary>
    Approve,
    DecideReview,
    DecideCapture,
    DecideOrder,

    /// <summary>The airline says unasked what became of an order that it had left undecided, or denied.</summary>
    TellOrder,
    IssueNumbers,

    /// <summary>The flight costs more from now on.</summary>
    FareRises,
    Cancel,
    Retry,
    AcceptPrice,
    DeclinePrice,
    Staff,

    /// <summary>A bought booking was cancelled.</summary>
    CancelPurchase,

    /// <summary>Tickets that nobody pays for cannot be given back for nothing.</summary>
    RefuseUnpaid,

    /// <summary>Nothing is left to do now: time goes on to whatever is next.</summary>
    Advance,

    /// <summary>Another traveller asks for a booking.</summary>
    Submit,

    /// <summary>A service is down: its messages wait.</summary>
    Stop,
    Start,
    SweepHolds,
    SweepTimers,
}

/// <summary>What may happen next in a world.</summary>
/// <param name="Kind">What.</param>
/// <param name="At">The letter, call, payment, order or booking it is about, by its place.</param>
/// <param name="Outcome">How.</param>
/// <param name="Cost">1 for a fault.</param>
internal readonly record struct Choice(ChoiceKind Kind, int At = 0, Outcome Outcome = Outcome.Ok, int Cost = 0)
{
    /// <summary>1 for what turns the course of things without being a fault: an answer that is not yes, a change of mind, a fare that rises.</summary>
    public int Turn => Kind switch
    {
        ChoiceKind.Answer => Outcome is Outcome.Denied or Outcome.Pending or Outcome.NumbersLater ? 1 : 0,
        ChoiceKind.DecideReview or ChoiceKind.DecideCapture or ChoiceKind.DecideOrder => Outcome == Outcome.Denied ? 1 : 0,
        ChoiceKind.Cancel or ChoiceKind.CancelPurchase or ChoiceKind.Retry or ChoiceKind.DeclinePrice or ChoiceKind.FareRises or ChoiceKind.RefuseUnpaid => 1,
        _ => 0,
    };
}

/// <content>What may happen next.</content>
internal sealed partial class World
{
    /// <summary>All that may happen next, in an order that equal worlds share.</summary>
    public List<Choice> Choices(int mostFaults, int mostTurns)
    {
        var choices = new List<Choice>();
        var faults = Faults < mostFaults;
        var idle = Calls.Length == 0;
        for (var at = 0; at < Letters.Length; at++)
        {
            var letter = Letters[at];
            if (!CanBeDelivered(letter))
            {
                continue;
            }

            idle &= letter.Slow;
            if (HasTwinBefore(at))
            {
                continue;
            }

            choices.Add(new(ChoiceKind.Deliver, at));
            if (letter.Body is CancellationRequested unpaid && travellers[NumberOf(letter.BookingId)].GivenBack?.Id != unpaid.CancellationId)
            {
                choices.Add(new(ChoiceKind.RefuseUnpaid, at));
            }

            if (!faults)
            {
                continue;
            }

            if (letter.IsTimer || letter.Body is PayPalEvent)
            {
                choices.Add(new(ChoiceKind.Lose, at, Cost: 1));
            }

            if (!letter.IsTimer && !letter.Again)
            {
                choices.Add(new(ChoiceKind.Twice, at, Cost: 1));
                if (Scenario.Bug == Bug.AcknowledgedBeforeCommit)
                {
                    choices.Add(new(ChoiceKind.CrashBeforeCommit, at, Cost: 1));
                }
            }
        }

        AddWaiting(choices, mostFaults - Faults);

        for (var at = 0; at < Calls.Length; at++)
        {
            var (letter, plan, _) = Calls[at];
            foreach (var outcome in ServiceOf(letter.To).Answers(letter.Body, plan))
            {
                var cost = outcome is Outcome.LostAfter or Outcome.LostBefore or Outcome.Wrong ? 1 : 0;
                if (cost == 0 || faults)
                {
                    choices.Add(new(ChoiceKind.Answer, at, outcome, cost));
                }
            }

            if (faults)
            {
                choices.Add(new(ChoiceKind.Die, at, Outcome.LostAfter, 1));
                choices.Add(new(ChoiceKind.Die, at, Outcome.LostBefore, 1));
            }
        }

        for (var at = 0; at < Payments.Rows.Length; at++)
        {
            var row = Payments.Rows[at];
            // The payer approves what the booking shows; an old page left open is a fault.
            if (row.HasOrder && row.PayPal.Order == PayPalOrder.Created)
            {
                var shown = Find(row.BookingId)?.Payments is { Count: > 0 } payments && payments[^1].PaymentId == row.Id && payments[^1].Standing == PaymentStanding.Open;
                if (shown || faults)
                {
                    choices.Add(new(ChoiceKind.Approve, at, Cost: shown ? 0 : 1));
                }
            }

            if (row.PayPal is { Authorisation: Authorisation.Pending, Capture: Capture.None })
            {
                choices.Add(new(ChoiceKind.DecideReview, at));
                choices.Add(new(ChoiceKind.DecideReview, at, Outcome.Denied));
            }

            if (row.PayPal.Capture == Capture.Pending)
            {
                choices.Add(new(ChoiceKind.DecideCapture, at));
                choices.Add(new(ChoiceKind.DecideCapture, at, Outcome.Denied));
            }
        }

        for (var at = 0; at < Airlines.Orders.Length; at++)
        {
            var order = Airlines.Orders[at];
            if (order.Book == OrderState.Undecided)
            {
                choices.Add(new(ChoiceKind.DecideOrder, at));
                choices.Add(new(ChoiceKind.DecideOrder, at, Outcome.Denied));
            }

            if (order.Untold)
            {
                choices.Add(new(ChoiceKind.TellOrder, at));
            }

            if (order is { Book: OrderState.Confirmed, NumbersKnown: false })
            {
                choices.Add(new(ChoiceKind.IssueNumbers, at));
            }
        }

        if (Airlines.HasLapsed(Now))
        {
            choices.Add(new(ChoiceKind.SweepHolds));
        }

        machine.Clock.Now = Now;
        for (var at = 0; at < sagas.Length; at++)
        {
            if (sagas[at] is not { } saga)
            {
                if (!travellers[at].Submitted)
                {
                    choices.Add(new(ChoiceKind.Submit, at));
                }

                continue;
            }

            if (!travellers[at].Cancelled && machine.Booking.MayCancel(saga))
            {
                choices.Add(new(ChoiceKind.Cancel, at));
            }

            if (!travellers[at].CancelledPurchase && saga.CurrentState == "Confirmed")
            {
                choices.Add(new(ChoiceKind.CancelPurchase, at));
            }

            if (travellers[at].Retries < Scenario.Retries && machine.Booking.MayRetryPayment(saga))
            {
                choices.Add(new(ChoiceKind.Retry, at));
            }
        }

        for (var at = 0; at < sagas.Length; at++)
        {
            if (sagas[at] is { } saga && machine.Booking.MayDecidePrice(saga) && travellers[at].Prices < 2)
            {
                choices.Add(new(ChoiceKind.AcceptPrice, at));
                choices.Add(new(ChoiceKind.DeclinePrice, at));
            }

            if (sagas[at] is { CurrentState: "ParkedForStaff" } parked && travellers[at].Staff < Scenario.Staff)
            {
                foreach (var decision in Enum.GetValues<StaffDecision>())
                {
                    if (machine.Booking.MayDecide(parked, decision))
                    {
                        choices.Add(new(ChoiceKind.Staff, at, (Outcome)(int)decision));
                    }
                }
            }
        }

        if (!FareRose && Array.Exists(Letters, letter => letter.Body is PriceOffer))
        {
            choices.Add(new(ChoiceKind.FareRises));
        }

        if (Scenario.Bug != Bug.NoMinuteSweep && Overdue(Now).Any())
        {
            choices.Add(new(ChoiceKind.SweepTimers));
        }
        else if (idle && NextTime() is { } next && !(next > upAgainAt))
        {
            choices.Add(new(ChoiceKind.Advance));
        }

        if (Turns >= mostTurns)
        {
            choices.RemoveAll(choice => choice.Turn > 0);
        }

        return choices;
    }

    // What is stuck, and who is down, matters only once time goes on; so nothing gets stuck and nobody goes down before all else that can be done now is done,
    // and nobody comes up again before something waits for him.
    private void AddWaiting(List<Choice> choices, int faultsLeft)
    {
        var (waiting, parties) = (0, 0);
        foreach (var letter in Letters)
        {
            if (!letter.Slow && CanBeDelivered(letter))
            {
                waiting++;
                parties |= 1 << (int)letter.To;
            }
        }

        foreach (var party in Scenario.AllServices)
        {
            if (IsStopped(party))
            {
                if (Array.Exists(Letters, letter => letter.To == party && !(letter.Due > Now)) || NextTime() > upAgainAt)
                {
                    choices.Add(new(ChoiceKind.Start, (int)party));
                }
            }
            else if (Scenario.Outages.Contains(party) && Calls.Length == 0 && faultsLeft > 0 && (parties & (1 << (int)party)) != 0 && int.PopCount(parties) <= faultsLeft)
            {
                choices.Add(new(ChoiceKind.Stop, (int)party, Cost: 1));
            }
        }

        if (Calls.Length > 0 || waiting > faultsLeft)
        {
            return;
        }

        for (var at = 0; at < Letters.Length; at++)
        {
            if (!Letters[at].Slow && CanBeDelivered(Letters[at]) && !HasTwinBefore(at))
            {
                choices.Add(new(ChoiceKind.Slow, at, Cost: 1));
            }
        }
    }

    /// <summary>For a trace.</summary>
    public string Describe(Choice choice) => choice.Kind switch
    {
        ChoiceKind.Deliver => $"deliver {Letters[choice.At]}",
        ChoiceKind.Twice => $"deliver twice {Letters[choice.At]}",
        ChoiceKind.CrashBeforeCommit => $"crash before commit of {Letters[choice.At]}",
        ChoiceKind.Slow => $"delay {Letters[choice.At]}",
        ChoiceKind.Lose => $"lose {Letters[choice.At]}",
        ChoiceKind.Answer => $"answer {Words(choice.Outcome)} to {Calls[choice.At].Letter}",
        ChoiceKind.Die => $"crash {(choice.Outcome == Outcome.LostAfter ? "after" : "before")} the call of {Calls[choice.At].Letter}",
        ChoiceKind.Approve => $"approve {Payments.Rows[choice.At].Id.ToString("N")[^4..]}",
        ChoiceKind.DecideReview or ChoiceKind.DecideCapture => $"{(choice.Kind == ChoiceKind.DecideReview ? "review" : "capture")} {Words(choice.Outcome)} {Payments.Rows[choice.At].Id.ToString("N")[^4..]}",
        ChoiceKind.DecideOrder => $"airline decides {Words(choice.Outcome)} {Airlines.Orders[choice.At].OrderId.ToString("N")[^4..]}",
        ChoiceKind.TellOrder => $"airline tells unasked {Airlines.Orders[choice.At].OrderId.ToString("N")[^4..]}",
        ChoiceKind.IssueNumbers => $"airline issues numbers {Airlines.Orders[choice.At].OrderId.ToString("N")[^4..]}",
        ChoiceKind.FareRises => "fare rises",
        ChoiceKind.Cancel => $"cancel {choice.At}",
        ChoiceKind.CancelPurchase => $"cancel the purchase {choice.At}",
        ChoiceKind.Retry => $"retry {choice.At}",
        ChoiceKind.AcceptPrice => $"accept price {choice.At}",
        ChoiceKind.DeclinePrice => $"decline price {choice.At}",
        ChoiceKind.Staff => $"staff {(StaffDecision)(int)choice.Outcome} {choice.At}",
        ChoiceKind.Submit => $"submit {choice.At}",
        ChoiceKind.Stop => $"stop {(Party)choice.At}",
        ChoiceKind.Start => $"start {(Party)choice.At}",
        ChoiceKind.RefuseUnpaid => $"refuse {Letters[choice.At]}",
        ChoiceKind.Advance => "time passes",
        ChoiceKind.SweepHolds => "sweep holds",
        ChoiceKind.SweepTimers => "sweep timers",
        _ => choice.ToString(),
    };

    private static string Words(Outcome outcome) => outcome switch
    {
        Outcome.Ok => "ok",
        Outcome.Denied => "denied",
        Outcome.Pending => "pending",
        Outcome.NumbersLater => "numbers later",
        Outcome.LostAfter => "timeout applied",
        Outcome.Wrong => "wrongly absent",
        _ => "timeout not applied",
    };

    public bool CanBeDelivered(Letter letter) =>
        (letter.Due is not { } due || due <= Now)
        && !IsStopped(letter.To)
        && (letter.To != Party.Saga || letter.Body is BookingSubmitted || sagas[NumberOf(letter.BookingId)] is not null);

    private bool IsStopped(Party party) => (stopped & (1 << (int)party)) != 0;

    private bool HasTwinBefore(int at)
    {
        var letter = Letters[at];
        for (var before = 0; before < at; before++)
        {
            var other = Letters[before];
            if (other.Slow == letter.Slow && other.Again == letter.Again && other.IsTimer == letter.IsTimer && other.Body.Equals(letter.Body) && CanBeDelivered(other))
            {
                return true;
            }
        }

        return false;
    }

    private IService ServiceOf(Party party) => party switch
    {
        Party.Airlines => Airlines,
        Party.Payments => Payments,
        _ => Tickets,
    };
}
