using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Aerona.AllInOne.Tests;

/// <summary>A span as it was exported.</summary>
/// <param name="TraceId">32 hexadecimal digits.</param>
/// <param name="Name">What a person reads.</param>
/// <param name="Attributes">Its text attributes; others are left out.</param>
/// <param name="Links">The traces it points at.</param>
internal sealed record ExportedSpan(string TraceId, string Name, IReadOnlyDictionary<string, string> Attributes, IReadOnlyList<string> Links);

/// <summary>Takes traces by OTLP over HTTP, like a collector, and keeps them.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<ExportedSpan> spans = [];
    private readonly ConcurrentQueue<string> metrics = [];

    private OtlpCollector(WebApplication app) => this.app = app;

    public string Address => app.Urls.Single();

    public IReadOnlyCollection<ExportedSpan> Spans => spans;

    /// <summary>What came of metrics, as it came: bytes as characters.</summary>
    public IReadOnlyCollection<string> Metrics => metrics;

    public static async Task<OtlpCollector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var collector = new OtlpCollector(app);
        app.Urls.Add("http://127.0.0.1:0");
        app.MapPost("/v1/traces", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            foreach (var span in Read(body.ToArray()))
            {
                collector.spans.Enqueue(span);
            }
        });
        app.MapPost("/v1/{signal}", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            collector.metrics.Enqueue(Encoding.Latin1.GetString(body.ToArray()));
        });
        await app.StartAsync();
        return collector;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    /// <summary>The spans of an ExportTraceServiceRequest (opentelemetry/proto/collector/trace/v1): resource_spans = 1, scope_spans = 2, spans = 2.</summary>
    private static IEnumerable<ExportedSpan> Read(ReadOnlyMemory<byte> request) =>
        from resource in Fields(request)
        where resource.Number == 1
        from scope in Fields(resource.Bytes)
        where scope.Number == 2
        from span in Fields(scope.Bytes)
        where span.Number == 2
        select Span([.. Fields(span.Bytes)]);

    /// <summary>Of a Span: trace_id = 1, name = 5, attributes = 9, links = 13.</summary>
    private static ExportedSpan Span(IReadOnlyList<Field> fields) => new(
        Id(fields.First(field => field.Number == 1)), Text(fields.First(field => field.Number == 5)),
        fields.Where(field => field.Number == 9).Select(Attribute).Where(attribute => attribute.Value is not null).GroupBy(attribute => attribute.Key)
            .ToDictionary(group => group.Key, group => group.Last().Value!),
        [.. fields.Where(field => field.Number == 13).Select(link => Id(Fields(link.Bytes).First(field => field.Number == 1)))]);

    /// <summary>Of a KeyValue: key = 1, value = 2; of an AnyValue: string_value = 1.</summary>
    private static (string Key, string? Value) Attribute(Field field)
    {
        var parts = Fields(field.Bytes).ToList();
        var value = Fields(parts.First(part => part.Number == 2).Bytes).FirstOrDefault(part => part.Number == 1);
        return (Text(parts.First(part => part.Number == 1)), value is null ? null : Text(value));
    }

    private static string Id(Field field) => Convert.ToHexStringLower(field.Bytes.Span);

    private static string Text(Field field) => Encoding.UTF8.GetString(field.Bytes.Span);

    /// <summary>Protocol Buffers' wire format: a key of number and type, then a varint, eight bytes, bytes with their length, or four bytes.</summary>
    private static IEnumerable<Field> Fields(ReadOnlyMemory<byte> message)
    {
        for (var at = 0; at < message.Length;)
        {
            var key = Varint(message, ref at);
            var length = (key & 7) switch
            {
                0 => Skip(message, at),
                1 => 8,
                2 => (int)Varint(message, ref at),
                5 => 4,
                var type => throw new InvalidDataException($"wire type {type}"),
            };
            yield return new((int)(key >> 3), message.Slice(at, length));
            at += length;
        }
    }

    private static int Skip(ReadOnlyMemory<byte> message, int from)
    {
        var at = from;
        Varint(message, ref at);
        return at - from;
    }

    private static ulong Varint(ReadOnlyMemory<byte> message, ref int at)
    {
        for (var (value, shift) = (0UL, 0); ; shift += 7)
        {
            var next = message.Span[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }

    private sealed record Field(int Number, ReadOnlyMemory<byte> Bytes);
}
