using Aerona.Contracts;
using Aerona.Contracts.Cancellations;
using Aerona.Reference;
using Microsoft.Extensions.Options;

namespace Aerona.Airlines.Cancelling.Policies;

/// <summary>The rows that hold for an order.</summary>
internal sealed class CancellationPolicies(IOptions<CancellationOptions> options)
{
    private readonly TimeZoneInfo office = TimeZoneInfo.FindSystemTimeZoneById(options.Value.AgencyZone);

    public TimeSpan QuoteFor => options.Value.QuoteFor;

    /// <summary>The market of an offer: the country its journey begins in; null where the airport is not known.</summary>
    public static string? MarketOf(OfferSnapshot offer) => Airports.Find(offer.Segments[0].Origin)?.Country;

    /// <summary>UTC, until when what was sold then is void, departure not counted; null: never. The row of the day of sale holds.</summary>
    public (DateTimeOffset Until, AppliedPolicy Policy)? VoidWindow(string supplier, string? market, DateTimeOffset soldAt)
    {
        if (Find(options.Value.VoidWindows, supplier, market, soldAt) is not { Ends: not "none" } row)
        {
            return null;
        }

        return (row.Ends == "hours" ? soldAt.AddHours(row.Hours!.Value) : Midnight(soldAt, row.Zone is { } zone ? TimeZoneInfo.FindSystemTimeZoneById(zone) : office), Applied(row));
    }

    /// <summary>UTC, until when our promise gives everything back; null: it does not.</summary>
    public (DateTimeOffset Until, AppliedPolicy Policy)? Promise(string supplier, string? market, DateTimeOffset soldAt, DateTimeOffset departsAt) =>
        Find(options.Value.Promises, supplier, market, soldAt) is { } row && departsAt - soldAt >= row.BeforeDeparture ? (soldAt + row.Within, Applied(row)) : null;

    /// <summary>What the fare gives back: as the offer said, or as a row of ours that is kinder or knows more, which is then named.</summary>
    public (FareConditions Conditions, AppliedPolicy? Policy) FareOf(OfferSnapshot offer, DateTimeOffset soldAt)
    {
        var said = offer.Conditions;
        var (basis, currency) = (offer.Segments[0].FareBasis, offer.Total.Currency);
        var rows = options.Value.FareConditions
            .Where(row => (row.FareBasis is null || basis.StartsWith(row.FareBasis, StringComparison.Ordinal)) && (row.Currency is null || row.Currency == currency)).ToList();
        if (Find(rows, offer.Supplier, MarketOf(offer), soldAt) is not { } row)
        {
            return (said, null);
        }

        var penalty = Money.Of(row.Penalty ?? 0, currency);
        var isKinder = row.Refundable ? said is not { Refundable: true, RefundPenalty: { } kept } || penalty < kept : said.Refundable is null;
        return isKinder ? (said with { Refundable = row.Refundable, RefundPenalty = row.Refundable ? penalty : null }, Applied(row)) : (said, null);
    }

    /// <summary>The last day, UTC, on which money owed since then may go back; null: no rule says.</summary>
    public (DateOnly DueOn, AppliedPolicy Policy)? RefundClock(string supplier, string? market, DateTimeOffset owedAt)
    {
        if (Find([.. options.Value.RefundClocks.Where(row => row.Instrument == options.Value.Instrument)], supplier, market, owedAt) is not { } row)
        {
            return null;
        }

        var day = DateOnly.FromDateTime(owedAt.UtcDateTime);
        for (var left = row.Days; left > 0;)
        {
            day = day.AddDays(1);
            left -= row.BusinessDays && day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 0 : 1;
        }

        return (day, Applied(row));
    }

    private static AppliedPolicy Applied(PolicyRow row) => new(row.Id, row.Text);

    private static TRow? Find<TRow>(IReadOnlyList<TRow> rows, string supplier, string? market, DateTimeOffset at) where TRow : PolicyRow
    {
        var day = DateOnly.FromDateTime(at.UtcDateTime);
        return rows.Where(row => row.Fits(supplier, market, day)).OrderByDescending(row => row.Rank).ThenByDescending(row => row.From ?? DateOnly.MinValue).FirstOrDefault();
    }

    /// <summary>The end of that day in the zone. Where clocks are put forward over midnight, the first moment there is.</summary>
    private static DateTimeOffset Midnight(DateTimeOffset at, TimeZoneInfo zone)
    {
        var midnight = TimeZoneInfo.ConvertTime(at, zone).Date.AddDays(1);
        return WallClock.Moments(midnight, zone) is [var first, ..] ? first : WallClock.Moments(midnight + WallClock.PutForward(midnight, zone), zone)[0];
    }
}
