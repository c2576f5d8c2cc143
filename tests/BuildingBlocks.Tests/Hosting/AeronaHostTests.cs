using System.ComponentModel.DataAnnotations;
using System.Net.Sockets;
using Aerona.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aerona.BuildingBlocks.Tests.Hosting;

public sealed class AeronaHostTests
{
    [Fact]
    public async Task Every_wrong_setting_is_named_by_its_key_and_rule_in_a_line_of_its_own()
    {
        var (code, lines) = await RunAsync("Development", new() { ["Oven:Heat"] = "900", ["Shop:Address"] = "nowhere" }, AddOven);

        Assert.Equal(2, code);
        Assert.Equal(
            [
                "Bakery: Oven:Maker: The Maker field is required.",
                "Bakery: Oven:Heat: must be 50 to 300 degrees.",
                "Bakery: Shop:Address: The Address field is not a valid fully-qualified http, https, or ftp URL.",
            ],
            lines);
    }

    [Fact]
    public async Task A_section_that_is_not_there_at_all_is_named_too()
    {
        var (code, lines) = await RunAsync("Development", [], AddOven);

        Assert.Equal((2, "Bakery: Oven:Maker: The Maker field is required."), (code, lines[0]));
    }

    [Fact]
    public async Task A_value_of_another_type_is_named()
    {
        var (code, lines) = await RunAsync("Development", new() { ["Oven:Maker"] = "Miele", ["Oven:Heat"] = "hot" }, AddOven);

        Assert.Equal(2, code);
        Assert.Contains("'Oven:Heat'", Assert.Single(lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_production_and_only_there_what_it_cannot_do_without_is_named()
    {
        Dictionary<string, string?> settings = new() { ["Oven:Maker"] = "Miele", ["Oven:Heat"] = "20" };
        void Add(WebApplicationBuilder builder)
        {
            AddOven(builder);
            builder.RequireInProduction("Oven:Fuel", "it stays cold");
        }

        var production = await RunAsync("Production", settings, Add);
        var development = await RunAsync("Development", settings, Add);

        Assert.Equal((2, ["Bakery: Oven:Fuel: must be set in environment Production: it stays cold", "Bakery: Oven:Heat: must be 50 to 300 degrees."]), (production.Code, production.Lines), LineComparer.Instance);
        Assert.Equal((2, ["Bakery: Oven:Heat: must be 50 to 300 degrees."]), (development.Code, development.Lines), LineComparer.Instance);
    }

    [Fact]
    public async Task In_production_a_secret_that_stands_in_our_sources_is_refused_and_elsewhere_it_plays()
    {
        Dictionary<string, string?> settings = new() { ["PayPal:ClientSecret"] = "aerona-sandbox-secret", ["Suppliers:zz:AccessToken"] = "duffel_test_aerona-sandbox", ["Oven:Heat"] = "1" };

        var production = await RunAsync("Production", settings, AddOven);
        var development = await RunAsync("Development", settings, AddOven);

        Assert.Equal(2, production.Code);
        Assert.Contains("Bakery: PayPal:ClientSecret: must not be a value of the sandbox's in environment Production: everybody knows it", production.Lines);
        Assert.Contains("Bakery: Suppliers:zz:AccessToken: must not be a value of the sandbox's in environment Production: everybody knows it", production.Lines);
        Assert.DoesNotContain(development.Lines, line => line.Contains("everybody knows it", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_address_that_is_taken_is_named()
    {
        using var taken = new TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();

        var (code, lines) = await RunAsync("Development", [], builder => builder.WebHost.UseUrls($"http://127.0.0.1:{((System.Net.IPEndPoint)taken.LocalEndpoint).Port}"));

        Assert.Equal(2, code);
        Assert.StartsWith("Bakery: ASPNETCORE_URLS: ", Assert.Single(lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_setting_is_thrown_as_it_is() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync("Development", [], _ => throw new InvalidOperationException("our own mistake")));

    [Fact]
    public async Task A_host_that_is_stopped_ends_with_0()
    {
        var (code, lines) = await RunAsync("Development", [], builder => builder.Services.AddHostedService<StopAtOnce>());

        Assert.Equal((0, 0), (code, lines.Length));
    }

    private static void AddOven(WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<OvenOptions>().BindConfiguration("Oven").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<ShopOptions>().Configure<IConfiguration>((options, configuration) => options.Address = configuration["Shop:Address"] ?? options.Address)
            .ValidateDataAnnotations().ValidateOnStart();
    }

    private static async Task<(int Code, string[] Lines)> RunAsync(string environment, Dictionary<string, string?> settings, Action<WebApplicationBuilder> add)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ApplicationName = "Bakery", EnvironmentName = environment });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings);
        using var problems = new StringWriter();
        var code = await AeronaHost.RunAsync(builder, add, _ => { }, problems);
        return (code, problems.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private sealed class OvenOptions
    {
        [Required] public string Maker { get; init; } = "";

        [Range(50, 300, ErrorMessage = "must be 50 to 300 degrees.")] public int Heat { get; init; } = 200;
    }

    private sealed class ShopOptions
    {
        [Url] public string Address { get; set; } = "http://localhost";
    }

    private sealed class StopAtOnce(IHostApplicationLifetime lifetime) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken)
        {
            lifetime.ApplicationStarted.Register(lifetime.StopApplication);
            return Task.CompletedTask;
        }
    }

    private sealed class LineComparer : IEqualityComparer<(int, string[])>
    {
        public static readonly LineComparer Instance = new();

        public bool Equals((int, string[]) one, (int, string[]) other) => one.Item1 == other.Item1 && one.Item2.SequenceEqual(other.Item2);

        public int GetHashCode((int, string[]) lines) => lines.Item1;
    }
}
