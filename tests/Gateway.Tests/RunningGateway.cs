using System.Net;
using System.Text.Json.Nodes;
using Aerona.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aerona.Gateway.Tests;

/// <summary>The gateway on a free port, before services of the test's making; all that are not given are nowhere.</summary>
internal sealed class RunningGateway : IAsyncDisposable
{
    /// <summary>Nobody listens there: the port is reserved.</summary>
    public const string Nowhere = "http://127.0.0.1:1";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly WebApplication app;

    private RunningGateway(WebApplication app)
    {
        this.app = app;
        Address = new(app.Urls.Single());
        Http = new(new SocketsHttpHandler { AllowAutoRedirect = false, ActivityHeadersPropagator = null }) { BaseAddress = Address, Timeout = Patience };
    }

    public Uri Address { get; }

    public HttpClient Http { get; }

    public static Task<RunningGateway> StartAsync(params (string Key, string Value)[] settings) => StartAsync([], settings);

    public static async Task<RunningGateway> StartAsync(IReadOnlyList<RunningService> services, params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(Routing.Services.WithApi.ToDictionary(
            service => $"Services:{service}",
            service => (string?)(services.Where(running => running.Name == service).Select(running => running.Address.ToString()).ToList() is { Count: > 0 } addresses ? string.Join(';', addresses) : Nowhere)));
        // A loaded machine is slow, not broken.
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Gateway:ConnectTimeout"] = "00:01:00",
            ["Gateway:HealthTimeout"] = "00:01:00",
            ["Gateway:ReadTimeout"] = "00:01:00",
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        if (services.FirstOrDefault(service => service.Name == Routing.Services.Sandbox) is { } sandbox)
        {
            builder.Configuration["Services:Sandbox"] = sandbox.Address.ToString();
        }

        builder.AddAeronaBasics();
        builder.AddFrontDoor();
        builder.AddGateway();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        var app = builder.Build();
        app.MapAeronaBasics();
        app.MapGateway();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new(app);
    }

    public async Task<(HttpStatusCode Status, JsonObject? Body)> AskAsync(HttpRequestMessage request)
    {
        using var answer = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return (answer.StatusCode, text.StartsWith('{') ? JsonNode.Parse(text)!.AsObject() : null);
    }

    /// <summary>Asks until the answer is as wanted.</summary>
    public static async Task EventuallyAsync(Func<Task<bool>> isSo, string what)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await isSo())
        {
            try
            {
                await ticks.WaitForNextTickAsync(limit.Token);
            }
            catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException($"not within {Patience.TotalSeconds} s: {what}");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await app.StopAsync(CancellationToken.None);
        await app.DisposeAsync();
    }
}
