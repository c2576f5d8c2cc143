namespace Aerona.Simulation.Search;

/// <summary>How a planted bug was found.</summary>
/// <param name="Bug">Which.</param>
/// <param name="Seeds">Histories by chance until then.</param>
/// <param name="States">Worlds seen by searching everything, where chance did not find it.</param>
/// <param name="Violation">What it showed as; null: it was not found.</param>
/// <param name="Trace">The shortest history known.</param>
internal sealed record Caught(Bug Bug, int Seeds, long States, ViolationException? Violation, Trace? Trace);

/// <summary>Looks for a planted bug: by chance first, then by seeing everything within growing bounds.</summary>
internal static class Hunt
{
    private static readonly Scenario[] Bounds =
    [
        new(Seats: 2, Faults: 0, Turns: 2), new(Seats: 2, Faults: 0, Turns: 1, PayLater: true), new(Seats: 2, Faults: 1, Turns: 0),
        new(Bookings: 2, Seats: 1, Faults: 1, Turns: 0), new(Seats: 2, Faults: 1, Turns: 1),
    ];

    public static Caught For(Bug bug, int mostSeeds, long mostStates, CancellationToken cancellationToken)
    {
        var machine = new Machine(Scenario.ShortTimes);
        for (var seed = 1; seed <= mostSeeds && !cancellationToken.IsCancellationRequested; seed++)
        {
            var scenario = Walk.Scenario(seed, bug) with { Times = null };
            if (Walk.Play(seed, scenario, machine) is { Violation: { } violation } walk)
            {
                return new(bug, seed, 0, violation, walk.Trace.Shrink(machine, violation));
            }
        }

        var states = 0L;
        foreach (var bounds in Bounds)
        {
            var scenario = bounds with { Bug = bug };
            var found = new Explorer(scenario, TimeProvider.System, mostStates).Run(null, cancellationToken);
            states += found.States;
            if (found.Violation is { } violation)
            {
                return new(bug, mostSeeds, states, violation, new Trace(scenario, found.Trace).Shrink(machine, violation));
            }
        }

        return new(bug, mostSeeds, states, null, null);
    }
}
