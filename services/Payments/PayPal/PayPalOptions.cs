using System.ComponentModel.DataAnnotations;

namespace Aerona.Payments.PayPal;

/// <summary>How to reach PayPal; section <c>PayPal</c>.</summary>
internal sealed class PayPalOptions
{
    /// <summary>Where PayPal's REST API begins, without a slash at the end: <c>https://api-m.paypal.com</c>, or the sandbox's address.</summary>
    [Required, Url] public string BaseUrl { get; init; } = "";

    /// <summary>The REST app's client id.</summary>
    [Required] public string ClientId { get; init; } = "";

    /// <summary>From the environment or a secret store; without a default on purpose.</summary>
    [Required] public string ClientSecret { get; init; } = "";

    /// <summary>Id of the webhook registered at PayPal; null when <see cref="WebhookUrl"/> is to be registered at start, or no webhook is wanted.</summary>
    public string? WebhookId { get; init; }

    /// <summary>Our webhook's public address; looked for and, if missing, registered at PayPal at start. Null: <see cref="WebhookId"/> says it, or none.</summary>
    [Url] public string? WebhookUrl { get; init; }

    /// <summary>
    /// Hosts where the certificates of PayPal's webhooks may be fetched, over HTTPS; none: PayPal's own (<c>api.paypal.com</c> …, or those of its sandbox when
    /// <see cref="BaseUrl"/> is there). Outside Production, where PayPal is played at <see cref="BaseUrl"/>, its certificate and its authority come from there.
    /// </summary>
    public string[] CertificateHosts { get; init; } = [];

    /// <summary>How long events are kept as they came, by their id: what comes again is known by it.</summary>
    [Range(typeof(TimeSpan), "30.00:00:00", "3650.00:00:00")] public TimeSpan KeepEventsFor { get; init; } = TimeSpan.FromDays(90);

    /// <summary>Our merchant id at PayPal: money that an order pays to somebody else is not taken for ours. Null: not checked.</summary>
    public string? MerchantId { get; init; }

    /// <summary>Longest wait for one call, retries not counted.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")] public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long PayPal honours what it reserved, from its own time of the reservation on: three days (Payments v2, "Reauthorize authorized payment"). Less only
    /// against a sandbox that is as short-lived.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "3.00:00:00")] public TimeSpan HonourPeriod { get; init; } = TimeSpan.FromDays(3);

    /// <summary>Shown to the payer.</summary>
    [Required, StringLength(127, MinimumLength = 1)] public string BrandName { get; init; } = "Aerona";
}
