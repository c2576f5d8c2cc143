using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Operations.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Operations.Fleet;

/// <summary>A model to be flown.</summary>
/// <param name="Code">See <see cref="AirplaneModel.Code"/>.</param>
/// <param name="Name">Maker and model.</param>
/// <param name="AircraftType">IATA type code.</param>
/// <param name="TurnRoundMinutes">10 to 600.</param>
/// <param name="Configurations">One or more.</param>
internal sealed record NewAirplaneModel(string Code, string Name, string AircraftType, int TurnRoundMinutes, IReadOnlyList<CabinConfiguration> Configurations);

/// <summary>A model as it is known.</summary>
/// <param name="Configurations">With the seats built into each cabin.</param>
internal sealed record AirplaneModelView(string Code, string Name, string AircraftType, int TurnRoundMinutes, IReadOnlyList<ConfigurationView> Configurations)
{
    public static AirplaneModelView Of(AirplaneModel model) => new(
        model.Code, model.Name, model.AircraftType, model.TurnRoundMinutes,
        [.. model.Configurations.Select(configuration => new ConfigurationView(
            configuration.Code, [.. configuration.SeatCounts().Select(cabin => new CabinSeatCount(cabin.Key, cabin.Value))]))]);
}

internal sealed record ConfigurationView(string Code, IReadOnlyList<CabinSeatCount> Seats);

internal sealed record CabinSeatCount(Cabin Cabin, int Seats);

/// <summary>Every seat of a configuration.</summary>
internal sealed record SeatMapView(string Model, string Configuration, IReadOnlyList<CabinSeatMap> Cabins);

/// <param name="Letters">From left to right, a blank where an aisle is.</param>
internal sealed record CabinSeatMap(Cabin Cabin, string Letters, IReadOnlyList<Seat> Seats);

/// <summary><c>/v1/operations/airplane-models</c>.</summary>
internal static class AirplaneModels
{
    public static void MapAirplaneModels(this RouteGroupBuilder operations)
    {
        operations.MapPost("/airplane-models", Add).WithName("AddAirplaneModel").WithSummary("Adds a model with its cabin configurations and seat maps")
            .ProducesProblem(400).ProducesProblem(409).Idempotent<OperationsDbContext>().Requires(Permission.RunFleet);
        operations.MapPost("/airplane-models/{model}/configurations", AddConfiguration).WithName("AddCabinConfiguration")
            .WithSummary("Adds another way to build its cabins").ProducesProblem(400).ProducesProblem(404).ProducesProblem(409)
            .Idempotent<OperationsDbContext>().Requires(Permission.RunFleet);
        operations.MapGet("/airplane-models", List).WithName("ListAirplaneModels").WithSummary("The models, by code").ProducesProblem(400)
            .Requires(Permission.RunFleet);
        operations.MapGet("/airplane-models/{model}", Get).WithName("GetAirplaneModel").WithSummary("A model; 404 model.unknown").Requires(Permission.RunFleet);
        operations.MapGet("/airplane-models/{model}/configurations/{configuration}/seat-map", GetSeatMap).WithName("GetSeatMap")
            .WithSummary("Every seat with its characteristics; 404 model.unknown or configuration.unknown").Requires(Permission.RunFleet);
    }

    public static ProblemHttpResult Unknown(string model) => Problems.NotFound("model.unknown", $"There is no airplane model {model}.");

    private static async Task<Results<CreatedAtRoute<AirplaneModelView>, ProblemHttpResult>> Add(
        NewAirplaneModel wanted, OperationsDbContext db, CancellationToken cancellationToken)
    {
        if (AirplaneModel.Problems(wanted).ToList() is { Count: > 0 } problems)
        {
            return Problems.Invalid(problems);
        }

        if (await db.Models.AnyAsync(known => known.Code == wanted.Code, cancellationToken))
        {
            return Problems.Refused(409, "model.exists", $"There is a model {wanted.Code} already.");
        }

        var model = new AirplaneModel
        {
            Code = wanted.Code,
            Name = wanted.Name.Trim(),
            AircraftType = wanted.AircraftType,
            TurnRoundMinutes = wanted.TurnRoundMinutes,
            Configurations = [.. wanted.Configurations],
        };
        db.Models.Add(model);
        return TypedResults.CreatedAtRoute(AirplaneModelView.Of(model), "GetAirplaneModel", new { model = model.Code });
    }

    private static async Task<Results<CreatedAtRoute<AirplaneModelView>, ProblemHttpResult>> AddConfiguration(
        string model, CabinConfiguration configuration, OperationsDbContext db, CancellationToken cancellationToken)
    {
        if (await db.Models.SingleOrDefaultAsync(known => known.Code == model, cancellationToken) is not { } found)
        {
            return Unknown(model);
        }

        if (configuration.Problems("").ToList() is { Count: > 0 } problems)
        {
            return Problems.Invalid(problems);
        }

        if (found.Find(configuration.Code) is not null)
        {
            return Problems.Refused(409, "configuration.exists", $"{model} has a configuration {configuration.Code} already; flights refer to it, so it cannot be changed.");
        }

        found.Configurations = [.. found.Configurations, configuration];
        found.Version++;
        return TypedResults.CreatedAtRoute(AirplaneModelView.Of(found), "GetAirplaneModel", new { model });
    }

    private static async Task<Results<Ok<Page<AirplaneModelView>>, ProblemHttpResult>> List(
        OperationsDbContext db, CancellationToken cancellationToken, int limit = Paging.Usual, string? cursor = null)
    {
        var (problem, after) = Paging.Read(limit, cursor);
        if (problem is not null)
        {
            return Problems.Invalid(problem);
        }

        var models = await db.Models.AsNoTracking().Where(model => string.Compare(model.Code, after) > 0).OrderBy(model => model.Code).Take(limit + 1).ToListAsync(cancellationToken);
        return TypedResults.Ok(models.Page(limit, model => model.Code, AirplaneModelView.Of));
    }

    private static async Task<Results<Ok<AirplaneModelView>, ProblemHttpResult>> Get(string model, OperationsDbContext db, CancellationToken cancellationToken) =>
        await db.Models.AsNoTracking().SingleOrDefaultAsync(known => known.Code == model, cancellationToken) is { } found
            ? TypedResults.Ok(AirplaneModelView.Of(found))
            : Unknown(model);

    private static async Task<Results<Ok<SeatMapView>, ProblemHttpResult>> GetSeatMap(
        string model, string configuration, OperationsDbContext db, CancellationToken cancellationToken)
    {
        if (await db.Models.AsNoTracking().SingleOrDefaultAsync(known => known.Code == model, cancellationToken) is not { } found)
        {
            return Unknown(model);
        }

        return found.Find(configuration) is { } known
            ? TypedResults.Ok(new SeatMapView(model, configuration, [.. known.Cabins.Select(map => new CabinSeatMap(map.Cabin, map.Letters, map.Seats()))]))
            : Problems.NotFound("configuration.unknown", $"{model} has no configuration {configuration}.");
    }
}
