using Aerona.Contracts.Tickets;
using Aerona.Tickets.Data;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Tickets.Issuing;

/// <summary>
/// Records a ticket with a coupon per segment for every passenger, or says that numbers are missing: one for each four segments. A number that another order
/// has is a fault of the airline's that nobody may paper over: it is thrown and ends as a dead letter.
/// </summary>
internal sealed class IssueTicketsConsumer(TicketsDbContext db, TimeProvider clock) : IConsumer<IssueTickets>
{
    public async Task Consume(ConsumeContext<IssueTickets> context)
    {
        var command = context.Message;
        var order = await db.Orders.FindAsync([command.OrderId], context.CancellationToken);
        if (order is null)
        {
            order = TicketedOrder.Of(command, clock.GetUtcNow());
            if (order is null)
            {
                await context.Publish(new TicketsPending(command.BookingId, command.OrderId));
                return;
            }

            await RefuseUsedNumbers(order, context.CancellationToken);
            db.Orders.Add(order);
            db.Tickets.AddRange(order.Tickets());
        }

        await context.Publish(new TicketsIssued(order.BookingId, order.OrderId, order.TicketNumbers));
    }

    private async Task RefuseUsedNumbers(TicketedOrder order, CancellationToken cancellationToken)
    {
        var numbers = order.TicketNumbers.Select(number => number.Number).ToList();
        var used = await db.Tickets.Where(ticket => numbers.Contains(ticket.Number)).Select(ticket => ticket.Number).ToListAsync(cancellationToken);
        if (used.Count > 0)
            throw new InvalidOperationException($"order {order.OrderId}: the airline gave ticket numbers that other orders have: {string.Join(", ", used)}");
    }
}
