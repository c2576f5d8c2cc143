using Aerona.Airlines.Data;
using Aerona.Contracts.Airlines;
using Aerona.Messaging;
using Aerona.Suppliers;
using MassTransit;

namespace Aerona.Airlines.Seats;

/// <summary>Holds the seats of every segment for every passenger, or none.</summary>
internal sealed class HoldSeatsConsumer(IHouseDesk desk, AirlinesDbContext db) : IConsumer<HoldSeats>
{
    public async Task Consume(ConsumeContext<HoldSeats> context)
    {
        switch (await desk.HoldAsync(context.Message, context.CancellationToken))
        {
            case { Held: { } held }:
                db.Publish(held);
                break;
            case { Refused: { } refused }:
                db.Publish(refused);
                break;
        }
    }
}
