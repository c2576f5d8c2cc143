using System.Globalization;
using Aerona.Sagas.Booking;
using Aerona.Simulation;
using Aerona.Simulation.Cancelling;
using Aerona.Simulation.Search;

return new Simulate(Console.Out, TimeProvider.System).Run(args);

/// <summary><c>./aerona simulate</c>: everything within bounds, histories by chance, planted bugs; or one of them.</summary>
internal sealed class Simulate(TextWriter output, TimeProvider time)
{
    private const string Usage = """
        simulate [--bookings N --seats N --faults N --turns N|any] [--later] [--compared] [--down airlines,payments,tickets,saga] [--bug NAME]
                                                       sees every world within these bounds once (alone: the bounds, seeds and bugs of a whole run)
                 [--seed N] [--seeds N]                plays histories by chance, from that seed on
                 [--bug NAME|all]                      looks for planted bugs; --bug list names them
                 [--replay FILE]                       plays a written history and says what may come next
                 [--cancellations N]                   cancellations of one bought booking instead, with --faults, --turns and --seeds
                 [--minutes N]                         at most (20)
        """;

    private static readonly Dictionary<string, (int Least, int Most)> Numbers = new()
    {
        ["bookings"] = (1, 3),
        ["seats"] = (1, 3),
        ["faults"] = (0, 3),
        ["turns"] = (0, Scenario.MostTurns),
        ["seed"] = (0, int.MaxValue - 1),
        ["seeds"] = (1, 10_000_000),
        ["minutes"] = (1, 1440),
        ["cancellations"] = (1, 2),
    };

    private readonly Lock gate = new();
    private readonly long started = time.GetTimestamp();
    private long lastLine;
    private int violations;

    public int Run(string[] args)
    {
        var options = new Dictionary<string, string>();
        for (var at = 0; at < args.Length; at++)
        {
            var name = args[at].StartsWith("--", StringComparison.Ordinal) ? args[at][2..] : "";
            if (name is "later" or "compared")
            {
                options[name] = "";
            }
            else if ((Numbers.ContainsKey(name) || name is "bug" or "replay" or "down") && at + 1 < args.Length)
            {
                options[name] = args[++at];
            }
            else
            {
                return Wrong($"{args[at]} is not known, or its value is missing");
            }
        }

        foreach (var (name, value) in options.Where(option => Numbers.ContainsKey(option.Key) && option is not { Key: "turns", Value: "any" }))
        {
            if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < Numbers[name].Least || number > Numbers[name].Most)
            {
                return Wrong($"--{name} {value}: a whole number from {Numbers[name].Least} to {Numbers[name].Most} is needed{(name == "turns" ? ", or any" : "")}");
            }
        }

        List<Party> down = [];
        foreach (var name in options.GetValueOrDefault("down", "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!Enum.TryParse<Party>(name, ignoreCase: true, out var party) || !Scenario.AllServices.Contains(party))
            {
                return Wrong($"--down {name}: is none of {string.Join(", ", Scenario.AllServices).ToLowerInvariant()}");
            }

            down.Add(party);
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(Number("minutes", 20)), time);
        if (options.TryGetValue("replay", out var file))
        {
            return Replay(file);
        }

        if (options.ContainsKey("cancellations"))
        {
            ExploreCancellations(new(Number("cancellations", 1), Number("faults", 0), options.GetValueOrDefault("turns") == "any" ? Scenario.AnyTurns : Number("turns", 1)), limit.Token);
            CancellationSeeds(Number("seed", 1), Number("seeds", 1), limit.Token);
            return violations == 0 ? 0 : 1;
        }

        var bounded = options.ContainsKey("faults") || options.ContainsKey("bookings") || options.ContainsKey("turns");
        if (options.TryGetValue("bug", out var bug) && !bounded)
        {
            return Bug(bug, limit.Token);
        }

        var everything = !options.ContainsKey("seed") && !options.ContainsKey("seeds");
        if (bounded)
        {
            if (bug is not null && Bugs.Find(bug) is null)
            {
                return Bug(bug, limit.Token);
            }

            var bookings = Number("bookings", 1);
            Explore(
                new(
                    Bookings: bookings, Seats: Number("seats", bookings == 1 ? 2 : 1), Faults: Number("faults", 0),
                    Turns: options.GetValueOrDefault("turns") == "any" ? Scenario.AnyTurns : Number("turns", 2), Bug: bug is null ? Aerona.Simulation.Bug.None : Bugs.Find(bug)!.Value,
                    PayLater: options.ContainsKey("later"), Down: down, Compared: options.ContainsKey("compared"), LongestOutage: LongestOutage),
                limit.Token);
            return violations == 0 ? 0 : 1;
        }

        if (everything)
        {
            Parallel.ForEach(WholeRun, new ParallelOptions { MaxDegreeOfParallelism = 2 }, bounds => Explore(bounds, limit.Token));
            Parallel.ForEach(WholeCancellations, new ParallelOptions { MaxDegreeOfParallelism = 2 }, bounds => ExploreCancellations(bounds, limit.Token));
            CancellationSeeds(1, 5_000, limit.Token);
        }

        Seeds(Number("seed", 1), Number("seeds", everything ? 10_000 : 1), limit.Token);
        var caught = everything ? Hunts(Bugs.All, limit.Token) + CancellationHunts(limit.Token) : 0;
        var planted = Bugs.All.Count + CancelBugs.All.Count;
        output.WriteLine(everything
            ? $"violations {violations}, planted bugs found {caught}/{planted}, {time.GetElapsedTime(started).TotalSeconds:0} s"
            : $"violations {violations}, {time.GetElapsedTime(started).TotalSeconds:0} s");
        return violations == 0 && (!everything || caught == planted) ? 0 : 1;

        int Number(string name, int otherwise) => options.TryGetValue(name, out var value) ? int.Parse(value, CultureInfo.InvariantCulture) : otherwise;
    }

    /// <summary>Longer ones are for histories by chance.</summary>
    private static readonly TimeSpan LongestOutage = TimeSpan.FromMinutes(10);

    /// <summary>What <c>./aerona simulate</c> sees all of.</summary>
    private static Scenario[] WholeRun =>
    [
        new(Seats: 2, Faults: 2, Turns: 0),
        new(Bookings: 2, Seats: 1, Faults: 1, Turns: 0),
        new(Seats: 2, Faults: 1, Turns: 1),
        new(Bookings: 2, Seats: 1, Faults: 0, Turns: 1),
        new(Seats: 2, Faults: 0, Turns: 2),
        new(Seats: 2, Faults: 0, Turns: 1, PayLater: true),
        new(Seats: 2, Faults: 1, Turns: 0, Down: Scenario.AllServices, LongestOutage: LongestOutage),
        new(Seats: 2, Faults: 1, Turns: 0, Compared: true),
        new(Seats: 2, Faults: 0, Turns: 1, Compared: true),
        new(Bookings: 2, Seats: 1, Faults: 0, Turns: 0, Compared: true),
    ];

    private static CancelScenario[] WholeCancellations => [new(1, Faults: 1, Turns: 2), new(2, Faults: 1, Turns: 0), new(2, Faults: 0, Turns: 1)];

    private void ExploreCancellations(CancelScenario scenario, CancellationToken cancellationToken)
    {
        var search = new CancelSearch(scenario, time);
        var found = search.Everything(cancellationToken: cancellationToken);
        Line($"{scenario}: {found.States:N0} states, {found.Steps:N0} steps, depth {found.Depth}, {(found.Complete ? "complete" : "NOT complete")}, {found.Took.TotalSeconds:0.0} s; been in {string.Join(", ", search.Been.Order(StringComparer.Ordinal))}");
        CancellationViolated(found.Violation, found.Trace);
    }

    private void CancellationSeeds(int from, int count, CancellationToken cancellationToken)
    {
        var (steps, begun) = (0L, time.GetTimestamp());
        var searches = new[] { 1, 2 }.Select(many => new CancelSearch(new(many, Faults: 5, Turns: 5), time)).ToArray();
        for (var seed = from; seed < from + count && !cancellationToken.IsCancellationRequested; seed++)
        {
            var played = searches[seed % 2].Play(seed);
            steps += played.Steps;
            CancellationViolated(played.Violation, played.Trace);
        }

        Line($"cancellations, seeds {from} to {from + count - 1}: {steps:N0} steps, {time.GetElapsedTime(begun).TotalSeconds:0.0} s; been in {string.Join(", ", searches.SelectMany(search => search.Been).Distinct().Order(StringComparer.Ordinal))}");
    }

    private int CancellationHunts(CancellationToken cancellationToken)
    {
        var caught = 0;
        foreach (var bug in CancelBugs.All)
        {
            var (states, violation, trace) = CancelSearch.Hunt(bug, time, cancellationToken);
            caught += violation is null ? 0 : 1;
            Line($"{bug.Words()}: {(violation is null ? $"NOT FOUND in {states:N0} states" : $"found after {states:N0} states, {trace.Count} steps; {violation.Message.Split('\n')[0]}")}");
        }

        return caught;
    }

    private void CancellationViolated(ViolationException? violation, IReadOnlyList<string> trace)
    {
        if (violation is not null)
        {
            lock (gate)
            {
                violations++;
                output.WriteLine($"VIOLATED {violation.Message}\n{string.Join('\n', trace)}");
            }
        }
    }

    private static string Words(Scenario scenario) =>
        $"{scenario.Bookings} booking{(scenario.Bookings > 1 ? "s" : "")}, {scenario.Seats} seat{(scenario.Seats > 1 ? "s" : "")}{(scenario.PayLater ? ", paid later" : "")}, faults <= {scenario.Faults}, turns {(scenario.Turns == Scenario.AnyTurns ? "any" : $"<= {scenario.Turns}")}"
        + (scenario.Outages.Count == 0 ? "" : $", down {string.Join(" ", scenario.Outages).ToLowerInvariant()}") + (scenario.Compared ? ", orders and repeats compared" : "");

    private void Explore(Scenario scenario, CancellationToken cancellationToken)
    {
        var explorer = new Explorer(scenario, time);
        var found = explorer.Run(states => Progress($"{Words(scenario)}: {states:N0} states"), cancellationToken);
        Line($"{Words(scenario)}: {found.States:N0} states, {found.Steps:N0} steps, depth {found.Depth}, {(found.Complete ? "complete" : "NOT complete")}, "
            + $"{found.Took.TotalSeconds:0.0} s ({found.States / Math.Max(found.Took.TotalSeconds, 0.001):N0}/s)");
        if (scenario.Compared)
        {
            Line($"  {explorer.Comparison.Pairs:N0} pairs of independent messages in both orders, {explorer.Comparison.Repeats:N0} messages twice");
        }

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

        Trace trace;
        try
        {
            trace = Trace.Parse(File.ReadAllText(file));
        }
        catch (FormatException problem)
        {
            output.WriteLine($"simulate: --replay {file}: {problem.Message}");
            return 2;
        }

        if (trace.Steps.Count == 0)
        {
            output.WriteLine($"simulate: --replay {file}: it has no steps");
            return 2;
        }

        var (violation, played, world) = trace.Play(new(trace.Scenario.TimesOrShort));
        output.WriteLine(string.Join('\n', played));
        foreach (var skipped in trace.Steps.Except(played))
        {
            output.WriteLine($"  skipped, it was not possible: {skipped}");
        }

        output.WriteLine(string.Join('\n', world.Choices(99, Scenario.AnyTurns).Select(choice => $"  or now: {world.Describe(choice)}")));
        output.WriteLine(violation is null ? $"nothing violated; {string.Join(", ", world.Sagas.Select(saga => saga.CurrentState))}" : violation.Message);
        return violation is null ? 0 : 1;
    }

    private void Violated(ViolationException violation, Trace trace)
    {
        lock (gate)
        {
            violations++;
            output.WriteLine($"VIOLATED {violation.Message}\n{trace}");
        }
    }

    // On a terminal a line that is written over; in a log a line now and then.
    private void Progress(string what)
    {
        lock (gate)
        {
            var pause = Console.IsOutputRedirected ? 20 : 1;
            if (time.GetElapsedTime(lastLine).TotalSeconds >= pause)
            {
                lastLine = time.GetTimestamp();
                output.Write(Console.IsOutputRedirected ? $"... {what}\n" : $"\r{what,-100}");
            }
        }
    }

    private void Line(string what)
    {
        lock (gate)
        {
            output.WriteLine(Console.IsOutputRedirected ? what : $"\r{what,-100}");
        }
    }

    private int Wrong(string what)
    {
        output.WriteLine($"simulate: {what}\n{Usage}");
        return 2;
    }
}
