using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Aerona.Airlines.Webhooks;

internal enum SignatureVerdict
{
    Genuine,

    /// <summary>No header, or not of the form <c>t=…,v1=…</c>.</summary>
    Malformed,

    /// <summary>Signed too long ago, or in the future: perhaps a replay.</summary>
    Stale,
    Forged,
}

/// <summary>
/// Duffel's scheme, and ours: header <c>X-Duffel-Signature: t=&lt;Unix seconds&gt;,v1=&lt;hexadecimal HMAC-SHA256 of "t.body"&gt;</c>. Several <c>v1</c> may stand there,
/// and several secrets may be active, while one replaces another.
/// </summary>
internal static class SupplierSignature
{
    public const string Header = "X-Duffel-Signature";

    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    private const int LongestHeader = 1000;

    /// <summary>Judges a header; how long that takes does not tell how much of it was right.</summary>
    /// <param name="header">As it came; null for none.</param>
    /// <param name="body">Every byte of it.</param>
    /// <param name="secrets">All that are active.</param>
    /// <param name="now">UTC.</param>
    public static SignatureVerdict Verify(string? header, ReadOnlySpan<byte> body, IReadOnlyList<string> secrets, DateTimeOffset now)
    {
        if (header is null or { Length: 0 or > LongestHeader })
        {
            return SignatureVerdict.Malformed;
        }

        var parts = header.Split(',').Select(part => part.Trim().Split('=', 2)).Where(part => part.Length == 2).ToList();
        var times = parts.FindAll(part => part[0] == "t");
        var signatures = parts.Where(part => part[0] == "v1").Select(part => Bytes(part[1])).ToList();
        if (times is not [[_, var t]] || !long.TryParse(t, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > 253_402_300_799 || signatures.Count == 0)
        {
            return SignatureVerdict.Malformed;
        }

        var signed = new byte[Encoding.UTF8.GetByteCount(t) + 1 + body.Length];
        var at = Encoding.UTF8.GetBytes(t, signed);
        signed[at] = (byte)'.';
        body.CopyTo(signed.AsSpan(at + 1));
        var genuine = false;
        foreach (var secret in secrets)
        {
            var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed);
            foreach (var signature in signatures)
            {
                genuine |= CryptographicOperations.FixedTimeEquals(expected, signature);
            }
        }

        return !genuine ? SignatureVerdict.Forged
            : (now - DateTimeOffset.FromUnixTimeSeconds(seconds)).Duration() > Tolerance ? SignatureVerdict.Stale
            : SignatureVerdict.Genuine;
    }

    /// <summary>32 bytes, or none that could be equal to any.</summary>
    private static byte[] Bytes(string hexadecimal)
    {
        try
        {
            return hexadecimal.Length == 64 ? Convert.FromHexString(hexadecimal) : [];
        }
        catch (FormatException)
        {
            return [];
        }
    }
}
