using System.ComponentModel.DataAnnotations;
using Aerona.Contracts;

namespace Aerona.Sagas.Cancellation;

/// <summary>How long a cancellation waits for what, and from where on a refund needs a second person; section <c>Cancellation</c>.</summary>
public sealed class CancellationTimes
{
    /// <summary>For a quote, before it is given up.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")] public TimeSpan Quote { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Between repeats of what the other side does once however often it is asked: a quote, the booking's lock.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")] public TimeSpan Repeat { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For the booking's lock.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")] public TimeSpan Lock { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>For the airline to cancel, before it is asked whether it did.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")] public TimeSpan Supplier { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>To the first look-up of something unknown; the others come after two, four, eight and twenty times as long, counted from the one before.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")] public TimeSpan LookUp { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Between look-ups of a parked cancellation.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")] public TimeSpan SlowLookUp { get; init; } = TimeSpan.FromHours(1);

    /// <summary>After this long past the pivot without an answer people are asked.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")] public TimeSpan Case { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>For the look-ups of a cancellation, before it is parked for staff; never less than <see cref="Case"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "3.00:00:00")] public TimeSpan Unknown { get; init; } = TimeSpan.FromHours(24);

    /// <summary>To the first repeat of what is asked for until it is done: coupons, a refund. The others come after 2, 4, 10, 30 and 120 times as long.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")] public TimeSpan PatientRepeat { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For a refund, before people are asked and the traveller is told that it takes longer.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")] public TimeSpan Refund { get; init; } = TimeSpan.FromDays(5);

    /// <summary>For staff to decide, before they are asked again.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "3.00:00:00")] public TimeSpan StaffDecision { get; init; } = TimeSpan.FromHours(4);

    /// <summary>A payer should see a refund this long after it was asked for.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "60.00:00:00")] public TimeSpan RefundSeen { get; init; } = TimeSpan.FromDays(10);

    /// <summary>
    /// Refunds above so much, in whole units of a currency by its ISO 4217 code, wait for a second person, who is neither who asked nor who confirmed. A currency
    /// that is not named has no limit.
    /// </summary>
    public Dictionary<string, decimal> ApprovalAbove { get; } = new()
    {
        ["EUR"] = 5_000,
        ["USD"] = 5_000,
        ["GBP"] = 5_000,
        ["CHF"] = 5_000,
        ["CAD"] = 7_500,
        ["AUD"] = 7_500,
        ["SGD"] = 7_500,
        ["JPY"] = 750_000,
    };

    /// <summary>Whether a second person has to agree.</summary>
    public bool NeedsApproval(Money refund) => ApprovalAbove.TryGetValue(refund.Currency, out var limit) && refund.Amount > limit;
}
