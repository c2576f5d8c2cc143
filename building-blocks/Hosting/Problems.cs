using Microsoft.AspNetCore.Http.HttpResults;

namespace Aerona.Hosting;

/// <summary>A field that broke a rule.</summary>
/// <param name="Pointer">JSON pointer into the request (<c>/passengers/0/birthDate</c>), or <c>header:Idempotency-Key</c>, <c>query:limit</c>, <c>path:id</c>.</param>
/// <param name="Code">Stable, dotted: <c>passenger.infant_without_adult</c>.</param>
/// <param name="Detail">The rule, for people.</param>
public sealed record FieldProblem(string Pointer, string Code, string Detail);

/// <summary>Answers of RFC 9457 with a stable <c>code</c>, <c>requestId</c>, <c>retryable</c> and, where a field is to blame, <c>errors</c>.</summary>
public static class Problems
{
    /// <summary>400: the request breaks rules; its code is the first field's.</summary>
    public static ProblemHttpResult Invalid(params IReadOnlyList<FieldProblem> fields) => throw new NotImplementedException();

    /// <summary>Any other refusal.</summary>
    /// <param name="status">HTTP status.</param>
    /// <param name="code">Stable, dotted.</param>
    /// <param name="detail">For people.</param>
    /// <param name="retryable">Whether the same request may succeed later; null means unknown.</param>
    /// <param name="fields">Fields to blame, if any.</param>
    public static ProblemHttpResult Refused(int status, string code, string detail, bool? retryable = false, params IReadOnlyList<FieldProblem> fields) =>
        throw new NotImplementedException();

    /// <summary>404 for what does not exist or is somebody else's.</summary>
    public static ProblemHttpResult NotFound(string code, string detail) => Refused(404, code, detail);
}
