using System.Security.Claims;
using System.Text.Json.Serialization;
using Aerona.Bookings.Data;
using Aerona.Bookings.Status;
using Aerona.Bookings.Timeline;
using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Sagas.Booking;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aerona.Bookings.Pricing;

/// <summary>Takes or leaves the new price that a booking waits for.</summary>
/// <param name="OfferId">The new offer, as the booking's <c>priceChange</c> shows it.</param>
/// <param name="Decision">What the traveller wants.</param>
internal sealed record DecideOnPriceRequest(Guid OfferId, PriceDecision? Decision);

/// <summary>What becomes of a new price.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<PriceDecision>))]
internal enum PriceDecision
{
    /// <summary>The booking goes on with it.</summary>
    Accept,

    /// <summary>The booking ends; nothing is charged.</summary>
    Decline,
}

internal static class DecideOnPrice
{
    public static void MapDecideOnPrice(this RouteGroupBuilder bookings) =>
        bookings.MapPost("/{bookingId:guid}/price-decisions", HandleAsync).WithName("DecideOnPrice")
            .WithSummary("Takes or leaves a new price; the booking shows old and new and until when").Idempotent<BookingsDbContext>();

    /// <summary>Says it to the saga; the refusal when the booking does not wait for that.</summary>
    public static ProblemHttpResult? TryDecide(
        BookingsDbContext db, BookingStateMachine machine, BookingOnFile found, Guid offerId, PriceDecision decision, ClaimsPrincipal user, DateTimeOffset now)
    {
        var id = found.Booking.Id;
        if (found.Saga is not { NewPrice: { } asked } saga || !machine.MayDecidePrice(saga))
        {
            return Problems.Refused(409, "booking.price_not_asked", "This booking does not wait for a decision about its price.");
        }

        if (asked.Offer.OfferId != offerId)
        {
            const string another = "The booking waits for a decision about another price; look at its priceChange.";
            return Problems.Refused(409, "booking.price_changed_again", another, false, new FieldProblem("/offerId", "booking.price_changed_again", another));
        }

        if (decision == PriceDecision.Accept)
        {
            db.Publish(new PriceAccepted(id, offerId, now));
        }
        else
        {
            db.Publish(new PriceDeclined(id, offerId, now));
        }

        db.Note(id, decision == PriceDecision.Accept ? "price.accepted" : "price.declined", now, user, offerId.ToString());
        return null;
    }

    private static async Task<Results<AcceptedAtRoute<BookingView>, ProblemHttpResult>> HandleAsync(
        Guid bookingId, DecideOnPriceRequest request, ClaimsPrincipal user, BookingsDbContext db, BookingStateMachine machine, BookingViews views, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        if (request.Decision is not { } decision)
        {
            return Problems.Invalid(new FieldProblem("/decision", "request.missing", "accept or decline."));
        }

        if (await GetBooking.FindAsync(db, bookingId, user, cancellationToken) is not { } found)
        {
            return GetBooking.NotFound();
        }

        if (GetBooking.MaySteer(found, user, Permission.HandleCases) is { } forbidden)
        {
            return forbidden;
        }

        return TryDecide(db, machine, found, request.OfferId, decision, user, clock.GetUtcNow()) is { } refusal
            ? refusal
            : TypedResults.AcceptedAtRoute(views.Of(found), "GetBooking", new { bookingId });
    }
}
