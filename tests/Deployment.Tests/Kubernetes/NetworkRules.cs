using System.Globalization;
using k8s.Models;

namespace Aerona.Deployment.Tests.Kubernetes;

/// <summary>Who may speak to whom is who is told of whom: the network policies allow what the settings name, both ends, and nothing else.</summary>
internal static class NetworkRules
{
    private const string NameLabel = "app.kubernetes.io/name";
    private const string NamespaceLabel = "kubernetes.io/metadata.name";
    private const string Internet = "the internet";

    public static IReadOnlyList<string> Check(IReadOnlyDictionary<string, string> files) =>
        [.. Check(Site.Base(files), []).Select(problem => $"base: {problem}"),
            .. Check(Site.Sandbox(files), Site.Base(files).NetworkPolicies).Select(problem => $"sandbox: {problem}")];

    /// <param name="site">What is there.</param>
    /// <param name="taken">Policies that an overlay takes over and cannot take back: they may allow what its settings no longer need.</param>
    private static IEnumerable<string> Check(Manifests site, IReadOnlyList<V1NetworkPolicy> taken)
    {
        if (!site.NetworkPolicies.Any(policy => policy.Spec is { PodSelector.MatchLabels: null, PodSelector.MatchExpressions: null, Ingress: null, Egress: null } && policy.Spec.PolicyTypes.Order(StringComparer.Ordinal).SequenceEqual(["Egress", "Ingress"])))
        {
            yield return "default: nobody to nobody";
        }

        var wanted = site.Deployments.SelectMany(deployment => Wanted(site, deployment)).ToHashSet();
        var allowed = site.NetworkPolicies.SelectMany(Egress).ToHashSet();
        foreach (var edge in wanted.Except(allowed)) yield return $"{edge}: is needed and not allowed";
        foreach (var edge in allowed.Except(wanted).Except(taken.SelectMany(Egress))) yield return $"{edge}: is allowed and nobody is told to";

        var entering = site.NetworkPolicies.SelectMany(Ingress).ToHashSet();
        var inside = wanted.Where(edge => Service.Named(edge.To) is not null).Append(new("ingress-nginx", "gateway", Images.DockerfileRules.Port)).ToHashSet();
        foreach (var edge in inside.Except(entering)) yield return $"{edge}: is needed and not let in";
        foreach (var edge in entering.Except(inside)) yield return $"{edge}: is let in and nobody is told to";
    }

    /// <summary>Where a service's settings send it.</summary>
    private static IEnumerable<Edge> Wanted(Manifests site, V1Deployment deployment)
    {
        var name = deployment.Metadata.Name;
        var variables = site.Variables(deployment);
        foreach (var (variable, value) in variables)
        {
            if (value is not null && variable is not ("PublicBaseUrl" or "S3__PublicEndpoint") && Uri.TryCreate(value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
            {
                // Payments only tells PayPal where its webhook is: who calls there is PayPal, from outside or played by the sandbox.
                var caller = variable == "PayPal__WebhookUrl" ? Place(new Uri(variables["PayPal__BaseUrl"]!).Host) : name;
                if (caller != Internet)
                {
                    yield return new(caller, Place(address!.Host), address.Port);
                }
            }
            else if (variable.EndsWith("__Host", StringComparison.Ordinal))
            {
                yield return new(name, Place(value!), int.Parse(variables[variable.Replace("__Host", "__Port", StringComparison.Ordinal)]!, CultureInfo.InvariantCulture));
            }
            else if (variable.StartsWith("ConnectionStrings__", StringComparison.Ordinal))
            {
                yield return variable == "ConnectionStrings__redis" ? new(name, "valkey", 6379) : new(name, "postgres", 5432);
            }
        }
    }

    private static string Place(string host) => Service.Named(host) is not null ? host : host.EndsWith(".aerona-servers.svc", StringComparison.Ordinal) ? host.Split('.')[0] : Internet;

    private static IEnumerable<Edge> Egress(V1NetworkPolicy policy) => policy.Spec.PodSelector.MatchLabels.Of(NameLabel) is not { } from
        ? []
        : (policy.Spec.Egress ?? []).SelectMany(rule => (rule.To ?? []).SelectMany(to => (rule.Ports ?? []).Select(port => new Edge(from, Peer(to), Number(port)))));

    private static IEnumerable<Edge> Ingress(V1NetworkPolicy policy) => policy.Spec.PodSelector.MatchLabels.Of(NameLabel) is not { } to
        ? []
        : (policy.Spec.Ingress ?? []).SelectMany(rule => rule.FromProperty is { Count: > 0 } peers
            ? peers.SelectMany(from => (rule.Ports ?? []).Select(port => new Edge(Peer(from), to, Number(port))))
            : [new Edge("anybody", to, 0)]);

    private static string Peer(V1NetworkPolicyPeer peer) => peer switch
    {
        { IpBlock: { Cidr: "0.0.0.0/0" } block } => block.Except?.Contains("10.0.0.0/8") == true ? Internet : "everywhere",
        { NamespaceSelector: null, PodSelector.MatchLabels: { Count: 1 } labels } => labels[NameLabel],
        { NamespaceSelector.MatchLabels: { Count: 1 } space, PodSelector: null } => space[NamespaceLabel],
        { NamespaceSelector.MatchLabels: { Count: 1 } space, PodSelector.MatchLabels: { Count: 1 } labels } when space[NamespaceLabel] == "aerona-servers" => labels[NameLabel],
        _ => "somebody",
    };

    private static int Number(V1NetworkPolicyPort port) => port is { Protocol: "TCP", EndPort: null } ? int.Parse(port.Port.Value, CultureInfo.InvariantCulture) : 0;

    private sealed record Edge(string From, string To, int Port)
    {
        public override string ToString() => $"{From} to {To}:{Port}";
    }
}
