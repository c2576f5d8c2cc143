using Aerona.Payments.Webhooks;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Retry;
using Polly.Timeout;
using Refit;

namespace Aerona.Payments.PayPal;

/// <summary>Puts the client together.</summary>
internal static class PayPalRegistration
{
    public static void AddPayPal(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<PayPalOptions>().BindConfiguration("PayPal").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<PayPalOptions>>().Value);
        services.AddSingleton(provider => new PublicAddress((provider.GetRequiredService<IConfiguration>()["PublicBaseUrl"] ?? "http://localhost:5080").TrimEnd('/')));
        services.AddSingleton<PayPalMetrics>();
        services.AddSingleton<PayPalTokens>();
        services.AddTransient<PayPalTokenHandler>();
        services.AddScoped<PayPalClient>();
        services.AddSingleton<OurWebhook>();
        services.AddHostedService<RegisterWebhook>();
        services.AddSingleton<WebhookSignatures>();
        services.AddHttpClient(WebhookSignatures.Client, (provider, client) =>
        {
            client.Timeout = provider.GetRequiredService<PayPalOptions>().Timeout;
            client.MaxResponseContentBufferSize = 64 * 1024;
        }).ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false });

        services.AddHttpClient(PayPalTokens.Client, client => client.Timeout = Timeout.InfiniteTimeSpan)
            .AddResilienceHandler("paypal-token", (pipeline, context) => Configure(pipeline, context.ServiceProvider));
        services.AddRefitGeneratedClient<IPayPal>(new RefitSettings(new SystemTextJsonContentSerializer(PayPalJson.Options)))
            .ConfigureHttpClient((provider, client) =>
            {
                client.BaseAddress = new(provider.GetRequiredService<PayPalOptions>().BaseUrl.TrimEnd('/'));
                client.Timeout = Timeout.InfiniteTimeSpan;
            })
            .AddHttpMessageHandler<PayPalTokenHandler>()
            .AddResilienceHandler("paypal", (pipeline, context) => Configure(pipeline, context.ServiceProvider));
    }

    /// <summary>The longest an effect of that many calls may take, a token fetched on the way included.</summary>
    public static TimeSpan CallLimit(PayPalOptions options, int calls) => (options.Timeout * (calls + 1)) + TimeSpan.FromSeconds(5);

    /// <summary>
    /// Sent again only when no connection came about, so that nothing can have reached PayPal, and the call is idempotent anyway. Everything else is an
    /// answer, and the caller's to judge.
    /// </summary>
    private static void Configure(ResiliencePipelineBuilder<HttpResponseMessage> pipeline, IServiceProvider services)
    {
        pipeline.TimeProvider = services.GetRequiredService<TimeProvider>();
        pipeline.AddRetry(new RetryStrategyOptions<HttpResponseMessage>
        {
            MaxRetryAttempts = 2,
            Delay = TimeSpan.Zero,
            ShouldHandle = attempt => new(attempt.Outcome.Exception is HttpRequestException
            {
                HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError,
            }),
        });
        pipeline.AddTimeout(new TimeoutStrategyOptions { Timeout = services.GetRequiredService<PayPalOptions>().Timeout });
    }
}
