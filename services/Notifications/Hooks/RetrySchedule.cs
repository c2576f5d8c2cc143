using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Aerona.Notifications.Hooks;

/// <summary>When a delivery that failed is tried again: after 10 s, 30 s, 90 s … three times as long each time, at most 6 h, for 72 h.</summary>
internal static class RetrySchedule
{
    public static readonly TimeSpan Lasts = TimeSpan.FromHours(72);

    public static readonly TimeSpan Longest = TimeSpan.FromHours(6);

    private static readonly TimeSpan First = TimeSpan.FromSeconds(10);

    /// <summary>A fifth more or less, so that what failed at once does not come back at once; the same for the same delivery and try.</summary>
    private const double Jitter = 0.2;

    /// <param name="deliveryId">The delivery.</param>
    /// <param name="tries">How many have failed, at least one.</param>
    /// <param name="now">UTC.</param>
    /// <param name="notBefore">UTC; what the other side asked for (Retry-After). Null: nothing.</param>
    /// <param name="until">UTC; the last try is made then. Null is answered when that is over.</param>
    public static DateTimeOffset? Next(Guid deliveryId, int tries, DateTimeOffset now, DateTimeOffset? notBefore, DateTimeOffset until)
    {
        if (now >= until)
        {
            return null;
        }

        var pause = Pause(tries) * (1 + (Jitter * Spread(deliveryId, tries)));
        var next = notBefore > now + pause ? notBefore.Value : now + pause;
        return next < until ? next : until;
    }

    private static TimeSpan Pause(int tries) => First.TotalSeconds * Math.Pow(3, tries - 1) is var seconds && seconds < Longest.TotalSeconds ? TimeSpan.FromSeconds(seconds) : Longest;

    /// <summary>From -1 to 1.</summary>
    private static double Spread(Guid deliveryId, int tries)
    {
        Span<byte> seed = stackalloc byte[20];
        deliveryId.TryWriteBytes(seed);
        BinaryPrimitives.WriteInt32BigEndian(seed[16..], tries);
        return (BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(seed)) / (double)uint.MaxValue * 2) - 1;
    }
}
