using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Aerona.Search.Tests.Backends;

/// <summary>A call and its answer.</summary>
internal sealed record ElasticCall(string Method, string Path, string? ContentType, string Body, int Status, string Answer);

/// <summary>
/// As much of Elasticsearch as the product asks of it, by what its documentation says those calls do; anything else throws. It shows that requests mean what the
/// product wants; that a cluster understands them so is shown by a cluster alone.
/// </summary>
internal sealed class FakeElasticsearch : HttpMessageHandler
{
    private readonly Lock changing = new();

    private readonly Dictionary<string, Index> indexes = [];

    private readonly Dictionary<string, HashSet<string>> aliases = [];

    private readonly Dictionary<string, JsonObject> templates = [];

    private readonly Dictionary<string, (string Index, Dictionary<string, Document> View)> views = [];

    private readonly List<ElasticCall> calls = [];

    /// <summary>Documents that a bulk takes before the rest of it is refused with 429; null: all.</summary>
    public int? Room { get; set; }

    /// <summary>Whole bulks refused with 429 from now on.</summary>
    public int Refusals { get; set; }

    public bool IsGone { get; set; }

    public IReadOnlyList<ElasticCall> Calls
    {
        get
        {
            lock (changing)
            {
                return [.. calls];
            }
        }
    }

    public IReadOnlyList<string> Indexes
    {
        get
        {
            lock (changing)
            {
                return [.. indexes.Keys.Order(StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>How many documents each bulk had.</summary>
    public List<int> Bulks { get; } = [];

    /// <summary>Loses a document that lists show, as a cluster that has lost a shard.</summary>
    public void Lose(string id)
    {
        lock (changing)
        {
            foreach (var index in indexes.Values)
            {
                index.Documents.Remove(id);
                index.Refresh();
            }
        }
    }

    /// <summary>Forgets the points in time.</summary>
    public void Forget()
    {
        lock (changing)
        {
            views.Clear();
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (IsGone)
        {
            throw new HttpRequestException("Connection refused");
        }

        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        lock (changing)
        {
            var (status, answer) = Answer(request.Method.Method, request.RequestUri!, body);
            calls.Add(new(request.Method.Method, request.RequestUri!.PathAndQuery, request.Content?.Headers.ContentType?.ToString(), body, status, answer.ToJsonString()));
            return new((HttpStatusCode)status) { Content = new StringContent(answer.ToJsonString(), Encoding.UTF8, "application/json") };
        }
    }

    private (int Status, JsonNode Answer) Answer(string method, Uri uri, string body)
    {
        var path = uri.AbsolutePath.Trim('/').Split('/');
        var query = uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Select(part => part.Split('=')).ToDictionary(part => part[0], part => part[1]);
        JsonObject Json() => JsonNode.Parse(body)!.AsObject();
        return (method, path) switch
        {
            ("PUT", ["_index_template", var name]) => Acknowledged(() => templates[name] = Json()),
            ("GET", ["_alias", var name]) => aliases.GetValueOrDefault(name) is { Count: > 0 } of
                ? (200, new JsonObject(of.Select(index => KeyValuePair.Create<string, JsonNode?>(index, new JsonObject { ["aliases"] = new JsonObject { [name] = new JsonObject() } }))))
                : (404, new JsonObject { ["error"] = $"alias [{name}] missing", ["status"] = 404 }),
            ("POST", ["_aliases"]) => UpdateAliases(Json()),
            ("PUT", [var name]) => Create(name, Json()),
            ("DELETE", ["_pit"]) => (200, new JsonObject { ["succeeded"] = true, ["num_freed"] = views.Remove((string)Json()["id"]!) ? 1 : 0 }),
            ("DELETE", [var name]) => indexes.Remove(name) ? Acknowledged(() => Array.ForEach([.. aliases.Values], of => of.Remove(name))) : Missing(name),
            ("PUT", [var name, "_settings"]) => indexes.ContainsKey(name) ? Acknowledged(() => { }) : Missing(name),
            ("POST", [var name, "_refresh"]) => Find(name) is { } index ? Refreshed(index) : Missing(name),
            ("POST", [var name, "_bulk"]) => Bulk(name, query, body),
            ("PUT", [var name, "_doc", var id]) => Put(name, id, query, Json()),
            ("GET", [var name, "_doc", var id]) => Find(name) is not { } index ? Missing(name)
                : index.Documents.TryGetValue(id, out var found)
                    ? (200, new JsonObject { ["_index"] = index.Name, ["_id"] = id, ["_version"] = found.Version, ["found"] = true, ["_source"] = found.Source.DeepClone() })
                    : (404, new JsonObject { ["_index"] = index.Name, ["_id"] = id, ["found"] = false }),
            ("POST", [var name, "_pit"]) => Open(name, query),
            ("POST", ["_search"]) => Json() is var asked && views.TryGetValue((string)asked["pit"]!["id"]!, out var view) ? Search(view.Index, view.View, asked)
                : (404, new JsonObject { ["error"] = "search_context_missing_exception", ["status"] = 404 }),
            ("POST", [var name, "_search"]) => Find(name) is { } index ? Search(index.Name, index.Shown, Json()) : Missing(name),
            _ => throw new NotSupportedException($"{method} {uri.PathAndQuery}"),
        };
    }

    private static (int, JsonNode) Acknowledged(Action action)
    {
        action();
        return (200, new JsonObject { ["acknowledged"] = true });
    }

    private static (int, JsonNode) Missing(string index) => (404, new JsonObject { ["error"] = $"no such index [{index}]", ["status"] = 404 });

    private static JsonObject OneShard() => new() { ["total"] = 1, ["successful"] = 1, ["skipped"] = 0, ["failed"] = 0 };

    private (int, JsonNode) Refreshed(Index index)
    {
        index.Refresh();
        return (200, new JsonObject { ["_shards"] = OneShard() });
    }

    private Index? Find(string name) => indexes.GetValueOrDefault(aliases.GetValueOrDefault(name) is { Count: > 0 } of ? of.Single() : name);

    private (int, JsonNode) Create(string name, JsonObject body)
    {
        if (indexes.ContainsKey(name))
        {
            return (400, new JsonObject { ["error"] = "resource_already_exists_exception", ["status"] = 400 });
        }

        var template = templates.Values.Single(one => one["index_patterns"]!.AsArray().Any(pattern => name.StartsWith(((string)pattern!).TrimEnd('*'), StringComparison.Ordinal)));
        Assert.Equal("strict", (string?)template["template"]!["mappings"]!["dynamic"]);
        indexes[name] = new(name, template["template"]!["mappings"]!["properties"]!.AsObject());
        foreach (var (alias, _) in body["aliases"]!.AsObject())
        {
            Of(alias).Add(name);
        }

        return (200, new JsonObject { ["acknowledged"] = true, ["shards_acknowledged"] = true, ["index"] = name });
    }

    private HashSet<string> Of(string alias) => aliases.TryGetValue(alias, out var of) ? of : aliases[alias] = [];

    private (int, JsonNode) UpdateAliases(JsonObject body)
    {
        foreach (var action in body["actions"]!.AsArray())
        {
            var (kind, said) = action!.AsObject().Single();
            var (index, alias) = ((string)said!["index"]!, (string)said["alias"]!);
            if (!indexes.ContainsKey(index))
            {
                return Missing(index);
            }

            _ = kind switch { "add" => Of(alias).Add(index), "remove" => Of(alias).Remove(index), _ => throw new NotSupportedException(kind) };
        }

        return (200, new JsonObject { ["acknowledged"] = true, ["errors"] = false });
    }

    private (int, JsonNode) Bulk(string name, Dictionary<string, string> query, string body)
    {
        if (Refusals > 0)
        {
            Refusals--;
            return (429, new JsonObject { ["error"] = "es_rejected_execution_exception", ["status"] = 429 });
        }

        Assert.EndsWith("\n", body, StringComparison.Ordinal);
        if (query.GetValueOrDefault("require_alias") == "true" && aliases.GetValueOrDefault(name) is not { Count: > 0 })
        {
            return Missing(name);
        }

        var lines = body.Split('\n')[..^1];
        Bulks.Add(lines.Length / 2);
        var items = new JsonArray();
        var errors = false;
        for (var at = 0; at < lines.Length; at += 2)
        {
            var action = JsonNode.Parse(lines[at])!["index"]!;
            Assert.Equal("external", (string?)action["version_type"]);
            var status = at / 2 >= Room ? 429 : Find(name)!.Put((string)action["_id"]!, (long)action["version"]!, JsonNode.Parse(lines[at + 1])!.AsObject(), isSameTaken: false);
            errors |= status >= 300;
            items.Add((JsonNode)new JsonObject
            {
                ["index"] = new JsonObject { ["_index"] = Find(name)!.Name, ["_id"] = (string)action["_id"]!, ["status"] = status },
            });
        }

        return (200, new JsonObject { ["took"] = 1, ["errors"] = errors, ["items"] = items });
    }

    private (int, JsonNode) Put(string name, string id, Dictionary<string, string> query, JsonObject source)
    {
        Assert.Equal("external_gte", query["version_type"]);
        if (aliases.GetValueOrDefault(name) is not { Count: > 0 } || Find(name) is not { } index)
        {
            return Missing(name);
        }

        var version = long.Parse(query["version"], CultureInfo.InvariantCulture);
        var status = index.Put(id, version, source, isSameTaken: true);
        return (status, status == 409
            ? new JsonObject { ["error"] = "version_conflict_engine_exception", ["status"] = 409 }
            : new JsonObject { ["_index"] = index.Name, ["_id"] = id, ["_version"] = version, ["result"] = status == 201 ? "created" : "updated", ["_shards"] = OneShard() });
    }

    private (int, JsonNode) Open(string name, Dictionary<string, string> query)
    {
        Assert.Contains("keep_alive", query.Keys);
        if (Find(name) is not { } index)
        {
            return Missing(name);
        }

        var id = Guid.NewGuid().ToString("N");
        views[id] = (index.Name, index.Shown);
        return (200, new JsonObject { ["id"] = id, ["_shards"] = OneShard() });
    }

    private static (int, JsonNode) Search(string index, Dictionary<string, Document> shown, JsonObject asked)
    {
        var found = shown.Values.Where(document => Matches(document.Source, asked["query"]!)).ToList();
        var hits = asked["post_filter"] is { } after ? found.Where(document => Matches(document.Source, after)).ToList() : found;
        var sort = asked["sort"]?.AsArray().Select(one => one!.AsObject().Single()).ToList() ?? [];
        var ordered = hits.Select(hit => (Hit: hit, Keys: sort.ConvertAll(one => (IComparable)(Key(hit.Source, one.Key) ?? long.MaxValue)))).ToList();
        ordered.Sort((left, right) => Compare(left.Keys, right.Keys));
        if (asked["search_after"]?.AsArray() is { } place)
        {
            List<IComparable> keys = [(long)place[0]!, (string)place[1]!];
            ordered.RemoveAll(one => Compare(one.Keys, keys) <= 0);
        }

        var fields = asked["_source"]?.AsArray().Select(field => (string)field!).ToHashSet();
        var answer = new JsonObject
        {
            ["took"] = 1,
            ["timed_out"] = false,
            ["_shards"] = OneShard(),
            ["hits"] = new JsonObject
            {
                ["total"] = new JsonObject { ["value"] = hits.Count, ["relation"] = "eq" },
                ["max_score"] = null,
                ["hits"] = new JsonArray([.. ordered.Take((int)asked["size"]!).Select(one => new JsonObject
                {
                    ["_index"] = index,
                    ["_id"] = one.Hit.Id,
                    ["_score"] = null,
                    ["_source"] = new JsonObject(one.Hit.Source.Where(field => fields!.Contains(field.Key)).Select(field => KeyValuePair.Create(field.Key, field.Value?.DeepClone()))),
                    ["sort"] = new JsonArray([.. one.Keys.Select(key => key is string text ? JsonValue.Create(text) : JsonValue.Create((long)key))]),
                })]),
            },
        };
        if (asked["pit"] is { } pit)
        {
            answer["pit_id"] = (string)pit["id"]!;
        }

        if (asked["aggs"] is { } counted)
        {
            answer["aggregations"] = Aggregate(found.ConvertAll(document => document.Source), counted);
        }

        return (200, answer);
    }

    private static int Compare(List<IComparable> left, List<IComparable> right)
    {
        for (var at = 0; at < left.Count; at++)
        {
            var order = left[at] is string text ? string.CompareOrdinal(text, (string)right[at]) : left[at].CompareTo(right[at]);
            if (order != 0)
            {
                return order;
            }
        }

        return 0;
    }

    private static IComparable? Key(JsonObject source, string field)
    {
        JsonNode? at = source;
        foreach (var part in field.Split('.'))
        {
            at = at?[part];
        }

        return at is null ? null : at.GetValueKind() == System.Text.Json.JsonValueKind.String ? (string)at! : (long)at;
    }

    private static bool Matches(JsonObject source, JsonNode query)
    {
        var (kind, said) = query.AsObject().Single();
        switch (kind)
        {
            case "bool":
                return said!.AsObject().Single() is { Key: "filter", Value: { } all } ? all.AsArray().All(one => Matches(source, one!)) : throw new NotSupportedException(said.ToJsonString());
            case "exists":
                return Key(source, (string)said!["field"]!) is not null;
            case "terms":
                var (field, values) = said!.AsObject().Single();
                return Key(source, field) is string value && values!.AsArray().Any(one => (string)one! == value);
            case "range":
                var (ranged, ends) = said!.AsObject().Single();
                return Key(source, ranged) is long number && ends!.AsObject().All(end => end.Key switch
                {
                    "gte" => number >= (long)end.Value!,
                    "lte" => number <= (long)end.Value!,
                    _ => throw new NotSupportedException(end.Key),
                });
            default:
                throw new NotSupportedException(kind);
        }
    }

    private static JsonObject Aggregate(List<JsonObject> found, JsonNode asked) =>
        new(asked.AsObject().Select(one => KeyValuePair.Create<string, JsonNode?>(one.Key, Counted(found, one.Value!.AsObject()))));

    private static JsonObject Counted(List<JsonObject> found, JsonObject asked)
    {
        var (kind, said) = asked.Single(part => part.Key != "aggs");
        List<long> Numbers() => [.. found.Select(source => Key(source, (string)said!["field"]!)).OfType<long>()];
        JsonObject Bucket(JsonNode key, List<JsonObject> of)
        {
            var bucket = asked["aggs"] is { } inner ? Aggregate(of, inner) : [];
            bucket["key"] = key;
            bucket["doc_count"] = of.Count;
            return bucket;
        }

        switch (kind)
        {
            case "filter":
                var passing = found.FindAll(source => Matches(source, said!));
                var filtered = Aggregate(passing, asked["aggs"]!);
                filtered["doc_count"] = passing.Count;
                return filtered;
            case "min":
                return new() { ["value"] = Numbers() is { Count: > 0 } some ? (double)some.Min() : null };
            case "sum":
                return new() { ["value"] = (double)Numbers().Sum() };
            case "stats":
                var all = Numbers();
                return all.Count == 0
                    ? new() { ["count"] = 0, ["min"] = null, ["max"] = null, ["avg"] = null, ["sum"] = 0.0 }
                    : new() { ["count"] = all.Count, ["min"] = (double)all.Min(), ["max"] = (double)all.Max(), ["avg"] = all.Average(), ["sum"] = (double)all.Sum() };
            case "histogram":
                var width = (long)said!["interval"]!;
                return new()
                {
                    ["buckets"] = new JsonArray([.. found.Where(source => Key(source, (string)said["field"]!) is not null)
                        .GroupBy(source => (long)Key(source, (string)said["field"]!)! / width * width).OrderBy(bar => bar.Key).Select(bar => Bucket((double)bar.Key, [.. bar]))]),
                };
            case "terms":
                Assert.Equal("""[{"_count":"desc"},{"_key":"asc"}]""", said!["order"]!.ToJsonString());
                return new()
                {
                    ["doc_count_error_upper_bound"] = 0,
                    ["sum_other_doc_count"] = 0,
                    ["buckets"] = new JsonArray([.. found.GroupBy(source => (string)Key(source, (string)said["field"]!)!)
                        .OrderByDescending(value => value.Count()).ThenBy(value => value.Key, StringComparer.Ordinal).Take((int)said["size"]!).Select(value => Bucket(value.Key, [.. value]))]),
                };
            default:
                throw new NotSupportedException(kind);
        }
    }

    private sealed record Document(string Id, long Version, JsonObject Source);

    private sealed class Index(string name, JsonObject fields)
    {
        public string Name => name;

        public Dictionary<string, Document> Documents { get; } = [];

        public Dictionary<string, Document> Shown { get; private set; } = [];

        public void Refresh() => Shown = new(Documents);

        public int Put(string id, long version, JsonObject source, bool isSameTaken)
        {
            if (Unknown(source, fields) is not null)
            {
                return 400;   // dynamic: strict
            }

            var isKnown = Documents.TryGetValue(id, out var known);
            if (isKnown && (isSameTaken ? version < known!.Version : version <= known!.Version))
            {
                return 409;
            }

            Documents[id] = new(id, version, source);
            return isKnown ? 200 : 201;
        }

        private static string? Unknown(JsonObject source, JsonObject fields) =>
            source.Select(field => fields[field.Key] is not { } known ? field.Key : field.Value is JsonObject inner ? Unknown(inner, known["properties"]!.AsObject()) : null)
                .FirstOrDefault(unknown => unknown is not null);
    }
}
