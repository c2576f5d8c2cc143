using System.Runtime.InteropServices;

namespace Aerona.Simulation.Search;

/// <summary>How a search went.</summary>
/// <param name="States">Worlds seen, each once.</param>
/// <param name="Steps">Steps taken between them.</param>
/// <param name="Depth">Longest history.</param>
/// <param name="Complete">Whether everything within the bounds was seen.</param>
/// <param name="Violation">What was found, or null.</param>
/// <param name="Trace">How it comes about.</param>
internal sealed record Found(long States, long Steps, int Depth, bool Complete, TimeSpan Took, ViolationException? Violation, IReadOnlyList<string> Trace);

/// <summary>
/// Sees every world within a scenario's bounds once, depth first, and lets each of them come to rest without further faults.
/// </summary>
internal sealed class Explorer(Scenario scenario, TimeProvider time, long mostStates = long.MaxValue)
{
    private readonly Machine machine = new(scenario.TimesOrShort);
    private readonly Canon canon = new();
    private readonly Dictionary<ulong, ushort> seen = [];
    private readonly HashSet<ulong> rests = [];

    public long States => seen.Count;

    public Found Run(Action<long>? progress, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var stack = new Stack<Frame>();
        var (steps, depth) = (0L, 0);
        var first = new World(scenario, machine);
        stack.Push(new(first, first.Choices(scenario.Faults, scenario.Turns)));
        seen[first.Number(canon)] = Covers(scenario.Faults, scenario.Turns);
        while (stack.TryPeek(out var frame))
        {
            if (cancellationToken.IsCancellationRequested || seen.Count >= mostStates)
            {
                return End(complete: false, null, []);
            }

            if (frame.Next >= frame.Choices.Count)
            {
                stack.Pop();
                continue;
            }

            var choice = frame.Choices[frame.Next++];
            steps++;
            try
            {
                var world = frame.World.Step(choice);
                var number = world.Number(canon);
                ref var before = ref CollectionsMarshal.GetValueRefOrAddDefault(seen, number, out _);
                var (faults, turns) = (scenario.Faults - world.Faults, scenario.Turns - world.Turns);
                if ((before & Bit(faults, turns)) != 0)
                {
                    continue;       // seen before with at least as much left to go wrong
                }

                before |= Covers(faults, turns);
                if (!rests.Contains(number))
                {
                    rests.UnionWith(world.ComeToRest(rests.Contains, canon));
                }

                stack.Push(new(world, world.Choices(scenario.Faults, scenario.Turns)));
                depth = Math.Max(depth, stack.Count);
                if ((seen.Count & 0xFFF) == 0)
                {
                    progress?.Invoke(seen.Count);
                }
            }
            catch (Exception problem)
            {
                var violation = Violations.From(problem);
                return End(complete: false, violation, [.. stack.Reverse().Select(x => x.World.Describe(x.Choices[x.Next - 1]))]);
            }
        }

        return End(complete: true, null, []);

        Found End(bool complete, ViolationException? violation, IReadOnlyList<string> trace) =>
            new(seen.Count, steps, depth, complete, time.GetElapsedTime(started), violation, trace);
    }

    private static ushort Bit(int faults, int turns) => (ushort)(1 << ((faults * 4) + turns));

    /// <summary>All that is within what is left: fewer faults, fewer turns.</summary>
    private static ushort Covers(int faults, int turns)
    {
        var covers = 0;
        for (var fault = 0; fault <= faults; fault++)
        {
            for (var turn = 0; turn <= turns; turn++)
            {
                covers |= Bit(fault, turn);
            }
        }

        return (ushort)covers;
    }

    private sealed class Frame(World world, List<Choice> choices)
    {
        public World World { get; } = world;

        public List<Choice> Choices { get; } = choices;

        public int Next { get; set; }
    }
}
