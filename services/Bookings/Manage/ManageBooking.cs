using System.Security.Claims;
using Aerona.Bookings.Data;
using Aerona.Bookings.Payment;
using Aerona.Bookings.Pricing;
using Aerona.Bookings.Status;
using Aerona.Hosting;
using Aerona.Sagas.Booking;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.Manage;

/// <summary>
/// The page behind the links in our mails, where a traveller without a shop at hand takes or leaves a new price and pays. Looking changes nothing, as mail
/// programs look at links by themselves; its buttons need no Idempotency-Key, because pressing one twice says the same and the saga takes the first.
/// </summary>
internal static class ManageBooking
{
    public static void MapManageBooking(this IEndpointRouteBuilder app)
    {
        var page = app.MapGroup("/manage/{code}").ExcludeFromDescription();
        page.MapGet("/", ShowAsync);
        page.MapPost("/price-decisions/{offerId:guid}/{decision}", DecideAsync);
        page.MapPost("/payments", PayAsync);
    }

    private static async Task<ContentHttpResult> ShowAsync(
        string code, IBookingLinks links, BookingsDbContext db, BookingViews views, HttpResponse response, CancellationToken cancellationToken, bool sent = false)
    {
        Protect(response);
        return await FindAsync(db, links, code, cancellationToken) is { } found
            ? ManagePage.Of(views.Of(found), found.Booking.Contact.Locale, code, sent)
            : ManagePage.Unknown();
    }

    public static void Protect(HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    }

    // What does not fit any more is not explained here: the page that follows shows what is true now.
    private static async Task<IResult> DecideAsync(
        string code, Guid offerId, string decision, ClaimsPrincipal user, IBookingLinks links, BookingsDbContext db, BookingStateMachine machine, TimeProvider clock,
        HttpResponse response, CancellationToken cancellationToken)
    {
        if (decision is not ("accept" or "decline") || await FindAsync(db, links, code, cancellationToken) is not { } found)
        {
            return ManagePage.Unknown();
        }

        var refusal = DecideOnPrice.TryDecide(db, machine, found, offerId, decision == "accept" ? PriceDecision.Accept : PriceDecision.Decline, user, clock.GetUtcNow());
        return await BackAsync(db, response, code, sent: refusal is null, cancellationToken);
    }

    private static async Task<IResult> PayAsync(
        string code, ClaimsPrincipal user, IBookingLinks links, BookingsDbContext db, BookingStateMachine machine, TimeProvider clock, HttpResponse response,
        CancellationToken cancellationToken)
    {
        if (await FindAsync(db, links, code, cancellationToken) is not { } found)
        {
            return ManagePage.Unknown();
        }

        var refusal = RetryPayment.TryRetry(db, machine, found, user, clock.GetUtcNow());
        return await BackAsync(db, response, code, sent: refusal is null, cancellationToken);
    }

    private static async Task<BookingOnFile?> FindAsync(BookingsDbContext db, IBookingLinks links, string code, CancellationToken cancellationToken) =>
        links.BookingOf(code) is { } id && await db.Bookings.AsNoTracking().SingleOrDefaultAsync(booking => booking.Id == id, cancellationToken) is { } booking
            ? await GetBooking.ReadAsync(db, booking, cancellationToken)
            : null;

    /// <summary>303: the browser looks at the page again, and reloading that presses nothing.</summary>
    private static async Task<IResult> BackAsync(BookingsDbContext db, HttpResponse response, string code, bool sent, CancellationToken cancellationToken)
    {
        await db.SaveChangesAsync(cancellationToken);
        response.Headers.Location = $"/manage/{code}{(sent ? "?sent=true" : "")}";
        return TypedResults.StatusCode(StatusCodes.Status303SeeOther);
    }
}
