using System.Text.Json;
using System.Text.Json.Nodes;
using Aerona.Gateway.Forwarding;
using Microsoft.Extensions.Options;

namespace Aerona.Gateway.ApiDocument;

/// <summary>
/// Keeps the merged document: asked for anew after a minute, after seconds while one is missing. A service that is gone keeps the document it gave last; one that
/// was never there is named as missing.
/// </summary>
internal sealed class ApiDocuments(ServiceClient services, IOptions<ServicesOptions> addresses, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Whole = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan InPart = TimeSpan.FromSeconds(3);

    private readonly SemaphoreSlim turn = new(1);
    private readonly Dictionary<string, JsonObject> known = [];
    private (byte[] Document, DateTimeOffset Until)? kept;

    /// <summary>JSON, UTF-8.</summary>
    public async Task<byte[]> GetAsync(CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            if (kept is { } fresh && clock.GetUtcNow() < fresh.Until)
            {
                return fresh.Document;
            }

            var present = Routing.Services.WithApi.Where(service => addresses.Value.Of(service).Count > 0).ToList();
            var fetched = await Task.WhenAll(present.Select(service => FetchAsync(service, cancellationToken)));
            foreach (var (service, document) in present.Zip(fetched).Where(each => each.Second is not null))
            {
                known[service] = document!;
            }

            var merged = MergedDocument.Merge(
                [.. present.Where(known.ContainsKey).Select(service => (service, known[service]))], [.. present.Where(service => !known.ContainsKey(service)).Select(service => service.ToLowerInvariant())]);
            kept = (JsonSerializer.SerializeToUtf8Bytes(merged), clock.GetUtcNow() + (fetched.Contains(null) ? InPart : Whole));
            return kept.Value.Document;
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose() => turn.Dispose();

    private async Task<JsonObject?> FetchAsync(string service, CancellationToken cancellationToken)
    {
        using var answer = await services.GetAsync(service, "openapi/v1.json", null, cancellationToken);
        return answer is { IsSuccessStatusCode: true } ? await answer.Content.ReadFromJsonAsync<JsonObject>(cancellationToken) : null;
    }
}
