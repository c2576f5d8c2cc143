using Aerona.Contracts.Operations;
using Aerona.Messaging;
using Aerona.Operations.Data;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Operations.Tracking;

/// <summary>Answers who begins to follow a flight.</summary>
internal sealed class TellFlightStatusConsumer(OperationsDbContext db, TimeProvider time) : IConsumer<TellFlightStatus>
{
    private static readonly TimeSpan FollowedAfterArrival = TimeSpan.FromDays(1);

    public async Task Consume(ConsumeContext<TellFlightStatus> context)
    {
        var now = time.GetUtcNow();
        var over = now - FollowedAfterArrival;
        var flight = await db.Flights.AsNoTracking().SingleOrDefaultAsync(known => known.Id == context.Message.FlightId && known.ArrivesAt > over && known.WasOnSale, context.CancellationToken);
        var track = flight is null ? null : await db.Tracks.AsNoTracking().SingleOrDefaultAsync(known => known.FlightId == flight.Id, context.CancellationToken);
        db.Publish(new FlightStatusTold(
            context.Message.SubscriptionId, flight is null ? null : (track ?? FlightTrack.None(flight.Id)).Status(flight), track?.Version ?? 0, now));
    }
}
