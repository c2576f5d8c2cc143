using System.ComponentModel.DataAnnotations;
using System.Net;
using Aerona.Hosting;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Aerona.Bookings.Offers;

/// <summary>Where Airlines answers.</summary>
internal sealed class OffersOptions
{
    /// <summary><c>Services:Airlines</c>, else <c>PublicBaseUrl</c>; several joined by <c>;</c> are replicas.</summary>
    [Required, ServiceAddresses] public string BaseAddress { get; set; } = "http://localhost:5080";

    /// <summary>Longest wait for one offer, all tries together; a person waits too.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")] public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest wait for one try.</summary>
    [Range(typeof(TimeSpan), "00:00:00.500", "00:01:00")] public TimeSpan TryTimeout { get; set; } = TimeSpan.FromSeconds(4);

    public IReadOnlyList<Uri> Addresses => ServiceAddressesAttribute.Read(BaseAddress);
}

/// <summary>Reading an offer changes nothing, so it is tried again, at the next replica if there is one.</summary>
internal static class OffersClient
{
    public static void AddOffers(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<OffersOptions>()
            .Configure<IConfiguration>((options, configuration) =>
                options.BaseAddress = configuration["Services:Airlines"] ?? configuration["PublicBaseUrl"] ?? options.BaseAddress)
            .ValidateDataAnnotations().ValidateOnStart();
        builder.AddCache();
        builder.Services.AddTransient<IOffers, CachedOffers>();
        builder.Services.AddTransient<ReplicasInTurn>();
        var client = builder.Services.AddHttpClient<HttpOffers>((services, http) =>
        {
            http.BaseAddress = services.GetRequiredService<IOptions<OffersOptions>>().Value.Addresses[0];
            http.Timeout = Timeout.InfiniteTimeSpan;   // the pipeline's below
        });
        client.AddResilienceHandler("offers", (pipeline, context) => Configure(pipeline, context.ServiceProvider));
        client.AddHttpMessageHandler<ReplicasInTurn>();   // within: asked again for each try
    }

    private static void Configure(ResiliencePipelineBuilder<HttpResponseMessage> pipeline, IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<OffersOptions>>().Value;
        pipeline.TimeProvider = services.GetRequiredService<TimeProvider>();
        pipeline.AddTimeout(new TimeoutStrategyOptions { Timeout = options.Timeout });
        pipeline.AddRetry(new RetryStrategyOptions<HttpResponseMessage>
        {
            MaxRetryAttempts = 2,
            Delay = TimeSpan.FromMilliseconds(100),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldHandle = attempt => new(attempt.Outcome switch
            {
                { Exception: HttpRequestException or TimeoutRejectedException } => true,
                { Result.StatusCode: HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout } => true,
                _ => false,
            }),
        });
        pipeline.AddTimeout(new TimeoutStrategyOptions { Timeout = options.TryTimeout });
    }
}

/// <summary>Each try goes to the next replica.</summary>
internal sealed class ReplicasInTurn(IOptions<OffersOptions> options) : DelegatingHandler
{
    private static int turn;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var addresses = options.Value.Addresses;
        if (addresses.Count > 1)
        {
            var asked = Array.Find([.. addresses], address => address.IsBaseOf(request.RequestUri!))!;
            request.RequestUri = new(addresses[(int)((uint)Interlocked.Increment(ref turn) % addresses.Count)], asked.MakeRelativeUri(request.RequestUri!));
        }

        return base.SendAsync(request, cancellationToken);
    }
}
