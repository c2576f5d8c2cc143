using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Aerona.Fuzz;

/// <summary>Ways to break a good call.</summary>
internal static class Mutations
{
    /// <summary>Shows up in an answer unchanged where an answer repeats what it was given; as HTML it would be run.</summary>
    public const string Marker = "<fz\"'&>";

    private static readonly string[] Texts =
    [
        "", " ", "null", Marker, "'; DROP TABLE booking;--", "../../etc/passwd", "${jndi:ldap://x}", "{{7*7}}", "\u0000", "\ud800", "\u202e\u200b", "e\u0301\u0323", "李小龙", "🛫🛫", "a\r\nX-Evil: 1",
        "%00", "%", "+", "-1", "1e309", "NaN", "00000000-0000-0000-0000-000000000000", "9999-12-31", "0001-01-01", "2026-02-30", "true",
    ];

    private static readonly string[] Paths = ["..", ".", "%2e%2e", "%2f", "..%2f", ";", ";x=1", "%3b", "%252e", "%00", "%ff", "%c0%ae", "\\", "%5c", "//", "~", "*", "%20"];

    private static readonly string[] Tokens = ["Bearer", "Bearer ", "Bearer x", "bearer x.y.z", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.", "Basic Og==", "Bearer " + "a.b.c", "Negotiate x"];

    private static readonly string[] Types = ["text/plain", "application/xml", "application/json; charset=utf-16", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "", "a", "application/json;;;"];

    private static readonly string[] Verbs = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND"];

    /// <summary>The call with one to three things done to it.</summary>
    public static Call Mutate(Call call, JsonNode? body, Random random)
    {
        var mutated = call;
        for (var times = 1 + random.Next(3); times > 0; times--)
        {
            mutated = random.Next(12) switch
            {
                < 5 when body is not null => Body(mutated, body, random),
                < 7 => Query(mutated, random),
                7 => Path(mutated, random),
                8 => Header(mutated, random),
                9 => Token(mutated, random),
                10 => Type(mutated, random),
                11 => mutated with { Method = Pick(Verbs, random), Mutations = [.. mutated.Mutations, "verb"] },
                _ => Header(mutated, random),
            };
        }

        return mutated;
    }

    private static Call Body(Call call, JsonNode body, Random random)
    {
        var text = random.Next(4) switch
        {
            0 => Broken(body.ToJsonString(), random),
            _ => Changed(body.DeepClone(), random).ToJsonString(),
        };
        if (random.Next(12) == 0)
        {
            text = text.Replace("{", $"{{\"{(random.Next(2) == 0 ? "isAdmin" : "__proto__")}\":true,", StringComparison.Ordinal);
        }

        return call with { Body = Encoding.UTF8.GetBytes(text), Mutations = [.. call.Mutations, "body"] };
    }

    /// <summary>Bytes that are no JSON, or too much of it.</summary>
    private static string Broken(string text, Random random) => random.Next(8) switch
    {
        0 => text[..random.Next(text.Length)],
        1 => text + text,
        2 => $"[{text}]",
        3 => new string('[', 5000),
        4 => "",
        5 => "null",
        6 => text.Replace("\":", "\":\"" + new string('x', 300_000) + "\",\"y\":", StringComparison.Ordinal) is var much && much.Length < 2_000_000 ? much : new string('x', 300_000),
        _ => text.Replace("}", ",\"id\":1,\"id\":2}", StringComparison.Ordinal),
    };

    /// <summary>One value somewhere in it replaced, removed, or repeated.</summary>
    private static JsonNode Changed(JsonNode root, Random random)
    {
        var places = new List<(JsonNode Parent, string? Name, int Index)>();
        Collect(root, places);
        if (places.Count == 0)
        {
            return Bad(random) ?? new JsonArray();
        }

        var (parent, name, index) = places[random.Next(places.Count)];
        if (parent is JsonObject known)
        {
            if (random.Next(4) == 0)
            {
                known.Remove(name!);
            }
            else
            {
                known[name!] = Bad(random);
            }
        }
        else
        {
            var list = (JsonArray)parent;
            switch (random.Next(4))
            {
                case 0:
                    list.RemoveAt(index);
                    break;
                case 1:
                    for (var more = random.Next(2) == 0 ? 1 : 300; more > 0; more--)
                    {
                        list.Add(list[index]?.DeepClone());
                    }

                    break;
                default:
                    list[index] = Bad(random);
                    break;
            }
        }

        return root;
    }

    private static void Collect(JsonNode? node, List<(JsonNode, string?, int)> places)
    {
        switch (node)
        {
            case JsonObject known:
                foreach (var (name, value) in known)
                {
                    places.Add((known, name, 0));
                    Collect(value, places);
                }

                break;
            case JsonArray list:
                for (var index = 0; index < list.Count; index++)
                {
                    places.Add((list, null, index));
                    Collect(list[index], places);
                }

                break;
        }
    }

    private static JsonNode? Bad(Random random) => random.Next(12) switch
    {
        0 => null,
        1 => -1,
        2 => long.MaxValue,
        3 => 1.5,
        4 => JsonNode.Parse("1e400"),
        5 => true,
        6 => new JsonArray(),
        7 => new JsonObject(),
        8 => new string('A', random.Next(2) == 0 ? 300 : 20_000),
        _ => JsonValue.Create(Pick(Texts, random)),
    };

    private static Call Query(Call call, Random random)
    {
        var name = call.Operation.Parameters.Where(parameter => parameter.In == "query").Select(parameter => parameter.Name).DefaultIfEmpty("limit").ToList() is var names ? names[random.Next(names.Count)] : "";
        var value = random.Next(8) == 0 ? new string('9', 2000) : Uri.EscapeDataString(Sane(Pick(Texts, random)));
        return call with
        {
            Target = $"{call.Target}{(call.Target.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{name}={value}{(random.Next(4) == 0 ? $"&{name}={value}" : "")}",
            Mutations = [.. call.Mutations, "query"],
        };
    }

    private static Call Path(Call call, Random random)
    {
        var (path, query) = call.Target.IndexOf('?', StringComparison.Ordinal) is > 0 and var mark ? (call.Target[..mark], call.Target[mark..]) : (call.Target, "");
        var parts = path.Split('/').ToList();
        var at = random.Next(1, parts.Count + 1);
        switch (random.Next(3))
        {
            case 0:
                parts.Insert(at, Pick(Paths, random));
                break;
            case 1 when at < parts.Count:
                parts[at] = Uri.EscapeDataString(Sane(Pick(Texts, random)));
                break;
            default:
                parts[^1] += Pick(Paths, random);
                break;
        }

        return call with { Target = string.Join('/', parts) + query, Mutations = [.. call.Mutations, "path"] };
    }

    private static Call Header(Call call, Random random)
    {
        (string, string) added = random.Next(9) switch
        {
            0 => ("X-Forwarded-For", "127.0.0.1"),
            1 => ("X-Original-URL", "/v1/support/bookings"),
            2 => ("X-HTTP-Method-Override", "DELETE"),
            3 => ("Accept", Pick(["text/html", "application/xml", "*/*;q=0", "x", "application/json;q=2"], random)),
            4 => ("Accept-Language", Pick(["vi", "xx-XX;q=9", new string('e', 3000), "*"], random)),
            5 => ("If-Match", Pick(["*", "\"x\"", "W/\"1\"", "x", "\"" + new string('1', 400) + "\""], random)),
            6 => ("Range", "bytes=0-1,5-9999999999"),
            7 => ("X-Request-Id", Pick(["a b", new string('r', 100), "ok-1"], random)),
            _ => ("traceparent", "00-zz-zz-01"),
        };
        // Null: it stays; empty: it is left out.
        var key = random.Next(4) switch { 0 => "", 1 => new string('k', 256), 2 => "k\tk", _ => null };
        IReadOnlyList<(string, string)> headers = key is null ? call.Headers
            : [.. call.Headers.Where(header => header.Name != "Idempotency-Key"), .. key == "" ? [] : new[] { ("Idempotency-Key", key) }];
        return call with { Headers = [.. headers, added], Mutations = [.. call.Mutations, "header"] };
    }

    private static Call Token(Call call, Random random)
    {
        var others = call.Headers.Where(header => header.Name != "Authorization");
        return call with { Headers = random.Next(3) == 0 ? [.. others] : [.. others, ("Authorization", Pick(Tokens, random))], Mutations = [.. call.Mutations, "token"] };
    }

    private static Call Type(Call call, Random random) => call with
    {
        Headers = [.. call.Headers.Where(header => header.Name != "Content-Type"), ("Content-Type", Pick(Types, random))],
        Mutations = [.. call.Mutations, string.Create(CultureInfo.InvariantCulture, $"type")],
    };

    /// <summary>Half a surrogate pair cannot be written in a path.</summary>
    private static string Sane(string text) => text.Replace("\ud800", "%ed%a0%80", StringComparison.Ordinal);

    private static string Pick(string[] all, Random random) => all[random.Next(all.Length)];
}
