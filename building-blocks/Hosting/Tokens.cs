using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Aerona.Hosting;

/// <summary>Makes tokens with the installation's own key (ES256, <c>at+jwt</c>). People and programs get theirs from Users.</summary>
public interface ITokens
{
    /// <summary>For whoever made this booking without signing in; good for that booking only, for seven days.</summary>
    string ForGuest(Guid bookingId);
}

/// <summary>Who signs tokens, and how; section <c>Tokens</c>.</summary>
internal sealed class TokensOptions
{
    public const string DefaultAddress = "http://localhost:5080";

    /// <summary>PEM file with an EC private key on curve P-256. Null: <c>keys/signing.pem</c> in the data folder, made when it is not there.</summary>
    public string? SigningKeyFile { get; set; }

    /// <summary>The name of this process at Users (client credentials), where it asks other services something. Null: it asks nobody.</summary>
    public string? ClientId { get; set; }

    /// <summary>Its secret; from the environment or a secret store.</summary>
    [MinLength(32)] public string? ClientSecret { get; set; }

    /// <summary>The address the outside knows us by (<c>PublicBaseUrl</c>), without a slash at its end.</summary>
    [RegularExpression("https?://[^/?#]+(/[^?#]*[^/?#])?", ErrorMessage = "PublicBaseUrl must be an http or https address without a slash at its end.")]
    public string PublicAddress { get; set; } = DefaultAddress;

    /// <summary>Issuer of guests' tokens; another one than that of Users, whose keys sign no tokens for guests.</summary>
    public string GuestIssuer => $"{PublicAddress}/guests";
}

/// <summary>Where Users answers.</summary>
internal sealed class UsersAddressOptions
{
    /// <summary><c>Services:Users</c>, else <c>PublicBaseUrl</c>; several joined by <c>;</c> are replicas.</summary>
    [Required, ServiceAddresses] public string Address { get; set; } = TokensOptions.DefaultAddress;
}

internal sealed class Tokens(SigningKey key, IOptions<TokensOptions> options, TimeProvider clock) : ITokens
{
    /// <summary>Guests' tokens are for whichever service knows of their booking.</summary>
    public const string Audience = "aerona-guests";

    /// <summary>RFC 9068: an access token, and nothing else, is accepted.</summary>
    public const string Type = "at+jwt";

    private static readonly TimeSpan GuestsStay = TimeSpan.FromDays(7);
    private static readonly JsonWebTokenHandler Handler = new();

    public string ForGuest(Guid bookingId)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        return Handler.CreateToken(new SecurityTokenDescriptor
        {
            TokenType = Type,
            Issuer = options.Value.GuestIssuer,
            Audience = Audience,
            IssuedAt = now,
            NotBefore = now,
            Expires = now + GuestsStay,
            Claims = new Dictionary<string, object>
            {
                [Callers.SubjectClaim] = $"guest:{bookingId}",
                [Callers.RoleClaim] = Callers.Guest,
                [Callers.BookingClaim] = bookingId.ToString(),
                ["jti"] = Guid.NewGuid().ToString("N"),
                ["client_id"] = "aerona",
            },
            SigningCredentials = new(key.Key, SecurityAlgorithms.EcdsaSha256),
        });
    }
}
