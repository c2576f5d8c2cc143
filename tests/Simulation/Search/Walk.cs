using Aerona.Sagas.Booking;

namespace Aerona.Simulation.Search;

/// <summary>A history made up by chance: everything follows from the seed.</summary>
internal static class Walk
{
    private const int MostSteps = 600;
    private static readonly BookingTimes LongTimes = new();

    /// <summary>What a seed plays: how many bookings and seats, how much goes wrong, who pays later.</summary>
    public static Scenario Scenario(int seed, Bug bug = Bug.None, int? bookings = null, int? faults = null)
    {
        var chance = new Random(seed);
        var many = bookings ?? (chance.Next(3) switch { 0 => 2, 1 when chance.Next(2) == 0 => 3, _ => 1 });
        return new(
            Bookings: many, Seats: many == 1 ? 2 : Math.Max(1, many - 1), Faults: faults ?? chance.Next(0, 7), Turns: chance.Next(0, 7), Bug: bug,
            Times: chance.Next(3) == 0 ? LongTimes : Simulation.Scenario.ShortTimes, Retries: 3, Staff: 2, PayLater: chance.Next(4) == 0, Down: Simulation.Scenario.AllServices);
    }

    /// <summary>Plays a seed to its end and lets it come to rest.</summary>
    /// <returns>The steps taken, and what was violated; null: nothing.</returns>
    public static (int Steps, ViolationException? Violation, Trace Trace, World World) Play(int seed, Scenario scenario, Machine machine)
    {
        var chance = new Random(unchecked((seed * 31) + 7));

        // Swarm: each seed has its own liking for what goes wrong and for how eager time is, so that no two seeds look alike.
        var liking = new double[Enum.GetValues<ChoiceKind>().Length];
        for (var kind = 0; kind < liking.Length; kind++)
        {
            liking[kind] = chance.Next(3) switch { 0 => 0.1, 1 => 1, _ => 3 };
        }

        // In some of them a service that is down stays down for long.
        if (seed % 4 == 0)
        {
            liking[(int)ChoiceKind.Start] = 0.02;
        }

        liking[(int)ChoiceKind.Deliver] = 4;
        liking[(int)ChoiceKind.Answer] = 4;
        var world = new World(scenario, machine);
        List<string> steps = [];
        try
        {
            while (steps.Count < MostSteps)
            {
                var choices = world.Choices(scenario.Faults, scenario.Turns);
                if (choices.Count == 0 || (world.IsOver && steps.Count > 30 && chance.Next(12) == 0))
                {
                    break;
                }

                var choice = Pick(world, choices, liking, chance);
                steps.Add(world.Describe(choice));
                world = world.Step(choice);
            }

            world.ComeToRest();
            return (steps.Count, null, new(scenario, steps), world);
        }
        catch (Exception problem)
        {
            return (steps.Count, Violations.From(problem), new(scenario, steps), world);
        }
    }

    private static Choice Pick(World world, List<Choice> choices, double[] liking, Random chance)
    {
        var sum = 0.0;
        foreach (var choice in choices)
        {
            sum += Weight(choice);
        }

        var at = chance.NextDouble() * sum;
        foreach (var choice in choices)
        {
            at -= Weight(choice);
            if (at < 0)
            {
                return choice;
            }
        }

        return choices[^1];

        // What is late is late for a while.
        double Weight(Choice choice) => liking[(int)choice.Kind] * (choice.Kind == ChoiceKind.Deliver && (world.Letters[choice.At].Slow || world.Letters[choice.At].Again) ? 0.1 : choice.Kind == ChoiceKind.Start ? 0.1 : 1) * (choice.Cost > 0 ? 0.15 : choice.Turn > 0 ? 0.3 : 1);
    }
}
