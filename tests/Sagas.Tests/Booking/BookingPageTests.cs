using System.Globalization;
using System.Text;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Payments;
using Aerona.Contracts.Tickets;
using Aerona.Sagas.Booking;
using Aerona.Simulation.Saga;
using static Aerona.Sagas.Tests.Booking.Facts;

namespace Aerona.Sagas.Tests.Booking;

/// <summary>The machine as a page, <c>docs/saga/booking.md</c>: what every event does in every state, so that a change of any pair is seen and read.</summary>
public sealed class BookingPageTests
{
    private static readonly HandClock Clock = new();
    private static readonly BookingStateMachine Machine = new(Clock, new());
    private static readonly SagaDriver<BookingState> Driver = new(Machine);
    private static readonly Guid Older = Guid.Parse("00000000-0000-0000-0000-00000000dead");

    /// <summary>How each state is reached; what follows a comma says which way.</summary>
    private static readonly (string State, object[] History)[] Histories =
    [
        ("Pricing", [Submitted]),
        ("AwaitingPriceDecision", [Submitted, Dearer]),
        ("HoldingSeats", Until(Priced)),
        ("HoldUnknown", [.. Until(Priced), Deadline]),
        ("OpeningPayment", Until(Held)),
        ("AwaitingPayment", Until(Opened)),
        ("Pinning", Until(Approved)),
        ("Authorising", Until(Pinned)),
        ("PaymentUnknown", [.. Until(Pinned), Deadline]),
        ("PaymentReview", [.. Until(Pinned), UnderReview]),
        ("Committing", Until(Authorized)),
        ("CommitUnknown", [.. Until(Authorized), Deadline]),
        ("Ticketing", [.. Until(Authorized), BoughtWithoutNumbers]),
        ("Capturing", Until(Ticketed)),
        ("CaptureRecovery, asked to pay again", [.. Until(Ticketed), CaptureDenied]),
        ("CaptureRecovery, paying again", [.. Until(Ticketed), CaptureDenied, Retried, OpenedAs(Payment(2))]),
        ("CaptureRecovery, reserving again", [.. Until(Ticketed), CaptureDenied, Retried, OpenedAs(Payment(2)), new PaymentApproved(BookingId, Payment(2))]),
        ("CancellingUnpaid", [.. Until(Ticketed), CaptureDenied, Deadline]),
        ("Documenting", Until(Captured)),
        ("Confirmed", MainPath),
        ("Confirmed, being cancelled", [.. MainPath, new ServicingRequested(BookingId, OwnCancellation(7), 0)]),
        ("ParkedForStaff, from CommitUnknown", [.. Until(Authorized), Deadline, Deadline]),
        ("ParkedForStaff, from CaptureRecovery", [.. Until(Ticketed), CaptureDenied, Deadline, new ServicingReleased(BookingId, OwnCancellation(1), "cancellation.not_free")]),
        ("Compensating", [.. Until(Authorized), new AirlineOrderRefused(BookingId, OrderId, "order.sold_out")]),
        ("Rejected", [.. Until(Authorized), new AirlineOrderRefused(BookingId, OrderId, "order.sold_out"), Voided, Released]),
        ("Expired", [.. Until(Opened), Deadline, Voided, Released]),
        ("PaymentFailed", [.. Until(Held), new PaymentNotPossible(BookingId, PaymentId, "x"), Released]),
        ("CancelledBeforePurchase", [.. Until(Opened), CancelRequested, Voided, Released]),
        ("Completed", [.. MainPath, Deadline]),
        ("Cancelled", [.. MainPath, new BookingCancelled(BookingId, Start)]),
    ];

    /// <summary>One of each event for the current attempt, and for those that carry an id or a question's number one for another.</summary>
    private static readonly (string Name, Func<BookingState, object> Event)[] Events =
    [
        ("BookingSubmitted", _ => Submitted),
        ("BookingCancelRequested", _ => CancelRequested),
        ("BookingCancelled", _ => new BookingCancelled(BookingId, Start)),
        ("PaymentRetried", _ => Retried),
        ("PriceAccepted", saga => Accepted with { OfferId = saga.NewPrice?.Offer.OfferId ?? DearerOffer.OfferId }),
        ("PriceAccepted, other offer", _ => Accepted with { OfferId = Older }),
        ("PriceDeclined", saga => NotAccepted with { OfferId = saga.NewPrice?.Offer.OfferId ?? DearerOffer.OfferId }),
        ("PriceDeclined, other offer", _ => NotAccepted with { OfferId = Older }),
        ("StaffDecided, TryAgain", _ => Decided(StaffDecision.TryAgain)),
        ("StaffDecided, GiveUp", _ => Decided(StaffDecision.GiveUp)),
        ("StaffDecided, GoOnUnpaid", _ => Decided(StaffDecision.GoOnUnpaid)),
        ("ServicingRequested", saga => new ServicingRequested(BookingId, saga.ServicedBy ?? OwnCancellation(7), saga.Servicings.Count)),
        ("ServicingRequested, other id", saga => new ServicingRequested(BookingId, Older, saga.Servicings.Count)),
        ("ServicingRequested, older view", saga => new ServicingRequested(BookingId, OwnCancellation(8), saga.Servicings.Count + 1)),
        ("ServicingReleased", saga => new ServicingReleased(BookingId, saga.ServicedBy ?? OwnCancellation(7), "cancellation.refused")),
        ("ServicingReleased, other id", _ => new ServicingReleased(BookingId, Older, "cancellation.refused")),
        ("ServicingEnded", saga => new ServicingEnded(BookingId, saga.ServicedBy ?? OwnCancellation(7), [new("p1", 1)], null, true, Start)),
        ("OfferPriced", _ => Priced),
        ("OfferPriced, other price", saga => Priced with { Offer = Offer with { Total = (saga.Offer ?? Offer).Total + new Contracts.Money(1, "EUR") } }),
        ("OfferPriced, other offer", _ => Priced with { OfferId = Older }),
        ("OfferPriceChanged", _ => Dearer),
        ("OfferPriceChanged, other offer", _ => Dearer with { OfferId = Older }),
        ("OfferGone", _ => new OfferGone(BookingId, OfferId, "offer.expired")),
        ("OfferGone, other offer", _ => new OfferGone(BookingId, Older, "offer.expired")),
        ("SeatsHeld", saga => HeldAs(HoldOf(saga))),
        ("SeatsHeld, other id", _ => HeldAs(Older)),
        ("SeatsRefused", saga => new SeatsRefused(BookingId, HoldOf(saga), "seats.sold_out", [])),
        ("SeatsRefused, other id", _ => new SeatsRefused(BookingId, Older, "seats.sold_out", [])),
        ("HoldAbsent", saga => new HoldAbsent(BookingId, HoldOf(saga), saga.LookUp)),
        ("HoldAbsent, older question", saga => new HoldAbsent(BookingId, HoldOf(saga), saga.LookUp - 1)),
        ("SeatsPinned", saga => new SeatsPinned(BookingId, HoldOf(saga), 7)),
        ("SeatsPinned, other id", _ => new SeatsPinned(BookingId, Older, 7)),
        ("HoldLapsed", saga => new HoldLapsed(BookingId, HoldOf(saga))),
        ("HoldLapsed, other id", _ => new HoldLapsed(BookingId, Older)),
        ("SeatsReleased", saga => new SeatsReleased(BookingId, HoldOf(saga))),
        ("PaymentOpened", saga => OpenedAs(PaymentOf(saga))),
        ("PaymentOpened, other id", _ => OpenedAs(Older)),
        ("PaymentNotPossible", saga => new PaymentNotPossible(BookingId, PaymentOf(saga), "x")),
        ("PaymentNotPossible, other id", _ => new PaymentNotPossible(BookingId, Older, "x")),
        ("PaymentApproved", saga => new PaymentApproved(BookingId, PaymentOf(saga))),
        ("PaymentApproved, other id", _ => new PaymentApproved(BookingId, Older)),
        ("PaymentAuthorized", saga => AuthorizedAs(PaymentOf(saga))),
        ("PaymentAuthorized, other id", _ => AuthorizedAs(Older)),
        ("PaymentDeclined", saga => new PaymentDeclined(BookingId, PaymentOf(saga), "payment.declined")),
        ("PaymentDeclined, other id", _ => new PaymentDeclined(BookingId, Older, "payment.declined")),
        ("PaymentUnderReview", saga => new PaymentUnderReview(BookingId, PaymentOf(saga))),
        ("PaymentUnderReview, other id", _ => new PaymentUnderReview(BookingId, Older)),
        ("PaymentAbsent", saga => new PaymentAbsent(BookingId, PaymentOf(saga), saga.LookUp)),
        ("PaymentAbsent, older question", saga => new PaymentAbsent(BookingId, PaymentOf(saga), saga.LookUp - 1)),
        ("PaymentCaptured", saga => new PaymentCaptured(BookingId, PaymentOf(saga), Price, "CAP-1")),
        ("PaymentCaptured, other id", _ => new PaymentCaptured(BookingId, Older, Price, "CAP-1")),
        ("CapturePending", saga => new CapturePending(BookingId, PaymentOf(saga))),
        ("CapturePending, other id", _ => new CapturePending(BookingId, Older)),
        ("CaptureRefused", saga => new CaptureRefused(BookingId, PaymentOf(saga), "x")),
        ("CaptureRefused, other id", _ => new CaptureRefused(BookingId, Older, "x")),
        ("PaymentVoided", saga => new PaymentVoided(BookingId, PaymentOf(saga), Price)),
        ("PaymentVoided, other id", _ => new PaymentVoided(BookingId, Older, Price)),
        ("PaymentRefunded", saga => new PaymentRefunded(BookingId, PaymentOf(saga), Guid.Empty, Price)),
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
        ("TicketsPending, other id", _ => new TicketsPending(BookingId, Older)),
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

        Assert.Equal(StatesOfTheMachine.Order(), Histories.Select(x => NameOf(x.State)).Distinct().Order());
        Assert.Equal(
            Driver.MessageTypes.Select(type => type.Name).Order(),
            Events.Select(x => x.Event(sample).GetType().Name).Distinct().Order());
    }

    [Fact]
    public void Every_state_has_a_sentence_and_either_a_deadline_or_a_reason_for_none()
    {
        foreach (var (label, history) in Histories)
        {
            var saga = Reach(label, history);
            var (ends, next) = Machine.Describe(saga.CurrentState);

            Assert.True(next.Length > 20 && next.EndsWith('.'), $"{label} has no sentence that says what happens next");
            Assert.True(
                saga.DeadlineAt is null == ends.StartsWith("None: ", StringComparison.Ordinal),
                $"{label}: the deadline is {saga.DeadlineAt?.ToString("O", CultureInfo.InvariantCulture) ?? "none"}, and the words say: {ends}");
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => Machine.Describe("Dreaming"));
    }

    [Fact]
    public async Task The_page_about_the_saga_says_what_every_event_does_in_every_state()
    {
        var page = Path.Combine(FindRoot(), "docs", "saga", "booking.md");
        var now = WritePage();
        if (Environment.GetEnvironmentVariable("AERONA_WRITE_DOWN") is not null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(page)!);
            await File.WriteAllTextAsync(page, now);
        }

        var written = File.Exists(page) ? (await File.ReadAllTextAsync(page)).ReplaceLineEndings("\n").Split('\n') : [];
        var today = now.Split('\n');
        var at = Enumerable.Range(0, Math.Max(written.Length, today.Length)).FirstOrDefault(line => written.ElementAtOrDefault(line) != today.ElementAtOrDefault(line), -1);
        Assert.True(at < 0, $"""
            docs/saga/booking.md does not say any more what the machine does. Line {at + 1} says
                {written.ElementAtOrDefault(at)}
            and the machine
                {today.ElementAtOrDefault(at)}
            If the machine is right, renew the page: AERONA_WRITE_DOWN=1 dotnet run --project tests/Sagas.Tests -- -class Aerona.Sagas.Tests.Booking.BookingPageTests
            """);
    }

    [Fact]
    public void Every_way_that_a_booking_goes_is_on_the_map()
    {
        var ways = Machine.Transitions.Where(way => way.Event.Length > 0).ToLookup(way => (way.From, way.Event), way => way.To);
        var atOnce = Machine.Transitions.Where(way => way.Event.Length == 0).ToLookup(way => way.From, way => way.To);

        foreach (var (label, history) in Histories)
        {
            foreach (var (_, @event) in Events)
            {
                var saga = Reach(label, history);
                var message = @event(saga);
                Raise(saga, message);
                var on = message switch { BookingDeadline => "Deadline", BookingTick => "Tick", _ => message.GetType().Name };
                Assert.True(
                    saga.CurrentState == NameOf(label) || ways[(NameOf(label), on)].Any(to => to == saga.CurrentState || atOnce[to].Contains(saga.CurrentState)),
                    $"{label} goes with {on} to {saga.CurrentState}, and the map does not know that");
            }
        }

        Assert.Equal(StatesOfTheMachine.Order(), Machine.Transitions.Select(way => way.To).Distinct().Order());
    }

    private static IEnumerable<string> StatesOfTheMachine => Machine.States.Select(state => state.Name).Except(["Initial", "Final"]);

    private static string WritePage()
    {
        var page = new StringBuilder("""
            # The booking saga, state by state

            Written by a test from the machine itself (`sagas/Booking`) with the times it has by default; the test fails when this page is stale, and says how to renew it.
            What may be decided by staff, cancelled or paid again is asked from the machine: `MayDecide`, `MayDecidePrice`, `MayCancel`, `MayRetryPayment`.

            ## The ways through it

            Until the airline order is made every state can also end in Compensating, which gives everything back; these ways are left out of the picture.

            ```mermaid
            stateDiagram-v2
            """);
        page.Replace("\r", "").Append('\n');
        foreach (var way in Machine.Transitions.Where(way => way.To != Machine.Compensating.Name).GroupBy(way => (way.From, way.To)))
        {
            var on = string.Join(", ", way.Select(x => x.Event).Where(x => x.Length > 0));
            page.Append(CultureInfo.InvariantCulture, $"    {(way.Key.From == "Initial" ? "[*]" : way.Key.From)} --> {way.Key.To}{(on.Length > 0 ? $" : {on}" : "")}\n");
        }

        foreach (var end in StatesOfTheMachine.Where(state => Machine.Describe(state).Ends.StartsWith("None: ", StringComparison.Ordinal)))
        {
            page.Append(CultureInfo.InvariantCulture, $"    {end} --> [*]\n");
        }

        page.Append("```\n\n## What happens next and when\n\n| state | its end | what happens next and when |\n| --- | --- | --- |\n");
        foreach (var state in Histories.Select(x => NameOf(x.State)).Distinct())
        {
            page.Append(CultureInfo.InvariantCulture, $"| {state} | {Machine.Describe(state).Ends} | {Machine.Describe(state).Next} |\n");
        }

        page.Append("\n## What every event does in every state\n");
        foreach (var (label, history) in Histories)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n### {label}\n\n| event | decision |\n| --- | --- |\n");
            var ignored = new List<(string Because, string Event)>();
            foreach (var (name, @event) in Events)
            {
                var (does, because) = Decide(label, history, name, @event);
                if (does is not null)
                {
                    page.Append(CultureInfo.InvariantCulture, $"| {name} | {does} |\n");
                }
                else
                {
                    ignored.Add((because, name));
                }
            }

            foreach (var reason in ignored.GroupBy(x => x.Because))
            {
                page.Append(CultureInfo.InvariantCulture, $"| {string.Join("; ", reason.Select(x => x.Event))} | ignored: {reason.Key} |\n");
            }
        }

        return page.ToString();
    }

    /// <summary>What the event does there, or else why it does nothing.</summary>
    private static (string? Does, string Because) Decide(string label, object[] history, string name, Func<BookingState, object> @event)
    {
        var saga = Reach(label, history);
        var (state, before, message) = (saga.CurrentState, Facts(saga), @event(saga));
        var phase = state == Machine.ParkedForStaff.Name ? saga.ParkedFrom! : state;
        List<Effect> effects;
        try
        {
            effects = Raise(saga, message);
        }
        catch (MassTransit.UnhandledEventException)
        {
            throw new InvalidOperationException($"{label} has not decided what to do about {name}: handle it there, or ignore it with a reason in BookingStateMachine.Ignored.cs");
        }

        TimersAreSound(Machine, saga, Clock.Now);
        var published = string.Join(", ", effects.Where(effect => effect.IsPublished).Select(effect => effect.Message switch
        {
            BookingCaseOpened opened => $"BookingCaseOpened ({opened.Kind})",
            BookingNews news => $"BookingNews ({news.Kind})",
            ServicingDenied denied => $"ServicingDenied ({denied.Reason})",
            CancellationRequested requested => requested.Unpaid ? "CancellationRequested (unpaid)" : "CancellationRequested",
            LookUpPayment look => look.CloseIfAbsent ? "LookUpPayment (closing)" : "LookUpPayment",
            var other => other!.GetType().Name,
        }));
        if (saga.CurrentState == state && published.Length == 0 && Facts(saga) == before)
        {
            return (null, message switch
            {
                BookingTick or BookingDeadline => "nothing is due",
                _ when Machine.IgnoredBecause(phase, message.GetType().Name) is { } because => because,
                _ when name.EndsWith("other id", StringComparison.Ordinal) => "it is about another attempt",
                _ when name.EndsWith("other offer", StringComparison.Ordinal) => "it is about another offer",
                _ when name.EndsWith("older question", StringComparison.Ordinal) => "it answers an older question",
                _ => "it is known already, or nothing of it is under way",
            });
        }

        var reason = saga.CurrentState != state && saga.FailedBecause is { } failed && !before.Contains(failed, StringComparison.Ordinal) ? $" ({failed})" : "";
        var to = saga.CurrentState != state ? $"→ {saga.CurrentState}" : published.Length > 0 ? "stays" : "stays and remembers it";
        return (to + reason + (published.Length > 0 ? $"; publishes {published}" : ""), "");
    }

    private static BookingState Reach(string label, object[] history)
    {
        Clock.Now = Start;
        var saga = new BookingState { CorrelationId = BookingId };
        foreach (var earlier in history)
        {
            Raise(saga, earlier);
        }

        Assert.Equal(NameOf(label), saga.CurrentState);
        return saga;
    }

    private static string NameOf(string label) => label.Split(',')[0];

    private static Guid HoldOf(BookingState saga) => saga.Holds.Count > 0 ? saga.Holds[^1].HoldId : HoldId;

    private static Guid PaymentOf(BookingState saga) => saga.Payments.Count > 0 ? saga.Payments[^1].PaymentId : PaymentId;

    // A timer is raised with the saga's own token when it is due: with any other it is dropped in silence, in every state.
    private static List<Effect> Raise(BookingState saga, object @event)
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

        return Driver.Raise(saga, @event, token);
    }

    internal static void TimersAreSound(BookingStateMachine machine, BookingState saga, DateTimeOffset now)
    {
        var ends = machine.HasFailed(saga) || saga.CurrentState == machine.Completed.Name || saga.CurrentState == machine.Cancelled.Name;
        Assert.Equal(ends, saga.DeadlineAt is null);
        Assert.Equal(saga.DeadlineAt is null, saga.DeadlineToken is null);
        Assert.Equal(saga.TickAt is null, saga.TickToken is null);
        Assert.True(saga.TickAt is null || saga.TickAt < saga.DeadlineAt, $"{saga.CurrentState} ticks after its end");
        // What the payer's time ends may have ended when it is entered; that timer comes at once.
        Assert.True(
            ends || saga.DeadlineAt > now || saga.CurrentState == machine.AwaitingPayment.Name || saga.CurrentState == machine.AwaitingPriceDecision.Name,
            $"{saga.CurrentState} has a deadline in the past");
    }

    // What the saga knows, timers aside.
    private static string Facts(BookingState saga) => string.Join('|', saga.CurrentState, saga.FailedBecause, saga.CancelRequestedAt, saga.PaymentUntil, saga.PriceUntil, saga.LookUpAnswered,
        saga.OfferId, saga.NewPrice, saga.RemindedAt, saga.ParkedFrom, saga.PaymentsBefore, saga.StaffActions.Count,
        saga.ServicedBy, saga.Servicings.Count, saga.OwnCancellations, string.Join(',', saga.Holds), string.Join(',', saga.Payments), string.Join(',', saga.Orders), saga.TicketNumbers.Count, saga.Documents.Count, saga.Cases.Count);

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!Directory.Exists(Path.Combine(folder, "sagas", "Booking")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("the tests do not run inside the source tree");
        }

        return folder;
    }
}
