using System.Security.Claims;
using Aerona.Bookings.Data;
using Aerona.Hosting;
using Aerona.Sagas.Booking;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.Status;

internal static class GetBooking
{
    public static void MapGetBooking(this RouteGroupBuilder bookings) =>
        bookings.MapGet("/{bookingId:guid}", HandleAsync).WithName("GetBooking").WithSummary("Where a booking stands, what it waits for, and what happens then");

    private static async Task<Results<Ok<BookingView>, ProblemHttpResult>> HandleAsync(
        Guid bookingId, ClaimsPrincipal user, BookingsDbContext db, BookingViews views, CancellationToken cancellationToken) =>
        await FindAsync(db, bookingId, user, cancellationToken) is var (booking, saga) ? TypedResults.Ok(views.Of(booking, saga)) : NotFound();

    /// <summary>The booking and how it goes, if the caller may see it; the saga is null until it has begun.</summary>
    public static async Task<(Booking Booking, BookingState? Saga)?> FindAsync(
        BookingsDbContext db, Guid bookingId, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var booking = await db.Bookings.AsNoTracking().SingleOrDefaultAsync(row => row.Id == bookingId, cancellationToken);
        return booking is not null && user.MaySee(booking.Id, booking.Owner)
            ? (booking, await db.Sagas.AsNoTracking().SingleOrDefaultAsync(row => row.CorrelationId == bookingId, cancellationToken))
            : null;
    }

    public static ProblemHttpResult NotFound() => Problems.NotFound("booking.not_found", "There is no such booking.");
}
