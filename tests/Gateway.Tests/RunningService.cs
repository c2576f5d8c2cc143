using Aerona.LocalServers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aerona.Gateway.Tests;

/// <summary>A service that does what the test says, on a free port that it keeps when it is stopped and started again.</summary>
internal sealed class RunningService : IAsyncDisposable
{
    private readonly RequestDelegate handle;
    private WebApplication? app;

    private RunningService(string name, int port, RequestDelegate handle) => (Name, Address, this.handle) = (name, new($"http://127.0.0.1:{port}"), handle);

    public string Name { get; }

    public Uri Address { get; }

    /// <summary>Requests that came in, health not counted.</summary>
    public int Requests => requests;

    private int requests;

    public bool IsReady { get; set; } = true;

    public static async Task<RunningService> StartAsync(string name, RequestDelegate handle)
    {
        var service = new RunningService(name, Ports.Free(), handle);
        await service.StartAsync();
        return service;
    }

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(Address.ToString());
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        app = builder.Build();
        app.Run(async context =>
        {
            if (context.Request.Path == "/health/ready")
            {
                context.Response.StatusCode = IsReady ? 200 : 503;
                return;
            }

            Interlocked.Increment(ref requests);
            await handle(context);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Nobody listens any more and every connection is broken off.</summary>
    public async Task KillAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await app!.StopAsync(now.Token);
        await app.DisposeAsync();
        app = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (app is not null)
        {
            await KillAsync();
        }
    }
}
