using System.Security.Claims;
using Aerona.Bookings.Cancellation;
using Aerona.Bookings.Data;
using Aerona.Bookings.Payment;
using Aerona.Bookings.Pricing;
using Aerona.Bookings.Status;
using Aerona.Bookings.Timeline;
using Aerona.Contracts.Cancellations;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Sagas.Booking;
using Aerona.Sagas.Cancellation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.Manage;

/// <summary>
/// The page behind the links in our mails, where a traveller without a shop at hand takes or leaves a new price, pays, sees what cancelling would bring back and confirms it. Looking changes nothing, as mail
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
        page.MapPost("/cancellations", AskAsync);
        page.MapPost("/cancellations/{cancellationId:guid}/confirmations/{quoteId:guid}", ConfirmAsync);
        page.MapPost("/cancellations/{cancellationId:guid}/withdrawals", WithdrawAsync);
    }

    private static async Task<ContentHttpResult> ShowAsync(
        string code, IBookingLinks links, BookingsDbContext db, BookingViews views, CancellationViews cancellations, HttpResponse response, CancellationToken cancellationToken, bool sent = false)
    {
        Protect(response);
        return await FindAsync(db, links, code, cancellationToken) is { } found
            ? ManagePage.Of(views.Of(found), await NewestAsync(db, cancellations, found, cancellationToken), found.Booking.Contact.Locale, code, sent)
            : ManagePage.Unknown();
    }

    public static void Protect(HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    }

    /// <summary>The cancellation that was asked for last; null: none was, or the booking asked itself.</summary>
    private static async Task<CancellationView?> NewestAsync(BookingsDbContext db, CancellationViews views, BookingOnFile found, CancellationToken cancellationToken)
    {
        var asked = await db.AskedCancellations.AsNoTracking().Where(row => row.BookingId == found.Booking.Id).OrderByDescending(row => row.RequestedAt).FirstOrDefaultAsync(cancellationToken);
        return asked is null || found.Saga is not { } booking
            ? null
            : views.Of(asked, await db.Cancellations.AsNoTracking().SingleOrDefaultAsync(row => row.CorrelationId == asked.Id, cancellationToken), booking);
    }

    // All that is left of it; a part is asked for where the booking was made. Asked twice at once, the newer wish takes the older one back.
    private static async Task<IResult> AskAsync(
        string code, ClaimsPrincipal user, IBookingLinks links, BookingsDbContext db, BookingStateMachine machine, CancellationStateMachine cancellations, CancellationViews views,
        TimeProvider clock, HttpResponse response, CancellationToken cancellationToken)
    {
        if (await FindAsync(db, links, code, cancellationToken) is not { } found)
        {
            return ManagePage.Unknown();
        }

        var asked = found.Saga is { } saga && machine.MayAskForCancellation(saga);
        if (asked)
        {
            await CancelBooking.AskForAQuoteAsync(found, new(), user, db, machine, cancellations, views, clock.GetUtcNow(), cancellationToken);
        }

        return await BackAsync(db, response, code, sent: asked, cancellationToken);
    }

    // The button names the quote that was shown: when another one is the newest by now, the page that follows shows that.
    private static async Task<IResult> ConfirmAsync(
        string code, Guid cancellationId, Guid quoteId, ClaimsPrincipal user, IBookingLinks links, BookingsDbContext db, CancellationStateMachine machine, TimeProvider clock,
        HttpResponse response, CancellationToken cancellationToken)
    {
        if (await FindAsync(db, links, code, cancellationToken) is not { Saga: { } booking } found)
        {
            return ManagePage.Unknown();
        }

        var saga = await OfAsync(db, found, cancellationId, cancellationToken);
        var confirmed = saga is { Quotes: [.., { Answer: { } quote }], ConfirmedAt: null } && quote.QuoteId == quoteId && machine.MayConfirm(saga) && booking.ServicedBy is null;
        if (confirmed)
        {
            var now = clock.GetUtcNow();
            db.Publish(new CancellationConfirmed(booking.CorrelationId, cancellationId, quoteId, user.Owner(), now));
            db.Note(booking.CorrelationId, "cancellation.confirmed", now, user, cancellationId.ToString());
        }

        return await BackAsync(db, response, code, sent: confirmed, cancellationToken);
    }

    private static async Task<IResult> WithdrawAsync(
        string code, Guid cancellationId, ClaimsPrincipal user, IBookingLinks links, BookingsDbContext db, CancellationStateMachine machine, TimeProvider clock, HttpResponse response,
        CancellationToken cancellationToken)
    {
        if (await FindAsync(db, links, code, cancellationToken) is not { } found)
        {
            return ManagePage.Unknown();
        }

        var withdrawn = await OfAsync(db, found, cancellationId, cancellationToken) is { } saga && machine.MayWithdraw(saga);
        if (withdrawn)
        {
            var now = clock.GetUtcNow();
            db.Publish(new CancellationWithdrawn(found.Booking.Id, cancellationId, now));
            db.Note(found.Booking.Id, "cancellation.withdrawn", now, user, cancellationId.ToString());
        }

        return await BackAsync(db, response, code, sent: withdrawn, cancellationToken);
    }

    private static Task<CancellationState?> OfAsync(BookingsDbContext db, BookingOnFile found, Guid cancellationId, CancellationToken cancellationToken) =>
        db.Cancellations.AsNoTracking().SingleOrDefaultAsync(row => row.CorrelationId == cancellationId && row.BookingId == found.Booking.Id, cancellationToken);

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
