using System.Text.Json;
using System.Text.RegularExpressions;

namespace Aerona.Fuzz;

/// <summary>An answer as far as it is judged.</summary>
internal sealed record Answer(int Status, string? ContentType, string Body, IReadOnlyDictionary<string, string> Headers);

/// <summary>What no answer may be, whatever was asked.</summary>
internal static partial class Oracles
{
    /// <summary>Every rule that the answer breaks, in words that are the same for the same fault.</summary>
    /// <param name="call">What was asked.</param>
    /// <param name="answer">What came.</param>
    /// <param name="mayKnow">Whether whoever asked may read the seeds' bookings.</param>
    /// <param name="secrets">What stands in the seeds' bookings and nowhere else.</param>
    public static IEnumerable<string> Broken(Call call, Answer answer, bool mayKnow, IReadOnlyList<string> secrets)
    {
        // 503 is said of us by us when the index is not ready and the like, and says when to come back; nothing else may be our fault.
        if (answer.Status >= 500)
        {
            yield return $"answers {answer.Status}";
        }

        if (InsidesShow().Match(answer.Body) is { Success: true } insides)
        {
            yield return $"shows our insides: {insides.Value}";
        }

        if (answer.ContentType?.StartsWith("text/html", StringComparison.Ordinal) == true && answer.Body.Contains(Mutations.Marker, StringComparison.Ordinal))
        {
            yield return "repeats input as HTML";
        }

        if (answer.Headers.ContainsKey("X-Evil"))
        {
            yield return "takes a header from input";
        }

        if (!mayKnow && secrets.FirstOrDefault(secret => answer.Body.Contains(secret, StringComparison.OrdinalIgnoreCase)) is not null)
        {
            yield return "shows somebody else's booking";
        }

        if (call.Operation.NeedsToken && !call.HasToken && answer.Status < 400 && IsTheOperation(call))
        {
            yield return $"answers {answer.Status} without a token";
        }

        if (answer.Status >= 400 && call.Method != "HEAD" && !call.Target.StartsWith("/sandbox", StringComparison.OrdinalIgnoreCase))
        {
            foreach (var fault in ProblemFaults(answer))
            {
                yield return fault;
            }
        }

        if (IsTheOperation(call) && Undeclared(call.Operation, answer) is { } undeclared)
        {
            yield return undeclared;
        }
    }

    /// <summary>Whether verb and path are still those of the operation, so that its description is what counts.</summary>
    private static bool IsTheOperation(Call call) => call.Method == call.Operation.Method && !call.Mutations.Contains("path");

    private static string? Undeclared(Operation operation, Answer answer)
    {
        var status = answer.Status.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (!operation.Responses.TryGetValue(status, out var types) && (answer.Status < 400 || !operation.Responses.TryGetValue("default", out types)))
        {
            return $"answers {answer.Status}, which is not declared";
        }

        return answer.Body.Length > 0 && types!.Count > 0 && !types.Any(type => answer.ContentType?.StartsWith(type, StringComparison.OrdinalIgnoreCase) == true)
            ? $"answers {answer.Status} as {answer.ContentType ?? "nothing"}, declared {string.Join(", ", types)}"
            : null;
    }

    private static IEnumerable<string> ProblemFaults(Answer answer)
    {
        if (answer.ContentType?.StartsWith("application/problem+json", StringComparison.Ordinal) != true)
        {
            // The server itself refuses what is no HTTP before we hear of it, and pages for people are pages.
            if (!(answer.Status is 400 or 408 or 413 or 414 or 431 && answer.Body.Length == 0) && answer.ContentType?.StartsWith("text/html", StringComparison.Ordinal) != true)
            {
                yield return $"answers {answer.Status} as {answer.ContentType ?? "nothing"} instead of a problem";
            }

            yield break;
        }

        JsonElement? problem = null;
        try
        {
            problem = JsonDocument.Parse(answer.Body).RootElement;
        }
        catch (JsonException)
        {
            // said below
        }

        if (problem is not { ValueKind: JsonValueKind.Object } fields || !Text(fields, "code") || !Text(fields, "title") || !Text(fields, "detail") || !Text(fields, "requestId")
            || !fields.TryGetProperty("retryable", out _) || !fields.TryGetProperty("status", out var status) || status.GetInt32() != answer.Status)
        {
            yield return $"answers {answer.Status} with a problem that is none";
        }
    }

    private static bool Text(JsonElement problem, string name) => problem.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 };

    [GeneratedRegex(@"   at [A-Z]\w+\.|\w+Exception\b|Microsoft\.[A-Z]\w+|SQLite Error|Npgsql|Aerona\.[A-Z]\w+\.[A-Z]|/src/|\.cs:line")]
    private static partial Regex InsidesShow();
}
