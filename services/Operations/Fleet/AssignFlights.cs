using Aerona.Hosting;
using Aerona.Operations.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Operations.Fleet;

/// <summary>Flights for an airplane; all of them or none.</summary>
/// <param name="Flights">Ids, 1 to 200.</param>
internal sealed record AssignRequest(IReadOnlyList<string> Flights);

/// <summary>An airplane with the flights that were given to it.</summary>
internal sealed record AssignedView(string Registration, IReadOnlyList<UseView> Flights);

/// <summary><c>POST /v1/operations/airplanes/{registration}/assignments</c> and <c>DELETE /v1/operations/flights/{flightId}/airplane</c>.</summary>
internal static class AssignFlights
{
    private const int Most = 200;

    public static void MapAssignFlights(this RouteGroupBuilder operations)
    {
        operations.MapPost("/airplanes/{registration}/assignments", Assign).WithName("AssignFlights")
            .WithSummary("Gives flights to an airplane, all or none; 409 airplane.* names what it is planned for already")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).Idempotent<OperationsDbContext>().Requires(Permission.RunFleet);
        operations.MapDelete("/flights/{flightId}/airplane", Free).WithName("FreeAirplane").WithSummary("Takes the airplane off a flight")
            .ProducesProblem(404).Idempotent<OperationsDbContext>().Requires(Permission.RunFleet);
    }

    /// <summary>Adds uses to the plan of an airplane that the context tracks, unless something stands against it.</summary>
    public static async Task<List<PlanConflict>> PlanAsync(
        this OperationsDbContext db, Airplane airplane, TimeSpan turnRound, IReadOnlyCollection<AirplaneUse> wanted, IReadOnlyCollection<AirplaneUse> gone,
        CancellationToken cancellationToken)
    {
        if (wanted.Count == 0)
        {
            return [];
        }

        var known = await db.UsesAroundAsync(airplane, wanted.Min(use => use.StartsAt), wanted.Max(use => use.EndsAt), cancellationToken);
        var conflicts = AirplanePlan.Conflicts([.. known.Where(use => gone.All(other => other.Id != use.Id))], wanted, turnRound).ToList();
        if (conflicts.Count == 0)
        {
            db.Uses.AddRange(wanted);
            airplane.PlanVersion++;
        }

        return conflicts;
    }

    /// <summary>409 that names every conflict.</summary>
    /// <param name="conflicts">At least one.</param>
    /// <param name="pointer">Where the request names that use.</param>
    public static ProblemHttpResult Refused(IReadOnlyList<PlanConflict> conflicts, Func<AirplaneUse, string> pointer) => Problems.Refused(
        409, conflicts[0].Code, conflicts[0].Detail, false, [.. conflicts.Take(50).Select(conflict => new FieldProblem(pointer(conflict.Wanted), conflict.Code, conflict.Detail))]);

    private static async Task<Results<Ok<AssignedView>, ProblemHttpResult>> Assign(
        string registration, AssignRequest request, OperationsDbContext db, TimeProvider time, CancellationToken cancellationToken)
    {
        if (request.Flights.Count is < 1 or > Most || request.Flights.Distinct().Count() != request.Flights.Count)
        {
            return Problems.Invalid(new FieldProblem("/flights", "flights.count_invalid", $"Name 1 to {Most} flights, each once."));
        }

        if (await db.Airplanes.SingleOrDefaultAsync(known => known.Registration == registration, cancellationToken) is not { } airplane)
        {
            return Airplanes.Unknown(registration);
        }

        var flights = (await db.Flights.AsNoTracking().Where(flight => request.Flights.Contains(flight.Id)).ToListAsync(cancellationToken)).ToDictionary(flight => flight.Id);
        var taken = (await db.Uses.AsNoTracking().Where(use => use.FlightId != null && request.Flights.Contains(use.FlightId)).ToListAsync(cancellationToken))
            .ToDictionary(use => use.FlightId!);
        var problems = new List<FieldProblem>();
        foreach (var (id, index) in request.Flights.Select((id, index) => (id, index)))
        {
            if (WhyNot(id, flights.GetValueOrDefault(id), taken.GetValueOrDefault(id), airplane, time.GetUtcNow()) is var (code, detail))
            {
                problems.Add(new($"/flights/{index}", code, detail));
            }
        }

        if (problems is [var first, ..])
        {
            return Problems.Refused(first.Code == "flight.not_found" ? 404 : 409, first.Code, first.Detail, false, problems);
        }

        var model = await db.Models.AsNoTracking().SingleAsync(known => known.Code == airplane.Model, cancellationToken);
        var wanted = request.Flights.Where(id => !taken.ContainsKey(id)).Select(id => AirplaneUse.Of(airplane, flights[id])).ToList();
        var conflicts = await db.PlanAsync(airplane, model.TurnRound, wanted, [], cancellationToken);
        return conflicts.Count > 0
            ? Refused(conflicts, use => $"/flights/{request.Flights.ToList().IndexOf(use.FlightId!)}")
            : TypedResults.Ok(new AssignedView(registration, [.. wanted.Concat(taken.Values).OrderBy(use => use.StartsAt).Select(UseView.Of)]));
    }

    private static (string Code, string Detail)? WhyNot(string id, DatedFlight? flight, AirplaneUse? taken, Airplane airplane, DateTimeOffset now) => flight switch
    {
        null => ("flight.not_found", $"There is no flight {id}."),
        { IsCancelled: true } => ("flight.cancelled", $"{id} is cancelled."),
        _ when taken is not null && taken.Registration != airplane.Registration => ("flight.assigned", $"{id} is flown by {taken.Registration}; take it off first."),
        _ when taken is null && flight.DepartsAt <= now => ("flight.departed", $"{id} has left."),
        _ when flight.Model != airplane.Model || flight.Configuration != airplane.Configuration => (
            "airplane.other_configuration",
            $"{id} is sold as {flight.Model ?? flight.Aircraft} {flight.Configuration}, {airplane.Registration} is {airplane.Model} {airplane.Configuration}; change the flight's equipment first."),
        _ => null,
    };

    private static async Task<Results<NoContent, ProblemHttpResult>> Free(string flightId, OperationsDbContext db, CancellationToken cancellationToken)
    {
        if (!await db.Flights.AnyAsync(flight => flight.Id == flightId, cancellationToken))
        {
            return Problems.NotFound("flight.not_found", $"There is no flight {flightId}.");
        }

        await db.FreeAsync([flightId], cancellationToken);
        return TypedResults.NoContent();
    }

    /// <summary>Takes the airplanes off those flights.</summary>
    public static async Task<List<AirplaneUse>> FreeAsync(this OperationsDbContext db, IReadOnlyCollection<string> flightIds, CancellationToken cancellationToken)
    {
        var uses = new List<AirplaneUse>();
        foreach (var ids in flightIds.Chunk(500))
        {
            uses.AddRange(await db.Uses.Where(use => use.FlightId != null && ids.Contains(use.FlightId)).ToListAsync(cancellationToken));
        }

        var registrations = uses.Select(use => use.Registration).Distinct().ToList();
        foreach (var airplane in await db.Airplanes.Where(airplane => registrations.Contains(airplane.Registration)).ToListAsync(cancellationToken))
        {
            airplane.PlanVersion++;
        }

        db.Uses.RemoveRange(uses);
        return uses;
    }
}
