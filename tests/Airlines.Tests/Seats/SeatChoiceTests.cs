using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Aerona.Airlines.Offers;
using Aerona.Airlines.Seats;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Operations;
using CsCheck;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Aerona.Airlines.Tests.Seats;

/// <summary>Seats of an Airbus A321 as it usually is: business in rows 1 to 4, economy from row 5, exits in row 15; and one with cabins of its own.</summary>
public sealed class SeatChoiceTests
{
    private static readonly Dictionary<string, string?> SlowSweeper = new()
    {
        ["HouseAirline:SweepEvery"] = "1.00:00:00",
        ["HouseAirline:HoldFor"] = "00:02:00",
    };

    // Two rows of three, an exit in the second, one seat broken.
    private static readonly IReadOnlyList<CabinMap> Small = [new(Cabin.Economy, 1, 2, "AB C", ExitRows: [2], Special: [new(["1C"], [SeatCharacteristic.Blocked])])];

    [Fact]
    public async Task A_seat_map_shows_what_seats_have_cost_and_are_taken_and_who_may_not_sit_there()
    {
        await using var house = await House.OpenAsync();
        var flight = House.Flight(1) with { SeatMap = Small };
        await house.PublishAsync(flight);
        await house.HoldAsync(await house.SeatedAsync(await house.OfferAsync(flight), "p1 1 1A"));
        var answer = await house.AskForOfferAsync(new
        {
            flights = new[] { new { flightId = flight.FlightId, cabin = "economy" } },
            passengers = new[] { new { type = "adult" }, new { type = "child" }, new { type = "infant" } },
        });
        var offer = (await answer.Content.ReadFromJsonAsync<OfferView>(House.Json))!;

        var maps = (await house.Service.Http.GetFromJsonAsync<SeatMapsView>($"/v1/offers/{offer.Id}/seat-maps", House.Json))!;

        var segment = Assert.Single(maps.Segments);
        Assert.Equal((true, 1, "AB C", false), (maps.Choosable, segment.SegmentOrdinal, segment.Letters, segment.Usual));
        var seats = segment.Rows.SelectMany(row => row.Seats).ToDictionary(seat => seat.Seat);
        Assert.Equal(["1A", "1B", "1C", "2A", "2B", "2C"], seats.Keys.Order());
        Assert.Equal(["1B", "2A", "2B", "2C"], seats.Values.Where(seat => seat.Free).Select(seat => seat.Seat).Order());
        Assert.Equal([SeatCharacteristic.Window, SeatCharacteristic.ExitRow, SeatCharacteristic.ExtraLegroom], seats["2A"].Characteristics);
        Assert.Equal((Money.Of(19m, "USD"), Money.Of(45m, "USD")), (seats["1B"].Price, seats["2A"].Price));
        Assert.Equal([new NotForView("p3", "seat.infant")], seats["1B"].NotFor);
        Assert.Equal([new NotForView("p2", "seat.exit_row"), new NotForView("p3", "seat.infant")], seats["2A"].NotFor);
        Assert.Equal(HttpStatusCode.NotFound, (await house.Service.Http.GetAsync($"/v1/offers/{Guid.NewGuid()}/seat-maps")).StatusCode);
    }

    [Fact]
    public async Task A_flight_of_which_only_the_type_is_known_has_the_usual_seats_of_that_type()
    {
        await using var house = await House.OpenAsync();
        var flight = House.Flight(1);
        await house.PublishAsync(flight);
        var offer = await house.OfferAsync(flight);

        var maps = (await house.Service.Http.GetFromJsonAsync<SeatMapsView>($"/v1/offers/{offer.Id}/seat-maps", House.Json))!;

        var segment = Assert.Single(maps.Segments);
        Assert.True(segment.Usual);
        Assert.Equal((5, 34, 178), (segment.Rows[0].Row, segment.Rows[^1].Row, segment.Rows.Sum(row => row.Seats.Count)));
    }

    [Fact]
    public void Every_aircraft_type_has_as_many_usual_seats_as_it_is_said_to_have_and_no_two_of_one_number()
    {
        foreach (var type in Reference.AircraftTypes.All.Values)
        {
            var cabins = StandardCabins.Of(type.Code)!;
            int Count(Cabin cabin) => cabins.FirstOrDefault(map => map.Cabin == cabin)?.Seats().Count ?? 0;

            Assert.Equal((type.First, type.Business, type.PremiumEconomy, type.Economy), (Count(Cabin.First), Count(Cabin.Business), Count(Cabin.PremiumEconomy), Count(Cabin.Economy)));
            var numbers = cabins.SelectMany(map => map.Seats()).Select(seat => seat.Number).ToList();
            Assert.Equal(numbers.Count, numbers.Distinct().Count());
        }

        Assert.Null(StandardCabins.Of("XXX"));
    }

    [Fact]
    public async Task Choosing_makes_a_new_offer_that_costs_the_seats_more_and_leaves_the_old_one_alone()
    {
        await using var house = await House.OpenAsync();
        var (first, second) = (House.Flight(1), House.Flight(2, hour: 20, origin: "LAX", destination: "SFO"));
        await house.PublishAsync(first, second);
        var offer = await house.OfferAsync(2, 0, first, second);

        var seated = await house.SeatedAsync(offer, "p1 1 15A", "p2 1 20b", "p1 2 6C");
        var changed = await house.SeatedAsync(seated, "p2 2 7A");
        var without = await house.SeatedAsync(changed);

        Assert.NotEqual(offer.Id, seated.Id);
        Assert.Equal(offer.ExpiresAt, seated.ExpiresAt);
        Assert.Equal(["1 p1 15A 45.00 USD", "1 p2 20B 0.00 USD", "2 p1 6C 11.40 USD"], seated.Seats!.Select(seat => $"{seat.SegmentOrdinal} {seat.PassengerId} {seat.Seat} {seat.Price}"));
        Assert.Equal(offer.Total + Money.Of(56.40m, "USD"), seated.Total);
        Assert.Equal(
            [Money.Of(45m, "USD"), Money.Of(11.40m, "USD")],
            seated.Passengers[0].Lines.Where(line => line.Kind == PriceLineKind.Seat).Select(line => line.Amount));
        Assert.DoesNotContain(seated.Passengers[1].Lines, line => line.Kind == PriceLineKind.Seat);
        Assert.Equal(["7A"], changed.Seats!.Select(seat => seat.Seat));
        Assert.Equal(offer.Total + Money.Of(11.40m, "USD"), changed.Total);
        Assert.Equal((null, offer.Total), (without.Seats, without.Total));
        Assert.Equal(offer.Total, (await house.Service.Http.GetFromJsonAsync<OfferView>($"/v1/offers/{offer.Id}", House.Json))!.Total);
        Assert.Null(await house.CountAsync(first));
    }

    [Theory]
    [InlineData("/seats/0/passengerId", "passenger.unknown", "p9 1 20A")]
    [InlineData("/seats/0/segmentOrdinal", "segment.unknown", "p1 2 20A")]
    [InlineData("/seats/0/seat", "seat.unknown", "p1 1 99A")]
    [InlineData("/seats/0/seat", "seat.unknown", "p1 1 2A")]            // of another cabin
    [InlineData("/seats/1/seat", "seat.chosen_twice", "p1 1 20A", "p2 1 20A")]
    [InlineData("/seats/1/passengerId", "seat.passenger_twice", "p1 1 20A", "p1 1 20B")]
    [InlineData("/seats/0/passengerId", "seat.infant", "p4 1 20A")]
    [InlineData("/seats/0/seat", "seat.exit_row", "p3 1 15A")]
    [InlineData("/seats/1/seat", "seat.exit_row", "p1 1 15A", "p2 1 15B")]     // one of them has the baby
    [InlineData("/seats/0/seat", "seat.taken", "p1 1 30C")]
    public async Task A_choice_that_breaks_a_rule_names_the_field_and_the_rule(string pointer, string code, params string[] seats)
    {
        await using var house = await House.OpenAsync();
        var flight = House.Flight(1);
        await house.PublishAsync(flight);
        await house.HoldAsync(await house.SeatedAsync(await house.OfferAsync(flight), "p1 1 30C"));
        var answer = await house.AskForOfferAsync(new
        {
            flights = new[] { new { flightId = flight.FlightId, cabin = "economy" } },
            passengers = new[] { "adult", "adult", "child", "infant" }.Select(type => new { type }),
        });
        var offer = (await answer.Content.ReadFromJsonAsync<OfferView>(House.Json))!;

        var refused = await house.AskForSeatsAsync(offer.Id, seats);

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        var problem = await refused.Content.ReadFromJsonAsync<JsonElement>();
        var error = Assert.Single(problem.GetProperty("errors").EnumerateArray());
        Assert.Equal((pointer, code), (error.GetProperty("pointer").GetString(), error.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task An_expired_offer_or_one_of_a_flight_withdrawn_takes_no_seats()
    {
        await using var house = await House.OpenAsync();
        var flight = House.Flight(1);
        await house.PublishAsync(flight);
        var offer = await house.OfferAsync(flight);

        await house.PublishAsync(flight with { Version = 2, Cabins = [] });
        var withdrawn = await house.AskForSeatsAsync(offer.Id, "p1 1 20A");
        house.Service.Clock.Advance(TimeSpan.FromMinutes(31));
        var expired = await house.AskForSeatsAsync(offer.Id, "p1 1 20A");

        Assert.Equal((HttpStatusCode.Conflict, "flight.withdrawn"), (withdrawn.StatusCode, await CodeOf(withdrawn)));
        Assert.Equal((HttpStatusCode.Conflict, "offer.expired"), (expired.StatusCode, await CodeOf(expired)));
    }

    [Fact]
    public async Task A_seat_somebody_else_took_meanwhile_refuses_the_whole_hold_and_names_the_nearest_free_ones()
    {
        await using var house = await House.OpenAsync();
        var flight = House.Flight(1);
        await house.PublishAsync(flight);
        var (mine, theirs) = (await house.SeatedAsync(await house.OfferAsync(2, 0, flight), "p1 1 20A", "p2 1 20B"), await house.SeatedAsync(await house.OfferAsync(flight), "p1 1 20A"));

        var first = await house.HoldAsync(theirs);
        var second = await house.HoldAsync(mine);

        Assert.Equal(HoldState.Held, first.State);
        Assert.Equal(HoldState.Released, second.State);
        var refused = await house.LastAsync<SeatsRefused>();
        Assert.Equal("seats.taken", refused.Reason);
        var seat = Assert.Single(refused.Seats!);
        Assert.Equal(("p1", 1, "20A"), (seat.PassengerId, seat.SegmentOrdinal, seat.Seat));
        Assert.Equal(["20C", "20D", "20E", "20F", "19A"], seat.Nearest);
        Assert.Equal(1, (await house.CountAsync(flight))!.Occupied);
        await house.AssertBooksAgreeAsync();

        await house.Service.ConsumeAsync(new ReleaseSeats(first.BookingId, first.HoldId, first.Token));
        Assert.Equal(HoldState.Held, (await house.HoldAsync(mine)).State);
        await house.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task Nobody_with_a_baby_on_the_lap_or_too_young_on_the_day_holds_a_seat_at_an_exit()
    {
        await using var house = await House.OpenAsync();
        var flight = House.Flight(1);
        await house.PublishAsync(flight);
        var offer = await house.SeatedAsync(await house.OfferAsync(2, 1, flight), "p2 1 15A");
        var people = House.People(offer);
        async Task<SeatsRefused?> TryAsync(IReadOnlyList<Passenger> party)
        {
            var hold = new HoldSeats(Guid.NewGuid(), Guid.NewGuid(), offer.Id, party);
            await house.Service.ConsumeAsync(hold);
            await house.Service.ConsumeAsync(new ReleaseSeats(hold.BookingId, hold.HoldId, null));
            return (await house.Service.Published<SeatsRefused>()).SingleOrDefault(refused => refused.HoldId == hold.HoldId);
        }

        Assert.Null(await TryAsync(people));
        Assert.Equal("seats.exit_row", (await TryAsync([people[0], people[1], people[2] with { AccompaniedBy = "p2" }]))!.Reason);
        Assert.Equal("seats.exit_row", (await TryAsync([people[0], people[1] with { BirthDate = House.Day.AddYears(-12).AddDays(1) }, people[2]]))!.Reason);
        Assert.Null(await TryAsync([people[0], people[1] with { BirthDate = House.Day.AddYears(-12) }, people[2]]));
        await house.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task Seats_stay_with_who_bought_them_and_come_back_by_lapse_and_cancellation()
    {
        await using var house = await House.OpenAsync(SlowSweeper);
        var flight = House.Flight(1);
        await house.PublishAsync(flight);
        var offer = await house.SeatedAsync(await house.OfferAsync(flight), "p1 1 20A");

        var lapsing = await house.HoldAsync(offer);
        house.Service.Clock.Advance(TimeSpan.FromMinutes(3));
        var bought = await house.PinnedAsync(offer);     // the lapsed one gives its seat to who comes
        var order = House.Commit(bought, offer);
        await house.Service.ConsumeAsync(order);
        await house.AssertBooksAgreeAsync();

        Assert.Equal(HoldState.Released, (await house.HoldAsync(lapsing.HoldId)).State);
        Assert.Equal(HoldState.Sold, (await house.HoldAsync(bought.HoldId)).State);
        Assert.Equal(HoldState.Released, (await house.HoldAsync(offer)).State);
        await house.Service.ConsumeAsync(new CancelAirlineOrder(bought.BookingId, order.OrderId));
        Assert.Equal(HoldState.Held, (await house.HoldAsync(offer)).State);
        await house.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task An_order_with_other_seats_than_those_held_is_not_sold()
    {
        await using var house = await House.OpenAsync();
        var flight = House.Flight(1);
        await house.PublishAsync(flight);
        var plain = await house.OfferAsync(flight);
        var seated = await house.SeatedAsync(plain, "p1 1 15A");
        var pinned = await house.PinnedAsync(plain);

        await house.Service.ConsumeAsync(House.Commit(pinned, seated));

        Assert.Equal("order.hold_lost", (await house.LastAsync<AirlineOrderRefused>()).Reason);
    }

    [Fact]
    public async Task A_new_price_keeps_the_seats_at_what_they_cost_now()
    {
        await using var house = await House.OpenAsync();
        var flight = House.Flight(1);
        await house.PublishAsync(flight);
        var offer = await house.SeatedAsync(await house.OfferAsync(flight), "p1 1 15A");

        await house.Service.ConsumeAsync(new PriceOffer(Guid.NewGuid(), offer.Id));
        await house.PublishAsync(House.Flight(1, fare: 250m, version: 2));
        await house.Service.ConsumeAsync(new PriceOffer(Guid.NewGuid(), offer.Id));

        Assert.Equal(offer.Total, (await house.LastAsync<OfferPriced>()).Offer.Total);
        var changed = await house.LastAsync<OfferPriceChanged>();
        Assert.Equal(offer.Seats!.Select(seat => (seat.PassengerId, seat.Seat, seat.Price)), changed.NewOffer.Seats!.Select(seat => (seat.PassengerId, seat.Seat, seat.Price)));
        Assert.Equal(changed.NewOffer.Lines.Select(line => line.Amount).Sum("USD"), changed.NewOffer.Total);
        Assert.Contains(changed.NewOffer.Lines, line => line.Kind == PriceLineKind.Seat);
    }

    [Fact]
    public async Task Fifty_at_once_for_one_seat_are_one_with_it_and_the_database_lets_no_second_one_be()
    {
        await using var house = await House.OpenAsync();
        var flight = House.Flight(1);
        await house.PublishAsync(flight);
        var offer = await house.SeatedAsync(await house.OfferAsync(flight), "p1 1 20A");
        var commands = Enumerable.Range(0, 50).Select(_ => new HoldSeats(Guid.NewGuid(), Guid.NewGuid(), offer.Id, House.People(offer))).ToList();

        await Task.WhenAll(commands.Select(command => Task.Run(() => house.Service.ConsumeAsync(command))));

        Assert.Single(await house.Service.Published<SeatsHeld>());
        Assert.Equal(49, (await house.Service.Published<SeatsRefused>()).Count(refused => refused.Reason == "seats.taken"));
        await house.AssertBooksAgreeAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => house.InTransactionAsync(async (_, db) =>
        {
            db.AssignedSeats.Add(new() { FlightId = flight.FlightId, Number = "20A", HoldId = Guid.NewGuid() });
            return await db.SaveChangesAsync();
        }));
    }

    [Fact]
    public async Task Whatever_is_held_released_bought_cancelled_and_lapses_at_once_no_seat_ever_has_two_owners()
    {
        await using var house = await House.OpenAsync(SlowSweeper);
        var number = 0;

        await Gen.Select(Gen.Int[0, 5], Gen.Int[0, 5]).List[1, 8].List[1, 4].SampleAsync(
            async bursts =>
            {
                var flight = House.Flight(Interlocked.Increment(ref number), day: House.Day.AddYears(1));
                await house.PublishAsync(flight);
                var both = await house.OfferAsync(2, 0, flight);
                OfferView[] offers =
                [
                    await house.SeatedAsync(both, "p1 1 20A", "p2 1 20B"), await house.SeatedAsync(both, "p1 1 20B", "p2 1 20C"), await house.SeatedAsync(both, "p1 1 20C", "p2 1 20A"),
                ];
                var attempts = Enumerable.Range(0, 6).Select(_ => (Hold: Guid.NewGuid(), Order: Guid.NewGuid())).ToList();
                foreach (var burst in bursts)
                {
                    await Task.WhenAll(burst.Select(step => Task.Run(() => TakeAsync(step.Item1, attempts[step.Item2], offers[step.Item2 % 3]))));

                    await house.AssertBooksAgreeAsync();
                    var owned = await house.QueryAsync(db => db.AssignedSeats.CountAsync(seat => seat.FlightId == flight.FlightId));
                    Assert.True(owned is 0 or 2, $"{owned} seats are somebody's");     // any two of these parties want a seat in common
                }
            },
            iter: 12, threads: 1);

        async Task TakeAsync(int step, (Guid Hold, Guid Order) attempt, OfferView offer)
        {
            var hold = await house.QueryAsync(db => db.Holds.AsNoTracking().SingleOrDefaultAsync(row => row.HoldId == attempt.Hold));
            var booking = hold?.BookingId ?? attempt.Order;
            switch (step)
            {
                case 0 or 1:
                    await house.Service.ConsumeAsync(new HoldSeats(attempt.Order, attempt.Hold, offer.Id, House.People(offer)));
                    break;
                case 2:
                    await house.Service.ConsumeAsync(new ReleaseSeats(booking, attempt.Hold, hold?.Token));
                    break;
                case 3 when hold is not null:
                    await house.Service.ConsumeAsync(new PinSeats(booking, attempt.Hold, hold.Token));
                    await house.Service.ConsumeAsync(House.Commit(hold, offer, attempt.Order));
                    break;
                case 4:
                    await house.Service.ConsumeAsync(new CancelAirlineOrder(booking, attempt.Order));
                    break;
                case 5:
                    house.Service.Clock.Advance(TimeSpan.FromMinutes(1));
                    await house.Service.Services.GetRequiredService<LapsedHolds>().SweepAsync(CancellationToken.None);
                    break;
            }
        }
    }

    private static async Task<string?> CodeOf(HttpResponseMessage answer) => (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString();
}
