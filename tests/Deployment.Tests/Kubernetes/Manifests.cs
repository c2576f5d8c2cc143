using k8s;
using k8s.Models;

namespace Aerona.Deployment.Tests.Kubernetes;

/// <summary>A folder that Kustomize reads.</summary>
internal sealed class Kustomization
{
    public string ApiVersion { get; set; } = "";

    public string Kind { get; set; } = "";

    public string Namespace { get; set; } = "";

    public List<string> Resources { get; set; } = [];

    public List<KustomizationPatch> Patches { get; set; } = [];

    public List<KustomizationImage> Images { get; set; } = [];
}

internal sealed class KustomizationPatch
{
    public string Path { get; set; } = "";
}

internal sealed class KustomizationImage
{
    public string Name { get; set; } = "";

    public string? NewTag { get; set; }
}

/// <summary>The objects of some files, read by Kubernetes' own types: what they do not know is an error.</summary>
internal sealed class Manifests
{
    private readonly List<(string File, object Object)> all = [];

    /// <param name="files">Texts by name.</param>
    /// <exception cref="InvalidDataException">A file is not what Kubernetes would take; names it.</exception>
    public Manifests(IReadOnlyDictionary<string, string> files)
    {
        foreach (var (file, text) in files)
        {
            try
            {
                all.AddRange(KubernetesYaml.LoadAllFromString(text, null, true).Select(one => (file, one)));
            }
            catch (Exception problem) when (problem is not OutOfMemoryException)   // the reader's own exceptions are of many kinds
            {
                throw new InvalidDataException($"{file}: {problem.Message} {problem.InnerException?.Message}", problem);
            }
        }
    }

    public IReadOnlyList<(string File, object Object)> All => all;

    public IReadOnlyList<V1Deployment> Deployments => Of<V1Deployment>();

    public IReadOnlyList<V1Service> Services => Of<V1Service>();

    public IReadOnlyList<V1ConfigMap> ConfigMaps => Of<V1ConfigMap>();

    public IReadOnlyList<V1NetworkPolicy> NetworkPolicies => Of<V1NetworkPolicy>();

    public IReadOnlyList<T> Of<T>() => [.. all.Select(one => one.Object).OfType<T>()];

    /// <summary>What a deployment's container gets as variables; for one from a secret, null.</summary>
    public IReadOnlyDictionary<string, string?> Variables(V1Deployment deployment)
    {
        Dictionary<string, string?> variables = new(StringComparer.Ordinal);
        var container = deployment.Spec.Template.Spec.Containers.Single();
        foreach (var map in (container.EnvFrom ?? []).SelectMany(source => ConfigMaps.Where(map => map.Metadata.Name == source.ConfigMapRef?.Name)))
        {
            foreach (var (name, value) in map.Data)
            {
                variables[name] = value;
            }
        }

        foreach (var variable in container.Env ?? [])
        {
            variables[variable.Name] = variable.ValueFrom is null ? variable.Value : null;
        }

        return variables;
    }
}

internal static class Labels
{
    /// <summary>A label's value; null when there is none.</summary>
    public static string? Of(this IDictionary<string, string>? labels, string name) => labels is not null && labels.TryGetValue(name, out var value) ? value : null;
}
