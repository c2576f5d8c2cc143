using Aerona.Contracts.Operations;
using Aerona.Hosting;
using Aerona.Operations.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Operations.GetFlight;

/// <summary>A dated flight as Operations has it.</summary>
/// <param name="Source"><c>seed</c> for the seed world's timetable, <c>import</c> for one that came in a file.</param>
/// <param name="Flight">As last published.</param>
internal sealed record OperatedFlight(string Source, PublishedFlight Flight);

internal static class GetFlight
{
    public static void MapGetFlight(this RouteGroupBuilder operations) =>
        operations.MapGet("/flights/{flightId}", Get).WithName("GetOperatedFlight").WithSummary("A dated flight as last published; 404 flight.not_found");

    private static async Task<Results<Ok<OperatedFlight>, ProblemHttpResult>> Get(string flightId, OperationsDbContext db, CancellationToken cancellationToken) =>
        await db.Flights.AsNoTracking().SingleOrDefaultAsync(flight => flight.Id == flightId, cancellationToken) is { } flight
            ? TypedResults.Ok(new OperatedFlight(flight.ImportId is null ? "seed" : "import", flight.Published()))
            : Problems.NotFound("flight.not_found", $"There is no flight {flightId}; ids look like VN55-20261201.");
}
