using System.Globalization;
using Aerona.Sagas.Booking;
using Aerona.Simulation;
using Aerona.Simulation.Search;

return new Simulate(Console.Out, TimeProvider.System).Run(args);

/// <summary><c>./aerona simulate</c>: everything within bounds, histories by chance, planted bugs; or one of them.</summary>
internal sealed class Simulate(TextWriter output, TimeProvider time)
{
    private const string Usage = """
        simulate [--bookings N --faults N --turns N]   sees every world within these bounds once (alone: the bounds and seeds of a whole run)
                 [--seed N] [--seeds N]                plays histories by chance, from that seed on
                 [--bug NAME|all]                      looks for planted bugs; --bug list names them
                 [--replay FILE]                       plays a written history
                 [--minutes N]                         at most (20)
        """;

    private readonly long started = time.GetTimestamp();
    private long lastLine;
    private int violations;

    public int Run(string[] args)
    {
        var options = new Dictionary<string, string>();
        for (var at = 0; at < args.Length; at += 2)
        {
            if (!args[at].StartsWith("--", StringComparison.Ordinal) || at + 1 == args.Length
                || args[at][2..] is not ("bookings" or "seats" or "faults" or "turns" or "outages" or "compared" or "outage" or "later" or "seed" or "seeds" or "bug" or "replay" or "minutes"))
            {
                output.WriteLine($"simulate: {args[at]} is not known, or its value is missing\n{Usage}");
                return 2;
            }

            options[args[at][2..]] = args[at + 1];
        }

        foreach (var (name, value) in options.Where(option => option.Key is not ("bug" or "replay")))
        {
            if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > (name is "faults" or "turns" ? 7 : int.MaxValue) || (name == "bookings" && number is < 1 or > 3))
            {
                output.WriteLine($"simulate: --{name} {value}: a whole number is needed{(name is "faults" or "turns" ? " from 0 to 3" : name == "bookings" ? " from 1 to 3" : "")}\n{Usage}");
                return 2;
            }
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(Number("minutes", 20)), time);
        if (options.TryGetValue("replay", out var file))
        {
            return Replay(file);
        }

        var bounded = options.ContainsKey("faults") || options.ContainsKey("bookings") || options.ContainsKey("turns");
        if (options.TryGetValue("bug", out var bug) && !bounded)
        {
            return Bug(bug, limit.Token);
        }

        var everything = !options.ContainsKey("seed") && !options.ContainsKey("seeds");
        if (bounded)
        {
            var bookings = Number("bookings", 1);
            Explore(new(Bookings: bookings, Seats: Number("seats", bookings == 1 ? 2 : 1), Faults: Number("faults", 0), Turns: Number("turns", 2) is > 6 ? Scenario.AnyTurns : Number("turns", 2), Down: Scenario.AllServices.Where((_, at) => (Number("outages", 0) & (1 << at)) != 0).ToList(), PayLater: Number("later", 0) == 1, Compared: Number("compared", 0) == 1, LongestOutage: TimeSpan.FromMinutes(Number("outage", 10)), Bug: bug is null ? Aerona.Simulation.Bug.None : Bugs.Find(bug) ?? Aerona.Simulation.Bug.None), limit.Token);
            return violations == 0 ? 0 : 1;
        }

        if (everything)
        {
            foreach (var bounds in WholeRun)
            {
                Explore(bounds, limit.Token);
            }
        }

        Seeds(Number("seed", 1), Number("seeds", everything ? 10_000 : 1), limit.Token);
        var caught = everything ? Hunts(Bugs.All, limit.Token) : 0;
        output.WriteLine(everything
            ? $"violations {violations}, planted bugs found {caught}/{Bugs.All.Count}, {time.GetElapsedTime(started).TotalSeconds:0} s"
            : $"violations {violations}, {time.GetElapsedTime(started).TotalSeconds:0} s");
        return violations == 0 && (!everything || caught == Bugs.All.Count) ? 0 : 1;

        int Number(string name, int otherwise) => options.TryGetValue(name, out var value) ? int.Parse(value, CultureInfo.InvariantCulture) : otherwise;
    }

    /// <summary>What <c>./aerona simulate</c> sees all of.</summary>
    private static Scenario[] WholeRun =>
    [
        new(Seats: 2, Faults: 0, Turns: 3),
        new(Seats: 2, Faults: 0, Turns: 2, PayLater: true),
        new(Seats: 2, Faults: 1, Turns: 1),
        new(Seats: 2, Faults: 2, Turns: 0),
        new(Bookings: 2, Seats: 1, Faults: 1, Turns: 0),
        new(Bookings: 2, Seats: 1, Faults: 0, Turns: 1),
    ];

    private static string Words(Scenario scenario) =>
        $"{scenario.Bookings} booking{(scenario.Bookings > 1 ? "s" : "")}, {scenario.Seats} seat{(scenario.Seats > 1 ? "s" : "")}{(scenario.PayLater ? ", paid later" : "")}, faults <= {scenario.Faults}, turns <= {scenario.Turns}";

    private void Explore(Scenario scenario, CancellationToken cancellationToken)
    {
        var explorer = new Explorer(scenario, time);
        var found = explorer.Run(states => Progress($"{Words(scenario)}: {states:N0} states"), cancellationToken);
        Line($"{Words(scenario)}: {found.States:N0} states, {found.Steps:N0} steps, depth {found.Depth}, {(found.Complete ? "complete" : "NOT complete")}, "
            + $"{found.Took.TotalSeconds:0.0} s ({found.States / Math.Max(found.Took.TotalSeconds, 0.001):N0}/s)");
        Line($"circles: {explorer.Circles}");
        if (found.Violation is { } violation)
        {
            Violated(violation, new Trace(scenario, found.Trace).Shrink(new(scenario.TimesOrShort), violation));
        }
    }

    private void Seeds(int from, int count, CancellationToken cancellationToken)
    {
        var (steps, played) = (0L, 0);
        var begun = time.GetTimestamp();
        var machines = new Dictionary<BookingTimes, Machine>();
        var ends = new SortedDictionary<string, int>();
        for (var seed = from; seed < from + count && !cancellationToken.IsCancellationRequested; seed++)
        {
            var scenario = Walk.Scenario(seed);
            if (!machines.TryGetValue(scenario.TimesOrShort, out var machine))
            {
                machines[scenario.TimesOrShort] = machine = new(scenario.TimesOrShort);
            }

            var walk = Walk.Play(seed, scenario, machine);
            (steps, played) = (steps + walk.Steps, played + 1);
            foreach (var saga in walk.World.Sagas)
            {
                ends[saga.CurrentState] = ends.GetValueOrDefault(saga.CurrentState) + 1;
            }

            if (walk.Violation is { } violation)
            {
                output.WriteLine($"seed {seed}:");
                Violated(violation, walk.Trace.Shrink(machine, violation));
            }

            var passed = time.GetElapsedTime(begun).TotalSeconds;
            Progress($"seeds {played:N0} of {count:N0}, {played / Math.Max(passed, 0.001):N0}/s, {(count - played) * passed / played:0} s left");
        }

        Line($"seeds {from} to {from + played - 1}: {steps:N0} steps, {time.GetElapsedTime(begun).TotalSeconds:0.0} s; {string.Join(", ", ends.Select(end => $"{end.Key} {end.Value}"))}");
    }

    private int Bug(string name, CancellationToken cancellationToken)
    {
        if (name == "all")
        {
            return Hunts(Bugs.All, cancellationToken) == Bugs.All.Count ? 0 : 1;
        }

        if (Bugs.Find(name) is { } bug)
        {
            return Hunts([bug], cancellationToken) == 1 ? 0 : 1;
        }

        output.WriteLine($"{(name == "list" ? "" : $"simulate: --bug {name}: is none of\n")}{string.Join('\n', Bugs.All.Select(one => $"  {one.Name(),-32} {one.Words()}"))}");
        return name == "list" ? 0 : 2;
    }

    private int Hunts(IReadOnlyList<Bug> bugs, CancellationToken cancellationToken)
    {
        var found = 0;
        foreach (var bug in bugs)
        {
            Progress($"looking for: {bug.Words()}");
            var caught = Hunt.For(bug, mostSeeds: 20_000, mostStates: 3_000_000, cancellationToken);
            found += caught.Violation is null ? 0 : 1;
            Line($"{bug.Words()}: {(caught.Violation is null ? $"NOT FOUND in {caught.Seeds:N0} seeds and {caught.States:N0} states" : $"found after {caught.Seeds:N0} seeds{(caught.States > 0 ? $" and {caught.States:N0} states" : "")}, {caught.Trace!.Steps.Count} steps; {caught.Violation.Message}")}");
            if (bugs.Count == 1 && caught.Trace is not null)
            {
                output.WriteLine(caught.Trace);
            }
        }

        return found;
    }

    private int Replay(string file)
    {
        if (!File.Exists(file))
        {
            output.WriteLine($"simulate: --replay {file}: there is no such file");
            return 2;
        }

        var trace = Trace.Parse(File.ReadAllText(file));
        var (violation, played, world) = trace.Play(new(trace.Scenario.TimesOrShort));
        output.WriteLine(string.Join('\n', played));
        output.WriteLine(string.Join('\n', world.Choices(99, Scenario.AnyTurns).Select(choice => $"  or now: {world.Describe(choice)}")));
        output.WriteLine(violation is null ? $"nothing violated; {string.Join(", ", world.Sagas.Select(saga => saga.CurrentState))}" : violation.Message);
        return violation is null ? 0 : 1;
    }

    private void Violated(ViolationException violation, Trace trace)
    {
        violations++;
        output.WriteLine($"VIOLATED {violation.Message}\n{trace}");
    }

    // On a terminal a line that is written over; in a log a line now and then.
    private void Progress(string what)
    {
        var pause = Console.IsOutputRedirected ? 20 : 1;
        if (time.GetElapsedTime(lastLine).TotalSeconds >= pause)
        {
            lastLine = time.GetTimestamp();
            output.Write(Console.IsOutputRedirected ? $"... {what}\n" : $"\r{what,-100}");
        }
    }

    private void Line(string what) => output.WriteLine(Console.IsOutputRedirected ? what : $"\r{what,-100}");
}
