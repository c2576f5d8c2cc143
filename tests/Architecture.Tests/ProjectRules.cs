using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Aerona.Architecture.Tests;

/// <summary>Who may reference whom, and which packages there may be.</summary>
public sealed partial class ProjectRules
{
    /// <summary>Licences that Aerona does not take (docs/decisions); MassTransit only past 8.</summary>
    private static readonly Regex Forbidden = ForbiddenPackage();

    [Fact]
    public void Services_reference_building_blocks_and_never_each_other() => None(SourceTree.Projects.SelectMany(WrongReferences));

    [Fact]
    public void A_reference_that_must_not_be_is_found()
    {
        Assert.NotEmpty(WrongReferences(Sample("services/Payments/Payments.csproj", "../Bookings/Bookings.csproj")));
        Assert.NotEmpty(WrongReferences(Sample("services/Payments/Payments.csproj", "../../sagas/Sagas.csproj")));
        Assert.NotEmpty(WrongReferences(Sample("building-blocks/Hosting/Hosting.csproj", "../../services/Bookings/Bookings.csproj")));
        Assert.NotEmpty(WrongReferences(Sample("sagas/Sagas.csproj", "../services/Bookings/Bookings.csproj")));
        Assert.NotEmpty(WrongReferences(Sample("building-blocks/Contracts/Contracts.csproj", "../Persistence/Persistence.csproj")));
        Assert.NotEmpty(WrongReferences(Sample("services/Payments/Payments.csproj", "../../tests/TestKit/TestKit.csproj")));
        Assert.Empty(WrongReferences(Sample("services/AllInOne/AllInOne.csproj", "../Bookings/Bookings.csproj")));
        Assert.Empty(WrongReferences(Sample("services/Bookings/Bookings.csproj", "../../sagas/Sagas.csproj", "../../building-blocks/Hosting/Hosting.csproj")));
    }

    [Fact]
    public void Contracts_need_no_package_and_no_framework()
    {
        var contracts = SourceTree.Projects.Single(project => project.Folder == "building-blocks/Contracts");

        Assert.Empty(contracts.Xml.Descendants("PackageReference").Concat(contracts.Xml.Descendants("FrameworkReference")));
        Assert.Equal(["building-blocks/Reference"], contracts.References);
    }

    [Fact]
    public void Every_project_is_in_the_solution_and_nothing_else_is() => Assert.Equal(
        SourceTree.Projects.Select(project => project.Path).Order(StringComparer.Ordinal),
        SolutionProject().Matches(SourceTree.Read("Aerona.sln")).Select(match => match.Groups["path"].Value.Replace('\\', '/')).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_project_has_its_lock_file() =>
        None(SourceTree.Projects.Select(project => $"{project.Folder}/packages.lock.json").Where(file => !File.Exists(Path.Combine(SourceTree.Root, file))));

    [Fact]
    public void Versions_are_exact_and_stand_in_one_place()
    {
        var central = XDocument.Parse(SourceTree.Read("Directory.Packages.props"));
        None(LooseVersions(central));
        None(SourceTree.Projects.Where(project => project.Xml.Descendants("PackageReference")
            .Any(package => package.Attribute("Version") is not null || package.Attribute("VersionOverride") is not null)).Select(project => project.Path));
        Assert.Equal("true", central.Descendants("CentralPackageTransitivePinningEnabled").Single().Value);
    }

    [Theory]
    [InlineData("10.*")]
    [InlineData("[1.0,)")]
    [InlineData("(1.0,2.0]")]
    [InlineData("*")]
    public void A_loose_version_is_found(string version) =>
        Assert.NotEmpty(LooseVersions(XDocument.Parse($"""<Project><PackageVersion Include="Some.Package" Version="{version}" /></Project>""")));

    [Fact]
    public void No_forbidden_package_is_locked() => None(
        SourceTree.Files("packages.lock.json").SelectMany(file => ForbiddenIn(SourceTree.Read(file)).Select(package => $"{file}: {package}")));

    [Theory]
    [InlineData("MediatR", "12.0.0", true)]
    [InlineData("automapper", "13.0.0", true)]
    [InlineData("FluentAssertions", "6.12.0", true)]
    [InlineData("PDFsharp", "6.5.0", true)]
    [InlineData("Duende.IdentityServer", "7.0.0", true)]
    [InlineData("MassTransit", "9.0.1", true)]
    [InlineData("MassTransit.RabbitMQ", "10.0.0", true)]
    [InlineData("MassTransit", "8.5.12", false)]
    [InlineData("PdfPig", "0.1.16", false)]
    public void A_forbidden_package_is_found(string package, string version, bool found) => Assert.Equal(
        found, ForbiddenIn($$"""{"version":1,"dependencies":{"net10.0":{"{{package}}":{"type":"Transitive","resolved":"{{version}}"} } } }""").Any());

    private static IEnumerable<string> WrongReferences(Project project) => project.References
        .Where(target => project.Folder.Split('/')[0] switch
        {
            "tests" => false,
            _ when target.StartsWith("tests/", StringComparison.Ordinal) => true,
            "bench" => false,   // measures a service from inside
            "services" when project.Folder == "services/AllInOne" => false,
            "services" => target.StartsWith("services/", StringComparison.Ordinal) || (target == "sagas" && project.Folder != "services/Bookings"),
            "sagas" => !target.StartsWith("building-blocks/", StringComparison.Ordinal),
            _ when project.Folder == "building-blocks/Contracts" => target != "building-blocks/Reference",
            _ => !target.StartsWith("building-blocks/", StringComparison.Ordinal),
        })
        .Select(target => $"{project.Folder} references {target}");

    private static IEnumerable<string> LooseVersions(XDocument central) => central.Descendants("PackageVersion")
        .Select(package => (Id: package.Attribute("Include")!.Value, Version: package.Attribute("Version")!.Value))
        .Where(package => !ExactVersion().IsMatch(package.Version)
            && !(package.Id.StartsWith("MassTransit", StringComparison.Ordinal) && package.Version == "[8.5.12,9.0.0)"))
        .Select(package => $"{package.Id} {package.Version}");

    private static IEnumerable<string> ForbiddenIn(string lockFile)
    {
        using var json = JsonDocument.Parse(lockFile);
        return [.. json.RootElement.GetProperty("dependencies").EnumerateObject().SelectMany(framework => framework.Value.EnumerateObject())
            .Where(package => package.Value.TryGetProperty("resolved", out var version)
                && (Forbidden.IsMatch(package.Name) || (package.Name.StartsWith("MassTransit", StringComparison.OrdinalIgnoreCase)
                    && Version.Parse(version.GetString()!.Split('-')[0]).Major >= 9)))
            .Select(package => package.Name).Distinct()];
    }

    private static Project Sample(string path, params string[] references) =>
        new(path, new(new XElement("Project", references.Select(reference => new XElement("ProjectReference", new XAttribute("Include", reference))))));

    private static void None(IEnumerable<string> violations) => Assert.True(!violations.Any(), string.Join('\n', violations));

    [GeneratedRegex("^(MediatR|AutoMapper|FluentAssertions|PDFsharp|PdfSharpCore|Duende)($|[.-])", RegexOptions.IgnoreCase)]
    private static partial Regex ForbiddenPackage();

    [GeneratedRegex(@"^\d+\.\d+\.\d+(\.\d+)?(-[0-9A-Za-z.]+)?$")]
    private static partial Regex ExactVersion();

    [GeneratedRegex("\"(?<path>[^\"]+\\.csproj)\"")]
    private static partial Regex SolutionProject();
}
