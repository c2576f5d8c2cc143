using System.ComponentModel.DataAnnotations;

namespace Aerona.Airlines.House;

/// <summary>How the house airline sells; section <c>HouseAirline</c>.</summary>
internal sealed class HouseAirlineOptions
{
    /// <summary>How long an offer can be booked.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan OfferLifetime { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How long held seats stay held unless they are pinned.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan HoldFor { get; init; } = TimeSpan.FromMinutes(20);

    /// <summary>The same for a traveller who pays later.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "14.00:00:00")]
    public TimeSpan PayLaterFor { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How long before departure the seats of those who pay later are given back at the latest: somebody else must still be able to buy them.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan PayLaterEndsBeforeDeparture { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How long the price stands for a traveller who pays later; the seats are kept for longer, and after it the price is asked for again.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "14.00:00:00")]
    public TimeSpan PayLaterPriceFor { get; init; } = TimeSpan.FromHours(2);

    /// <summary>How often lapsed holds are given back.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan SweepEvery { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>From which age a pin is reported: nothing but a purchase or a release ends one, so an old one means a saga that hangs.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "30.00:00:00")]
    public TimeSpan PinAlarmAfter { get; init; } = TimeSpan.FromHours(26);

    /// <summary>
    /// How long expired offers, departed flights, the log of calls to suppliers and their events are kept; longer than any booking may be on its way.
    /// </summary>
    [Range(typeof(TimeSpan), "7.00:00:00", "3650.00:00:00")]
    public TimeSpan KeepPast { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Until when seats held now can be paid for; null when that is no longer than for everybody, so close to departure.</summary>
    public DateTimeOffset? PayLaterUntil(DateTimeOffset now, DateTimeOffset departsAt)
    {
        var (longest, latest) = (now + PayLaterFor, departsAt - PayLaterEndsBeforeDeparture);
        var until = longest < latest ? longest : latest;
        return until > now + HoldFor ? until : null;
    }
}
