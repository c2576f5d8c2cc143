using System.Security.Claims;
using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Tickets.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Tickets.GetTicket;

/// <summary>An electronic ticket.</summary>
/// <param name="Number">13 digits.</param>
/// <param name="PrimaryNumber">The first of the documents in conjunction; the number itself when there is one.</param>
/// <param name="BookingId">Its booking.</param>
/// <param name="Locator">Our record locator.</param>
/// <param name="ValidatingCarrier">IATA designator.</param>
/// <param name="Passenger">Whose it is.</param>
/// <param name="IssuedAt">UTC.</param>
/// <param name="Coupons">One to four, in the order to be flown.</param>
internal sealed record TicketView(
    string Number, string PrimaryNumber, Guid BookingId, string Locator, string ValidatingCarrier, TicketPassenger Passenger, DateTimeOffset IssuedAt,
    IReadOnlyList<CouponView> Coupons)
{
    public static TicketView Of(Ticket ticket) => new(
        ticket.Number, ticket.PrimaryNumber, ticket.BookingId, ticket.Locator, ticket.ValidatingCarrier,
        new(ticket.PassengerId, ticket.PassengerType, ticket.PassengerName), ticket.IssuedAt,
        [.. ticket.Coupons.OrderBy(coupon => coupon.Number).Select(coupon => new CouponView(
            coupon.Number, coupon.SegmentOrdinal, coupon.FlightId, coupon.Flight, coupon.Origin, coupon.Destination, coupon.DepartsLocal, coupon.BookingClass,
            coupon.FareBasis, coupon.BaggageAllowance, coupon.Status, coupon.EndedAt))]);
}

/// <summary>Whose ticket it is; the name as printed on it.</summary>
internal sealed record TicketPassenger(string Id, PassengerType Type, string Name);

/// <summary>A coupon; the departure is the wall clock at the origin.</summary>
internal sealed record CouponView(
    int Number, int SegmentOrdinal, string FlightId, string Flight, string Origin, string Destination, DateTime DepartsLocal, string BookingClass, string FareBasis,
    string BaggageAllowance, CouponStatus Status, DateTimeOffset? EndedAt);

internal static class GetTicket
{
    public static void MapGetTicket(this RouteGroupBuilder v1) => v1.MapGet("/tickets/{number}", ReadTicket).WithName("GetTicket")
        .WithSummary("An electronic ticket and its coupons; for its owner, a guest of that booking, or support. Hyphens in the number are allowed")
        .ProducesProblem(400).ProducesProblem(404);

    private static async Task<Results<Ok<TicketView>, ProblemHttpResult>> ReadTicket(
        string number, ClaimsPrincipal user, TicketsDbContext db, CancellationToken cancellationToken)
    {
        if (Ticket.ParseNumber(number) is not { } digits)
            return Problems.Invalid(new FieldProblem("path:number", "ticket.number_malformed", "A ticket number has 13 digits, such as 001-2400000017."));

        var ticket = await db.Tickets.AsNoTracking().Include(ticket => ticket.Coupons).SingleOrDefaultAsync(ticket => ticket.Number == digits, cancellationToken);
        return ticket is not null && user.MaySee(ticket.BookingId, ticket.Owner)
            ? TypedResults.Ok(TicketView.Of(ticket))
            : Problems.NotFound("ticket.not_found", "There is no such ticket, or it is somebody else's.");
    }
}
