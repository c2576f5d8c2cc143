using Aerona.Airlines.Data;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Messaging;
using Aerona.Persistence;
using Aerona.Suppliers;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Airlines.Orders;

/// <summary>Buys at the supplier. A refusal leaves the hold pinned: giving the seats back is the saga's business.</summary>
internal sealed class CommitAirlineOrderConsumer(SupplierCalls suppliers, TimeProvider clock)
    : EffectConsumer<CommitAirlineOrder, SupplierAnswer, AirlinesDbContext>
{
    private OfferSnapshot? offer;

    protected override string Key(CommitAirlineOrder command) => AirlineOrder.CommitKey(command.OrderId);

    protected override async Task<Noted<SupplierAnswer>> NoteAsync(AirlinesDbContext db, CommitAirlineOrder command, CancellationToken cancellationToken)
    {
        offer = (await db.Offers.AsNoTracking().SingleOrDefaultAsync(row => row.Id == command.OfferId, cancellationToken))?.Snapshot;
        if (offer is null)
        {
            return new Noted<SupplierAnswer>.Known(ClosedAnswer(command));
        }

        var noted = await base.NoteAsync(db, command, cancellationToken);
        if (noted is Noted<SupplierAnswer>.Call)
        {
            db.AirlineOrders.Add(new() { OrderId = command.OrderId, BookingId = command.BookingId, Supplier = offer.Supplier, NotedAt = clock.GetUtcNow() });
        }

        return noted;
    }

    protected override SupplierAnswer ClosedAnswer(CommitAirlineOrder command) => new(SupplierAnswerKind.Refused, "order.refused");

    // Repeated to recover, too: every supplier here takes our OrderId for its idempotency key.
    protected override Task<SupplierAnswer> CallAsync(CommitAirlineOrder command, EffectIntent intent, CancellationToken cancellationToken) =>
        suppliers.CommitAsync(
            offer!.Supplier,
            new(command.OrderId, command.BookingId, command.HoldId, command.Token, offer, command.Locator, command.Passengers, command.Contact),
            cancellationToken);

    protected override bool IsFinal(SupplierAnswer answer) => answer.Kind != SupplierAnswerKind.Unknown;

    protected override async Task RecordAsync(AirlinesDbContext db, CommitAirlineOrder command, SupplierAnswer answer, CancellationToken cancellationToken)
    {
        var order = await db.TryLockAsync<AirlineOrder>(command.OrderId, cancellationToken);
        if (order?.Record(answer, clock.GetUtcNow()) is { } noted)
        {
            db.Publish(noted);
        }

        switch (answer.Kind)
        {
            case SupplierAnswerKind.Confirmed:
                db.Publish(AirlineOrder.Confirmed(command.BookingId, command.OrderId, answer));
                break;
            case SupplierAnswerKind.Unknown:
                db.Publish(new AirlineOrderPending(command.BookingId, command.OrderId, LookUp: 0));
                break;
            default:
                db.Publish(new AirlineOrderRefused(command.BookingId, command.OrderId, answer.Reason ?? "order.refused"));
                break;
        }
    }
}
