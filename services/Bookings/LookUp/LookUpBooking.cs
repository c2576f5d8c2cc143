using System.Security.Cryptography;
using System.Text;
using Aerona.Bookings.Data;
using Aerona.Bookings.Names;
using Aerona.Bookings.Status;
using Aerona.Contracts;
using Aerona.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.LookUp;

/// <summary>Finds a booking by what stands on its papers.</summary>
/// <param name="Locator">Our record locator, in any case.</param>
/// <param name="Surname">Of any passenger, as typed or as on the ticket.</param>
internal sealed record LookUpBookingRequest(string Locator, string Surname);

/// <summary>What somebody with locator and surname may see; both stand on every boarding pass, so it is little.</summary>
/// <param name="Locator">Our record locator.</param>
/// <param name="State">Where the booking stands.</param>
/// <param name="Passengers">First letters only.</param>
/// <param name="Segments">Flights in the order flown.</param>
internal sealed record MaskedBookingView(string Locator, BookingStage State, IReadOnlyList<string> Passengers, IReadOnlyList<MaskedSegmentView> Segments);

/// <summary>A flight.</summary>
internal sealed record MaskedSegmentView(FlightDesignator Flight, string Origin, string Destination, DateTime DepartsLocal, DateTime ArrivesLocal);

internal static class LookUpBooking
{
    public static void MapLookUpBooking(this IEndpointRouteBuilder app) =>
        app.MapPost("/v1/booking-lookups", HandleAsync).WithName("LookUpBooking").WithTags("Bookings").WithSummary("Finds a booking by locator and surname; a masked view");

    private static async Task<Results<Ok<MaskedBookingView>, ProblemHttpResult>> HandleAsync(
        LookUpBookingRequest request, BookingsDbContext db, CancellationToken cancellationToken)
    {
        // The same answer and the same work whether the locator is none, nobody's, or somebody else's.
        var locator = RecordLocator.Parse(request.Locator) ?? "";
        var booking = await db.Bookings.AsNoTracking().SingleOrDefaultAsync(row => row.Locator == locator, cancellationToken);
        var saga = await db.Sagas.AsNoTracking().SingleOrDefaultAsync(row => row.Locator == locator, cancellationToken);
        var asked = Hash(request.Surname.Length <= 100 ? TicketName.Of(request.Surname).Name ?? "" : "");
        var found = false;
        for (var i = 0; i < 18; i++)   // nine seats and their lap infants
        {
            found |= CryptographicOperations.FixedTimeEquals(asked, Hash(booking?.Passengers.ElementAtOrDefault(i)?.TicketSurname ?? "\0"));
        }

        return found
            ? TypedResults.Ok(new MaskedBookingView(
                booking!.Locator, BookingViews.StageOf(saga),
                [.. booking.Passengers.Select(passenger => $"{Mask(passenger.TicketSurname)}/{Mask(passenger.TicketGivenName)}")],
                [.. booking.Offer.Segments.Select(x => new MaskedSegmentView(x.Flight, x.Origin, x.Destination, x.DepartsLocal, x.ArrivesLocal))]))
            : Problems.NotFound("booking.not_found", "No booking has this locator and surname.");
    }

    private static string Mask(string name) => name[..1] + "***";

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
