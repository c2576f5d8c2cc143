using Aerona.Bookings.Data;
using Aerona.Bookings.Manage;
using Aerona.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.LookUp;

/// <summary>Uses a mailed link.</summary>
/// <param name="Code">The last part of its address.</param>
internal sealed record OpenBookingRequest(string Code);

/// <summary>What the link gives: the rights of the guest who made the booking.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="Locator">Our record locator.</param>
/// <param name="GuestToken">For seven days, for that booking alone.</param>
internal sealed record OpenedBooking(Guid BookingId, string Locator, string GuestToken);

internal static class OpenBooking
{
    private static readonly TimeSpan PageStays = TimeSpan.FromMinutes(30);

    public static void MapOpenBooking(this IEndpointRouteBuilder app)
    {
        app.MapPost("/v1/booking-access", OpenAsync).WithName("OpenBooking").WithTags("Bookings").WithSummary("Exchanges the code of a mailed link, once, for a guest's token")
            .Idempotent<BookingsDbContext>();
        var page = app.MapGroup("/manage/open/{code}").ExcludeFromDescription();
        page.MapGet("/", Ask);
        page.MapPost("/", OpenPageAsync);
    }

    private static async Task<Results<Ok<OpenedBooking>, ProblemHttpResult>> OpenAsync(
        OpenBookingRequest request, BookingsDbContext db, ITokens tokens, TimeProvider clock, CancellationToken cancellationToken) =>
        await UseAsync(db, request.Code, clock, cancellationToken) is { } booking
            ? TypedResults.Ok(new OpenedBooking(booking.Id, booking.Locator, tokens.ForGuest(booking.Id)))
            : Problems.NotFound("booking.link_invalid", "The link was used already, is too old, or was never one of ours.");

    /// <summary>Mail programs look at links by themselves: only the button uses this one. The page is the same for every code.</summary>
    private static ContentHttpResult Ask(string code, HttpContext context)
    {
        ManageBooking.Protect(context.Response);
        return ManagePage.AskToOpen(code, PageWords.In(context.Request.GetTypedHeaders().AcceptLanguage.FirstOrDefault()?.Value.Value ?? "en"));
    }

    private static async Task<IResult> OpenPageAsync(string code, HttpContext context, BookingsDbContext db, IBookingLinks links, TimeProvider clock, CancellationToken cancellationToken)
    {
        ManageBooking.Protect(context.Response);
        if (await UseAsync(db, code, clock, cancellationToken) is not { } booking)
        {
            return ManagePage.Unknown();
        }

        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            return ManagePage.Unknown();   // somebody else was faster with the same link
        }

        context.Response.Headers.Location = $"/manage/{links.Code(booking.Id, clock.GetUtcNow() + PageStays)}";
        return TypedResults.StatusCode(StatusCodes.Status303SeeOther);
    }

    /// <summary>The booking, its link marked as used but not saved; null when the link opens nothing.</summary>
    private static async Task<Booking?> UseAsync(BookingsDbContext db, string code, TimeProvider clock, CancellationToken cancellationToken)
    {
        var hash = BookingAccess.HashOf(code);
        if (await db.Accesses.SingleOrDefaultAsync(row => row.CodeHash == hash, cancellationToken) is not { } access || !access.CanBeUsed(clock.GetUtcNow()))
        {
            return null;
        }

        access.Use(clock.GetUtcNow());
        return await db.Bookings.AsNoTracking().SingleAsync(row => row.Id == access.BookingId, cancellationToken);
    }
}
