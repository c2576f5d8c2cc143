using System.Security.Claims;
using Aerona.Bookings.Data;
using Aerona.Bookings.Timeline;
using Aerona.Contracts.Cancellations;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Sagas.Cancellation;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aerona.Bookings.Cancellation;

/// <summary>Has done what a quote says. No amount is taken from who calls: what comes back stands in the quote.</summary>
/// <param name="QuoteId">The newest quote.</param>
/// <param name="AcceptUnknownAmount">True where the quote says that the amount is not known before it is done.</param>
internal sealed record ConfirmCancellationRequest(Guid QuoteId, bool AcceptUnknownAmount = false);

internal static class ConfirmCancellation
{
    public static void MapConfirmCancellation(this RouteGroupBuilder bookings)
    {
        var cancellation = bookings.MapGroup("/{bookingId:guid}/cancellations/{cancellationId:guid}");
        cancellation.MapPost("/confirmations", ConfirmAsync).WithName("ConfirmCancellation").WithSummary("Cancels as the newest quote says").Idempotent<BookingsDbContext>();
        cancellation.MapPost("/quotes", RequoteAsync).WithName("RequoteCancellation").WithSummary("Asks for another quote in place of the one there is").Idempotent<BookingsDbContext>();
        cancellation.MapPost("/withdrawals", WithdrawAsync).WithName("WithdrawCancellation").WithSummary("Takes a cancellation back before it is made").Idempotent<BookingsDbContext>();
    }

    private static async Task<Results<AcceptedAtRoute<CancellationView>, ProblemHttpResult>> ConfirmAsync(
        Guid bookingId, Guid cancellationId, ConfirmCancellationRequest request, ClaimsPrincipal user, BookingsDbContext db, CancellationStateMachine machine,
        CancellationViews views, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (await GetCancellation.FindAsync(db, bookingId, cancellationId, user, cancellationToken) is not { } found)
        {
            return GetCancellation.NotFound();
        }

        if (found.Forbidden is { } forbidden)
        {
            return forbidden;
        }

        var saga = found.Saga;
        if (saga is not { Quotes: [.., { Answer: { } quote }] })
        {
            return saga is { EndedBecause: not null } ? Ended(saga) : Problems.Refused(409, "cancellation.not_quoted", "There is no quote yet that could be confirmed.", true);
        }

        if (quote.QuoteId != request.QuoteId)
        {
            const string detail = "Only the newest quote can be confirmed; look at the cancellation again.";
            return Problems.Refused(409, "cancellation.quote_not_newest", detail, false, new FieldProblem("/quoteId", "cancellation.quote_not_newest", detail));
        }

        if (saga.EndedBecause is not null)
        {
            return Ended(saga);
        }

        // Confirmed already: told again how it goes, and done once.
        if (saga.ConfirmedAt is not null)
        {
            return Accepted(views, found);
        }

        if (!machine.MayConfirm(saga))
        {
            return Problems.Refused(409, "cancellation.quote_expired", "The quote has expired; ask for another one.");
        }

        if (quote.Refund is null && !request.AcceptUnknownAmount)
        {
            const string detail = "Nobody can say before it is done how much comes back; say that you accept that.";
            return Problems.Refused(409, "cancellation.amount_unknown", detail, false, new FieldProblem("/acceptUnknownAmount", "cancellation.amount_unknown", detail));
        }

        if (found.Booking.ServicedBy is not null)
        {
            return Problems.Refused(409, "booking.being_serviced", "Another cancellation of this booking is under way; ask again when it is done.", true);
        }

        var now = clock.GetUtcNow();
        db.Publish(new CancellationConfirmed(bookingId, cancellationId, quote.QuoteId, user.Owner(), now));
        db.Note(bookingId, "cancellation.confirmed", now, user, cancellationId.ToString());
        return Accepted(views, found);
    }

    private static async Task<Results<AcceptedAtRoute<CancellationView>, ProblemHttpResult>> RequoteAsync(
        Guid bookingId, Guid cancellationId, ClaimsPrincipal user, BookingsDbContext db, CancellationStateMachine machine, CancellationViews views, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        if (await GetCancellation.FindAsync(db, bookingId, cancellationId, user, cancellationToken) is not { } found)
        {
            return GetCancellation.NotFound();
        }

        if (found.Forbidden is { } forbidden)
        {
            return forbidden;
        }

        if (found.Saga is not { } saga || !machine.MayRequote(saga))
        {
            return found.Saga is { EndedBecause: not null } ended
                ? Ended(ended)
                : Problems.Refused(409, "cancellation.not_quoted", "There is no quote that another one could take the place of.");
        }

        db.Publish(new CancellationRequoted(bookingId, cancellationId, found.Booking.Servicings.Count, clock.GetUtcNow()));
        return Accepted(views, found);
    }

    private static async Task<Results<AcceptedAtRoute<CancellationView>, ProblemHttpResult>> WithdrawAsync(
        Guid bookingId, Guid cancellationId, ClaimsPrincipal user, BookingsDbContext db, CancellationStateMachine machine, CancellationViews views, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        if (await GetCancellation.FindAsync(db, bookingId, cancellationId, user, cancellationToken) is not { } found)
        {
            return GetCancellation.NotFound();
        }

        if (found.Forbidden is { } forbidden)
        {
            return forbidden;
        }

        if (found.Saga is { } saga && !machine.MayWithdraw(saga))
        {
            return saga.EndedBecause is not null ? Ended(saga) : Problems.Refused(409, "cancellation.too_late_to_withdraw", "It is being cancelled, and cannot be taken back.");
        }

        var now = clock.GetUtcNow();
        db.Publish(new CancellationWithdrawn(bookingId, cancellationId, now));
        db.Note(bookingId, "cancellation.withdrawn", now, user, cancellationId.ToString());
        return Accepted(views, found);
    }

    private static AcceptedAtRoute<CancellationView> Accepted(CancellationViews views, CancellationOnFile found)
    {
        var view = views.Of(found.Asked, found.Saga, found.Booking);
        return TypedResults.AcceptedAtRoute(view, "GetCancellation", new { bookingId = view.BookingId, cancellationId = view.Id });
    }

    private static ProblemHttpResult Ended(CancellationState saga) =>
        Problems.Refused(409, "cancellation.ended", $"This cancellation ended without one ({saga.EndedBecause}); ask for a new one.");
}
