using System.Globalization;
using System.Security.Cryptography;

namespace Aerona.Users.SigningIn;

/// <summary>Codes of an authenticator app: RFC 6238 with what all of them support (SHA-1, 6 digits, 30 seconds).</summary>
internal static class Totp
{
    public const int SecretLength = 20;

    private const long StepSeconds = 30;
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>The step whose code it is, at most one beside now and later than the last one used; null when there is none.</summary>
    public static long? StepOf(byte[] secret, string code, long lastUsed, DateTimeOffset now)
    {
        var current = now.ToUnixTimeSeconds() / StepSeconds;
        long? found = null;
        for (var step = current - 1; step <= current + 1; step++)
        {
            // All three are compared, whichever it is.
            if (CryptographicOperations.FixedTimeEquals(System.Text.Encoding.ASCII.GetBytes(CodeAt(secret, step)), System.Text.Encoding.UTF8.GetBytes(code)) && step > lastUsed)
            {
                found = step;
            }
        }

        return found;
    }

    public static string CodeAt(byte[] secret, DateTimeOffset at) => CodeAt(secret, at.ToUnixTimeSeconds() / StepSeconds);

    /// <summary>As apps read it from a QR code.</summary>
    public static string Uri(byte[] secret, string email) =>
        $"otpauth://totp/Aerona:{System.Uri.EscapeDataString(email)}?secret={Text(secret)}&issuer=Aerona&algorithm=SHA1&digits=6&period=30";

    /// <summary>Base32 without padding.</summary>
    public static string Text(byte[] secret)
    {
        var text = new System.Text.StringBuilder();
        var (buffer, bits) = (0, 0);
        foreach (var value in secret)
        {
            (buffer, bits) = ((buffer << 8) | value, bits + 8);
            while (bits >= 5)
            {
                bits -= 5;
                text.Append(Base32[(buffer >> bits) & 31]);
            }
        }

        return bits == 0 ? text.ToString() : text.Append(Base32[(buffer << (5 - bits)) & 31]).ToString();
    }

    private static string CodeAt(byte[] secret, long step)
    {
        Span<byte> counter = stackalloc byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
        HMACSHA1.HashData(secret, counter, hash);
        var at = hash[^1] & 15;
        var number = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(hash[at..]) & int.MaxValue;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }
}
