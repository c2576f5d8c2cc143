namespace Aerona.Users.SigningIn;

/// <summary>A sign-in in one browser. Tokens made from it end with it.</summary>
internal sealed class Session
{
    public required Guid Id { get; init; }

    public required Guid AccountId { get; init; }

    /// <summary>SHA-256 of the cookie, which holds 256 random bits.</summary>
    public required byte[] TokenHash { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>To the nearest few minutes.</summary>
    public required DateTimeOffset SeenAt { get; set; }

    /// <summary>When the person last proved who it is.</summary>
    public required DateTimeOffset AuthenticatedAt { get; set; }

    /// <summary>How, by the names of RFC 8176, blanks between: <c>pwd otp mfa</c>, <c>hwk user mfa</c>.</summary>
    public required string Methods { get; set; }

    /// <summary>The network it came from, its last part left out.</summary>
    public required string Address { get; init; }

    /// <summary>Browser and system in a few words.</summary>
    public required string Device { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>Stable code: <c>signed-out</c>, <c>password-changed</c>, <c>token-reused</c>, <c>locked</c> ….</summary>
    public string? EndedBecause { get; set; }

    public bool HasSecondFactor => Methods.Split(' ').Contains("mfa");

    public bool IsOpen(DateTimeOffset now, TimeSpan idle) => EndedAt is null && now < ExpiresAt && now < SeenAt + idle;
}

/// <summary>Counts failures for one pair of name and place, a name, or a place. Holds pseudonyms, no addresses.</summary>
internal sealed class Throttle
{
    public required string Key { get; init; }

    public int Failures { get; set; }

    public required DateTimeOffset LastFailureAt { get; set; }

    /// <summary>Nobody is listened to before.</summary>
    public required DateTimeOffset BlockedUntil { get; set; }
}

/// <summary>A browser that signed in as somebody before; what strangers do elsewhere does not hold it up.</summary>
internal sealed class KnownDevice
{
    /// <summary>Pseudonym of name and device cookie.</summary>
    public required string Key { get; init; }

    public required DateTimeOffset SeenAt { get; set; }
}

/// <summary>A challenge given to an authenticator, good once.</summary>
internal sealed class PasskeyChallenge
{
    public required Guid Id { get; init; }

    /// <summary>Null: whoever's passkey it turns out to be.</summary>
    public Guid? AccountId { get; init; }

    /// <summary>What Identity wants back with the answer.</summary>
    public required string State { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }
}
