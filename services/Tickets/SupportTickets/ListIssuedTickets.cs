using Aerona.Hosting;
using Aerona.Tickets.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Tickets.SupportTickets;

/// <summary>Tickets by number, for comparing the books.</summary>
/// <param name="Next">Number to go on after; null at the end.</param>
internal sealed record IssuedTickets(IReadOnlyList<IssuedTicket> Tickets, string? Next);

/// <summary>What became of a ticket.</summary>
/// <param name="Good">Coupons that can be flown or were.</param>
/// <param name="Void">Coupons that are void: as if never bought.</param>
/// <param name="Refunded">Coupons given back.</param>
internal sealed record IssuedTicket(string Number, Guid BookingId, DateTimeOffset IssuedAt, int Good, int Void, int Refunded);

internal static class ListIssuedTickets
{
    private const int MostOnAPage = 500;

    public static void MapListIssuedTickets(this RouteGroupBuilder v1) => v1.MapGet("/support/tickets/issued", HandleAsync).WithName("ListIssuedTickets")
        .WithSummary("Tickets issued since then, by number; for comparing the books").Requires(Permission.ReadBooks).ProducesProblem(400);

    private static async Task<Results<Ok<IssuedTickets>, ProblemHttpResult>> HandleAsync(
        DateTimeOffset? from, TicketsDbContext db, CancellationToken cancellationToken, string after = "", int limit = MostOnAPage)
    {
        if (from is null || limit is < 1 or > MostOnAPage)
        {
            return Problems.Invalid(new FieldProblem("query:from", "ticket.list_malformed", $"Say since when (from, an instant), and at most {MostOnAPage} a page (limit)."));
        }

        var tickets = await db.Tickets.AsNoTracking().Include(ticket => ticket.Coupons)
            .Where(ticket => ticket.IssuedAt >= from && string.Compare(ticket.Number, after) > 0).OrderBy(ticket => ticket.Number).Take(limit).ToListAsync(cancellationToken);
        return TypedResults.Ok(new IssuedTickets(
            [.. tickets.Select(ticket =>
            {
                int Count(params CouponStatus[] which) => ticket.Coupons.Count(coupon => which.Contains(coupon.Status));
                return new IssuedTicket(
                    ticket.Number, ticket.BookingId, ticket.IssuedAt, Count(CouponStatus.Open, CouponStatus.CheckedIn, CouponStatus.Flown), Count(CouponStatus.Void),
                    Count(CouponStatus.Refunded));
            })],
            tickets.Count == limit ? tickets[^1].Number : null));
    }
}
