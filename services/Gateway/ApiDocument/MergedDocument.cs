using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Aerona.Gateway.ApiDocument;

/// <summary>
/// One OpenAPI document made of the services' own. What all have alike stands there once. A schema that two services call alike and mean differently bears its
/// service's name in front in each of them, and so does an operationId: who came first does not matter, the same documents give the same result.
/// </summary>
internal static partial class MergedDocument
{
    private const string SchemaReference = "#/components/schemas/";

    /// <param name="documents">Service and its document, in the order of <see cref="Routing.Services.WithApi"/>.</param>
    /// <param name="missing">Services whose document is not to be had right now.</param>
    public static JsonObject Merge(IReadOnlyList<(string Service, JsonObject Document)> documents, IReadOnlyList<string> missing)
    {
        var clashing = ClashingSchemas(documents);
        var (paths, schemas, securitySchemes, tags) = (new JsonObject(), new JsonObject(), new JsonObject(), new SortedSet<string>(StringComparer.Ordinal));
        var operations = new List<(string Service, JsonObject Operation)>();
        foreach (var (service, original) in documents)
        {
            var document = Renamed(original, name => clashing.Contains(name) ? service + name : name);
            foreach (var (path, item) in Children(document["paths"]).Where(path => !paths.ContainsKey(path.Key)))
            {
                paths[path] = item!.DeepClone();
                operations.AddRange(paths[path]!.AsObject().Select(entry => entry.Value).OfType<JsonObject>().Select(operation => (service, operation)));
            }

            Add(schemas, document["components"]?["schemas"]);
            Add(securitySchemes, document["components"]?["securitySchemes"]);
            tags.UnionWith((document["tags"] as JsonArray ?? []).Select(tag => (string?)tag?["name"]).OfType<string>());
        }

        foreach (var same in operations.Where(each => each.Operation["operationId"] is not null).GroupBy(each => (string)each.Operation["operationId"]!).Where(group => group.Count() > 1))
        {
            foreach (var (service, operation) in same.ToList())
            {
                operation["operationId"] = service + same.Key;
            }
        }

        return new()
        {
            ["openapi"] = documents.Select(each => each.Document["openapi"]?.DeepClone()).FirstOrDefault() ?? "3.1.1",
            ["info"] = Info(documents, missing),
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "/" }),   // the gateway itself: the services' own addresses are nobody's business
            ["paths"] = Sorted(paths),
            ["components"] = new JsonObject { ["schemas"] = Sorted(schemas), ["securitySchemes"] = Sorted(securitySchemes) },
            ["tags"] = new JsonArray([.. tags.Select(tag => (JsonNode)new JsonObject { ["name"] = tag })]),
        };
    }

    private static JsonObject Info(IReadOnlyList<(string Service, JsonObject Document)> documents, IReadOnlyList<string> missing)
    {
        var info = documents.Select(each => each.Document["info"]?.DeepClone()).FirstOrDefault() as JsonObject ?? new() { ["title"] = "Aerona", ["version"] = "v1" };
        if (missing.Count > 0)
        {
            info["description"] = $"{(string?)info["description"]} Not complete: {string.Join(", ", missing)} cannot be asked right now.".Trim();
            info["x-missing-services"] = new JsonArray([.. missing.Select(service => (JsonNode)service)]);
        }

        return info;
    }

    /// <summary>Names that mean different things in two services: by their own text, or by what they refer to.</summary>
    private static HashSet<string> ClashingSchemas(IReadOnlyList<(string Service, JsonObject Document)> documents)
    {
        var named = documents.SelectMany(each => Children(each.Document["components"]?["schemas"])).GroupBy(schema => schema.Key, schema => schema.Value!).ToList();
        var clashing = named.Where(group => group.Skip(1).Any(schema => !JsonNode.DeepEquals(schema, group.First()))).Select(group => group.Key).ToHashSet();
        while (named.Where(group => group.Count() > 1 && !clashing.Contains(group.Key) && References(group.First()).Any(clashing.Contains)).Select(group => group.Key).ToList() is { Count: > 0 } more)
        {
            clashing.UnionWith(more);
        }

        return clashing;
    }

    private static IEnumerable<string> References(JsonNode schema) => Reference().Matches(schema.ToJsonString()).Select(match => match.Groups["name"].Value);

    private static JsonObject Renamed(JsonObject document, Func<string, string> name)
    {
        var renamed = JsonNode.Parse(Reference().Replace(document.ToJsonString(), match => $"\"{SchemaReference}{name(match.Groups["name"].Value)}\""))!.AsObject();
        if (renamed["components"]?["schemas"] is JsonObject schemas)
        {
            renamed["components"]!["schemas"] = new JsonObject(schemas.Select(schema => KeyValuePair.Create(name(schema.Key), schema.Value?.DeepClone())));
        }

        return renamed;
    }

    private static void Add(JsonObject to, JsonNode? from)
    {
        foreach (var (name, value) in Children(from).Where(child => !to.ContainsKey(child.Key)))
        {
            to[name] = value?.DeepClone();
        }
    }

    private static JsonObject Sorted(JsonObject unsorted) =>
        new(unsorted.OrderBy(child => child.Key, StringComparer.Ordinal).Select(child => KeyValuePair.Create(child.Key, child.Value?.DeepClone())));

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Children(JsonNode? node) => node as JsonObject ?? [];

    [GeneratedRegex("\"#/components/schemas/(?<name>[^\"]+)\"")]
    private static partial Regex Reference();
}
