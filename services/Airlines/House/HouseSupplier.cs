using System.Globalization;
using Aerona.Airlines.Cancelling;
using Aerona.Airlines.Cancelling.Policies;
using Aerona.Airlines.Data;
using Aerona.Airlines.Seats;
using Aerona.Contracts;
using Aerona.Contracts.Cancellations;
using Aerona.Persistence;
using Aerona.Reference;
using Aerona.Suppliers;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Airlines.House;

/// <summary>
/// The house airline as a supplier. Its books are in this service's database, so each call is one transaction of its own, and conclusive: there is no
/// Unknown here, and what a look-up denies it closes.
/// </summary>
internal sealed class HouseSupplier(IServiceScopeFactory scopes, TimeProvider clock, CancellationPolicies policies) : ISupplier
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

    public Task<CancelQuoteAnswer> QuoteCancellationAsync(CancelWish wish, CancellationToken cancellationToken) =>
        InTransactionAsync(
            async (_, db) =>
            {
                var order = await db.HouseOrders.AsNoTracking().SingleOrDefaultAsync(row => row.OrderId == wish.Order.OrderId, cancellationToken);
                if (order is not { State: HouseOrderState.Confirmed })
                {
                    return CancelQuoteAnswer.Refused(order?.State == HouseOrderState.Cancelled ? "cancellation.nothing_left" : "order.not_found");
                }

                var before = await GivenUpAsync(db, order.OrderId, cancellationToken);
                var kept = before.SelectMany(given => given.Lines).Where(line => line is { Code: QuoteRules.Penalty, Back: not null }).GroupBy(line => line.PassengerId)
                    .ToDictionary(lines => lines.Key, lines => lines.Select(line => Money.Zero(line.Paid.Currency) - line.Back!.Value).Sum(lines.First().Paid.Currency));
                var quote = QuoteRules.Quote(wish, new(order.MadeAt, before.SelectMany(given => given.Coupons).ToHashSet(), kept), policies);
                return quote.Problem is null ? quote with { Reference = Reference(before) } : quote;
            },
            cancellationToken);

    public Task<CancelAnswer> CancelQuotedAsync(QuotedCancel cancel, CancellationToken cancellationToken) =>
        InTransactionAsync(
            async (services, db) =>
            {
                var seen = await db.HouseOrders.AsNoTracking().SingleOrDefaultAsync(row => row.OrderId == cancel.Order.OrderId, cancellationToken);
                if (seen is not { HoldId: { } holdId })
                {
                    return CancelAnswer.Refused("cancellation.refused");
                }

                // Counts and holds are locked before orders.
                var inventory = services.GetRequiredService<SeatInventory>();
                var sold = await inventory.LockSoldAsync(holdId, cancellationToken);
                var order = await db.LockAsync<HouseOrder>(seen.OrderId, cancellationToken);
                if (await db.TryLockAsync<HouseCancellation>(cancel.CancellationId, cancellationToken) is { } known)
                {
                    // Closed by a look-up before it came: to who asks that means that it was not done.
                    return known.Answer() is { Kind: not CancelAnswerKind.Absent } answer ? answer : CancelAnswer.Refused("cancellation.refused");
                }

                var before = await GivenUpAsync(db, order.OrderId, cancellationToken);
                var reason = order.State != HouseOrderState.Confirmed || sold is null || Reference(before) != cancel.Reference ? "cancellation.quote_changed"
                    : cancel.Cause == CancellationCause.Voluntary && HasLeft(cancel) ? "cancellation.flown"
                    : null;
                var done = reason is null ? await GiveUpAsync(services, db, order, sold!.Value, before, cancel, cancellationToken) : null;
                var row = new HouseCancellation { CancellationId = cancel.CancellationId, OrderId = order.OrderId, At = clock.GetUtcNow(), GivenUp = done, Reason = reason };
                db.HouseCancellations.Add(row);
                return row.Answer();
            },
            cancellationToken);

    public Task<CancelAnswer> LookUpCancellationAsync(QuotedCancel cancel, CancellationToken cancellationToken) =>
        InTransactionAsync(
            async (_, db) =>
            {
                if (await db.TryLockAsync<HouseCancellation>(cancel.CancellationId, cancellationToken) is not { } known)
                {
                    db.HouseCancellations.Add(known = new() { CancellationId = cancel.CancellationId, OrderId = cancel.Order.OrderId, At = clock.GetUtcNow() });
                }

                return known.Answer();
            },
            cancellationToken);

    /// <summary>Marks the coupons, gives the seats back, and ends tickets and order where nothing is left of them.</summary>
    private async Task<GivenUp> GiveUpAsync(
        IServiceProvider services, AirlinesDbContext db, HouseOrder order, (Hold Hold, Dictionary<string, SeatCount> Counts) sold, List<GivenUp> before, QuotedCancel cancel,
        CancellationToken cancellationToken)
    {
        var (offer, now) = (cancel.Sold.Offer, clock.GetUtcNow());
        await services.GetRequiredService<SeatInventory>().ReturnAsync(sold, [.. Seats(offer, cancel.Coupons)], cancel.Coupons, cancellationToken);

        var ended = before.SelectMany(given => given.Coupons).Concat(cancel.Coupons).ToHashSet();
        bool IsOver(OfferPassenger passenger) => offer.Segments.All(segment => ended.Contains(new(passenger.Id, segment.Ordinal)));
        var over = offer.Passengers.Where(IsOver).Select(passenger => passenger.Id).ToList();
        await foreach (var ticket in db.HouseTickets
            .Where(ticket => ticket.OrderId == order.OrderId && ticket.VoidedAt == null && ticket.RefundedAt == null && over.Contains(ticket.PassengerId)).AsAsyncEnumerable())
        {
            // Void as a whole or not at all.
            var isVoid = cancel.IsVoid && offer.Segments.All(segment => cancel.Coupons.Contains(new(ticket.PassengerId, segment.Ordinal)));
            (ticket.VoidedAt, ticket.RefundedAt) = isVoid ? (now, null) : ((DateTimeOffset?)null, (DateTimeOffset?)now);
        }

        if (over.Count == offer.Passengers.Count)
        {
            order.State = HouseOrderState.Cancelled;
        }

        var refund = services.GetRequiredService<IHouseDesk>().RefundFor(cancel.Sold.Passengers, cancel.Refund);
        return new(cancel.Coupons, cancel.Lines, refund, IsWhole: over.Count == offer.Passengers.Count);
    }

    /// <summary>What these coupons occupy: seats, and places on laps.</summary>
    private static IEnumerable<TakenSeats> Seats(OfferSnapshot offer, IReadOnlyList<CouponKey> coupons)
    {
        var infants = offer.Passengers.Where(passenger => passenger.Type == PassengerType.Infant).Select(passenger => passenger.Id).ToHashSet();
        return from segment in offer.Segments
               from coupon in coupons
               where coupon.SegmentOrdinal == segment.Ordinal
               group coupon by SeatCount.KeyOf(segment.FlightId, infants.Contains(coupon.PassengerId) ? null : segment.Cabin) into taken
               select new TakenSeats(taken.Key, taken.Count());
    }

    private bool HasLeft(QuotedCancel cancel) => cancel.Sold.Offer.Segments
        .Any(segment => segment.DepartsAt <= clock.GetUtcNow() && cancel.Coupons.Any(coupon => coupon.SegmentOrdinal == segment.Ordinal));

    /// <summary>How the order stood: a quote is good only while nothing more was given up.</summary>
    private static string Reference(List<GivenUp> before) => before.Count.ToString(CultureInfo.InvariantCulture);

    private static async Task<List<GivenUp>> GivenUpAsync(AirlinesDbContext db, Guid orderId, CancellationToken cancellationToken) =>
        [.. (await db.HouseCancellations.AsNoTracking().Where(row => row.OrderId == orderId && row.GivenUp != null).ToListAsync(cancellationToken)).Select(row => row.GivenUp!)];

    private async Task<TAnswer> InTransactionAsync<TAnswer>(
        Func<IServiceProvider, AirlinesDbContext, Task<TAnswer>> work, CancellationToken cancellationToken)
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
            VoidableUntil = policies.VoidWindow(SupplierName, CancellationPolicies.MarketOf(order.Offer), now) is { Until: var until } ? Earlier(until, departsAt) : null,
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
