using System.Text.RegularExpressions;
using Aerona.Deployment.Tests.Images;
using YamlDotNet.Core;

namespace Aerona.Deployment.Tests.Pipeline;

/// <summary>What .gitlab-ci.yml must keep to.</summary>
internal static partial class PipelineRules
{
    private static readonly string[] Stages = ["build", "test", "image", "deploy"];

    public static IReadOnlyList<string> Check(string text)
    {
        PipelineFile pipeline;
        try
        {
            pipeline = PipelineFile.Read(text);
        }
        catch (YamlException problem)
        {
            return [$".gitlab-ci.yml: {problem.Message} {problem.InnerException?.Message}"];
        }

        List<string> problems = [];
        void Must(bool kept, string rule)
        {
            if (!kept) problems.Add(rule);
        }

        var jobs = pipeline.Jobs.Where(job => job.Key[0] != '.').ToDictionary(job => job.Key, job => job.Value);
        Must(pipeline.Head.Stages.SequenceEqual(Stages), $"stages: {string.Join(", ", Stages)}");
        Must(pipeline.Head.Workflow?.Rules.Any(rule => rule.If?.Contains("merge_request_event", StringComparison.Ordinal) == true) == true, "workflow: merge requests");
        Must(Stages.All(jobs.ContainsKey), "a job for each stage");
        foreach (var (name, job) in jobs)
        {
            Must(job.Stage is not null && pipeline.Head.Stages.Contains(job.Stage), $"{name}: stage {job.Stage}");
            Must(job.Image is not null && Names.IsPinned(job.Image), $"{name}: image {job.Image}: of a version");
            Must(job.Services.All(service => service.Name is not null && Names.IsPinned(service.Name) && service.Alias is not null), $"{name}: services: each of a version, with an alias");
            Must(job.Script.Count > 0, $"{name}: a script");
            foreach (var need in job.Needs)
            {
                Must(jobs.TryGetValue(need, out var other) && pipeline.Head.Stages.IndexOf(other.Stage!) < pipeline.Head.Stages.IndexOf(job.Stage!), $"{name}: needs {need}, of an earlier stage");
            }

            foreach (var (variable, _) in job.Variables.Concat(pipeline.Head.Variables).Where(variable => Names.IsSecret(variable.Key)))
            {
                problems.Add($"{name}: {variable}: a protected variable of the project's settings");
            }

            foreach (var folder in job.Cache?.Paths ?? [])
            {
                Must($"$CI_PROJECT_DIR/{folder.TrimEnd('/')}" == pipeline.Head.Variables.GetValueOrDefault("NUGET_PACKAGES"), $"{name}: caches where packages are not");
            }

            Must(job.Cache is null || (job.Cache.Key.Files is { Count: 1 or 2 } files && files.All(Tree.Has)), $"{name}: cache.key.files: one or two that are there");
            Must(!job.Script.Concat(job.BeforeScript).Any(line => LiteralPassword().IsMatch(line)), $"{name}: a password on a command line");
        }

        Build(jobs.GetValueOrDefault("build"), Must);
        Test(jobs.GetValueOrDefault("test"), Must);
        Image(jobs.GetValueOrDefault("image"), Must);
        Deploy(jobs.GetValueOrDefault("deploy"), Must);
        return problems;
    }

    private static void Build(PipelineJob? job, Action<bool, string> must)
    {
        var script = string.Join('\n', job?.Script ?? []);
        must(script.Contains("dotnet restore Aerona.sln --locked-mode", StringComparison.Ordinal), "build: restores what is locked");
        must(script.Contains("dotnet build Aerona.sln", StringComparison.Ordinal), "build: builds everything");
        must(script.Contains("dotnet format Aerona.sln --verify-no-changes", StringComparison.Ordinal), "build: checks the formatting");
        must(job?.Image?.StartsWith("mcr.microsoft.com/dotnet/sdk:10.0", StringComparison.Ordinal) == true, "build: with the SDK of global.json");
    }

    private static void Test(PipelineJob? job, Action<bool, string> must)
    {
        must(job?.Script.Contains("./.ci/run") == true && Tree.Has(".ci/run"), "test: ./.ci/run");
        must(job?.Artifacts is { When: "always", Reports.Junit: "artifacts/*.junit.xml" }, "test: reports, also of what failed");
        must(Tree.Read("aerona") is var door && door.Contains("files=artifacts/$1", StringComparison.Ordinal) && door.Contains("-junit \"../../$files.junit.xml\"", StringComparison.Ordinal), "test: ./aerona test writes no such report");
    }

    private static void Image(PipelineJob? job, Action<bool, string> must)
    {
        var matrix = job?.Parallel?.Matrix.Select(one => (one.GetValueOrDefault("SERVICE"), one.GetValueOrDefault("NAME"))).ToHashSet() ?? [];
        must(matrix.SetEquals(Service.All.Select(service => ((string?)service.Folder, (string?)service.Name))), "image: every service once, under its name");
        must(job?.Script.Any(line => line.Contains("--build-arg \"SERVICE=$SERVICE\"", StringComparison.Ordinal)) == true
            && Tree.Read("Dockerfile").Contains("ARG SERVICE\n", StringComparison.Ordinal), "image: the Dockerfile's SERVICE");
        must(job?.Script.Any(line => line.Contains("$NAME:$CI_COMMIT_SHA", StringComparison.Ordinal)) == true, "image: named by its commit");
        must(job?.Script.Any(line => line.Contains("--digestfile \"$NAME.digest\"", StringComparison.Ordinal)) == true && job.Artifacts?.Paths is ["*.digest"], "image: hands its digest on");
        must(job?.Rules.Count > 0 && job.Rules.All(rule => rule.If is "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH" or "$CI_COMMIT_TAG"), "image: of the default branch and of tags only");
    }

    private static void Deploy(PipelineJob? job, Action<bool, string> must)
    {
        must(job?.Rules.Count > 0 && job.Rules.All(rule => rule.When == "manual" && rule.If is "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH" or "$CI_COMMIT_TAG"), "deploy: by hand, from the default branch or a tag");
        must(job is { Environment.Name: "production", ResourceGroup: "production" }, "deploy: one at a time");
        must(job?.Needs.Contains("image") == true, "deploy: what was built");
        must(job?.Script.Any(line => line == "cd k8s/base") == true && Tree.Has("k8s/base/kustomization.yaml"), "deploy: k8s/base");
        must(job?.Script.Any(line => line.Contains("@$(cat \"$digest\")", StringComparison.Ordinal)) == true, "deploy: by digest");
    }

    [GeneratedRegex(@"(--password|-p|password=)[ =]+[""']?[A-Za-z0-9]", RegexOptions.IgnoreCase)]
    private static partial Regex LiteralPassword();
}
