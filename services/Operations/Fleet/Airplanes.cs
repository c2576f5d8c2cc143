using Aerona.Hosting;
using Aerona.Operations.Data;
using Aerona.Reference;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Operations.Fleet;

/// <summary>An airplane that joins the fleet.</summary>
/// <param name="Registration">2 to 10 capital letters, digits and hyphens.</param>
/// <param name="Model">Its code.</param>
/// <param name="Configuration">One of the model's.</param>
/// <param name="StandsAt">IATA airport where it enters service.</param>
/// <param name="InServiceFrom">Null: from now on.</param>
internal sealed record NewAirplane(string Registration, string Model, string Configuration, string StandsAt, DateTimeOffset? InServiceFrom = null);

internal sealed record AirplaneView(string Registration, string Model, string Configuration, string StandsAt, DateTimeOffset InServiceFrom)
{
    public static AirplaneView Of(Airplane airplane) =>
        new(airplane.Registration, airplane.Model, airplane.Configuration, airplane.StandsAt, airplane.InServiceFrom);
}

/// <summary>What an airplane does.</summary>
/// <param name="Kind">Flight or maintenance.</param>
/// <param name="Reference">The flight's id, or the maintenance window's.</param>
internal sealed record UseView(UseKind Kind, string Reference, string FromAirport, string ToAirport, DateTimeOffset StartsAt, DateTimeOffset EndsAt)
{
    public static UseView Of(AirplaneUse use) => new(use.Kind, use.FlightId ?? use.Id.ToString(), use.FromAirport, use.ToAirport, use.StartsAt, use.EndsAt);
}

/// <summary>Whether an airplane is free from one moment to another.</summary>
/// <param name="IsFree">Nothing is planned then.</param>
/// <param name="Airport">Where it is at the first moment, or where it is under way to.</param>
/// <param name="TakenBy">What is planned then.</param>
internal sealed record AvailabilityView(string Registration, string Model, string Configuration, bool IsFree, string Airport, IReadOnlyList<UseView> TakenBy);

/// <summary><c>/v1/operations/airplanes</c>.</summary>
internal static class Airplanes
{
    public static void MapAirplanes(this RouteGroupBuilder operations)
    {
        operations.MapPost("/airplanes", Add).WithName("AddAirplane").WithSummary("Adds an airplane to the fleet")
            .ProducesProblem(400).ProducesProblem(409).Idempotent<OperationsDbContext>().Requires(Permission.RunFleet);
        operations.MapGet("/airplanes", List).WithName("ListAirplanes").WithSummary("The fleet, by registration").ProducesProblem(400)
            .Requires(Permission.RunFleet);
        operations.MapGet("/airplanes/{registration}", Get).WithName("GetAirplane").WithSummary("An airplane; 404 airplane.unknown").Requires(Permission.RunFleet);
        operations.MapGet("/airplanes/{registration}/plan", GetPlan).WithName("GetAirplanePlan")
            .WithSummary("What it is planned for from one moment to another, at most 62 days").ProducesProblem(400).Requires(Permission.RunFleet);
        operations.MapGet("/airplane-availability", GetAvailability).WithName("GetAirplaneAvailability")
            .WithSummary("Which airplanes are free from one moment to another, and what takes the others").ProducesProblem(400).Requires(Permission.RunFleet);
    }

    public static ProblemHttpResult Unknown(string registration) => Problems.NotFound("airplane.unknown", $"There is no airplane {registration}.");

    private static async Task<Results<CreatedAtRoute<AirplaneView>, ProblemHttpResult>> Add(
        NewAirplane wanted, OperationsDbContext db, TimeProvider time, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        if (!Airplane.IsRegistration(wanted.Registration))
        {
            problems.Add(new("/registration", "airplane.registration_invalid", "A registration is 2 to 10 capital letters, digits and hyphens."));
        }

        var model = await db.Models.AsNoTracking().SingleOrDefaultAsync(known => known.Code == wanted.Model, cancellationToken);
        if (model is null)
        {
            problems.Add(new("/model", "model.unknown", $"There is no airplane model {wanted.Model}."));
        }
        else if (model.Find(wanted.Configuration) is null)
        {
            problems.Add(new("/configuration", "configuration.unknown", $"{model.Code} has no configuration {wanted.Configuration}."));
        }

        if (Reference.Airports.Find(wanted.StandsAt) is null)
        {
            problems.Add(new("/standsAt", "airport.unknown", $"Airport {wanted.StandsAt} is not known here."));
        }

        if (problems.Count > 0)
        {
            return Problems.Invalid(problems);
        }

        if (await db.Airplanes.AnyAsync(known => known.Registration == wanted.Registration, cancellationToken))
        {
            return Problems.Refused(409, "airplane.exists", $"There is an airplane {wanted.Registration} already.");
        }

        var airplane = new Airplane
        {
            Registration = wanted.Registration,
            Model = wanted.Model,
            Configuration = wanted.Configuration,
            StandsAt = wanted.StandsAt,
            InServiceFrom = wanted.InServiceFrom?.ToUniversalTime() ?? time.GetUtcNow(),
        };
        db.Airplanes.Add(airplane);
        return TypedResults.CreatedAtRoute(AirplaneView.Of(airplane), "GetAirplane", new { registration = airplane.Registration });
    }

    private static async Task<Results<Ok<Page<AirplaneView>>, ProblemHttpResult>> List(
        OperationsDbContext db, CancellationToken cancellationToken, string? model = null, int limit = Paging.Usual, string? cursor = null)
    {
        var (problem, after) = Paging.Read(limit, cursor);
        if (problem is not null)
        {
            return Problems.Invalid(problem);
        }

        var airplanes = await db.Airplanes.AsNoTracking()
            .Where(airplane => string.Compare(airplane.Registration, after) > 0 && (model == null || airplane.Model == model))
            .OrderBy(airplane => airplane.Registration).Take(limit + 1).ToListAsync(cancellationToken);
        return TypedResults.Ok(airplanes.Page(limit, airplane => airplane.Registration, AirplaneView.Of));
    }

    private static async Task<Results<Ok<AirplaneView>, ProblemHttpResult>> Get(string registration, OperationsDbContext db, CancellationToken cancellationToken) =>
        await db.Airplanes.AsNoTracking().SingleOrDefaultAsync(known => known.Registration == registration, cancellationToken) is { } airplane
            ? TypedResults.Ok(AirplaneView.Of(airplane))
            : Unknown(registration);

    private static async Task<Results<Ok<IReadOnlyList<UseView>>, ProblemHttpResult>> GetPlan(
        string registration, DateTimeOffset from, DateTimeOffset until, OperationsDbContext db, CancellationToken cancellationToken)
    {
        if (Period(from, until) is { } problem)
        {
            return Problems.Invalid(problem);
        }

        if (!await db.Airplanes.AnyAsync(known => known.Registration == registration, cancellationToken))
        {
            return Unknown(registration);
        }

        var uses = await db.Uses.AsNoTracking().Where(use => use.Registration == registration && use.EndsAt > from && use.StartsAt < until)
            .OrderBy(use => use.StartsAt).ToListAsync(cancellationToken);
        return TypedResults.Ok<IReadOnlyList<UseView>>([.. uses.Select(UseView.Of)]);
    }

    private static async Task<Results<Ok<Page<AvailabilityView>>, ProblemHttpResult>> GetAvailability(
        DateTimeOffset from, DateTimeOffset until, OperationsDbContext db, CancellationToken cancellationToken, string? model = null, int limit = Paging.Usual, string? cursor = null)
    {
        var (problem, after) = Paging.Read(limit, cursor);
        if ((problem ?? Period(from, until)) is { } wrong)
        {
            return Problems.Invalid(wrong);
        }

        var airplanes = await db.Airplanes.AsNoTracking()
            .Where(airplane => string.Compare(airplane.Registration, after) > 0 && (model == null || airplane.Model == model) && airplane.InServiceFrom <= from)
            .OrderBy(airplane => airplane.Registration).Take(limit + 1).ToListAsync(cancellationToken);
        var registrations = airplanes.ConvertAll(airplane => airplane.Registration);
        var uses = (await db.Uses.AsNoTracking().Where(use => registrations.Contains(use.Registration) && use.EndsAt > from && use.StartsAt < until)
            .OrderBy(use => use.StartsAt).ToListAsync(cancellationToken)).ToLookup(use => use.Registration);
        var last = await db.Uses.AsNoTracking().Where(use => registrations.Contains(use.Registration) && use.StartsAt <= from)
            .GroupBy(use => use.Registration).Select(own => own.OrderByDescending(use => use.StartsAt).First()).ToDictionaryAsync(use => use.Registration, cancellationToken);
        return TypedResults.Ok(airplanes.Page(limit, airplane => airplane.Registration, airplane => new AvailabilityView(
            airplane.Registration, airplane.Model, airplane.Configuration, !uses[airplane.Registration].Any(),
            last.GetValueOrDefault(airplane.Registration)?.ToAirport ?? airplane.StandsAt, [.. uses[airplane.Registration].Select(UseView.Of)])));
    }

    private static FieldProblem? Period(DateTimeOffset from, DateTimeOffset until) =>
        until <= from || until - from > TimeSpan.FromDays(62) ? new("query:until", "period.invalid", "until lies after from, at most 62 days.") : null;
}
