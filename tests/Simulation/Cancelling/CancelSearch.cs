using Aerona.Simulation.Search;

namespace Aerona.Simulation.Cancelling;

/// <summary>
/// Sees every world of a cancellation within its bounds once. Out of each world the first step is the next duty, so what is seen leads to rest, and what stands there is
/// checked; or plays a history by chance.
/// </summary>
internal sealed class CancelSearch(CancelScenario scenario, TimeProvider time)
{
    private readonly CancelMachines machines = new();

    /// <summary>States that cancellations were seen in.</summary>
    public HashSet<string> Been { get; } = [];

    public Found Everything(long mostStates = long.MaxValue, CancellationToken cancellationToken = default)
    {
        var started = time.GetTimestamp();
        var seen = new HashSet<UInt128>();
        var way = new List<(CancelWorld World, List<Move> Left, string Step)>();
        var (steps, depth) = (0L, 0);
        try
        {
            Enter(new(scenario, machines), "");
            while (way.Count > 0)
            {
                if (cancellationToken.IsCancellationRequested || seen.Count >= mostStates)
                {
                    return new(seen.Count, steps, depth, false, time.GetElapsedTime(started), null, []);
                }

                var (world, left, _) = way[^1];
                if (left.Count == 0)
                {
                    way.RemoveAt(way.Count - 1);
                    continue;
                }

                var move = left[^1];
                left.RemoveAt(left.Count - 1);
                steps++;
                var said = world.Describe(move);
                way.Add((world, [], said));      // so that a violation's trace has this step
                var next = world.Step(move);
                way.RemoveAt(way.Count - 1);
                Enter(next, said);
                depth = Math.Max(depth, way.Count);
            }

            return new(seen.Count, steps, depth, true, time.GetElapsedTime(started), null, []);
        }
        catch (Exception problem)
        {
            return new(seen.Count, steps, depth, false, time.GetElapsedTime(started), Violations.From(problem), [.. way.Select(one => one.Step).Where(step => step.Length > 0)]);
        }

        void Enter(CancelWorld world, string step)
        {
            if (!seen.Add(world.Number()))
            {
                return;
            }

            Been.UnionWith(world.States);
            var moves = world.Moves();
            way.Add((world, moves, step));
            if (world.Duty(moves) is not { } duty)
            {
                world.CheckAtRest();
                return;
            }

            moves.Remove(duty);
            moves.Add(duty);
        }
    }

    /// <summary>A history made up by chance, to its end; gives how many steps, or what was violated.</summary>
    public (int Steps, ViolationException? Violation, IReadOnlyList<string> Trace) Play(int seed)
    {
        var chance = new Random(seed);
        var world = new CancelWorld(scenario, machines);
        List<string> trace = [];
        try
        {
            for (var step = 0; step < 2_000; step++)
            {
                var moves = world.Moves();
                if (moves.Count == 0)
                {
                    break;
                }

                // Later on everybody just does his duty, so that it comes to an end.
                var move = step < 150 && chance.Next(3) > 0 ? moves[chance.Next(moves.Count)] : world.Duty(moves) ?? moves[0];
                if (step >= 150 && world.Duty(moves) is null)
                {
                    break;
                }

                trace.Add(world.Describe(move));
                world = world.Step(move);
                Been.UnionWith(world.States);
            }

            world.CheckAtRest();
            return (trace.Count, null, trace);
        }
        catch (Exception problem)
        {
            return (trace.Count, Violations.From(problem), trace);
        }
    }

    /// <summary>Looks for a planted bug: everything within growing bounds.</summary>
    public static (long States, ViolationException? Violation, IReadOnlyList<string> Trace) Hunt(CancelBug bug, TimeProvider time, CancellationToken cancellationToken)
    {
        var states = 0L;
        foreach (var bounds in new CancelScenario[] { new(Turns: 1), new(Faults: 1), new(Faults: 1, Turns: 1), new(Cancellations: 2, Turns: 1) })
        {
            var found = new CancelSearch(bounds with { Bug = bug }, time).Everything(200_000, cancellationToken);
            states += found.States;
            if (found.Violation is not null)
            {
                return (states, found.Violation, found.Trace);
            }
        }

        return (states, null, []);
    }
}
