namespace Aerona.Operations.World;

/// <summary>Chance that falls alike on every machine and in every run: a number drawn from a seed and the names of what it is for.</summary>
internal static class Dice
{
    /// <summary>At least 0, less than 1.</summary>
    public static double Roll(long seed, ReadOnlySpan<char> what, int a = 0, int b = 0) => (Mix(seed, what, a, b) >> 11) * (1.0 / (1L << 53));

    /// <summary>At least <paramref name="from"/>, less than <paramref name="to"/>.</summary>
    public static double Between(double from, double to, long seed, ReadOnlySpan<char> what, int a = 0, int b = 0) => from + (to - from) * Roll(seed, what, a, b);

    /// <summary>One of the choices.</summary>
    public static T Pick<T>(IReadOnlyList<T> choices, long seed, ReadOnlySpan<char> what, int a = 0, int b = 0) =>
        choices[(int)(Roll(seed, what, a, b) * choices.Count)];

    // FNV-1a over the text, then the finaliser of SplitMix64, so that neighbours fall far apart.
    private static ulong Mix(long seed, ReadOnlySpan<char> what, int a, int b)
    {
        var hash = 14695981039346656037UL ^ (ulong)seed;
        foreach (var letter in what)
        {
            hash = (hash ^ letter) * 1099511628211UL;
        }

        hash ^= ((ulong)(uint)a << 32) | (uint)b;
        hash = (hash + 0x9E3779B97F4A7C15UL) * 0xBF58476D1CE4E5B9UL;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBUL;
        return hash ^ (hash >> 31);
    }
}
