using System.Globalization;
using System.Text;
using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Payments;
using Aerona.Sagas.Cancellation;
using Aerona.Simulation.Saga;
using static Aerona.Sagas.Tests.Booking.Facts;
using static Aerona.Sagas.Tests.Cancellation.CancellationFacts;

namespace Aerona.Sagas.Tests.Cancellation;

/// <summary>The machine as a page, <c>docs/saga/cancellation.md</c>: what every event does in every state, so that a change of any pair is seen and read.</summary>
public sealed class CancellationPageTests
{
    private static readonly HandClock Clock = new();
    private static readonly CancellationStateMachine Machine = new(Clock, new() { ApprovalAbove = { ["EUR"] = 200 } });
    private static readonly SagaDriver<CancellationState> Driver = new(Machine);
    private static readonly Guid Older = CancellationState.QuoteId(CancellationFacts.Id, 99);
    private static readonly Guid OlderRefund = CancellationIds.Refund(CancellationFacts.Id, 99);
    private static readonly Money Large = new(20100, "EUR");

    /// <summary>How each state is reached; what follows a comma says which way.</summary>
    private static readonly (string State, object[] History)[] Histories =
    [
        ("Quoting", [Asked]),
        ("Quoting, of tickets that nobody pays for", [AskedByTheBooking]),
        ("Quoted", [Asked, CancellationFacts.Quoted]),
        ("AwaitingApproval", [Asked, QuotedAs(QuoteId, Large), CancellationFacts.Confirmed]),
        ("Locking", [Asked, CancellationFacts.Quoted, CancellationFacts.Confirmed]),
        ("SupplierCancelling", UntilThePivot),
        ("CancelUnknown", [.. UntilThePivot, Deadline]),
        ("ParkedForStaff", [.. UntilThePivot, Deadline, Deadline]),
        ("EndingCoupons", [.. UntilThePivot, Done]),
        ("EndingCoupons, nobody said how much comes back", [Asked, QuotedUnknown, CancellationFacts.Confirmed, Granted, Done with { Refund = null }]),
        ("AwaitingAmount", [Asked, QuotedUnknown, CancellationFacts.Confirmed, Granted, Done with { Refund = null }, Ended]),
        ("AwaitingAmount, a large one is proposed", [Asked, QuotedUnknown, CancellationFacts.Confirmed, Granted, Done with { Refund = Large }, Ended]),
        ("Refunding", [.. UntilThePivot, Done, Ended]),
        ("RefundDelayed", [.. UntilThePivot, Done, Ended, RefundDenied]),
        ("Cancelled", [.. UntilThePivot, Done, Ended, Refunded]),
        ("Lapsed", [Asked, CancellationFacts.Quoted, Deadline]),
        ("Refused", [.. UntilThePivot, new CancellationRefused(BookingId, CancellationFacts.Id, "cancellation.refused")]),
    ];

    /// <summary>One of each event for the current attempt, and for those that carry an id or a question's number one for another.</summary>
    private static readonly (string Name, Func<CancellationState, object> Event)[] Events =
    [
        ("CancellationRequested", _ => Asked),
        ("CancellationRequoted", _ => new CancellationRequoted(BookingId, CancellationFacts.Id, 1, Start)),
        ("CancellationConfirmed", saga => CancellationFacts.Confirmed with { QuoteId = QuoteOf(saga) }),
        ("CancellationConfirmed, other quote", _ => CancellationFacts.Confirmed with { QuoteId = Older }),
        ("CancellationWithdrawn", _ => Withdrawn),
        ("CancellationDecided, Approve", _ => Decided(CancellationDecision.Approve)),
        ("CancellationDecided, Approve by who confirmed", _ => Decided(CancellationDecision.Approve, by: "user|an")),
        ("CancellationDecided, Refuse", _ => Decided(CancellationDecision.Refuse)),
        ("CancellationDecided, TryAgain", _ => Decided(CancellationDecision.TryAgain)),
        ("CancellationDecided, SetAmount", _ => Decided(CancellationDecision.SetAmount, Back)),
        ("CancellationDecided, SetAmount of much", _ => Decided(CancellationDecision.SetAmount, Large)),
        ("CancellationDecided, SetAmount of too much", _ => Decided(CancellationDecision.SetAmount, Price + Back)),
        ("CancellationDecided, RefundAgain", _ => Decided(CancellationDecision.RefundAgain)),
        ("CancellationDecided, RefundedByHand", _ => Decided(CancellationDecision.RefundedByHand)),
        ("CancellationQuoted", saga => QuotedAs(QuoteOf(saga), Back)),
        ("CancellationQuoted, void", saga => QuotedAs(QuoteOf(saga), Price, RefundRule.VoidWindow, isVoid: true)),
        ("CancellationQuoted, other quote", _ => QuotedAs(Older, Back)),
        ("CancellationNotQuoted", saga => new CancellationNotQuoted(BookingId, CancellationFacts.Id, QuoteOf(saga), "cancellation.flown")),
        ("CancellationNotQuoted, other quote", _ => new CancellationNotQuoted(BookingId, CancellationFacts.Id, Older, "cancellation.flown")),
        ("ServicingGranted", _ => Granted),
        ("ServicingDenied", _ => new ServicingDenied(BookingId, CancellationFacts.Id, "booking.being_serviced")),
        ("QuotedOrderCancelled", _ => Done),
        ("CancellationPending", saga => Pending with { LookUp = saga.LookUp }),
        ("CancellationPending, older question", saga => Pending with { LookUp = saga.LookUp - 1 }),
        ("CancellationRefused", _ => new CancellationRefused(BookingId, CancellationFacts.Id, "cancellation.refused")),
        ("CancellationAbsent", saga => new CancellationAbsent(BookingId, CancellationFacts.Id, saga.LookUp)),
        ("CancellationAbsent, older question", saga => new CancellationAbsent(BookingId, CancellationFacts.Id, saga.LookUp - 1)),
        ("CouponsEnded", _ => Ended),
        ("CouponsEnded, some not", _ => new CouponsEnded(BookingId, CancellationFacts.Id, [], Coupons)),
        ("PaymentRefunded", saga => Refunded with { RefundId = RefundOf(saga) }),
        ("PaymentRefunded, other id", _ => Refunded with { RefundId = OlderRefund }),
        ("RefundPending", saga => new RefundPending(BookingId, PaymentId, RefundOf(saga))),
        ("RefundPending, other id", _ => new RefundPending(BookingId, PaymentId, OlderRefund)),
        ("RefundRefused", saga => RefundDenied with { RefundId = RefundOf(saga) }),
        ("RefundRefused, other id", _ => RefundDenied with { RefundId = OlderRefund }),
        ("Tick", _ => Tick),
        ("Deadline", _ => Deadline),
    ];

    private static CancellationDeadline Deadline => new(CancellationFacts.Id);

    private static CancellationTick Tick => new(CancellationFacts.Id);

    private static IEnumerable<string> StatesOfTheMachine => Machine.States.Select(state => state.Name).Except(["Initial", "Final"]);

    [Fact]
    public void Every_state_and_every_message_of_the_machine_is_looked_at()
    {
        var sample = new CancellationState();

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
            Assert.True(saga.DeadlineAt is null == ends.StartsWith("None: ", StringComparison.Ordinal), $"{label}: the deadline is {saga.DeadlineAt}, and the words say: {ends}");
            Assert.Equal(saga.DeadlineAt is null, Machine.HasEnded(saga));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => Machine.Describe("Dreaming"));
    }

    [Fact]
    public async Task The_page_about_the_saga_says_what_every_event_does_in_every_state()
    {
        var page = Path.Combine(FindRoot(), "docs", "saga", "cancellation.md");
        var now = WritePage();
        if (Environment.GetEnvironmentVariable("AERONA_WRITE_DOWN") is not null)
        {
            await File.WriteAllTextAsync(page, now);
        }

        var written = File.Exists(page) ? (await File.ReadAllTextAsync(page)).ReplaceLineEndings("\n").Split('\n') : [];
        var today = now.Split('\n');
        var at = Enumerable.Range(0, Math.Max(written.Length, today.Length)).FirstOrDefault(line => written.ElementAtOrDefault(line) != today.ElementAtOrDefault(line), -1);
        Assert.True(at < 0, $"""
            docs/saga/cancellation.md does not say any more what the machine does. Line {at + 1} says
                {written.ElementAtOrDefault(at)}
            and the machine
                {today.ElementAtOrDefault(at)}
            If the machine is right, renew the page: AERONA_WRITE_DOWN=1 dotnet run --project tests/Sagas.Tests -- -class Aerona.Sagas.Tests.Cancellation.CancellationPageTests
            """);
    }

    [Fact]
    public void Every_way_that_a_cancellation_goes_is_on_the_map()
    {
        var ways = Machine.Transitions.ToLookup(way => (way.From, way.Event), way => way.To);
        foreach (var (label, history) in Histories)
        {
            foreach (var (_, @event) in Events)
            {
                var saga = Reach(label, history);
                var message = @event(saga);
                Raise(saga, message);
                var on = message switch { CancellationDeadline => "Deadline", CancellationTick => "Tick", _ => message.GetType().Name };
                Assert.True(
                    saga.CurrentState == NameOf(label) || ways[(NameOf(label), on)].Contains(saga.CurrentState),
                    $"{label} goes with {on} to {saga.CurrentState}, and the map does not know that");
            }
        }

        Assert.Equal(StatesOfTheMachine.Order(), Machine.Transitions.Select(way => way.To).Distinct().Order());
    }

    private static string WritePage()
    {
        var page = new StringBuilder("""
            # The cancellation saga, state by state

            Written by a test from the machine itself (`sagas/Cancellation`) with the times it has by default and a second person for refunds above 200 EUR; the test fails when
            this page is stale, and says how to renew it. What may be done is asked from the machine: `MayConfirm`, `MayRequote`, `MayWithdraw`, `MayDecide`. Why it is built so:
            [0016-cancellation.md](../decisions/0016-cancellation.md).

            ## The ways through it

            ```mermaid
            stateDiagram-v2
            """);
        page.Replace("\r", "").Append('\n');
        foreach (var way in Machine.Transitions.GroupBy(way => (way.From, way.To)))
        {
            page.Append(CultureInfo.InvariantCulture, $"    {(way.Key.From == "Initial" ? "[*]" : way.Key.From)} --> {way.Key.To} : {string.Join(", ", way.Select(x => x.Event))}\n");
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
    private static (string? Does, string Because) Decide(string label, object[] history, string name, Func<CancellationState, object> @event)
    {
        var saga = Reach(label, history);
        var (state, before, message) = (saga.CurrentState, Facts(saga), @event(saga));
        List<Effect> effects;
        try
        {
            effects = Raise(saga, message);
        }
        catch (MassTransit.UnhandledEventException)
        {
            throw new InvalidOperationException($"{label} has not decided what to do about {name}: handle it there, or ignore it with a reason in CancellationStateMachine.Ignored.cs");
        }

        TimersAreSound(saga);
        var published = string.Join(", ", effects.Where(effect => effect.IsPublished).Select(effect => effect.Message switch
        {
            BookingCaseOpened opened => $"BookingCaseOpened ({opened.Kind})",
            CancellationNews news => $"CancellationNews ({news.Kind})",
            ServicingReleased released => $"ServicingReleased ({released.Reason})",
            var other => other!.GetType().Name,
        }));
        if (saga.CurrentState == state && published.Length == 0 && Facts(saga) == before)
        {
            return (null, message switch
            {
                CancellationTick or CancellationDeadline => "nothing is due",
                _ when Machine.IgnoredBecause(state, message.GetType().Name) is { } because => because,
                _ when name.EndsWith("other id", StringComparison.Ordinal) => "it is about another refund",
                _ when name.EndsWith("other quote", StringComparison.Ordinal) => "it is about another quote",
                _ when name.EndsWith("older question", StringComparison.Ordinal) => "it answers an older question",
                _ => "it is known already, or nothing of it is under way",
            });
        }

        var reason = saga.EndedBecause is { } ended && !before.Contains(ended, StringComparison.Ordinal) ? $" ({ended})" : "";
        var to = saga.CurrentState != state ? $"→ {saga.CurrentState}" : published.Length > 0 ? "stays" : "stays and remembers it";
        return (to + reason + (published.Length > 0 ? $"; publishes {published}" : ""), "");
    }

    private static CancellationState Reach(string label, object[] history)
    {
        Clock.Now = Start;
        var saga = new CancellationState { CorrelationId = CancellationFacts.Id };
        foreach (var earlier in history)
        {
            Raise(saga, earlier);
        }

        Assert.Equal(NameOf(label), saga.CurrentState);
        return saga;
    }

    private static string NameOf(string label) => label.Split(',')[0];

    private static Guid QuoteOf(CancellationState saga) => saga.Quotes.Count > 0 ? saga.Quotes[^1].QuoteId : QuoteId;

    private static Guid RefundOf(CancellationState saga) => saga.Refunds.Count > 0 ? saga.Refunds[^1].RefundId : RefundId;

    // A timer is raised with the saga's own token when it is due: with any other it is dropped in silence, in every state.
    private static List<Effect> Raise(CancellationState saga, object @event)
    {
        var (due, token) = @event switch
        {
            CancellationDeadline => (saga.DeadlineAt, saga.DeadlineToken ?? Guid.NewGuid()),
            CancellationTick => (saga.TickAt, saga.TickToken ?? Guid.NewGuid()),
            _ => ((DateTimeOffset?)null, (Guid?)null),
        };
        if (due > Clock.Now)
        {
            Clock.Now = due.Value;
        }

        return Driver.Raise(saga, @event, token);
    }

    private static void TimersAreSound(CancellationState saga)
    {
        Assert.Equal(Machine.HasEnded(saga), saga.DeadlineAt is null);
        Assert.Equal(saga.DeadlineAt is null, saga.DeadlineToken is null);
        Assert.Equal(saga.TickAt is null, saga.TickToken is null);
        Assert.True(saga.TickAt is null || saga.TickAt < saga.DeadlineAt, $"{saga.CurrentState} ticks after its end");
        Assert.True(saga.DeadlineAt is null || saga.DeadlineAt > Clock.Now, $"{saga.CurrentState} has a deadline in the past");
    }

    // What the saga knows, timers aside.
    private static string Facts(CancellationState saga) => string.Join('|', saga.CurrentState, saga.EndedBecause, saga.LookUpAnswered, saga.Quotes.Count, saga.Quotes.LastOrDefault()?.Answer,
        saga.ConfirmedAt, saga.Money, saga.AtTheAirline, saga.Proposed, string.Join(',', saga.Refunds), saga.CancelledAt, saga.StaffActions.Count, saga.Cases.Count);

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!Directory.Exists(Path.Combine(folder, "sagas", "Cancellation")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("the tests do not run inside the source tree");
        }

        return folder;
    }
}
