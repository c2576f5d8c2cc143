using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aerona.Hosting;

/// <summary>
/// The answer to a call, kept to be given again: a row of idempotency_key. It may hold what is shown once (a guest's token, a client's new secret), so only
/// who knows the key can read it: the row has a hash of the key, and the body is sealed with another.
/// </summary>
internal sealed class KeptAnswer
{
    public const int LongestCaller = 200;

    private const int NonceLength = 12;
    private const int TagLength = 16;

    /// <summary><c>user:</c> and the subject, <c>guest:</c> and the booking, or <c>address:</c> and where an anonymous caller calls from.</summary>
    public required string Caller { get; init; }

    /// <summary>Method and route template.</summary>
    public required string Endpoint { get; init; }

    /// <summary>Hash of the key that was sent, hexadecimal.</summary>
    public required string Key { get; init; }

    /// <summary>SHA-256 of the request.</summary>
    public required byte[] Fingerprint { get; init; }

    /// <summary>HTTP status, below 400.</summary>
    public required int Status { get; init; }

    /// <summary>The header, or null.</summary>
    public string? Location { get; init; }

    /// <summary>The header, or null without a body.</summary>
    public string? ContentType { get; init; }

    /// <summary>Nonce, tag and what was sent, sealed with AES-256-GCM; empty without a body.</summary>
    public required byte[] Body { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    public static KeptAnswer Of(HttpContext context, Idempotency.Call call, byte[] fingerprint, byte[] body) => new()
    {
        Caller = call.Caller,
        Endpoint = call.Endpoint,
        Key = HashOf(call),
        Fingerprint = fingerprint,
        Status = context.Response.StatusCode,
        Location = context.Response.Headers.Location,
        ContentType = context.Response.ContentType,
        Body = Seal(call, body),
        CreatedAt = context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow(),
    };

    public static Task<KeptAnswer?> FindAsync(DbContext db, Idempotency.Call call, CancellationToken cancellationToken)
    {
        var key = HashOf(call);
        return db.Set<KeptAnswer>().AsNoTracking()
            .SingleOrDefaultAsync(answer => answer.Caller == call.Caller && answer.Endpoint == call.Endpoint && answer.Key == key, cancellationToken);
    }

    /// <summary>
    /// Whose keys these are. The prefixes keep a subject from passing for an address. Strangers behind one address share its keys; what one of them could
    /// see with another's key is only what he asked for himself, word by word, as the fingerprint covers the whole body
    /// (docs/decisions/0005-idempotent-http.md).
    /// </summary>
    public static string CallerOf(HttpContext context)
    {
        var caller = context.User.Owner() is { } subject ? $"user:{subject}"
            : context.User.GuestBooking() is { } booking ? $"guest:{booking}"
            : $"address:{context.Connection.RemoteIpAddress?.ToString() ?? "unknown"}";
        return caller.Length <= LongestCaller ? caller : $"hash:{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(caller)))}";
    }

    /// <param name="context">Where it is given again.</param>
    /// <param name="call">The same call, with its key.</param>
    public async Task WriteAsync(HttpContext context, Idempotency.Call call)
    {
        context.Response.StatusCode = Status;
        context.Response.ContentType = ContentType;
        if (Location is not null)
        {
            context.Response.Headers.Location = Location;
        }

        if (Body.Length > 0)
        {
            var body = Open(call, Body);
            context.Response.ContentLength = body.Length;
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        }
    }

    private static string HashOf(Idempotency.Call call) => Convert.ToHexStringLower(Derive(call, "name"));

    private static byte[] Seal(Idempotency.Call call, byte[] body)
    {
        if (body.Length == 0)
        {
            return [];
        }

        var sealedBody = new byte[NonceLength + TagLength + body.Length];
        var nonce = sealedBody.AsSpan(0, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(Derive(call, "body"), TagLength);
        cipher.Encrypt(nonce, body, sealedBody.AsSpan(NonceLength + TagLength), sealedBody.AsSpan(NonceLength, TagLength));
        return sealedBody;
    }

    private static byte[] Open(Idempotency.Call call, byte[] sealedBody)
    {
        var body = new byte[sealedBody.Length - NonceLength - TagLength];
        using var cipher = new AesGcm(Derive(call, "body"), TagLength);
        cipher.Decrypt(sealedBody.AsSpan(0, NonceLength), sealedBody.AsSpan(NonceLength + TagLength), sealedBody.AsSpan(NonceLength, TagLength), body);
        return body;
    }

    /// <summary>32 bytes from the key that was sent, different for every caller, endpoint and use.</summary>
    private static byte[] Derive(Idempotency.Call call, string use) => HKDF.DeriveKey(
        HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(call.Key), 32, salt: Encoding.UTF8.GetBytes($"{call.Caller}\n{call.Endpoint}"), info: Encoding.UTF8.GetBytes(use));
}

/// <summary>The contexts of this process that keep answers.</summary>
internal sealed class ContextsWithAnswers
{
    private readonly ConcurrentDictionary<Type, Func<IServiceProvider, DbContext>> contexts = new();

    public void Add<TDbContext>() where TDbContext : DbContext => contexts.TryAdd(typeof(TDbContext), services => services.GetRequiredService<TDbContext>());

    public IEnumerable<Func<IServiceProvider, DbContext>> All => contexts.Values;
}

/// <summary>Forgets answers after seven days, every hour, a batch at a time so that no writer waits long for it.</summary>
internal sealed partial class KeptAnswersCleanUp(
    ContextsWithAnswers contexts, IServiceScopeFactory scopes, TimeProvider clock, ILogger<KeptAnswersCleanUp> log) : BackgroundService
{
    public const int BatchSize = 500;
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(7);
    public static readonly TimeSpan Every = TimeSpan.FromHours(1);

    /// <summary>One round over all contexts; the number of rows deleted.</summary>
    public async Task<int> ForgetOldAsync(CancellationToken cancellationToken)
    {
        var deleted = 0;
        foreach (var context in contexts.All)
        {
            await using var scope = scopes.CreateAsyncScope();
            deleted += await ForgetOldAsync(context(scope.ServiceProvider), clock.GetUtcNow() - KeptFor, cancellationToken);
        }

        return deleted;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await ForgetOldAsync(stoppingToken);
            }
            catch (Exception problem) when (!stoppingToken.IsCancellationRequested)
            {
                LogPutOff(problem);   // old rows do no harm until the next round
            }
        }
    }

    private static async Task<int> ForgetOldAsync(DbContext db, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var deleted = 0;
        while (await db.Set<KeptAnswer>().Where(answer => answer.CreatedAt < before).OrderBy(answer => answer.CreatedAt)
            .Select(answer => answer.CreatedAt).Take(BatchSize).ToListAsync(cancellationToken) is [.., var last])
        {
            deleted += await db.Set<KeptAnswer>().Where(answer => answer.CreatedAt <= last).ExecuteDeleteAsync(cancellationToken);
        }

        return deleted;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old idempotency keys could not be deleted; tried again in an hour")]
    private partial void LogPutOff(Exception exception);
}
