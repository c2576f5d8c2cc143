using Aerona.Contracts.Operations;
using Aerona.Persistence;
using Aerona.Search.Data;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Search.Indexing;

/// <summary>Takes over published flights; an older version never overwrites a newer one.</summary>
internal sealed class IndexFlightsConsumer(SearchDbContext db) : IConsumer<FlightsPublished>
{
    public async Task Consume(ConsumeContext<FlightsPublished> context)
    {
        var position = await db.LockAsync<IndexPosition>(IndexPosition.TheOne, context.CancellationToken);
        var newest = context.Message.Flights.GroupBy(flight => flight.FlightId).Select(same => same.MaxBy(flight => flight.Version)!).ToList();
        var ids = newest.ConvertAll(flight => flight.FlightId);
        var known = await db.Flights.Where(flight => ids.Contains(flight.Id)).ToDictionaryAsync(flight => flight.Id, context.CancellationToken);

        foreach (var flight in newest)
        {
            if (!known.TryGetValue(flight.FlightId, out var row))
            {
                db.Flights.Add(row = new() { Id = flight.FlightId, Flight = "" });
            }
            else if (row.Version >= flight.Version)
            {
                continue;
            }

            row.Row = position.Next();
            row.Version = flight.Version;
            row.DepartsOn = DateOnly.FromDateTime(flight.DepartsLocal);
            row.Flight = KnownFlight.Write(flight);
        }
    }
}
