using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using IPNetwork = System.Net.IPNetwork;

namespace Aerona.Hosting;

/// <summary>
/// Who may say for whom a request comes: <c>ForwardedHeaders:KnownProxies</c>, addresses or networks (CIDR) as a list or joined by <c>,</c> or <c>;</c>.
/// Without any, X-Forwarded headers are worth nothing.
/// </summary>
internal static class KnownProxies
{
    private const string Key = "ForwardedHeaders:KnownProxies";

    public static void AddKnownProxies(this WebApplicationBuilder builder)
    {
        var networks = Read(builder.Configuration);   // now: a wrong one stops the host
        builder.Services.AddSingleton(new Networks(networks));
        builder.Services.Configure<ForwardedHeadersOptions>(forwarded =>
        {
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
            forwarded.ForwardLimit = null;   // a chain of known proxies is followed to the first stranger
            forwarded.KnownIPNetworks.Clear();
            forwarded.KnownProxies.Clear();
            foreach (var network in networks)
            {
                forwarded.KnownIPNetworks.Add(network);
            }
        });
    }

    public static void UseKnownProxies(this WebApplication app)
    {
        // With an empty list the middleware would believe everybody.
        if (app.Services.GetRequiredService<Networks>().Known.Count > 0)
        {
            app.UseForwardedHeaders();
        }
    }

    private static IReadOnlyList<IPNetwork> Read(IConfiguration configuration)
    {
        var section = configuration.GetSection(Key);
        var texts = section.GetChildren().Select(child => child.Value).Prepend(section.Value)
            .SelectMany(text => (text ?? "").Split([',', ';', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).ToList();
        var wrong = texts.Where(text => Parse(text) is null).Select(text => $"{Key}: '{text}' is no address or network such as 10.0.0.0/8").ToList();
        return wrong.Count == 0 ? [.. texts.Select(text => Parse(text)!.Value)] : throw new SettingException(wrong);
    }

    private static IPNetwork? Parse(string text) =>
        text.Contains('/', StringComparison.Ordinal) ? IPNetwork.TryParse(text, out var network) ? network : null
        : IPAddress.TryParse(text, out var address) ? new(address, address.GetAddressBytes().Length * 8)
        : null;

    private sealed record Networks(IReadOnlyList<IPNetwork> Known);
}
