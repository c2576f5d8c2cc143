using System.Security.Cryptography;
using Aerona.Users.Data;
using Aerona.Users.SigningIn;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.Core;

namespace Aerona.Users.Connect;

/// <summary>OpenIddict knows one secret a client; ours have up to two, each with an end.</summary>
internal sealed class ClientManager(
    IOpenIddictApplicationCache<Client> cache, ILogger<OpenIddictApplicationManager<Client>> log, IOptionsMonitor<OpenIddictCoreOptions> options, IOpenIddictApplicationStore<Client> store,
    UsersDbContext db, TimeProvider clock) : OpenIddictApplicationManager<Client>(cache, log, options, store)
{
    public override async ValueTask<bool> ValidateClientSecretAsync(Client application, string secret, CancellationToken cancellationToken = default)
    {
        var now = clock.GetUtcNow();
        var hash = Sessions.Hash(secret);
        var secrets = await db.ClientSecrets.AsNoTracking().Where(row => row.ClientId == application.Id).ToListAsync(cancellationToken);
        return secrets.Where(row => row.EndsAt is null || row.EndsAt > now).Aggregate(false, (found, row) => found | CryptographicOperations.FixedTimeEquals(row.Hash, hash));
    }
}
