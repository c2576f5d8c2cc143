using System.Security.Cryptography;
using Aerona.Hosting;
using Aerona.Persistence;
using Aerona.Users.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;

namespace Aerona.Users.Keys;

/// <summary>The keys as they are now: the active one signs, all are published, so that validators know the next one long before it signs.</summary>
/// <param name="Keys">By number; not empty.</param>
/// <param name="ActiveId">The key that signs.</param>
/// <param name="IsLoaded">False until the database was read.</param>
internal sealed record Ring(IReadOnlyList<RingKey> Keys, string ActiveId, bool IsLoaded)
{
    public ECDsaSecurityKey Active => Keys.First(key => key.KeyId == ActiveId).Key;
}

/// <summary>A key in use.</summary>
internal sealed record RingKey(int Number, string KeyId, ECDsaSecurityKey Key, DateTimeOffset ActiveAt);

/// <summary>
/// Reads the keys, makes the next one when its time has come, drops those that retired long ago. Everything follows from times in the table: replicas agree without
/// asking each other, and one that reads late still signs with a key that is published.
/// </summary>
internal sealed partial class KeyRing(
    IServiceScopeFactory scopes, MasterKey master, DatabaseReadiness readiness, IOptions<UsersOptions> options, TimeProvider clock, ILogger<KeyRing> log)
    : BackgroundService, IOptionsChangeTokenSource<OpenIddictServerOptions>, IAccessTokenKeys
{
    public const string SealPurpose = "signing key";

    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstLooks = TimeSpan.FromMilliseconds(250);

    private readonly SemaphoreSlim turn = new(1, 1);
    private CancellationTokenSource change = new();

    // Until the database was read something must stand in the options; nothing is signed with it, as nobody is served before (UsersModule).
    private Ring ring = new([Placeholder()], "none", false);

    public Ring Current => Volatile.Read(ref ring);

    public bool AreKnown => Current.IsLoaded;

    public SecurityKey? Find(string keyId) => Current.Keys.Where(key => key.KeyId == keyId).Select(key => key.Key).SingleOrDefault();

    public Task LookForAsync(string keyId, CancellationToken cancellationToken) => Task.CompletedTask;   // published weeks before it signs, read every half minute

    string? IOptionsChangeTokenSource<OpenIddictServerOptions>.Name => Options.DefaultName;

    IChangeToken IOptionsChangeTokenSource<OpenIddictServerOptions>.GetChangeToken() => new CancellationChangeToken(Volatile.Read(ref change).Token);

    /// <summary>Reads the table again, after making what is missing in it.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<UsersDbContext>();
            var now = clock.GetUtcNow();
            var rows = await db.SigningKeys.OrderBy(row => row.Number).ToListAsync(cancellationToken);
            if (Missing(rows, now) is { } missing)
            {
                rows = await AddAsync(db, missing, cancellationToken);
            }

            await DropRetiredAsync(db, rows, now, cancellationToken);
            Use(rows, now);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>The next key signs from now on, at once here and within half a minute in other replicas; what the old one signed stays good.</summary>
    public async Task RotateAsync(CancellationToken cancellationToken)
    {
        await using (var scope = scopes.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<UsersDbContext>();
            var now = clock.GetUtcNow();
            var next = await db.SigningKeys.Where(row => row.ActiveAt > now).OrderBy(row => row.Number).FirstAsync(cancellationToken);
            next.ActiveAt = now;
            await db.SaveChangesAsync(cancellationToken);
        }

        await RefreshAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await readiness.WaitAsync<UsersDbContext>(stoppingToken);
        using var timer = new PeriodicTimer(FirstLooks, clock);
        do
        {
            try
            {
                await RefreshAsync(stoppingToken);
                timer.Period = LookAgain;
            }
            catch (Exception problem) when (!stoppingToken.IsCancellationRequested)
            {
                LogNotRead(problem.GetBaseException().Message);   // what we have stays good; the next look may go better
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    public override void Dispose()
    {
        base.Dispose();
        turn.Dispose();
    }

    /// <summary>The first two, or the one after the last when that has begun to sign.</summary>
    private List<SigningKey>? Missing(List<SigningKey> rows, DateTimeOffset now) => rows switch
    {
        [] => [Make(1, now, now), Make(2, now, now + options.Value.SigningKeyPeriod)],
        [.., var last] when last.ActiveAt <= now => [Make(last.Number + 1, now, now + options.Value.SigningKeyPeriod)],
        _ => null,
    };

    private SigningKey Make(int number, DateTimeOffset now, DateTimeOffset activeAt)
    {
        using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new()
        {
            Number = number,
            KeyId = Base64UrlEncoder.Encode(new ECDsaSecurityKey(made).ComputeJwkThumbprint()),
            PrivateKey = master.Seal(SealPurpose, made.ExportPkcs8PrivateKey()),
            CreatedAt = now,
            ActiveAt = activeAt,
        };
    }

    private async Task<List<SigningKey>> AddAsync(UsersDbContext db, List<SigningKey> missing, CancellationToken cancellationToken)
    {
        db.AddRange(missing);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            missing.ForEach(key => LogMade(key.Number, key.KeyId, key.ActiveAt));
        }
        catch (DbUpdateException problem) when (DatabaseErrors.IsDuplicate(problem))
        {
            db.ChangeTracker.Clear();   // another process was quicker: its keys are the keys
        }

        return await db.SigningKeys.OrderBy(row => row.Number).ToListAsync(cancellationToken);
    }

    private async Task DropRetiredAsync(UsersDbContext db, List<SigningKey> rows, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // A key retires when the one after it begins.
        var gone = rows.Zip(rows.Skip(1)).Where(pair => pair.Second.ActiveAt + options.Value.RetiredKeysStay < now).Select(pair => pair.First).ToList();
        if (gone.Count > 0)
        {
            var numbers = gone.ConvertAll(key => key.Number);
            await db.SigningKeys.Where(row => numbers.Contains(row.Number)).ExecuteDeleteAsync(cancellationToken);
            gone.ForEach(key => rows.Remove(key));
        }
    }

    private void Use(List<SigningKey> rows, DateTimeOffset now)
    {
        var known = Current.Keys.ToDictionary(key => key.KeyId);
        var keys = rows.ConvertAll(row => known.TryGetValue(row.KeyId, out var same) ? same with { ActiveAt = row.ActiveAt } : new RingKey(row.Number, row.KeyId, Open(row), row.ActiveAt));
        var active = keys.Last(key => key.ActiveAt <= now).KeyId;
        var before = Current;
        if (before.IsLoaded && before.ActiveId == active && before.Keys.SequenceEqual(keys))
        {
            return;
        }

        Volatile.Write(ref ring, new(keys, active, true));
        LogActive(active, keys.Count);
        Interlocked.Exchange(ref change, new()).Cancel();   // the options are made anew
    }

    private ECDsaSecurityKey Open(SigningKey row)
    {
        var plain = master.Open(SealPurpose, row.PrivateKey)
            ?? throw new InvalidOperationException("Users:MasterSecret: does not open the signing keys in the database; it is not the secret they were sealed with");
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(plain, out _);
        CryptographicOperations.ZeroMemory(plain);
        // A cache of its own: the shared one would hand out signers of a key that another host of this process has disposed of.
        return new(key) { KeyId = row.KeyId, CryptoProviderFactory = new() };
    }

    private static RingKey Placeholder() => new(0, "none", new(ECDsa.Create(ECCurve.NamedCurves.nistP256)) { KeyId = "none" }, DateTimeOffset.MinValue);

    [LoggerMessage(LogLevel.Information, "Signing key {Number} ({KeyId}) was made; it signs from {ActiveAt:u} on")]
    private partial void LogMade(int number, string keyId, DateTimeOffset activeAt);

    [LoggerMessage(LogLevel.Information, "Tokens are signed by {KeyId}; {Published} keys are published")]
    private partial void LogActive(string keyId, int published);

    [LoggerMessage(LogLevel.Error, "The signing keys cannot be read: {Reason}")]
    private partial void LogNotRead(string reason);
}
