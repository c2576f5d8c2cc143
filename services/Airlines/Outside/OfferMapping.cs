using System.Globalization;
using System.Xml;
using Aerona.Contracts;
using Aerona.Reference;

namespace Aerona.Airlines.Outside;

/// <summary>An offer cannot be sold here; caught where offers are mapped, and nowhere else.</summary>
internal sealed class OfferProblem(string reason) : Exception(reason)
{
    public string Reason { get; } = reason;
}

/// <summary>What mapping an offer of any supplier needs.</summary>
internal static class OfferMapping
{
    /// <summary>A decimal string as money.</summary>
    public static Money Amount(string? amount, string? currency)
    {
        if (currency is null || Currencies.Find(currency) is null)
        {
            throw new OfferProblem("currency.unknown");
        }

        if (!decimal.TryParse(amount, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            throw new OfferProblem("price.malformed");
        }

        try
        {
            return Money.Of(number, currency);
        }
        catch (ArgumentException)
        {
            throw new OfferProblem("price.malformed");
        }
    }

    /// <summary>The zone that the supplier names, else the airport's own.</summary>
    public static TimeZoneInfo Zone(string airport, string? named) =>
        named is not null && TimeZoneInfo.TryFindSystemTimeZoneById(named, out var zone) ? zone : Airports.Find(airport)?.TimeZone ?? throw new OfferProblem("airport.unknown");

    /// <summary>An ISO 8601 duration (<c>PT26H10M</c>, <c>P1DT2H</c>), or null when there is none that can be read.</summary>
    public static TimeSpan? Span(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        try
        {
            return XmlConvert.ToTimeSpan(text);
        }
        catch (Exception problem) when (problem is FormatException or OverflowException)
        {
            return null;
        }
    }

    /// <summary>
    /// Local times as instants. A wall clock that shows a time twice, as clocks go back, is told by the duration; one that never shows it is a mistake.
    /// </summary>
    public static (DateTimeOffset DepartsAt, DateTimeOffset ArrivesAt) Instants(DateTime departs, TimeZoneInfo originZone, DateTime arrives, TimeZoneInfo destinationZone, TimeSpan? duration)
    {
        var pairs = WallClock.Moments(departs, originZone).SelectMany(_ => WallClock.Moments(arrives, destinationZone), (from, to) => (From: from, To: to)).Where(pair => pair.To > pair.From).ToList();
        return pairs.Count == 0 ? throw new OfferProblem("times.impossible")
            : pairs.Find(pair => pair.To - pair.From == duration) is { To.Ticks: > 0 } exact ? exact : pairs[0];
    }

    /// <summary>Flights follow one another: none departs before the one before it has arrived.</summary>
    public static void CheckOrder(IReadOnlyList<Segment> segments)
    {
        if (segments.Count == 0)
        {
            throw new OfferProblem("offer.malformed");
        }

        for (var index = 1; index < segments.Count; index++)
        {
            if (segments[index].DepartsAt < segments[index - 1].ArrivesAt)
            {
                throw new OfferProblem("times.impossible");
            }
        }
    }

    /// <summary>A sum for the whole party in equal parts, what is left over to the first; no lines for nothing.</summary>
    public static IEnumerable<PriceLine> Share(Money sum, IReadOnlyList<OfferPassenger> passengers, PriceLineKind kind, string code, bool refundable)
    {
        var each = sum.MinorUnits / passengers.Count;
        return passengers
            .Select((passenger, index) => new PriceLine(
                passenger.Id, kind, code, null, refundable, new(each + (index == 0 ? sum.MinorUnits - (each * passengers.Count) : 0), sum.Currency)))
            .Where(line => line.Amount.MinorUnits > 0 || kind == PriceLineKind.BaseFare);
    }

    public static IReadOnlyList<PriceLine> Shared(Money sum, IReadOnlyList<OfferPassenger> passengers, PriceLineKind kind, string code, bool refundable) =>
        [.. Share(sum, passengers, kind, code, refundable)];
}
