using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace Aerona.Hosting;

/// <summary>The public keys that Users signs access tokens with: the active one, the next, and those retired lately.</summary>
public interface IAccessTokenKeys
{
    /// <summary>Whether they were read at least once.</summary>
    bool AreKnown { get; }

    /// <summary>The key of that id (<c>kid</c>); null when it is not known.</summary>
    SecurityKey? Find(string keyId);

    /// <summary>Looks whether there is a key of that id by now; at once where that was done a moment ago.</summary>
    Task LookForAsync(string keyId, CancellationToken cancellationToken);
}

/// <summary>Speaks to Users, at one replica after the other.</summary>
internal sealed class UsersClient(IOptions<UsersAddressOptions> options) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly HttpClient http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2), ConnectTimeout = TimeSpan.FromSeconds(2), AllowAutoRedirect = false })
    {
        Timeout = Patience,
    };

    /// <summary>The body of the first answer that is 200.</summary>
    /// <exception cref="HttpRequestException">Nobody gave one; the last failure.</exception>
    public async Task<string> SendAsync(Func<Uri, HttpRequestMessage> request, CancellationToken cancellationToken)
    {
        HttpRequestException? last = null;
        foreach (var address in ServiceAddressesAttribute.Read(options.Value.Address))
        {
            try
            {
                using var message = request(address);
                using var answer = await http.SendAsync(message, cancellationToken);
                return await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancellationToken);
            }
            catch (HttpRequestException problem)
            {
                last = problem;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                last = new($"{address} did not answer within {Patience.TotalSeconds:F0} s");
            }
        }

        throw last!;
    }

    public void Dispose() => http.Dispose();
}

/// <summary>Keys by HTTP (<c>/.well-known/jwks</c>). The last set stays good while Users is away.</summary>
internal sealed partial class FetchedKeys(UsersClient users, TimeProvider clock, ILogger<FetchedKeys> log) : IAccessTokenKeys, IDisposable
{
    /// <summary>Keys that are not known are asked for once in this time at most: anybody can send a token with an invented one.</summary>
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim turn = new(1, 1);
    private Dictionary<string, SecurityKey>? keys;
    private DateTimeOffset asked = DateTimeOffset.MinValue;

    public bool AreKnown => Volatile.Read(ref keys) is not null;

    public SecurityKey? Find(string keyId) => Volatile.Read(ref keys)?.GetValueOrDefault(keyId);

    public async Task LookForAsync(string keyId, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);   // whoever comes meanwhile waits for the same answer
        try
        {
            if (Find(keyId) is null && clock.GetUtcNow() - asked >= AskAgainAfter)
            {
                await FetchAsync(cancellationToken);
            }
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Reads them again; false when nobody answered.</summary>
    public async Task<bool> ReadAsync(CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            return await FetchAsync(cancellationToken);
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose() => turn.Dispose();

    private async Task<bool> FetchAsync(CancellationToken cancellationToken)
    {
        asked = clock.GetUtcNow();
        try
        {
            var text = await users.SendAsync(address => new(HttpMethod.Get, new Uri(address, ".well-known/jwks")), cancellationToken);
            var read = JsonWebKeySet.Create(text).Keys.Where(key => key is { Kty: JsonWebAlgorithmsKeyTypes.EllipticCurve, Crv: JsonWebKeyECTypes.P256, Kid.Length: > 0 } && key.Use is null or "" or "sig")
                .ToDictionary(key => key.Kid, SecurityKey (key) => key, StringComparer.Ordinal);
            if (read.Count == 0)
            {
                throw new JsonException("there is no EC key on P-256 in it");
            }

            Volatile.Write(ref keys, read);
            return true;
        }
        catch (Exception problem) when (problem is HttpRequestException or JsonException or ArgumentException)
        {
            LogNotRead(AreKnown ? "the last ones stay good" : "no token can be checked yet", problem.Message);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "The keys of access tokens were not read, {Meaning}: {Reason}")]
    private partial void LogNotRead(string meaning, string reason);
}

/// <summary>Reads them at start, soon again while nobody answers, and now and then: the next key is published long before it signs.</summary>
internal sealed class KeepKeys(IAccessTokenKeys keys, IEnumerable<ServiceAudience> audiences, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan WhileUnknown = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Regularly = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // A process that takes nobody's tokens needs no keys, and one that makes them has them.
        if (keys is not FetchedKeys fetched || !audiences.Any())
        {
            return;
        }

        using var timer = new PeriodicTimer(WhileUnknown, clock);
        do
        {
            timer.Period = await fetched.ReadAsync(stoppingToken) ? Regularly : WhileUnknown;
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
