using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Aerona.Hosting;

/// <summary>
/// Safe repeats of changing calls. The handler adds its changes and messages to the context and does not save: the filter saves them together with the
/// answer, in one transaction, so that a replay gets the same answer and nothing is done twice. Answers of 400 and above save nothing and are not kept.
/// </summary>
public static class Idempotency
{
    /// <summary>The header that names a call.</summary>
    public const string KeyHeader = "Idempotency-Key";

    /// <summary>Set to <c>true</c> on an answer that was given before.</summary>
    public const string ReplayedHeader = "Idempotency-Replayed";

    private const int LongestKey = 255;

    /// <summary>Maps the table idempotency_key.</summary>
    public static void AddIdempotency(this ModelBuilder model) => model.Entity<KeptAnswer>(answer =>
    {
        answer.ToTable("idempotency_key");
        answer.HasKey(row => new { row.Caller, row.Endpoint, row.Key });
        answer.Property(row => row.Caller).HasMaxLength(KeptAnswer.LongestCaller);
        answer.Property(row => row.Endpoint).HasMaxLength(200);
        answer.Property(row => row.Key).HasMaxLength(LongestKey);
        answer.HasIndex(row => row.CreatedAt);
    });

    /// <summary>
    /// Requires the header <c>Idempotency-Key</c> (1-255 printable characters; per caller and endpoint, kept 7 days). Missing → 400
    /// <c>idempotency.key_missing</c>; another body → 422 <c>idempotency.key_reused</c>; still running → 409 <c>idempotency.in_progress</c>; done → the same
    /// answer with <c>Idempotency-Replayed: true</c>. A row changed meanwhile → 409 <c>conflict</c>.
    /// </summary>
    public static RouteHandlerBuilder Idempotent<TDbContext>(this RouteHandlerBuilder endpoint) where TDbContext : DbContext
    {
        endpoint.WithMetadata(new NeedsKey());
        // Around the whole handler, binding included: the body must be read for the fingerprint before the binder takes it.
        endpoint.Add(builder =>
        {
            builder.ApplicationServices.GetRequiredService<ContextsWithAnswers>().Add<TDbContext>();
            var handler = builder.RequestDelegate ?? throw new InvalidOperationException($"{builder.DisplayName} has no handler");
            var name = $"{string.Join(',', builder.Metadata.OfType<IHttpMethodMetadata>().LastOrDefault()?.HttpMethods ?? [])} "
                + (builder as RouteEndpointBuilder)?.RoutePattern.RawText;
            builder.RequestDelegate = context => RunAsync<TDbContext>(context, name, handler);
        });
        return endpoint;
    }

    internal static void AddIdempotency(this IServiceCollection services)
    {
        services.AddSingleton<CallsInProgress>();
        services.AddSingleton<ContextsWithAnswers>();
        services.AddHostedService<KeptAnswersCleanUp>();
    }

    internal static ProblemHttpResult Conflict() =>
        Problems.Refused(409, "conflict", "Somebody else changed this meanwhile. Look again, then try with a new key.", true);

    private static async Task RunAsync<TDbContext>(HttpContext context, string endpoint, RequestDelegate handler) where TDbContext : DbContext
    {
        if (KeyProblem(context.Request) is { } wrong)
        {
            await wrong.ExecuteAsync(context);
            return;
        }

        var call = new Call(KeptAnswer.CallerOf(context), endpoint, context.Request.Headers[KeyHeader].ToString());
        var fingerprint = await FingerprintAsync(context.Request, context.RequestAborted);
        using var turn = context.RequestServices.GetRequiredService<CallsInProgress>().TryBegin(typeof(TDbContext), call);
        if (turn is null)
        {
            context.Response.Headers.RetryAfter = "1";
            await Refused(409, "idempotency.in_progress", "The first call with this key is still running.", retryable: true).ExecuteAsync(context);
            return;
        }

        var db = context.RequestServices.GetRequiredService<TDbContext>();
        if (await KeptAnswer.FindAsync(db, call, context.RequestAborted) is { } earlier)
        {
            await ReplayAsync(context, call, earlier, fingerprint);
            return;
        }

        await AnswerAndKeepAsync(context, db, call, fingerprint, handler);
    }

    private static async Task AnswerAndKeepAsync<TDbContext>(HttpContext context, TDbContext db, Call call, byte[] fingerprint, RequestDelegate handler)
        where TDbContext : DbContext
    {
        var wire = context.Response.Body;
        using var answer = new MemoryStream();
        context.Response.Body = answer;
        try
        {
            await handler(context);
            await context.Response.BodyWriter.FlushAsync(CancellationToken.None);
        }
        finally
        {
            context.Response.Body = wire;
        }

        // A caller who hung up before this point may have cut the answer short: then nothing has happened.
        context.RequestAborted.ThrowIfCancellationRequested();
        if (context.Response.StatusCode >= StatusCodes.Status400BadRequest)
        {
            db.ChangeTracker.Clear();
        }
        else if (!await SaveAsync(context, db, call, KeptAnswer.Of(context, call, fingerprint, answer.ToArray())))
        {
            return;
        }

        answer.Position = 0;
        await answer.CopyToAsync(wire, context.RequestAborted);
    }

    /// <summary>False when somebody else was faster and the answer has been given already.</summary>
    private static async Task<bool> SaveAsync<TDbContext>(HttpContext context, TDbContext db, Call call, KeptAnswer answer) where TDbContext : DbContext
    {
        try
        {
            db.Add(answer);
            // From here on the answer belongs to the key: a caller who hangs up now gets it when he asks again.
            await db.SaveChangesAsync(CancellationToken.None);
            return true;
        }
        catch (DbUpdateConcurrencyException)
        {
            db.ChangeTracker.Clear();
            context.Response.Clear();
            await Conflict().ExecuteAsync(context);
            return false;
        }
        catch (DbUpdateException)
        {
            // Another process may have served the same key meanwhile; any other broken constraint is the handler's own and not for us to explain.
            db.ChangeTracker.Clear();
            if (await KeptAnswer.FindAsync(db, call, CancellationToken.None) is not { } earlier)
            {
                throw;
            }

            context.Response.Clear();
            await ReplayAsync(context, call, earlier, answer.Fingerprint);
            return false;
        }
    }

    private static async Task ReplayAsync(HttpContext context, Call call, KeptAnswer answer, byte[] fingerprint)
    {
        if (!CryptographicOperations.FixedTimeEquals(answer.Fingerprint, fingerprint))
        {
            await Refused(422, "idempotency.key_reused", "This key was used for another request; a new request needs a new key.").ExecuteAsync(context);
            return;
        }

        context.Response.Headers[ReplayedHeader] = "true";
        await answer.WriteAsync(context, call);
    }

    private static ProblemHttpResult? KeyProblem(HttpRequest request) => request.Headers[KeyHeader] switch
    {
        [] or [""] => Refused(400, "idempotency.key_missing", "Send a key of your own making, best a random UUID, and the same again to repeat this call."),
        [{ Length: <= LongestKey } key] when key.All(character => character is >= ' ' and <= '~') => null,
        _ => Refused(400, "idempotency.key_invalid", "Send one key of 1 to 255 printable ASCII characters."),
    };

    private static ProblemHttpResult Refused(int status, string code, string detail, bool retryable = false) =>
        Problems.Refused(status, code, detail, retryable, new FieldProblem($"header:{KeyHeader}", code, detail));

    /// <summary>SHA-256 of what is asked for: method, path, query and body, each with its length, so that none can pass for part of another.</summary>
    private static async Task<byte[]> FingerprintAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        request.EnableBuffering();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in (string[])[request.Method, request.PathBase + request.Path, request.QueryString.Value ?? ""])
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }

        var buffer = new byte[8192];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            hash.AppendData(buffer.AsSpan(0, read));
        }

        request.Body.Position = 0;
        return hash.GetHashAndReset();
    }

    /// <summary>Marks an endpoint for the API description.</summary>
    internal sealed class NeedsKey;

    /// <summary>Whose call, of what, by which key.</summary>
    internal sealed record Call(string Caller, string Endpoint, string Key);
}

/// <summary>The calls this process is serving, so that a twin is told to wait instead of doing the work beside the first.</summary>
internal sealed class CallsInProgress
{
    private readonly ConcurrentDictionary<(Type Context, Idempotency.Call Call), byte> calls = new();

    /// <summary>The right to serve that call until disposed; null while somebody else has it.</summary>
    public IDisposable? TryBegin(Type context, Idempotency.Call call) => calls.TryAdd((context, call), 0) ? new Turn(this, (context, call)) : null;

    private sealed class Turn(CallsInProgress inProgress, (Type, Idempotency.Call) key) : IDisposable
    {
        public void Dispose() => inProgress.calls.TryRemove(key, out _);
    }
}
