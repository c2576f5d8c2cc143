using Aerona.Airlines.Data;
using Aerona.Airlines.Seats;
using Aerona.Contracts;
using Aerona.Persistence;
using Aerona.Reference;
using Aerona.Suppliers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Aerona.Airlines.House;

/// <summary>
/// The house airline as a supplier. Its books are in this service's database, so each call is one transaction of its own, and conclusive: there is no
/// Unknown here, and what a look-up denies it closes.
/// </summary>
internal sealed class HouseSupplier(IServiceScopeFactory scopes, TimeProvider clock, IOptions<HouseAirlineOptions> options) : ISupplier
{
    public const string SupplierName = "house";

    public string Name => SupplierName;

    public Task<SupplierAnswer> CommitAsync(SupplierOrder order, CancellationToken cancellationToken) =>
        InTransactionAsync(
            async (services, db) =>
            {
                if (await FindAsync(db, order.OrderId, cancellationToken) is { } known)
                {
                    // Closed by a look-up or cancelled before it came: to the buyer both mean that nothing is bought.
                    return known.Kind is SupplierAnswerKind.Absent or SupplierAnswerKind.Cancelled ? new(SupplierAnswerKind.Refused, "order.refused") : known;
                }

                var hold = await db.TryLockAsync<Hold>(order.HoldId, cancellationToken);
                return hold?.Sell(order.BookingId, order.Token, order.Offer) == true
                    ? await SellAsync(db, order, cancellationToken)
                    : Close(db, order.OrderId, HouseOrderState.Refused, "order.hold_lost");
            },
            cancellationToken);

    public Task<SupplierAnswer> LookUpAsync(Guid orderId, CancellationToken cancellationToken) =>
        InTransactionAsync(
            async (_, db) => await FindAsync(db, orderId, cancellationToken) ?? Close(db, orderId, HouseOrderState.Absent),
            cancellationToken);

    public Task<SupplierAnswer> CancelAsync(Guid orderId, CancellationToken cancellationToken) =>
        InTransactionAsync(
            async (services, db) =>
            {
                var seen = await db.HouseOrders.AsNoTracking().SingleOrDefaultAsync(order => order.OrderId == orderId, cancellationToken);
                if (seen is null)
                {
                    return Close(db, orderId, HouseOrderState.Cancelled);
                }

                if (seen.HoldId is { } holdId)
                {
                    // Counts and holds are locked before orders; giving back what is not sold any more does nothing.
                    await services.GetRequiredService<SeatInventory>().ReturnSoldAsync(holdId, cancellationToken);
                }

                var order = await db.LockAsync<HouseOrder>(orderId, cancellationToken);
                if (order.State == HouseOrderState.Confirmed)
                {
                    order.State = HouseOrderState.Cancelled;
                    await foreach (var ticket in db.HouseTickets.Where(ticket => ticket.OrderId == orderId && ticket.VoidedAt == null).AsAsyncEnumerable())
                    {
                        ticket.VoidedAt = clock.GetUtcNow();
                    }
                }

                return new(SupplierAnswerKind.Cancelled);
            },
            cancellationToken);

    private async Task<SupplierAnswer> InTransactionAsync(
        Func<IServiceProvider, AirlinesDbContext, Task<SupplierAnswer>> work, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AirlinesDbContext>();
        await using var transaction = await db.BeginAsync(cancellationToken);
        var answer = await work(scope.ServiceProvider, db);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return answer;
    }

    private static async Task<SupplierAnswer?> FindAsync(AirlinesDbContext db, Guid orderId, CancellationToken cancellationToken)
    {
        if (await db.TryLockAsync<HouseOrder>(orderId, cancellationToken) is not { } order)
        {
            return null;
        }

        var tickets = order.State == HouseOrderState.Confirmed
            ? await db.HouseTickets.AsNoTracking().Where(ticket => ticket.OrderId == orderId).OrderBy(ticket => ticket.Number)
                .Select(ticket => new TicketNumber(ticket.PassengerId, ticket.Number)).ToListAsync(cancellationToken)
            : [];
        return order.Answer(tickets);
    }

    private SupplierAnswer Close(AirlinesDbContext db, Guid orderId, HouseOrderState state, string? reason = null)
    {
        var closed = new HouseOrder { OrderId = orderId, State = state, MadeAt = clock.GetUtcNow(), Reason = reason };
        db.HouseOrders.Add(closed);
        return closed.Answer([]);
    }

    private async Task<SupplierAnswer> SellAsync(AirlinesDbContext db, SupplierOrder order, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var departsAt = order.Offer.Segments[0].DepartsAt;
        var locators = new List<Locator>();
        foreach (var system in order.Offer.Segments.Select(segment => segment.Flight.Carrier).Distinct().Prepend(SupplierName))
        {
            locators.Add(new(system, await NewCodeAsync(db, system, order.OrderId, cancellationToken)));
        }

        var stock = await StockAsync(db, order.Offer.ValidatingCarrier, cancellationToken);
        var tickets = order.Passengers.Select(passenger => new TicketNumber(passenger.Id, stock.Take())).ToList();
        db.HouseTickets.AddRange(tickets.Select(ticket => new HouseTicket { Number = ticket.Number, OrderId = order.OrderId, PassengerId = ticket.PassengerId }));

        var sold = new HouseOrder
        {
            OrderId = order.OrderId,
            State = HouseOrderState.Confirmed,
            MadeAt = now,
            HoldId = order.HoldId,
            Locators = locators,
            TicketingLimitAt = Earlier(now.AddDays(1), departsAt),
            VoidableUntil = Earlier(now + options.Value.VoidWindow, departsAt),
        };
        db.HouseOrders.Add(sold);
        return sold.Answer(tickets);
    }

    private static async Task<string> NewCodeAsync(AirlinesDbContext db, string system, Guid orderId, CancellationToken cancellationToken)
    {
        string code;
        do
        {
            code = RecordLocator.New();
        }
        while (await db.HouseLocators.AnyAsync(locator => locator.System == system && locator.Code == code, cancellationToken));

        db.HouseLocators.Add(new(system, code, orderId));
        return code;
    }

    /// <summary>The stock's row, locked; opened at its first ticket. The busiest row of a purchase, so it is the last one locked.</summary>
    private static async Task<TicketStock> StockAsync(AirlinesDbContext db, string validatingCarrier, CancellationToken cancellationToken)
    {
        var code = Carriers.Find(validatingCarrier)?.AccountingCode
            ?? throw new InvalidOperationException($"{validatingCarrier} has no accounting code, so the offer should not have been made");
        if (await db.TryLockAsync<TicketStock>(code, cancellationToken) is { } stock)
        {
            return stock;
        }

        await db.UpsertAsync([new TicketStock { AccountingCode = code }], version: null, cancellationToken);
        return await db.LockAsync<TicketStock>(code, cancellationToken);
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
