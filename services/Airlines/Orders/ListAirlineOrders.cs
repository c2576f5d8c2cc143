using Aerona.Airlines.Data;
using Aerona.Airlines.Seats;
using Aerona.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Airlines.Orders;

/// <summary>Airline orders in the order they were noted, for comparing the books.</summary>
/// <param name="SeatsWithoutOrder">On the first page: seats of ours that stand as sold to a booking without a confirmed order.</param>
/// <param name="IsLast">Whether there are no more pages.</param>
internal sealed record NotedOrders(IReadOnlyList<NotedOrder> Orders, IReadOnlyList<SoldHold> SeatsWithoutOrder, bool IsLast);

/// <param name="State"><c>open</c>, <c>confirmed</c>, <c>refused</c>, <c>absent</c> or <c>cancelled</c>.</param>
internal sealed record NotedOrder(Guid OrderId, Guid BookingId, string Supplier, string State, DateTimeOffset NotedAt);

/// <summary>Seats sold under a hold.</summary>
internal sealed record SoldHold(Guid HoldId, Guid BookingId, int Seats);

internal static class ListAirlineOrders
{
    private const int PageSize = 500;

    public static void MapListAirlineOrders(this WebApplication app) => app.MapGet("/v1/support/airline-orders", HandleAsync).WithName("ListAirlineOrders").WithTags("Support")
        .WithSummary("Orders at airlines since then, and seats that are sold without one; for comparing the books").Requires(Permission.ReadBooks).ProducesProblem(400);

    private static async Task<Results<Ok<NotedOrders>, ProblemHttpResult>> HandleAsync(
        DateTimeOffset? from, AirlinesDbContext db, CancellationToken cancellationToken, int page = 1)
    {
        if (from is null || page is < 1 or > 100_000)
        {
            return Problems.Invalid(new FieldProblem("query:from", "order.list_malformed", "Say since when (from, an instant), and which page (page, from 1)."));
        }

        var orders = await db.AirlineOrders.AsNoTracking().Where(order => order.NotedAt >= from)
            .OrderBy(order => order.NotedAt).ThenBy(order => order.OrderId).Skip((page - 1) * PageSize).Take(PageSize + 1)
            .Select(order => new { order.OrderId, order.BookingId, order.Supplier, order.State, order.NotedAt }).ToListAsync(cancellationToken);
        var holds = page > 1 ? [] : await db.Holds.AsNoTracking()
            .Where(hold => hold.State == HoldState.Sold && hold.PinnedAt >= from
                && !db.AirlineOrders.Any(order => order.BookingId == hold.BookingId && order.State == AirlineOrderState.Confirmed)).ToListAsync(cancellationToken);
        return TypedResults.Ok(new NotedOrders(
            [.. orders.Take(PageSize).Select(order => new NotedOrder(order.OrderId, order.BookingId, order.Supplier, order.State.ToString().ToLowerInvariant(), order.NotedAt))],
            [.. holds.Select(hold => new SoldHold(hold.HoldId, hold.BookingId, hold.Occupies.Sum(taken => taken.Seats))).Where(hold => hold.Seats > 0)],
            orders.Count <= PageSize));
    }
}
