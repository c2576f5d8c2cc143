using Aerona.Airlines.Data;
using Aerona.Airlines.Seats;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Messaging;
using Aerona.Suppliers;

namespace Aerona.Airlines.House;

/// <summary>The house airline's desk, from its own books: everybody's fare is the published one, and every wish is answered.</summary>
internal sealed class HouseDesk(SeatInventory seats, AirlinesDbContext db, TimeProvider clock) : IHouseDesk
{
    public Money FareFor(Guid bookingId, Money published) => published;

    public async Task<HoldAnswer?> HoldAsync(HoldSeats wish, CancellationToken cancellationToken)
    {
        var hold = await seats.HoldAsync(wish, cancellationToken);
        return hold.Held() is { } held ? new(held, null) : new(null, hold.Refused());
    }

    public async Task<bool> PinAsync(PinSeats wish, CancellationToken cancellationToken)
    {
        var hold = await seats.FindOrCloseAsync(wish.BookingId, wish.HoldId, cancellationToken);
        var before = hold?.State;
        if (hold?.Pin(wish.Token, clock.GetUtcNow()) != true)
        {
            return false;
        }

        if (before == HoldState.Held)
        {
            db.Publish(new BookingNoted(wish.BookingId, "seats.pinned", clock.GetUtcNow(), wish.HoldId.ToString()));
        }

        return true;
    }

    public Task ReleaseAsync(ReleaseSeats wish, CancellationToken cancellationToken) => seats.ReleaseAsync(wish.BookingId, wish.HoldId, cancellationToken);
}
