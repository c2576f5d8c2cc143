using Aerona.Bookings.Data;
using Aerona.Contracts.Bookings;
using Aerona.Hosting;
using Aerona.Messaging;
using MassTransit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Aerona.Bookings.LookUp;

/// <summary>Asks for a link to a booking.</summary>
/// <param name="Locator">Our record locator, in any case.</param>
/// <param name="Surname">Of any passenger, as typed or as on the ticket.</param>
internal sealed record RequestBookingLinkRequest(string Locator, string Surname);

/// <summary>The answer, whoever asks for whatever.</summary>
/// <param name="ValidForSeconds">How long a link can be used, if one is mailed.</param>
internal sealed record BookingLinkRequested(int ValidForSeconds);

/// <summary>
/// For changes locator and surname are not enough: a link goes to the address that the booking gives. The request does the same for everybody, it notes the question;
/// whether there is such a booking is found out afterwards, where nobody waits.
/// </summary>
internal static class RequestBookingLink
{
    public static void MapRequestBookingLink(this IEndpointRouteBuilder app) =>
        app.MapPost("/v1/booking-lookups/links", HandleAsync).WithName("RequestBookingLink").WithTags("Bookings")
            .WithSummary("Mails a link, good once, to the address that a booking gives; says the same whether there is one");

    // Without Idempotency-Key: asked twice it is one mail more, of few in an hour.
    private static async Task<Results<Accepted<BookingLinkRequested>, ProblemHttpResult>> HandleAsync(
        RequestBookingLinkRequest request, BookingsDbContext db, IRateCounters counters, IOptions<LookUpOptions> options, TimeProvider clock, HttpContext context,
        CancellationToken cancellationToken)
    {
        var attempt = Attempt.Of(Networks.Of(context.Connection.RemoteIpAddress, ipv4Bits: 24), request.Locator, request.Surname);
        var taken = await counters.TakeAsync($"look-up:links:{attempt.Network}", new(options.Value.PerAddress, options.Value.AddressWindow), cancellationToken);
        if (!taken.IsAllowed)
        {
            context.Response.Headers.RetryAfter = Math.Ceiling(taken.RetryAfter.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
            return Problems.Refused(StatusCodes.Status429TooManyRequests, "booking.lookup_limited", "Too many links were asked for from here; wait a while.", true);
        }

        db.Publish(new MailBookingLink(attempt.Locator, attempt.Surname, clock.GetUtcNow()));
        await db.SaveChangesAsync(cancellationToken);
        return TypedResults.Accepted((string?)null, new BookingLinkRequested((int)options.Value.LinkLifetime.TotalSeconds));
    }
}

/// <summary>Makes the link and has it mailed, if there is such a booking and it was not asked for too often.</summary>
internal sealed class MailBookingLinkConsumer(BookingsDbContext db, NameDigest digest, IOptions<LookUpOptions> options, TimeProvider clock) : IConsumer<MailBookingLink>
{
    public async Task Consume(ConsumeContext<MailBookingLink> context)
    {
        var (asked, now) = (context.Message, clock.GetUtcNow());
        var booking = await db.Bookings.AsNoTracking().SingleOrDefaultAsync(row => row.Locator == asked.Locator, context.CancellationToken);
        if (booking is null || !LookUpBooking.IsOf(booking, asked.Surname, digest))
        {
            return;
        }

        // Old ones go here: there are few, and nobody needs a row that can open nothing.
        var anHourAgo = now - TimeSpan.FromHours(1);
        var made = await db.Accesses.Where(row => row.BookingId == booking.Id).ToListAsync(context.CancellationToken);
        db.Accesses.RemoveRange(made.Where(row => row.CreatedAt <= anHourAgo));
        if (made.Count(row => row.CreatedAt > anHourAgo) < options.Value.LinksPerHour)
        {
            var (access, code) = BookingAccess.New(booking.Id, now, options.Value.LinkLifetime);
            db.Accesses.Add(access);
            db.Publish(new SendBookingLink(access.Id, booking.Id, booking.Locator, booking.Contact.Email, booking.Contact.Locale, $"/manage/open/{code}", access.ExpiresAt, now));
        }

        await db.SaveChangesAsync(context.CancellationToken);
    }
}
