using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Aerona.Persistence;
using Aerona.Users.Data;
using Aerona.Users.SigningIn;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Aerona.Users.Connect;

/// <summary>Makes clients.</summary>
internal static class Clients
{
    /// <summary>A program's own, without a person: client credentials for these scopes.</summary>
    public static Client OfProgram(string clientId, string name, ClientMode mode, IReadOnlyList<string> scopes, DateTimeOffset now)
    {
        var client = Make(clientId, name, ClientTypes.Confidential, mode, now);
        Permit(client, scopes, isProgram: true);
        return client;
    }

    /// <summary>A new secret: the text is shown once and kept nowhere.</summary>
    public static (ClientSecret Row, string Text) NewSecret(Guid clientId, ClientMode mode, DateTimeOffset now)
    {
        var text = $"{(mode == ClientMode.Test ? "test" : "live")}_{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32))}";
        return (new() { Id = Guid.CreateVersion7(now), ClientId = clientId, Hash = Sessions.Hash(text), CreatedAt = now }, text);
    }

    public static Client Make(string clientId, string name, string type, ClientMode mode, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        ClientId = clientId,
        DisplayName = name,
        ClientType = type,
        ApplicationType = ApplicationTypes.Web,
        ConsentType = ConsentTypes.Explicit,
        ConcurrencyToken = Guid.NewGuid().ToString(),
        Mode = mode,
        CreatedAt = now,
    };

    public static void Permit(Client client, IEnumerable<string> scopes, bool isProgram)
    {
        string[] rights = isProgram
            ? [Permissions.Endpoints.Token, Permissions.GrantTypes.ClientCredentials]
            :
            [
                Permissions.Endpoints.Authorization, Permissions.Endpoints.Token, Permissions.Endpoints.EndSession, Permissions.Endpoints.Revocation, Permissions.GrantTypes.AuthorizationCode,
                Permissions.GrantTypes.RefreshToken, Permissions.ResponseTypes.Code,
            ];
        client.Permissions = JsonSerializer.Serialize(rights.Concat(scopes.Select(scope => Permissions.Prefixes.Scope + scope)));
    }

    /// <summary>The scopes that it may ask for.</summary>
    public static IReadOnlyList<string> ScopesOf(Client client) =>
    [
        .. JsonSerializer.Deserialize<string[]>(client.Permissions ?? "[]")!.Where(right => right.StartsWith(Permissions.Prefixes.Scope, StringComparison.Ordinal))
            .Select(right => right[Permissions.Prefixes.Scope.Length..]),
    ];
}

/// <summary>Brings our own applications to the state that the settings give them. They ask for no consent: they are us.</summary>
internal sealed partial class OwnClients(IServiceScopeFactory scopes, DatabaseReadiness readiness, IOptions<UsersOptions> options, TimeProvider clock, ILogger<OwnClients> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await readiness.WaitAsync<UsersDbContext>(stoppingToken);
        foreach (var wanted in options.Value.Clients)
        {
            try
            {
                await BringAsync(wanted, stoppingToken);
            }
            catch (DbUpdateException problem) when (DatabaseErrors.IsDuplicate(problem))
            {
                LogTwice(wanted.ClientId);   // another replica starts with the same settings
            }
        }
    }

    private async Task BringAsync(OwnClient wanted, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<UsersDbContext>();
        var now = clock.GetUtcNow();
        var client = await db.Clients.Include(row => row.Secrets).SingleOrDefaultAsync(row => row.ClientId == wanted.ClientId, cancellationToken);
        if (client is null)
        {
            client = Clients.Make(wanted.ClientId, wanted.Name, ClientTypes.Public, ClientMode.Live, now);
            db.Clients.Add(client);
        }

        client.DisplayName = wanted.Name;
        client.ClientType = wanted.Secret is null ? ClientTypes.Public : ClientTypes.Confidential;
        client.ConsentType = ConsentTypes.Implicit;
        client.Roles = string.Join(' ', wanted.Roles);
        client.RedirectUris = JsonSerializer.Serialize(wanted.RedirectUris);
        client.PostLogoutRedirectUris = JsonSerializer.Serialize(wanted.PostLogoutRedirectUris);
        Clients.Permit(client, wanted.Scopes, isProgram: wanted.RedirectUris.Count == 0);
        // A secret that is set takes the place of the one that was; the old one stays good until the next change but one, as everywhere.
        if (wanted.Secret is { } secret && !client.Secrets.Exists(row => row.Hash.AsSpan().SequenceEqual(Sessions.Hash(secret))))
        {
            db.ClientSecrets.RemoveRange(client.Secrets.OrderByDescending(row => row.CreatedAt).Skip(1));
            db.ClientSecrets.Add(new() { Id = Guid.CreateVersion7(now), ClientId = client.Id, Hash = Sessions.Hash(secret), CreatedAt = now });
        }

        await db.SaveChangesAsync(cancellationToken);
    }

    [LoggerMessage(LogLevel.Information, "Client {Client} is being made by another process")]
    private partial void LogTwice(string client);
}
