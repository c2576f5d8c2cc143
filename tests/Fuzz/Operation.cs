using System.Text.Json.Nodes;

namespace Aerona.Fuzz;

/// <summary>A parameter of an operation; in is <c>path</c>, <c>query</c> or <c>header</c>.</summary>
internal sealed record Parameter(string Name, string In, bool IsRequired, JsonNode Schema);

/// <summary>What an API description says of one call.</summary>
/// <param name="Method">In capitals.</param>
/// <param name="Path">A template: <c>/v1/bookings/{bookingId}</c>.</param>
/// <param name="Id">Its operationId; method and path where it has none.</param>
/// <param name="NeedsToken">Whether nobody may call it without one.</param>
/// <param name="Parameters">Of path, query and headers.</param>
/// <param name="Body">The schema of a JSON body; null when it takes none.</param>
/// <param name="Responses">Content types by status, <c>default</c> for all that are not named.</param>
internal sealed record Operation(
    string Method, string Path, string Id, bool NeedsToken, IReadOnlyList<Parameter> Parameters, JsonNode? Body, IReadOnlyDictionary<string, IReadOnlyList<string>> Responses)
{
    private static readonly string[] Methods = ["get", "post", "put", "patch", "delete"];

    /// <summary>All operations of a description, in its order.</summary>
    public static IReadOnlyList<Operation> Read(JsonNode description) =>
    [
        .. description["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Where(entry => Methods.Contains(entry.Key))
            .Select(entry => Read(path.Key, entry.Key.ToUpperInvariant(), entry.Value!, path.Value!["parameters"]?.AsArray()))),
    ];

    private static Operation Read(string path, string method, JsonNode operation, JsonArray? shared) => new(
        method, path, (string?)operation["operationId"] ?? $"{method} {path}",
        // Several requirements are alternatives; an empty one is none.
        operation["security"] is JsonArray { Count: > 0 } security && security.All(each => each!.AsObject().Count > 0),
        [.. (operation["parameters"] as JsonArray ?? []).Concat(shared ?? []).Select(each => new Parameter(
            (string)each!["name"]!, (string)each["in"]!, (bool?)each["required"] ?? false, each["schema"] ?? new JsonObject { ["type"] = "string" }))],
        (operation["requestBody"]?["content"] as JsonObject ?? []).FirstOrDefault(content => content.Key.Contains("json", StringComparison.Ordinal)).Value?["schema"],
        (operation["responses"] as JsonObject ?? []).ToDictionary(
            response => response.Key, response => (IReadOnlyList<string>)[.. (response.Value!["content"] as JsonObject ?? []).Select(content => content.Key)]));
}
