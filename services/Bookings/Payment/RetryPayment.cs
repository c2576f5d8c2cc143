using System.Security.Claims;
using Aerona.Bookings.Data;
using Aerona.Bookings.Status;
using Aerona.Bookings.Timeline;
using Aerona.Contracts.Bookings;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Sagas.Booking;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aerona.Bookings.Payment;

internal static class RetryPayment
{
    public static void MapRetryPayment(this RouteGroupBuilder bookings) =>
        bookings.MapPost("/{bookingId:guid}/payments", HandleAsync).WithName("RetryPayment")
            .WithSummary("Tries to pay again, with another instrument if wished; the booking shows the new link").Idempotent<BookingsDbContext>();

    /// <summary>Asks the saga for it; the refusal when the booking does not wait for a payment.</summary>
    public static ProblemHttpResult? TryRetry(BookingsDbContext db, BookingStateMachine machine, BookingOnFile found, ClaimsPrincipal user, DateTimeOffset now)
    {
        if (found.Saga is not { } saga || !machine.MayRetryPayment(saga))
        {
            return Problems.Refused(409, "booking.payment_not_awaited", "This booking does not wait for a payment that could be tried again.");
        }

        db.Publish(new PaymentRetried(found.Booking.Id, now));
        db.Note(found.Booking.Id, "payment.retried", now, user);
        return null;
    }

    private static async Task<Results<AcceptedAtRoute<BookingView>, ProblemHttpResult>> HandleAsync(
        Guid bookingId, ClaimsPrincipal user, BookingsDbContext db, BookingStateMachine machine, BookingViews views, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (await GetBooking.FindAsync(db, bookingId, user, cancellationToken) is not { } found)
        {
            return GetBooking.NotFound();
        }

        if (GetBooking.MaySteer(found, user, Permission.HandleCases) is { } forbidden)
        {
            return forbidden;
        }

        return TryRetry(db, machine, found, user, clock.GetUtcNow()) is { } refusal
            ? refusal
            : TypedResults.AcceptedAtRoute(views.Of(found), "GetBooking", new { bookingId });
    }
}
