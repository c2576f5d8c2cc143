using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Aerona.Notifications.Push;

/// <summary>Content coding <c>aes128gcm</c> (RFC 8188): a header with salt, record size and key id, then records of that size, each sealed for itself.</summary>
internal static class Aes128Gcm
{
    public const int SaltLength = 16;

    private const int TagLength = 16;
    private const int NonceLength = 12;

    /// <summary>What each record has beside its text: a delimiter and a tag.</summary>
    private const int Overhead = 1 + TagLength;

    /// <param name="plaintext">Of any length.</param>
    /// <param name="keyingMaterial">IKM, secret.</param>
    /// <param name="salt">16 bytes, never used before with this key.</param>
    /// <param name="keyId">Up to 255 bytes, in clear.</param>
    /// <param name="recordSize">18 or more; of all records but the last.</param>
    /// <param name="paddings">Zeros at the end of each record, in turn; none for those beyond the list.</param>
    /// <exception cref="ArgumentException">One of them is out of its range.</exception>
    public static byte[] Encrypt(
        ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> keyingMaterial, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> keyId, int recordSize, params IReadOnlyList<int> paddings)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(recordSize, Overhead + 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(keyId.Length, byte.MaxValue);
        if (salt.Length != SaltLength || paddings.Any(padding => padding < 0 || padding > recordSize - Overhead))
        {
            throw new ArgumentException("a salt has 16 bytes, and padding stays within its record");
        }

        Span<byte> extracted = stackalloc byte[32];
        HKDF.Extract(HashAlgorithmName.SHA256, keyingMaterial, salt, extracted);
        Span<byte> key = stackalloc byte[16];
        HKDF.Expand(HashAlgorithmName.SHA256, extracted, key, "Content-Encoding: aes128gcm\0"u8);
        Span<byte> baseNonce = stackalloc byte[NonceLength];
        HKDF.Expand(HashAlgorithmName.SHA256, extracted, baseNonce, "Content-Encoding: nonce\0"u8);

        using var body = new MemoryStream();
        body.Write(salt);
        Span<byte> size = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(size, (uint)recordSize);
        body.Write(size);
        body.WriteByte((byte)keyId.Length);
        body.Write(keyId);

        using var cipher = new AesGcm(key, TagLength);
        Span<byte> nonce = stackalloc byte[NonceLength];
        var record = new byte[recordSize];
        for (var number = 0; ; number++)
        {
            var padding = number < paddings.Count ? paddings[number] : 0;
            // A record with no room for text would never come to an end.
            var length = Math.Min(plaintext.Length, recordSize - Overhead - padding);
            var isLast = length == plaintext.Length;
            var text = record.AsSpan(0, length + 1 + padding);
            plaintext[..length].CopyTo(text);
            text[length] = isLast ? (byte)2 : (byte)1;
            text[(length + 1)..].Clear();
            if (!isLast && text.Length != recordSize - TagLength)
            {
                throw new ArgumentException("only the last record may be shorter");
            }

            baseNonce.CopyTo(nonce);
            var last = nonce[(NonceLength - 8)..];
            BinaryPrimitives.WriteUInt64BigEndian(last, BinaryPrimitives.ReadUInt64BigEndian(last) ^ (ulong)number);
            var sealedText = new byte[text.Length + TagLength];
            cipher.Encrypt(nonce, text, sealedText.AsSpan(0, text.Length), sealedText.AsSpan(text.Length));
            body.Write(sealedText);
            plaintext = plaintext[length..];
            if (isLast)
            {
                return body.ToArray();
            }
        }
    }
}
