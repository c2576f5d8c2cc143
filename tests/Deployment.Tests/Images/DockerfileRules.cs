using System.Globalization;
using System.Text.RegularExpressions;

namespace Aerona.Deployment.Tests.Images;

/// <summary>What the Dockerfile must keep to.</summary>
internal static partial class DockerfileRules
{
    /// <summary>What every image starts.</summary>
    public const string Program = "/app/service";

    private const string Base = "mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled-extra";

    /// <summary>Where every service listens in its container, as the image says.</summary>
    public static int Port { get; } = PortOf(Instructions(Tree.Read("Dockerfile"))) ?? 0;

    public static IReadOnlyList<string> Check(string text, string ignore)
    {
        var all = Instructions(text);
        var stages = Stages(all);
        var final = stages.Count > 0 ? stages[^1] : [];
        List<string> problems = [];
        void Must(bool kept, string rule)
        {
            if (!kept) problems.Add(rule);
        }

        Must(stages.Count >= 2, "built in one stage and run in another");
        foreach (var image in all.Where(one => one.Name == "FROM").Select(one => one.Rest.Split(' ')[0]))
        {
            Must(Names.IsPinned(image) || stages.Any(stage => stage[0].Rest.EndsWith($" AS {image}", StringComparison.Ordinal)), $"FROM {image}: of a version");
        }

        Must(final is [{ Name: "FROM" } from, ..] && from.Rest.Split(' ')[0].Split('@')[0] == Base, $"the last stage is from {Base}");
        Must(!final.Any(one => one.Name == "RUN"), "the last stage runs nothing: it has no shell");
        Must(!all.Any(one => one.Name == "ADD"), "COPY, not ADD, which fetches and unpacks");
        Must(final.LastOrDefault(one => one.Name == "USER") is { } user && NotRoot().IsMatch(user.Rest), "USER: a number that is not root's");
        Must(final.Count(one => one.Name == "ENTRYPOINT") == 1 && final.Single(one => one.Name == "ENTRYPOINT").Rest == $"[\"{Program}\"]", $"ENTRYPOINT [\"{Program}\"]");
        Must(!final.Any(one => one.Name == "CMD"), "no CMD");
        Must(PortOf(all) is { } port && final.Any(one => one.Name == "EXPOSE" && one.Rest == port.ToString(CultureInfo.InvariantCulture)), "EXPOSE: the port of ASPNETCORE_URLS");
        Must(all.Any(one => one.Name == "ENV" && one.Rest.Contains("Data__Folder=/data", StringComparison.Ordinal)), "Data__Folder=/data");
        var restores = Restore().Matches(text).Select(match => match.Value).ToList();
        Must(restores.Count > 0 && restores.All(restore => restore.Contains("--locked-mode", StringComparison.Ordinal)), "dotnet restore --locked-mode");
        Must(Publish().Matches(text) is { Count: > 0 } publishes && publishes.All(publish => publish.Value.Contains("--no-restore", StringComparison.Ordinal)), "dotnet publish --no-restore");
        Must(text.Contains("fonts-dejavu-core", StringComparison.Ordinal), "the fonts that receipts are set in");
        foreach (var variable in all.Where(one => one.Name is "ARG" or "ENV").SelectMany(one => Assigned().Matches(one.Rest).Select(match => match.Groups["name"].Value)))
        {
            Must(!Names.IsSecret(variable), $"{variable}: no secrets in an image");
        }

        foreach (var source in all.Where(one => one.Name == "COPY" && !one.Rest.Contains("--from=", StringComparison.Ordinal)).SelectMany(one => one.Rest.Split(' ')[..^1]).Where(word => !word.StartsWith("--", StringComparison.Ordinal)))
        {
            Must(source.TrimEnd('/') is not ("." or "") && Tree.Has(source), $"COPY {source}: named, and there");
            Must(ignore.Split('\n').Contains($"!{source}"), $"COPY {source}: which .dockerignore keeps out");
        }

        return [.. problems, .. Ignore(ignore)];
    }

    /// <summary>Nothing goes in that is not named, and what is named holds no secrets.</summary>
    private static IEnumerable<string> Ignore(string ignore)
    {
        var lines = ignore.Split('\n').Where(line => line.Length > 0 && line[0] != '#').ToList();
        if (lines.FirstOrDefault() != "*") yield return ".dockerignore: begins with *";
        foreach (var kept in lines.Where(line => line[0] == '!' && !Tree.Has(line[1..]))) yield return $".dockerignore: {kept} is not there";
        foreach (var secret in new[] { "**/bin/", "**/obj/", "**/.secrets/", "**/.env" }.Where(secret => lines.LastIndexOf(secret) < lines.FindLastIndex(line => line[0] == '!'))) yield return $".dockerignore: {secret} after what is kept";
    }

    private static int? PortOf(IReadOnlyList<Instruction> all) =>
        all.Where(one => one.Name == "ENV").Select(one => Url().Match(one.Rest)).FirstOrDefault(match => match.Success) is { } url
            ? int.Parse(url.Groups["port"].Value, CultureInfo.InvariantCulture) : null;

    private static List<List<Instruction>> Stages(IReadOnlyList<Instruction> all)
    {
        List<List<Instruction>> stages = [];
        foreach (var one in all)
        {
            if (one.Name == "FROM") stages.Add([]);
            if (stages.Count > 0) stages[^1].Add(one);
        }

        return stages;
    }

    private static List<Instruction> Instructions(string text) =>
        [.. Continued().Replace(string.Join('\n', text.Split('\n').Where(line => !line.TrimStart().StartsWith('#'))), " ").Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Trim().Split(' ', 2)).Where(words => words.Length == 2).Select(words => new Instruction(words[0].ToUpperInvariant(), words[1].Trim()))];

    internal sealed record Instruction(string Name, string Rest);

    [GeneratedRegex(@"\\\s*\n\s*")]
    private static partial Regex Continued();

    [GeneratedRegex("^[1-9][0-9]*:[1-9][0-9]*$")]
    private static partial Regex NotRoot();

    [GeneratedRegex(@"dotnet restore[^\n&|;]*")]
    private static partial Regex Restore();

    [GeneratedRegex(@"dotnet publish[^\n&|;]*")]
    private static partial Regex Publish();

    [GeneratedRegex(@"(?<name>[A-Za-z_]\w*)(=|$)")]
    private static partial Regex Assigned();

    [GeneratedRegex(@"ASPNETCORE_URLS=http://\+:(?<port>[0-9]+)( |$)")]
    private static partial Regex Url();
}
