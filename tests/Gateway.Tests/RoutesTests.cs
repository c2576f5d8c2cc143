using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Aerona.Airlines;
using Aerona.Bookings;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Notifications;
using Aerona.Operations;
using Aerona.Payments;
using Aerona.Sandbox;
using Aerona.Sandbox.Mailbox;
using Aerona.Search;
using Aerona.Tickets;
using Aerona.Users;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aerona.Gateway.Tests;

/// <summary>The gateway's table against the services as they are: their own hosts, on ports, each saying which of its endpoints a request came to.</summary>
public sealed partial class RoutesTests(RoutesTests.AllServices all) : IClassFixture<RoutesTests.AllServices>
{
    private const string Probe = "X-Which-Endpoint";

    [Fact]
    public async Task Every_endpoint_of_every_service_is_reached_through_the_gateway()
    {
        var wrong = new List<string>();
        foreach (var (service, endpoint) in all.Endpoints)
        {
            var method = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods[0];
            using var request = new HttpRequestMessage(new(method), PathOf(service, endpoint));
            request.Headers.Add(Probe, "?");
            using var answer = await all.Gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);
            var reached = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            if (reached != $"{service}: {endpoint.RoutePattern.RawText}")
            {
                wrong.Add($"{method} {request.RequestUri} of {service} came to: {(int)answer.StatusCode} {reached}");
            }
        }

        Assert.Empty(wrong);
        Assert.True(all.Endpoints.Count > 50, $"only {all.Endpoints.Count} endpoints");
    }

    [Fact]
    public void Every_line_of_the_table_leads_to_an_endpoint()
    {
        // What is below /.well-known OpenIddict answers before any endpoint is looked for.
        var idle = Routing.Routes.All.Where(route => route.Path != "/.well-known" && !all.Endpoints.Any(endpoint => endpoint.Service == route.Service && IsBelow(route.Path, PathOf(endpoint.Service, endpoint.Endpoint))));

        Assert.Empty(idle.Select(route => route.Path));
    }

    [Fact]
    public async Task Every_operation_in_the_description_of_any_service_is_in_the_merged_one_and_nothing_else()
    {
        var merged = await DocumentAsync(all.Gateway.Http.BaseAddress!);
        var own = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var service in all.Running.Where(service => service.Key != Routing.Services.Sandbox))
        {
            own.UnionWith(Operations(await DocumentAsync(service.Value)));
        }

        Assert.Equal(own, new SortedSet<string>(Operations(merged), StringComparer.Ordinal));
        Assert.Null(merged["info"]!["x-missing-services"]);
        Assert.True(own.Count > 20, $"only {own.Count} operations");
    }

    [Fact]
    public async Task The_merged_description_names_every_operation_once_and_refers_to_nothing_that_is_not_there()
    {
        var merged = await DocumentAsync(all.Gateway.Http.BaseAddress!);

        var ids = merged["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()).Select(operation => (string?)operation.Value!["operationId"]).OfType<string>().ToList();
        Assert.Equal(ids.Distinct(), ids);
        var schemas = merged["components"]!["schemas"]!.AsObject().Select(schema => schema.Key).ToHashSet();
        Assert.All(Reference().Matches(merged.ToJsonString()), reference => Assert.Contains(reference.Groups[1].Value, schemas));
    }

    [Theory]
    [InlineData("/v1")]
    [InlineData("/v1/support")]
    [InlineData("/v1/support/dead-letters/sandbox-1/replay")]
    [InlineData("/v1/bookingsx")]
    [InlineData("/v2/bookings")]
    [InlineData("/admin")]
    public async Task What_no_service_has_is_a_404_of_the_gateway(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add(Probe, "?");

        var (status, problem) = await all.Gateway.AskAsync(request);

        Assert.Equal((System.Net.HttpStatusCode.NotFound, "request.unknown_path"), (status, (string?)problem?["code"]));
    }

    private static IEnumerable<string> Operations(JsonObject document) => document["paths"]!.AsObject()
        .SelectMany(path => path.Value!.AsObject().Select(operation => $"{operation.Key} {path.Key}"));

    private static async Task<JsonObject> DocumentAsync(Uri address)
    {
        using var http = new HttpClient();
        return JsonNode.Parse(await http.GetStringAsync(new Uri(address, "/openapi/v1.json"), TestContext.Current.CancellationToken))!.AsObject();
    }

    private static bool IsBelow(string template, string path)
    {
        var (expected, given) = (Parameter().Replace(template, "*").Split('/'), path.Split('/'));
        return given.Length >= expected.Length && expected.Zip(given).All(pair => pair.First == "*" || pair.First == pair.Second);
    }

    /// <summary>A path that matches the template.</summary>
    private static string PathOf(string service, RouteEndpoint endpoint) => "/" + Parameter().Replace(endpoint.RoutePattern.RawText!.Trim('/'), parameter => parameter.Value switch
    {
        _ when endpoint.RoutePattern.RawText.Contains("dead-letters", StringComparison.Ordinal) => $"{service.ToLowerInvariant()}-1",
        var text when text.Contains(":guid", StringComparison.Ordinal) => "0198c5f2-6d0e-7f5e-9a55-3c1d2b4f6a70",
        var text when text.Contains(":int", StringComparison.Ordinal) => "7",
        _ => "AA1-20261205",
    });

    [GeneratedRegex(@"\{(?:[^{}]|\{[^{}]*\})*\}")]
    private static partial Regex Parameter();

    [GeneratedRegex("#/components/schemas/([^\"]+)\"")]
    private static partial Regex Reference();

    public sealed class AllServices : IAsyncLifetime
    {
        private readonly List<WebApplication> apps = [];
        private readonly DirectoryInfo data = Directory.CreateTempSubdirectory("aerona-routes-");

        internal RunningGateway Gateway { get; private set; } = null!;

        internal List<(string Service, RouteEndpoint Endpoint)> Endpoints { get; } = [];

        public Dictionary<string, Uri> Running { get; } = [];

        public async ValueTask InitializeAsync()
        {
            await AddAsync(Routing.Services.Operations, builder => builder.AddOperations(), bus => bus.AddOperationsConsumers(), app => app.MapOperations());
            await AddAsync(Routing.Services.Airlines, builder => builder.AddAirlines(), bus => bus.AddAirlinesConsumers(), app => app.MapAirlines());
            await AddAsync(Routing.Services.Search, builder => builder.AddSearch(), bus => bus.AddSearchConsumers(), app => app.MapSearch());
            await AddAsync(Routing.Services.Bookings, builder => builder.AddBookings(), bus => bus.AddBookingsConsumers(), app => app.MapBookings());
            await AddAsync(Routing.Services.Payments, builder => builder.AddPayments(), bus => bus.AddPaymentsConsumers(), app => app.MapPayments());
            await AddAsync(Routing.Services.Tickets, builder => builder.AddTickets(), bus => bus.AddTicketsConsumers(), app => app.MapTickets());
            await AddAsync(Routing.Services.Notifications, builder => builder.AddNotifications(), bus => bus.AddNotificationsConsumers(), app => app.MapNotifications());
            await AddAsync(Routing.Services.Users, builder => builder.AddUsers(), bus => bus.AddUsersConsumers(), app => app.MapUsers());
            await AddAsync(Routing.Services.Sandbox, builder => builder.AddSandbox(), _ => { }, app =>
            {
                app.MapSandbox();
                app.MapMailbox();
            });
            Gateway = await RunningGateway.StartAsync([.. Running.Select(service => ($"Services:{service.Key}", service.Value.ToString()))]);
        }

        private async Task AddAsync(string name, Action<WebApplicationBuilder> add, Action<BusRegistration> consumers, Action<WebApplication> map)
        {
            var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Sandbox" });
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Data:Folder"] = Path.Combine(data.FullName, name),
                ["PublicBaseUrl"] = "http://localhost:5080",
                ["PayPal:BaseUrl"] = RunningGateway.Nowhere,
                ["PayPal:ClientId"] = "id",
                ["PayPal:ClientSecret"] = "secret",
                ["PayPal:WebhookUrl"] = "http://localhost:5080/v1/webhooks/paypal",
            });
            builder.AddAeronaDefaults();
            add(builder);
            builder.AddMessaging(consumers);
            builder.Services.RemoveAll<IHostedService>();   // the doors are wanted, not the work behind them
            foreach (var filter in builder.Services.Where(one => one.ServiceType == typeof(IStartupFilter) && one.ImplementationType?.Assembly == typeof(UsersModule).Assembly).ToList())
            {
                builder.Services.Remove(filter);   // it waits for keys that nobody reads then
            }

            builder.Logging.SetMinimumLevel(LogLevel.Warning);
            var app = builder.Build();
            app.Use((context, next) => context.Request.Headers.ContainsKey(Probe)
                ? context.Response.WriteAsync($"{name}: {(context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "nothing"}")
                : next(context));
            app.MapAeronaDefaults();
            map(app);
            await app.StartAsync(TestContext.Current.CancellationToken);
            apps.Add(app);
            Running[name] = new(app.Urls.Single());
            Endpoints.AddRange(((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
                .Where(endpoint => !IsOfTheHost(name, endpoint.RoutePattern.RawText!)).Select(endpoint => (name, endpoint)));
        }

        /// <summary>Every host has these; the gateway has its own, and the sandbox no dead letters.</summary>
        private static bool IsOfTheHost(string service, string path) =>
            path.StartsWith("/health/", StringComparison.Ordinal) || path.StartsWith("/openapi/", StringComparison.Ordinal) || path.TrimEnd('/') == DeadLetterList.Path
            || (service == Routing.Services.Sandbox && path.StartsWith(DeadLetterList.Path, StringComparison.Ordinal));

        public async ValueTask DisposeAsync()
        {
            await Gateway.DisposeAsync();
            foreach (var app in apps)
            {
                await app.DisposeAsync();
            }

            data.Delete(recursive: true);
        }
    }
}
