namespace Aerona.Conformance;

/// <summary>A step of a history: what, and with which of several; what it comes to depends on what went before, so steps can be left out.</summary>
internal readonly record struct Step<TKind>(TKind Kind, int One, int Other) where TKind : struct, Enum;

/// <summary>A history on which a model and its original went apart.</summary>
/// <param name="Seed">It comes from.</param>
/// <param name="Steps">How many are needed.</param>
/// <param name="Done">What they came to, a line each.</param>
/// <param name="Problem">How they differ.</param>
internal sealed record Difference(int Seed, int Steps, IReadOnlyList<string> Done, Exception Problem)
{
    public override string ToString() => $"seed {Seed}, {Steps} steps:\n  {string.Join("\n  ", Done)}\n  {(Problem is DifferenceException ? Problem.Message : Problem.ToString())}";
}

/// <summary>Histories by chance: everything follows from the seed.</summary>
internal static class Histories
{
    /// <summary>As long as CI has time for.</summary>
    public static int Some { get; } = 60;

    /// <summary>All of them.</summary>
    public static int All { get; } = 1_000;

    /// <summary>Plays that many; the first on which the two differ is shortened and thrown.</summary>
    /// <param name="seeds">How many.</param>
    /// <param name="likings">How often each kind of step comes, relative to the others.</param>
    /// <param name="mostSteps">The longest history.</param>
    /// <param name="play">Plays one on fresh books; writes into the list what was done.</param>
    public static async Task AgreeAsync<TKind>(int seeds, (TKind Kind, int Liking)[] likings, int mostSteps, Func<IReadOnlyList<Step<TKind>>, List<string>, Task> play)
        where TKind : struct, Enum
    {
        if (await FindAsync(seeds, likings, mostSteps, play) is { } found)
        {
            throw new DifferenceException($"the model and the service went apart; {found}");
        }
    }

    /// <summary>The first of that many on which the two differ, shortened; null when they never do.</summary>
    public static async Task<Difference?> FindAsync<TKind>(
        int seeds, (TKind Kind, int Liking)[] likings, int mostSteps, Func<IReadOnlyList<Step<TKind>>, List<string>, Task> play) where TKind : struct, Enum
    {
        for (var seed = 1; seed <= seeds; seed++)
        {
            var steps = Make(seed, likings, mostSteps);
            if (await TryAsync(seed, steps, play) is { } found)
            {
                return await ShortenAsync(found, steps, play);
            }
        }

        return null;
    }

    private static List<Step<TKind>> Make<TKind>(int seed, (TKind Kind, int Liking)[] likings, int mostSteps) where TKind : struct, Enum
    {
        // Swarm: each seed has its own likings, so that no two look alike.
        var chance = new Random(seed);
        var own = Array.ConvertAll(likings, one => (one.Kind, Liking: one.Liking * chance.Next(3) switch { 0 => 1, 1 => 2, _ => 4 }));
        var sum = own.Sum(one => one.Liking);
        List<Step<TKind>> steps = [];
        for (var length = chance.Next(5, mostSteps + 1); steps.Count < length;)
        {
            var at = chance.Next(sum);
            steps.Add(new(own.First(one => (at -= one.Liking) < 0).Kind, chance.Next(1_000), chance.Next(1_000)));
        }

        return steps;
    }

    private static async Task<Difference?> TryAsync<TKind>(int seed, IReadOnlyList<Step<TKind>> steps, Func<IReadOnlyList<Step<TKind>>, List<string>, Task> play)
        where TKind : struct, Enum
    {
        List<string> done = [];
        try
        {
            await play(steps, done);
            return null;
        }
        catch (Exception problem)
        {
            return new(seed, steps.Count, done, problem);
        }
    }

    private static async Task<Difference> ShortenAsync<TKind>(Difference found, List<Step<TKind>> steps, Func<IReadOnlyList<Step<TKind>>, List<string>, Task> play)
        where TKind : struct, Enum
    {
        for (var chunk = Math.Max(1, steps.Count / 2); chunk > 0; chunk /= 2)
        {
            for (var at = 0; at < steps.Count;)
            {
                List<Step<TKind>> tried = [.. steps.Take(at), .. steps.Skip(at + chunk)];
                if (await TryAsync(found.Seed, tried, play) is { } again)
                {
                    (found, steps) = (again, tried);
                }
                else
                {
                    at += chunk;
                }
            }
        }

        return found;
    }
}
