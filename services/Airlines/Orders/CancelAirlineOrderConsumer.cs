using Aerona.Airlines.Data;
using Aerona.Airlines.Outside;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Messaging;
using Aerona.Persistence;
using Aerona.Suppliers;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Airlines.Orders;

/// <summary>Takes back an order that should not exist. One that was never begun is closed; one whose answer is lost is asked for again until it comes.</summary>
internal sealed class CancelAirlineOrderConsumer(SupplierCalls suppliers, OutsideSuppliers outside, TimeProvider clock)
    : EffectConsumer<CancelAirlineOrder, SupplierAnswer, AirlinesDbContext>
{
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMinutes(1);

    private AirlineOrder? order;

    protected override TimeSpan CallLimit => outside.CallLimit ?? base.CallLimit;

    protected override string Key(CancelAirlineOrder command) => $"airline-cancel/{command.OrderId}";

    protected override async Task<Noted<SupplierAnswer>> NoteAsync(AirlinesDbContext db, CancelAirlineOrder command, CancellationToken cancellationToken)
    {
        var purchase = await db.CloseIfAbsentAsync(AirlineOrder.CommitKey(command.OrderId), cancellationToken);
        order = await db.AirlineOrders.AsNoTracking().SingleOrDefaultAsync(row => row.OrderId == command.OrderId, cancellationToken);
        if (purchase is null || order is null)
        {
            return new Noted<SupplierAnswer>.Known(new(SupplierAnswerKind.Cancelled));
        }

        // A purchase that was begun is cancelled at the supplier, even one that a look-up denied: some confirm later all the same.
        if (purchase.Answer is null && purchase.LeaseUntil > clock.GetUtcNow())
        {
            return new Noted<SupplierAnswer>.Later(purchase.LeaseUntil);
        }
        return await base.NoteAsync(db, command, cancellationToken);
    }

    protected override SupplierAnswer ClosedAnswer(CancelAirlineOrder command) => new(SupplierAnswerKind.Cancelled);

    protected override Task<SupplierAnswer> CallAsync(CancelAirlineOrder command, EffectIntent intent, CancellationToken cancellationToken) =>
        suppliers.CancelAsync(order!, cancellationToken);

    protected override bool IsFinal(SupplierAnswer answer) => answer.Kind is SupplierAnswerKind.Cancelled or SupplierAnswerKind.Refused;

    protected override async Task RecordAsync(AirlinesDbContext db, CancelAirlineOrder command, SupplierAnswer answer, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        switch (answer.Kind)
        {
            case SupplierAnswerKind.Cancelled:
                var known = await db.TryLockAsync<AirlineOrder>(command.OrderId, cancellationToken);
                if (known?.Record(answer, now) is { } noted)
                {
                    db.Publish(noted);
                }

                db.Publish(new AirlineOrderCancelled(command.BookingId, command.OrderId));
                break;
            case SupplierAnswerKind.Refused:
                // The booking has a case since the order turned up; staff see there that the airline insists on it.
                db.Publish(new BookingNoted(command.BookingId, "airline.cancel_refused", now, answer.Reason));
                break;
            default:
                db.Schedule(command, now + AskAgainAfter);
                break;
        }
    }
}
