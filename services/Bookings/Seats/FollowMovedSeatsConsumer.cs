using Aerona.Bookings.Data;
using Aerona.Contracts.Operations;
using Aerona.Persistence;
using MassTransit;

namespace Aerona.Bookings.Seats;

/// <summary>Where a passenger sits whose chosen seat is another one since the flight has other cabins.</summary>
internal sealed class SeatMove
{
    public required Guid BookingId { get; init; }

    /// <summary>Passenger and segment: <c>p1/1</c>.</summary>
    public required string Place { get; init; }

    /// <summary>The newest move.</summary>
    public required MovedSeat Moved { get; set; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset At { get; set; }

    public static string PlaceOf(string passengerId, int segmentOrdinal) => $"{passengerId}/{segmentOrdinal}";
}

/// <summary>Keeps where passengers sit after other cabins; an older message that comes late changes nothing.</summary>
internal sealed class FollowMovedSeatsConsumer(BookingsDbContext db) : IConsumer<SeatsMoved>
{
    public async Task Consume(ConsumeContext<SeatsMoved> context)
    {
        var (message, at) = (context.Message, context.Message.At);
        foreach (var moved in message.Moved)
        {
            var place = SeatMove.PlaceOf(moved.PassengerId, moved.SegmentOrdinal);
            if (await db.TryLockAsync<SeatMove>(new object[] { message.BookingId, place }, context.CancellationToken) is not { } known)
            {
                db.SeatMoves.Add(new() { BookingId = message.BookingId, Place = place, Moved = moved, At = at });
            }
            else if (known.At < at)
            {
                (known.Moved, known.At) = (moved, at);
            }
        }
    }
}
