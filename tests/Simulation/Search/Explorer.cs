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
/// Sees every world within a scenario's bounds once, depth first. The first step out of each is the next one of those that bring it to rest without a further
/// fault or turn; so all of them come to rest when no such way leads back to itself, and what stands at its end is checked there.
/// </summary>
/// <param name="scenario">The bounds.</param>
/// <param name="time">For how long it takes.</param>
/// <param name="mostStates">After so many it gives up.</param>
internal sealed class Explorer(Scenario scenario, TimeProvider time, long mostStates = long.MaxValue)
{
    private readonly Machine machine = new(scenario.TimesOrShort);
    private readonly Canon canon = new();
    private readonly SeenWorlds seen = new();
    private readonly List<Frame> way = [];
    private readonly EitherOrder comparison = new(new());

    private long compared;

    /// <summary>
    /// How often doing one's duty led back to a world on the way, except for bookings that wait for staff: of such a circle only one turn was seen, the world
    /// after the last of them was not.
    /// </summary>
    public int Circles { get; private set; }

    public long States => seen.Count;

    public EitherOrder Comparison => comparison;

    /// <summary>States of the machine that bookings were seen in.</summary>
    public HashSet<string> Been { get; } = [];

    public Found Run(Action<long>? progress, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var (steps, depth) = (0L, 0);
        var first = new World(scenario, machine);
        seen.Of(first.Number(canon)) = Covers(first);
        Enter(first, first.Number(canon), byDuty: false);
        while (way.Count > 0)
        {
            var frame = way[^1];
            if (cancellationToken.IsCancellationRequested || seen.Count >= mostStates)
            {
                return End(complete: false, null, []);
            }

            if (frame.Next >= frame.Choices.Count)
            {
                way.RemoveAt(way.Count - 1);
                continue;
            }

            var choice = frame.Choices[frame.Next++];
            steps++;
            try
            {
                var world = frame.World.Step(choice);
                var number = world.Number(canon);
                var byDuty = frame.Next == 1 && frame.BeginsWithDuty;
                ref var before = ref seen.Of(number);
                if ((before & Bit(world)) != 0)
                {
                    // Seen before with at least as much left to go wrong. Where doing one's duty leads back, only the hands of the clock tell whether it gets on.
                    if (byDuty && IsOnTheWayToRest(number))
                    {
                        Circles += world.Sagas.Any(saga => saga.CurrentState == "ParkedForStaff") ? 0 : 1;
                        world.ComeToRest();
                    }

                    continue;
                }

                before |= Covers(world);
                Enter(world, number, byDuty);
                depth = Math.Max(depth, way.Count);
                if ((seen.Count & 0xFFF) == 0)
                {
                    progress?.Invoke(seen.Count);
                }
            }
            catch (Exception problem)
            {
                return End(complete: false, Violations.From(problem), [.. way.Select(x => x.World.Describe(x.Choices[x.Next - 1]))]);
            }
        }

        return End(complete: true, null, []);

        Found End(bool complete, ViolationException? violation, IReadOnlyList<string> trace) =>
            new(seen.Count, steps, depth, complete, time.GetElapsedTime(started), violation, trace);
    }

    private void Enter(World world, ulong number, bool byDuty)
    {
        var choices = world.Choices(scenario.Faults, scenario.Turns);
        if (scenario.Compared && seen.Count > compared)
        {
            compared = seen.Count;
            comparison.Check(world);
        }

        foreach (var saga in world.Sagas)
        {
            Been.Add(saga.CurrentState);
        }

        var duty = world.Duty(choices);
        if (duty is null)
        {
            world.CheckAtRest();
        }
        else
        {
            // First, so that the way to rest is the top of the whole way.
            choices.Remove(duty.Value);
            choices.Insert(0, duty.Value);
        }

        way.Add(new(world, number, choices, duty is not null, byDuty));
    }

    private bool IsOnTheWayToRest(ulong number)
    {
        for (var at = way.Count - 1; at >= 0; at--)
        {
            if (way[at].Number == number)
            {
                return true;
            }

            if (!way[at].ByDuty)
            {
                return false;
            }
        }

        return false;
    }

    private uint Bit(World world) => Bit(scenario.Faults - world.Faults, TurnsLeft(world));

    private static uint Bit(int faults, int turns) => 1u << ((faults * (Scenario.MostTurns + 1)) + turns);

    /// <summary>All that is within what is left: fewer faults, fewer turns.</summary>
    private uint Covers(World world)
    {
        var covers = 0u;
        for (var fault = 0; fault <= scenario.Faults - world.Faults; fault++)
        {
            for (var turn = 0; turn <= TurnsLeft(world); turn++)
            {
                covers |= Bit(fault, turn);
            }
        }

        return covers;
    }

    // Without a bound there are always as many left.
    private int TurnsLeft(World world) => scenario.Turns == Scenario.AnyTurns ? 0 : scenario.Turns - world.Turns;

    /// <param name="World">A world on the way.</param>
    /// <param name="Number">Its number.</param>
    /// <param name="Choices">What may happen next.</param>
    /// <param name="BeginsWithDuty">Whether the first of them is the next step to rest.</param>
    /// <param name="ByDuty">Whether it was reached by such a step.</param>
    private sealed record Frame(World World, ulong Number, List<Choice> Choices, bool BeginsWithDuty, bool ByDuty)
    {
        public int Next { get; set; }
    }
}

/// <summary>Worlds by their numbers, with a mark each: an open table of a dozen bytes a world, since there are tens of millions of them.</summary>
internal sealed class SeenWorlds
{
    private ulong[] numbers = new ulong[1 << 14];
    private uint[] marks = new uint[1 << 14];

    public long Count { get; private set; }

    /// <summary>The mark of a world, 0 for a new one; good until the next call.</summary>
    public ref uint Of(ulong number)
    {
        if (Count * 10 > numbers.LongLength * 7)
        {
            Grow();
        }

        var key = number == 0 ? 1 : number;
        var at = Find(numbers, key);
        if (numbers[at] == 0)
        {
            numbers[at] = key;
            Count++;
        }

        return ref marks[at];
    }

    private void Grow()
    {
        var (oldNumbers, oldMarks) = (numbers, marks);
        (numbers, marks) = (new ulong[oldNumbers.Length * 2], new uint[oldNumbers.Length * 2]);
        for (var at = 0; at < oldNumbers.Length; at++)
        {
            if (oldNumbers[at] != 0)
            {
                var place = Find(numbers, oldNumbers[at]);
                (numbers[place], marks[place]) = (oldNumbers[at], oldMarks[at]);
            }
        }
    }

    private static int Find(ulong[] numbers, ulong key)
    {
        var mask = numbers.Length - 1;
        var at = (int)((key * 0x9E3779B97F4A7C15) >> 32) & mask;
        while (numbers[at] != 0 && numbers[at] != key)
        {
            at = (at + 1) & mask;
        }

        return at;
    }
}
