using Aerona.Airlines.Data;
using Aerona.Contracts.Airlines;
using Aerona.Messaging;
using Aerona.Suppliers;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Airlines.Seats;

/// <summary>
/// Gives seats back and closes the id, whether anything was held under it or not. The id alone says which attempt is meant: one token or none, nothing may
/// stay held.
/// </summary>
internal sealed class ReleaseSeatsConsumer(IHouseDesk desk, AirlinesDbContext db) : IConsumer<ReleaseSeats>
{
    public async Task Consume(ConsumeContext<ReleaseSeats> context)
    {
        var (bookingId, holdId) = (context.Message.BookingId, context.Message.HoldId);
        if (await db.OutsideHolds.AnyAsync(hold => hold.HoldId == holdId, context.CancellationToken))
        {
            db.Publish(new ReleaseAtSupplier(bookingId, holdId));
            return;
        }

        await desk.ReleaseAsync(context.Message, context.CancellationToken);
        db.Publish(new SeatsReleased(bookingId, holdId));
    }
}
