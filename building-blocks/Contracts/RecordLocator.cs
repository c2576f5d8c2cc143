using System.Security.Cryptography;

namespace Aerona.Contracts;

/// <summary>
/// Our reservation code: six symbols without look-alikes (0/O, 1/I/L) and vowels, from a cryptographic generator. It finds a booking and never
/// authorises; the booking's own id is separate.
/// </summary>
public static class RecordLocator
{
    /// <summary>28 symbols: 28.8 bits in six of them.</summary>
    public const string Alphabet = "23456789BCDFGHJKMNPQRSTVWXYZ";

    /// <summary>Symbols in a locator.</summary>
    public const int Length = 6;

    /// <summary>A fresh one; whether it is free is for the unique index to say.</summary>
    public static string New() => RandomNumberGenerator.GetString(Alphabet, Length);

    /// <summary>Upper case without blanks, or null when it cannot be a locator of ours.</summary>
    public static string? Parse(string? text)
    {
        var locator = text?.Trim().ToUpperInvariant();
        return locator is { Length: Length } && locator.All(Alphabet.Contains) ? locator : null;
    }
}
