using Aerona.Hosting;
using Aerona.Tickets.Data;
using Aerona.Tickets.GetTicket;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Tickets.SupportTickets;

internal static class SupportTickets
{
    public static void MapSupportTickets(this RouteGroupBuilder v1) => v1.MapGet("/support/tickets", ListTickets).WithName("ListSupportTickets")
        .WithSummary("The tickets of a booking with their coupons; for support staff").Requires(Permission.SeeAnyBooking).ProducesProblem(400);

    private static async Task<Results<Ok<SupportTicketList>, ProblemHttpResult>> ListTickets(Guid? bookingId, TicketsDbContext db, CancellationToken cancellationToken)
    {
        if (bookingId is not { } booking)
            return Problems.Invalid(new FieldProblem("query:bookingId", "booking.id_missing", "Say whose tickets: bookingId."));

        var tickets = await db.Tickets.AsNoTracking().Include(ticket => ticket.Coupons)
            .Where(ticket => ticket.BookingId == booking).OrderBy(ticket => ticket.Number).ToListAsync(cancellationToken);
        return TypedResults.Ok(new SupportTicketList([.. tickets.Select(TicketView.Of)]));
    }
}

/// <summary>Tickets by number; empty for a booking without any.</summary>
internal sealed record SupportTicketList(IReadOnlyList<TicketView> Tickets);
