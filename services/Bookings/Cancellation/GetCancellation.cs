using System.Security.Claims;
using Aerona.Bookings.Data;
using Aerona.Bookings.Status;
using Aerona.Hosting;
using Aerona.Sagas.Booking;
using Aerona.Sagas.Cancellation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.Cancellation;

/// <summary>Cancellations of a booking.</summary>
/// <param name="Cancellations">Oldest first.</param>
internal sealed record CancellationList(IReadOnlyList<CancellationView> Cancellations);

/// <summary>All that is known of a cancellation.</summary>
/// <param name="Asked">What was asked for; null where the booking asked itself.</param>
/// <param name="Saga">How it goes; null until it has begun.</param>
/// <param name="Booking">How its booking goes.</param>
/// <param name="Forbidden">What to answer a caller who wants to steer it but may only see it; null for those who may.</param>
internal sealed record CancellationOnFile(AskedCancellation? Asked, CancellationState? Saga, BookingState Booking, ProblemHttpResult? Forbidden);

internal static class GetCancellation
{
    public static void MapGetCancellation(this RouteGroupBuilder bookings)
    {
        bookings.MapGet("/{bookingId:guid}/cancellations/{cancellationId:guid}", HandleAsync).WithName("GetCancellation")
            .WithSummary("Where a cancellation stands, what happens next and when, and where the money is");
        bookings.MapGet("/{bookingId:guid}/cancellations", ListAsync).WithName("ListCancellations").WithSummary("Cancellations of a booking, oldest first");
    }

    private static async Task<Results<Ok<CancellationView>, ProblemHttpResult>> HandleAsync(
        Guid bookingId, Guid cancellationId, ClaimsPrincipal user, BookingsDbContext db, CancellationViews views, CancellationToken cancellationToken) =>
        await FindAsync(db, bookingId, cancellationId, user, cancellationToken) is { } found
            ? TypedResults.Ok(views.Of(found.Asked, found.Saga, found.Booking))
            : NotFound();

    private static async Task<Results<Ok<CancellationList>, ProblemHttpResult>> ListAsync(
        Guid bookingId, ClaimsPrincipal user, BookingsDbContext db, CancellationViews views, CancellationToken cancellationToken)
    {
        if (await GetBooking.FindAsync(db, bookingId, user, cancellationToken) is not { } booking)
        {
            return GetBooking.NotFound();
        }

        if (booking.Saga is not { } saga)
        {
            return TypedResults.Ok(new CancellationList([]));
        }

        var asked = await db.AskedCancellations.AsNoTracking().Where(row => row.BookingId == bookingId).ToDictionaryAsync(row => row.Id, cancellationToken);
        var begun = await db.Cancellations.AsNoTracking().Where(row => row.BookingId == bookingId).ToDictionaryAsync(row => row.CorrelationId, cancellationToken);
        return TypedResults.Ok(new CancellationList(
            [.. asked.Keys.Union(begun.Keys).Select(id => views.Of(asked.GetValueOrDefault(id), begun.GetValueOrDefault(id), saga)).OrderBy(view => view.RequestedAt)]));
    }

    /// <summary>The cancellation, if it is one of that booking and the caller may see it.</summary>
    public static async Task<CancellationOnFile?> FindAsync(
        BookingsDbContext db, Guid bookingId, Guid cancellationId, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (await GetBooking.FindAsync(db, bookingId, user, cancellationToken) is not { Saga: { } booking } onFile)
        {
            return null;
        }

        var asked = await db.AskedCancellations.AsNoTracking().SingleOrDefaultAsync(row => row.Id == cancellationId && row.BookingId == bookingId, cancellationToken);
        var saga = await db.Cancellations.AsNoTracking().SingleOrDefaultAsync(row => row.CorrelationId == cancellationId && row.BookingId == bookingId, cancellationToken);
        return asked is null && saga is null ? null : new(asked, saga, booking, GetBooking.MaySteer(onFile, user, Permission.CancelAnyBooking));
    }

    public static ProblemHttpResult NotFound() => Problems.NotFound("cancellation.not_found", "This booking has no such cancellation.");
}
