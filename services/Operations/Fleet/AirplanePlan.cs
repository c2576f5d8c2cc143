using System.Globalization;
using Aerona.Operations.Data;
using Aerona.Reference;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Operations.Fleet;

/// <summary>Why an airplane cannot do what is wanted.</summary>
/// <param name="Wanted">The use that cannot be.</param>
/// <param name="Code">Stable: <c>airplane.in_two_places</c>, <c>airplane.in_maintenance</c>, <c>airplane.turn_round_too_short</c>, <c>airplane.elsewhere</c>, <c>airplane.not_in_service</c>.</param>
/// <param name="Detail">Names the other one.</param>
internal sealed record PlanConflict(AirplaneUse Wanted, string Code, string Detail);

/// <summary>The rules of what one airplane can do one thing after the other.</summary>
internal static class AirplanePlan
{
    private static readonly TimeSpan Around = TimeSpan.FromDays(2);

    /// <summary>
    /// What cannot be: uses that overlap, flights that leave sooner after the last than a turn-round, and places that cannot be reached in the time between,
    /// by a flight without passengers and a turn-round at both ends. Only pairs that a new use is part of are looked at.
    /// </summary>
    /// <param name="known">Uses that stand already, in any order.</param>
    /// <param name="wanted">New ones, in any order.</param>
    /// <param name="turnRound">Of the model.</param>
    public static IEnumerable<PlanConflict> Conflicts(IReadOnlyCollection<AirplaneUse> known, IReadOnlyCollection<AirplaneUse> wanted, TimeSpan turnRound)
    {
        var isNew = wanted.ToHashSet();
        var all = known.Concat(wanted).OrderBy(use => use.StartsAt).ThenBy(use => use.EndsAt).ToList();
        for (var i = 0; i < all.Count; i++)
        {
            for (var j = i + 1; j < all.Count && all[j].StartsAt < all[i].EndsAt; j++)
            {
                if (isNew.Contains(all[i]) || isNew.Contains(all[j]))
                {
                    var (use, other) = isNew.Contains(all[j]) ? (all[j], all[i]) : (all[i], all[j]);
                    yield return other.Kind switch
                    {
                        UseKind.EntersService => new(use, "airplane.not_in_service", $"{use.Registration} enters service at {At(other.StartsAt)}."),
                        UseKind.Maintenance => new(use, "airplane.in_maintenance", $"{use.Registration} is in maintenance then: {Describe(other)}."),
                        _ => new(use, "airplane.in_two_places", $"{use.Registration} is taken then: {Describe(other)}."),
                    };
                }
            }

            if (i + 1 < all.Count && all[i + 1] is var next && next.StartsAt >= all[i].EndsAt && (isNew.Contains(all[i]) || isNew.Contains(next))
                && Between(all[i], next, isNew, turnRound) is { } tooShort)
            {
                yield return tooShort;
            }
        }
    }

    /// <summary>What the airplane is planned for around that time, with the neighbours on both sides.</summary>
    public static async Task<List<AirplaneUse>> UsesAroundAsync(
        this OperationsDbContext db, Airplane airplane, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var (earliest, latest) = (from - Around, until + Around);
        var own = db.Uses.Where(use => use.Registration == airplane.Registration);
        var uses = await own.Where(use => use.EndsAt > earliest && use.StartsAt < latest).ToListAsync(cancellationToken);
        if (await own.Where(use => use.EndsAt <= earliest).OrderByDescending(use => use.EndsAt).FirstOrDefaultAsync(cancellationToken) is { } before)
        {
            uses.Add(before);
        }

        if (await own.Where(use => use.StartsAt >= latest).OrderBy(use => use.StartsAt).FirstOrDefaultAsync(cancellationToken) is { } after)
        {
            uses.Add(after);
        }

        uses.Add(AirplaneUse.Entry(airplane));
        return uses;
    }

    /// <summary>In words: <c>flight VN55-20261201, SGN to HAN, 2026-12-01 01:00 to 03:10 UTC</c>.</summary>
    public static string Describe(AirplaneUse use) => use.Kind switch
    {
        UseKind.EntersService => $"begin of service at {use.FromAirport}, {At(use.StartsAt)}",
        UseKind.Maintenance => $"maintenance {use.Id} at {use.FromAirport}, {At(use.StartsAt)} to {At(use.EndsAt)}",
        _ => $"flight {use.FlightId}, {use.FromAirport} to {use.ToAirport}, {At(use.StartsAt)} to {At(use.EndsAt)}",
    };

    public static string At(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private static PlanConflict? Between(AirplaneUse first, AirplaneUse next, HashSet<AirplaneUse> isNew, TimeSpan turnRound)
    {
        var (use, other) = isNew.Contains(next) ? (next, first) : (first, next);
        var time = next.StartsAt - first.EndsAt;
        var needed = first.Kind == UseKind.Flight && next.Kind == UseKind.Flight ? turnRound : TimeSpan.Zero;
        if (first.ToAirport != next.FromAirport)
        {
            var way = FlightRules.BlockTime(Airports.KilometresBetween(Airports.All[first.ToAirport], Airports.All[next.FromAirport]));
            return time >= way + turnRound + turnRound
                ? null
                : new(use, "airplane.elsewhere", $"{use.Registration} is at {first.ToAirport} after {Describe(first)}, too far from {next.FromAirport} for {Describe(next)}.");
        }

        return time >= needed
            ? null
            : new(use, "airplane.turn_round_too_short", $"{use.Registration} needs {needed.TotalMinutes:F0} minutes between flights and has {time.TotalMinutes:F0} beside {Describe(other)}.");
    }
}
