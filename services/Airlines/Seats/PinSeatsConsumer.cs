using Aerona.Airlines.Data;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Messaging;
using MassTransit;

namespace Aerona.Airlines.Seats;

/// <summary>Makes a hold last until it is bought or released. One that is not there any more, or never was, is closed.</summary>
internal sealed class PinSeatsConsumer(SeatInventory seats, AirlinesDbContext db, TimeProvider clock) : IConsumer<PinSeats>
{
    public async Task Consume(ConsumeContext<PinSeats> context)
    {
        var (bookingId, holdId, token) = context.Message;
        var hold = await seats.FindOrCloseAsync(bookingId, holdId, context.CancellationToken);
        var before = hold?.State;
        if (hold?.Pin(token, clock.GetUtcNow()) == true)
        {
            db.Publish(new SeatsPinned(bookingId, holdId, token));
            if (before == HoldState.Held)
            {
                db.Publish(new BookingNoted(bookingId, "seats.pinned", clock.GetUtcNow(), holdId.ToString()));
            }
        }
        else
        {
            db.Publish(new HoldLapsed(bookingId, holdId));
        }
    }
}
