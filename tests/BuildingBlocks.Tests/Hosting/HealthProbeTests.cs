using System.Net;
using System.Net.Sockets;
using Aerona.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aerona.BuildingBlocks.Tests.Hosting;

public sealed class HealthProbeTests
{
    [Theory]
    [InlineData("URLS", "http://127.0.0.1:{0}")]
    [InlineData("URLS", "http://*:{0}")]
    [InlineData("URLS", "http://+:{0}")]
    [InlineData("URLS", "http://0.0.0.0:{0}")]
    [InlineData("URLS", "https://localhost:1; http://localhost:{0}")]
    [InlineData("HTTP_PORTS", "{0}")]
    public async Task A_ready_service_is_found_wherever_it_was_told_to_listen(string key, string value)
    {
        await using var shop = await Shop.StartAsync();

        var (ready, problem) = await AskAsync((key, string.Format(null, value, shop.Http.BaseAddress!.Port)));

        Assert.Equal((true, ""), (ready, problem));
    }

    [Fact]
    public async Task A_service_that_is_not_ready_fails_the_probe_with_its_own_reason()
    {
        await using var shop = await Shop.StartAsync(also: services =>
            services.AddHealthChecks().AddCheck("bus", () => HealthCheckResult.Unhealthy("no connection")));

        var (ready, problem) = await AskAsync(("URLS", shop.Http.BaseAddress!.ToString()));

        Assert.False(ready);
        Assert.Contains("503", problem);
        Assert.Contains("no connection", problem);
    }

    [Fact]
    public async Task A_service_that_does_not_listen_fails_the_probe()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));   // bound and never listening: nobody else gets the port, and nobody answers there

        var (ready, problem) = await AskAsync(("URLS", $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndPoint!).Port}"));

        Assert.False(ready);
        Assert.Contains("does not answer", problem);
    }

    [Theory]
    [InlineData("URLS", "")]
    [InlineData("URLS", "https://localhost:8443")]
    [InlineData("HTTP_PORTS", "eighty")]
    [InlineData("HTTP_PORTS", "70000")]
    public async Task Without_an_address_the_probe_names_the_variables_it_needs(string key, string value)
    {
        var (ready, problem) = await AskAsync((key, value));

        Assert.False(ready);
        Assert.Contains("ASPNETCORE_URLS", problem);
    }

    private static async Task<(bool Ready, string Problem)> AskAsync(params (string Key, string? Value)[] settings)
    {
        await using var problems = new StringWriter();
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value))).Build();
        return (await HealthProbe.AskAsync(configuration, problems, TimeSpan.FromMinutes(2)), problems.ToString());
    }
}
