using Aerona.Airlines.Amadeus;
using Aerona.Airlines.Duffel;
using Aerona.Hosting;
using Aerona.Suppliers;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;

namespace Aerona.Airlines.Outside;

/// <summary>The outside suppliers by name.</summary>
internal sealed class OutsideSuppliers(IEnumerable<IOutsideSupplier> suppliers, IOptionsMonitor<SupplierOptions> options)
{
    private readonly Dictionary<string, IOutsideSupplier> byName = suppliers.ToDictionary(supplier => supplier.Name);

    public IReadOnlyCollection<IOutsideSupplier> All => byName.Values;

    public IOutsideSupplier? Find(string name) => byName.GetValueOrDefault(name);

    public SupplierOptions OptionsOf(string name) => options.Get(name);

    /// <summary>The longest that one effect at any of them may take: two calls that make or pay an order.</summary>
    public TimeSpan? CallLimit => byName.Count == 0 ? null : byName.Keys.Max(name => OptionsOf(name).OrderTimeout + (2 * OptionsOf(name).Timeout));
}

/// <summary>Puts the outside suppliers together: one client, one bulkhead and one breaker each, so that a silent one slows nobody else.</summary>
internal static class SupplierRegistration
{
    public static void AddOutsideSuppliers(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<IValidateOptions<SupplierOptions>, SupplierRules>();
        services.AddSingleton<OutsideSuppliers>();
        services.AddSingleton<SupplierLog>();
        services.AddHostedService(provider => provider.GetRequiredService<SupplierLog>());
        foreach (var section in builder.Configuration.GetSection(SupplierOptions.Section).GetChildren())
        {
            builder.AddOutsideSupplier(section.Key);
        }
    }

    private static void AddOutsideSupplier(this WebApplicationBuilder builder, string name)
    {
        if (name == House.HouseSupplier.SupplierName || name.Length > 20 || !name.All(symbol => char.IsAsciiLetterLower(symbol) || char.IsAsciiDigit(symbol) || symbol == '-'))
        {
            throw new SettingException($"{SupplierOptions.Section}:{name}", "a supplier is named by at most 20 small letters, digits and dashes, and not 'house'");
        }

        var services = builder.Services;
        services.AddOptions<SupplierOptions>(name).BindConfiguration($"{SupplierOptions.Section}:{name}").ValidateOnStart();
        services.AddHttpClient(SupplierHttp.ClientName(name), (provider, http) =>
            {
                http.BaseAddress = new(Options(provider, name).BaseUrl.TrimEnd('/') + "/");
                http.Timeout = Timeout.InfiniteTimeSpan;   // each call has a limit of its own
                http.MaxResponseContentBufferSize = 32 * 1024 * 1024;
            })
            .AddResilienceHandler("supplier", (pipeline, context) => Configure(pipeline, context.ServiceProvider, name));
        services.AddKeyedSingleton(name, (provider, _) => new SupplierHttp(
            name, provider.GetRequiredService<IHttpClientFactory>(), provider.GetRequiredService<SupplierLog>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IOutsideSupplier>(provider =>
        {
            var (options, http, clock) = (Options(provider, name), provider.GetRequiredKeyedService<SupplierHttp>(name), provider.GetRequiredService<TimeProvider>());
            return options.Protocol switch
            {
                "duffel" => new DuffelSupplier(name, options, http, clock),
                "amadeus" => new AmadeusSupplier(name, options, http, clock),
                var other => throw new SettingException($"{SupplierOptions.Section}:{name}:Protocol", $"'{other}' is not known"),
            };
        });
    }

    private static SupplierOptions Options(IServiceProvider provider, string name) => provider.GetRequiredService<IOptionsMonitor<SupplierOptions>>().Get(name);

    private static void Configure(ResiliencePipelineBuilder<HttpResponseMessage> pipeline, IServiceProvider services, string name)
    {
        var options = Options(services, name);
        pipeline.TimeProvider = services.GetRequiredService<TimeProvider>();
        pipeline.AddConcurrencyLimiter(options.ParallelCalls, options.ParallelCalls);
        pipeline.AddCircuitBreaker(new CircuitBreakerStrategyOptions<HttpResponseMessage>
        {
            FailureRatio = 0.5,
            MinimumThroughput = 8,
            SamplingDuration = TimeSpan.FromSeconds(30),
            BreakDuration = options.BreakFor,
            // A call cut off by its limit is cancelled: to the breaker that is the supplier's silence.
            ShouldHandle = attempt => new(attempt.Outcome.Exception is HttpRequestException or OperationCanceledException
                || (int?)attempt.Outcome.Result?.StatusCode >= 500),
        });
    }
}
