using System.Security.Claims;

namespace Aerona.Hosting;

/// <summary>Who is calling.</summary>
public static class Callers
{
    /// <summary>Policy for support staff.</summary>
    public const string Support = "support";

    /// <summary>Policy for operations staff.</summary>
    public const string Operations = "operations";

    /// <summary>The subject that owns what is created: the token's <c>sub</c>, or null for somebody not signed in or a guest.</summary>
    public static string? Owner(this ClaimsPrincipal user) => throw new NotImplementedException();

    /// <summary>Whether the caller may see and steer a booking: its owner, a guest with that booking's token, or support staff.</summary>
    public static bool MaySee(this ClaimsPrincipal user, Guid bookingId, string? owner) => throw new NotImplementedException();
}

/// <summary>Makes tokens with the host's own key (ES256, <c>at+jwt</c>).</summary>
public interface ITokens
{
    /// <summary>For whoever made this booking without signing in; good for that booking only.</summary>
    string ForGuest(Guid bookingId);

    /// <summary>For development: a person with roles (<c>traveller</c>, <c>support</c>, <c>operations</c>).</summary>
    string ForPerson(string subject, IReadOnlyList<string> roles, TimeSpan validFor);
}
