using System.Security.Claims;
using Aerona.Bookings.Data;
using Aerona.Bookings.Status;
using Aerona.Bookings.Timeline;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Sagas.Booking;
using Aerona.Sagas.Cancellation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.Cancellation;

/// <summary>Asks for a cancellation. Without a body, or with nothing in it: of the whole booking, or of all that is left of it.</summary>
/// <param name="Coupons">The flights of each passenger that are to be given back, one by one; only of a confirmed booking.</param>
/// <param name="Cause"><c>involuntary</c>, for staff alone: the airline cancelled or changed the flight.</param>
/// <param name="TellByMail">Whether the quote is mailed to the booking's contact as well.</param>
internal sealed record CancelBookingRequest(
    IReadOnlyList<CouponKey>? Coupons = null, CancellationCause Cause = CancellationCause.Voluntary, bool TellByMail = false);

internal static class CancelBooking
{
    public static void MapCancelBooking(this RouteGroupBuilder bookings) =>
        bookings.MapPost("/{bookingId:guid}/cancellations", HandleAsync).WithName("CancelBooking")
            .WithSummary("Gives a booking up before anything is bought; afterwards asks what cancelling it, or a part of it, would bring back, and cancels nothing yet")
            .Idempotent<BookingsDbContext>();

    private static async Task<Results<AcceptedAtRoute<BookingView>, AcceptedAtRoute<CancellationView>, ProblemHttpResult>> HandleAsync(
        Guid bookingId, [FromBody(EmptyBodyBehavior = EmptyBodyBehavior.Allow)] CancelBookingRequest? request, ClaimsPrincipal user, BookingsDbContext db,
        BookingStateMachine machine, CancellationStateMachine cancellations, BookingViews views, CancellationViews cancellationViews, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        if (await GetBooking.FindAsync(db, bookingId, user, cancellationToken) is not { } found)
        {
            return GetBooking.NotFound();
        }

        if (GetBooking.MaySteer(found, user, Permission.CancelAnyBooking) is { } forbidden)
        {
            return forbidden;
        }

        var (booking, saga, _) = found;
        var asked = request ?? new();
        if (asked.Cause == CancellationCause.Involuntary && !user.May(Permission.CancelAnyBooking))
        {
            return Problems.Refused(403, "cancellation.involuntary_by_staff", "Only our staff can say that the airline cancelled or changed the flight; ask them.");
        }

        var now = clock.GetUtcNow();
        if (saga is not null && BookingViews.StageOf(saga) is BookingStage.Confirmed)
        {
            return await AskForAQuoteAsync(found, asked, user, db, machine, cancellations, cancellationViews, now, cancellationToken);
        }

        if (saga is { CancelRequestedAt: null } && !machine.MayCancel(saga) && !machine.RemembersCancel(saga))
        {
            return saga.FailedBecause is not null ? Ended("This booking has ended without a purchase; there is nothing to cancel.")
                : BookingViews.StageOf(saga) is BookingStage.Completed ? Ended("This journey is over; there is nothing to cancel.")
                : BookingViews.StageOf(saga) is BookingStage.Cancelled ? Ended("This booking is cancelled already.")
                : Problems.Refused(409, "booking.cancel_too_late", "This booking is looked after by our staff this moment; it cannot be given up for nothing any more.");
        }

        if (asked.Coupons is not null || asked.Cause == CancellationCause.Involuntary)
        {
            return Problems.Refused(409, "cancellation.not_confirmed", "Before a booking is confirmed it can only be given up as a whole.");
        }

        // Asked before the saga began, the event waits for it; asked twice, the first one counts.
        if (saga is null or { CancelRequestedAt: null })
        {
            db.Publish(new BookingCancelRequested(booking.Id, now));
            db.Note(booking.Id, "cancel.requested", now, user);
        }

        return TypedResults.AcceptedAtRoute(views.Of(found), "GetBooking", new { bookingId });
    }

    /// <summary>Asks for a quote of a confirmed booking; cancels nothing.</summary>
    public static async Task<Results<AcceptedAtRoute<BookingView>, AcceptedAtRoute<CancellationView>, ProblemHttpResult>> AskForAQuoteAsync(
        BookingOnFile found, CancelBookingRequest asked, ClaimsPrincipal user, BookingsDbContext db, BookingStateMachine machine, CancellationStateMachine cancellations,
        CancellationViews views, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (booking, saga) = (found.Booking, found.Saga!);
        if (!machine.MayAskForCancellation(saga))
        {
            return Problems.Refused(409, "booking.being_serviced", "Another cancellation of this booking is under way; ask again when it is done.", true);
        }

        if (CouponRules.Check(asked.Coupons, saga) is { Count: > 0 } problems)
        {
            return Problems.Invalid(problems);
        }

        // One wish at a time: what was quoted before is taken back, and could not be confirmed beside this one anyway.
        var older = await db.Cancellations.AsNoTracking().Where(row => row.BookingId == booking.Id).ToListAsync(cancellationToken);
        foreach (var each in older.Where(cancellations.MayWithdraw))
        {
            db.Publish(new CancellationWithdrawn(booking.Id, each.CorrelationId, now));
        }

        var cancellation = new AskedCancellation
        {
            Id = CancellationIds.From(Guid.CreateVersion7(now)),
            BookingId = booking.Id,
            Coupons = asked.Coupons,
            Cause = asked.Cause,
            RequestedAt = now,
        };
        db.AskedCancellations.Add(cancellation);
        db.Publish(new CancellationRequested(
            booking.Id, cancellation.Id, saga.Orders[^1].OrderId, booking.Locator, asked.Coupons, asked.Cause, booking.Contact, saga.Offer!.Segments, user.Owner(),
            saga.Servicings.Count, asked.TellByMail, now));
        db.Note(booking.Id, "cancel.requested", now, user, cancellation.Id.ToString());
        return TypedResults.AcceptedAtRoute(
            views.Of(cancellation, null, saga), "GetCancellation", new { bookingId = booking.Id, cancellationId = cancellation.Id });
    }

    private static ProblemHttpResult Ended(string detail) => Problems.Refused(409, "booking.already_ended", detail);
}
