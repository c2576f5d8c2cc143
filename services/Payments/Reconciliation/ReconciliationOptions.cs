using System.ComponentModel.DataAnnotations;
using Aerona.Hosting;

namespace Aerona.Payments.Reconciliation;

/// <summary>How the books are compared; section <c>Reconciliation</c>.</summary>
internal sealed class ReconciliationOptions
{
    /// <summary>How often, from the start on.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")] public TimeSpan Every { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How far back; PayPal lists at most 31 days at a time.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "31.00:00:00")] public TimeSpan Span { get; init; } = TimeSpan.FromDays(31);

    /// <summary>What is younger is no difference yet: PayPal's list may be three hours behind, and a booking takes its time.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "3.00:00:00")] public TimeSpan Grace { get; init; } = TimeSpan.FromHours(4);

    /// <summary>A refund that PayPal has not made after that long is one.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "30.00:00:00")] public TimeSpan RefundsTake { get; init; } = TimeSpan.FromDays(5);

    /// <summary>Longest wait for one answer of another service.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")] public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary><c>Services:Tickets</c>, else <c>PublicBaseUrl</c>.</summary>
    [Required, ServiceAddresses] public string Tickets { get; set; } = "http://localhost:5080";

    /// <summary><c>Services:Airlines</c>, else <c>PublicBaseUrl</c>.</summary>
    [Required, ServiceAddresses] public string Airlines { get; set; } = "http://localhost:5080";
}
