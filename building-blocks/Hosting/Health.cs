using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aerona.Hosting;

internal static class Health
{
    /// <summary><c>live</c>: the process answers. <c>ready</c>: every check of every part; 503 when one is unhealthy.</summary>
    public static void MapHealth(this WebApplication app)
    {
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = WriteAsync });
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { ResponseWriter = WriteAsync });
    }

    private static Task WriteAsync(HttpContext context, HealthReport report) => context.Response.WriteAsJsonAsync(new HealthView(
        Named(report.Status), [.. report.Entries.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => Check(entry.Key, entry.Value))]));

    // The exception's own text, which the health service takes for a description, may name hosts and files: it stays in the log.
    private static CheckView Check(string name, HealthReportEntry entry) => new(
        name, Named(entry.Status), entry.Exception is { } exception && (entry.Description ?? exception.Message) == exception.Message
            ? "The check failed; the log says how."
            : entry.Description);

    private static string Named(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "healthy",
        HealthStatus.Degraded => "degraded",
        _ => "unhealthy",
    };

    private sealed record HealthView(string State, IReadOnlyList<CheckView> Checks);

    private sealed record CheckView(string Name, string State, string? Reason);
}
