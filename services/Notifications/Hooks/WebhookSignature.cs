using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Aerona.Notifications.Hooks;

/// <summary>
/// Header <c>Aerona-Signature: t=&lt;Unix seconds&gt;,v1=&lt;hexadecimal HMAC-SHA256 of "t.body"&gt;</c>; the key is the secret's text as it was shown. While one secret
/// replaces another there are two <c>v1</c>, the newer one's first.
/// </summary>
internal static class WebhookSignature
{
    public const string Header = "Aerona-Signature";

    public static string Of(ReadOnlySpan<byte> body, IEnumerable<string> secrets, DateTimeOffset now)
    {
        var t = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signed = new byte[t.Length + 1 + body.Length];
        Encoding.ASCII.GetBytes(t, signed);
        signed[t.Length] = (byte)'.';
        body.CopyTo(signed.AsSpan(t.Length + 1));
        return string.Join(',', secrets.Select(secret => $"v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed))}").Prepend($"t={t}"));
    }
}
