using System.Runtime.CompilerServices;
using System.Text;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Payments;
using Aerona.Contracts.Tickets;
using Aerona.Sagas.Booking;
using static Aerona.Sagas.Tests.Booking.Facts;

namespace Aerona.Sagas.Tests.Booking;

/// <summary>What every event does in every state, written down in <c>EveryStateAndEvent.md</c>, so that a change of any pair is seen and read.</summary>
public sealed class EveryStateAndEventTests
{
    private static readonly HandClock Clock = new();
    private static readonly BookingStateMachine Machine = new(Clock, new());
    private static readonly SagaDriver<BookingState> Driver = new(Machine);
    private static readonly Guid Older = Guid.Parse("00000000-0000-0000-0000-00000000dead");

    /// <summary>How each state is reached.</summary>
    private static readonly (string State, object[] History)[] Histories =
    [
        ("Pricing", [Submitted]),
        ("HoldingSeats", Until(Priced)),
        ("HoldUnknown", [.. Until(Priced), Deadline]),
        ("OpeningPayment", Until(Held)),
        ("AwaitingPayment", Until(Opened)),
        ("Pinning", Until(Approved)),
        ("Authorising", Until(Pinned)),
        ("PaymentUnknown", [.. Until(Pinned), Deadline]),
        ("Committing", Until(Authorized)),
        ("CommitUnknown", [.. Until(Authorized), Deadline]),
        ("Ticketing", [.. Until(Authorized), BoughtWithoutNumbers]),
        ("Capturing", Until(Ticketed)),
        ("Documenting", Until(Captured)),
        ("Confirmed", MainPath),
        ("Compensating", [.. Until(Authorized), new AirlineOrderRefused(BookingId, OrderId, "order.sold_out")]),
        ("Rejected", [.. Until(Authorized), new AirlineOrderRefused(BookingId, OrderId, "order.sold_out"), Voided, Released]),
        ("Expired", [.. Until(Opened), Deadline, Voided, Released]),
        ("PaymentFailed", [.. Until(Held), new PaymentNotPossible(BookingId, PaymentId, "x"), Released]),
        ("CancelledBeforePurchase", [.. Until(Opened), CancelRequested, Voided, Released]),
    ];

    /// <summary>One of each event for the current attempt, and for those that carry an id or a question's number one for another.</summary>
    private static readonly (string Name, Func<BookingState, object> Event)[] Events =
    [
        ("BookingSubmitted", _ => Submitted),
        ("BookingCancelRequested", _ => CancelRequested),
        ("PaymentRetried", _ => Retried),
        ("OfferPriced", _ => Priced),
        ("OfferPriced, other price", _ => Priced with { Offer = Offer with { Total = new(1, "EUR") } }),
        ("OfferPriceChanged", _ => Dearer),
        ("OfferGone", _ => new OfferGone(BookingId, OfferId, "offer.expired")),
        ("SeatsHeld", _ => Held),
        ("SeatsHeld, other id", _ => HeldAs(Older)),
        ("SeatsRefused", _ => new SeatsRefused(BookingId, HoldId, "seats.sold_out", [])),
        ("SeatsRefused, other id", _ => new SeatsRefused(BookingId, Older, "seats.sold_out", [])),
        ("HoldAbsent", saga => new HoldAbsent(BookingId, HoldId, saga.LookUp)),
        ("HoldAbsent, older question", saga => new HoldAbsent(BookingId, HoldId, saga.LookUp - 1)),
        ("SeatsPinned", _ => Pinned),
        ("SeatsPinned, other id", _ => Pinned with { HoldId = Older }),
        ("HoldLapsed", _ => new HoldLapsed(BookingId, HoldId)),
        ("HoldLapsed, other id", _ => new HoldLapsed(BookingId, Older)),
        ("SeatsReleased", _ => Released),
        ("PaymentOpened", _ => Opened),
        ("PaymentOpened, other id", _ => OpenedAs(Older)),
        ("PaymentNotPossible", _ => new PaymentNotPossible(BookingId, PaymentId, "x")),
        ("PaymentApproved", _ => Approved),
        ("PaymentApproved, other id", _ => Approved with { PaymentId = Older }),
        ("PaymentAuthorized", _ => Authorized),
        ("PaymentAuthorized, other id", _ => AuthorizedAs(Older)),
        ("PaymentDeclined", _ => Declined),
        ("PaymentDeclined, other id", _ => Declined with { PaymentId = Older }),
        ("PaymentUnderReview", _ => new PaymentUnderReview(BookingId, PaymentId)),
        ("PaymentAbsent", saga => new PaymentAbsent(BookingId, PaymentId, saga.LookUp)),
        ("PaymentAbsent, older question", saga => new PaymentAbsent(BookingId, PaymentId, saga.LookUp - 1)),
        ("PaymentCaptured", _ => Captured),
        ("PaymentCaptured, other id", _ => Captured with { PaymentId = Older }),
        ("CapturePending", _ => new CapturePending(BookingId, PaymentId)),
        ("CaptureRefused", _ => new CaptureRefused(BookingId, PaymentId, "x")),
        ("PaymentVoided", _ => Voided),
        ("PaymentRefunded", _ => new PaymentRefunded(BookingId, PaymentId, Guid.Empty, Price)),
        ("AirlineOrderConfirmed", _ => Bought),
        ("AirlineOrderConfirmed, other id", _ => Bought with { OrderId = Older }),
        ("AirlineOrderPending", saga => new AirlineOrderPending(BookingId, OrderId, saga.LookUp)),
        ("AirlineOrderPending, older question", saga => new AirlineOrderPending(BookingId, OrderId, saga.LookUp - 1)),
        ("AirlineOrderRefused", _ => new AirlineOrderRefused(BookingId, OrderId, "order.sold_out")),
        ("AirlineOrderRefused, other id", _ => new AirlineOrderRefused(BookingId, Older, "order.sold_out")),
        ("AirlineOrderAbsent", saga => new AirlineOrderAbsent(BookingId, OrderId, saga.LookUp)),
        ("AirlineOrderAbsent, older question", saga => new AirlineOrderAbsent(BookingId, OrderId, saga.LookUp - 1)),
        ("AirlineOrderCancelled", _ => new AirlineOrderCancelled(BookingId, OrderId)),
        ("TicketsIssued", _ => Ticketed),
        ("TicketsIssued, other id", _ => Ticketed with { OrderId = Older }),
        ("TicketsPending", _ => new TicketsPending(BookingId, OrderId)),
        ("DocumentsStored", _ => Stored),
        ("DocumentsStored, other id", _ => Stored with { OrderId = Older }),
        ("Tick", _ => Tick),
        ("Deadline", _ => Deadline),
    ];

    private static BookingDeadline Deadline => new(BookingId);

    private static BookingTick Tick => new(BookingId);

    [Fact]
    public void Every_state_and_every_message_of_the_machine_is_looked_at()
    {
        var sample = new BookingState();

        Assert.Equal(Machine.States.Select(state => state.Name).Except(["Initial", "Final"]).Order(), Histories.Select(x => x.State).Order());
        Assert.Equal(
            Driver.MessageTypes.Select(type => type.Name).Order(),
            Events.Select(x => x.Event(sample).GetType().Name).Distinct().Order());
    }

    [Fact]
    public async Task Every_event_does_in_every_state_what_is_written_down()
    {
        var table = new StringBuilder("# What every event does in every state of a booking\n\nWritten by the test of that name. What a state does not name it ignores.\n");
        foreach (var (state, history) in Histories)
        {
            table.Append($"\n## {state}\n\n");
            foreach (var (name, @event) in Events)
            {
                if (await OutcomeAsync(state, history, @event) is { } outcome)
                {
                    table.Append($"- {name}: {outcome}\n");
                }
            }
        }

        var written = Path.Combine(Path.GetDirectoryName(ThisFile())!, "EveryStateAndEvent.md");
        if (Environment.GetEnvironmentVariable("AERONA_WRITE_DOWN") is not null)
        {
            await File.WriteAllTextAsync(written, table.ToString());
        }

        Assert.Equal(await File.ReadAllTextAsync(written), table.ToString());
    }

    private static async Task<string?> OutcomeAsync(string state, object[] history, Func<BookingState, object> @event)
    {
        Clock.Now = Start;
        var saga = new BookingState { CorrelationId = BookingId };
        foreach (var earlier in history)
        {
            await RaiseAsync(saga, earlier);
        }

        Assert.Equal(state, saga.CurrentState);
        var before = Facts(saga);
        var effects = await RaiseAsync(saga, @event(saga));

        TimersAreSound(Machine, saga, Clock.Now);
        var published = string.Join(", ", effects.Where(effect => effect.Kind == "publish").Select(effect => effect.Message.GetType().Name));
        var to = saga.CurrentState == state ? "stays" : $"→ {saga.CurrentState}";
        return published.Length == 0 && Facts(saga) == before ? null
            : to + (saga.FailedBecause is { } because && saga.CurrentState != state && !before.Contains(because, StringComparison.Ordinal) ? $" ({because})" : "")
                + (published.Length > 0 ? $"; publishes {published}" : "");
    }

    // A timer is raised with the saga's own token when it is due: with any other it is dropped in silence, in every state.
    private static Task<IReadOnlyList<Effect>> RaiseAsync(BookingState saga, object @event)
    {
        var (due, token) = @event switch
        {
            BookingDeadline => (saga.DeadlineAt, saga.DeadlineToken ?? Guid.NewGuid()),
            BookingTick => (saga.TickAt, saga.TickToken ?? Guid.NewGuid()),
            _ => ((DateTimeOffset?)null, (Guid?)null),
        };
        if (due > Clock.Now)
        {
            Clock.Now = due.Value;
        }

        return Driver.RaiseAsync(saga, @event, token);
    }

    internal static void TimersAreSound(BookingStateMachine machine, BookingState saga, DateTimeOffset now)
    {
        var ends = machine.HasFailed(saga) || saga.CurrentState == machine.Confirmed.Name;
        Assert.Equal(ends, saga.DeadlineAt is null);
        Assert.Equal(saga.DeadlineAt is null, saga.DeadlineToken is null);
        Assert.Equal(saga.TickAt is null, saga.TickToken is null);
        Assert.True(saga.TickAt is null || saga.TickAt < saga.DeadlineAt, $"{saga.CurrentState} ticks after its end");
        Assert.True(ends || saga.DeadlineAt > now || saga.CurrentState == machine.AwaitingPayment.Name, $"{saga.CurrentState} has a deadline in the past");
    }

    // What the saga knows, timers aside.
    private static string Facts(BookingState saga) => string.Join('|', saga.CurrentState, saga.FailedBecause, saga.CancelRequestedAt, saga.PaymentUntil, saga.PriceUntil, saga.LookUpAnswered,
        string.Join(',', saga.Holds), string.Join(',', saga.Payments), string.Join(',', saga.Orders), saga.TicketNumbers.Count, saga.Documents.Count, saga.Cases.Count);

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
