using k8s.Models;

namespace Aerona.Deployment.Tests.Kubernetes;

/// <summary>The files under k8s/, which a test may change, as Kustomize puts them together.</summary>
internal sealed class Site
{
    public static readonly IReadOnlyDictionary<string, string> Files = new[] { "k8s/base", "k8s/sandbox" }
        .SelectMany(folder => Tree.FilesIn(folder).Select(file => $"{folder}/{file}")).ToDictionary(file => file, Tree.Read);

    public static Manifests Base(IReadOnlyDictionary<string, string> files) => new(Resources(files, "k8s/base").ToDictionary(file => file, file => files[file]));

    /// <summary>Base and sandbox together, the patches merged in as far as these files use them: data of a ConfigMap, variables of a container, tags.</summary>
    public static Manifests Sandbox(IReadOnlyDictionary<string, string> files)
    {
        var kustomization = Yaml.ReadCamel<Kustomization>(files["k8s/sandbox/kustomization.yaml"]);
        var all = new Manifests(Resources(files, "k8s/base").Concat(Resources(files, "k8s/sandbox")).ToDictionary(file => file, file => files[file]));
        var patches = new Manifests(kustomization.Patches.Select(patch => $"k8s/sandbox/{patch.Path}").ToDictionary(file => file, file => files[file]));
        foreach (var patch in patches.ConfigMaps)
        {
            var target = all.ConfigMaps.SingleOrDefault(map => map.Metadata.Name == patch.Metadata.Name) ?? throw new InvalidDataException($"patch of ConfigMap {patch.Metadata.Name}: there is none");
            foreach (var (name, value) in patch.Data)
            {
                target.Data[name] = value;
            }
        }

        foreach (var patch in patches.Deployments)
        {
            var target = all.Deployments.SingleOrDefault(one => one.Metadata.Name == patch.Metadata.Name) ?? throw new InvalidDataException($"patch of Deployment {patch.Metadata.Name}: there is none");
            var container = target.Spec.Template.Spec.Containers.Single(one => one.Name == patch.Spec.Template.Spec.Containers.Single().Name);
            container.Env = [.. container.Env ?? [], .. patch.Spec.Template.Spec.Containers.Single().Env];
        }

        foreach (var image in kustomization.Images)
        {
            var containers = all.Deployments.SelectMany(one => one.Spec.Template.Spec.Containers).Where(one => one.Image.StartsWith(image.Name + ":", StringComparison.Ordinal)).ToList();
            containers.ForEach(container => container.Image = $"{image.Name}:{image.NewTag}");
            _ = containers.Count > 0 ? image : throw new InvalidDataException($"image {image.Name}: there is none");
        }

        return all;
    }

    public static IEnumerable<string> Resources(IReadOnlyDictionary<string, string> files, string folder) =>
        Yaml.ReadCamel<Kustomization>(files[$"{folder}/kustomization.yaml"]).Resources.Where(one => one.EndsWith(".yaml", StringComparison.Ordinal)).Select(one => $"{folder}/{one}");
}
