using System.Net;
using Aerona.Gateway.ApiDocument;
using Aerona.Gateway.Forwarding;
using Aerona.Gateway.Routing;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Health;

namespace Aerona.Gateway;

/// <summary>One public address for all services.</summary>
public static class GatewayModule
{
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);

    /// <summary>Adds the proxy; sections <c>Services</c> (where they answer) and <c>Gateway</c> (time limits).</summary>
    public static void AddGateway(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<ServicesOptions>().BindConfiguration("Services").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<GatewayOptions>().BindConfiguration("Gateway").ValidateDataAnnotations().ValidateOnStart();
        var connectTimeout = builder.Configuration.GetSection("Gateway").Get<GatewayOptions>()?.ConnectTimeout ?? new GatewayOptions().ConnectTimeout;
        builder.Services.AddSingleton<IPassiveHealthCheckPolicy, NoConnection>();
        builder.Services.AddSingleton(ProxyRoutes.Make);
        // One for the life of the process; connections are renewed, so that a name that moves is followed.
        builder.Services.AddSingleton(provider => new ServiceClient(
            new(new SocketsHttpHandler { ConnectTimeout = connectTimeout, PooledConnectionLifetime = ConnectionLifetime })
            {
                Timeout = provider.GetRequiredService<IOptions<GatewayOptions>>().Value.ReadTimeout,
            },
            provider.GetRequiredService<IOptions<ServicesOptions>>()));
        builder.Services.AddSingleton<ApiDocuments>();
        ServicesHealth.Add(builder.Services.AddHealthChecks());
        builder.Services.AddReverseProxy()
            .ConfigureHttpClient((_, handler) =>
            {
                handler.ConnectTimeout = connectTimeout;
                handler.PooledConnectionLifetime = ConnectionLifetime;
                handler.AutomaticDecompression = DecompressionMethods.None;
            })
            .AddTransforms(Headers.Transform);
    }

    /// <summary>Maps every path of every service, the merged <c>/openapi/v1.json</c>, <c>/reference</c>, the list of all dead letters and the start page.</summary>
    public static void MapGateway(this WebApplication app)
    {
        app.UsePlainPaths();
        app.MapReverseProxy(proxy =>
        {
            proxy.Use(Retry.InvokeAsync);
            proxy.UseLoadBalancing();
            proxy.UsePassiveHealthChecks();
        });
        app.MapDeadLetterList();
        app.MapGet("/openapi/v1.json", async (ApiDocuments documents, CancellationToken cancellationToken) =>
            Results.Bytes(await documents.GetAsync(cancellationToken), "application/json; charset=utf-8"));
        app.MapStartPage();
    }
}
