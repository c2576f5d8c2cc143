using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Aerona.Hosting;

/// <summary>Makes tokens with the host's own key (ES256, <c>at+jwt</c>).</summary>
public interface ITokens
{
    /// <summary>For whoever made this booking without signing in; good for that booking only, for seven days.</summary>
    string ForGuest(Guid bookingId);

    /// <summary>For development: a person with roles (<c>traveller</c>, <c>support</c>, <c>operations</c>).</summary>
    string ForPerson(string subject, IReadOnlyList<string> roles, TimeSpan validFor);
}

/// <summary>Who signs tokens, and how.</summary>
internal sealed class TokensOptions
{
    /// <summary>PEM file with an EC private key on curve P-256. Null: <c>keys/signing.pem</c> in the data folder, made when it is not there.</summary>
    public string? SigningKeyFile { get; set; }

    /// <summary>Issuer of every token: the address the outside knows us by (<c>PublicBaseUrl</c>), without a slash at its end.</summary>
    [RegularExpression("https?://[^/?#]+(/[^?#]*[^/?#])?", ErrorMessage = "PublicBaseUrl must be an http or https address without a slash at its end.")]
    public string Issuer { get; set; } = "http://localhost:5080";
}

internal sealed class Tokens(SigningKey key, IOptions<TokensOptions> options, TimeProvider clock) : ITokens
{
    /// <summary>The one audience while Aerona has one API.</summary>
    public const string Audience = "aerona";

    /// <summary>RFC 9068: an access token, and nothing else, is accepted.</summary>
    public const string Type = "at+jwt";

    private static readonly TimeSpan GuestsStay = TimeSpan.FromDays(7);
    private static readonly JsonWebTokenHandler Handler = new();

    public string ForGuest(Guid bookingId) =>
        Make($"guest:{bookingId}", GuestsStay, new() { [Callers.RoleClaim] = Callers.Guest, [Callers.BookingClaim] = bookingId.ToString() });

    public string ForPerson(string subject, IReadOnlyList<string> roles, TimeSpan validFor)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(subject);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(validFor, TimeSpan.Zero);
        // A guest's token without a booking would be nobody's.
        return roles.Contains(Callers.Guest)
            ? throw new ArgumentException("a person is no guest", nameof(roles))
            : Make(subject, validFor, new() { [Callers.RoleClaim] = roles });
    }

    private string Make(string subject, TimeSpan validFor, Dictionary<string, object> claims)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        claims[Callers.SubjectClaim] = subject;
        claims["jti"] = Guid.NewGuid().ToString("N");
        claims["client_id"] = "aerona";
        return Handler.CreateToken(new SecurityTokenDescriptor
        {
            TokenType = Type,
            Issuer = options.Value.Issuer,
            Audience = Audience,
            IssuedAt = now,
            NotBefore = now,
            Expires = now + validFor,
            Claims = claims,
            SigningCredentials = new(key.Key, SecurityAlgorithms.EcdsaSha256),
        });
    }
}
