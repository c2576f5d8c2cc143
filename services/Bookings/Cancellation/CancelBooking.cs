using System.Security.Claims;
using Aerona.Bookings.Data;
using Aerona.Bookings.Status;
using Aerona.Bookings.Timeline;
using Aerona.Contracts.Bookings;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Sagas.Booking;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aerona.Bookings.Cancellation;

internal static class CancelBooking
{
    public static void MapCancelBooking(this RouteGroupBuilder bookings) =>
        bookings.MapPost("/{bookingId:guid}/cancellations", HandleAsync).WithName("CancelBooking")
            .WithSummary("Gives a booking up before anything is bought; nothing is charged").Idempotent<BookingsDbContext>();

    private static async Task<Results<AcceptedAtRoute<BookingView>, ProblemHttpResult>> HandleAsync(
        Guid bookingId, ClaimsPrincipal user, BookingsDbContext db, BookingStateMachine machine, BookingViews views, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (await GetBooking.FindAsync(db, bookingId, user, cancellationToken) is not { } found)
        {
            return GetBooking.NotFound();
        }

        var (booking, saga, _) = found;
        if (saga is { CancelRequestedAt: null } && !machine.MayCancel(saga))
        {
            return saga.FailedBecause is not null ? Ended("This booking has ended without a purchase; there is nothing to cancel.")
                : BookingViews.StageOf(saga) is BookingStage.Completed ? Ended("This journey is over; there is nothing to cancel.")
                : BookingViews.StageOf(saga) is BookingStage.Cancelled ? Ended("This booking is cancelled already.")
                : Problems.Refused(409, "booking.cancel_too_late", "This booking is bought, or being bought this moment; it cannot be given up for nothing any more.");
        }

        // Asked before the saga began, the event waits for it; asked twice, the first one counts.
        if (saga is null or { CancelRequestedAt: null })
        {
            var now = clock.GetUtcNow();
            db.Publish(new BookingCancelRequested(booking.Id, now));
            db.Note(booking.Id, "cancel.requested", now, user);
        }

        return TypedResults.AcceptedAtRoute(views.Of(found), "GetBooking", new { bookingId });
    }

    private static ProblemHttpResult Ended(string detail) => Problems.Refused(409, "booking.already_ended", detail);
}
