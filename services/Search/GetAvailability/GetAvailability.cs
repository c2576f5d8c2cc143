using Aerona.Contracts;
using Aerona.Contracts.Operations;
using Aerona.Hosting;
using Aerona.Search.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Search.GetAvailability;

/// <summary>What is left of a cabin.</summary>
/// <param name="Cabin">The cabin.</param>
/// <param name="BookingClass">One letter.</param>
/// <param name="SeatsLeft">0 to 9; 9 means nine or more.</param>
internal sealed record CabinAvailability(Cabin Cabin, string BookingClass, int SeatsLeft);

/// <summary>Seats of a flight as last heard of; only an offer and a hold make sure of them.</summary>
/// <param name="FlightId">The flight.</param>
/// <param name="Departed">Whether it has left, by the timetable; then nothing is sold any more.</param>
/// <param name="Cabins">One entry a cabin.</param>
internal sealed record AvailabilityView(string FlightId, bool Departed, IReadOnlyList<CabinAvailability> Cabins);

internal static class GetAvailability
{
    public static void MapGetAvailability(this RouteGroupBuilder api) =>
        api.MapGet("/flights/{flightId}/availability", Get).WithName("GetAvailability").WithSummary("Seats left by cabin; 404 flight.not_found");

    private static async Task<Results<Ok<AvailabilityView>, ProblemHttpResult>> Get(
        string flightId, SearchDbContext db, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await db.Flights.AsNoTracking().SingleOrDefaultAsync(flight => flight.Id == flightId, cancellationToken) is not { } known)
        {
            return Problems.NotFound("flight.not_found", "There is no such flight; ids look like VN55-20261201.");
        }

        var left = await db.Seats.AsNoTracking().Where(seats => seats.FlightId == flightId).ToDictionaryAsync(seats => seats.Cabin, seats => seats.Left, cancellationToken);
        var flight = known.Published();
        var departed = flight.DepartsAt <= time.GetUtcNow();
        int Left(PublishedCabin cabin) => departed ? 0 : Math.Min(9, left.GetValueOrDefault(cabin.Cabin, cabin.Authorised));
        return TypedResults.Ok(new AvailabilityView(
            flightId, departed, [.. flight.Cabins.Select(cabin => new CabinAvailability(cabin.Cabin, cabin.BookingClass, Left(cabin)))]));
    }
}
