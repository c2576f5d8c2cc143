using Aerona.Airlines.Data;
using Aerona.Airlines.Orders;
using Aerona.Airlines.Outside;
using Aerona.Contracts.Bookings;
using Aerona.Messaging;
using Aerona.Persistence;
using Aerona.Suppliers;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Airlines.Webhooks;

/// <summary>How an order stands at its supplier, asked because of an event or because it is time.</summary>
/// <param name="Answer">The order.</param>
/// <param name="Changes">What the airline changed of it.</param>
internal sealed record OrderNow(SupplierAnswer Answer, ChangesAnswer Changes)
{
    /// <summary>Whether both are known.</summary>
    public bool IsKnown => Answer.Kind != SupplierAnswerKind.Unknown && Changes.Problem is null;
}

/// <summary>Asks how orders stand and takes in what is new: an event is a hint only, in any order and as often as it likes.</summary>
internal sealed class OrderNews(OutsideSuppliers outside, SupplierCalls calls, TimeProvider clock)
{
    public TimeSpan? CallLimit => outside.CallLimit;

    public async Task<OrderNow> AskAsync(AirlineOrder order, CancellationToken cancellationToken)
    {
        var unknown = new ChangesAnswer([], new(SupplierFailure.Unavailable, "time_out"));
        if (outside.Find(order.Supplier) is not { } supplier)
        {
            return new(new(SupplierAnswerKind.Unknown), unknown);
        }

        var answer = await calls.LookUpAsync(order, cancellationToken);
        var known = order.Known with { Reference = order.Reference ?? answer.Reference };
        var changes = known.Reference is null ? unknown : await calls.AskAsync(
            supplier, "changes", order.OrderId, one => one.ChangesAsync(known, cancellationToken), said => said.Problem is null ? "success" : "unknown", unknown);
        return new(answer, changes);
    }

    /// <summary>Keeps and tells what is new; within the caller's transaction.</summary>
    public async Task RecordAsync(AirlinesDbContext db, Guid orderId, OrderNow now, CancellationToken cancellationToken)
    {
        var order = await db.LockAsync<AirlineOrder>(orderId, cancellationToken);
        var at = clock.GetUtcNow();
        if (now.IsKnown)
        {
            order.SyncedAt = at;
        }

        var hadNumbers = order.HasNumbers;
        // Absence is for look-ups to conclude, which close what they deny; here it is no news.
        if (order.State != AirlineOrderState.Cancelled && now.Answer.Kind is SupplierAnswerKind.Confirmed or SupplierAnswerKind.Cancelled)
        {
            var noted = order.Record(now.Answer, at);
            if (noted is not null)
            {
                db.Publish(noted);
            }

            if (now.Answer.Kind == SupplierAnswerKind.Confirmed && (noted is not null || (order.HasNumbers && !hadNumbers)))
            {
                db.Publish(AirlineOrder.Confirmed(order.BookingId, order.OrderId, now.Answer));
            }
        }

        foreach (var change in now.Changes.Changes)
        {
            if (await db.SupplierChanges.AnyAsync(known => known.Supplier == order.Supplier && known.Reference == change.Reference, cancellationToken))
            {
                continue;
            }

            db.SupplierChanges.Add(new()
            {
                Supplier = order.Supplier,
                Reference = change.Reference,
                OrderId = order.OrderId,
                BookingId = order.BookingId,
                DetectedAt = change.DetectedAt,
                NotedAt = at,
                Removed = change.Removed,
                Added = change.Added,
            });
            db.Publish(new BookingNoted(order.BookingId, change.Added.Count == 0 ? "airline.flights_cancelled" : "airline.schedule_changed", at, change.Reference));
        }
    }
}
