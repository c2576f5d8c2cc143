using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace Aerona.Hosting;

/// <summary>Tokens with which this process asks other services something, as itself (client credentials).</summary>
public interface IServiceTokens
{
    /// <summary>One for that service, good for a minute at least.</summary>
    /// <param name="service">The module's name in lower case: <c>tickets</c>.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="HttpRequestException">Users did not give one; the message says why.</exception>
    Task<string> ForAsync(string service, CancellationToken cancellationToken);
}

/// <summary>Asks Users when the one it has is about to end.</summary>
internal sealed class ServiceTokens(UsersClient users, IOptions<TokensOptions> options, TimeProvider clock) : IServiceTokens
{
    private static readonly TimeSpan Spare = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, (string Token, DateTimeOffset Until)> held = new(StringComparer.Ordinal);

    public async Task<string> ForAsync(string service, CancellationToken cancellationToken)
    {
        if (held.TryGetValue(service, out var good) && clock.GetUtcNow() + Spare < good.Until)
        {
            return good.Token;
        }

        if (options.Value is not { ClientId: { } id, ClientSecret: { } secret })
        {
            throw new HttpRequestException("Tokens:ClientId and Tokens:ClientSecret: must be set, or no other service can be asked");
        }

        var now = clock.GetUtcNow();
        var text = await users.SendAsync(
            address => new(HttpMethod.Post, new Uri(address, "connect/token"))
            {
                Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["grant_type"] = "client_credentials", ["client_id"] = id, ["client_secret"] = secret, ["scope"] = service }),
            },
            cancellationToken);
        using var answer = JsonDocument.Parse(text);
        var token = answer.RootElement.GetProperty("access_token").GetString()!;
        held[service] = (token, now + TimeSpan.FromSeconds(answer.RootElement.GetProperty("expires_in").GetInt32()));
        return token;
    }
}
