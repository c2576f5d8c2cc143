using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Aerona.Suppliers;
using Polly;

namespace Aerona.Airlines.Outside;

/// <summary>A call to a supplier.</summary>
/// <param name="Operation">In a few words of ours, for the log: <c>create_order</c>.</param>
/// <param name="Method">HTTP's.</param>
/// <param name="Path">Below the base address, with its query.</param>
/// <param name="Body">Written as JSON; null for none.</param>
/// <param name="Limit">Longest wait.</param>
/// <param name="Headers">Besides the usual ones.</param>
internal sealed record SupplierCall(string Operation, HttpMethod Method, string Path, object? Body, TimeSpan Limit, params IReadOnlyList<(string Name, string Value)> Headers);

/// <summary>What came back: JSON, or a problem. An empty success is undefined JSON.</summary>
internal readonly record struct SupplierReply(JsonElement Json, SupplierProblem? Problem)
{
    /// <summary>The answer as a shape; a shape that does not fit is a problem too, never an exception.</summary>
    public (T? Value, SupplierProblem? Problem) As<T>(JsonSerializerOptions options) where T : class
    {
        if (Problem is not null)
        {
            return (null, Problem);
        }

        try
        {
            return Json.ValueKind == JsonValueKind.Object && Json.Deserialize<T>(options) is { } value
                ? (value, null)
                : (null, new(SupplierFailure.NotUnderstood, "answer.malformed", "the answer is no JSON object"));
        }
        catch (JsonException problem)
        {
            return (null, new(SupplierFailure.NotUnderstood, "answer.malformed", problem.Message));
        }
    }
}

/// <summary>
/// The one place where a supplier's silence, faults and refusals become values. Says at once that it is busy while the supplier's own limit says so.
/// </summary>
internal sealed class SupplierHttp(string supplier, IHttpClientFactory clients, SupplierLog log, TimeProvider clock)
{
    private const int LongestDetail = 500;

    /// <summary>Of the supplier's limit of calls, what is kept for people who wait.</summary>
    private const double Reserve = 0.25;

    private long busyUntil;
    private long scarceUntil;

    /// <summary>UTC; before that the supplier takes no calls. Null: it does.</summary>
    public DateTimeOffset? BusyUntil => Interlocked.Read(ref busyUntil) is var ticks && ticks > clock.GetUtcNow().UtcTicks ? new(ticks, TimeSpan.Zero) : null;

    /// <summary>UTC; before that what is left of the supplier's limit is for people who wait, and whatever can wait waits. Null: there is enough.</summary>
    public DateTimeOffset? ScarceUntil => Interlocked.Read(ref scarceUntil) is var ticks && ticks > clock.GetUtcNow().UtcTicks ? new(ticks, TimeSpan.Zero) : BusyUntil;

    public static string ClientName(string supplier) => $"supplier-{supplier}";

    /// <summary>Calls, and reads errors with the protocol's own words.</summary>
    /// <param name="call">What is asked.</param>
    /// <param name="authorization">Who asks.</param>
    /// <param name="errors">What an error body says; null where it says nothing.</param>
    /// <param name="cancellationToken">Whoever asked gave up; that is silence too.</param>
    public async Task<SupplierReply> AskAsync(
        SupplierCall call, AuthenticationHeaderValue? authorization, Func<HttpStatusCode, JsonElement, SupplierProblem?> errors, CancellationToken cancellationToken)
    {
        if (BusyUntil is { } until)
        {
            return Failed(SupplierFailure.Busy, "rate_limited", "its limit of calls is used up", until);
        }

        using var limit = new CancellationTokenSource(call.Limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var entry = log.Begin(supplier, call);
        try
        {
            using var request = Request(call, authorization);
            using var response = await clients.CreateClient(ClientName(supplier)).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var text = await response.Content.ReadAsStringAsync(either.Token);
            log.End(entry, (int)response.StatusCode, text);
            KeepPace(response);
            return Judge(response, text, errors);
        }
        catch (Exception problem) when (problem is OperationCanceledException or HttpRequestException or IOException or ExecutionRejectedException)
        {
            var code = problem switch
            {
                OperationCanceledException or Polly.Timeout.TimeoutRejectedException => "time_out",
                Polly.CircuitBreaker.BrokenCircuitException => "circuit_open",
                Polly.RateLimiting.RateLimiterRejectedException => "bulkhead_full",
                _ => "no_connection",
            };
            log.End(entry, null, $"{code}: {problem.Message}");
            // Neither left this process: nothing can have been done.
            return problem is Polly.CircuitBreaker.BrokenCircuitException or Polly.RateLimiting.RateLimiterRejectedException
                ? Failed(SupplierFailure.Busy, code, problem.Message)
                : Failed(SupplierFailure.Unavailable, code, problem.Message);
        }
    }

    private HttpRequestMessage Request(SupplierCall call, AuthenticationHeaderValue? authorization)
    {
        var request = new HttpRequestMessage(call.Method, call.Path);
        if (call.Body is HttpContent content)
        {
            request.Content = content;
        }
        else if (call.Body is not null)
        {
            request.Content = new StringContent(SupplierJson.Write(call.Body), Encoding.UTF8, "application/json");
        }

        request.Headers.Authorization = authorization;
        request.Headers.Accept.Add(new("application/json"));
        foreach (var (name, value) in call.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private SupplierReply Judge(HttpResponseMessage response, string text, Func<HttpStatusCode, JsonElement, SupplierProblem?> errors)
    {
        JsonElement json = default;
        if (text.Length > 0)
        {
            try
            {
                using var document = JsonDocument.Parse(text);
                json = document.RootElement.Clone();
            }
            catch (JsonException problem)
            {
                if (response.IsSuccessStatusCode)
                {
                    return Failed(SupplierFailure.NotUnderstood, "answer.malformed", problem.Message);
                }
            }
        }

        var said = json.ValueKind == JsonValueKind.Object ? errors(response.StatusCode, json) : null;
        if (response.IsSuccessStatusCode)
        {
            // An error under a 200 says neither that it was done nor that it was not.
            return said is null ? new(json, null) : Failed(SupplierFailure.NotUnderstood, said.Code, said.Detail);
        }

        var kind = response.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => SupplierFailure.Unauthorised,
            HttpStatusCode.NotFound or HttpStatusCode.Gone => SupplierFailure.NotFound,
            HttpStatusCode.TooManyRequests => SupplierFailure.Busy,
            HttpStatusCode.RequestTimeout => SupplierFailure.Unavailable,
            >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError => SupplierFailure.Refused,
            _ => SupplierFailure.Unavailable,
        };
        var code = said?.Code ?? string.Create(CultureInfo.InvariantCulture, $"http_{(int)response.StatusCode}");
        return Failed(said?.Kind ?? kind, code, said?.Detail ?? text, kind == SupplierFailure.Busy ? BusyUntil : null);
    }

    /// <summary>Takes the supplier's own word for when it takes calls again.</summary>
    private void KeepPace(HttpResponseMessage response)
    {
        var (limit, remaining) = (Number(response, "ratelimit-limit"), Number(response, "ratelimit-remaining"));
        var isSpent = remaining == 0;
        if (remaining <= limit * Reserve && response.Headers.TryGetValues("ratelimit-reset", out var when))
        {
            Interlocked.Exchange(ref scarceUntil, Reset(when.FirstOrDefault(), clock.GetUtcNow()).UtcTicks);
        }

        if (response.StatusCode != HttpStatusCode.TooManyRequests && !isSpent)
        {
            return;
        }

        var now = clock.GetUtcNow();
        var until = response.Headers.RetryAfter switch
        {
            { Date: { } date } => date,
            { Delta: { } span } => now + span,
            _ when response.Headers.TryGetValues("ratelimit-reset", out var resets) => Reset(resets.FirstOrDefault(), now),
            _ => now.AddSeconds(10),
        };

        // A limit that is said to last for hours is a misunderstanding: the next call finds out.
        until = until > now.AddMinutes(15) ? now.AddMinutes(15) : until;
        Interlocked.Exchange(ref busyUntil, until.UtcTicks);
    }

    private static long? Number(HttpResponseMessage response, string header) =>
        response.Headers.TryGetValues(header, out var values) && long.TryParse(values.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>A date as HTTP writes it, or seconds from now.</summary>
    private static DateTimeOffset Reset(string? text, DateTimeOffset now) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) && text!.Contains(':', StringComparison.Ordinal) ? at
        : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds < 86_400 ? now.AddSeconds(seconds)
        : now.AddSeconds(10);

    private static SupplierReply Failed(SupplierFailure kind, string code, string? detail, DateTimeOffset? retryAt = null) =>
        new(default, new(kind, code, detail is { Length: > LongestDetail } ? detail[..LongestDetail] : detail, retryAt));
}

/// <summary>JSON as it is sent.</summary>
internal static class SupplierJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.General)
    {
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Members that are null are left out; names are written as they stand.</summary>
    public static string Write(object body) => JsonSerializer.Serialize(body, Options);
}
