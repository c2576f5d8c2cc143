using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aerona.Hosting;

/// <summary>The answer to a call, kept to be given again: a row of idempotency_key.</summary>
internal sealed class KeptAnswer
{
    public const int LongestCaller = 200;

    /// <summary><c>user:</c> and the subject, <c>guest:</c> and the booking, or <c>address:</c> and where an anonymous caller calls from.</summary>
    public required string Caller { get; init; }

    /// <summary>Method and route template.</summary>
    public required string Endpoint { get; init; }

    /// <summary>As sent.</summary>
    public required string Key { get; init; }

    /// <summary>SHA-256 of the request.</summary>
    public required byte[] Fingerprint { get; init; }

    /// <summary>HTTP status, below 400.</summary>
    public required int Status { get; init; }

    /// <summary>The header, or null.</summary>
    public string? Location { get; init; }

    /// <summary>The header, or null without a body.</summary>
    public string? ContentType { get; init; }

    /// <summary>As sent; may be empty.</summary>
    public required byte[] Body { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    internal Idempotency.Call Call => new(Caller, Endpoint, Key);

    public static KeptAnswer Of(HttpContext context, Idempotency.Call call, byte[] fingerprint, byte[] body) => new()
    {
        Caller = call.Caller,
        Endpoint = call.Endpoint,
        Key = call.Key,
        Fingerprint = fingerprint,
        Status = context.Response.StatusCode,
        Location = context.Response.Headers.Location,
        ContentType = context.Response.ContentType,
        Body = body,
        CreatedAt = context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow(),
    };

    public static Task<KeptAnswer?> FindAsync(DbContext db, Idempotency.Call call, CancellationToken cancellationToken) => db.Set<KeptAnswer>().AsNoTracking()
        .SingleOrDefaultAsync(answer => answer.Caller == call.Caller && answer.Endpoint == call.Endpoint && answer.Key == call.Key, cancellationToken);

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

    public async Task WriteAsync(HttpContext context)
    {
        context.Response.StatusCode = Status;
        context.Response.ContentType = ContentType;
        if (Location is not null)
        {
            context.Response.Headers.Location = Location;
        }

        if (Body.Length > 0)
        {
            context.Response.ContentLength = Body.Length;
            await context.Response.Body.WriteAsync(Body, context.RequestAborted);
        }
    }
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
