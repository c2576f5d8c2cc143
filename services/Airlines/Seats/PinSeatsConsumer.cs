using Aerona.Airlines.Data;
using Aerona.Contracts.Airlines;
using Aerona.Messaging;
using Aerona.Suppliers;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Airlines.Seats;

/// <summary>Makes a hold last until it is bought or released. One that is not there any more, or never was, is closed.</summary>
internal sealed class PinSeatsConsumer(IHouseDesk desk, AirlinesDbContext db) : IConsumer<PinSeats>
{
    public async Task Consume(ConsumeContext<PinSeats> context)
    {
        var (bookingId, holdId, token) = context.Message;
        if (await db.OutsideHolds.AnyAsync(hold => hold.HoldId == holdId, context.CancellationToken))
        {
            db.Publish(new PinAtSupplier(bookingId, holdId, token));
            return;
        }

        if (await desk.PinAsync(context.Message, context.CancellationToken))
        {
            db.Publish(new SeatsPinned(bookingId, holdId, token));
        }
        else
        {
            db.Publish(new HoldLapsed(bookingId, holdId));
        }
    }
}
