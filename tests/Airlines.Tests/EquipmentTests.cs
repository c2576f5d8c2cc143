using Aerona.Airlines.Seats;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Operations;
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
        Assert.Equal([new AffectedBooking(holds[2].BookingId, Cabin.Economy, 3)], answers[fewer].Affected);
        Assert.Equal([holds[2].BookingId, holds[1].BookingId, holds[0].BookingId], answers[none].Affected.Select(booking => booking.BookingId));
        await house.AssertBooksAgreeAsync();
    }
}
