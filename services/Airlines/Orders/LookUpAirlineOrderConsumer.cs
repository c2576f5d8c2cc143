using Aerona.Airlines.Data;
using Aerona.Airlines.Outside;
using Aerona.Contracts.Airlines;
using Aerona.Messaging;
using Aerona.Persistence;
using Aerona.Suppliers;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Airlines.Orders;

/// <summary>
/// Says what became of a purchase. One that was never begun is closed, so that it never begins; while somebody may still be buying the answer is pending;
/// after that the supplier is asked.
/// </summary>
internal sealed class LookUpAirlineOrderConsumer(SupplierCalls suppliers, OutsideSuppliers outside, TimeProvider clock)
    : EffectConsumer<LookUpAirlineOrder, SupplierAnswer, AirlinesDbContext>
{
    private AirlineOrder? order;

    protected override TimeSpan CallLimit => outside.CallLimit ?? base.CallLimit;

    protected override string Key(LookUpAirlineOrder command) => $"airline-look-up/{command.OrderId}/{command.LookUp}";

    protected override async Task<Noted<SupplierAnswer>> NoteAsync(AirlinesDbContext db, LookUpAirlineOrder command, CancellationToken cancellationToken)
    {
        var purchase = await db.CloseIfAbsentAsync(AirlineOrder.CommitKey(command.OrderId), cancellationToken);
        order = await db.AirlineOrders.AsNoTracking().SingleOrDefaultAsync(row => row.OrderId == command.OrderId, cancellationToken);
        if (purchase is null || order is null or { State: AirlineOrderState.Cancelled or AirlineOrderState.Absent })
        {
            return new Noted<SupplierAnswer>.Known(new(SupplierAnswerKind.Absent));
        }

        if (purchase.AnswerAs<SupplierAnswer>() is { } answer && !LacksTheNumbers(answer))
        {
            return new Noted<SupplierAnswer>.Known(answer);
        }

        if (purchase.Answer is null && purchase.LeaseUntil > clock.GetUtcNow())
        {
            return new Noted<SupplierAnswer>.Known(new(SupplierAnswerKind.Unknown));
        }

        return await base.NoteAsync(db, command, cancellationToken);
    }

    protected override SupplierAnswer ClosedAnswer(LookUpAirlineOrder command) => new(SupplierAnswerKind.Unknown);

    protected override Task<SupplierAnswer> CallAsync(LookUpAirlineOrder command, EffectIntent intent, CancellationToken cancellationToken) =>
        suppliers.LookUpAsync(order!, cancellationToken);

    protected override bool IsFinal(SupplierAnswer answer) => answer.Kind != SupplierAnswerKind.Unknown && !LacksTheNumbers(answer);

    // Not the last word: the airline is asked until they are there, under the same number of the question, too.
    private static bool LacksTheNumbers(SupplierAnswer answer) => answer is { Kind: SupplierAnswerKind.Confirmed, TicketNumbers: null or [] };

    protected override async Task RecordAsync(AirlinesDbContext db, LookUpAirlineOrder command, SupplierAnswer answer, CancellationToken cancellationToken)
    {
        var (bookingId, orderId, lookUp) = command;
        var order = await db.TryLockAsync<AirlineOrder>(orderId, cancellationToken);
        if (order?.Record(answer, clock.GetUtcNow()) is { } noted)
        {
            db.Publish(noted);
        }

        switch (answer.Kind)
        {
            case SupplierAnswerKind.Confirmed:
                db.Publish(AirlineOrder.Confirmed(bookingId, orderId, answer));
                break;
            case SupplierAnswerKind.Refused:
                db.Publish(new AirlineOrderRefused(bookingId, orderId, answer.Reason ?? "order.refused"));
                break;
            case SupplierAnswerKind.Unknown:
                db.Publish(new AirlineOrderPending(bookingId, orderId, lookUp));
                break;
            default:
                if (await db.FindIntentAsync(AirlineOrder.CommitKey(orderId), cancellationToken) is { Answer: null } purchase)
                {
                    purchase.Closed = true;
                }

                db.Publish(new AirlineOrderAbsent(bookingId, orderId, lookUp));
                break;
        }
    }
}
