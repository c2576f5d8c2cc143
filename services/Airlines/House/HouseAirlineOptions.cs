using System.ComponentModel.DataAnnotations;

namespace Aerona.Airlines.House;

/// <summary>How the house airline sells; section <c>HouseAirline</c>.</summary>
internal sealed class HouseAirlineOptions
{
    /// <summary>How long an offer can be booked.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan OfferLifetime { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How long held seats stay held unless they are pinned.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan HoldFor { get; init; } = TimeSpan.FromMinutes(20);

    /// <summary>How often lapsed holds are given back.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan SweepEvery { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long after the purchase an order can be cancelled for nothing; departure ends it too.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "7.00:00:00")]
    public TimeSpan VoidWindow { get; init; } = TimeSpan.FromHours(24);

    /// <summary>From which age a pin is reported: nothing but a purchase or a release ends one, so an old one means a saga that hangs.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "30.00:00:00")]
    public TimeSpan PinAlarmAfter { get; init; } = TimeSpan.FromHours(26);

    /// <summary>How long expired offers and departed flights are kept; longer than any booking may be on its way.</summary>
    [Range(typeof(TimeSpan), "7.00:00:00", "3650.00:00:00")]
    public TimeSpan KeepPast { get; init; } = TimeSpan.FromDays(30);
}
