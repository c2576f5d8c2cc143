using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Aerona.Hosting;

internal static class Telemetry
{
    /// <summary>
    /// Traces and metrics of requests, calls, the bus and Aerona's own sources. They are made always, so that one trace id runs through the bus into every
    /// log line, and leave the process only where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set.
    /// </summary>
    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(builder.Environment.ApplicationName))
            .WithTracing(traces => traces
                .AddAspNetCoreInstrumentation(requests =>
                {
                    requests.Filter = context => !context.Request.Path.StartsWithSegments("/health");
                    requests.EnrichWithHttpRequest = (activity, request) => activity.SetTag("url.path", PathsThatOpen.Noted(request.Path));
                })
                .AddHttpClientInstrumentation(calls => calls.EnrichWithHttpRequestMessage = (activity, request) =>
                {
                    if (request.RequestUri is { } address && PathsThatOpen.Noted(address.AbsolutePath) is var noted && noted != address.AbsolutePath)
                    {
                        activity.SetTag("url.full", $"{address.GetLeftPart(UriPartial.Authority)}{noted}");
                    }
                })
                .AddNpgsql()
                .AddSource("MassTransit", "Aerona.*"))
            .WithMetrics(metrics => metrics
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation()
                .AddMeter("MassTransit", "Npgsql", "Aerona.*"));
        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            telemetry.UseOtlpExporter();
        }
    }
}
