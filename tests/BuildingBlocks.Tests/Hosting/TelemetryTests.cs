using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Aerona.BuildingBlocks.Tests.Hosting;

/// <summary>By itself, after the others: listeners to sources and meters are the whole process's.</summary>
[CollectionDefinition(nameof(TelemetryTests), DisableParallelization = true)]
public sealed class Alone;

[Collection(nameof(TelemetryTests))]
public sealed class TelemetryTests
{
    [Theory]
    [InlineData("MassTransit")]
    [InlineData("Aerona.Anything")]
    public async Task The_bus_and_Aeronas_own_traces_are_followed_with_or_without_a_collector(string name)
    {
        await using var shop = await Shop.StartAsync();
        using var source = new ActivitySource(name);
        using var stranger = new ActivitySource("Somebody.Else");

        Assert.True(source.HasListeners());
        Assert.False(stranger.HasListeners());
    }

    [Fact]
    public async Task Traces_and_metrics_go_where_the_environment_says()
    {
        var received = Channel.CreateUnbounded<(string Signal, string Body)>();
        await using var collector = SilentBuilder().Build();
        collector.Urls.Add("http://127.0.0.1:0");
        collector.MapPost("/v1/{signal}", async (string signal, HttpRequest request) =>
            received.Writer.TryWrite((signal, await new StreamReader(request.Body, Encoding.Latin1).ReadToEndAsync())));
        await collector.StartAsync();

        var settings = new Dictionary<string, string?>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Urls.Single(),
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_EXPORTER_OTLP_TIMEOUT"] = "60000",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "200",
            ["OTEL_METRIC_EXPORT_TIMEOUT"] = "60000",
        };
        await using var shop = await Shop.StartAsync(settings: settings);
        using var meter = new Meter("Aerona.Shop");
        meter.CreateCounter<int>("aerona.shop.sales").Add(1);
        await shop.GetAsync("/v1/whoami");

        // They come in batches, every now and then: waited for while it runs, as stopping grants only seconds to send what is left.
        (string Signal, string Text)[] expected =
        [
            ("traces", "GET /v1/whoami"), ("metrics", "aerona.shop.sales"), ("metrics", "http.server.request.duration"), ("metrics", "dotnet.gc.collections"),
        ];
        var signals = new Dictionary<string, string>();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (expected.Any(part => !signals.GetValueOrDefault(part.Signal, "").Contains(part.Text, StringComparison.Ordinal)))
        {
            var (signal, body) = await received.Reader.ReadAsync(patience.Token);
            signals[signal] = signals.GetValueOrDefault(signal) + body;
        }
    }

    private static WebApplicationBuilder SilentBuilder()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        return builder;
    }
}
