using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Payments;
using Aerona.Sagas.Booking;
using Aerona.Simulation.Saga;
using static Aerona.Sagas.Tests.Booking.Facts;

namespace Aerona.Sagas.Tests.Booking;

/// <summary>Thousands of made-up histories by seed; the message of a failure names the seed, which is enough to see it again.</summary>
public sealed class HistoryTests
{
    private const int Seeds = 4000;
    private readonly HandClock clock = new();
    private readonly BookingStateMachine machine;
    private readonly SagaDriver<BookingState> driver;
    private readonly HashSet<string> been = [];

    public HistoryTests()
    {
        machine = new(clock, new());
        driver = new(machine);
    }

    [Fact]
    public void Whatever_comes_late_twice_or_in_any_order_every_booking_ends_bought_and_paid_or_with_everything_given_back()
    {
        var ends = new Dictionary<string, int>();
        for (var seed = 0; seed < Seeds; seed++)
        {
            try
            {
                var end = Live(new Random(seed));
                ends[end] = ends.GetValueOrDefault(end) + 1;
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"seed {seed}: {exception.Message}", exception);
            }
        }

        // The histories are worth something only while they reach every end.
        Assert.Equal(["Cancelled", "Cancelled unpaid", "CancelledBeforePurchase", "Completed", "Completed unpaid", "Expired", "PaymentFailed", "Rejected"], ends.Keys.Order());
        Assert.All(ends.Values, count => Assert.True(count > Seeds / 400, string.Join(' ', ends)));
        Assert.Equal(machine.States.Select(state => state.Name).Except(["Initial", "Final"]).Order(), been.Order());
    }

    [Fact]
    public void Whatever_contradictory_events_come_a_final_state_is_never_left_and_the_order_is_sent_once()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var chance = new Random(seed);
            var saga = new BookingState { CorrelationId = BookingId };
            clock.Now = Start;
            List<object> history = [];
            List<Effect> effects = driver.Raise(saga, Submitted);
            var (commits, ended) = (0, (string?)null);
            for (var step = 0; step < 60; step++)
            {
                clock.Now += TimeSpan.FromSeconds(chance.Next(0, 90));
                var @event = Any(saga, chance);
                history.Add(@event);
                var before = saga.CurrentState;
                effects = driver.Raise(saga, @event, Token(saga, @event));

                commits += effects.Count(effect => effect.Message is CommitAirlineOrder);
                Assert.True(commits <= 1, $"seed {seed}: ordered twice");
                Assert.True(ended is null || ended == saga.CurrentState, $"seed {seed}: {ended} was left for {saga.CurrentState}");
                if (effects.Any(effect => effect.Message is CapturePayment))
                {
                    Assert.True(before is "Ticketing" or "Capturing" or "CaptureRecovery" or "ParkedForStaff", $"seed {seed}: captured in {before}");
                }

                if (ended is null && saga.CurrentState is "Completed" or "Cancelled")
                {
                    ended = saga.CurrentState;
                }

                if (machine.HasFailed(saga) && ended is null)
                {
                    ended = saga.CurrentState;
                    Assert.True(saga.IsUndone, $"seed {seed}: {ended} with something still held");
                    Assert.Single(effects, effect => effect.Message is BookingFailed);
                }

                BookingPageTests.TimersAreSound(machine, saga, clock.Now - TimeSpan.FromHours(1));
            }
        }
    }

    /// <summary>One booking from its submission to its end, and then until nothing is on its way any more.</summary>
    private string Live(Random chance)
    {
        clock.Now = Start;
        var world = new World(chance, clock);
        var saga = new BookingState { CorrelationId = BookingId };
        List<object> onTheWay = [Submitted];
        string? failed = null;
        var commits = 0;
        for (var step = 0; step < 5000; step++)
        {
            onTheWay.AddRange(world.People(machine, saga));
            object message;
            if (onTheWay.Count > 0 && (chance.Next(4) > 0 || NextTimer(saga) is null))
            {
                // Any of them next, and now and then it comes again.
                var at = chance.Next(onTheWay.Count);
                message = onTheWay[at];
                if (chance.Next(8) > 0)
                {
                    onTheWay.RemoveAt(at);
                }
            }
            else if (NextTimer(saga) is { } timer)
            {
                message = timer;
            }
            else
            {
                break;
            }

            if (!driver.MessageTypes.Contains(message.GetType()))
            {
                onTheWay.AddRange(world.Answer(message));
                continue;
            }

            if (saga.CurrentState == "Initial" && message is not BookingSubmitted)
            {
                onTheWay.Add(message);      // the repository lets it come again later
                continue;
            }

            if (message is BookingDeadline or BookingTick && (message is BookingDeadline ? saga.DeadlineAt : saga.TickAt) is { } due && due > clock.Now)
            {
                clock.Now = due;
            }

            var effects = driver.Raise(saga, message, Token(saga, message));
            been.Add(saga.CurrentState);
            commits += effects.Count(effect => effect.Message is CommitAirlineOrder);
            Assert.True(world.SeatsHeld <= 1, "seats are held twice");
            onTheWay.AddRange(effects.Where(effect => effect.IsPublished).Select(effect => effect.Message!));
            Assert.True(failed is null || failed == saga.CurrentState, $"{failed} was left for {saga.CurrentState}");
            if (failed is null && machine.HasFailed(saga))
            {
                failed = saga.CurrentState;
                Assert.Equal((0, 0), (world.SeatsHeld, world.Reserved));      // already when it says that it failed, not some time later
            }
        }

        Assert.True(failed is not null || saga.CurrentState is "Completed" or "Cancelled", $"hangs in {saga.CurrentState}");
        Assert.True(commits <= 1, "ordered twice");
        Assert.Single(saga.Orders.DefaultIfEmpty(new(Guid.Empty, OrderStanding.Closed)));
        Assert.False(world.CapturedBeforeTickets, "captured before the tickets were issued");
        Assert.Equal(0, world.SeatsHeld);
        Assert.Equal(0, world.Reserved);
        var bought = failed is null ? 1 : 0;
        Assert.Equal((bought, bought), (world.SeatsSold, world.OrdersBought));

        // Once, and the price that the traveller saw last; nothing where staff let it go.
        var unpaid = saga.StaffActions.Any(action => action is { Decision: StaffDecision.GoOnUnpaid, Applied: true });
        Assert.Equal(failed is null && !unpaid && !world.GaveBackUnpaid ? [saga.Offer!.Total] : [], world.Captured);
        Assert.Equal(saga.StaffActions.Count, saga.StaffActions.DistinctBy(action => action.ActionId).Count());
        return saga.CurrentState == "Completed" && unpaid ? "Completed unpaid" : world.GaveBackUnpaid ? "Cancelled unpaid" : saga.CurrentState;
    }

    private static object? NextTimer(BookingState saga) =>
        saga.DeadlineAt is null ? null : saga.TickAt < saga.DeadlineAt ? new BookingTick(BookingId) : new BookingDeadline(BookingId);

    private static Guid? Token(BookingState saga, object message) => message switch
    {
        BookingDeadline => saga.DeadlineToken ?? Guid.NewGuid(),
        BookingTick => saga.TickToken ?? Guid.NewGuid(),
        _ => null,
    };

    /// <summary>Half of the time something that fits, half of the time anything, for this attempt or another.</summary>
    private object Any(BookingState saga, Random chance)
    {
        var hold = chance.Next(6) == 0 ? Hold(chance.Next(1, 4)) : saga.Holds.LastOrDefault()?.HoldId ?? HoldId;
        var payment = chance.Next(6) == 0 ? Payment(chance.Next(1, 4)) : saga.Payments.LastOrDefault()?.PaymentId ?? PaymentId;
        object[] likely = saga.CurrentState switch
        {
            "Pricing" => [Priced with { OfferId = saga.OfferId, Offer = Offer with { OfferId = saga.OfferId, ExpiresAt = clock.Now.AddMinutes(30) } }, Dearer],
            "AwaitingPriceDecision" => [Accepted, Accepted with { OfferId = OfferId }],
            "HoldingSeats" or "HoldUnknown" => [HeldAs(hold)],
            "OpeningPayment" => [OpenedAs(payment)],
            "AwaitingPayment" => [Retried, new PaymentApproved(BookingId, payment)],
            "Pinning" => [new SeatsPinned(BookingId, hold, 7)],
            "Authorising" or "PaymentUnknown" or "PaymentReview" => [AuthorizedAs(payment)],
            "Committing" or "CommitUnknown" => [Bought],
            "Ticketing" => [Ticketed, Bought],
            "Capturing" => [new PaymentCaptured(BookingId, payment, Price, "CAP"), new CaptureRefused(BookingId, payment, "x")],
            "CaptureRecovery" => [Retried, new PaymentApproved(BookingId, payment), AuthorizedAs(payment), new PaymentCaptured(BookingId, payment, Price, "CAP")],
            "ParkedForStaff" => [Decided((StaffDecision)chance.Next(3), chance.Next(20)), Retried, Bought],
            "Documenting" => [Stored],
            "Compensating" => [.. saga.Holds.Select(x => new SeatsReleased(BookingId, x.HoldId)), .. saga.Payments.Select(x => new PaymentVoided(BookingId, x.PaymentId, null))],
            _ => [Approved],
        };
        object[] any =
        [
            Submitted, CancelRequested, Retried, Accepted, NotAccepted, Decided((StaffDecision)chance.Next(3), chance.Next(20)), new BookingCancelled(BookingId, Start), Priced, Dearer, new OfferGone(BookingId, OfferId, "x"),
            HeldAs(hold), new SeatsRefused(BookingId, hold, "x", []), new HoldAbsent(BookingId, hold, saga.LookUp), new SeatsPinned(BookingId, hold, 7),
            new HoldLapsed(BookingId, hold), new SeatsReleased(BookingId, hold), OpenedAs(payment), new PaymentNotPossible(BookingId, payment, "x"),
            new PaymentApproved(BookingId, payment), AuthorizedAs(payment), new PaymentDeclined(BookingId, payment, "x"), new PaymentUnderReview(BookingId, payment),
            new PaymentAbsent(BookingId, payment, saga.LookUp), new PaymentCaptured(BookingId, payment, Price, "CAP"), new CapturePending(BookingId, payment),
            new CaptureRefused(BookingId, payment, "x"), new PaymentVoided(BookingId, payment, null), new PaymentRefunded(BookingId, payment, Guid.Empty, Price),
            Bought, new AirlineOrderPending(BookingId, OrderId, saga.LookUp), new AirlineOrderRefused(BookingId, OrderId, "order.sold_out"),
            new AirlineOrderAbsent(BookingId, OrderId, saga.LookUp), new AirlineOrderCancelled(BookingId, OrderId), Ticketed, Stored,
            new BookingDeadline(BookingId), new BookingTick(BookingId),
        ];
        var from = chance.Next(2) == 0 ? likely : any;
        return from[chance.Next(from.Length)];
    }
}
