using System.Security.Claims;
using Aerona.Bookings.Cases;
using Aerona.Bookings.Data;
using Aerona.Bookings.Seats;
using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Sagas.Booking;
using Aerona.Sagas.Cancellation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.Status;

/// <summary>All that is known of a booking.</summary>
/// <param name="Booking">What was asked for.</param>
/// <param name="Saga">How it goes; null until it has begun.</param>
/// <param name="Cases">What its own process opened for people to look at.</param>
internal sealed record BookingOnFile(Booking Booking, BookingState? Saga, IReadOnlyList<SupportCase> Cases)
{
    /// <summary>What its cancellations gave back, and lost seats.</summary>
    public IReadOnlyList<Money> GivenBack { get; init; } = [];

    /// <summary>Chosen seats that are others by now.</summary>
    public IReadOnlyList<SeatMove> Moves { get; init; } = [];
}

internal static class GetBooking
{
    public static void MapGetBooking(this RouteGroupBuilder bookings) =>
        bookings.MapGet("/{bookingId:guid}", HandleAsync).WithName("GetBooking").WithSummary("Where a booking stands, what it waits for, and what happens then");

    private static async Task<Results<Ok<BookingView>, ProblemHttpResult>> HandleAsync(
        Guid bookingId, ClaimsPrincipal user, BookingsDbContext db, BookingViews views, CancellationToken cancellationToken) =>
        await FindAsync(db, bookingId, user, cancellationToken) is { } found ? TypedResults.Ok(views.Of(found)) : NotFound();

    /// <summary>The booking and how it goes, if the caller may see it.</summary>
    public static async Task<BookingOnFile?> FindAsync(BookingsDbContext db, Guid bookingId, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        // In one statement: this is what callers ask again and again while they wait.
        var found = await db.Bookings.AsNoTracking().Where(booking => booking.Id == bookingId)
            .LeftJoin(db.Sagas.AsNoTracking(), booking => booking.Id, saga => saga.CorrelationId, (booking, saga) => new { Booking = booking, Saga = saga })
            .SingleOrDefaultAsync(cancellationToken);
        return found is not null && user.MaySee(found.Booking.Id, found.Booking.Owner)
            ? await OnFileAsync(db, found.Booking, found.Saga, cancellationToken)
            : null;
    }

    /// <summary>Null for whoever may steer this booking; staff who only read bookings may not.</summary>
    public static ProblemHttpResult? MaySteer(BookingOnFile found, ClaimsPrincipal user, Permission permission) =>
        user.MaySteer(found.Booking.Id, found.Booking.Owner, permission) ? null : Problems.Refused(403, "auth.forbidden", "You may see this booking, but not do this to it.");

    /// <summary>How a booking goes.</summary>
    public static async Task<BookingOnFile> ReadAsync(BookingsDbContext db, Booking booking, CancellationToken cancellationToken)
    {
        var saga = await db.Sagas.AsNoTracking().SingleOrDefaultAsync(row => row.CorrelationId == booking.Id, cancellationToken);
        return await OnFileAsync(db, booking, saga, cancellationToken);
    }

    private static async Task<BookingOnFile> OnFileAsync(BookingsDbContext db, Booking booking, BookingState? saga, CancellationToken cancellationToken) =>
        new(booking, saga, await CasesAsync(db, saga, cancellationToken))
        {
            GivenBack = await GivenBackAsync(db, saga, cancellationToken),
            Moves = (saga?.Offer ?? booking.Offer).Seats is null ? [] : await db.SeatMoves.AsNoTracking().Where(move => move.BookingId == booking.Id).ToListAsync(cancellationToken),
        };

    private static async Task<IReadOnlyList<Money>> GivenBackAsync(BookingsDbContext db, BookingState? saga, CancellationToken cancellationToken)
    {
        if (saga is null or { Servicings: [] })
        {
            return [];
        }

        var refunds = await db.Cancellations.AsNoTracking().Where(row => row.BookingId == saga.CorrelationId).Select(row => row.Refunds).ToListAsync(cancellationToken);
        var seats = await db.SeatRefunds.AsNoTracking().Where(row => row.BookingId == saga.CorrelationId && row.State == SeatRefundState.Made).ToListAsync(cancellationToken);
        return
        [
            .. refunds.SelectMany(all => all).Where(refund => refund.Standing is RefundStanding.Made or RefundStanding.ByHand).Select(refund => refund.Amount),
            .. seats.Select(refund => refund.Amount),
        ];
    }

    private static async Task<IReadOnlyList<SupportCase>> CasesAsync(BookingsDbContext db, BookingState? saga, CancellationToken cancellationToken) =>
        saga is null or { Cases: [], ServicedBy: null, Servicings: [] }
            ? []
            : await db.Cases.AsNoTracking().Where(row => row.BookingId == saga.CorrelationId && row.OpenedBy == null).ToListAsync(cancellationToken);

    public static ProblemHttpResult NotFound() => Problems.NotFound("booking.not_found", "There is no such booking.");
}
