using System.Security.Cryptography;
using System.Text;
using Aerona.Bookings.Data;
using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Operations;
using Aerona.Messaging;
using Aerona.Persistence;
using MassTransit;
using Microsoft.EntityFrameworkCore;

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

    public static string PlaceOf(MovedSeat moved) => PlaceOf(moved.PassengerId, moved.SegmentOrdinal);

    public static string PlaceOf(string passengerId, int segmentOrdinal) => $"{passengerId}/{segmentOrdinal}";
}

/// <summary>
/// Keeps where passengers sit after other cabins, tells the traveller, and has paid back what was paid for seats that are lost or worse. An older message that comes late
/// moves nobody, and owes what it owes.
/// </summary>
internal sealed class FollowMovedSeatsConsumer(BookingsDbContext db, TimeProvider clock) : IConsumer<SeatsMoved>
{
    public async Task Consume(ConsumeContext<SeatsMoved> context)
    {
        var (message, stop) = (context.Message, context.CancellationToken);
        if (await db.Bookings.AsNoTracking().SingleOrDefaultAsync(booking => booking.Id == message.BookingId, stop) is not { } booking)
        {
            return;   // no booking of ours
        }

        foreach (var moved in message.Moved)
        {
            var place = SeatMove.PlaceOf(moved);
            if (await db.TryLockAsync<SeatMove>(new object[] { message.BookingId, place }, stop) is not { } known)
            {
                db.SeatMoves.Add(new() { BookingId = message.BookingId, Place = place, Moved = moved, At = message.At });
            }
            else if (known.At < message.At)
            {
                // What came back for a seat came back, whatever seat follows it.
                (known.Moved, known.At) = (moved with { Refund = moved.Refund ?? known.Moved.Refund }, message.At);
            }
        }

        var owed = await OweAsync(message, stop);
        db.Publish(new SeatNews(booking.Id, booking.Locator, message.FlightId, message.Moved, owed?.Amount, booking.Contact, booking.Offer.Segments, message.At));
        if (owed is not null)
        {
            db.SeatRefunds.Add(owed);
            db.Publish(new PayForLostSeats(booking.Id, owed.Id));
        }
    }

    /// <summary>What is owed back by this message and by none before; null: nothing.</summary>
    private async Task<SeatRefund?> OweAsync(SeatsMoved message, CancellationToken cancellationToken)
    {
        var before = await db.SeatRefunds.Where(refund => refund.BookingId == message.BookingId).ToListAsync(cancellationToken);
        var paid = before.SelectMany(refund => refund.Seats).Select(SeatMove.PlaceOf).ToHashSet();
        var seats = message.Moved.Where(moved => moved.Refund is { MinorUnits: > 0 } && !paid.Contains(SeatMove.PlaceOf(moved))).ToList();
        if (seats.Count == 0)
        {
            return null;
        }

        var amount = seats.Select(seat => seat.Refund!.Value).Sum(seats[0].Refund!.Value.Currency);
        return new()
        {
            Id = IdOf(message.BookingId, SeatMove.PlaceOf(seats[0])),
            BookingId = message.BookingId,
            Seats = seats,
            Currency = amount.Currency,
            AmountMinor = amount.MinorUnits,
            OwedAt = clock.GetUtcNow(),
        };
    }

    // A seat is paid back once, so its place names the refund for good.
    private static Guid IdOf(Guid bookingId, string place) => new(SHA256.HashData(Encoding.UTF8.GetBytes($"{bookingId:N}/seat-refund/{place}")).AsSpan(..16));
}
