using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aerona.Persistence;
using Aerona.Sandbox.PayPal;

namespace Aerona.Sandbox.Zz;

/// <summary>A call that passed the door.</summary>
/// <param name="Db">In a transaction.</param>
/// <param name="Data">The member <c>data</c> of the body; empty for a GET.</param>
/// <param name="Query">Of the address.</param>
/// <param name="Now">UTC.</param>
/// <param name="Cancellation">The caller went away.</param>
internal sealed record ZzCall(SandboxDbContext Db, JsonObject Data, IQueryCollection Query, DateTimeOffset Now, CancellationToken Cancellation);

/// <summary>An answer: status, the member <c>data</c>, and how it fails on its way; a paged one says where it goes on.</summary>
internal sealed record ZzAnswer(int Status, JsonNode? Data, ZzScenario Fault = ZzScenario.None, string? After = null, bool IsPaged = false);

/// <summary>What is alike for every call of Duffel's API: version, bearer token, rate, JSON, one transaction, errors in Duffel's form.</summary>
internal sealed class ZzDesk(SandboxDbContext db, ZzOptions options, ZzPace pace, ZzAlarm alarm, TimeProvider time)
{
    public static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Duffel writes microseconds.</summary>
    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Answers a call; whoever refuses throws <see cref="ZzProblem"/>, and nothing is kept.</summary>
    public async Task AnswerAsync(HttpContext http, Func<ZzCall, Task<ZzAnswer>> work)
    {
        var (limit, left, resetsAt) = pace.Count();
        http.Response.Headers["ratelimit-limit"] = limit.ToString(CultureInfo.InvariantCulture);
        http.Response.Headers["ratelimit-remaining"] = Math.Max(0, left).ToString(CultureInfo.InvariantCulture);
        http.Response.Headers["ratelimit-reset"] = resetsAt.ToString("R", CultureInfo.InvariantCulture);
        try
        {
            CheckTheDoor(http, left);
            var data = await ReadAsync(http);
            await using var transaction = await db.BeginAsync(http.RequestAborted);
            var answer = await work(new(db, data, http.Request.Query, time.GetUtcNow(), http.RequestAborted));
            await db.SaveChangesAsync(http.RequestAborted);
            await transaction.CommitAsync(http.RequestAborted);
            alarm.Ring();
            await SendAsync(http, answer);
        }
        catch (ZzProblem problem)
        {
            if (problem.RetryAfterSeconds is { } seconds)
            {
                http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            }

            await WriteAsync(http, problem.Status, problem.Body);
        }
        catch (ZzSilence)
        {
            http.Abort();
        }
    }

    private void CheckTheDoor(HttpContext http, int left)
    {
        var token = Encoding.UTF8.GetBytes(http.Request.Headers.Authorization.ToString());
        if (!CryptographicOperations.FixedTimeEquals(token, Encoding.UTF8.GetBytes($"Bearer {options.AccessToken}")))
        {
            throw ZzProblem.Unauthorised();
        }

        if (http.Request.Headers["Duffel-Version"] != "v2")
        {
            throw ZzProblem.WrongVersion();
        }

        if (left < 0)
        {
            throw ZzProblem.Busy();
        }
    }

    private async Task SendAsync(HttpContext http, ZzAnswer answer)
    {
        switch (answer.Fault)
        {
            case ZzScenario.TimeoutAfter:
                http.Abort();
                return;
            case ZzScenario.Slow:
                await time.WaitAsync(options.SlowAnswer, http.RequestAborted);
                break;
            case ZzScenario.ErrorInSuccess:
                await WriteAsync(http, 200, ZzProblem.State("airline_internal", "The airline responded with an unexpected error.").Body);
                return;
        }

        if (answer.Status == 204)
        {
            http.Response.StatusCode = 204;
            return;
        }

        var body = new JsonObject { ["data"] = answer.Data };
        if (answer.IsPaged)
        {
            body["meta"] = new JsonObject { ["limit"] = 50, ["after"] = answer.After, ["before"] = null };
        }

        await WriteAsync(http, answer.Status, body);
    }

    private static async Task<JsonObject> ReadAsync(HttpContext http)
    {
        if (HttpMethods.IsGet(http.Request.Method) || http.Request.ContentLength is 0 or null && !http.Request.Headers.ContainsKey("Transfer-Encoding"))
        {
            return [];
        }

        try
        {
            var body = await JsonNode.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
            return body is JsonObject { Count: > 0 } said && said["data"] is JsonObject data ? data : throw ZzProblem.Malformed();
        }
        catch (JsonException)
        {
            throw ZzProblem.Malformed();
        }
    }

    private static async Task WriteAsync(HttpContext http, int status, object body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(JsonSerializer.Serialize(body, Json), http.RequestAborted);
    }
}

internal static class ZzJson
{
    /// <summary>Text that must be there.</summary>
    public static string Text(this JsonObject json, string name) =>
        json[name] is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : throw ZzProblem.Invalid(name, "is required");

    /// <summary>Text or null.</summary>
    public static string? TextOrNull(this JsonObject json, string name) => json[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>Objects of a list; empty when there is no such list.</summary>
    public static IReadOnlyList<JsonObject> Objects(this JsonObject json, string name) => json[name] is JsonArray list ? [.. list.OfType<JsonObject>()] : [];

    public static JsonObject Object(string json) => JsonNode.Parse(json)!.AsObject();

    public static JsonNode Node(object value) => JsonSerializer.SerializeToNode(value, ZzDesk.Json)!;

    public static string Write(JsonNode node) => node.ToJsonString(ZzDesk.Json);
}
