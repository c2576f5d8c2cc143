using System.Text.Json.Serialization;
using Aerona.Contracts;
using Aerona.Operations.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Aerona.Operations.World;

/// <summary>How far the seed world is.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<WorldState>))]
internal enum WorldState
{
    /// <summary>Switched off by <c>World:Days</c>.</summary>
    None,
    Building,

    /// <summary>Published up to its horizon.</summary>
    Ready,
}

/// <summary>The world of flights as Operations has it.</summary>
/// <param name="State">How far the seed world is.</param>
/// <param name="Flights">Flights of the seed world once it is ready, those of days gone by counted in.</param>
/// <param name="Published">Those published so far.</param>
/// <param name="Imported">Flights that came with imports.</param>
/// <param name="Until">Last local date of departure the seed world has or is going to have; null when there is none.</param>
internal sealed record WorldView(WorldState State, int Flights, int Published, int Imported, DateOnly? Until);

internal static class GetWorld
{
    public static void MapGetWorld(this RouteGroupBuilder operations) =>
        operations.MapGet("/world", Get).WithName("GetWorld").WithSummary("How many flights there are, and how far the seed world is built");

    private static async Task<WorldView> Get(OperationsDbContext db, IOptions<WorldOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        var imported = await db.Imports.SumAsync(import => import.Flights, cancellationToken);
        var world = await db.Worlds.AsNoTracking().SingleOrDefaultAsync(cancellationToken);
        if (options.Value.Days == 0)
        {
            return new(WorldState.None, world?.Published ?? 0, world?.Published ?? 0, imported, world?.NextDay.AddDays(-1));
        }

        var today = SeedWorldBuilder.Today(time);
        var last = today.AddDays(options.Value.Days);
        var (nextDay, nextOrdinal) = world is null || world.NextDay < today ? (today, 0) : (world.NextDay, world.NextOrdinal);
        var missing = SeedWorldBuilder.Missing(new SeedSchedule(world?.Seed ?? options.Value.Seed), nextDay, nextOrdinal, last);
        var published = world?.Published ?? 0;
        return new(missing > 0 ? WorldState.Building : WorldState.Ready, published + Math.Max(missing, 0), published, imported, last);
    }
}
