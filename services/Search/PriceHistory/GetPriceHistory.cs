using System.Text.Json.Serialization;
using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Pricing;
using Aerona.Reference;
using Aerona.Search.Data;
using Aerona.Search.SearchFlights;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Search.PriceHistory;

/// <summary>Where a price lies among those seen on the route.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<PriceLevel>))]
internal enum PriceLevel
{
    /// <summary>At most the lower quartile.</summary>
    Low,
    Usual,

    /// <summary>At least the upper quartile.</summary>
    High,
}

/// <summary>What the cheapest nonstop flight of the day cost.</summary>
/// <param name="ObservedOn">UTC; the price stood from here until the next one.</param>
/// <param name="Price">One adult in economy, all in; null: sold out.</param>
internal sealed record ObservedPrice(DateOnly ObservedOn, Money? Price);

/// <summary>How a day's price went.</summary>
/// <param name="Currency">Of every price.</param>
/// <param name="Prices">The oldest first.</param>
/// <param name="Level">Of the last price; null: sold out, or too little is known.</param>
/// <param name="LowerQuartile">A quarter of the prices seen on the route for days within four weeks were at most this; null: too few were seen.</param>
/// <param name="Median">Half of them.</param>
/// <param name="UpperQuartile">Three quarters of them.</param>
/// <param name="Observations">How many there were.</param>
internal sealed record PriceHistoryView(
    string Currency, IReadOnlyList<ObservedPrice> Prices, PriceLevel? Level, Money? LowerQuartile, Money? Median, Money? UpperQuartile, int Observations);

/// <summary><c>GET /v1/price-history</c>.</summary>
internal static class GetPriceHistory
{
    /// <summary>Days of departure before and after that say what is usual.</summary>
    private const int Weeks = 4;

    /// <summary>Fewer observations say nothing.</summary>
    private const int Fewest = 8;

    public static void MapGetPriceHistory(this RouteGroupBuilder api) =>
        api.MapGet("/flight-searches/price-history", Get).WithName("GetPriceHistory")
            .WithSummary("What the cheapest nonstop flight of a route and day has cost, and whether that is low, usual or high").ProducesProblem(400);

    private static async Task<Results<Ok<PriceHistoryView>, ProblemHttpResult>> Get(
        SearchDbContext db, TimeProvider time, CancellationToken cancellationToken, string? origin = null, string? destination = null, DateOnly? departsOn = null)
    {
        var asked = new FlightSearchRequest(new(1), origin, destination, departsOn);
        if (SearchRules.Check(asked, time.GetUtcNow(), null) is { Count: > 0 } problems)
        {
            return Problems.Invalid([.. problems.Select(problem => problem with { Pointer = "query:" + problem.Pointer[1..] })]);
        }

        var (origins, destinations, day) = (Codes(origin!), Codes(destination!), departsOn!.Value);
        var (from, to) = (day.AddDays(-7 * Weeks), day.AddDays(7 * Weeks));
        var seen = await db.PriceObservations.AsNoTracking()
            .Where(one => origins.Contains(one.Origin) && destinations.Contains(one.Destination) && one.DepartsOn >= from && one.DepartsOn <= to)
            .OrderBy(one => one.ObservedOn).ToListAsync(cancellationToken);
        return TypedResults.Ok(View(seen, day));
    }

    private static List<string> Codes(string place) => [.. Airports.Named(place).Select(airport => airport.Code)];

    /// <summary>Where a place has several airports, the cheapest of them on each day that one of them changed.</summary>
    internal static PriceHistoryView View(List<PriceObservation> seen, DateOnly day)
    {
        var currency = seen.LastOrDefault(one => one.DepartsOn == day)?.Currency ?? seen.LastOrDefault()?.Currency ?? "USD";
        long In(PriceObservation one) => HouseTariff.In(currency, new Money(one.Lowest!.Value, one.Currency)).MinorUnits;

        var prices = new List<ObservedPrice>();
        var now = new Dictionary<(string, string), PriceObservation>();
        foreach (var observed in seen.Where(one => one.DepartsOn == day).GroupBy(one => one.ObservedOn))
        {
            foreach (var one in observed)
            {
                now[(one.Origin, one.Destination)] = one;
            }

            var sold = now.Values.Where(one => one.Lowest is not null).Select(In).ToList();
            prices.Add(new(observed.Key, sold.Count == 0 ? null : new Money(sold.Min(), currency)));
        }

        var all = seen.Where(one => one.Lowest is not null).Select(In).Order().ToList();
        if (all.Count < Fewest)
        {
            return new(currency, prices, null, null, null, null, all.Count);
        }

        var (lower, middle, upper) = (Quantile(all, 0.25m), Quantile(all, 0.5m), Quantile(all, 0.75m));
        PriceLevel? level = prices is [.., { Price: { } last }] ? last.MinorUnits <= lower ? PriceLevel.Low : last.MinorUnits >= upper ? PriceLevel.High : PriceLevel.Usual : null;
        return new(currency, prices, level, new(lower, currency), new(middle, currency), new(upper, currency), all.Count);
    }

    /// <summary>Between the two values that it falls between, in proportion; rounded down.</summary>
    private static long Quantile(List<long> sorted, decimal part)
    {
        var place = part * (sorted.Count - 1);
        var below = (int)place;
        return below + 1 == sorted.Count ? sorted[below] : sorted[below] + (long)((place - below) * (sorted[below + 1] - sorted[below]));
    }
}
