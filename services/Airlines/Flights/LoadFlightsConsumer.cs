using Aerona.Airlines.Data;
using Aerona.Airlines.Seats;
using Aerona.Contracts.Operations;
using Aerona.Persistence;
using MassTransit;

namespace Aerona.Airlines.Flights;

/// <summary>Keeps this service's copy of the flights on sale. Older versions that come late change nothing.</summary>
internal sealed class LoadFlightsConsumer(AirlinesDbContext db, SeatInventory seats) : IConsumer<FlightsPublished>
{
    public async Task Consume(ConsumeContext<FlightsPublished> context)
    {
        var newest = context.Message.Flights
            .GroupBy(flight => flight.FlightId)
            .Select(versions => FlightOnSale.Of(versions.MaxBy(flight => flight.Version)!))
            .ToList();

        await db.UpsertAsync(newest, nameof(FlightOnSale.Version), context.CancellationToken);
        await seats.FollowAuthorisationsAsync([.. newest.Select(flight => flight.FlightId)], context.CancellationToken);
    }
}
