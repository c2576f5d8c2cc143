using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.LoadBalancing;

namespace Aerona.Gateway.Routing;

/// <summary>The table and the addresses in the proxy's own terms.</summary>
internal static class ProxyRoutes
{
    /// <summary>Metadata of a route: see <see cref="Route.Repeatable"/> and <see cref="Route.Stream"/>.</summary>
    public const string Repeatable = nameof(Route.Repeatable);

    /// <inheritdoc cref="Repeatable"/>
    public const string Streamed = nameof(Route.Stream);

    public static IProxyConfigProvider Make(IServiceProvider provider)
    {
        var services = provider.GetRequiredService<IOptions<ServicesOptions>>().Value;
        var gateway = provider.GetRequiredService<IOptions<GatewayOptions>>().Value;
        var routes = Routes.All.Where(route => services.Of(route.Service).Count > 0).ToList();
        return new InMemoryConfigProvider(
            [.. routes.Select(RouteOf)],
            [.. routes.Select(route => route.Service).Distinct().Select(service => ClusterOf(service, services.Of(service), gateway))]);
    }

    private static RouteConfig RouteOf(Route route) => new()
    {
        RouteId = route.Path,
        ClusterId = route.Service,
        Match = new() { Path = $"{route.Path}/{{**rest}}" },
        MaxRequestBodySize = route.Stream,
        Metadata = new Dictionary<string, string> { [Repeatable] = route.Repeatable ? "yes" : "", [Streamed] = route.Stream is null ? "" : "yes" },
    };

    private static ClusterConfig ClusterOf(string service, IReadOnlyList<Uri> addresses, GatewayOptions options) => new()
    {
        ClusterId = service,
        LoadBalancingPolicy = LoadBalancingPolicies.PowerOfTwoChoices,
        Destinations = addresses.Select((address, index) => (address, index)).ToDictionary(
            each => $"{service.ToLowerInvariant()}-{each.index + 1}", each => new DestinationConfig { Address = each.address.AbsoluteUri }),
        HttpRequest = new() { ActivityTimeout = options.ActivityTimeout, Version = System.Net.HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact },
        HealthCheck = new()
        {
            // All of them unready: better ask one, which answers what is wrong, than none.
            AvailableDestinationsPolicy = HealthCheckConstants.AvailableDestinations.HealthyOrPanic,
            Active = new() { Enabled = true, Path = "/health/ready", Interval = options.HealthInterval, Timeout = options.HealthTimeout, Policy = HealthCheckConstants.ActivePolicy.ConsecutiveFailures },
            Passive = new() { Enabled = true, Policy = Forwarding.NoConnection.PolicyName, ReactivationPeriod = options.LeftOutFor },
        },
        Metadata = new Dictionary<string, string> { [ConsecutiveFailuresHealthPolicyOptions.ThresholdMetadataName] = "2" },
    };
}
