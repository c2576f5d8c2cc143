namespace Aerona.Users.Keys;

/// <summary>A key that signs tokens for a while. Times alone say what it is, so that all replicas agree without asking each other.</summary>
internal sealed class SigningKey
{
    /// <summary>1, 2, 3 …; two processes that make the next one at once make the same number, and one of them loses.</summary>
    public required int Number { get; init; }

    /// <summary>The key's RFC 7638 fingerprint: <c>kid</c>.</summary>
    public required string KeyId { get; init; }

    /// <summary>PKCS #8, sealed by the master key.</summary>
    public required byte[] PrivateKey { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>From then on it signs, until the next one does.</summary>
    public required DateTimeOffset ActiveAt { get; set; }
}
