using Aerona.Airlines.Data;
using Aerona.Contracts.Airlines;
using Aerona.Messaging;
using MassTransit;

namespace Aerona.Airlines.Seats;

/// <summary>Holds the seats of every segment for every passenger, or none.</summary>
internal sealed class HoldSeatsConsumer(SeatInventory seats, AirlinesDbContext db) : IConsumer<HoldSeats>
{
    public async Task Consume(ConsumeContext<HoldSeats> context)
    {
        var hold = await seats.HoldAsync(context.Message, context.CancellationToken);
        if (hold.Held() is { } held)
        {
            db.Publish(held);
        }
        else
        {
            db.Publish(hold.Refused());
        }
    }
}
