using Aerona.Airlines.Data;
using Aerona.Contracts.Operations;
using Aerona.Messaging;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Airlines.Seats;

/// <summary>Says who would lose a seat on a flight with other cabins. Nothing is taken from anybody by asking.</summary>
internal sealed class CheckEquipmentConsumer(AirlinesDbContext db) : IConsumer<CheckEquipment>
{
    public async Task Consume(ConsumeContext<CheckEquipment> context)
    {
        var (change, flightId) = (context.Message, context.Message.FlightId);
        var counts = await db.SeatCounts.AsNoTracking().Where(count => count.FlightId == flightId && count.Cabin != null).ToListAsync(context.CancellationToken);
        var occupied = counts.Where(count => count.Occupied > 0).Select(count => new SeatsInCabin(count.Cabin!.Value, count.Occupied)).OrderBy(cabin => cabin.Cabin).ToList();

        var affected = new List<AffectedBooking>();
        foreach (var (cabin, seats) in occupied)
        {
            var over = seats - (change.BuiltIn.FirstOrDefault(built => built.Cabin == cabin)?.Seats ?? 0);
            if (over > 0)
            {
                affected.AddRange((await LastToComeAsync(SeatCount.KeyOf(flightId, cabin), over, context.CancellationToken))
                    .Select(booking => new AffectedBooking(booking.BookingId, cabin, booking.Seats)));
            }
        }

        db.Publish(new EquipmentChecked(change.ChangeId, occupied, affected, await MovedAsync(change, context.CancellationToken)));
    }

    /// <summary>Chosen seats that would be others; they become so when the flight is published with its new cabins.</summary>
    private async Task<IReadOnlyList<MovedSeat>?> MovedAsync(CheckEquipment change, CancellationToken cancellationToken)
    {
        if (change.SeatMap is not { } seatMap || await db.Flights.AsNoTracking().SingleOrDefaultAsync(flight => flight.FlightId == change.FlightId, cancellationToken) is not { } flight)
        {
            return null;
        }

        var holdIds = await db.AssignedSeats.AsNoTracking().Where(seat => seat.FlightId == change.FlightId).Select(seat => seat.HoldId).Distinct().ToListAsync(cancellationToken);
        var holds = await db.Holds.AsNoTracking().Where(hold => holdIds.Contains(hold.HoldId)).ToListAsync(cancellationToken);
        return [.. SeatMoves.Of(flight.With(seatMap), holds).Select(move => move.Told)];
    }

    /// <summary>Whoever came last gives way first; as many bookings as it takes.</summary>
    private async Task<List<(Guid BookingId, int Seats)>> LastToComeAsync(string key, int over, CancellationToken cancellationToken)
    {
        var mark = Hold.KeyMark(key);
        var holds = await db.Holds.AsNoTracking().Where(hold => hold.State != HoldState.Released && hold.Keys.Contains(mark))
            .OrderByDescending(hold => hold.Token).ToListAsync(cancellationToken);
        var bookings = new List<(Guid, int)>();
        foreach (var hold in holds)
        {
            if (over <= 0)
            {
                break;
            }

            var seats = hold.Occupies.Where(taken => taken.Key == key).Sum(taken => taken.Seats);
            if (seats == 0)
            {
                continue;   // given back
            }

            bookings.Add((hold.BookingId, seats));
            over -= seats;
        }

        return bookings;
    }
}
