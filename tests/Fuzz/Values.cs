using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Aerona.Fuzz;

/// <summary>
/// Makes what a schema asks for, and remembers what answers held: an <c>offerId</c> that one operation gave is what another is called with, so that chains come about
/// by themselves.
/// </summary>
internal sealed class Values(JsonNode description, DateOnly today)
{
    private const int MostOfAName = 60;
    private const int Deepest = 6;
    private static readonly string[] Airports = ["SGN", "HAN", "DAD", "LHR", "CDG", "JFK"];

    private readonly ConcurrentDictionary<string, ConcurrentQueue<string>> known = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Notes a value under its name.</summary>
    public void Know(string name, string value)
    {
        var values = known.GetOrAdd(name, _ => new());
        if (value.Length is > 0 and < 300)
        {
            values.Enqueue(value);
            while (values.Count > MostOfAName)
            {
                values.TryDequeue(out _);
            }
        }
    }

    /// <summary>Notes all that an answer to that path names.</summary>
    public void Learn(string path, JsonElement answer)
    {
        switch (answer.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in answer.EnumerateObject())
                {
                    if (property.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number)
                    {
                        Know(property.Name == "id" ? IdOf(path) : property.Name, property.Value.ToString());
                    }
                    else
                    {
                        Learn(property.Value.ValueKind == JsonValueKind.Array ? $"{path}/{property.Name}" : path, property.Value);
                    }
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in answer.EnumerateArray().Take(5))
                {
                    Learn(path, item);
                }

                break;
        }
    }

    /// <summary>Something under that name that was seen, else null.</summary>
    public string? Find(string name, Random random) =>
        known.TryGetValue(name, out var values) && values.ToArray() is { Length: > 0 } all ? all[random.Next(all.Length)] : null;

    /// <summary>A value for a parameter of a path: <c>id</c> is what stands before it.</summary>
    public string OfPath(Operation operation, Parameter parameter, Random random)
    {
        var before = operation.Path[..operation.Path.IndexOf($"{{{parameter.Name}", StringComparison.Ordinal)].TrimEnd('/');
        return Find(parameter.Name == "id" ? IdOf(before) : parameter.Name, random) ?? Find(IdOf(before), random) ?? Text(Make(parameter.Name, parameter.Schema, random, 0));
    }

    /// <summary>Something that the schema allows, with names that were seen where there are any.</summary>
    public JsonNode? Make(string name, JsonNode? schema, Random random, int depth)
    {
        var found = Resolve(schema);
        if (found?["oneOf"] is JsonArray oneOf && Pick(oneOf, random) is { } one)
        {
            return Make(name, one, random, depth);
        }

        if (found?["anyOf"] is JsonArray anyOf && Pick(anyOf, random) is { } any)
        {
            return Make(name, any, random, depth);
        }

        if (found?["enum"] is JsonArray { Count: > 0 } values)
        {
            return values[random.Next(values.Count)]?.DeepClone();
        }

        var types = found?["type"] switch { JsonArray several => [.. several.Select(each => (string)each!)], JsonValue single => [(string)single!], _ => Array.Empty<string>() };
        if (types.Contains("null") && (depth >= Deepest || random.Next(3) == 0))
        {
            return null;
        }

        return types.FirstOrDefault(type => type != "null") switch
        {
            "object" => Object(found!, random, depth),
            "array" => depth >= Deepest ? [] : new JsonArray([.. Enumerable.Range(0, 1 + random.Next(2)).Select(_ => Make(Singular(name), found!["items"], random, depth + 1))]),
            "integer" => random.Next(4) == 0 ? random.Next(200) : Find(name, random) is { } seen && int.TryParse(seen, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : 1 + random.Next(2),
            "number" => Math.Round(random.NextDouble() * 100, 2),
            "boolean" => random.Next(2) == 0,
            _ => Example(found, random) ?? String(name, found, random),
        };
    }

    /// <summary>The same with other ids and flights that were seen, now and then.</summary>
    public JsonNode Renew(JsonNode body, Random random)
    {
        var copy = body.DeepClone();
        if (copy is JsonObject fields && fields["offerId"] is not null && Find("offerId", random) is { } offer)
        {
            fields["offerId"] = offer;
        }

        return copy;
    }

    public JsonNode? Resolve(JsonNode? schema)
    {
        while ((string?)schema?["$ref"] is { } reference)
        {
            schema = reference.TrimStart('#', '/').Split('/').Aggregate((JsonNode?)description, (node, part) => node?[part]);
        }

        return schema;
    }

    public static string Text(JsonNode? value) => value switch
    {
        null => "null",
        JsonValue single when single.TryGetValue<string>(out var text) => text,
        _ => value.ToJsonString(),
    };

    private JsonObject Object(JsonNode schema, Random random, int depth)
    {
        var required = (schema["required"] as JsonArray ?? []).Select(each => (string)each!).ToHashSet();
        return new((schema["properties"] as JsonObject ?? [])
            .Where(property => required.Contains(property.Key) || (depth < Deepest && random.Next(2) == 0))
            .Select(property => KeyValuePair.Create(property.Key, Make(property.Key, property.Value, random, depth + 1))));
    }

    private static JsonNode? Example(JsonNode? schema, Random random) =>
        schema?["examples"] is JsonArray { Count: > 0 } examples && random.Next(3) > 0 ? examples[random.Next(examples.Count)]?.DeepClone() : schema?["example"]?.DeepClone();

    private JsonNode String(string name, JsonNode? schema, Random random) => (string?)schema?["format"] switch
    {
        "uuid" => Find(name, random) ?? new Guid(Bytes(random, 16)).ToString(),
        "date" => today.AddDays(random.Next(1, 25)).ToString("O", CultureInfo.InvariantCulture),
        "date-time" => today.AddDays(random.Next(1, 25)).ToDateTime(new(random.Next(24), 0)).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        "email" => "fuzz@traveller.example",
        "uri" => "https://shop.example/return",
        _ => name switch
        {
            "origin" or "destination" or "airport" or "from" or "to" => Airports[random.Next(Airports.Length)],
            "amount" => "129.50",
            "currency" => "EUR",
            "email" => "fuzz@traveller.example",
            "locale" => "en",
            "givenName" => "Ada",
            "surname" => "Fuzzer",
            "birthDate" => "1990-01-15",
            _ => Find(name, random) ?? $"text-{random.Next(1000)}",
        },
    };

    private static JsonNode? Pick(JsonArray alternatives, Random random) => alternatives.Count == 0 ? null : alternatives[random.Next(alternatives.Count)];

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary><c>/v1/bookings</c> gives a bookingId.</summary>
    private static string IdOf(string path) => $"{Singular(path.Split('/', StringSplitOptions.RemoveEmptyEntries).LastOrDefault(part => !part.StartsWith('{')) ?? "")}Id".Replace("-", "", StringComparison.Ordinal);

    private static string Singular(string name) =>
        name.EndsWith("ies", StringComparison.Ordinal) ? $"{name[..^3]}y" : name.EndsWith('s') ? name[..^1] : name;
}
