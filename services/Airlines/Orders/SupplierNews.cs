using Aerona.Airlines.Data;
using Aerona.Contracts.Airlines;
using Aerona.Messaging;
using Aerona.Persistence;
using Aerona.Suppliers;

namespace Aerona.Airlines.Orders;

/// <summary>
/// What a supplier says unasked is a fact like an answer: it is kept and told, even when a look-up had denied the order before. Whoever undid the booking
/// meanwhile then has it cancelled.
/// </summary>
internal sealed class SupplierNews(IServiceScopeFactory scopes, TimeProvider clock) : ISupplierNews
{
    public async Task<bool> TakeAsync(Guid orderId, SupplierAnswer answer, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AirlinesDbContext>();
        await using var transaction = await db.BeginAsync(cancellationToken);
        if (await db.TryLockAsync<AirlineOrder>(orderId, cancellationToken) is not { } order)
        {
            return false;
        }

        if (order.State != AirlineOrderState.Cancelled)
        {
            Tell(db, order, answer);
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private void Tell(AirlinesDbContext db, AirlineOrder order, SupplierAnswer answer)
    {
        if (order.Record(answer, clock.GetUtcNow()) is { } noted)
        {
            db.Publish(noted);
        }

        switch (answer.Kind)
        {
            case SupplierAnswerKind.Confirmed:
                db.Publish(AirlineOrder.Confirmed(order.BookingId, order.OrderId, answer));
                break;
            case SupplierAnswerKind.Refused:
                db.Publish(new AirlineOrderRefused(order.BookingId, order.OrderId, answer.Reason ?? "order.refused"));
                break;
        }
    }
}
