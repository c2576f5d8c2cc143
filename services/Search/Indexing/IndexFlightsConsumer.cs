using Aerona.Contracts.Operations;
using Aerona.Persistence;
using Aerona.Search.Data;
using MassTransit;

namespace Aerona.Search.Indexing;

/// <summary>Takes over published flights; an older version never overwrites a newer one.</summary>
internal sealed class IndexFlightsConsumer(SearchDbContext db) : IConsumer<FlightsPublished>, IConsumer<FlightsLoaded>
{
    public Task Consume(ConsumeContext<FlightsPublished> context) =>
        TakeAsync(context.Message.Flights.GroupBy(flight => flight.FlightId).Select(same => same.MaxBy(flight => flight.Version)!), context.CancellationToken);

    public Task Consume(ConsumeContext<FlightsLoaded> context) => TakeAsync(context.Message.Flights(), context.CancellationToken);

    private async Task TakeAsync(IEnumerable<PublishedFlight> flights, CancellationToken cancellationToken)
    {
        var position = await db.LockAsync<IndexPosition>(IndexPosition.TheOne, cancellationToken);
        var rows = flights.Select(flight =>
        {
            var row = position.Next();   // of one that turns out to be old the number is lost
            return new KnownFlight
            {
                Id = flight.FlightId,
                Row = row,
                FirstRow = row,
                Version = flight.Version,
                DepartsOn = DateOnly.FromDateTime(flight.DepartsLocal),
                Flight = PackedFlight.Write(flight),
            };
        }).ToList();
        await db.UpsertAsync(rows, nameof(KnownFlight.Version), cancellationToken, kept: nameof(KnownFlight.FirstRow));
    }
}
