using YamlDotNet.RepresentationModel;

namespace Aerona.Deployment.Tests.Pipeline;

/// <summary>The part of GitLab's CI/CD syntax that .gitlab-ci.yml uses; any other key is an error when it is read.</summary>
internal sealed class PipelineFile
{
    private static readonly string[] Global = ["stages", "workflow", "variables"];

    public required PipelineHead Head { get; init; }

    /// <summary>Jobs by name, what they extend already in them; the templates, whose names begin with a dot, among them.</summary>
    public required IReadOnlyDictionary<string, PipelineJob> Jobs { get; init; }

    public static PipelineFile Read(string text)
    {
        var jobs = Yaml.Merged(Yaml.Load(text)).Children.Where(child => !Global.Contains(child.Key.ToString())).ToDictionary(child => child.Key.ToString(), child => (YamlMappingNode)child.Value);
        return new()
        {
            Head = Yaml.Read<PipelineHead>(text, drop: key => !Global.Contains(key)),
            Jobs = jobs.ToDictionary(job => job.Key, job => Yaml.Read<PipelineJob>(Yaml.Text(Extended(job.Value, jobs, [])))),
        };
    }

    private static YamlMappingNode Extended(YamlMappingNode job, Dictionary<string, YamlMappingNode> jobs, IReadOnlyList<string> way)
    {
        if (!job.Children.TryGetValue(new YamlScalarNode("extends"), out var parent))
        {
            return job;
        }

        var name = parent.ToString();
        if (way.Contains(name) || !jobs.TryGetValue(name, out var found))
        {
            throw new YamlDotNet.Core.YamlException($"extends {name}: there is none");
        }

        var all = new YamlMappingNode(job.Children.Where(child => child.Key.ToString() != "extends"));
        foreach (var (key, value) in Extended(found, jobs, [.. way, name]).Children.Where(child => !all.Children.ContainsKey(child.Key)))
        {
            all.Add(key, value);
        }

        return all;
    }
}

internal sealed class PipelineHead
{
    public List<string> Stages { get; set; } = [];

    public PipelineWorkflow? Workflow { get; set; }

    public Dictionary<string, string> Variables { get; set; } = [];
}

internal sealed class PipelineWorkflow
{
    public List<PipelineRule> Rules { get; set; } = [];
}

internal sealed class PipelineRule
{
    public string? If { get; set; }

    public string? When { get; set; }
}

internal sealed class PipelineJob
{
    public string? Stage { get; set; }

    public string? Image { get; set; }

    public bool Interruptible { get; set; }

    public List<string> Needs { get; set; } = [];

    public string? Timeout { get; set; }

    public List<PipelineService> Services { get; set; } = [];

    public Dictionary<string, string> Variables { get; set; } = [];

    public PipelineParallel? Parallel { get; set; }

    public PipelineCache? Cache { get; set; }

    public List<string> BeforeScript { get; set; } = [];

    public List<string> Script { get; set; } = [];

    public PipelineArtifacts? Artifacts { get; set; }

    public PipelineEnvironment? Environment { get; set; }

    public string? ResourceGroup { get; set; }

    public List<PipelineRule> Rules { get; set; } = [];
}

internal sealed class PipelineService
{
    public string? Name { get; set; }

    public string? Alias { get; set; }

    public Dictionary<string, string> Variables { get; set; } = [];
}

internal sealed class PipelineParallel
{
    public List<Dictionary<string, string>> Matrix { get; set; } = [];
}

internal sealed class PipelineCache
{
    public PipelineCacheKey Key { get; set; } = new();

    public List<string> Paths { get; set; } = [];
}

internal sealed class PipelineCacheKey
{
    public List<string> Files { get; set; } = [];

    public string? Prefix { get; set; }
}

internal sealed class PipelineArtifacts
{
    public string? When { get; set; }

    public string? ExpireIn { get; set; }

    public List<string> Paths { get; set; } = [];

    public PipelineReports? Reports { get; set; }
}

internal sealed class PipelineReports
{
    public string? Junit { get; set; }
}

internal sealed class PipelineEnvironment
{
    public string? Name { get; set; }
}
