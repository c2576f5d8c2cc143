using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Aerona.Search.Backends;

/// <summary>Elasticsearch's REST API, as much of it as a list of flights needs.</summary>
internal sealed class ElasticsearchClient(HttpClient http, ElasticsearchOptions options, TimeProvider time)
{
    private const int Fewest = 10;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private int atOnce = options.FlightsAtOnce;

    private volatile string? problem;

    /// <summary>Why the last call had no answer; null: it had one.</summary>
    public string? Problem => problem;

    /// <summary>Flights that the next request of <see cref="BulkAsync"/> writes: fewer after a refusal, slowly more again.</summary>
    public int AtOnce => Volatile.Read(ref atOnce);

    /// <summary>One call. A status that is neither success nor expected is a <see cref="BackEndException"/>.</summary>
    /// <returns>The answer; null for an expected status.</returns>
    public async Task<JsonNode?> SendAsync(HttpMethod method, string path, JsonNode? body, CancellationToken cancellationToken, params HttpStatusCode[] expected)
    {
        using var content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var answer = await SendAsync(method, path, content, cancellationToken);
        return answer.IsSuccessStatusCode ? await ReadAsync(answer, cancellationToken)
            : expected.Contains(answer.StatusCode) ? null
            : throw await RefusedAsync(method, path, answer, cancellationToken);
    }

    /// <summary>
    /// Writes documents with versions of ours; one that the index has the same or a newer version of is left as it is. What the cluster has no room for is sent
    /// again, later and in smaller parts.
    /// </summary>
    /// <param name="alias">Must be an alias: an index that has gone is not made by writing to it.</param>
    /// <param name="documents">Id, version and source.</param>
    /// <param name="cancellationToken">Ends waiting.</param>
    public async Task BulkAsync(string alias, IReadOnlyList<(string Id, long Version, byte[] Source)> documents, CancellationToken cancellationToken)
    {
        var left = new Queue<(string Id, long Version, byte[] Source)>(documents);
        for (var refusals = 0; left.Count > 0;)
        {
            var some = new List<(string Id, long Version, byte[] Source)>();
            while (some.Count < atOnce && left.TryDequeue(out var document))
            {
                some.Add(document);
            }

            var (again, wait) = await BulkOnceAsync(alias, some, cancellationToken);
            if (again.Count == 0)
            {
                refusals = 0;
                atOnce = Math.Min(options.FlightsAtOnce, atOnce + Math.Max(1, atOnce / 10));
                continue;
            }

            if (refusals++ == options.Retries)
            {
                throw new BackEndException($"Elasticsearch has no room for {left.Count + again.Count} flights, after {options.Retries} tries");
            }

            again.ForEach(left.Enqueue);
            atOnce = Math.Max(Fewest, atOnce / 2);
            await WaitAsync(wait ?? TimeSpan.FromTicks(Math.Min(LongestWait.Ticks, options.RetryAfter.Ticks << Math.Min(refusals - 1, 20))), cancellationToken);
        }
    }

    /// <summary>What has to be sent again, and when the cluster says.</summary>
    private async Task<(List<(string Id, long Version, byte[] Source)> Again, TimeSpan? Wait)> BulkOnceAsync(
        string alias, List<(string Id, long Version, byte[] Source)> documents, CancellationToken cancellationToken)
    {
        using var lines = new MemoryStream();
        foreach (var (id, version, source) in documents)
        {
            lines.Write(JsonSerializer.SerializeToUtf8Bytes(new { index = new { _id = id, version, version_type = "external" } }));
            lines.WriteByte((byte)'\n');
            lines.Write(source);
            lines.WriteByte((byte)'\n');
        }

        using var content = new ByteArrayContent(lines.GetBuffer(), 0, (int)lines.Length);
        content.Headers.ContentType = new("application/x-ndjson");
        var path = $"{alias}/_bulk?require_alias=true";
        using var answer = await SendAsync(HttpMethod.Post, path, content, cancellationToken);
        if (answer.StatusCode == HttpStatusCode.TooManyRequests)
        {
            return (documents, answer.Headers.RetryAfter?.Delta is { } said && said > TimeSpan.Zero ? said : null);
        }

        if (!answer.IsSuccessStatusCode)
        {
            throw await RefusedAsync(HttpMethod.Post, path, answer, cancellationToken);
        }

        var result = (await ReadAsync(answer, cancellationToken))!;
        if (result["errors"]?.GetValue<bool>() == false)
        {
            return ([], null);
        }

        var items = result["items"]?.AsArray();
        if (items?.Count != documents.Count)
        {
            throw new BackEndException($"Elasticsearch answered {items?.Count ?? 0} results to {documents.Count} flights");
        }

        List<(string, long, byte[])> again = [];
        foreach (var (document, item) in documents.Zip(items))
        {
            switch ((int?)item?["index"]?["status"])
            {
                case >= 200 and < 300 or (int)HttpStatusCode.Conflict:   // a conflict: the index has it, or something newer
                    break;
                case (int)HttpStatusCode.TooManyRequests:
                    again.Add(document);
                    break;
                default:
                    throw new BackEndException($"Elasticsearch did not take {document.Id}: {item?.ToJsonString()}");
            }
        }

        return (again, null);
    }

    private async Task WaitAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(wait, time);
        await timer.WaitForNextTickAsync(cancellationToken);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Accept.Add(new("application/json"));
        request.Headers.Authorization = options switch
        {
            { ApiKey: { } key } => new("ApiKey", key),
            { Username: { } user } => new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{options.Password}"))),
            _ => null,
        };
        try
        {
            var answer = await http.SendAsync(request, cancellationToken);
            problem = null;
            return answer;
        }
        catch (Exception silent) when (silent is HttpRequestException || (silent is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            problem = silent is HttpRequestException ? silent.Message : $"nothing within {options.Timeout}";
            throw new BackEndException($"Elasticsearch does not answer ({method} {Spoken(path)}): {problem}", silent);
        }
    }

    private static async Task<JsonNode?> ReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            return answer.Content.Headers.ContentLength == 0 ? null : await JsonNode.ParseAsync(await answer.Content.ReadAsStreamAsync(cancellationToken), cancellationToken: cancellationToken);
        }
        catch (Exception problem) when (problem is JsonException or HttpRequestException or IOException)
        {
            throw new BackEndException($"Elasticsearch's answer cannot be read: {problem.Message}", problem);
        }
    }

    private static async Task<BackEndException> RefusedAsync(HttpMethod method, string path, HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        return new($"Elasticsearch refuses {method} {Spoken(path)}: {(int)answer.StatusCode} {(text.Length <= 500 ? text : text[..500])}");
    }

    private static string Spoken(string path) => path.Split('?')[0];
}
