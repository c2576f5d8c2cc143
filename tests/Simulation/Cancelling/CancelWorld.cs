using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Payments;
using Aerona.Contracts.Tickets;
using Aerona.Sagas.Booking;
using Aerona.Sagas.Cancellation;
using Aerona.Simulation.Saga;

using Aerona.Simulation.Services;
using Sim = Aerona.Simulation.Scenario;

namespace Aerona.Simulation.Cancelling;

/// <summary>What a search of cancellations looks at.</summary>
/// <param name="Cancellations">Wishes of one booking, side by side: 1 or 2.</param>
/// <param name="Faults">Messages that come twice or late, answers that get lost, timers that do.</param>
/// <param name="Turns">Answers that are not yes, and changes of mind.</param>
/// <param name="Bug">Planted.</param>
internal sealed record CancelScenario(int Cancellations = 1, int Faults = 0, int Turns = 0, CancelBug Bug = CancelBug.None)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Cancellations} cancellation{(Cancellations > 1 ? "s" : "")} of one booking, faults <= {Faults}, turns <= {Turns}{(Bug == CancelBug.None ? "" : $", bug: {Bug.Words()}")}");
}

/// <summary>Both machines of the product, and their clock.</summary>
internal sealed class CancelMachines
{
    /// <summary>Short but in order; a second person above the price of one coupon.</summary>
    private static readonly CancellationTimes Times = new()
    {
        Quote = TimeSpan.FromSeconds(50),
        Lock = TimeSpan.FromSeconds(50),
        LookUp = TimeSpan.FromMinutes(10),
        Unknown = TimeSpan.FromHours(1),
        PatientRepeat = TimeSpan.FromMinutes(10),
        Refund = TimeSpan.FromHours(1),
        ApprovalAbove = { ["EUR"] = 150 },
    };

    public CancelMachines()
    {
        Booking = new(new BookingStateMachine(Clock, new()));
        Machine = new(Clock, Times);
        Cancellation = new(Machine);
        Clock.Now = Sim.Start;
        Confirmed = new() { CorrelationId = Sim.Booking(0) };
        var id = Confirmed.CorrelationId;
        Raise(new Sim().Submission(0));
        Raise(new OfferPriced(id, Sim.OfferOf(0), Sim.Offer(0)));
        Raise(new SeatsHeld(id, Confirmed.Holds[^1].HoldId, 1, Sim.Start.AddMinutes(20), Sim.Start.AddMinutes(20)));
        var payment = Confirmed.Payments[^1].PaymentId;
        Raise(new PaymentOpened(id, payment, "link", "ORDER"));
        Raise(new PaymentApproved(id, payment));
        Raise(new SeatsPinned(id, Confirmed.Holds[^1].HoldId, 1));
        Raise(new PaymentAuthorized(id, payment, Sim.Price, "AUTH", Sim.Start.AddDays(3), Sim.Start.AddDays(29)));
        Raise(new AirlineOrderConfirmed(id, Confirmed.Orders[^1].OrderId, [], [new("p1", "7381234567890")], Sim.Start.AddDays(2), null));
        Raise(new TicketsIssued(id, Confirmed.Orders[^1].OrderId, [new("p1", "7381234567890")]));
        Raise(new PaymentCaptured(id, payment, CancelWorld.Paid, "CAP"));
        Raise(new DocumentsStored(id, Confirmed.Orders[^1].OrderId, []));

        void Raise(object message) => Booking.Raise(Confirmed, message);
    }

    public HandClock Clock { get; } = new();

    public CancellationStateMachine Machine { get; }

    public SagaDriver<BookingState> Booking { get; }

    public SagaDriver<CancellationState> Cancellation { get; }

    /// <summary>A booking that is bought, ticketed and paid; never changed.</summary>
    public BookingState Confirmed { get; }
}

/// <summary>A message on its way.</summary>
/// <param name="Id">Of this copy.</param>
/// <param name="Body">What it says.</param>
/// <param name="To">Who hears it.</param>
/// <param name="Due">UTC; not before. Null: now.</param>
/// <param name="Token">Of a timer.</param>
/// <param name="Slow">Stuck: time may pass it by.</param>
internal sealed record Note(int Id, object Body, Role To, DateTimeOffset? Due = null, Guid? Token = null, bool Slow = false);

/// <summary>Who hears messages.</summary>
internal enum Role
{
    Booking,
    Cancellation,
    Airline,
    Payments,
    Tickets,
    Nobody,
}

internal enum MoveKind
{
    Deliver,
    Twice,
    Slow,
    Lose,
    DecideCancel,
    DecideRefund,
    Ask,
    Confirm,
    Requote,
    Withdraw,
    Staff,
    Advance,
    Sweep,
}

/// <summary>What may happen next.</summary>
internal readonly record struct Move(MoveKind Kind, int At = 0, Reply Reply = Reply.Ok, int Which = 0, int Cost = 0, int Turn = 0);

/// <summary>What the traveller has done about a cancellation.</summary>
internal readonly record struct Wish(bool Asked, int Confirms, int Requotes, bool Withdrawn, int Staff, ImmutableArray<Guid> Confirmed);

/// <summary>
/// One booking, its cancellations, the books of the airline, the ticket office and PayPal, and the messages between them, as data. Both sagas are the product's
/// own machines. A step makes another world and leaves this one.
/// </summary>
internal sealed partial class CancelWorld
{
    public const long EachCoupon = 10_000;

    public static readonly Money Paid = new(2 * EachCoupon, "EUR");
    private static readonly CouponKey[] Coupons = [new("p1", 1), new("p1", 2)];

    // A saga's lists are replaced, never changed, so a copy of its fields is a copy of it.
    private static readonly Func<object, object> CloneOf =
        typeof(object).GetMethod("MemberwiseClone", BindingFlags.Instance | BindingFlags.NonPublic)!.CreateDelegate<Func<object, object>>();

    private readonly CancelMachines machines;
    private BookingState booking;
    private CancellationState?[] sagas;
    private Wish[] wishes;
    private AirlineBooks airline = AirlineBooks.New(Coupons);
    private RefundBooks refunds = new([]);
    private ImmutableHashSet<CouponKey> ended = [];
    private ImmutableDictionary<Guid, int> told = ImmutableDictionary<Guid, int>.Empty;
    private Note[] notes = [];
    private int nextId;
    private int nextToken;

    public CancelWorld(CancelScenario scenario, CancelMachines machines)
    {
        (Scenario, this.machines) = (scenario, machines);
        booking = machines.Confirmed;
        sagas = new CancellationState?[scenario.Cancellations];
        wishes = [.. Enumerable.Repeat(new Wish(false, 0, 0, false, 0, []), scenario.Cancellations)];
    }

    public CancelScenario Scenario { get; }

    public DateTimeOffset Now { get; private set; } = Sim.Start;

    public int Faults { get; private set; }

    public int Turns { get; private set; }

    public IEnumerable<string> States => sagas.OfType<CancellationState>().Select(saga => saga.CurrentState);

    private Guid PaymentId => booking.Payments[^1].PaymentId;

    public static Guid IdOf(int at) => CancellationIds.From(new(0, 0, 0, 0, 0, 0, 0, 0, 0xca, (byte)(at + 1), 0));

    private static int IndexOf(Guid cancellationId) => cancellationId.ToByteArray()[14] - 1;

    public CancelWorld Step(Move move)
    {
        var next = (CancelWorld)MemberwiseClone();
        next.Do(move);
        return next;
    }

    private void Do(Move move)
    {
        Faults += move.Cost;
        Turns += move.Turn;
        switch (move.Kind)
        {
            case MoveKind.Deliver:
                Deliver(Take(move.At), move.Reply);
                break;
            case MoveKind.Twice:
                var twice = Take(move.At);
                Deliver(twice, move.Reply);
                notes = [.. notes, twice with { Id = ++nextId, Slow = true }];
                break;
            case MoveKind.Slow:
                notes = [.. notes.Select((note, at) => at == move.At ? note with { Slow = true } : note)];
                break;
            case MoveKind.Lose:
                Take(move.At);
                break;
            case MoveKind.DecideCancel:
                airline = airline.Decide(IdOf(move.At), move.Reply == Reply.Ok);
                break;
            case MoveKind.DecideRefund:
                (refunds, var decided) = refunds.Decide(move.At, move.Reply == Reply.Ok, booking.CorrelationId, PaymentId);
                Send(decided);
                break;
            case MoveKind.Ask:
                // The second wish is for a part: beside the whole, after it or before it.
                wishes = wishes.With(move.At, wishes[move.At] with { Asked = true });
                Send(new CancellationRequested(
                    booking.CorrelationId, IdOf(move.At), booking.Orders[^1].OrderId, booking.Locator, move.At == 1 ? [Coupons[1]] : null, CancellationCause.Voluntary,
                    booking.Contact, booking.Offer!.Segments, "user", booking.Servicings.Count, TellByMail: false, Now));
                break;
            case MoveKind.Confirm:
                var quoteId = sagas[move.At]!.Quotes[move.Which].QuoteId;
                wishes = wishes.With(move.At, wishes[move.At] with { Confirms = wishes[move.At].Confirms + 1, Confirmed = wishes[move.At].Confirmed.Add(quoteId) });
                Send(new CancellationConfirmed(booking.CorrelationId, IdOf(move.At), quoteId, "user", Now));
                break;
            case MoveKind.Requote:
                wishes = wishes.With(move.At, wishes[move.At] with { Requotes = wishes[move.At].Requotes + 1 });
                Send(new CancellationRequoted(booking.CorrelationId, IdOf(move.At), booking.Servicings.Count, Now));
                break;
            case MoveKind.Withdraw:
                wishes = wishes.With(move.At, wishes[move.At] with { Withdrawn = true });
                Send(new CancellationWithdrawn(booking.CorrelationId, IdOf(move.At), Now));
                break;
            case MoveKind.Staff:
                var decision = (CancellationDecision)move.Which;
                var staff = wishes[move.At].Staff + 1;
                wishes = wishes.With(move.At, wishes[move.At] with { Staff = staff });
                Send(new CancellationDecided(
                    booking.CorrelationId, IdOf(move.At), new(0, 0, 0, 0, 0, 0, 0, 0, 0, (byte)move.At, (byte)staff), decision,
                    decision == CancellationDecision.SetAmount ? new Money(EachCoupon, "EUR") : null, decision == CancellationDecision.RefundedByHand ? "wire" : null, "staff", "why", Now));
                break;
            case MoveKind.Advance:
                Now = NextTime()!.Value;
                break;
            case MoveKind.Sweep:
                foreach (var (saga, isDeadline) in Lost().ToList())
                {
                    notes =
                    [
                        .. notes,
                        new(++nextId, isDeadline ? new CancellationDeadline(saga.CorrelationId) : new CancellationTick(saga.CorrelationId), Role.Cancellation, Now,
                            isDeadline ? saga.DeadlineToken : saga.TickToken),
                    ];
                }

                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(move), move, "is not known");
        }

        Check();
    }

    private Note Take(int at)
    {
        var note = notes[at];
        notes = [.. notes[..at], .. notes[(at + 1)..]];
        return note;
    }

    private void Send(object body)
    {
        foreach (var to in RolesOf(body))
        {
            notes = [.. notes, new(++nextId, body, to)];
        }
    }

    private static Role[] RolesOf(object body) => body switch
    {
        ServicingRequested or ServicingReleased or ServicingEnded or BookingCancelled => [Role.Booking],
        PaymentRefunded => [Role.Booking, Role.Cancellation],
        QuoteCancellation or CancelQuotedOrder or LookUpCancellation => [Role.Airline],
        RefundPayment => [Role.Payments],
        EndCoupons => [Role.Tickets],
        BookingCaseOpened or CancellationNews or CreditNoteRequested or CancellationRequested { Unpaid: true } => [],
        _ => [Role.Cancellation],
    };

    private static Guid CancellationOf(object body) => body switch
    {
        PaymentRefunded refunded => CancellationIds.OfRefund(refunded.RefundId),
        RefundPending pending => CancellationIds.OfRefund(pending.RefundId),
        RefundRefused refused => CancellationIds.OfRefund(refused.RefundId),
        ServicingGranted granted => granted.ServicingId,
        ServicingDenied denied => denied.ServicingId,
        _ => (Guid)body.GetType().GetProperty("CancellationId")!.GetValue(body)!,
    };

    private void Deliver(Note note, Reply reply)
    {
        object answer;
        switch (note.Body)
        {
            case QuoteCancellation quote:
                (airline, answer) = airline.Quote(quote, reply, Now);
                Send(answer);
                break;
            case CancelQuotedOrder cancel:
                (airline, answer) = airline.Cancel(cancel, reply, Now);
                Send(answer);
                break;
            case LookUpCancellation look:
                (airline, answer) = airline.LookUp(look, closes: Scenario.Bug != CancelBug.LookUpDoesNotClose);
                Send(answer);
                break;
            case EndCoupons end:
                ended = ended.Union(end.Coupons);
                Send(new CouponsEnded(end.BookingId, end.CancellationId, end.Coupons, []));
                break;
            case RefundPayment refund:
                Demand(IsCancelledAndEnded(CancellationIds.OfRefund(refund.RefundId)), "I2", "money goes back for what the airline has not cancelled, or whose coupons are open");
                (refunds, answer) = refunds.Refund(refund, reply);
                Send(answer);
                break;
            default:
                Raise(note);
                break;
        }
    }

    private bool IsCancelledAndEnded(Guid cancellationId) =>
        airline.Cancels.TryGetValue(cancellationId, out var row) && row.State == AtAirline.Cancelled && row.Coupons.All(ended.Contains);

    /// <summary>One transaction of a saga: loaded, changed, saved, its messages and timers with it.</summary>
    private void Raise(Note note)
    {
        machines.Clock.Now = Now;
        if (note.To == Role.Booking)
        {
            booking = (BookingState)CloneOf(booking);
            foreach (var said in machines.Booking.Raise(booking, note.Body, note.Token, ref nextToken).Where(effect => effect.IsPublished))
            {
                Send(said.Message!);
            }

            return;
        }

        var at = IndexOf(CancellationOf(note.Body));
        var saga = sagas[at] is { } known ? (CancellationState)CloneOf(known) : new CancellationState { CorrelationId = IdOf(at) };
        var before = saga.CurrentState;
        var effects = machines.Cancellation.Raise(saga, Heard(note.Body, saga), note.Token, ref nextToken);
        sagas = [.. sagas.Select((one, index) => index == at ? saga : one)];
        foreach (var effect in effects)
        {
            if (effect.Message is null)
            {
                notes = [.. notes.Where(other => other.Token != effect.Token)];
            }
            else if (effect.Due is { } due)
            {
                notes = [.. notes, new(++nextId, effect.Message, Role.Cancellation, due, effect.Token)];
            }
            else
            {
                foreach (var said in Said(effect.Message, saga))
                {
                    Note(said, saga);
                    Send(said);
                }
            }
        }

        Demand(!IsFinal(before) || before == saga.CurrentState, "I11", $"{before} was left for {saga.CurrentState}");
    }

    private void Note(object said, CancellationState saga)
    {
        if (said is CancelQuotedOrder cancel)
        {
            var times = told.GetValueOrDefault(cancel.CancellationId) + 1;
            told = told.SetItem(cancel.CancellationId, times);
            Demand(times == 1, "I6", "the airline was told to cancel more than once");
            Demand(wishes[IndexOf(saga.CorrelationId)].Confirmed.Contains(cancel.QuoteId), "I16", "the airline was told to cancel what the traveller had not confirmed");
            Demand(booking.ServicedBy == saga.CorrelationId, "I11", "the airline was told to cancel without the booking's lock");
        }
    }

    private static bool IsFinal(string state) => state is "Cancelled" or "Lapsed" or "Refused";

    private static void Demand(bool holds, string invariant, string what)
    {
        if (!holds)
        {
            throw new ViolationException(invariant, what);
        }
    }
}
