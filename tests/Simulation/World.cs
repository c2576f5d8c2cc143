using System.Reflection;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Payments;
using Aerona.Sagas.Booking;
using Aerona.Simulation.Services;

namespace Aerona.Simulation;

/// <summary>
/// Bookings and everything about them as data: the sagas, the services' books, the messages on their way, the calls under way, the clock. A step makes another
/// world and leaves this one; what no step changes is shared.
/// </summary>
internal sealed partial class World
{
    // A saga's lists are replaced, never changed, so a copy of its fields is a copy of it.
    private static readonly Func<object, object> CloneOf =
        typeof(object).GetMethod("MemberwiseClone", BindingFlags.Instance | BindingFlags.NonPublic)!.CreateDelegate<Func<object, object>>();

    private readonly Machine machine;
    private BookingState?[] sagas;
    private Travellers[] travellers;
    private int nextId;
    private int nextToken;
    private int stopped;
    private DateTimeOffset? upAgainAt;

    public World(Scenario scenario, Machine machine)
    {
        (Scenario, this.machine) = (scenario, machine);
        sagas = new BookingState?[scenario.Bookings];
        travellers = new Travellers[scenario.Bookings];
        Airlines = new(scenario.Seats, scenario.Bug) { Fare = Scenario.Price, MayDeny = true };
        Payments = new(scenario.Bug);
        Tickets = new(scenario.Bug);
        for (var number = 0; number < scenario.Bookings; number++)
        {
            Airlines.Add(Scenario.Offer(number));
        }

        Submit(0);
    }

    /// <summary>What travellers and staff have done so far about a booking, and what was said about it.</summary>
    private readonly record struct Travellers(bool Submitted, bool Cancelled, bool CancelledPurchase, int Retries, int Staff, int Prices, bool Failed, string? End, int Commits, (Guid Id, bool Done)? GivenBack = null);

    public Scenario Scenario { get; }

    public DateTimeOffset Now { get; private set; } = Scenario.Start;

    public Airlines Airlines { get; private set; }

    public Payments Payments { get; private set; }

    public Tickets Tickets { get; private set; }

    public Letter[] Letters { get; private set; } = [];

    public Call[] Calls { get; private set; } = [];

    public int Faults { get; private set; }

    /// <summary>Messages sent, and messages handled: what is neither handled nor on its way is lost.</summary>
    public int Sent { get; private set; }

    public int Handled { get; private set; }

    /// <summary>Answers that were not yes, and changes of mind.</summary>
    public int Turns { get; private set; }

    private bool FareRose { get; set; }

    public IEnumerable<BookingState> Sagas => sagas.OfType<BookingState>();

    public World Step(Choice choice)
    {
        var next = (World)MemberwiseClone();
        next.Do(choice);
        return next;
    }

    public BookingState? Find(Guid bookingId) => Array.Find(sagas, saga => saga?.CorrelationId == bookingId);

    private static int NumberOf(Guid bookingId) => bookingId.ToByteArray()[15];

    private void Do(Choice choice)
    {
        Faults += choice.Cost;
        Turns += choice.Turn;
        switch (choice.Kind)
        {
            case ChoiceKind.Deliver:
                Deliver(Take(choice.At));
                break;
            case ChoiceKind.Twice:
                var twice = Letters[choice.At];
                Deliver(Take(choice.At));
                Put(twice with { Again = true, Id = ++nextId });
                Sent++;
                break;
            case ChoiceKind.RefuseUnpaid:
                Handled++;
                GiveBack((CancellationRequested)Take(choice.At).Body, isFree: false);
                break;
            case ChoiceKind.CrashBeforeCommit:
                // Nothing was committed, so it comes again; unless it was acknowledged first.
                if (Scenario.Bug == Bug.AcknowledgedBeforeCommit)
                {
                    Take(choice.At);
                }

                break;
            case ChoiceKind.Slow:
                Letters = Letters.With(choice.At, Letters[choice.At] with { Slow = true });
                break;
            case ChoiceKind.Lose:
                Take(choice.At);
                Handled++;      // only timers and PayPal's hints can be lost; somebody else makes up for them
                break;
            case ChoiceKind.Answer:
                var call = Hangup(choice.At);
                var sent = Writable(call.Letter.To).Finish(call.Letter.Body, call.Plan, choice.Outcome, Now);
                Handled++;
                Send(sent);
                break;
            case ChoiceKind.Die:
                var dead = Hangup(choice.At);
                Writable(dead.Letter.To).Die(dead.Letter.Body, dead.Plan, choice.Outcome == Outcome.LostAfter, Now);
                if (Scenario.Bug == Bug.AcknowledgedBeforeCommit)
                {
                    break;
                }

                Put(dead.Letter);
                break;
            case ChoiceKind.Approve:
                Payments = Payments.Clone();
                Payments.Approve(Payments.Rows[choice.At].Id);
                Hint(choice.At);
                break;
            case ChoiceKind.DecideReview:
                Payments = Payments.Clone();
                Payments.DecideReview(Payments.Rows[choice.At].Id, choice.Outcome == Outcome.Ok);
                Hint(choice.At);
                break;
            case ChoiceKind.DecideCapture:
                Payments = Payments.Clone();
                Payments.DecideCapture(Payments.Rows[choice.At].Id, choice.Outcome == Outcome.Ok);
                Hint(choice.At);
                break;
            case ChoiceKind.DecideOrder:
                Airlines = Airlines.Clone();
                Airlines.Decide(Airlines.Orders[choice.At].OrderId, choice.Outcome == Outcome.Ok, Now);
                break;
            case ChoiceKind.TellOrder:
                Airlines = Airlines.Clone();
                Send(Airlines.Tell(Airlines.Orders[choice.At].OrderId));
                break;
            case ChoiceKind.IssueNumbers:
                Airlines = Airlines.Clone();
                Airlines.IssueNumbers(Airlines.Orders[choice.At].OrderId);
                break;
            case ChoiceKind.SweepHolds:
                Airlines = Airlines.Clone();
                Airlines.Sweep(Now);
                break;
            case ChoiceKind.FareRises:
                FareRose = true;
                Airlines = Airlines.Clone();
                Airlines.Fare = Scenario.DearerPrice;
                break;
            case ChoiceKind.Cancel:
                travellers = travellers.With(choice.At, travellers[choice.At] with { Cancelled = true });
                Send(new BookingCancelRequested(Scenario.Booking(choice.At), Now));
                break;
            case ChoiceKind.CancelPurchase:
                travellers = travellers.With(choice.At, travellers[choice.At] with { CancelledPurchase = true });
                Send(new BookingCancelled(Scenario.Booking(choice.At), Now));
                break;
            case ChoiceKind.Retry:
                travellers = travellers.With(choice.At, travellers[choice.At] with { Retries = travellers[choice.At].Retries + 1 });
                Send(new PaymentRetried(Scenario.Booking(choice.At), Now));
                break;
            case ChoiceKind.AcceptPrice:
                Send(new PriceAccepted(Scenario.Booking(choice.At), sagas[choice.At]!.NewPrice!.Offer.OfferId, Now));
                travellers = travellers.With(choice.At, travellers[choice.At] with { Prices = travellers[choice.At].Prices + 1 });
                break;
            case ChoiceKind.DeclinePrice:
                Send(new PriceDeclined(Scenario.Booking(choice.At), sagas[choice.At]!.NewPrice!.Offer.OfferId, Now));
                travellers = travellers.With(choice.At, travellers[choice.At] with { Prices = travellers[choice.At].Prices + 1 });
                break;
            case ChoiceKind.Staff:
                var staff = travellers[choice.At].Staff;
                Send(new StaffDecided(
                    Scenario.Booking(choice.At), new(0, 0, 0, 0, 0, 0, 0, 0, 0, (byte)choice.At, (byte)(staff + 1)), (StaffDecision)(int)choice.Outcome, "staff", "why", Now));
                travellers = travellers.With(choice.At, travellers[choice.At] with { Staff = staff + 1 });
                break;
            case ChoiceKind.Submit:
                Submit(choice.At);
                break;
            case ChoiceKind.Stop:
                stopped |= 1 << choice.At;
                upAgainAt = Scenario.LongestOutage is { } longest ? Now + longest : null;
                break;
            case ChoiceKind.Start:
                stopped &= ~(1 << choice.At);
                upAgainAt = stopped == 0 ? null : upAgainAt;
                break;
            case ChoiceKind.Advance:
                Now = NextTime()!.Value;
                break;
            case ChoiceKind.SweepTimers:
                SweepTimers();
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(choice), choice, "is not known");
        }

        Check();
    }

    private void Submit(int number)
    {
        travellers = travellers.With(number, travellers[number] with { Submitted = true });
        Send(Scenario.Submission(number));
    }

    private Letter Take(int at)
    {
        var letter = Letters[at];
        var rest = new Letter[Letters.Length - 1];
        Array.Copy(Letters, rest, at);
        Array.Copy(Letters, at + 1, rest, at, rest.Length - at);
        Letters = rest;
        return letter;
    }

    private Call Hangup(int at)
    {
        var call = Calls[at];
        Calls = [.. Calls[..at], .. Calls[(at + 1)..]];
        return call;
    }

    private void Put(Letter letter) => Letters = Letters.Plus(letter);

    private void Send(object body, DateTimeOffset? due = null)
    {
        var to = Letter.PartyOf(body);
        if (to == Party.Nobody)
        {
            Told(body);
            return;
        }

        Put(new(++nextId, body, to, Letter.BookingOf(body), due));
        Sent++;
    }

    private void Send(IReadOnlyList<Sent> all)
    {
        foreach (var one in all)
        {
            Send(one.Message, one.Due);
        }
    }

    private void Hint(int payment) => Send(new PayPalEvent(Payments.Rows[payment].BookingId, Payments.Rows[payment].Id, Payments.Rows[payment].PayPal.Event()));

    private IService Writable(Party party) => party switch
    {
        Party.Airlines => Airlines = Airlines.Clone(),
        Party.Payments => Payments = Payments.Clone(),
        Party.Tickets => Tickets = Tickets.Clone(),
        _ => throw new ArgumentOutOfRangeException(nameof(party)),
    };

    private void Deliver(Letter letter)
    {
        if (letter.To == Party.Saga)
        {
            Handled++;
            Raise(letter);
            return;
        }

        if (letter.Body is CancellationRequested unpaid)
        {
            Handled++;
            GiveBack(unpaid, isFree: true);
            return;
        }

        switch (Writable(letter.To).Take(letter.Body, Now))
        {
            case Taken.Done done:
                Handled++;
                Send(done.Sent);
                break;
            case Taken.Later later:
                Put(letter with { Due = later.Until, Slow = false });
                break;
            case Taken.Calls calls:
                Calls = Calls.Plus(new(letter, calls.Plan, Now + calls.Limit));
                break;
        }
    }

    // One answer for each wish, however often it is heard.
    private void GiveBack(CancellationRequested unpaid, bool isFree)
    {
        var number = NumberOf(unpaid.BookingId);
        if (travellers[number].GivenBack is { } known && known.Id == unpaid.CancellationId)
        {
            return;
        }

        travellers = travellers.With(number, travellers[number] with { GivenBack = (unpaid.CancellationId, isFree) });
        Send(isFree ? new BookingCancelled(unpaid.BookingId, Now) : new ServicingReleased(unpaid.BookingId, unpaid.CancellationId, "cancellation.not_free"));
    }

    /// <summary>One transaction of the saga: loaded, changed, saved, its messages and timers with it.</summary>
    private void Raise(Letter letter)
    {
        var number = NumberOf(letter.BookingId);
        var saga = sagas[number] is { } known ? (BookingState)CloneOf(known) : new BookingState { CorrelationId = letter.BookingId };
        machine.Clock.Now = Now;
        var before = saga.CurrentState;
        var message = Twisted(letter.Body, saga);
        if (message is null)
        {
            sagas = sagas.With(number, saga);
            CheckTransition(saga, before, letter.Body, []);
            return;
        }

        var was = sagas[number];

        var effects = machine.Driver.Raise(saga, message, letter.Token, ref nextToken);
        machine.Listener?.Invoke(new(message, letter.Token, Now, effects, saga));
        sagas = sagas.With(number, saga);
        foreach (var effect in effects)
        {
            if (effect.Message is null)
            {
                TakeBack(effect.Token!.Value);
            }
            else if (effect.Due is { } due)
            {
                Put(new(++nextId, effect.Message, Party.Saga, letter.BookingId, due, effect.Token));
                Sent++;
            }
            else
            {
                foreach (var published in Twisted(effect.Message))
                {
                    Send(published);
                }
            }
        }

        CheckTransition(saga, before, letter.Body, effects);
        if (letter.Body is StaffDecided decided && was is not null)
        {
            CheckDecision(was, saga, decided, effects);
        }
    }

    // A timer that was taken back too late still comes, with a token that the saga does not know any more: the machine drops it without looking.
    private void TakeBack(Guid token)
    {
        var at = Array.FindIndex(Letters, letter => letter.Token == token);
        if (at >= 0)
        {
            Take(at);
            Handled++;
        }
    }

    /// <summary>Bookings raises again what is more than a minute late.</summary>
    private void SweepTimers()
    {
        foreach (var (saga, deadline) in Overdue(Now))
        {
            Put(new(
                ++nextId, deadline ? new BookingDeadline(saga.CorrelationId) : new BookingTick(saga.CorrelationId), Party.Saga, saga.CorrelationId, Now,
                deadline ? saga.DeadlineToken : saga.TickToken));
            Sent++;
        }
    }

    /// <summary>When the minute sweep misses a timer that is lost; a little more than a minute after it was due.</summary>
    private IEnumerable<DateTimeOffset> LostTimers()
    {
        foreach (var saga in Scenario.Bug == Bug.NoMinuteSweep ? [] : Sagas)
        {
            if (saga.DeadlineAt is { } deadline && !IsOnItsWay(saga.DeadlineToken))
            {
                yield return deadline.AddSeconds(61);
            }

            if (saga.TickAt is { } tick && !IsOnItsWay(saga.TickToken))
            {
                yield return tick.AddSeconds(61);
            }
        }
    }

    private IEnumerable<(BookingState Saga, bool Deadline)> Overdue(DateTimeOffset now)
    {
        var late = now - TimeSpan.FromMinutes(1);
        foreach (var saga in Sagas)
        {
            if (saga.DeadlineAt < late && !IsOnItsWay(saga.DeadlineToken))
            {
                yield return (saga, true);
            }

            if (saga.TickAt < late && !IsOnItsWay(saga.TickToken))
            {
                yield return (saga, false);
            }
        }
    }

    // One raised while the first is only late is dropped by its token when it comes second; exploring it would show nothing.
    private bool IsOnItsWay(Guid? token) => Array.Exists(Letters, letter => letter.Token == token);

    private DateTimeOffset? NextTime()
    {
        var next = DateTimeOffset.MaxValue;
        var anything = false;
        foreach (var letter in Letters)
        {
            if (letter.Due is { } due && due > Now)
            {
                anything = true;
                next = due < next ? due : next;
            }
        }

        foreach (var saga in Sagas)
        {
            // Nobody acts then, but what is asked of the clock changes.
            if (BeforePurchase.Contains(saga.CurrentState))
            {
                Guard(saga.PaymentUntil);
                Guard(saga.PriceUntil);
            }
        }

        foreach (var hold in Airlines.Holds)
        {
            if (hold.State == SeatState.Held)
            {
                Guard(hold.SpaceUntil);
            }
        }

        foreach (var sweep in LostTimers())
        {
            if (sweep > Now)
            {
                anything = true;
                next = sweep < next ? sweep : next;
            }
        }

        return anything ? next : null;

        void Guard(DateTimeOffset? at)
        {
            if (at is { } guarded && guarded > Now && guarded < next)
            {
                next = guarded;
            }
        }
    }
}
