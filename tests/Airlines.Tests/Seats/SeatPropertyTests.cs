using Aerona.Airlines.House;
using Aerona.Airlines.Offers;
using Aerona.Airlines.Seats;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Operations;
using Aerona.Suppliers;
using CsCheck;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Aerona.Airlines.Tests.Seats;

public sealed class SeatPropertyTests
{
    private const int Attempts = 6;
    private const int SeatsAFlight = 3;
    private static readonly TimeSpan HoldFor = TimeSpan.FromMinutes(2);

    private static readonly Dictionary<string, string?> Settings = new()
    {
        ["HouseAirline:SweepEvery"] = "1.00:00:00",
        ["HouseAirline:HoldFor"] = "00:02:00",
        ["HouseAirline:OfferLifetime"] = "1.00:00:00",
    };

    private enum Step
    {
        Hold,
        Pin,
        PinWithWrongToken,
        Commit,
        Release,
        LookUp,
        Cancel,
        Sweep,
        MinutePasses,
    }

    private static readonly Gen<(Step Step, int Attempt)> AnyStep = Gen.Select(
        Gen.Frequency(
            (6, Gen.Const(Step.Hold)), (4, Gen.Const(Step.Pin)), (1, Gen.Const(Step.PinWithWrongToken)), (3, Gen.Const(Step.Commit)), (2, Gen.Const(Step.Release)),
            (1, Gen.Const(Step.LookUp)), (1, Gen.Const(Step.Cancel)), (1, Gen.Const(Step.Sweep)), (2, Gen.Const(Step.MinutePasses))),
        Gen.Int[0, Attempts - 1]);

    [Fact]
    public async Task Two_hundred_holds_at_once_on_fifty_seats_hold_fifty_in_all_segments_or_none_and_sell_no_ticket_twice()
    {
        await using var house = await House.OpenAsync();
        var (hot, roomy) = (House.Flight(1, seats: 50), House.Flight(2, seats: 300, hour: 20, origin: "LAX", destination: "SFO"));
        await house.PublishAsync(hot, roomy);
        var offer = await house.OfferAsync(hot, roomy);
        var commands = Enumerable.Range(0, 200).Select(_ => new HoldSeats(Guid.NewGuid(), Guid.NewGuid(), offer.Id, House.People(offer))).ToList();

        await Task.WhenAll(commands.Select(command => Task.Run(() => house.Service.ConsumeAsync(command))));
        var held = await house.Service.Published<SeatsHeld>();
        await Task.WhenAll(held.Select(hold => Task.Run(() => house.Service.ConsumeAsync(new PinSeats(hold.BookingId, hold.HoldId, hold.Token)))));
        await Task.WhenAll(held.Select(hold => Task.Run(async () => await house.Service.ConsumeAsync(House.Commit(await house.HoldAsync(hold.HoldId), offer)))));

        Assert.Equal((50, 150), (held.Count, (await house.Service.Published<SeatsRefused>()).Count(refused => refused.Reason == "seats.sold_out")));
        Assert.Equal((50, 50), ((await house.CountAsync(hot))!.Occupied, (await house.CountAsync(roomy))!.Occupied));
        var tickets = (await house.Service.Published<AirlineOrderConfirmed>()).SelectMany(order => order.TicketNumbers!).Select(ticket => ticket.Number).ToList();
        Assert.Equal((50, 50), (tickets.Count, tickets.Distinct().Count()));
        var left = (await house.Service.Published<SeatAvailabilityChanged>()).Where(change => change.FlightId == hot.FlightId).OrderBy(change => change.Version).ToList();
        Assert.Equal(Enumerable.Range(0, 50).Reverse(), left.Select(change => change.Left));
        await house.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task After_every_step_of_any_history_each_attempt_stands_where_the_rules_put_it()
    {
        await using var house = await House.OpenAsync(Settings);
        var flights = 0;

        await AnyStep.List[1, 25].SampleAsync(
            async history =>
            {
                var world = await World.BuildAsync(house, Interlocked.Add(ref flights, 2));
                var expected = new Model();
                foreach (var (step, attempt) in history)
                {
                    await world.TakeAsync(step, attempt);
                    expected.Take(step, attempt, house.Service.Clock.GetUtcNow());
                    Assert.Equal(expected.States, await world.StatesAsync());
                }

                await house.AssertBooksAgreeAsync();
                await world.ReleaseAllAsync();
            },
            iter: 40, threads: 1);
    }

    [Fact]
    public async Task Steps_of_any_history_taken_at_once_never_oversell_never_split_a_party_and_end_in_order()
    {
        await using var house = await House.OpenAsync(Settings);
        var flights = 0;

        await AnyStep.List[1, 8].List[1, 5].SampleAsync(
            async bursts =>
            {
                var world = await World.BuildAsync(house, Interlocked.Add(ref flights, 2));
                var before = await world.StatesAsync();
                foreach (var burst in bursts)
                {
                    await Task.WhenAll(burst.Select(one => Task.Run(() => world.TakeAsync(one.Step, one.Attempt))));

                    await house.AssertBooksAgreeAsync();
                    var after = await world.StatesAsync();
                    Assert.All(before.Zip(after), change => Assert.True(change.First != HoldState.Released || change.Second == HoldState.Released));
                    before = after;
                }

                await world.ReleaseAllAsync();
                await house.AssertBooksAgreeAsync();
                Assert.All(await world.StatesAsync(), state => Assert.True(state is HoldState.Released or HoldState.Sold));
            },
            iter: 25, threads: 1);
    }

    /// <summary>Attempts on two connecting flights of three seats: even ones take a seat in both, odd ones two in the second.</summary>
    private sealed class World(House house, OfferView both, OfferView second)
    {
        private readonly Guid[] holds = [.. Enumerable.Range(0, Attempts).Select(_ => Guid.NewGuid())];

        public static async Task<World> BuildAsync(House house, int number)
        {
            PublishedFlight[] flights =
            [
                House.Flight(number, seats: SeatsAFlight, day: House.Day.AddYears(1)),
                House.Flight(number + 1, seats: SeatsAFlight, hour: 20, origin: "LAX", destination: "SFO", day: House.Day.AddYears(1)),
            ];
            await house.PublishAsync(flights);
            return new(house, await house.OfferAsync(flights), await house.OfferAsync(2, 0, flights[1]));
        }

        private OfferView OfferOf(int attempt) => attempt % 2 == 0 ? both : second;

        public async Task TakeAsync(Step step, int attempt)
        {
            var (holdId, offer) = (holds[attempt], OfferOf(attempt));
            switch (step)
            {
                case Step.Hold:
                    await house.InTransactionAsync((seats, _) => seats.HoldAsync(new(Guid.NewGuid(), holdId, offer.Id, House.People(offer)), CancellationToken.None));
                    break;
                case Step.Pin or Step.PinWithWrongToken:
                    var token = (await FindAsync(holdId))?.Token ?? 0;
                    await house.InTransactionAsync(async (seats, _) =>
                        (await seats.FindOrCloseAsync(Guid.NewGuid(), holdId, CancellationToken.None))
                        ?.Pin(step == Step.Pin ? token : token + 1, house.Service.Clock.GetUtcNow()));
                    break;
                case Step.Commit:
                    if (await FindAsync(holdId) is { } pinned)
                    {
                        await Supplier.CommitAsync(Order(pinned, offer), CancellationToken.None);
                    }

                    break;
                case Step.Release:
                    await ReleaseAsync(holdId);
                    break;
                case Step.LookUp:
                    await house.InTransactionAsync((seats, _) => seats.FindOrCloseAsync(Guid.NewGuid(), holdId, CancellationToken.None));
                    break;
                case Step.Cancel:
                    foreach (var orderId in await house.QueryAsync(db => db.HouseOrders.Where(order => order.HoldId == holdId).Select(order => order.OrderId).ToListAsync()))
                    {
                        await Supplier.CancelAsync(orderId, CancellationToken.None);
                    }

                    break;
                case Step.Sweep:
                    await house.Service.Services.GetRequiredService<LapsedHolds>().SweepAsync(CancellationToken.None);
                    break;
                case Step.MinutePasses:
                    house.Service.Clock.Advance(TimeSpan.FromMinutes(1));
                    break;
            }
        }

        /// <summary>Where each attempt stands; null where nothing was ever said of it.</summary>
        public async Task<HoldState?[]> StatesAsync()
        {
            var known = await house.QueryAsync(db => db.Holds.Where(hold => holds.Contains(hold.HoldId)).ToDictionaryAsync(hold => hold.HoldId, hold => hold.State));
            return [.. holds.Select(id => known.TryGetValue(id, out var state) ? state : (HoldState?)null)];
        }

        public async Task ReleaseAllAsync()
        {
            foreach (var holdId in holds)
            {
                await ReleaseAsync(holdId);
            }
        }

        private ISupplier Supplier => house.Service.Services.GetRequiredService<ISupplier>();

        private Task<bool> ReleaseAsync(Guid holdId) => house.InTransactionAsync(async (seats, _) =>
        {
            await seats.ReleaseAsync(Guid.NewGuid(), holdId, CancellationToken.None);
            return true;
        });

        private Task<Hold?> FindAsync(Guid holdId) => house.QueryAsync(db => db.Holds.SingleOrDefaultAsync(hold => hold.HoldId == holdId));

        private static SupplierOrder Order(Hold hold, OfferView offer)
        {
            var snapshot = new OfferSnapshot(
                offer.Id, offer.Supplier, offer.ValidatingCarrier, offer.Segments,
                [.. offer.Passengers.Select(passenger => new OfferPassenger(passenger.Id, passenger.Type))], [], offer.Total, offer.Conditions, offer.ExpiresAt);
            return new(Guid.NewGuid(), hold.BookingId, hold.HoldId, hold.Token, snapshot, "BCDFGH", House.People(offer), new("jo@example.org", null, "en"));
        }
    }

    /// <summary>The rules, told without a database.</summary>
    private sealed class Model
    {
        private readonly HoldState?[] states = new HoldState?[Attempts];
        private readonly DateTimeOffset[] lapses = new DateTimeOffset[Attempts];

        public HoldState?[] States => states;

        public void Take(Step step, int attempt, DateTimeOffset now)
        {
            ref var state = ref states[attempt];
            switch (step)
            {
                case Step.Hold when state is null:
                    // Everybody here needs the second flight, so everybody who comes frees everybody who lapsed.
                    Lapse(now);
                    state = (attempt % 2 == 0 ? Occupied(0) < SeatsAFlight && Occupied(1) < SeatsAFlight : Occupied(1) + 2 <= SeatsAFlight)
                        ? HoldState.Held
                        : HoldState.Released;
                    lapses[attempt] = now + HoldFor;
                    break;
                case Step.Pin when state == HoldState.Held:
                    state = HoldState.Pinned;
                    break;
                case Step.Commit when state == HoldState.Pinned:
                    state = HoldState.Sold;
                    break;
                case Step.Release when state != HoldState.Sold:
                case Step.Cancel when state == HoldState.Sold:
                    state = HoldState.Released;
                    break;
                case Step.Pin or Step.PinWithWrongToken or Step.LookUp when state is null:
                    state = HoldState.Released;
                    break;
                case Step.Sweep:
                    Lapse(now);
                    break;
            }
        }

        private void Lapse(DateTimeOffset now)
        {
            for (var attempt = 0; attempt < Attempts; attempt++)
            {
                if (states[attempt] == HoldState.Held && lapses[attempt] <= now)
                {
                    states[attempt] = HoldState.Released;
                }
            }
        }

        private int Occupied(int flight) => Enumerable.Range(0, Attempts)
            .Where(attempt => states[attempt] is HoldState.Held or HoldState.Pinned or HoldState.Sold)
            .Sum(attempt => attempt % 2 == 0 ? 1 : flight == 1 ? 2 : 0);
    }
}
