using Aerona.Airlines.Seats;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Operations;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Aerona.Airlines.Tests;

public sealed class EquipmentTests
{
    [Fact]
    public async Task Who_came_last_would_lose_a_seat_first_and_nothing_is_taken_by_asking()
    {
        await using var house = await House.OpenAsync();
        var flight = House.Flight(100);
        await house.PublishAsync(flight);
        var holds = new List<Hold>();
        foreach (var adults in (int[])[2, 1, 3, 1])
        {
            holds.Add(await house.HoldAsync(await house.OfferAsync(adults, 0, flight)));
        }

        await house.Service.ConsumeAsync(new ReleaseSeats(holds[3].BookingId, holds[3].HoldId, holds[3].Token));
        var (enough, fewer, none) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await house.Service.ConsumeAsync(new CheckEquipment(enough, flight.FlightId, [new(Cabin.Economy, 6)]));
        await house.Service.ConsumeAsync(new CheckEquipment(fewer, flight.FlightId, [new(Cabin.Economy, 4)]));
        await house.Service.ConsumeAsync(new CheckEquipment(none, flight.FlightId, [new(Cabin.Business, 90)]));

        var answers = (await house.Service.Published<EquipmentChecked>()).ToDictionary(answer => answer.ChangeId);
        Assert.All(answers.Values, answer => Assert.Equal([new SeatsInCabin(Cabin.Economy, 6)], answer.Occupied));
        Assert.Empty(answers[enough].Affected);
        Assert.All(answers.Values, answer => Assert.Null(answer.Moved));
        Assert.Equal([new AffectedBooking(holds[2].BookingId, Cabin.Economy, 3)], answers[fewer].Affected);
        Assert.Equal([holds[2].BookingId, holds[1].BookingId, holds[0].BookingId], answers[none].Affected.Select(booking => booking.BookingId));
        await house.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task Chosen_seats_move_to_what_is_most_like_them_and_what_was_paid_for_and_is_lost_is_owed_back()
    {
        await using var house = await House.OpenAsync();
        var flight = House.Flight(100) with { SeatMap = [new(Cabin.Economy, 1, 10, "ABC DEF", ExitRows: [5])] };
        IReadOnlyList<CabinMap> other = [new(Cabin.Economy, 1, 12, "AC DF", ExitRows: [12])];     // two abreast: no middle seats, the exit elsewhere
        await house.PublishAsync(flight);
        var stays = await Bought("p1 1 9A");
        var exit = await Bought("p1 1 5A");
        var front = await Bought("p1 1 1B");
        var lost = await Bought("p1 1 6E");
        var (asked, tiny) = (Guid.CreateVersion7(), Guid.CreateVersion7());

        await house.Service.ConsumeAsync(new CheckEquipment(asked, flight.FlightId, [new(Cabin.Economy, 48)], other));
        await house.Service.ConsumeAsync(new CheckEquipment(tiny, flight.FlightId, [new(Cabin.Economy, 2)], [new(Cabin.Economy, 1, 1, "A B")]));
        Assert.Empty(await house.Service.Published<SeatsMoved>());
        Assert.Equal("5A", (await house.HoldAsync(exit.HoldId)).Places![0].Number);
        await house.PublishAsync(flight with { Version = 2, SeatMap = other });

        var answers = (await house.Service.Published<EquipmentChecked>()).ToDictionary(answer => answer.ChangeId);
        var moved = (await house.Service.Published<SeatsMoved>()).SelectMany(message => message.Moved).ToList();
        Assert.Equal(answers[asked].Moved!.Select(move => (move.BookingId, move.From, move.To, move.Refund)).Order(), moved.Select(move => (move.BookingId, move.From, move.To, move.Refund)).Order());
        Assert.DoesNotContain(moved, move => move.BookingId == stays.BookingId);
        var atExit = Assert.Single(moved, move => move.BookingId == exit.BookingId);
        Assert.Equal(("5A", "12A", 0, null), (atExit.From, atExit.To, atExit.Lost.Count, atExit.Refund));      // a window at an exit, and as dear
        Assert.Equal("12A", (await house.HoldAsync(exit.HoldId)).Places![0].Number);
        var inFront = Assert.Single(moved, move => move.BookingId == front.BookingId);
        Assert.Equal((Money.Of(19m, "USD"), (Money?)null, true), (inFront.Paid, inFront.Refund, inFront.To!.StartsWith('1')));
        Assert.NotNull(Assert.Single(moved, move => move.BookingId == lost.BookingId).To);
        Assert.Equal(4, await house.QueryAsync(db => db.AssignedSeats.CountAsync()));
        await house.AssertBooksAgreeAsync();

        // Of two seats one stays whose it was, the other goes to who paid most; who finds none is told so, and is owed what was paid.
        var two = answers[tiny].Moved!;
        Assert.DoesNotContain(two, move => move.BookingId == front.BookingId);
        Assert.Equal(2, two.Count(move => move.To is null));
        Assert.Equal((Money.Of(45m, "USD"), 2), (two.Single(move => move.BookingId == exit.BookingId).Refund, two.Single(move => move.BookingId == exit.BookingId).Lost.Count));
        Assert.Equal([Money.Of(45m, "USD")], two.Select(move => move.Refund).OfType<Money>().Distinct());

        async Task<Hold> Bought(string seat)
        {
            var offer = await house.SeatedAsync(await house.OfferAsync(flight), seat);
            var pinned = await house.PinnedAsync(offer);
            await house.Service.ConsumeAsync(House.Commit(pinned, offer));
            return await house.HoldAsync(pinned.HoldId);
        }
    }
}
