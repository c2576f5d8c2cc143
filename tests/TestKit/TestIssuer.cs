using System.Security.Cryptography;
using Aerona.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Aerona.TestKit;

/// <summary>Plays Users for a service that is tested alone: one ES256 key for the life of the process, and tokens signed by it.</summary>
public static class TestIssuer
{
    private static readonly string[] Services = ["operations", "airlines", "search", "bookings", "payments", "tickets", "notifications", "users", "shop"];

    /// <summary>Signs what <see cref="TokenFor"/> makes.</summary>
    public static ECDsaSecurityKey Key { get; } = new(ECDsa.Create(ECCurve.NamedCurves.nistP256)) { KeyId = "test-issuer" };

    /// <summary>To a host that is to take its tokens; after AddAeronaDefaults.</summary>
    public static void AddTestIssuer(this IServiceCollection services)
    {
        services.AddSingleton<IAccessTokenKeys, StaticKeys>();
        services.AddSingleton<IServiceTokens, StaticTokens>();
    }

    /// <summary>A token for whoever that is, good at every service.</summary>
    /// <param name="services">The host's, which say who the issuer is and what time it is.</param>
    /// <param name="subject">Whose.</param>
    /// <param name="roles">By name.</param>
    /// <param name="validFor">From now by the host's clock.</param>
    public static string TokenFor(this IServiceProvider services, string subject, IReadOnlyList<string> roles, TimeSpan validFor)
    {
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow().UtcDateTime;
        var token = new SecurityTokenDescriptor
        {
            TokenType = "at+jwt",
            Issuer = SignIn.Issuer(services.GetRequiredService<IConfiguration>()),
            IssuedAt = now,
            NotBefore = now,
            Expires = now + validFor,
            Claims = new Dictionary<string, object> { ["sub"] = subject, ["role"] = roles, ["jti"] = Guid.NewGuid().ToString("N"), ["client_id"] = "aerona-test", ["sid"] = Guid.NewGuid().ToString() },
            SigningCredentials = new(Key, SecurityAlgorithms.EcdsaSha256),
        };
        Array.ForEach(Services, service => token.Audiences.Add(SignIn.Audience(service)));
        return new JsonWebTokenHandler().CreateToken(token);
    }

    private sealed class StaticKeys : IAccessTokenKeys
    {
        public bool AreKnown => true;

        public SecurityKey? Find(string keyId) => keyId == Key.KeyId ? Key : null;

        public Task LookForAsync(string keyId, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class StaticTokens(IServiceProvider services) : IServiceTokens
    {
        public Task<string> ForAsync(string service, CancellationToken cancellationToken) => Task.FromResult(services.TokenFor("payment-service", ["service"], TimeSpan.FromMinutes(5)));
    }
}
