using Aerona.Gateway.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace Aerona.Gateway;

/// <summary>
/// How many replicas of a service are ready, as the gateway knows it. Never more than degraded: a gateway that can route is ready, and taking it away because a
/// service is gone would take all others with it.
/// </summary>
internal sealed class ServicesHealth(string service, IProxyStateLookup proxy) : IHealthCheck
{
    public static void Add(IHealthChecksBuilder checks)
    {
        foreach (var service in (string[])[.. Services.WithApi, Services.Sandbox])
        {
            checks.Add(new(service.ToLowerInvariant(), provider => new ServicesHealth(service, provider.GetRequiredService<IProxyStateLookup>()), HealthStatus.Degraded, ["ready"]));
        }
    }

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!proxy.TryGetCluster(service, out var cluster))
        {
            return Task.FromResult(HealthCheckResult.Healthy("not configured"));
        }

        var all = cluster.DestinationsState.AllDestinations;
        var ready = all.Count(destination => destination.Health is { Active: not DestinationHealth.Unhealthy, Passive: not DestinationHealth.Unhealthy });
        return Task.FromResult(ready == all.Count
            ? HealthCheckResult.Healthy(all.Count == 1 ? null : $"{all.Count} replicas")
            : HealthCheckResult.Degraded(all.Count == 1 ? "not ready" : $"{ready} of {all.Count} replicas ready"));
    }
}
