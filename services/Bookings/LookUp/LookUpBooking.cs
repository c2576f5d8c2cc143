using System.Security.Cryptography;
using System.Text;
using Aerona.Bookings.Data;
using Aerona.Bookings.Status;
using Aerona.Contracts;
using Aerona.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.LookUp;

/// <summary>Finds a booking by what stands on its papers.</summary>
/// <param name="Locator">Our record locator, in any case.</param>
/// <param name="Surname">Of any passenger, as typed or as on the ticket.</param>
/// <param name="Proof">Only after <c>booking.lookup_challenge</c>: the first number of its text, a dot, and the nonce that was found.</param>
internal sealed record LookUpBookingRequest(string Locator, string Surname, string? Proof = null);

/// <summary>What somebody with locator and surname may see; both stand on every boarding pass, so it is little.</summary>
/// <param name="Locator">Our record locator.</param>
/// <param name="State">Where the booking stands.</param>
/// <param name="Passengers">First letters only.</param>
/// <param name="Segments">Flights in the order flown.</param>
internal sealed record MaskedBookingView(string Locator, BookingStage State, IReadOnlyList<string> Passengers, IReadOnlyList<MaskedSegmentView> Segments);

/// <summary>A flight.</summary>
internal sealed record MaskedSegmentView(FlightDesignator Flight, string Origin, string Destination, DateTime DepartsLocal, DateTime ArrivesLocal);

/// <summary>The hash by which names are compared, in a time that does not depend on them.</summary>
internal delegate byte[] NameDigest(string name);

internal static class LookUpBooking
{
    private const int MostNames = 18;   // nine seats and their lap infants

    public static void AddLookUps(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<LookUpOptions>().BindConfiguration("LookUp").ValidateDataAnnotations().ValidateOnStart();
        builder.AddRateCounters();
        builder.Services.AddSingleton<LookUpGuard>();
        builder.Services.AddSingleton<NameDigest>(Hash);
    }

    public static void MapLookUpBooking(this IEndpointRouteBuilder app) =>
        app.MapPost("/v1/booking-lookups", HandleAsync).WithName("LookUpBooking").WithTags("Bookings").WithSummary("Finds a booking by locator and surname; a masked view");

    private static async Task<Results<Ok<MaskedBookingView>, ProblemHttpResult>> HandleAsync(
        LookUpBookingRequest request, BookingsDbContext db, LookUpGuard guard, NameDigest digest, HttpContext context, CancellationToken cancellationToken)
    {
        var attempt = Attempt.Of(Networks.Of(context.Connection.RemoteIpAddress, ipv4Bits: 24), request.Locator, request.Surname);
        if (await guard.EnterAsync(attempt, request.Proof, context.Response, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        // The same answer and the same work whether the locator is none, nobody's, or somebody else's.
        var booking = await db.Bookings.AsNoTracking().SingleOrDefaultAsync(row => row.Locator == attempt.Locator, cancellationToken);
        var saga = await db.Sagas.AsNoTracking().SingleOrDefaultAsync(row => row.Locator == attempt.Locator, cancellationToken);
        if (!IsOf(booking, attempt.Surname, digest))
        {
            return Problems.NotFound("booking.not_found", "No booking has this locator and surname.");
        }

        await guard.FoundAsync(attempt, cancellationToken);
        return TypedResults.Ok(new MaskedBookingView(
            booking!.Locator, BookingViews.StageOf(saga),
            [.. booking.Passengers.Select(passenger => $"{Mask(passenger.TicketSurname)}/{Mask(passenger.TicketGivenName)}")],
            [.. booking.Offer.Segments.Select(x => new MaskedSegmentView(x.Flight, x.Origin, x.Destination, x.DepartsLocal, x.ArrivesLocal))]));
    }

    /// <summary>Whether somebody of that name travels on it; as many hashes for nobody's booking as for any.</summary>
    public static bool IsOf(Booking? booking, string surname, NameDigest digest)
    {
        var asked = digest(surname);
        var found = false;
        for (var i = 0; i < MostNames; i++)
        {
            var passenger = booking?.Passengers.ElementAtOrDefault(i);
            found |= CryptographicOperations.FixedTimeEquals(asked, digest(passenger?.TicketSurname ?? "")) & passenger is not null;
        }

        return found;
    }

    private static byte[] Hash(string name) => SHA256.HashData(Encoding.UTF8.GetBytes(name));

    private static string Mask(string name) => name[..1] + "***";
}
