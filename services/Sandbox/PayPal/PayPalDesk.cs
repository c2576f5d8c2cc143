using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Sandbox.PayPal;

/// <summary>A call that passed the door.</summary>
/// <param name="Db">In a transaction, unless it only reads.</param>
/// <param name="Body">The request's JSON; undefined when there was none.</param>
/// <param name="Full">Whether the caller asked for <c>return=representation</c>.</param>
/// <param name="Now">UTC.</param>
/// <param name="Views">How PayPal writes things.</param>
/// <param name="Cancellation">The caller went away.</param>
internal sealed record PayPalCall(SandboxDbContext Db, JsonElement Body, bool Full, DateTimeOffset Now, PayPalViews Views, CancellationToken Cancellation);

/// <summary>An answer: status and JSON, null for none.</summary>
internal sealed record PayPalAnswer(int Status, object? Body);

/// <summary>The next call of an operation fails, whoever pays; for what happens before a payer is known.</summary>
internal sealed class NextFaults
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<Fault>> waiting = [];

    public void Add(string operation, Fault fault) => waiting.GetOrAdd(operation, _ => []).Enqueue(fault);

    public Fault Take(string operation) => waiting.TryGetValue(operation, out var queue) && queue.TryDequeue(out var fault) ? fault : Fault.None;
}

/// <summary>
/// What is alike for every call of PayPal's API: bearer token, JSON, PayPal-Request-Id, one transaction, the scenario's fault, and errors in PayPal's shape.
/// </summary>
internal sealed class PayPalDesk(SandboxDbContext db, WebhookOutbox webhooks, NextFaults nextFaults, Lapses lapses, PayPalSandboxOptions options, TimeProvider time)
{
    public static readonly JsonSerializerOptions Json = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Answers a call.</summary>
    /// <param name="http">The call.</param>
    /// <param name="operation">PayPal's name of it, such as <c>orders.create</c>.</param>
    /// <param name="resource">Id in the address, or empty.</param>
    /// <param name="orderOf">Finds the id of the order concerned; its payer decides about faults.</param>
    /// <param name="work">Does it; throws <see cref="PayPalProblem"/> to refuse, and nothing is kept.</param>
    /// <param name="jsonRequired">Whether the content type must be JSON.</param>
    public async Task AnswerAsync(
        HttpContext http, string operation, string resource, Func<SandboxDbContext, Task<string?>> orderOf, Func<PayPalCall, Task<PayPalAnswer>> work,
        bool jsonRequired = true)
    {
        PayPalAnswer answer;
        var fault = Fault.None;
        try
        {
            await RequireTokenAsync(http);
            var body = await ReadJsonAsync(http, jsonRequired && !HttpMethods.IsGet(http.Request.Method));
            await lapses.SweepAsync(http.RequestAborted);
            (answer, fault) = await HandleAsync(http, operation, resource, orderOf, work, body);
        }
        catch (PayPalProblem problem)
        {
            answer = new(problem.Status, problem.Body);
        }

        webhooks.Wake();
        if (fault is Fault.TimeoutBefore or Fault.TimeoutAfter)
        {
            http.Abort();
            return;
        }

        if (fault == Fault.Slow)
        {
            await time.WaitAsync(options.SlowAnswer, http.RequestAborted);
        }

        await WriteAsync(http, fault == Fault.ErrorAfter ? new(500, PayPalProblem.ServerError().Body) : answer);
    }

    private async Task<(PayPalAnswer Answer, Fault Fault)> HandleAsync(
        HttpContext http, string operation, string resource, Func<SandboxDbContext, Task<string?>> orderOf, Func<PayPalCall, Task<PayPalAnswer>> work,
        JsonElement body)
    {
        var cancellation = http.RequestAborted;
        if (HttpMethods.IsGet(http.Request.Method))
        {
            var failing = nextFaults.Take(operation);
            return (failing == Fault.Busy ? new(429, PayPalProblem.Busy().Body) : await work(Call()), failing);
        }

        var requestId = http.Request.Headers["PayPal-Request-Id"].ToString();
        await using var transaction = await db.BeginAsync(cancellation);
        var order = await orderOf(db) is { } orderId ? await db.TryLockAsync<PayPalOrder>(orderId, cancellation) : null;
        if (requestId != "" && await db.FirstAnswers.FindAsync([operation, resource, requestId], cancellation) is { } first)
        {
            return (new(first.Status == 201 ? 200 : first.Status, first.Body), Fault.None);
        }

        var fault = nextFaults.Take(operation);
        if (fault == Fault.None && order is { Payer: { } payer } && Persona.Find(payer) is { } persona && persona.Step == operation
            && !order.PlayedFaults.Contains($";{operation};", StringComparison.Ordinal))
        {
            order.PlayedFaults += operation + ";";
            fault = persona.Fault;
        }

        if (fault is Fault.TimeoutBefore or Fault.Busy)
        {
            await db.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
            return (new(429, PayPalProblem.Busy().Body), fault);
        }

        PayPalAnswer answer;
        try
        {
            answer = await work(Call());
        }
        catch (PayPalProblem problem) when (problem.Status == 422)
        {
            // Thrown before anything is changed; an answer to keep like any other.
            answer = new(problem.Status, problem.Body);
        }

        if (requestId != "")
        {
            db.FirstAnswers.Add(new()
            {
                Operation = operation,
                Resource = resource,
                RequestId = requestId,
                Status = answer.Status,
                Body = Text(answer.Body),
                AnsweredAt = time.GetUtcNow(),
            });
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return (answer, fault);

        PayPalCall Call() => new(
            db, body, http.Request.Headers["Prefer"].ToString().Contains("return=representation", StringComparison.Ordinal), time.GetUtcNow(),
            PayPalViews.For(http, options), cancellation);
    }

    private async Task RequireTokenAsync(HttpContext http)
    {
        var header = http.Request.Headers.Authorization.ToString();
        var hash = header.StartsWith("Bearer ", StringComparison.Ordinal) ? Hash(header["Bearer ".Length..]) : "";
        var token = await db.AccessTokens.AsNoTracking().SingleOrDefaultAsync(token => token.Sha256 == hash, http.RequestAborted);
        if (token is null || token.ExpiresAt <= time.GetUtcNow())
        {
            throw PayPalProblem.Unauthorized();
        }
    }

    private static async Task<JsonElement> ReadJsonAsync(HttpContext http, bool required)
    {
        using var buffer = new MemoryStream();
        await http.Request.Body.CopyToAsync(buffer, http.RequestAborted);
        if ((required || buffer.Length > 0) && !http.Request.HasJsonContentType())
        {
            throw PayPalProblem.WrongMediaType();
        }

        try
        {
            return buffer.Length == 0 ? default : JsonDocument.Parse(buffer.ToArray()).RootElement;
        }
        catch (JsonException)
        {
            throw PayPalProblem.Invalid("MALFORMED_REQUEST_JSON", null);
        }
    }

    public static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private static string? Text(object? body) => body as string ?? (body is null ? null : JsonSerializer.Serialize(body, Json));

    private static async Task WriteAsync(HttpContext http, PayPalAnswer answer)
    {
        http.Response.StatusCode = answer.Status;
        if (Text(answer.Body) is { } text)
        {
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync(text, http.RequestAborted);
        }
    }
}

internal static class Waiting
{
    /// <summary>Lets that much of the clock's time pass.</summary>
    public static async Task WaitAsync(this TimeProvider time, TimeSpan span, CancellationToken cancellationToken)
    {
        var passed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var timer = time.CreateTimer(_ => passed.TrySetResult(), null, span, Timeout.InfiniteTimeSpan);
        await passed.Task.WaitAsync(cancellationToken);
    }
}
