using Aerona.Airlines.Seats;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Aerona.Airlines.Tests.Seats;

public sealed class SeatTests
{
    private static readonly Guid BookingId = Guid.NewGuid();

    // The sweeper comes late and holds are short, so that the tests and not the background decide who frees lapsed seats.
    private static readonly Dictionary<string, string?> SlowSweeper = new()
    {
        ["HouseAirline:SweepEvery"] = "1.00:00:00",
        ["HouseAirline:HoldFor"] = "00:02:00",
    };

    private static readonly Dictionary<string, string?> SlowSweeperOnly = new() { ["HouseAirline:SweepEvery"] = "1.00:00:00" };

    [Fact]
    public async Task Seats_are_held_in_every_segment_and_two_deadlines_are_told()
    {
        await using var house = await House.OpenAsync();
        var (first, second) = (House.Flight(1), House.Flight(2, hour: 20, origin: "LAX", destination: "SFO"));
        await house.PublishAsync(first, second);
        var offer = await house.OfferAsync(2, 0, first, second);
        house.Service.Clock.Advance(TimeSpan.FromMinutes(15));

        var hold = await house.HoldAsync(offer);

        var now = house.Service.Clock.GetUtcNow();
        var held = await house.LastAsync<SeatsHeld>();
        Assert.Equal(new SeatsHeld(hold.BookingId, hold.HoldId, hold.Token, now.AddMinutes(20), now.AddMinutes(15)), held);
        Assert.Equal((48, 48), ((await house.CountAsync(first))!.Left, (await house.CountAsync(second))!.Left));
        Assert.Equal([48, 48], (await house.Service.Published<SeatAvailabilityChanged>()).Select(change => change.Left));
        Assert.Contains(await house.Service.Published<BookingNoted>(), note => note.Kind == "seats.held" && note.BookingId == hold.BookingId);
        await house.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task Seats_of_those_who_pay_later_are_held_for_a_day_and_their_price_for_two_hours()
    {
        await using var house = await House.OpenAsync();
        var flight = House.Flight(1);
        await house.PublishAsync(flight);
        var offer = await house.OfferAsync(flight);
        house.Service.Clock.Advance(TimeSpan.FromMinutes(15));

        var hold = await house.HoldAsync(offer, payLater: true);

        var now = house.Service.Clock.GetUtcNow();
        Assert.Equal(new SeatsHeld(hold.BookingId, hold.HoldId, hold.Token, now.AddHours(24), now.AddHours(2)), await house.LastAsync<SeatsHeld>());
        Assert.True(hold.SpaceUntil >= offer.PayLaterUntil);
    }

    [Theory]
    [InlineData(60 * 60, 24 * 60, 24 * 60)]        // minutes: to departure; offered to pay later; held
    [InlineData(36 * 60, 12 * 60, 12 * 60)]
    [InlineData((24 * 60) + 30, 30, 30)]
    [InlineData((24 * 60) + 20, null, 20)]
    [InlineData(12, null, 12)]
    public async Task Paying_later_ends_a_day_before_departure_and_is_not_offered_where_it_would_be_no_longer_than_paying_now(
        int toDeparture, int? offered, int held)
    {
        await using var house = await House.OpenAsync(SlowSweeperOnly);
        var flight = House.Flight(1);
        await house.PublishAsync(flight);
        house.Service.Clock.Advance(flight.DepartsAt - TimeSpan.FromMinutes(toDeparture) - house.Service.Clock.GetUtcNow());
        var now = house.Service.Clock.GetUtcNow();

        var offer = await house.OfferAsync(flight);
        var hold = await house.HoldAsync(offer, payLater: true);

        Assert.Equal(offered is { } minutes ? now.AddMinutes(minutes) : null, offer.PayLaterUntil);
        Assert.Equal(offer.PayLaterUntil, (await house.QueryAsync(db => db.Offers.SingleAsync())).Snapshot.PayLaterUntil);
        Assert.Equal(now.AddMinutes(held), hold.SpaceUntil);
        Assert.True(hold.PriceUntil <= hold.SpaceUntil);
    }

    [Fact]
    public async Task One_full_segment_keeps_every_other_untouched_and_names_flights_that_still_have_the_seats()
    {
        await using var house = await House.OpenAsync();
        var wide = House.Flight(1, seats: 9);
        var full = House.Flight(2, seats: 1, hour: 17, origin: "LAX", destination: "SFO", hours: 3);
        var near = House.Flight(3, seats: 9, hour: 19, origin: "LAX", destination: "SFO", hours: 3);
        var far = House.Flight(4, seats: 9, hour: 22, origin: "LAX", destination: "SFO", hours: 3);
        var small = House.Flight(5, seats: 1, hour: 18, origin: "LAX", destination: "SFO", hours: 3);
        var tomorrow = House.Flight(6, seats: 9, hour: 17, origin: "LAX", destination: "SFO", day: House.Day.AddDays(1), hours: 3);
        await house.PublishAsync(wide, full, near, far, small, tomorrow);

        var hold = await house.HoldAsync(await house.OfferAsync(2, 0, wide, full));

        var refused = await house.LastAsync<SeatsRefused>();
        Assert.Equal((hold.HoldId, "seats.sold_out"), (refused.HoldId, refused.Reason));
        Assert.Equal([near.FlightId, far.FlightId], refused.Alternatives);
        Assert.Equal(HoldState.Released, hold.State);
        Assert.Equal(0, (await house.CountAsync(wide))!.Occupied);
        Assert.Empty(await house.Service.Published<SeatAvailabilityChanged>());
    }

    [Fact]
    public async Task A_repeated_hold_gets_the_same_answer_and_no_second_seat()
    {
        await using var house = await House.OpenAsync();
        var flight = House.Flight(1, seats: 1);
        await house.PublishAsync(flight);
        var offer = await house.OfferAsync(flight);
        var command = new HoldSeats(BookingId, Guid.NewGuid(), offer.Id, House.People(offer));
        var refused = command with { HoldId = Guid.NewGuid() };

        foreach (var message in new[] { command, refused, command, refused })
        {
            await house.Service.ConsumeAsync(message);
        }

        Assert.Single((await house.Service.Published<SeatsHeld>()).Distinct());
        Assert.Equal(["seats.sold_out", "seats.sold_out"], (await house.Service.Published<SeatsRefused>()).Select(answer => answer.Reason));
        Assert.Equal(1, (await house.CountAsync(flight))!.Occupied);
    }

    [Fact]
    public async Task Lap_infants_take_no_seat_but_the_aircraft_carries_only_so_many()
    {
        await using var house = await House.OpenAsync();
        var flight = House.Flight(1, seats: 40) with { Aircraft = "AT7" };   // seven lap infants
        await house.PublishAsync(flight);
        var five = await house.OfferAsync(5, 5, flight);

        await house.HoldAsync(five);
        var second = await house.HoldAsync(five);
        await house.HoldAsync(await house.OfferAsync(2, 2, flight));

        Assert.Equal(HoldState.Released, second.State);
        Assert.Equal("seats.infant_limit", (await house.LastAsync<SeatsRefused>()).Reason);
        Assert.Equal((7, 7), ((await house.CountAsync(flight))!.Occupied, (await house.CountAsync(flight, cabin: null))!.Occupied));
        Assert.All(await house.Service.Published<SeatAvailabilityChanged>(), change => Assert.Equal(Cabin.Economy, change.Cabin));
    }

    [Fact]
    public async Task What_a_look_up_a_release_or_a_pin_denied_is_refused_when_it_comes_late()
    {
        await using var house = await House.OpenAsync();
        var flight = House.Flight(1);
        await house.PublishAsync(flight);
        var offer = await house.OfferAsync(flight);
        var (lookedUp, released, pinned) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());

        await house.Service.ConsumeAsync(new LookUpHold(BookingId, lookedUp, LookUp: 3));
        await house.Service.ConsumeAsync(new ReleaseSeats(BookingId, released, Token: null));
        await house.Service.ConsumeAsync(new PinSeats(BookingId, pinned, Token: 1));
        foreach (var late in new[] { lookedUp, released, pinned })
        {
            await house.Service.ConsumeAsync(new HoldSeats(BookingId, late, offer.Id, House.People(offer)));
        }

        Assert.Equal(new HoldAbsent(BookingId, lookedUp, 3), await house.LastAsync<HoldAbsent>());
        Assert.Equal(new SeatsReleased(BookingId, released), await house.LastAsync<SeatsReleased>());
        Assert.Equal(new HoldLapsed(BookingId, pinned), await house.LastAsync<HoldLapsed>());
        Assert.Equal(
            [(lookedUp, "hold.closed"), (released, "hold.closed"), (pinned, "hold.closed")],
            (await house.Service.Published<SeatsRefused>()).Select(refused => (refused.HoldId, refused.Reason)));
        Assert.Null(await house.CountAsync(flight));
    }

    [Fact]
    public async Task A_look_up_finds_a_hold_and_says_the_fact()
    {
        await using var house = await House.OpenAsync();
        var flight = House.Flight(1);
        await house.PublishAsync(flight);
        var hold = await house.HoldAsync(await house.OfferAsync(flight));
        var told = await house.LastAsync<SeatsHeld>();

        await house.Service.ConsumeAsync(new LookUpHold(hold.BookingId, hold.HoldId, 1));

        Assert.Equal([told, told], await house.Service.Published<SeatsHeld>());
    }

    [Fact]
    public async Task A_pin_with_another_token_pins_nothing()
    {
        await using var house = await House.OpenAsync();
        var flight = House.Flight(1);
        await house.PublishAsync(flight);
        var hold = await house.HoldAsync(await house.OfferAsync(flight));

        await house.Service.ConsumeAsync(new PinSeats(hold.BookingId, hold.HoldId, hold.Token + 1));

        Assert.Equal(new HoldLapsed(hold.BookingId, hold.HoldId), await house.LastAsync<HoldLapsed>());
        Assert.Equal(HoldState.Held, (await house.HoldAsync(hold.HoldId)).State);
    }

    [Fact]
    public async Task Tokens_of_holds_on_a_flight_differ_even_when_a_seat_comes_back_in_between()
    {
        await using var house = await House.OpenAsync();
        var flight = House.Flight(1, seats: 1);
        await house.PublishAsync(flight);
        var offer = await house.OfferAsync(flight);

        var first = await house.HoldAsync(offer);
        await house.Service.ConsumeAsync(new ReleaseSeats(first.BookingId, first.HoldId, first.Token));
        var second = await house.HoldAsync(offer);

        Assert.True(second.Token > first.Token);
    }

    [Fact]
    public async Task A_lapsed_hold_keeps_its_seats_until_somebody_frees_them_and_can_still_be_pinned()
    {
        await using var house = await House.OpenAsync(SlowSweeper);
        var flight = House.Flight(1, seats: 1);
        await house.PublishAsync(flight);
        var hold = await house.HoldAsync(await house.OfferAsync(flight));
        house.Service.Clock.Advance(TimeSpan.FromMinutes(3));

        Assert.Equal(1, (await house.CountAsync(flight))!.Occupied);
        await house.Service.ConsumeAsync(new PinSeats(hold.BookingId, hold.HoldId, hold.Token));

        Assert.Equal(HoldState.Pinned, (await house.HoldAsync(hold.HoldId)).State);
    }

    [Fact]
    public async Task The_next_holder_gets_the_seats_of_a_lapsed_hold_in_all_its_segments()
    {
        await using var house = await House.OpenAsync(SlowSweeper);
        var (first, second) = (House.Flight(1, seats: 1), House.Flight(2, seats: 1, hour: 20, origin: "LAX", destination: "SFO"));
        await house.PublishAsync(first, second);
        var lapsed = await house.HoldAsync(await house.OfferAsync(first, second));
        house.Service.Clock.Advance(TimeSpan.FromMinutes(2));

        var next = await house.HoldAsync(await house.OfferAsync(second));

        Assert.Equal((HoldState.Released, HoldState.Held), ((await house.HoldAsync(lapsed.HoldId)).State, next.State));
        Assert.Equal((0, 1), ((await house.CountAsync(first))!.Occupied, (await house.CountAsync(second))!.Occupied));
        await house.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task The_sweeper_frees_lapsed_holds_and_leaves_pinned_ones()
    {
        await using var house = await House.OpenAsync(SlowSweeper);
        var flight = House.Flight(1);
        await house.PublishAsync(flight);
        var offer = await house.OfferAsync(flight);
        var (held, pinned) = (await house.HoldAsync(offer), await house.PinnedAsync(offer));
        house.Service.Clock.Advance(TimeSpan.FromMinutes(2));

        await house.Service.Services.GetRequiredService<LapsedHolds>().SweepAsync(CancellationToken.None);
        await house.Service.ConsumeAsync(new PinSeats(held.BookingId, held.HoldId, held.Token));

        Assert.Equal((HoldState.Released, HoldState.Pinned), ((await house.HoldAsync(held.HoldId)).State, (await house.HoldAsync(pinned.HoldId)).State));
        Assert.Equal(new HoldLapsed(held.BookingId, held.HoldId), await house.LastAsync<HoldLapsed>());
        Assert.Equal(49, (await house.LastAsync<SeatAvailabilityChanged>()).Left);
        Assert.Single(await house.Service.Published<BookingNoted>(), note => note.Kind == "seats.lapsed" && note.BookingId == held.BookingId);
    }

    [Fact]
    public async Task A_hold_pinned_between_the_sweepers_look_and_its_lock_stays()
    {
        await using var house = await House.OpenAsync(SlowSweeper);
        var flight = House.Flight(1);
        await house.PublishAsync(flight);
        var offer = await house.OfferAsync(flight);
        var pinned = await house.PinnedAsync(offer);
        house.Service.Clock.Advance(TimeSpan.FromMinutes(2));
        var fresh = await house.HoldAsync(offer);

        foreach (var seen in new[] { pinned, fresh })
        {
            await house.InTransactionAsync(async (seats, _) =>
            {
                await seats.LapseAsync(seen.HoldId, CancellationToken.None);
                return true;
            });
        }

        Assert.Equal((HoldState.Pinned, HoldState.Held), ((await house.HoldAsync(pinned.HoldId)).State, (await house.HoldAsync(fresh.HoldId)).State));
        Assert.Equal(2, (await house.CountAsync(flight))!.Occupied);
    }

    [Fact]
    public async Task A_pin_never_ends_by_time_but_an_old_one_is_reported_once()
    {
        await using var house = await House.OpenAsync(SlowSweeper);
        var flight = House.Flight(1);
        await house.PublishAsync(flight);
        var hold = await house.PinnedAsync(await house.OfferAsync(flight));
        house.Service.Clock.Advance(TimeSpan.FromHours(26));

        var sweeper = house.Service.Services.GetRequiredService<LapsedHolds>();
        await sweeper.SweepAsync(CancellationToken.None);
        await sweeper.SweepAsync(CancellationToken.None);

        Assert.Equal(HoldState.Pinned, (await house.HoldAsync(hold.HoldId)).State);
        Assert.Single(await house.Service.Published<BookingNoted>(), note => note.Kind == "seats.pinned_too_long" && note.BookingId == hold.BookingId);
    }

    [Fact]
    public async Task Released_seats_are_free_and_the_id_is_closed_for_good()
    {
        await using var house = await House.OpenAsync();
        var flight = House.Flight(1, seats: 2);
        await house.PublishAsync(flight);
        var offer = await house.OfferAsync(flight);
        var hold = await house.PinnedAsync(offer);

        await house.Service.ConsumeAsync(new ReleaseSeats(hold.BookingId, hold.HoldId, hold.Token));
        await house.Service.ConsumeAsync(new ReleaseSeats(hold.BookingId, hold.HoldId, Token: null));
        await house.Service.ConsumeAsync(new HoldSeats(hold.BookingId, hold.HoldId, offer.Id, House.People(offer)));
        await house.Service.ConsumeAsync(new PinSeats(hold.BookingId, hold.HoldId, hold.Token));

        Assert.Equal(2, (await house.Service.Published<SeatsReleased>()).Count);
        Assert.Equal("hold.closed", (await house.LastAsync<SeatsRefused>()).Reason);
        Assert.Single(await house.Service.Published<HoldLapsed>());
        Assert.Equal(0, (await house.CountAsync(flight))!.Occupied);
    }

    [Fact]
    public async Task Flights_withdrawn_or_departed_since_the_offer_are_not_held()
    {
        await using var house = await House.OpenAsync();
        var flight = House.Flight(1);
        await house.PublishAsync(flight);
        var offer = await house.OfferAsync(flight);
        await house.PublishAsync(flight with { Version = 2, Cabins = [] });

        await house.HoldAsync(offer);

        Assert.Equal("flight.withdrawn", (await house.LastAsync<SeatsRefused>()).Reason);
    }
}
