using Aerona.Airlines.Data;
using Aerona.Airlines.Offers;
using Aerona.Airlines.Outside;
using Aerona.Contracts.Airlines;
using Aerona.Messaging;
using Aerona.Persistence;
using Aerona.Suppliers;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Airlines.Seats;

/// <summary>Holds the seats of every segment for every passenger, or none. What an outside supplier sells is held there, by a consumer that may call it.</summary>
internal sealed class HoldSeatsConsumer(IHouseDesk desk, StoredOffers offers, AirlinesDbContext db, TimeProvider clock) : IConsumer<HoldSeats>
{
    public async Task Consume(ConsumeContext<HoldSeats> context)
    {
        var wish = context.Message;
        if (await offers.FindAsync(wish.OfferId, context.CancellationToken) is { IsOutside: true } outside)
        {
            await HoldOutsideAsync(wish, outside.Snapshot.Supplier, context.CancellationToken);
            return;
        }

        switch (await desk.HoldAsync(context.Message, context.CancellationToken))
        {
            case { Held: { } held }:
                db.Publish(held);
                break;
            case { Refused: { } refused }:
                db.Publish(refused);
                break;
        }
    }

    private async Task HoldOutsideAsync(HoldSeats wish, string supplier, CancellationToken cancellationToken)
    {
        if (await db.Holds.AnyAsync(closed => closed.HoldId == wish.HoldId, cancellationToken))
        {
            db.Publish(new SeatsRefused(wish.BookingId, wish.HoldId, "hold.closed", []));   // a look-up or a release came first
            return;
        }

        if (await db.TryLockAsync<OutsideHold>(wish.HoldId, cancellationToken) is null)
        {
            db.OutsideHolds.Add(new() { HoldId = wish.HoldId, BookingId = wish.BookingId, OfferId = wish.OfferId, Supplier = supplier, NotedAt = clock.GetUtcNow() });
        }

        db.Publish(new HoldAtSupplier(wish.BookingId, wish.HoldId, wish.OfferId, wish.Passengers, wish.Contact));
    }
}
