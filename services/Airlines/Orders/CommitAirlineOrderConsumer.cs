using Aerona.Airlines.Data;
using Aerona.Airlines.Outside;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Messaging;
using Aerona.Persistence;
using Aerona.Suppliers;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Airlines.Orders;

/// <summary>Buys at the supplier. A refusal leaves the hold pinned: giving the seats back is the saga's business.</summary>
internal sealed class CommitAirlineOrderConsumer(SupplierCalls suppliers, OutsideSuppliers outside, TimeProvider clock)
    : EffectConsumer<CommitAirlineOrder, SupplierAnswer, AirlinesDbContext>
{
    private OfferSnapshot? offer;
    private IReadOnlyList<SegmentLine>? bySegment;
    private SupplierTerms? terms;
    private string? heldReference;
    private AirlineOrder? known;

    protected override TimeSpan CallLimit => outside.CallLimit ?? base.CallLimit;

    protected override string Key(CommitAirlineOrder command) => AirlineOrder.CommitKey(command.OrderId);

    protected override async Task<Noted<SupplierAnswer>> NoteAsync(AirlinesDbContext db, CommitAirlineOrder command, CancellationToken cancellationToken)
    {
        var stored = await db.Offers.AsNoTracking().SingleOrDefaultAsync(row => row.Id == command.OfferId, cancellationToken);
        (offer, terms, bySegment) = (stored?.Snapshot, stored?.Terms, stored?.LinesBySegment);
        if (offer is null)
        {
            return new Noted<SupplierAnswer>.Known(ClosedAnswer(command));
        }

        var hold = terms is null ? null : await db.TryLockAsync<OutsideHold>(command.HoldId, cancellationToken);
        var key = Key(command);
        if (terms is not null && !MayBeSold(hold, command) && !await db.Set<EffectIntent>().AnyAsync(intent => intent.Key == key, cancellationToken))
        {
            await db.CloseIfAbsentAsync(key, cancellationToken);
            return new Noted<SupplierAnswer>.Known(new(SupplierAnswerKind.Refused, "order.hold_lost"));
        }

        heldReference = hold?.Reference;
        var noted = await base.NoteAsync(db, command, cancellationToken);
        if (noted is Noted<SupplierAnswer>.Call)
        {
            db.AirlineOrders.Add(known = new()
            {
                OrderId = command.OrderId,
                BookingId = command.BookingId,
                Supplier = offer.Supplier,
                NotedAt = clock.GetUtcNow(),
                Reference = heldReference,
                DepartsAt = offer.Segments[0].DepartsAt,
                Sold = new(offer, command.Passengers, bySegment),
            });
        }
        else if (noted is Noted<SupplierAnswer>.Recover)
        {
            known = await db.AirlineOrders.AsNoTracking().SingleOrDefaultAsync(row => row.OrderId == command.OrderId, cancellationToken);
        }

        return noted;
    }

    protected override SupplierAnswer ClosedAnswer(CommitAirlineOrder command) => new(SupplierAnswerKind.Refused, "order.refused");

    protected override Task<SupplierAnswer> CallAsync(CommitAirlineOrder command, EffectIntent intent, CancellationToken cancellationToken) =>
        suppliers.CommitAsync(
            offer!.Supplier,
            new(command.OrderId, command.BookingId, command.HoldId, command.Token, offer, command.Locator, command.Passengers, command.Contact, terms, heldReference),
            cancellationToken);

    // Repeated where our OrderId is the idempotency key; elsewhere what became of it is looked up, and what stays unknown is pending.
    protected override Task<SupplierAnswer> RecoverAsync(CommitAirlineOrder command, EffectIntent intent, CancellationToken cancellationToken) =>
        known is null || suppliers.IsIdempotent(known.Supplier) ? CallAsync(command, intent, cancellationToken) : suppliers.LookUpAsync(known, cancellationToken);

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
                (await db.TryLockAsync<OutsideHold>(command.HoldId, cancellationToken))?.Sell();
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

    private static bool MayBeSold(OutsideHold? hold, CommitAirlineOrder command) =>
        hold is { State: OutsideHoldState.Pinned } && hold.BookingId == command.BookingId && command.Token == OutsideHold.OnlyToken;
}
