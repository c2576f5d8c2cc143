using System.Diagnostics.Metrics;
using Aerona.Users.Accounts;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Aerona.Users.Passwords;

/// <summary>
/// Hashes of passwords (PBKDF2-HMAC-SHA512), a few at a time: each takes a processor for a tenth of a second and more, and whoever sends many sign-ins must not get
/// them all.
/// </summary>
internal sealed class PasswordHashes : IDisposable
{
    public const string Meter = "Aerona.Users";

    private readonly PasswordHasher<Account> hasher;
    private readonly SemaphoreSlim turns;
    private readonly int most;
    private readonly Counter<long> hashes;
    private readonly Lazy<string> nobodys;
    private int inside;

    public PasswordHashes(IOptions<UsersOptions> options, IMeterFactory meters)
        : this(options.Value.PasswordRounds, options.Value.ParallelHashes is > 0 and var set ? set : Math.Max(1, Environment.ProcessorCount / 2), options.Value.WaitingHashes, meters)
    {
    }

    internal PasswordHashes(int rounds, int parallel, int waiting, IMeterFactory meters)
    {
        hasher = new(Options.Create(new PasswordHasherOptions { CompatibilityMode = PasswordHasherCompatibilityMode.IdentityV3, IterationCount = rounds }));
        turns = new(parallel, parallel);
        most = parallel + waiting;
        hashes = meters.Create(Meter).CreateCounter<long>("aerona.users.password_hashes", "{hash}", "Passwords hashed, to keep or to compare");
        nobodys = new(() => hasher.HashPassword(null!, Guid.NewGuid().ToString()));
    }

    /// <exception cref="TooManyHashesException">Too many are waiting.</exception>
    public Task<string> HashAsync(string password, CancellationToken cancellationToken) => InTurnAsync(() => hasher.HashPassword(null!, password), cancellationToken);

    /// <summary>Whether it is that password, and whether its hash is to be made anew. Without a hash (nobody of that name) it is as much work, and never.</summary>
    /// <exception cref="TooManyHashesException">Too many are waiting.</exception>
    public async Task<(bool IsRight, bool IsOld)> VerifyAsync(string? hash, string password, CancellationToken cancellationToken)
    {
        var nobody = nobodys.Value;
        var answer = await InTurnAsync(() => hasher.VerifyHashedPassword(null!, hash ?? nobody, password), cancellationToken);
        return (hash is not null && answer != PasswordVerificationResult.Failed, answer == PasswordVerificationResult.SuccessRehashNeeded);
    }

    public void Dispose() => turns.Dispose();

    private async Task<T> InTurnAsync<T>(Func<T> hash, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref inside) > most)
        {
            Interlocked.Decrement(ref inside);
            throw new TooManyHashesException();
        }

        try
        {
            await turns.WaitAsync(cancellationToken);
            try
            {
                hashes.Add(1);
                return await Task.Run(hash, CancellationToken.None);
            }
            finally
            {
                turns.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref inside);
        }
    }
}

/// <summary>More sign-ins than we hash passwords for; come again in a moment.</summary>
internal sealed class TooManyHashesException() : Exception("Too many passwords wait to be hashed");
