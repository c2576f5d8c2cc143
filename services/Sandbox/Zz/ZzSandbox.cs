using System.ComponentModel.DataAnnotations;
using Aerona.Hosting;
using Microsoft.Extensions.Options;

namespace Aerona.Sandbox.Zz;

/// <summary>The played airline ZZ; section <c>Sandbox:Zz</c>.</summary>
internal sealed class ZzOptions
{
    /// <summary>The only token that opens it.</summary>
    [Required] public string AccessToken { get; init; } = "duffel_test_aerona-sandbox";

    /// <summary>What everything is priced in, ISO 4217.</summary>
    [Required, RegularExpression("^[A-Z]{3}$")] public string Currency { get; init; } = "EUR";

    /// <summary>Where events go; null: nowhere, until an address is registered by <c>POST /air/webhooks</c>.</summary>
    [Url] public string? WebhookUrl { get; init; }

    /// <summary>Keys the signatures of webhooks.</summary>
    [Required] public string WebhookSecret { get; init; } = "aerona-sandbox-zz-webhook-secret";

    /// <summary>How long an offer stands.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")] public TimeSpan OfferLifetime { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How long space is held for an order that is paid later.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")] public TimeSpan SpaceFor { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How long the price of such an order stands.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")] public TimeSpan PriceFor { get; init; } = TimeSpan.FromHours(12);

    /// <summary>How long a slow answer takes.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:02:00")] public TimeSpan SlowAnswer { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>From a purchase to what the airline then does by itself.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")] public TimeSpan ChangeAfter { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Calls a minute; more get 429 until the minute is over.</summary>
    [Range(1, 1_000_000)] public int CallsPerMinute { get; init; } = 600;
}

/// <summary>Puts the played airline together: Duffel's API v2 below <c>/sandbox/zz</c>.</summary>
internal static class ZzSandbox
{
    public static void AddZzSandbox(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<ZzOptions>().BindConfiguration("Sandbox:Zz").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<ZzOptions>>().Value);
        services.AddSingleton<ZzPace>();
        services.AddSingleton<ZzAlarm>();
        services.AddSingleton<ZzEvents>();
        services.AddHostedService(provider => provider.GetRequiredService<ZzEvents>());
        services.AddScoped<ZzDesk>();
        services.AddHttpClient(ZzEvents.Client, client => client.Timeout = TimeSpan.FromSeconds(15));
    }

    public static void MapZzSandbox(this RouteGroupBuilder sandbox)
    {
        var zz = sandbox.MapGroup("/zz").WithForeignAuthorization();
        zz.MapOffers();
        zz.MapOrders();
        zz.MapCancellations();
        zz.MapWebhooks();
        zz.MapZzBooks();
    }
}
