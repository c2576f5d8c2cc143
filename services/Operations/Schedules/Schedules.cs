using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Operations.Data;
using Aerona.Operations.Fleet;
using Aerona.Reference;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Operations.Schedules;

/// <summary>A schedule as it is wanted.</summary>
/// <param name="Flight">Airline and number.</param>
/// <param name="Origin">IATA airport; its zone says what the local time of departure means.</param>
/// <param name="Destination">IATA airport; its zone says what the local time of arrival means.</param>
/// <param name="EffectiveFrom">First local date of departure.</param>
/// <param name="EffectiveUntil">Last local date of departure; at most 400 days in all.</param>
/// <param name="Days">See <see cref="Schedule.Days"/>.</param>
/// <param name="Times">Of the pattern.</param>
/// <param name="Model">The model's code.</param>
/// <param name="Configuration">One of the model's.</param>
/// <param name="Cabins">What is sold.</param>
/// <param name="Airplane">Registration of the airplane that flies it; null: said flight by flight.</param>
/// <param name="Exceptions">Dates that are not like the pattern.</param>
/// <param name="WhenTwice">What a local time means that daylight saving has twice; null: the first passing.</param>
/// <param name="Version">To change one: the version that was looked at.</param>
internal sealed record ScheduleRequest(
    FlightDesignator Flight, string Origin, string Destination, DateOnly EffectiveFrom, DateOnly EffectiveUntil, string Days, LocalTimes Times, string Model,
    string Configuration, IReadOnlyList<CabinOnSale> Cabins, string? Airplane = null, IReadOnlyList<ScheduleException>? Exceptions = null, Passing? WhenTwice = null,
    int? Version = null);

/// <param name="DepartureZone">IANA zone of the local time of departure.</param>
/// <param name="ArrivalZone">IANA zone of the local time of arrival.</param>
internal sealed record ScheduleView(
    Guid Id, int Version, ScheduleState State, FlightDesignator Flight, string Origin, string DepartureZone, string Destination, string ArrivalZone, DateOnly EffectiveFrom,
    DateOnly EffectiveUntil, string Days, LocalTimes Times, Passing WhenTwice, IReadOnlyList<ScheduleException> Exceptions, string Model, string Configuration,
    string? Airplane, IReadOnlyList<CabinOnSale> Cabins)
{
    public static ScheduleView Of(Schedule schedule) => new(
        schedule.Id, schedule.Version, schedule.State, schedule.Flight, schedule.Origin, Airports.All[schedule.Origin].Zone, schedule.Destination,
        Airports.All[schedule.Destination].Zone, schedule.EffectiveFrom, schedule.EffectiveUntil, schedule.Days, schedule.Times, schedule.WhenTwice, schedule.Exceptions,
        schedule.Model, schedule.Configuration, schedule.Airplane, schedule.Cabins);
}

/// <summary><c>/v1/operations/schedules</c>.</summary>
internal static class Schedules
{
    public static void MapSchedules(this RouteGroupBuilder operations)
    {
        operations.MapPost("/schedules", Add).WithName("AddSchedule").WithSummary("Drafts a weekly schedule; it has no flights yet")
            .ProducesProblem(400).ProducesProblem(409).Idempotent<OperationsDbContext>().Requires(Permission.RunFleet);
        operations.MapPut("/schedules/{id:guid}", Change).WithName("ChangeSchedule").WithSummary("Changes a schedule; its flights follow when they are generated again")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).Idempotent<OperationsDbContext>().Requires(Permission.RunFleet);
        operations.MapGet("/schedules", List).WithName("ListSchedules").WithSummary("The schedules, oldest first").ProducesProblem(400).Requires(Permission.RunFleet);
        operations.MapGet("/schedules/{id:guid}", Get).WithName("GetSchedule").WithSummary("A schedule; 404 schedule.unknown").Requires(Permission.RunFleet);
    }

    public static ProblemHttpResult Unknown(Guid id) => Problems.NotFound("schedule.unknown", $"There is no schedule {id}.");

    private static async Task<Results<CreatedAtRoute<ScheduleView>, ProblemHttpResult>> Add(ScheduleRequest wanted, OperationsDbContext db, CancellationToken cancellationToken)
    {
        if (await ProblemAsync(db, wanted, null, cancellationToken) is { } problem)
        {
            return problem;
        }

        var schedule = Schedule.Of(wanted);
        db.Schedules.Add(schedule);
        return TypedResults.CreatedAtRoute(ScheduleView.Of(schedule), "GetSchedule", new { id = schedule.Id });
    }

    private static async Task<Results<Ok<ScheduleView>, ProblemHttpResult>> Change(Guid id, ScheduleRequest wanted, OperationsDbContext db, CancellationToken cancellationToken)
    {
        if (await db.Schedules.SingleOrDefaultAsync(known => known.Id == id, cancellationToken) is not { } schedule)
        {
            return Unknown(id);
        }

        if (wanted.Flight != schedule.Flight)
        {
            return Problems.Invalid(new FieldProblem("/flight", "schedule.flight_fixed", $"This is {schedule.Flight}; another number is another schedule."));
        }

        if (wanted.Origin != schedule.Origin || wanted.Destination != schedule.Destination)
        {
            return Problems.Invalid(new FieldProblem("/origin", "schedule.route_fixed", $"This is {schedule.Origin} to {schedule.Destination}; another route is another schedule."));
        }

        if (wanted.Version != schedule.Version)
        {
            return Problems.Refused(409, "schedule.changed", $"The schedule is at version {schedule.Version}; look again, then change it.", false,
                new FieldProblem("/version", "schedule.changed", $"It must be {schedule.Version}."));
        }

        if (await ProblemAsync(db, wanted, id, cancellationToken) is { } problem)
        {
            return problem;
        }

        schedule.Become(wanted);
        return TypedResults.Ok(ScheduleView.Of(schedule));
    }

    private static async Task<ProblemHttpResult?> ProblemAsync(OperationsDbContext db, ScheduleRequest wanted, Guid? id, CancellationToken cancellationToken)
    {
        var model = await db.Models.AsNoTracking().SingleOrDefaultAsync(known => known.Code == wanted.Model, cancellationToken);
        var airplane = wanted.Airplane is null ? null : await db.Airplanes.AsNoTracking().SingleOrDefaultAsync(known => known.Registration == wanted.Airplane, cancellationToken);
        if (ScheduleRules.Problems(wanted, model, airplane).ToList() is { Count: > 0 } problems)
        {
            return Problems.Invalid(problems);
        }

        // A number once a day: another schedule of it may stand for other days only.
        var others = await db.Schedules.AsNoTracking().Where(other => other.Carrier == wanted.Flight.Carrier && other.Number == wanted.Flight.Number && other.Id != id
            && other.EffectiveFrom <= wanted.EffectiveUntil && other.EffectiveUntil >= wanted.EffectiveFrom).ToListAsync(cancellationToken);
        var dates = ScheduleRules.Dates(wanted.EffectiveFrom, wanted.EffectiveUntil, wanted.Days, wanted.Times, wanted.Exceptions ?? []).Select(on => on.Date).ToHashSet();
        return others.SelectMany(other => other.Dates().Where(on => dates.Contains(on.Date)).Select(on => (other, on.Date))).FirstOrDefault() is ({ } twin, var date)
            ? Problems.Refused(409, "schedule.overlaps", $"{wanted.Flight} is flown on {date:yyyy-MM-dd} by schedule {twin.Id} already.", false,
                new FieldProblem("/days", "schedule.overlaps", $"Schedule {twin.Id} has {date:yyyy-MM-dd}."))
            : null;
    }

    private static async Task<Results<Ok<Page<ScheduleView>>, ProblemHttpResult>> List(
        OperationsDbContext db, CancellationToken cancellationToken, int limit = Paging.Usual, string? cursor = null)
    {
        var (problem, after) = Paging.Read(limit, cursor);
        var last = Guid.Empty;
        if (problem is null && after.Length > 0 && !Guid.TryParse(after, out last))
        {
            problem = new("query:cursor", "cursor.invalid", "A nextCursor as given, or none.");
        }

        if (problem is not null)
        {
            return Problems.Invalid(problem);
        }

        // Ids grow with time.
        var schedules = await db.Schedules.AsNoTracking().Where(schedule => schedule.Id > last).OrderBy(schedule => schedule.Id).Take(limit + 1).ToListAsync(cancellationToken);
        return TypedResults.Ok(schedules.Page(limit, schedule => schedule.Id.ToString(), ScheduleView.Of));
    }

    private static async Task<Results<Ok<ScheduleView>, ProblemHttpResult>> Get(Guid id, OperationsDbContext db, CancellationToken cancellationToken) =>
        await db.Schedules.AsNoTracking().SingleOrDefaultAsync(known => known.Id == id, cancellationToken) is { } schedule
            ? TypedResults.Ok(ScheduleView.Of(schedule))
            : Unknown(id);
}
