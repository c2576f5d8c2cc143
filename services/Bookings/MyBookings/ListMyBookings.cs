using System.Security.Claims;
using Aerona.Bookings.Data;
using Aerona.Bookings.Status;
using Aerona.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.MyBookings;

/// <summary>A trip of one's own.</summary>
/// <param name="Id">The booking.</param>
/// <param name="Locator">Our record locator.</param>
/// <param name="State">Where it stands.</param>
/// <param name="SubmittedAt">UTC.</param>
/// <param name="Origin">IATA code of the first airport.</param>
/// <param name="Destination">IATA code of the last airport.</param>
/// <param name="DepartsLocal">Of the first flight, local time there.</param>
internal sealed record MyBooking(Guid Id, string Locator, BookingStage State, DateTimeOffset SubmittedAt, string Origin, string Destination, DateTime DepartsLocal);

/// <param name="Bookings">The newest first.</param>
internal sealed record MyBookings(IReadOnlyList<MyBooking> Bookings);

internal static class ListMyBookings
{
    private const int MostListed = 200;

    public static void MapListMyBookings(this IEndpointRouteBuilder app) =>
        app.MapGet("/v1/me/bookings", HandleAsync).WithName("ListMyBookings").WithTags("Bookings").WithSummary("The bookings of whoever is signed in, the newest first")
            .RequireAuthorization();

    private static async Task<Ok<MyBookings>> HandleAsync(ClaimsPrincipal user, BookingsDbContext db, CancellationToken cancellationToken)
    {
        // A guest owns nothing: null is nobody's.
        if (user.Owner() is not { } owner)
        {
            return TypedResults.Ok(new MyBookings([]));
        }

        var mine = await db.Bookings.AsNoTracking().Where(row => row.Owner == owner).OrderByDescending(row => row.SubmittedAt).ThenBy(row => row.Locator).Take(MostListed).ToListAsync(cancellationToken);
        var ids = mine.ConvertAll(booking => booking.Id);
        var states = await db.Sagas.Where(row => ids.Contains(row.CorrelationId)).ToDictionaryAsync(row => row.CorrelationId, row => row.CurrentState, cancellationToken);
        return TypedResults.Ok(new MyBookings([.. mine.Select(booking => new MyBooking(
            booking.Id, booking.Locator, states.TryGetValue(booking.Id, out var state) ? Enum.Parse<BookingStage>(state) : BookingStage.Submitted, booking.SubmittedAt,
            booking.Offer.Segments[0].Origin, booking.Offer.Segments[^1].Destination, booking.Offer.Segments[0].DepartsLocal))]));
    }
}
