using Aerona.Airlines.Data;
using Aerona.Contracts.Airlines;
using Aerona.Messaging;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Airlines.Seats;

/// <summary>Says whether there is a hold of an id; what it denies it closes, so that a HoldSeats that comes late is refused.</summary>
internal sealed class LookUpHoldConsumer(SeatInventory seats, AirlinesDbContext db) : IConsumer<LookUpHold>
{
    public async Task Consume(ConsumeContext<LookUpHold> context)
    {
        var (bookingId, holdId, lookUp) = context.Message;
        if (await db.OutsideHolds.AnyAsync(hold => hold.HoldId == holdId, context.CancellationToken))
        {
            db.Publish(new LookUpHoldAtSupplier(bookingId, holdId, lookUp));
            return;
        }

        var hold = await seats.FindOrCloseAsync(bookingId, holdId, context.CancellationToken);
        if (hold?.Held() is { } held)
        {
            db.Publish(held);
        }
        else
        {
            db.Publish(new HoldAbsent(bookingId, holdId, lookUp));
        }
    }
}
