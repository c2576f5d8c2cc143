using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Aerona.Contracts;
using Aerona.Search.Indexing;

namespace Aerona.Search.Backends;

/// <summary>
/// Elasticsearch, shared by all processes of the service. An index is made for each shape of documents and table; lists are asked of an alias, which is switched to
/// an index that is made anew when that is complete. Versions of documents are their rows, so it does not matter which process writes first, or twice.
/// </summary>
internal sealed class ElasticsearchFlights(ElasticsearchClient client, ElasticsearchOptions options, ILogger<ElasticsearchFlights> logger) : IFlightBackEnd
{
    private const string Position = "position";

    private string target = "";

    private string switched = "";

    private volatile bool isReady;

    public string Kind => "elasticsearch";

    public bool IsReady => isReady;

    public TimeSpan BetweenViews => TimeSpan.FromMilliseconds(500);

    private string Alias => options.Alias;

    /// <summary>
    /// What an index is written through: gone with it, so that nobody brings back one that has been replaced.
    /// </summary>
    private string Writing => $"{target}-write";

    public async Task<long> OpenAsync(Guid epoch, CancellationToken cancellationToken)
    {
        await client.SendAsync(HttpMethod.Put, $"_index_template/{Alias}-{FlightDocument.Shape}", ElasticsearchBodies.Template(Alias, options), cancellationToken);
        var current = await CurrentAsync(cancellationToken);
        isReady = current is not null && current.StartsWith($"{Alias}-{FlightDocument.Shape}-", StringComparison.Ordinal);
        if (current is not null && current.StartsWith(Prefix(epoch), StringComparison.Ordinal))
        {
            target = current;
        }
        else
        {
            // One that another process, or this one before it was stopped, has begun with is gone on with.
            target = Prefix(epoch) + 1;
            await MakeAsync(cancellationToken);
        }

        var kept = await client.SendAsync(HttpMethod.Get, $"{target}/_doc/{Position}", null, cancellationToken, HttpStatusCode.NotFound);
        return kept?["_source"]?["row"]?.GetValue<long>() ?? 0;
    }

    public async Task StartAnewAsync(Guid epoch, CancellationToken cancellationToken)
    {
        var number = target.StartsWith(Prefix(epoch), StringComparison.Ordinal) ? int.Parse(target[Prefix(epoch).Length..], CultureInfo.InvariantCulture) : 0;
        target = Prefix(epoch) + (number + 1).ToString(CultureInfo.InvariantCulture);
        await client.SendAsync(HttpMethod.Delete, target, null, cancellationToken, HttpStatusCode.NotFound);   // left half done
        await MakeAsync(cancellationToken);
    }

    public Task WriteAsync(IReadOnlyList<SellableFlight> flights, CancellationToken cancellationToken) =>
        client.BulkAsync(Writing, [.. flights.Select(flight => (flight.Flight.FlightId, flight.Row, ElasticsearchBodies.Source(FlightDocument.Of(flight), flight.Packed)))], cancellationToken);

    public Task ShowAsync(CancellationToken cancellationToken) => client.SendAsync(HttpMethod.Post, $"{target}/_refresh", null, cancellationToken);

    public async Task CommitAsync(long row, CancellationToken cancellationToken) =>
        // Of several processes the one that is furthest is believed.
        await client.SendAsync(
            HttpMethod.Put, $"{Writing}/_doc/{Position}?version={row}&version_type=external_gte&require_alias=true", new JsonObject { ["row"] = row }, cancellationToken, HttpStatusCode.Conflict);

    public async Task SwitchAsync(CancellationToken cancellationToken)
    {
        if (isReady && target == switched)
        {
            return;
        }

        var current = await CurrentAsync(cancellationToken);
        if (current != target)
        {
            await client.SendAsync(HttpMethod.Put, $"{target}/_settings", new JsonObject { ["index"] = new JsonObject { ["number_of_replicas"] = options.Replicas } }, cancellationToken);
            await ShowAsync(cancellationToken);
            var actions = new JsonArray(new JsonObject { ["add"] = new JsonObject { ["index"] = target, ["alias"] = Alias } });
            if (current is not null)
            {
                actions.Add((JsonNode)new JsonObject { ["remove"] = new JsonObject { ["index"] = current, ["alias"] = Alias } });
            }

            await client.SendAsync(HttpMethod.Post, "_aliases", new JsonObject { ["actions"] = actions }, cancellationToken);
            if (current is not null)
            {
                await client.SendAsync(HttpMethod.Delete, current, null, cancellationToken, HttpStatusCode.NotFound);
            }

            logger.LogInformation("{Alias} is {Index} now; before: {Before}", Alias, target, current ?? "nothing");
        }

        (switched, isReady) = (target, true);
    }

    public async Task<Held> SumAsync(CancellationToken cancellationToken)
    {
        var found = Shards(await client.SendAsync(HttpMethod.Post, $"{Alias}/_search?allow_partial_search_results=false", ElasticsearchBodies.Sum(), cancellationToken));
        return new(found["hits"]!["total"]!["value"]!.GetValue<long>(), (long)found["aggregations"]!["rows"]!["value"]!.GetValue<double>());
    }

    public async Task<FlightList> ListAsync(FlightQuestion question, ListFilters filters, ListPage page, CancellationToken cancellationToken)
    {
        if (!isReady)
        {
            throw new BackEndException("the list of flights is being made");
        }

        var cursor = ListCursor.Read(question, filters, page);
        var view = cursor?.View ?? await ViewAsync(cancellationToken);
        var body = ElasticsearchBodies.List(question, filters, page, view, cursor);
        var answer = await client.SendAsync(HttpMethod.Post, "_search?allow_partial_search_results=false", body, cancellationToken, HttpStatusCode.NotFound);
        var found = Shards(answer ?? (cursor is null ? throw new BackEndException("the list of flights is being changed over") : throw new CursorOutdatedException()));
        view = found["pit_id"]?.GetValue<string>() ?? view;

        var hits = found["hits"]!["hits"]!.AsArray();
        var shown = hits.Take(page.Limit).Select(hit => Flight(hit!["_source"]!)).ToList();
        string? next = null;
        if (hits.Count > page.Limit)
        {
            var place = hits[page.Limit - 1]!["sort"]!.AsArray();
            next = new ListCursor(view, ListCursor.Fingerprint(question, filters, page.Order), place[0]!.GetValue<long>(), place[1]!.GetValue<string>()).ToString();
        }
        else
        {
            await client.SendAsync(HttpMethod.Delete, "_pit", new JsonObject { ["id"] = view }, cancellationToken, HttpStatusCode.NotFound);
        }

        return new(shown, found["hits"]!["total"]!["value"]!.GetValue<long>(), cursor is null ? ElasticsearchBodies.Facets(found["aggregations"]!) : null, next);
    }

    private static JsonNode Shards(JsonNode? found) =>
        found?["_shards"]?["failed"]?.GetValue<int>() == 0 && found["timed_out"]?.GetValue<bool>() != true ? found
            : throw new BackEndException("Elasticsearch answered for a part of the flights only");

    private static SellableFlight Flight(JsonNode source)
    {
        var packed = Convert.FromBase64String(source["packed"]!.GetValue<string>());
        var left = FlightDocument.Cabins.Where(cabin => source["left"]?[ElasticsearchBodies.Name(cabin)] is not null)
            .ToDictionary(cabin => cabin, cabin => source["left"]![ElasticsearchBodies.Name(cabin)]!.GetValue<int>());
        return new(source["row"]!.GetValue<long>(), PackedFlight.Read(packed), packed, left);
    }

    private string Prefix(Guid epoch) => $"{Alias}-{FlightDocument.Shape}-{epoch:N}-";

    private async Task<string> ViewAsync(CancellationToken cancellationToken)
    {
        var opened = await client.SendAsync(HttpMethod.Post, $"{Alias}/_pit?keep_alive={ElasticsearchBodies.KeepAlive}", null, cancellationToken);
        return opened?["id"]?.GetValue<string>() ?? throw new BackEndException("Elasticsearch opened no point in time");
    }

    /// <summary>The index that the alias stands for; null: there is none.</summary>
    private async Task<string?> CurrentAsync(CancellationToken cancellationToken) =>
        (await client.SendAsync(HttpMethod.Get, $"_alias/{Alias}", null, cancellationToken, HttpStatusCode.NotFound))?.AsObject().Select(index => index.Key).Max(StringComparer.Ordinal);

    private async Task MakeAsync(CancellationToken cancellationToken) =>
        // 400: it is there already, made by another process a moment ago.
        await client.SendAsync(HttpMethod.Put, target, new JsonObject { ["aliases"] = new JsonObject { [Writing] = new JsonObject() } }, cancellationToken, HttpStatusCode.BadRequest);
}
