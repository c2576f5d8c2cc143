using Aerona.Contracts.Cancellations;
using Aerona.Messaging;
using Aerona.Persistence;
using Aerona.Tickets.Data;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Tickets.Ending;

/// <summary>
/// Ends coupons that were given up. A document is void as a whole only: where not all of its coupons are to end, or not all are open, those that are are refunded. What is
/// checked in, flown or exchanged does not end and is named: somebody must look. What has ended never opens again.
/// </summary>
internal sealed class EndCouponsConsumer(TicketsDbContext db, TimeProvider clock) : IConsumer<EndCoupons>
{
    public async Task Consume(ConsumeContext<EndCoupons> context)
    {
        var command = context.Message;
        var tickets = await db.TryLockAsync<TicketedOrder>(command.OrderId, context.CancellationToken) is null
            ? []
            : await db.Tickets.Include(ticket => ticket.Coupons).Where(ticket => ticket.OrderId == command.OrderId).ToListAsync(context.CancellationToken);
        var wanted = command.Coupons.ToHashSet();
        foreach (var ticket in tickets)
        {
            ticket.End([.. ticket.Coupons.Where(coupon => wanted.Contains(new(ticket.PassengerId, coupon.SegmentOrdinal)))], command.End, command.CancellationId, clock.GetUtcNow());
        }

        var ended = tickets.SelectMany(ticket => ticket.Coupons.Where(coupon => coupon.EndedBy == command.CancellationId), (ticket, coupon) => new CouponKey(ticket.PassengerId, coupon.SegmentOrdinal))
            .Where(wanted.Contains).ToHashSet();
        db.Publish(new CouponsEnded(
            command.BookingId, command.CancellationId, [.. command.Coupons.Distinct().Where(ended.Contains)], [.. command.Coupons.Distinct().Where(coupon => !ended.Contains(coupon))]));
    }
}
