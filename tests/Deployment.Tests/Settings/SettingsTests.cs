using Aerona.Deployment.Tests.Compose;
using Aerona.Deployment.Tests.Kubernetes;

namespace Aerona.Deployment.Tests.Settings;

/// <summary>The variables of compose and Kubernetes against the services themselves.</summary>
public sealed class SettingsTests(SecretFiles secrets) : IDisposable
{
    private readonly DirectoryInfo data = Directory.CreateTempSubdirectory("aerona-settings-");

    public static readonly TheoryData<string> Services = [.. Service.All.Select(service => service.Name)];

    public static readonly TheoryData<string> InProduction = [.. Service.All.Select(service => service.Name).Where(name => name != "sandbox")];

    [Theory]
    [MemberData(nameof(Services))]
    public async Task With_what_compose_gives_it_a_service_starts_and_knows_every_variable(string name) => await StartsAsync(name, OfCompose(name));

    [Theory]
    [MemberData(nameof(InProduction))]
    public async Task With_what_the_base_gives_it_a_service_starts_in_production_and_knows_every_variable(string name)
    {
        var variables = OfKubernetes(Site.Base(Site.Files), name);

        Assert.Equal("Production", variables["ASPNETCORE_ENVIRONMENT"]);
        await StartsAsync(name, variables);
    }

    [Theory]
    [MemberData(nameof(Services))]
    public async Task With_what_the_sandbox_overlay_gives_it_a_service_starts_and_knows_every_variable(string name) => await StartsAsync(name, OfKubernetes(Site.Sandbox(Site.Files), name));

    [Theory]
    [MemberData(nameof(Services))]
    public async Task A_misspelt_variable_is_found(string name)
    {
        var variables = OfCompose(name);
        var wrong = variables.Keys.Where(variable => !variable.StartsWith("ASPNETCORE_", StringComparison.Ordinal)).Select(Misspelt).ToList();

        var outcome = await StartedService.RunAsync(Service.Named(name)!, variables.Concat(wrong.Select(variable => KeyValuePair.Create(variable, "x"))).ToDictionary(one => one.Key, one => one.Value));

        Assert.Equal(wrong.Order(StringComparer.Ordinal), outcome.Unknown.Order(StringComparer.Ordinal));
    }

    public static readonly TheoryData<string, string> Needed =
    [
        .. Service.All.Where(service => service.Folder is not ("Gateway" or "Sandbox")).Select(service => (service.Name, $"ConnectionStrings__{service.Module}")),
        .. Service.All.Where(service => service.Folder is not ("Gateway" or "Sandbox")).Select(service => (service.Name, "RabbitMq__Host")),
        .. Service.All.Where(service => service.Folder is not ("Gateway" or "Sandbox")).Select(service => ("gateway", $"Services__{service.Folder}")),
        ("payment-service", "PayPal__BaseUrl"), ("payment-service", "PayPal__ClientId"), ("payment-service", "PayPal__ClientSecret"),
        ("ticket-service", "S3__Bucket"), ("notification-service", "S3__Bucket"), ("notification-service", "Smtp__Host"),
        ("notification-service", "Webhooks__SealingSecret"), ("notification-service", "Push__PrivateKey"),
        ("payment-service", "Tokens__ClientId"), ("payment-service", "Tokens__ClientSecret"), ("user-service", "Users__MasterSecret"),
    ];

    [Theory]
    [MemberData(nameof(Needed))]
    public async Task Without_what_it_needs_in_production_a_service_names_it_and_does_not_start(string name, string variable)
    {
        var variables = OfKubernetes(Site.Base(Site.Files), name).Where(one => one.Key != variable).ToDictionary(one => one.Key, one => one.Value);

        var outcome = await StartedService.RunAsync(Service.Named(name)!, variables);

        Assert.False(outcome.Ready, $"{name} starts without {variable}");
        Assert.Contains(variable.Replace("__", ":", StringComparison.Ordinal), outcome.Problems);
    }

    public void Dispose() => data.Delete(recursive: true);

    private static async Task StartsAsync(string name, Dictionary<string, string> variables)
    {
        var outcome = await StartedService.RunAsync(Service.Named(name)!, variables);

        Assert.True(outcome.Ready, outcome.Problems);
        Assert.Empty(outcome.Unknown);
    }

    private Dictionary<string, string> OfCompose(string name) =>
        Here(ComposeRules.Variables(ComposeFile.Read(Tree.Read("docker-compose.yml")).Services[name], secrets.Variables));

    /// <summary>Values of secrets, which are not in the repository, are of the form that k8s/README.md describes.</summary>
    private Dictionary<string, string> OfKubernetes(Manifests site, string name)
    {
        var service = Service.Named(name)!;
        var deployment = site.Deployments.Single(one => one.Metadata.Name == name);
        var keys = (deployment.Spec.Template.Spec.Containers[0].Env ?? []).Where(variable => variable.ValueFrom is not null).ToDictionary(variable => variable.Name, variable => variable.ValueFrom.SecretKeyRef.Key);
        return Here(site.Variables(deployment).ToDictionary(variable => variable.Key, variable => variable.Value ?? keys[variable.Key] switch
        {
            "database" => $"Host=postgres.aerona-servers.svc;Database={service.Module};Username={service.Module};Password=of-the-site;SSL Mode=VerifyFull",
            "cache" => "valkey.aerona-servers.svc:6379,user=bookings,password=of-the-site,ssl=true",
            "broker-username" => service.Module,
            "webhooks-sealing-secret" or "push-private-key" => "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",   // the private key of RFC 6979, A.2.5
            _ => "of-the-site-and-long-enough-for-any-secret",
        }));
    }

    /// <summary>Paths in a container stand for files of this machine.</summary>
    private Dictionary<string, string> Here(IReadOnlyDictionary<string, string> variables)
    {
        var here = variables.ToDictionary(variable => variable.Key, variable => variable.Key switch
        {
            "Tokens__SigningKeyFile" => Path.Combine(secrets.Folder, "signing.pem"),
            _ when variable.Key.StartsWith("Plugins__", StringComparison.Ordinal) => Path.Combine(AppContext.BaseDirectory, Path.GetFileName(variable.Value)),
            _ => variable.Value,
        });
        if (here.ContainsKey("PublicBaseUrl"))
        {
            here["Data__Folder"] = data.FullName;   // the image's own variable, for those that keep data
        }

        return here;
    }

    /// <summary>The name itself, not an element's number: whoever reads a list asks for all of it.</summary>
    private static string Misspelt(string variable) =>
        variable.LastIndexOf("__", StringComparison.Ordinal) is > 0 and var at && variable[(at + 2)..].All(char.IsAsciiDigit) ? $"{variable[..at]}x{variable[at..]}" : $"{variable}x";
}
