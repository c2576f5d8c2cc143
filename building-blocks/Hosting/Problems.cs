using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace Aerona.Hosting;

/// <summary>A field that broke a rule.</summary>
/// <param name="Pointer">
/// JSON pointer into the request (<c>/passengers/0/birthDate</c>), or <c>header:Idempotency-Key</c>, <c>query:limit</c>, <c>path:id</c>.
/// </param>
/// <param name="Code">Stable, dotted: <c>passenger.infant_without_adult</c>.</param>
/// <param name="Detail">The rule, for people.</param>
public sealed record FieldProblem(string Pointer, string Code, string Detail);

/// <summary>Answers of RFC 9457 with a stable <c>code</c>, <c>requestId</c>, <c>retryable</c> and, where a field is to blame, <c>errors</c>.</summary>
public static class Problems
{
    /// <summary>400: the request breaks rules; its code is the first field's.</summary>
    public static ProblemHttpResult Invalid(params IReadOnlyList<FieldProblem> fields) => fields is [var first, ..]
        ? Refused(StatusCodes.Status400BadRequest, first.Code, first.Detail, false, fields)
        : throw new ArgumentException("an invalid request has at least one invalid field", nameof(fields));

    /// <summary>Any other refusal.</summary>
    /// <param name="status">HTTP status.</param>
    /// <param name="code">Stable, dotted.</param>
    /// <param name="detail">For people.</param>
    /// <param name="retryable">Whether the same request may succeed later; null means unknown.</param>
    /// <param name="fields">Fields to blame, if any.</param>
    public static ProblemHttpResult Refused(int status, string code, string detail, bool? retryable = false, params IReadOnlyList<FieldProblem> fields)
    {
        var problem = new ProblemDetails
        {
            Type = $"urn:aerona:problem:{code}",
            Title = ReasonPhrases.GetReasonPhrase(status) is { Length: > 0 } phrase ? phrase : "Refused",
            Status = status,
            Detail = detail,
            Extensions = { ["code"] = code, ["requestId"] = RequestIds.Current, ["retryable"] = retryable },
        };
        if (fields.Count > 0)
        {
            problem.Extensions["errors"] = fields;
        }

        return TypedResults.Problem(problem);
    }

    /// <summary>404 for what does not exist or is somebody else's.</summary>
    public static ProblemHttpResult NotFound(string code, string detail) => Refused(404, code, detail);

    /// <summary>For an answer that has a status and nothing else: made by routing, the server, or a handler that says no more.</summary>
    internal static ProblemHttpResult OfStatus(HttpContext context) => context.Response.StatusCode switch
    {
        400 => Refused(400, "request.malformed", "The request cannot be understood."),
        401 => Refused(401, "auth.required", "Sign in first: this needs a token."),
        403 => Refused(403, "auth.forbidden", "You are signed in, but may not do this."),
        404 => Refused(404, "request.unknown_path", $"There is nothing at {context.Request.Path}."),
        405 => Refused(405, "request.method_not_allowed", $"{context.Request.Method} is not possible there; possible: {context.Response.Headers.Allow}."),
        406 => Refused(406, "request.not_acceptable", "The answer cannot be given in the form asked for."),
        413 => TooLarge(),
        415 => MediaType(),
        429 => Refused(429, "request.too_many", "Too many requests; wait a while.", true),
        503 => Refused(503, "unavailable", "Not available right now.", true),
        >= 500 and var status => Refused(status, "internal", "Something went wrong on our side. Tell us the request id.", null),
        var status => Refused(status, "request.refused", "The request was refused."),
    };

    internal static ProblemHttpResult TooLarge() => Refused(413, "request.too_large", "The body is larger than this endpoint takes.");

    internal static ProblemHttpResult MediaType() => Refused(
        415, "request.media_type", "The body is of a type that this endpoint does not take.", false,
        new FieldProblem("header:Content-Type", "request.media_type", "Send application/json."));
}
