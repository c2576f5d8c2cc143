using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace Aerona.Hosting;

/// <summary>
/// Codes for addresses that are mailed to whoever a booking belongs to: who has one may look at that booking without names and decide what it waits for, until the
/// code expires. The same booking and end give the same code, so that a mail sent again is the same mail.
/// </summary>
public interface IBookingLinks
{
    /// <summary>The code: 48 characters of base64url.</summary>
    /// <param name="bookingId">The booking.</param>
    /// <param name="until">UTC; the end, to the minute before it.</param>
    string Code(Guid bookingId, DateTimeOffset until);

    /// <summary>The booking of a code made here that has not expired; else null.</summary>
    Guid? BookingOf(string code);
}

/// <summary>Sixteen bytes of booking, four of minutes since 1970, sixteen of HMAC-SHA256 under a key that only this installation can derive.</summary>
internal sealed class BookingLinks(SigningKey key, TimeProvider clock) : IBookingLinks
{
    private const int Signed = 20;
    private const int Signature = 16;   // 128 bits: nobody guesses that
    private const int Length = (Signed + Signature) / 3 * 4;

    private readonly byte[] secret = key.Derive("booking-links");

    public string Code(Guid bookingId, DateTimeOffset until)
    {
        var code = new byte[Signed + Signature];
        _ = bookingId.TryWriteBytes(code, bigEndian: true, out _);
        BinaryPrimitives.WriteUInt32BigEndian(code.AsSpan(16), checked((uint)(until.ToUnixTimeSeconds() / 60)));
        HMACSHA256.HashData(secret, code.AsSpan(..Signed)).AsSpan(..Signature).CopyTo(code.AsSpan(Signed));
        return Base64Url.EncodeToString(code);
    }

    public Guid? BookingOf(string code)
    {
        if (code.Length != Length || !Base64Url.IsValid(code))
        {
            return null;
        }

        var bytes = Base64Url.DecodeFromChars(code);
        return CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(secret, bytes.AsSpan(..Signed)).AsSpan(..Signature), bytes.AsSpan(Signed))
            && clock.GetUtcNow() < DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(16)) * 60L)
            ? new Guid(bytes.AsSpan(..16), bigEndian: true)
            : null;
    }
}
