using System.Security.Claims;
using System.Text.Json.Serialization;
using Aerona.Bookings.Data;
using Aerona.Bookings.Offers;
using Aerona.Bookings.Status;
using Aerona.Bookings.Support;
using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Messaging;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Aerona.Bookings.Submission;

/// <summary>Asks for an offer to be booked.</summary>
/// <param name="OfferId">The offer; one made while signed in only for the same person.</param>
/// <param name="Passengers">One for each of the offer's, in any order.</param>
/// <param name="Contact">Who is told.</param>
/// <param name="ReturnUrl">Where the payer's browser goes in the end: an address under a site that is allowed. Null: our own page.</param>
/// <param name="ClientReference">The client's own reference, 1 to 64 printable ASCII characters; comes back in the booking.</param>
/// <param name="Payment"><c>later</c> only where the offer's <c>payLaterUntil</c> is not null and has not passed.</param>
internal sealed record SubmitBookingRequest(
    Guid OfferId, IReadOnlyList<PassengerRequest> Passengers, ContactRequest Contact, string? ReturnUrl = null, string? ClientReference = null,
    PaymentTime Payment = PaymentTime.Now);

/// <summary>When the traveller pays.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<PaymentTime>))]
internal enum PaymentTime
{
    /// <summary>Within minutes.</summary>
    Now,

    /// <summary>Before the airline's limit; the seats are held until then.</summary>
    Later,
}

/// <summary>Who travels.</summary>
/// <param name="Id">The offer's passenger: <c>p1</c>.</param>
/// <param name="GivenName">As in the travel document, in its own script.</param>
/// <param name="Surname">The same.</param>
/// <param name="BirthDate">Calendar date.</param>
/// <param name="AccompaniedBy">For a lap infant the adult's <paramref name="Id"/>.</param>
/// <param name="Gender">As in the travel document; required where the offer's <c>needs</c> name <c>passenger.gender</c>.</param>
internal sealed record PassengerRequest(string Id, string GivenName, string Surname, DateOnly BirthDate, string? AccompaniedBy = null, Gender? Gender = null);

/// <summary>Who is told.</summary>
/// <param name="Email">One address.</param>
/// <param name="Phone">E.164: a plus and 7 to 15 digits.</param>
/// <param name="Locale">BCP 47; English when left out.</param>
internal sealed record ContactRequest(string Email, string? Phone = null, string? Locale = null);

/// <summary>Makes a fresh record locator; it may be taken.</summary>
internal delegate string NewLocator();

internal static class SubmitBooking
{
    private const int LocatorTries = 10;

    public static void MapSubmitBooking(this RouteGroupBuilder bookings) =>
        bookings.MapPost("/", HandleAsync).WithName("SubmitBooking").WithSummary("Starts a booking; Location tells how it goes").Idempotent<BookingsDbContext>();

    private static async Task<Results<AcceptedAtRoute<BookingView>, ProblemHttpResult>> HandleAsync(
        SubmitBookingRequest request, HttpRequest http, ClaimsPrincipal user, IOffers offers, BookingsDbContext db, NewLocator newLocator, ITokens tokens,
        BookingViews views, IOptions<ReturnUrlOptions> returnUrls, TimeProvider clock, CancellationToken cancellationToken)
    {
        var answer = await offers.FindAsync(request.OfferId, http.Headers.Authorization.FirstOrDefault(), cancellationToken);
        if (answer is not OfferAnswer.Found { Offer: var offer, Expired: var expired })
        {
            return answer is OfferAnswer.Unknown
                ? Problems.Refused(404, "offer.not_found", "There is no such offer.", false, new FieldProblem("/offerId", "offer.not_found", "There is no such offer."))
                : Problems.Refused(503, "offer.unavailable", "The airline desk does not answer; try again with the same key.", true);
        }

        var now = clock.GetUtcNow();
        if (expired || offer.ExpiresAt <= now)
        {
            const string detail = "The offer has expired; make a new one.";
            return Problems.Refused(409, "offer.expired", detail, false, new FieldProblem("/offerId", "offer.expired", detail));
        }

        if (!Reference.PaymentCurrencies.Takes(offer.Total.Currency))
        {
            // Before any seat is held: PayPal would refuse it when the seats are.
            var detail = $"We cannot take {offer.Total.Currency}: {string.Join(", ", Reference.PaymentCurrencies.All)} can be paid. Ask for an offer in one of them.";
            return Problems.Refused(422, "offer.currency_not_taken", detail, false, new FieldProblem("/offerId", "offer.currency_not_taken", detail));
        }

        var (passengers, problems) = PassengerRules.Check(request.Passengers, offer, DateOnly.FromDateTime(now.UtcDateTime));
        problems.AddRange(ContactRules.Check(request, offer, returnUrls.Value));
        if (request.Payment == PaymentTime.Later && !(offer.PayLaterUntil > now))
        {
            problems.Add(new("/payment", "payment.later_not_possible", "These flights have to be paid at once: their airline gives no time, or they leave too soon."));
        }

        if (problems.Count > 0)
        {
            return Problems.Invalid([.. problems]);
        }

        var booking = new Booking
        {
            Id = Guid.CreateVersion7(now),
            Locator = await FreeLocatorAsync(db, newLocator, cancellationToken),
            Owner = user.Owner(),
            Offer = offer,
            Passengers = passengers,
            Contact = new(request.Contact.Email.Trim(), request.Contact.Phone, request.Contact.Locale ?? "en"),
            ReturnUrl = request.ReturnUrl,
            ClientReference = request.ClientReference,
            PayLater = request.Payment == PaymentTime.Later,
            SubmittedAt = now,
        };
        db.Bookings.Add(booking);
        db.SearchKeys.AddRange(SearchKey.Of(booking));
        db.Publish(booking.Submitted());
        var view = views.Of(new(booking, Saga: null, [])) with { GuestToken = booking.Owner is null ? tokens.ForGuest(booking.Id) : null };
        return TypedResults.AcceptedAtRoute(view, "GetBooking", new { bookingId = booking.Id });
    }

    // The unique index has the last word; that two find the same one free at once is as likely as to lose the whole database that moment.
    private static async Task<string> FreeLocatorAsync(BookingsDbContext db, NewLocator newLocator, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= LocatorTries; attempt++)
        {
            var locator = newLocator();
            if (!await db.Bookings.AnyAsync(booking => booking.Locator == locator, cancellationToken))
            {
                return locator;
            }
        }

        throw new InvalidOperationException($"No free record locator in {LocatorTries} tries");
    }
}
