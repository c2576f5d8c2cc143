using System.Globalization;
using Aerona.Sagas.Booking;

namespace Aerona.Simulation.Search;

/// <summary>A history as text: the scenario, then a line for each step. Steps that are not possible when it is played are skipped, so that lines can be left out.</summary>
internal sealed record Trace(Scenario Scenario, IReadOnlyList<string> Steps)
{
    public override string ToString() => string.Join('\n', Steps.Prepend(Head(Scenario)));

    public static Trace Parse(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var words = lines.Length == 0 ? [] : lines[0].Split(", ");
        if (words.Length is not (5 or 6) || Number("bookings", words[0]) is not (>= 1 and <= 3 and var bookings) || Number("seats", words[1]) is not (>= 1 and <= 3 and var seats)
            || words[2] is not ("now" or "later") || words[3] is not ("short" or "long") || !words[4].StartsWith("bug ", StringComparison.Ordinal)
            || (words[4] != "bug none" && Bugs.Find(words[4][4..]) is null) || (words.Length == 6 && words[5] != "compared"))
        {
            throw new FormatException("its first line is none such as: bookings 1, seats 2, now, short, bug none");
        }

        return new(
            new(
                Bookings: bookings, Seats: seats, Faults: 99, Turns: Scenario.AnyTurns, PayLater: words[2] == "later",
                Times: words[3] == "short" ? Scenario.ShortTimes : new BookingTimes(), Bug: Bugs.Find(words[4][4..]) ?? Bug.None, Retries: 9, Staff: 9,
                Down: Scenario.AllServices, Compared: words.Length == 6),
            lines[1..]);

        static int? Number(string name, string word) =>
            word.StartsWith($"{name} ", StringComparison.Ordinal) && int.TryParse(word.AsSpan(name.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    /// <summary>Plays it, then lets everything come to rest; gives what was violated, and the steps that were possible.</summary>
    public (ViolationException? Violation, IReadOnlyList<string> Played, World World) Play(Machine machine)
    {
        var world = new World(Scenario, machine);
        List<string> played = [];
        try
        {
            foreach (var step in Steps)
            {
                var choice = world.Choices(99, Scenario.AnyTurns).Cast<Choice?>().FirstOrDefault(choice => world.Describe(choice!.Value) == step);
                if (choice is { } possible)
                {
                    played.Add(step);
                    world = world.Step(possible);
                }
            }

            if (Scenario.Compared)
            {
                new EitherOrder(new()).Check(world);
            }

            world.ComeToRest();
            return (null, played, world);
        }
        catch (Exception problem)
        {
            return (Violations.From(problem), played, world);
        }
    }

    /// <summary>The same violation by as few steps as leaving some out can give.</summary>
    public Trace Shrink(Machine machine, ViolationException violation)
    {
        var best = this;
        for (var chunk = Math.Max(1, best.Steps.Count / 2); chunk > 0;)
        {
            var shorter = false;
            for (var at = 0; at < best.Steps.Count; at += chunk)
            {
                var tried = best with { Steps = [.. best.Steps.Take(at), .. best.Steps.Skip(at + chunk)] };
                var (again, played, _) = tried.Play(machine);
                if (again?.Invariant == violation.Invariant && played.Count < best.Steps.Count)
                {
                    best = best with { Steps = played };
                    shorter = true;
                    at -= chunk;
                }
            }

            chunk = shorter ? Math.Min(chunk, Math.Max(1, best.Steps.Count / 2)) : chunk / 2;
        }

        return best;
    }

    private static string Head(Scenario scenario) =>
        $"bookings {scenario.Bookings}, seats {scenario.Seats}, {(scenario.PayLater ? "later" : "now")}, {(ReferenceEquals(scenario.TimesOrShort, Scenario.ShortTimes) ? "short" : "long")}, bug {(scenario.Bug == Bug.None ? "none" : scenario.Bug.Name())}{(scenario.Compared ? ", compared" : "")}";
}

internal static class Violations
{
    /// <summary>An event that the machine has not decided, or anything else thrown by it, is a violation too.</summary>
    public static ViolationException From(Exception problem) => problem as ViolationException ?? new("I11", problem.ToString());
}
