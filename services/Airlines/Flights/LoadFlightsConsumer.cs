using Aerona.Airlines.Data;
using Aerona.Airlines.Seats;
using Aerona.Contracts.Operations;
using Aerona.Persistence;
using MassTransit;

namespace Aerona.Airlines.Flights;

/// <summary>Keeps this service's copy of the flights on sale. Older versions that come late change nothing.</summary>
internal sealed class LoadFlightsConsumer(AirlinesDbContext db, SeatInventory seats) : IConsumer<FlightsPublished>, IConsumer<FlightsLoaded>
{
    public Task Consume(ConsumeContext<FlightsPublished> context) => ReplaceAsync(
        [.. context.Message.Flights.GroupBy(flight => flight.FlightId).Select(versions => FlightOnSale.Of(versions.MaxBy(flight => flight.Version)!))], context.CancellationToken);

    public async Task Consume(ConsumeContext<FlightsLoaded> context)
    {
        var flights = context.Message.Flights().Select(FlightOnSale.Of).ToList();
        // Of a flight that nobody knew no seats are counted yet: the first hold opens its counts.
        if (await db.UpsertAsync(flights, version: null, context.CancellationToken) < flights.Count)
        {
            await ReplaceAsync(flights, context.CancellationToken);
        }
    }

    private async Task ReplaceAsync(List<FlightOnSale> newest, CancellationToken cancellationToken)
    {
        await db.UpsertAsync(newest, nameof(FlightOnSale.Version), cancellationToken);
        await seats.FollowAsync(newest.ConvertAll(flight => flight.FlightId), cancellationToken);
    }
}
