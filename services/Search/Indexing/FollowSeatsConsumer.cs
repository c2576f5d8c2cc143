using Aerona.Contracts.Airlines;
using Aerona.Persistence;
using Aerona.Search.Data;
using MassTransit;

namespace Aerona.Search.Indexing;

/// <summary>Follows what is left of a cabin; an older version never overwrites a newer one.</summary>
internal sealed class FollowSeatsConsumer(SearchDbContext db) : IConsumer<SeatAvailabilityChanged>
{
    public async Task Consume(ConsumeContext<SeatAvailabilityChanged> context)
    {
        var change = context.Message;
        var position = await db.LockAsync<IndexPosition>(IndexPosition.TheOne, context.CancellationToken);
        var seats = await db.Seats.FindAsync([change.FlightId, change.Cabin], context.CancellationToken);
        if (seats is null)
        {
            db.Seats.Add(seats = new() { FlightId = change.FlightId, Cabin = change.Cabin, Version = long.MinValue });
        }

        if (seats.Version >= change.Version)
        {
            return;
        }

        (seats.Left, seats.Version) = (change.Left, change.Version);
        if (await db.Flights.FindAsync([change.FlightId], context.CancellationToken) is { } flight)
        {
            flight.Row = position.Next();
        }
    }
}
