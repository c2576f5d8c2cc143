using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace Aerona.Hosting;

/// <summary>
/// Counts in Redis, by its clock, one script a question; in this process while Redis does not answer. A budget may then be had once more from each process, and
/// once again when Redis has forgotten: more than meant, never without limit.
/// </summary>
internal sealed class RedisRateCounters(RedisConnection redis, RateCounters own, TimeProvider clock) : IRateCounters
{
    private const string Prefix = "aerona:budget:";

    /// <summary>Whoever waited in vain does not wait again at once: every request would.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // Instants are microseconds since 1970: whole numbers that Lua's doubles hold for two centuries more.
    private const string TakeScript = """
        local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]
        local interval, window = tonumber(ARGV[1]), tonumber(ARGV[2])
        local full = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
        local after = full + interval - now
        if after > window then
            return { full - now, after - window }
        end
        redis.call('SET', KEYS[1], string.format('%.0f', now + after), 'PX', math.ceil(after / 1000))
        return { after, 0 }
        """;

    private const string GiveBackScript = """
        local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]
        local after = tonumber(redis.call('GET', KEYS[1]) or '0') - tonumber(ARGV[1]) - now
        if after > 0 then
            redis.call('SET', KEYS[1], string.format('%.0f', now + after), 'PX', math.ceil(after / 1000))
        else
            redis.call('DEL', KEYS[1])
        end
        """;

    private long silentUntil;

    public async ValueTask<Taken> TakeAsync(string key, Budget budget, CancellationToken cancellationToken) =>
        await AskAsync(TakeScript, key, [Microseconds(budget.Interval), Microseconds(budget.Window)], cancellationToken) is { } answer
            ? RateCounters.Answer(budget, TimeSpan.FromMicroseconds((long)answer[0]), TimeSpan.FromMicroseconds((long)answer[1]))
            : await own.TakeAsync(key, budget, cancellationToken);

    public async ValueTask GiveBackAsync(string key, Budget budget, int count, CancellationToken cancellationToken)
    {
        // Both: which of them it was taken from is not known any more.
        await own.GiveBackAsync(key, budget, count, cancellationToken);
        await AskAsync(GiveBackScript, key, [Microseconds(budget.Interval) * count], cancellationToken);
    }

    /// <summary>The script's answer; null when Redis gives none.</summary>
    private async Task<long[]?> AskAsync(string script, string key, RedisValue[] arguments, CancellationToken cancellationToken)
    {
        if (!redis.IsConnected || clock.GetTimestamp() < Volatile.Read(ref silentUntil))
        {
            return null;
        }

        try
        {
            var connection = await redis.GetAsync().WaitAsync(cancellationToken);
            var answer = await connection.GetDatabase().ScriptEvaluateAsync(script, [Name(key)], arguments).WaitAsync(cancellationToken);
            return answer.IsNull ? [] : (long[]?)answer;
        }
        catch (Exception problem) when (problem is RedisException or TimeoutException)
        {
            Volatile.Write(ref silentUntil, clock.GetTimestamp() + (long)(Pause.TotalSeconds * clock.TimestampFrequency));
            return null;
        }
    }

    /// <summary>Names hold addresses, subjects and what people type; Redis need not know them.</summary>
    private static RedisKey Name(string key) => Prefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(..16));

    private static long Microseconds(TimeSpan time) => (long)time.TotalMicroseconds;
}
