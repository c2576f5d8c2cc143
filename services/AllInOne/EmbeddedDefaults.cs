using System.Security.Cryptography;
using Aerona.AllInOne.Commands;

namespace Aerona.AllInOne;

/// <summary>Settings that make one process complete: everything points at itself and at the sandbox. Whatever is configured otherwise wins.</summary>
internal static class EmbeddedDefaults
{
    public static void UseEmbeddedDefaults(this WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        var address = configuration["PublicBaseUrl"] ?? $"http://localhost:{configuration["Port"] ?? "5080"}";
        var defaults = new Dictionary<string, string?>
        {
            ["PublicBaseUrl"] = address,
            ["Urls"] = address,
            ["Data:Folder"] = "data",
            ["Services:Airlines"] = address,
            ["Services:Users"] = address,
            // The process asks itself as any service asks another; who it is it tells itself at each start.
            ["Tokens:ClientId"] = "aerona-services",
            ["Tokens:ClientSecret"] = RandomNumberGenerator.GetHexString(64),
            ["PayPal:BaseUrl"] = $"{address}/sandbox/paypal",
            ["PayPal:ClientId"] = "aerona-sandbox",
            ["PayPal:ClientSecret"] = "aerona-sandbox-secret",
            ["PayPal:WebhookUrl"] = $"{address}/v1/webhooks/paypal",
            ["Suppliers:zz:Protocol"] = "duffel",
            ["Suppliers:zz:BaseUrl"] = $"{address}/sandbox/zz",
            ["Suppliers:zz:AccessToken"] = "duffel_test_aerona-sandbox",
            ["Suppliers:zz:WebhookSecrets:0"] = "aerona-sandbox-zz-webhook-secret",
            ["RateLimits:Factor"] = "1000",   // everybody calls from this one machine
            ["LookUp:PerAddress"] = "10000",
            ["Sandbox:Zz:WebhookUrl"] = $"{address}/v1/webhooks/airlines/zz",
        };
        foreach (var (key, value) in defaults.Where(setting => configuration[setting.Key] is null))
        {
            configuration[key] = value;
        }

        configuration.AddClient(90, configuration["Tokens:ClientId"]!, "Aerona's services", configuration["Tokens:ClientSecret"]!, ["service"]);
        if (builder.Environment.IsEnvironment("Sandbox"))
        {
            configuration.AddClient(91, Staff.ClientId, "Demonstrations", Staff.SandboxSecret, Staff.Roles);
        }

        configuration["Data:Folder"] = Path.GetFullPath(configuration["Data:Folder"]!);
    }

    /// <summary>A program that may ask for tokens, behind whatever is configured.</summary>
    private static void AddClient(this ConfigurationManager configuration, int at, string id, string name, string secret, IReadOnlyList<string> roles)
    {
        var key = $"Users:Clients:{at}";
        (configuration[$"{key}:ClientId"], configuration[$"{key}:Name"], configuration[$"{key}:Secret"]) = (id, name, secret);
        foreach (var (role, index) in roles.Select((role, index) => (role, index)))
        {
            configuration[$"{key}:Roles:{index}"] = role;
        }

        foreach (var (scope, index) in Staff.Scopes.Select((scope, index) => (scope, index)))
        {
            configuration[$"{key}:Scopes:{index}"] = scope;
        }
    }
}

/// <summary>A data folder that one process at a time may use.</summary>
internal static class DataFolder
{
    /// <summary>Takes it, or returns null when another process has it.</summary>
    public static FileStream? Lock(string folder)
    {
        Directory.CreateDirectory(folder);
        try
        {
            return new FileStream(Path.Combine(folder, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;   // somebody holds it: said by the caller, with what to do
        }
    }
}
