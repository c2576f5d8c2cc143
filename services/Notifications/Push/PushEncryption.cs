using System.Security.Cryptography;

namespace Aerona.Notifications.Push;

/// <summary>Encryption of messages for a browser (RFC 8291): only the browser that subscribed reads them, its push service does not.</summary>
internal static class PushEncryption
{
    public const int PublicKeyLength = 65;

    public const int AuthLength = 16;

    /// <summary>Push services take 4096 bytes at least; one record holds it all.</summary>
    private const int RecordSize = 4096;

    /// <summary>A body for a subscription, with a key pair and a salt of its own.</summary>
    /// <param name="plaintext">What the browser's service worker gets.</param>
    /// <param name="receiver">The subscription's <c>p256dh</c>: an uncompressed point on P-256.</param>
    /// <param name="auth">The subscription's <c>auth</c>: 16 bytes.</param>
    /// <param name="padTo">The text is padded to so many bytes, so that its length says nothing.</param>
    /// <exception cref="CryptographicException">The key is no point on the curve.</exception>
    public static byte[] Encrypt(ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> receiver, ReadOnlySpan<byte> auth, int padTo)
    {
        using var sender = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        return Encrypt(plaintext, receiver, auth, padTo, sender, RandomNumberGenerator.GetBytes(Aes128Gcm.SaltLength));
    }

    internal static byte[] Encrypt(ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> receiver, ReadOnlySpan<byte> auth, int padTo, ECDiffieHellman sender, ReadOnlySpan<byte> salt)
    {
        var senderPoint = Point(sender.ExportParameters(includePrivateParameters: false));
        using var other = ECDiffieHellman.Create(Parameters(receiver));
        var secret = sender.DeriveRawSecretAgreement(other.PublicKey);
        byte[] info = [.. "WebPush: info\0"u8, .. receiver, .. senderPoint];
        var keyingMaterial = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, auth.ToArray(), info);
        return Aes128Gcm.Encrypt(plaintext, keyingMaterial, salt, senderPoint, RecordSize, Math.Max(0, padTo - plaintext.Length));
    }

    /// <summary>Whether those bytes are an uncompressed point on P-256.</summary>
    public static bool IsPoint(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != PublicKeyLength || bytes[0] != 4)
        {
            return false;
        }

        try
        {
            using var key = ECDiffieHellman.Create(Parameters(bytes));
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    public static byte[] Point(ECParameters key) => [4, .. key.Q.X!, .. key.Q.Y!];

    private static ECParameters Parameters(ReadOnlySpan<byte> point) => new()
    {
        Curve = ECCurve.NamedCurves.nistP256,
        Q = new() { X = point[1..33].ToArray(), Y = point[33..].ToArray() },
    };
}
