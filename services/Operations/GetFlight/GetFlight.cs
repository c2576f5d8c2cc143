using Aerona.Contracts.Operations;
using Aerona.Hosting;
using Aerona.Operations.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Operations.GetFlight;

/// <summary>A dated flight as Operations has it.</summary>
/// <param name="Source"><c>seed</c> for the seed world's timetable, <c>import</c> for one that came in a file, <c>schedule</c> for one of a schedule.</param>
/// <param name="Flight">As others hear of it; without cabins when it is not sold.</param>
/// <param name="Model">Of the airplane; null where only the type is known.</param>
/// <param name="Configuration">Of its cabins; null where only the type is known.</param>
/// <param name="Airplane">Registration of the one that flies it; null while that is open.</param>
/// <param name="IsOnSale">Published and not withdrawn.</param>
/// <param name="IsCancelled">It is not flown.</param>
internal sealed record OperatedFlight(
    string Source, PublishedFlight Flight, string? Model = null, string? Configuration = null, string? Airplane = null, bool IsOnSale = true, bool IsCancelled = false);

internal static class GetFlight
{
    public static void MapGetFlight(this RouteGroupBuilder operations) =>
        operations.MapGet("/flights/{flightId}", Get).WithName("GetOperatedFlight").WithSummary("A dated flight as last published; 404 flight.not_found");

    private static async Task<Results<Ok<OperatedFlight>, ProblemHttpResult>> Get(string flightId, OperationsDbContext db, CancellationToken cancellationToken) =>
        await db.Flights.AsNoTracking().SingleOrDefaultAsync(flight => flight.Id == flightId, cancellationToken) is { } flight
            ? TypedResults.Ok(new OperatedFlight(
                flight.ScheduleId is not null ? "schedule" : flight.ImportId is null ? "seed" : "import", flight.Published(), flight.Model, flight.Configuration,
                await db.Uses.Where(use => use.FlightId == flightId).Select(use => use.Registration).SingleOrDefaultAsync(cancellationToken),
                flight.IsOnSale, flight.IsCancelled))
            : Problems.NotFound("flight.not_found", $"There is no flight {flightId}; ids look like VN55-20261201.");
}
