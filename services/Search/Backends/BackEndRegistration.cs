using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Aerona.Search.Backends;

internal static class BackEndRegistration
{
    /// <summary>Elasticsearch where <c>Search:Elasticsearch:Url</c> says so, else Lucene in the data folder.</summary>
    public static void AddFlightBackEnd(this WebApplicationBuilder builder)
    {
        if (builder.Configuration[$"{ElasticsearchOptions.Section}:{nameof(ElasticsearchOptions.Url)}"] is not { Length: > 0 })
        {
            builder.Services.AddSingleton<IFlightBackEnd, LuceneFlights>();
            return;
        }

        builder.Services.AddOptions<ElasticsearchOptions>().BindConfiguration(ElasticsearchOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton(services => services.GetRequiredService<IOptions<ElasticsearchOptions>>().Value);
        builder.Services.AddHttpClient(ElasticsearchOptions.Section, (services, http) =>
        {
            var options = services.GetRequiredService<ElasticsearchOptions>();
            http.BaseAddress = new(options.Url.EndsWith('/') ? options.Url : $"{options.Url}/");
            http.Timeout = options.Timeout;
        }).ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) });   // nodes move
        builder.Services.AddSingleton(services => new ElasticsearchClient(
            services.GetRequiredService<IHttpClientFactory>().CreateClient(ElasticsearchOptions.Section), services.GetRequiredService<ElasticsearchOptions>(),
            services.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton<IFlightBackEnd, ElasticsearchFlights>();
        builder.Services.AddHealthChecks().AddCheck<ElasticsearchHealth>("elasticsearch", HealthStatus.Degraded, ["ready"]);
    }
}

/// <summary>Searches of trips go on without lists of flights: never worse than degraded.</summary>
internal sealed class ElasticsearchHealth(IFlightBackEnd backEnd, ElasticsearchClient client) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        client.Problem is { } problem ? new(context.Registration.FailureStatus, problem)
        : backEnd.IsReady ? HealthCheckResult.Healthy()
        : new HealthCheckResult(context.Registration.FailureStatus, "the list of flights is being made"));
}
