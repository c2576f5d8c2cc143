namespace Aerona.Deployment.Tests.Compose;

// The part of the Compose specification that docker-compose.yml uses; any other key is an error when it is read.

internal sealed class ComposeFile
{
    public string Name { get; set; } = "";

    public Dictionary<string, ComposeService> Services { get; set; } = [];

    public Dictionary<string, ComposeNetwork?> Networks { get; set; } = [];

    public Dictionary<string, ComposeVolume?> Volumes { get; set; } = [];

    public static ComposeFile Read(string text) => Yaml.Read<ComposeFile>(text, drop: key => key.StartsWith("x-", StringComparison.Ordinal));
}

internal sealed class ComposeService
{
    public string Image { get; set; } = "";

    public ComposeBuild? Build { get; set; }

    public string? User { get; set; }

    public string? Hostname { get; set; }

    public List<string> Profiles { get; set; } = [];

    public List<string> Entrypoint { get; set; } = [];

    public List<string> Command { get; set; } = [];

    public Dictionary<string, string> Environment { get; set; } = [];

    public List<ComposeEnvFile> EnvFile { get; set; } = [];

    public Dictionary<string, ComposeDependency> DependsOn { get; set; } = [];

    public List<ComposePort> Ports { get; set; } = [];

    public List<ComposeMount> Volumes { get; set; } = [];

    public List<string> Tmpfs { get; set; } = [];

    public ComposeHealthcheck? Healthcheck { get; set; }

    public ComposeDeploy? Deploy { get; set; }

    public string? Restart { get; set; }

    public bool ReadOnly { get; set; }

    public List<string> CapDrop { get; set; } = [];

    public List<string> SecurityOpt { get; set; } = [];

    public List<string> Networks { get; set; } = [];

    public ComposeLogging? Logging { get; set; }

    public string? StopGracePeriod { get; set; }

    public string? StopSignal { get; set; }

    public string? ShmSize { get; set; }
}

internal sealed class ComposeBuild
{
    public string Context { get; set; } = "";

    public Dictionary<string, string> Args { get; set; } = [];
}

internal sealed class ComposeEnvFile
{
    public string Path { get; set; } = "";

    public bool Required { get; set; }
}

internal sealed class ComposeDependency
{
    public string Condition { get; set; } = "";
}

internal sealed class ComposePort
{
    public string? Name { get; set; }

    public int Target { get; set; }

    public string Published { get; set; } = "";

    public string? HostIp { get; set; }

    public string? Protocol { get; set; }
}

internal sealed class ComposeMount
{
    public string Type { get; set; } = "";

    public string Source { get; set; } = "";

    public string Target { get; set; } = "";

    public bool ReadOnly { get; set; }

    public ComposeBind? Bind { get; set; }
}

internal sealed class ComposeBind
{
    public bool CreateHostPath { get; set; } = true;
}

internal sealed class ComposeHealthcheck
{
    public List<string> Test { get; set; } = [];

    public string Interval { get; set; } = "";

    public string Timeout { get; set; } = "";

    public int Retries { get; set; }

    public string? StartPeriod { get; set; }

    public string? StartInterval { get; set; }
}

internal sealed class ComposeDeploy
{
    public ComposeResources Resources { get; set; } = new();
}

internal sealed class ComposeResources
{
    public ComposeLimits Limits { get; set; } = new();
}

internal sealed class ComposeLimits
{
    public string? Cpus { get; set; }

    public string? Memory { get; set; }

    public int Pids { get; set; }
}

internal sealed class ComposeLogging
{
    public string Driver { get; set; } = "";

    public Dictionary<string, string> Options { get; set; } = [];
}

internal sealed class ComposeNetwork
{
    public string? Driver { get; set; }
}

internal sealed class ComposeVolume;
