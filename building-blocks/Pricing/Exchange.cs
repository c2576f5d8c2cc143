using Aerona.Contracts;

namespace Aerona.Pricing;

/// <summary>
/// Rates at which the tariff collects taxes levied in another currency than the fare's. They are part of the tariff: fixed with it (November 2026), so that
/// an offer priced twice costs the same, and no market rates.
/// </summary>
internal static class Exchange
{
    /// <summary>Units of the currency for one US dollar.</summary>
    private static readonly Dictionary<string, decimal> PerDollar = new()
    {
        ["USD"] = 1m,
        ["EUR"] = 0.86m,
        ["GBP"] = 0.75m,
        ["CHF"] = 0.80m,
        ["SEK"] = 9.50m,
        ["NOK"] = 10.10m,
        ["DKK"] = 6.42m,
        ["ISK"] = 126m,
        ["PLN"] = 3.65m,
        ["CZK"] = 20.90m,
        ["HUF"] = 335m,
        ["RON"] = 4.35m,
        ["TRY"] = 42m,
        ["ILS"] = 3.25m,
        ["EGP"] = 47m,
        ["MAD"] = 9.25m,
        ["KES"] = 129m,
        ["ZAR"] = 17.20m,
        ["AED"] = 3.6725m,
        ["QAR"] = 3.64m,
        ["SAR"] = 3.75m,
        ["KWD"] = 0.307m,
        ["BHD"] = 0.376m,
        ["OMR"] = 0.3845m,
        ["JOD"] = 0.709m,
        ["INR"] = 88.70m,
        ["LKR"] = 303m,
        ["THB"] = 32.40m,
        ["VND"] = 26_300m,
        ["IDR"] = 16_600m,
        ["PHP"] = 58.50m,
        ["MYR"] = 4.15m,
        ["SGD"] = 1.30m,
        ["HKD"] = 7.77m,
        ["CNY"] = 7.11m,
        ["TWD"] = 31m,
        ["KRW"] = 1_450m,
        ["JPY"] = 154m,
        ["AUD"] = 1.53m,
        ["NZD"] = 1.75m,
        ["CAD"] = 1.40m,
        ["MXN"] = 18.40m,
        ["BRL"] = 5.35m,
        ["CLP"] = 935m,
        ["COP"] = 3_800m,
        ["PEN"] = 3.38m,
    };

    public static bool Knows(string currency) => PerDollar.ContainsKey(currency);

    public static Money FromDollars(decimal dollars, string currency) => Money.Round(dollars * Rate(currency), currency);

    /// <summary>The amount in the other currency, rounded to its decimals.</summary>
    public static Money Convert(decimal amount, string from, string to) => from == to ? Money.Round(amount, to) : FromDollars(amount / Rate(from), to);

    private static decimal Rate(string currency) =>
        PerDollar.TryGetValue(currency, out var rate) ? rate : throw new ArgumentException($"the tariff has no rate for {currency}", nameof(currency));
}
