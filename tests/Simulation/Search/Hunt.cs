namespace Aerona.Simulation.Search;

/// <summary>How a planted bug was found.</summary>
/// <param name="Bug">Which.</param>
/// <param name="Seeds">Histories by chance until then.</param>
/// <param name="States">Worlds seen by searching everything, where chance did not find it.</param>
/// <param name="Violation">What it showed as; null: it was not found.</param>
/// <param name="Trace">The shortest history known.</param>
internal sealed record Caught(Bug Bug, int Seeds, long States, ViolationException? Violation, Trace? Trace);

/// <summary>Looks for a planted bug: by seeing everything within bounds that hold it, or by chance.</summary>
internal static class Hunt
{
    // What chance meets too seldom is looked for where everything of its kind is seen.
    private static readonly Dictionary<Bug, Scenario> Places = new()
    {
        [Bug.AvailabilityByTime] = new(Bookings: 2, Seats: 1, Faults: 1, Turns: 0, Down: [Party.Airlines], LongestOutage: TimeSpan.FromMinutes(10)),
        [Bug.CancelDuringCommitUnknown] = new(Seats: 2, Faults: 0, Turns: 2),
        [Bug.SecondCancelTakesBack] = new(Seats: 2, Faults: 0, Turns: 1, Compared: true),
        [Bug.ApprovalClosesAnother] = new(Bookings: 2, Seats: 2, Faults: 0, Turns: 0, Compared: true),
        [Bug.DecisionsForgotten] = new(Seats: 2, Faults: 1, Turns: 1),
        [Bug.DecisionsTakenAnywhere] = new(Seats: 2, Faults: 1, Turns: 1),
    };

    public static Caught For(Bug bug, int mostSeeds, long mostStates, CancellationToken cancellationToken)
    {
        var machine = new Machine(Scenario.ShortTimes);
        var (seeds, states) = (0, 0L);
        if (Places.TryGetValue(bug, out var place))
        {
            var scenario = place with { Bug = bug };
            var found = new Explorer(scenario, TimeProvider.System, mostStates).Run(null, cancellationToken);
            states += found.States;
            if (found.Violation is { } violation)
            {
                return new(bug, seeds, states, violation, new Trace(scenario, found.Trace).Shrink(machine, violation));
            }
        }

        return ByChance(mostSeeds) ?? new(bug, seeds, states, null, null);

        Caught? ByChance(int most)
        {
            while (seeds < most && !cancellationToken.IsCancellationRequested)
            {
                seeds++;
                var scenario = Walk.Scenario(seeds, bug) with { Times = null };
                if (Walk.Play(seeds, scenario, machine) is { Violation: { } violation } walk)
                {
                    return new(bug, seeds, states, violation, walk.Trace.Shrink(machine, violation));
                }
            }

            return null;
        }
    }
}
