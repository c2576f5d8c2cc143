namespace Aerona.Hosting;

/// <summary>So many at once, earned back evenly over the window.</summary>
/// <param name="Limit">At least 1.</param>
/// <param name="Window">In which all of them come back; at least a millisecond for each.</param>
public readonly record struct Budget(int Limit, TimeSpan Window)
{
    /// <summary>In which one comes back.</summary>
    internal TimeSpan Interval => Window / Limit;
}

/// <summary>What came of asking for one.</summary>
/// <param name="IsAllowed">False: nothing was taken.</param>
/// <param name="Remaining">How many more are there now.</param>
/// <param name="RetryAfter">Until there is one; zero when this one was allowed.</param>
/// <param name="Reset">Until all are there again.</param>
public readonly record struct Taken(bool IsAllowed, int Remaining, TimeSpan RetryAfter, TimeSpan Reset);

/// <summary>
/// Budgets by name (the generic cell rate algorithm: one instant a name), shared by all processes through Redis, in this process alone without it. Never open: when
/// Redis is gone each process counts for itself.
/// </summary>
public interface IRateCounters
{
    /// <summary>Takes one if there is one.</summary>
    /// <param name="key">Whose budget; a name of any length, kept as a hash.</param>
    /// <param name="budget">The same for a name each time.</param>
    /// <param name="cancellationToken">Stops waiting for Redis.</param>
    ValueTask<Taken> TakeAsync(string key, Budget budget, CancellationToken cancellationToken);

    /// <summary>Gives some back that were taken for nothing; never more than all are there.</summary>
    /// <param name="key">Whose budget.</param>
    /// <param name="budget">The same as when they were taken.</param>
    /// <param name="count">How many.</param>
    /// <param name="cancellationToken">Stops waiting for Redis.</param>
    ValueTask GiveBackAsync(string key, Budget budget, int count, CancellationToken cancellationToken);
}

/// <summary>Counts in this process. A million names at most: what is full is swept, and who finds no place shares one budget with all others who do not.</summary>
internal sealed class RateCounters(TimeProvider clock, int mostKeys = 1_000_000) : IRateCounters
{
    private const string Others = "others";

    private readonly Lock turn = new();
    private readonly Dictionary<string, DateTimeOffset> fullAt = [];   // when all are there again; gone: they are

    public ValueTask<Taken> TakeAsync(string key, Budget budget, CancellationToken cancellationToken)
    {
        lock (turn)
        {
            return new(Take(PlaceFor(key), budget));
        }
    }

    public ValueTask GiveBackAsync(string key, Budget budget, int count, CancellationToken cancellationToken)
    {
        lock (turn)
        {
            if (fullAt.TryGetValue(key, out var full) && full - (budget.Interval * count) is var earlier && earlier > clock.GetUtcNow())
            {
                fullAt[key] = earlier;
            }
            else
            {
                fullAt.Remove(key);
            }

            return default;
        }
    }

    private Taken Take(string key, Budget budget)
    {
        var now = clock.GetUtcNow();
        var used = fullAt.TryGetValue(key, out var full) && full > now ? full - now : TimeSpan.Zero;
        var after = used + budget.Interval;
        if (after > budget.Window)
        {
            return Answer(budget, used, after - budget.Window);
        }

        fullAt[key] = now + after;
        return Answer(budget, after, TimeSpan.Zero);
    }

    internal static Taken Answer(Budget budget, TimeSpan used, TimeSpan retryAfter) =>
        new(retryAfter == TimeSpan.Zero, (int)((budget.Window - used).Ticks / budget.Interval.Ticks), retryAfter, used);

    private string PlaceFor(string key)
    {
        if (fullAt.Count < mostKeys || fullAt.ContainsKey(key))
        {
            return key;
        }

        var now = clock.GetUtcNow();
        foreach (var (past, _) in fullAt.Where(each => each.Value <= now).ToList())
        {
            fullAt.Remove(past);
        }

        return fullAt.Count < mostKeys ? key : Others;
    }
}
