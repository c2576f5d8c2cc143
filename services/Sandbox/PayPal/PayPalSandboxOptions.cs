using System.ComponentModel.DataAnnotations;

namespace Aerona.Sandbox.PayPal;

/// <summary>The sandbox's PayPal; section <c>Sandbox:PayPal</c>.</summary>
internal sealed class PayPalSandboxOptions
{
    /// <summary>The only merchant's client id.</summary>
    [Required] public string ClientId { get; init; } = "aerona-sandbox";

    /// <summary>The merchant's secret; opens play money only.</summary>
    [Required] public string ClientSecret { get; init; } = "aerona-sandbox-secret";

    /// <summary>How long a slow answer takes.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:30")] public TimeSpan SlowAnswer { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a reservation is honoured: three days at PayPal, less to play what comes after; the shop's <c>PayPal:HonourPeriod</c> must say the same.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "3.00:00:00")] public TimeSpan HonourPeriod { get; init; } = TimeSpan.FromDays(3);

    /// <summary>Where browsers reach this host, if not where the API calls come to: the links in answers begin with it.</summary>
    public string? PublicBaseUrl { get; init; }
}
