namespace Aerona.Deployment.Tests.Images;

public sealed class DockerfileTests
{
    private static readonly string Text = Tree.Read("Dockerfile");
    private static readonly string Ignore = Tree.Read(".dockerignore");

    [Fact]
    public void One_file_builds_every_service_in_an_image_without_shell_and_root() => Assert.Empty(DockerfileRules.Check(Text, Ignore));

    public static readonly TheoryData<string, string, string> Wrong =
    [
        ("FROM mcr.microsoft.com/dotnet/sdk:10.0-noble AS", "FROM mcr.microsoft.com/dotnet/sdk:latest AS", "of a version"),
        ("FROM mcr.microsoft.com/dotnet/sdk:10.0-noble AS", "FROM mcr.microsoft.com/dotnet/sdk AS", "of a version"),
        ("aspnet:10.0-noble-chiseled-extra", "aspnet:10.0-noble", "the last stage is from"),
        ("USER 1654:1654", "USER root", "USER"),
        ("USER 1654:1654", "USER 0:0", "USER"),
        ("USER 1654:1654", "USER app", "USER"),
        ("USER 1654:1654\n", "", "USER"),
        ("ENTRYPOINT [\"/app/service\"]", "ENTRYPOINT /app/service", "ENTRYPOINT"),
        ("ENTRYPOINT [\"/app/service\"]", "RUN [\"/app/service\"]", "runs nothing"),
        ("COPY sagas/ sagas/", "ADD sagas/ sagas/", "not ADD"),
        ("COPY sagas/ sagas/", "COPY . .", "COPY ."),
        ("COPY sagas/ sagas/", "COPY tests/ tests/", "which .dockerignore keeps out"),
        ("COPY sagas/ sagas/", "COPY stories/ stories/", "and there"),
        ("EXPOSE 8080", "EXPOSE 80", "EXPOSE"),
        (" --locked-mode", "", "--locked-mode"),
        ("--configuration Release --no-restore --output /image/app", "--configuration Release --output /image/app", "--no-restore"),
        ("DOTNET_EnableDiagnostics=0", "SMTP_PASSWORD=x", "no secrets"),
        ("ARG PLUGIN", "ARG FEED_TOKEN", "no secrets"),
        ("fonts-dejavu-core", "fonts", "fonts"),
        ("Data__Folder=/data", "Data__Folders=/data", "Data__Folder"),
    ];

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_file_that_breaks_a_rule_is_found(string find, string replace, string problem) => Assert.Contains(DockerfileRules.Check(Mutation.Of(Text, find, replace), Ignore), found => found.Contains(problem));

    public static readonly TheoryData<string, string, string> WrongIgnore =
    [
        ("*\n!.editorconfig", "!.editorconfig", "begins with *"),
        ("**/.secrets/\n", "", ".secrets"),
        ("**/.env", "!.secrets/", "there"),
        ("!sagas/\n", "", "COPY sagas/"),
    ];

    [Theory]
    [MemberData(nameof(WrongIgnore))]
    public void What_lets_too_much_or_too_little_into_the_build_is_found(string find, string replace, string problem) => Assert.Contains(DockerfileRules.Check(Text, Mutation.Of(Ignore, find, replace)), found => found.Contains(problem));

    [Fact]
    public void The_images_are_of_the_SDKs_version_that_builds_here()
    {
        Assert.Contains("\"version\": \"10.0.", Tree.Read("global.json"));
        Assert.Contains("dotnet/sdk:10.0-", Text);
        Assert.Contains("<TargetFramework>net10.0</TargetFramework>", Tree.Read("Directory.Build.props"));
    }

    [Fact]
    public void Every_project_that_runs_on_its_own_is_known_here() => Assert.Equal(
        Directory.EnumerateDirectories(Path.Combine(Tree.Root, "services")).Select(folder => Path.GetFileName(folder))
            .Where(name => name != "AllInOne")
            .Order(StringComparer.Ordinal),
        Service.All.Select(service => service.Folder).Order(StringComparer.Ordinal));
}
