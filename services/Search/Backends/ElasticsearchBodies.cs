using System.Text.Json;
using System.Text.Json.Nodes;
using Aerona.Contracts;

namespace Aerona.Search.Backends;

/// <summary>What is said to Elasticsearch, and what its answers to that mean.</summary>
internal static class ElasticsearchBodies
{
    /// <summary>How long a list can be paged through after its last page.</summary>
    public const string KeepAlive = "2m";

    private static readonly string[] Facet = ["airline", "origin", "destination", "aircraft", "day"];

    private static readonly string[] Cabins = ["economy", "premium", "business", "first"];

    public static string Name(Cabin cabin) => Cabins[(int)cabin];

    private static string Price(string currency, Cabin cabin) => $"{currency.ToLowerInvariant()}.{Name(cabin)}";

    private static string Seats(Cabin cabin) => $"left.{Name(cabin)}";

    /// <summary>Indexes begin without copies, which are made when they are complete; they are refreshed by whoever writes.</summary>
    public static JsonObject Template(string alias, ElasticsearchOptions options)
    {
        static JsonObject Of(string type, JsonObject? more = null)
        {
            var field = more ?? [];
            field["type"] = type;
            return field;
        }

        static JsonObject ByCabin(string type) => new() { ["properties"] = new JsonObject(Cabins.Select(cabin => KeyValuePair.Create<string, JsonNode?>(cabin, Of(type)))) };

        var fields = new JsonObject
        {
            ["id"] = Of("keyword"),
            ["row"] = Of("long"),
            ["key"] = Of("keyword"),
            ["flight"] = Of("keyword"),
            ["departs"] = Of("integer"),
            ["minute"] = Of("short"),
            ["minutes"] = Of("integer"),
            ["left"] = ByCabin("integer"),
            ["packed"] = Of("binary"),
        };
        foreach (var facet in Facet)
        {
            fields[facet] = Of("keyword");
        }

        foreach (var currency in FlightDocument.Currencies)
        {
            fields[currency.ToLowerInvariant()] = ByCabin("long");
        }

        return new()
        {
            ["index_patterns"] = new JsonArray($"{alias}-{FlightDocument.Shape}-*"),
            ["template"] = new JsonObject
            {
                ["settings"] = new JsonObject
                {
                    ["index"] = new JsonObject { ["number_of_shards"] = options.Shards, ["number_of_replicas"] = 0, ["refresh_interval"] = "-1" },
                },
                ["mappings"] = new JsonObject { ["dynamic"] = "strict", ["properties"] = fields },
            },
        };
    }

    public static byte[] Source(FlightDocument flight, byte[] packed)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("id", flight.Id);
            json.WriteNumber("row", flight.Row);
            json.WriteString("key", flight.Key);
            json.WriteString("flight", flight.Designator);
            json.WriteNumber("departs", flight.Departs);
            json.WriteNumber("minute", flight.LocalMinute);
            json.WriteNumber("minutes", flight.Minutes);
            json.WriteBase64String("packed", packed);
            foreach (var facet in FlightDocument.Facets)
            {
                json.WriteString(Facet[(int)facet], flight.Values[(int)facet]);
            }

            json.WriteStartObject("left");
            foreach (var cabin in FlightDocument.Cabins.Where(cabin => flight.Left[(int)cabin] is not null))
            {
                json.WriteNumber(Name(cabin), flight.Left[(int)cabin]!.Value);
            }

            json.WriteEndObject();
            foreach (var (index, currency) in FlightDocument.Currencies.Index())
            {
                json.WriteStartObject(currency.ToLowerInvariant());
                foreach (var cabin in FlightDocument.Cabins.Where(cabin => flight.Prices[index][(int)cabin] >= 0))
                {
                    json.WriteNumber(Name(cabin), flight.Prices[index][(int)cabin]);
                }

                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    /// <summary>Flights and the sum of their rows; what says how far the index goes has no key.</summary>
    public static JsonObject Sum() => new()
    {
        ["size"] = 0,
        ["track_total_hits"] = true,
        ["query"] = Filter([new JsonObject { ["exists"] = new JsonObject { ["field"] = "key" } }]),
        ["aggs"] = new JsonObject { ["rows"] = new JsonObject { ["sum"] = new JsonObject { ["field"] = "row" } } },
    };

    /// <summary>
    /// A page: the question as query, the filters after the facets are counted, each facet with all filters but its own. One flight more than is shown tells whether there is another page.
    /// </summary>
    public static JsonObject List(FlightQuestion question, ListFilters filters, ListPage page, string view, ListCursor? cursor)
    {
        var price = Price(question.Currency, question.Cabin);
        var clauses = Clauses(filters, question.Cabin, price);
        var order = page.Order switch { ListOrder.Price => price, ListOrder.Duration => "minutes", _ => "departs" };
        var body = new JsonObject
        {
            ["pit"] = new JsonObject { ["id"] = view, ["keep_alive"] = KeepAlive },
            ["size"] = page.Limit + 1,
            ["track_total_hits"] = true,
            ["_source"] = new JsonArray("row", "packed", "left"),
            ["query"] = Filter(Question(question)),
            ["post_filter"] = Filter(clauses.Select(clause => clause.Clause)),
            ["sort"] = new JsonArray(
                new JsonObject { [order] = new JsonObject { ["order"] = "asc", ["missing"] = "_last" } }, new JsonObject { ["id"] = new JsonObject { ["order"] = "asc" } }),
        };
        if (cursor is null)
        {
            body["aggs"] = Aggregations(clauses, price);
        }
        else
        {
            body["search_after"] = new JsonArray(cursor.Value, cursor.Id);
        }

        return body;
    }

    /// <summary>Reads what <see cref="List"/> asked to be counted.</summary>
    public static ListFacets Facets(JsonNode counted)
    {
        Ends? Between(string name) => counted[name]!["min"] is { } least ? new((long)least.GetValue<double>(), (long)counted[name]!["max"]!.GetValue<double>()) : null;
        List<Bar> Bars(string name) =>
            [.. counted[name]!["bars"]!["buckets"]!.AsArray().Select(bar => new Bar((long)bar!["key"]!.GetValue<double>(), bar["doc_count"]!.GetValue<long>()))];

        return new(
            FlightDocument.Facets.ToDictionary(facet => facet, IReadOnlyList<FacetCount> (facet) =>
            [
                .. counted[Facet[(int)facet]]!["values"]!["buckets"]!.AsArray().Select(value => new FacetCount(
                    value!["key"]!.GetValue<string>(), value["doc_count"]!.GetValue<long>(), value["lowest"]!["value"] is { } lowest ? (long)lowest.GetValue<double>() : null)),
            ]),
            Bars("prices"), [.. Bars("hours").Select(bar => bar with { From = bar.From / 60 })], Between("price"), Between("minutes"));
    }

    private static JsonObject Aggregations(List<(string Name, JsonObject Clause)> clauses, string price)
    {
        // Clauses are copied: a node stands in one place only.
        JsonObject Without(string name, string inner, JsonObject counting) => new()
        {
            ["filter"] = Filter(clauses.Where(clause => clause.Name != name).Select(clause => (JsonObject)clause.Clause.DeepClone())),
            ["aggs"] = new JsonObject { [inner] = counting },
        };

        static JsonObject Histogram(string field, long width) => new()
        {
            ["histogram"] = new JsonObject { ["field"] = field, ["interval"] = width, ["min_doc_count"] = 1 },
        };

        static JsonObject Stats(string field) => new() { ["stats"] = new JsonObject { ["field"] = field } };

        var all = new JsonObject
        {
            ["prices"] = Without("price", "bars", Histogram(price, FlightDocument.PriceBar)),
            ["hours"] = Without("minute", "bars", Histogram("minute", 60)),
            ["price"] = Stats(price),
            ["minutes"] = Stats("minutes"),
        };
        foreach (var facet in Facet)
        {
            all[facet] = Without(facet, "values", new()
            {
                ["terms"] = new JsonObject
                {
                    ["field"] = facet,
                    ["size"] = FlightDocument.MostValues,
                    ["order"] = new JsonArray(new JsonObject { ["_count"] = "desc" }, new JsonObject { ["_key"] = "asc" }),
                },
                ["aggs"] = new JsonObject { ["lowest"] = new JsonObject { ["min"] = new JsonObject { ["field"] = price } } },
            });
        }

        return all;
    }

    private static IEnumerable<JsonObject> Question(FlightQuestion question)
    {
        if (question.Keys is { } keys)
        {
            yield return Any("key", keys);
        }
        else
        {
            yield return Any("day", question.Days.Select(FlightDocument.Day));
            if (question.Origins.Count > 0)
            {
                yield return Any("origin", question.Origins);
            }

            if (question.Destinations.Count > 0)
            {
                yield return Any("destination", question.Destinations);
            }
        }

        if (question.Designator is { } designator)
        {
            yield return Any("flight", [designator]);
        }

        if (question.Airline is { } airline)
        {
            yield return Any("airline", [airline]);
        }
    }

    private static List<(string Name, JsonObject Clause)> Clauses(ListFilters filters, Cabin cabin, string price)
    {
        List<(string, JsonObject)> clauses = [.. filters.Values.Select(chosen => (Facet[(int)chosen.Key], Any(Facet[(int)chosen.Key], chosen.Value)))];
        if (filters.Departure is { } window)
        {
            clauses.Add(("minute", Range("minute", (window.From.Hour * 60) + window.From.Minute, (window.To.Hour * 60) + window.To.Minute)));
        }

        if (filters.MaxPrice is { } most)
        {
            clauses.Add(("price", Range(price, null, most)));
        }

        if (filters.MinSeats is not null || filters.MaxSeats is not null)
        {
            clauses.Add(("seats", Range(Seats(cabin), filters.MinSeats, filters.MaxSeats)));
        }

        return clauses;
    }

    private static JsonObject Filter(IEnumerable<JsonObject> clauses) => new()
    {
        ["bool"] = new JsonObject { ["filter"] = new JsonArray([.. clauses]) },
    };

    private static JsonObject Any(string field, IEnumerable<string> values) => new()
    {
        ["terms"] = new JsonObject { [field] = new JsonArray([.. values.Select(value => JsonValue.Create(value))]) },
    };

    private static JsonObject Range(string field, long? least, long? most)
    {
        var range = new JsonObject();
        if (least is not null)
        {
            range["gte"] = least;
        }

        if (most is not null)
        {
            range["lte"] = most;
        }

        return new() { ["range"] = new JsonObject { [field] = range } };
    }
}
