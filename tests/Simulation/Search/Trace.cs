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
        if (lines.Length == 0 || !lines[0].StartsWith("bookings ", StringComparison.Ordinal))
        {
            throw new FormatException("a trace begins with a line such as: bookings 1, seats 2, now, short, bug none");
        }

        var words = lines[0].Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
        return new(
            new(
                Bookings: int.Parse(words[1], CultureInfo.InvariantCulture), Seats: int.Parse(words[3], CultureInfo.InvariantCulture), Faults: 99, Turns: 99, PayLater: words[4] == "later",
                Times: words[5] == "short" ? Scenario.ShortTimes : new BookingTimes(), Bug: Bugs.Find(words[7]) ?? Bug.None, Retries: 9, Staff: 9, Down: Scenario.AllServices),
            lines[1..]);
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
                var choice = world.Choices(99, 99).Cast<Choice?>().FirstOrDefault(choice => world.Describe(choice!.Value) == step);
                if (choice is { } possible)
                {
                    played.Add(step);
                    world = world.Step(possible);
                }
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
        $"bookings {scenario.Bookings}, seats {scenario.Seats}, {(scenario.PayLater ? "later" : "now")}, {(ReferenceEquals(scenario.TimesOrShort, Scenario.ShortTimes) ? "short" : "long")}, bug {(scenario.Bug == Bug.None ? "none" : scenario.Bug.Name())}";
}

internal static class Violations
{
    /// <summary>An event that the machine has not decided, or anything else thrown by it, is a violation too.</summary>
    public static ViolationException From(Exception problem) => problem as ViolationException ?? new("I11", problem.ToString());
}
