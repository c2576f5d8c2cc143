namespace Aerona.Sandbox.Zz;

/// <summary>A refusal in Duffel's words: thrown where it is found, turned into the answer at the desk, with everything rolled back.</summary>
internal sealed class ZzProblem(int status, string type, string code, string title, string message) : Exception(message)
{
    public int Status { get; } = status;

    /// <summary>For the header Retry-After; null: the limit's own reset says it.</summary>
    public int? RetryAfterSeconds { get; init; }

    public object Body { get; } = new
    {
        errors = new[] { new { code, documentation_url = "https://duffel.com/docs/api/overview/errors", message, title, type } },
        meta = new { request_id = ZzIds.New("req"), status },
    };

    public static ZzProblem Unauthorised() =>
        new(401, "authentication_error", "access_token_not_found", "Access token not found", "The access token was not found; check the Authorization header.");

    public static ZzProblem WrongVersion() =>
        new(400, "invalid_request_error", "unsupported_version", "Unsupported version", "The version set in the Duffel-Version header is not supported; send v2.");

    public static ZzProblem Malformed() => new(400, "invalid_request_error", "bad_request", "Malformed body", "The body is not JSON of the form that this call takes.");

    public static ZzProblem Invalid(string field, string rule) => new(422, "validation_error", "validation_required", "Invalid field", $"Field '{field}': {rule}");

    public static ZzProblem NotFound() => new(404, "invalid_request_error", "not_found", "Resource not found", "The resource you are trying to access does not exist.");

    public static ZzProblem State(string code, string message) => new(422, "invalid_state_error", code, code.Replace('_', ' '), message);

    public static ZzProblem Busy(int? retryAfterSeconds = null) => new(
        429, "rate_limit_error", "rate_limit_exceeded", "Rate limit exceeded",
        "Too many requests hit the API too quickly. Please retry your request after the time specified in the `ratelimit-reset` header.")
    {
        RetryAfterSeconds = retryAfterSeconds,
    };
}

/// <summary>Nothing is done and nothing is said: the connection breaks.</summary>
internal sealed class ZzSilence() : Exception("no answer");

/// <summary>Calls of the running minute; beyond the limit they are refused until it is over.</summary>
internal sealed class ZzPace(ZzOptions options, TimeProvider time)
{
    private readonly Lock gate = new();
    private long minute;
    private int calls;

    /// <summary>Counts a call: what is left of the minute, and when the next one begins.</summary>
    public (int Limit, int Left, DateTimeOffset ResetsAt) Count()
    {
        lock (gate)
        {
            var now = time.GetUtcNow().ToUnixTimeSeconds() / 60;
            (minute, calls) = now == minute ? (minute, calls + 1) : (now, 1);
            return (options.CallsPerMinute, options.CallsPerMinute - calls, DateTimeOffset.FromUnixTimeSeconds((now + 1) * 60));
        }
    }
}
