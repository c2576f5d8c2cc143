using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Aerona.Bookings.LookUp;

/// <summary>A link that was mailed to whoever a booking belongs to: good once, for minutes. Only the hash of its code is kept.</summary>
internal sealed class BookingAccess
{
    private const int CodeBytes = 24;   // 192 bits: nobody guesses that

    public required Guid Id { get; init; }

    public required Guid BookingId { get; init; }

    /// <summary>SHA-256 of the code.</summary>
    public required byte[] CodeHash { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>UTC; null until somebody has used it. The row's version: of two who use it at once one is too late.</summary>
    public DateTimeOffset? UsedAt { get; private set; }

    /// <summary>A new one and its code, 32 characters of base64url, which stands nowhere else.</summary>
    public static (BookingAccess Access, string Code) New(Guid bookingId, DateTimeOffset now, TimeSpan lifetime)
    {
        var code = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(CodeBytes));
        return (new() { Id = Guid.CreateVersion7(now), BookingId = bookingId, CodeHash = HashOf(code), CreatedAt = now, ExpiresAt = now + lifetime }, code);
    }

    public static byte[] HashOf(string code) => SHA256.HashData(Encoding.UTF8.GetBytes(code));

    public bool CanBeUsed(DateTimeOffset now) => UsedAt is null && now < ExpiresAt;

    public void Use(DateTimeOffset now) => UsedAt = now;
}
