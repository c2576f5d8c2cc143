using System.Globalization;
using System.Text.RegularExpressions;
using Aerona.Deployment.Tests.Images;
using YamlDotNet.Core;

namespace Aerona.Deployment.Tests.Compose;

/// <summary>What docker-compose.yml must keep to. Each rule says what is wrong and where; nothing said means all is well.</summary>
internal static partial class ComposeRules
{
    /// <summary>Servers, with the port each listens on.</summary>
    private static readonly Dictionary<string, int> Servers = new(StringComparer.Ordinal)
    {
        ["rabbitmq"] = 5672,
        ["postgres"] = 5432,
        ["valkey"] = 6379,
        ["s3"] = 8333,
        ["mailpit"] = 1025,
        ["elasticsearch"] = 9200,
    };

    /// <summary>May have no read-only root: makes its keystore in its own folder at every start.</summary>
    private const string WritesItsOwnFolder = "elasticsearch";

    /// <param name="text">The file.</param>
    /// <param name="secrets">What stands in .secrets/: for each file the variables it sets; none for a file that is no list of variables.</param>
    public static IReadOnlyList<string> Check(string text, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> secrets)
    {
        ComposeFile compose;
        try
        {
            compose = ComposeFile.Read(text);
        }
        catch (YamlException problem)
        {
            return [$"docker-compose.yml: {problem.Message} {problem.InnerException?.Message}"];
        }

        return [.. Interpolation(text), .. Parts(compose), .. compose.Services.SelectMany(service => Each(compose, service.Key, service.Value, secrets)
            .Select(problem => $"{service.Key}: {problem}")), .. Circles(compose)];
    }

    /// <summary>What a service's container gets: its variables, then those of its files.</summary>
    public static Dictionary<string, string> Variables(ComposeService service, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> secrets)
    {
        Dictionary<string, string> all = new(StringComparer.Ordinal);
        foreach (var (name, value) in service.EnvFile.SelectMany(file => secrets.GetValueOrDefault(Path.GetFileName(file.Path), new Dictionary<string, string>())).Concat(service.Environment))
        {
            all[name] = value.Replace("$$", "$", StringComparison.Ordinal);
        }

        return all;
    }

    private static IEnumerable<string> Interpolation(string text) => Variable().Matches(text).Select(match => match.Value).Distinct()
        .Where(variable => !Required().IsMatch(variable))
        .Select(variable => $"{variable}: a variable that ./aerona secrets writes, required, or nothing");

    private static IEnumerable<string> Parts(ComposeFile compose)
    {
        foreach (var service in Service.All)
        {
            if (compose.Services.GetValueOrDefault(service.Name)?.Build?.Args.GetValueOrDefault("SERVICE") != service.Folder)
            {
                yield return $"{service.Name}: is not built from services/{service.Folder}";
            }
        }

        foreach (var name in compose.Services.Keys.Where(name => Service.Named(name) is null && !Servers.ContainsKey(name)))
        {
            yield return $"{name}: neither a service nor a known server";
        }

        foreach (var server in Servers.Keys.Where(server => !compose.Services.ContainsKey(server)))
        {
            yield return $"{server}: is missing";
        }

        foreach (var volume in compose.Volumes.Keys.Except(compose.Services.Values.SelectMany(service => service.Volumes).Where(mount => mount.Type == "volume").Select(mount => mount.Source)))
        {
            yield return $"volume {volume}: nobody mounts it";
        }

        if (compose.Networks.Keys.ToList() is not ["aerona"])
        {
            yield return "networks: one, aerona";
        }

        foreach (var twice in compose.Services.SelectMany(service => service.Value.Ports).GroupBy(port => port.Published).Where(port => port.Count() > 1))
        {
            yield return $"port {twice.Key} is published twice";
        }
    }

    private static IEnumerable<string> Each(
        ComposeFile compose, string name, ComposeService service, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> secrets) =>
        [.. Hardened(name, service), .. Limits(name, service), .. Health(name, service), .. Dependencies(compose, name, service), .. Doors(name, service),
            .. Files(compose, name, service, secrets), .. Secrets(name, service, secrets), .. Addresses(compose, name, service, secrets)];

    private static IEnumerable<string> Hardened(string name, ComposeService service)
    {
        if (Service.Named(name) is null ? !Names.IsPinned(service.Image) : !service.Image.StartsWith($"aerona/{name}:", StringComparison.Ordinal))
        {
            yield return $"image {service.Image}: a version, and for a service aerona/{name}";
        }

        if (service.Restart != "unless-stopped") yield return "restart: unless-stopped";
        if (!service.ReadOnly && name != WritesItsOwnFolder) yield return "read_only: true";
        if (service.CapDrop is not ["ALL"]) yield return "cap_drop: [ALL]";
        if (service.SecurityOpt is not ["no-new-privileges:true"]) yield return "security_opt: no-new-privileges";
        if (service.Networks is not ["aerona"]) yield return "networks: [aerona]";
        if (service.User is not { } user || !NotRoot().IsMatch(user)) yield return "user: a number that is not root's";
        if (service.Logging is not { Driver: "json-file" } logging || !logging.Options.ContainsKey("max-size")) yield return "logging: of limited size";
        if (!service.Tmpfs.Any(folder => folder.StartsWith("/tmp:", StringComparison.Ordinal))) yield return "tmpfs: /tmp, as the rest is read-only";
    }

    private static IEnumerable<string> Limits(string name, ComposeService service)
    {
        var limits = service.Deploy?.Resources.Limits ?? new();
        if (!decimal.TryParse(limits.Cpus, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var cpus) || cpus <= 0) yield return "limits.cpus: more than none";
        if (limits.Memory is null || !Size().IsMatch(limits.Memory)) yield return "limits.memory: a size such as 384M";
        if (limits.Pids <= 0) yield return "limits.pids: more than none";
        if (Seconds(service.StopGracePeriod) is not { } grace) yield return "stop_grace_period: a time such as 40s";
        else if (Service.Named(name) is not null && grace < 30) yield return "stop_grace_period: longer than the host's own 25 s";
    }

    private static IEnumerable<string> Health(string name, ComposeService service)
    {
        if (service.Healthcheck is not { } check)
        {
            yield return "healthcheck: is missing";
            yield break;
        }

        if (Service.Named(name) is not null ? check.Test is not ["CMD", DockerfileRules.Program, "healthcheck"] : check.Test is not ["CMD", _, ..] and not ["CMD-SHELL", _])
        {
            yield return "healthcheck.test: what the image can run";
        }

        if (Seconds(check.Interval) is null || Seconds(check.Timeout) is null || Seconds(check.StartPeriod) is null || Seconds(check.StartInterval) is null || check.Retries < 1)
        {
            yield return "healthcheck: interval, timeout, start_period, start_interval and retries";
        }
    }

    private static IEnumerable<string> Dependencies(ComposeFile compose, string name, ComposeService service)
    {
        foreach (var (other, dependency) in service.DependsOn)
        {
            if (!compose.Services.TryGetValue(other, out var found)) yield return $"depends_on {other}: there is none";
            else if (found.Profiles.Count > 0) yield return $"depends_on {other}: which is not always there";
            if (dependency.Condition != "service_healthy") yield return $"depends_on {other}: until it is healthy";
        }

        if (name == "elasticsearch" && service.Profiles is not ["elasticsearch"]) yield return "profiles: [elasticsearch], nobody needs it who does not ask for it";
        if (name != "elasticsearch" && service.Profiles.Count > 0) yield return "profiles: none, it is always needed";
    }

    private static IEnumerable<string> Doors(string name, ComposeService service)
    {
        var expected = name switch { "gateway" => DockerfileRules.Port, "mailpit" => 8025, "s3" => Servers[name], _ => 0 };
        if (expected == 0 && service.Ports.Count > 0) yield return "ports: only the gateway, the mails and signed documents are for the outside";
        if (expected > 0 && service.Ports is not [{ HostIp: "127.0.0.1", Protocol: "tcp" }]) yield return "ports: one, on 127.0.0.1";
        if (expected > 0 && service.Ports.Any(port => port.Target != expected)) yield return $"ports: target {expected}, where it listens";
        if (service.Ports.Any(port => !int.TryParse(port.Published, NumberStyles.None, CultureInfo.InvariantCulture, out var published) || published is < 1024 or > 65535))
        {
            yield return "ports: published is a number from 1024 to 65535";
        }
    }

    private static IEnumerable<string> Files(
        ComposeFile compose, string name, ComposeService service, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> secrets)
    {
        foreach (var mount in service.Volumes)
        {
            if (mount.Type == "volume" && !compose.Volumes.ContainsKey(mount.Source)) yield return $"volume {mount.Source}: is not declared";
            else if (mount.Type is not ("volume" or "bind")) yield return $"mount {mount.Target}: type volume or bind";
            else if (mount.Type == "bind" && (!mount.ReadOnly || mount.Bind is not { CreateHostPath: false })) yield return $"mount {mount.Source}: read-only, and not made when missing";
            if (mount.Type == "bind" && !(mount.Source.StartsWith("./.secrets/", StringComparison.Ordinal) ? secrets.ContainsKey(mount.Source[11..]) : mount.Source.StartsWith("./.ci/compose/", StringComparison.Ordinal) && Tree.Has(mount.Source)))
            {
                yield return $"mount {mount.Source}: there is no such file";
            }
        }

        foreach (var file in service.EnvFile)
        {
            if (!file.Required || !file.Path.StartsWith(".secrets/", StringComparison.Ordinal) || !secrets.ContainsKey(file.Path[9..])) yield return $"env_file {file.Path}: required, and one that ./aerona secrets makes";
        }

        var own = Service.Named(name) is { } one ? $"{one.Module}.env" : $"{name}.env";
        if (service.EnvFile.Any(file => Path.GetFileName(file.Path) != own)) yield return "env_file: its own only";
        if (service.Build is { Context: not "." }) yield return "build.context: .";
        if (Service.Named(name) is not null && service.Tmpfs.All(folder => !folder.StartsWith("/data:", StringComparison.Ordinal)) && service.Volumes.All(mount => mount.Target != "/data")) yield return "/data: somewhere to write";
        // A file of .secrets/ belongs to who made it: nobody else may read it.
        if (service.Volumes.Any(mount => mount.Source.StartsWith("./.secrets/", StringComparison.Ordinal)) && !service.User!.Contains("AERONA_UID", StringComparison.Ordinal)) yield return "user: who owns the secret file it mounts";
    }

    private static IEnumerable<string> Secrets(string name, ComposeService service, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> secrets)
    {
        foreach (var (variable, value) in service.Environment.Where(variable => Names.IsSecret(variable.Key)))
        {
            if (value is not ("true" or "false")) yield return $"{variable}: belongs in .secrets/";
        }

        foreach (var secret in secrets.Values.SelectMany(file => file.Values).Where(value => value.Length >= 16))
        {
            if (service.Environment.Values.Concat(service.Command).Any(value => value.Contains(secret, StringComparison.Ordinal))) yield return "a secret stands in the file";
        }

        foreach (var twice in service.Environment.Keys.Intersect(Variables(new() { EnvFile = service.EnvFile }, secrets).Keys))
        {
            yield return $"{twice}: twice, in environment and in a file";
        }

        if (Service.Named(name) is not null && service.EnvFile.Count == 0 && name != "gateway") yield return "env_file: is missing";
    }

    /// <summary>Every host a service is told of is here, listens on that port, and is waited for when it is a server.</summary>
    private static IEnumerable<string> Addresses(
        ComposeFile compose, string name, ComposeService service, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> secrets)
    {
        if (Service.Named(name) is null)
        {
            yield break;
        }

        var variables = Variables(service, secrets);
        foreach (var (variable, host, port) in Hosts(variables))
        {
            if (host == "localhost")
            {
                if (compose.Services.Values.SelectMany(one => one.Ports).All(open => open.Published != port.ToString(CultureInfo.InvariantCulture))) yield return $"{variable}: nothing is published on {port}";
                continue;
            }

            if (!compose.Services.ContainsKey(host)) yield return $"{variable}: there is no {host} here";
            else if (port != (Service.Named(host) is null ? Servers.GetValueOrDefault(host) : DockerfileRules.Port)) yield return $"{variable}: {host} does not listen on {port}";
            if (Servers.ContainsKey(host) && !service.DependsOn.ContainsKey(host)) yield return $"{variable}: depends_on {host}";
            if (variable.StartsWith("Services__", StringComparison.Ordinal) && Service.Named(host)?.Folder != variable[10..]) yield return $"{variable}: is not {host}";
        }

        foreach (var server in service.DependsOn.Keys.Where(Servers.ContainsKey).Where(server => Hosts(variables).All(address => address.Host != server)))
        {
            yield return $"depends_on {server}: and no setting names it";
        }
    }

    private static IEnumerable<(string Variable, string Host, int Port)> Hosts(IReadOnlyDictionary<string, string> variables)
    {
        foreach (var (variable, value) in variables)
        {
            if (Uri.TryCreate(value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https") yield return (variable, address!.Host, address.Port);
            else if (ConnectionString().Match(value) is { Success: true } database) yield return (variable, database.Groups["host"].Value, int.Parse(database.Groups["port"].Value, CultureInfo.InvariantCulture));
            else if (variable == "ConnectionStrings__redis") yield return (variable, value.Split(':')[0], int.Parse(value.Split(':', ',')[1], CultureInfo.InvariantCulture));
            else if (variable.EndsWith("__Host", StringComparison.Ordinal)) yield return (variable, value, int.Parse(variables.GetValueOrDefault(variable.Replace("__Host", "__Port", StringComparison.Ordinal), "5672"), CultureInfo.InvariantCulture));
        }
    }

    private static IEnumerable<string> Circles(ComposeFile compose)
    {
        HashSet<string> done = [];
        foreach (var name in compose.Services.Keys)
        {
            if (Follow(name, []) is { } circle) yield return $"depends_on goes round: {circle}";
        }

        string? Follow(string name, IReadOnlyList<string> way)
        {
            if (way.Contains(name)) return string.Join(" -> ", way.Append(name));
            if (done.Contains(name) || !compose.Services.TryGetValue(name, out var service)) return null;
            foreach (var next in service.DependsOn.Keys)
            {
                if (Follow(next, [.. way, name]) is { } circle) return circle;
            }

            done.Add(name);
            return null;
        }
    }

    private static double? Seconds(string? duration) => duration is not null && Duration().Match(duration) is { Success: true } match
        ? double.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture) * (match.Groups["unit"].Value == "m" ? 60 : 1)
        : null;

    [GeneratedRegex(@"(?<!\$)\$(\{[^}]*\}|[A-Za-z_]\w*)")]
    private static partial Regex Variable();

    [GeneratedRegex(@"^\$\{AERONA_(UID|GID):\?[^}]+\}$")]
    private static partial Regex Required();

    [GeneratedRegex(@"^([1-9][0-9]*|\$\{AERONA_UID:\?[^}]+\}):([0-9]+|\$\{AERONA_GID:\?[^}]+\})$")]
    private static partial Regex NotRoot();

    [GeneratedRegex("^[1-9][0-9]*[MG]$")]
    private static partial Regex Size();

    [GeneratedRegex("^(?<number>[1-9][0-9]*)(?<unit>[sm])$")]
    private static partial Regex Duration();

    [GeneratedRegex("^Host=(?<host>[^;]+);Port=(?<port>[0-9]+);")]
    private static partial Regex ConnectionString();
}
