using Aerona.Contracts.Operations;
using Aerona.Persistence;
using Aerona.Search.Data;
using MassTransit;

namespace Aerona.Search.Indexing;

/// <summary>Takes over published flights; an older version never overwrites a newer one.</summary>
internal sealed class IndexFlightsConsumer(SearchDbContext db) : IConsumer<FlightsPublished>
{
    public async Task Consume(ConsumeContext<FlightsPublished> context)
    {
        var position = await db.LockAsync<IndexPosition>(IndexPosition.TheOne, context.CancellationToken);
        var newest = context.Message.Flights.GroupBy(flight => flight.FlightId).Select(same => same.MaxBy(flight => flight.Version)!);
        var rows = newest.Select(flight => new KnownFlight
        {
            Id = flight.FlightId,
            Row = position.Next(),   // of one that turns out to be old the number is lost
            Version = flight.Version,
            DepartsOn = DateOnly.FromDateTime(flight.DepartsLocal),
            Flight = KnownFlight.Write(flight),
        }).ToList();
        await db.UpsertAsync(rows, nameof(KnownFlight.Version), context.CancellationToken);
    }
}
