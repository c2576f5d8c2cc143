using Aerona.Deployment.Tests.Images;
using k8s;
using k8s.Models;

namespace Aerona.Deployment.Tests.Kubernetes;

/// <summary>What every workload must have, and that all parts fit each other.</summary>
internal static class WorkloadRules
{
    private const string NameLabel = "app.kubernetes.io/name";

    public static IReadOnlyList<string> Check(IReadOnlyDictionary<string, string> files, string secretsPage)
    {
        try
        {
            var production = Site.Base(files);
            var sandbox = Site.Sandbox(files);
            return
            [
                .. Lists(files, "k8s/base"), .. Lists(files, "k8s/sandbox"),
                .. Parts(production, withSandbox: false), .. Parts(sandbox, withSandbox: true),
                .. sandbox.Deployments.SelectMany(deployment => Each(sandbox, deployment).Select(problem => $"{deployment.Metadata.Name}: {problem}")),
                .. Settings(sandbox), .. Secrets(sandbox, secretsPage), .. Entrance(production),
            ];
        }
        catch (Exception problem) when (problem is InvalidDataException or YamlDotNet.Core.YamlException)
        {
            return [$"{problem.Message} {problem.InnerException?.Message}"];
        }
    }

    /// <summary>Kustomize reads only what is listed.</summary>
    private static IEnumerable<string> Lists(IReadOnlyDictionary<string, string> files, string folder)
    {
        var kustomization = Yaml.ReadCamel<Kustomization>(files[$"{folder}/kustomization.yaml"]);
        var listed = kustomization.Resources.Where(one => one != "../base").Concat(kustomization.Patches.Select(patch => patch.Path)).ToList();
        var there = files.Keys.Where(file => file.StartsWith(folder + "/", StringComparison.Ordinal)).Select(file => file[(folder.Length + 1)..]).Where(file => file != "kustomization.yaml");
        if (kustomization is not { ApiVersion: "kustomize.config.k8s.io/v1beta1", Kind: "Kustomization", Namespace: "aerona" }) yield return $"{folder}: a Kustomization of the namespace aerona";
        if (!listed.Order(StringComparer.Ordinal).SequenceEqual(there.Order(StringComparer.Ordinal))) yield return $"{folder}/kustomization.yaml: lists other files than there are";
    }

    private static IEnumerable<string> Parts(Manifests site, bool withSandbox)
    {
        var expected = Service.All.Where(service => withSandbox || service.Name != "sandbox").Select(service => service.Name).Order(StringComparer.Ordinal).ToList();
        if (!site.Deployments.Select(one => one.Metadata.Name).Order(StringComparer.Ordinal).SequenceEqual(expected)) yield return "deployments: one for each service, the sandbox in its own folder";
        if (!site.Services.Select(one => one.Metadata.Name).Order(StringComparer.Ordinal).SequenceEqual(expected)) yield return "services: one for each deployment";
        if (site.Of<V1Secret>().Count > 0) yield return "secrets: never here";
        foreach (var (file, one) in site.All.Where(one => one.Object is not (V1Namespace or V1ConfigMap or V1Deployment or V1Service or V1PodDisruptionBudget or V1NetworkPolicy or V1Ingress))) yield return $"{file}: a {one.GetType().Name} that no rule knows";
        foreach (var named in site.All.Select(one => (one.Object.GetType().Name, ((IKubernetesObject<V1ObjectMeta>)one.Object).Metadata)).GroupBy(one => (one.Name, one.Metadata.Name)).Where(group => group.Count() > 1)) yield return $"{named.Key.Item2}: twice";
    }

    private static IEnumerable<string> Each(Manifests site, V1Deployment deployment) =>
        [.. Hardened(deployment), .. Running(site, deployment), .. Probes(deployment), .. Storage(deployment)];

    private static IEnumerable<string> Hardened(V1Deployment deployment)
    {
        var pod = deployment.Spec.Template.Spec;
        if (pod.AutomountServiceAccountToken != false) yield return "automountServiceAccountToken: false";
        if (pod.SecurityContext is not { RunAsNonRoot: true, RunAsUser: > 0, RunAsGroup: > 0, FsGroup: > 0, SeccompProfile.Type: "RuntimeDefault" }) yield return "securityContext: a user of a number, seccomp RuntimeDefault";
        if (pod.HostNetwork == true || pod.HostPID == true || pod.HostIPC == true || pod.ServiceAccountName is not null || pod.InitContainers is not null) yield return "nothing of the host";
        if (pod.Containers is not [{ Name: "service" } container])
        {
            yield return "one container, service";
            yield break;
        }

        if (container.SecurityContext is not { AllowPrivilegeEscalation: false, ReadOnlyRootFilesystem: true, Privileged: null or false } security || security.Capabilities is not { Drop: ["ALL"], Add: null }) yield return "securityContext: read-only root, no capabilities, no escalation";
        if (!Names.IsPinned(container.Image) || !container.Image.StartsWith($"aerona/{deployment.Metadata.Name}:", StringComparison.Ordinal)) yield return $"image {container.Image}: aerona/{deployment.Metadata.Name} of a version";
        if (container.Command is not null || container.Args is not null) yield return "command: the image's own";
        var limits = container.Resources?.Limits;
        var requests = container.Resources?.Requests;
        foreach (var resource in new[] { "cpu", "memory", "ephemeral-storage" })
        {
            if (limits?.TryGetValue(resource, out var most) != true || requests?.TryGetValue(resource, out var least) != true || least!.ToDecimal() > most!.ToDecimal()) yield return $"resources: {resource}, requests and limits";
        }
    }

    private static IEnumerable<string> Running(Manifests site, V1Deployment deployment)
    {
        var name = deployment.Metadata.Name;
        var template = deployment.Spec.Template;
        if (deployment.Spec.Selector.MatchLabels is not { Count: 1 } selector || selector.Of(NameLabel) != name || template.Metadata.Labels.Of(NameLabel) != name) yield return "selector: its own pods";
        if (template.Spec.Containers[0].Ports is not [{ Name: "http", Protocol: "TCP" } port] || port.ContainerPort != DockerfileRules.Port) yield return $"ports: {DockerfileRules.Port}, where the image listens";
        if (site.Services.FirstOrDefault(one => one.Metadata.Name == name) is { } service
            && (service.Spec.Selector.Of(NameLabel) != name || service.Spec.Type is not (null or "ClusterIP") || service.Spec.Ports is not [{ TargetPort.Value: "http" } door] || door.Port != DockerfileRules.Port)) yield return $"Service: port {DockerfileRules.Port} of its pods";
        if (deployment.Spec.Strategy is not { Type: "RollingUpdate", RollingUpdate.MaxUnavailable.Value: "0" }) yield return "strategy: none goes before one has come";
        if (template.Spec.TerminationGracePeriodSeconds is not > 30) yield return "terminationGracePeriodSeconds: longer than the host's own 25 s";
        var budgets = site.Of<V1PodDisruptionBudget>().Where(budget => budget.Spec.Selector.MatchLabels.Of(NameLabel) == name).ToList();
        if (deployment.Spec.Replicas > 1 ? budgets is not [{ Spec.MinAvailable.Value: "1" }] : budgets.Count > 0) yield return "PodDisruptionBudget: one stays, where there are several";
    }

    private static IEnumerable<string> Probes(V1Deployment deployment)
    {
        var container = deployment.Spec.Template.Spec.Containers[0];
        if (container.LivenessProbe?.HttpGet is not { Path: "/health/live", Port.Value: "http" }) yield return "livenessProbe: /health/live";
        if (container.StartupProbe?.HttpGet is not { Path: "/health/live", Port.Value: "http" }) yield return "startupProbe: /health/live";
        if (container.ReadinessProbe?.HttpGet is not { Path: "/health/ready", Port.Value: "http" }) yield return "readinessProbe: /health/ready";
    }

    private static IEnumerable<string> Storage(V1Deployment deployment)
    {
        var pod = deployment.Spec.Template.Spec;
        var mounts = pod.Containers[0].VolumeMounts ?? [];
        foreach (var volume in pod.Volumes ?? [])
        {
            if (volume is not ({ EmptyDir.SizeLimit: not null } or { Secret: { SecretName.Length: > 0, DefaultMode: 0b100_100_000, Items: [_] } })) yield return $"volume {volume.Name}: an emptyDir of limited size, or a secret that its group reads";
            if (mounts.All(mount => mount.Name != volume.Name)) yield return $"volume {volume.Name}: is not mounted";
            if (volume.Secret is not null && mounts.Any(mount => mount.Name == volume.Name && mount.ReadOnlyProperty != true)) yield return $"volume {volume.Name}: read-only";
        }

        foreach (var mount in mounts.Where(mount => pod.Volumes?.Any(volume => volume.Name == mount.Name) != true)) yield return $"mount {mount.Name}: there is no such volume";
        if (mounts.All(mount => mount.MountPath != "/tmp")) yield return "/tmp: somewhere to write";
        if (deployment.Metadata.Name != "gateway" && mounts.All(mount => mount.MountPath != "/data")) yield return "/data: somewhere to write";
    }

    private static IEnumerable<string> Settings(Manifests site)
    {
        foreach (var (name, map) in site.ConfigMaps.SelectMany(map => map.Data.Keys.Select(key => (key, map.Metadata.Name))).Where(one => Names.IsSecret(one.key))) yield return $"ConfigMap {map}: {name} belongs in a secret";
        var used = site.Deployments.SelectMany(one => one.Spec.Template.Spec.Containers[0].EnvFrom ?? []).Select(source => source.ConfigMapRef?.Name).ToHashSet();
        foreach (var map in site.ConfigMaps.Where(map => !used.Contains(map.Metadata.Name))) yield return $"ConfigMap {map.Metadata.Name}: nobody reads it";
        foreach (var missing in used.Where(name => site.ConfigMaps.All(map => map.Metadata.Name != name))) yield return $"ConfigMap {missing}: there is none";
        foreach (var deployment in site.Deployments)
        {
            var mounted = deployment.Spec.Template.Spec.Volumes?.Where(volume => volume.Secret is not null).SelectMany(volume => volume.Secret.Items.Select(item =>
                $"{deployment.Spec.Template.Spec.Containers[0].VolumeMounts.First(mount => mount.Name == volume.Name).MountPath}/{item.Path}")).ToList() ?? [];
            var named = site.Variables(deployment).Where(variable => variable.Key.EndsWith("File", StringComparison.Ordinal)).Select(variable => variable.Value).ToList();
            if (!mounted.SequenceEqual(named)) yield return $"{deployment.Metadata.Name}: the files that its settings name are those it mounts";
            foreach (var variable in (deployment.Spec.Template.Spec.Containers[0].Env ?? []).Where(variable => Names.IsSecret(variable.Name) != variable.ValueFrom?.SecretKeyRef is not null
                && variable.Name is not ("RabbitMq__Username" or "Smtp__Username" or "PayPal__ClientId"))) yield return $"{deployment.Metadata.Name}: {variable.Name}: a secret from a secret, and nothing else";
        }
    }

    /// <summary>Every secret that is referred to is described, and none besides; a deployment uses the one of its own name.</summary>
    private static IEnumerable<string> Secrets(Manifests site, string page)
    {
        var asked = site.Deployments.SelectMany(deployment => (deployment.Spec.Template.Spec.Containers[0].Env ?? [])
                .Where(variable => variable.ValueFrom?.SecretKeyRef is not null).Select(variable => (variable.ValueFrom.SecretKeyRef.Name, variable.ValueFrom.SecretKeyRef.Key))
                .Concat((deployment.Spec.Template.Spec.Volumes ?? []).Where(volume => volume.Secret is not null).SelectMany(volume => volume.Secret.Items.Select(item => (volume.Secret.SecretName, item.Key)))))
            .ToHashSet();
        var described = page.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('|'))
            .Where(cells => cells.Length > 3).Select(cells => (cells[1].Trim().Trim('`'), cells[2].Trim().Trim('`'))).ToHashSet();
        foreach (var (name, key) in asked.Except(described)) yield return $"secret {name}, key {key}: k8s/README.md does not say what it is";
        foreach (var (name, key) in described.Except(asked)) yield return $"secret {name}, key {key}: k8s/README.md speaks of it and nobody reads it";
        foreach (var deployment in site.Deployments)
        {
            foreach (var reference in (deployment.Spec.Template.Spec.Containers[0].Env ?? []).Select(variable => variable.ValueFrom?.SecretKeyRef).Where(reference => reference is not null && reference.Name != Service.Named(deployment.Metadata.Name)?.Module)) yield return $"{deployment.Metadata.Name}: secret {reference!.Name} is not its own";
        }
    }

    private static IEnumerable<string> Entrance(Manifests site)
    {
        if (site.Of<V1Namespace>() is not [{ Metadata: { Name: "aerona" } metadata }] || metadata.Labels.Of("pod-security.kubernetes.io/enforce") != "restricted") yield return "namespace: enforces restricted";
        if (site.Of<V1Ingress>() is not [{ Spec: { Tls: [{ SecretName.Length: > 0 } tls], Rules: [{ Http.Paths: [{ Backend.Service: { Name: "gateway", Port.Name: "http" } }] } rule] } }] || !tls.Hosts.Contains(rule.Host)) yield return "ingress: one, to the gateway, by TLS";
    }
}
