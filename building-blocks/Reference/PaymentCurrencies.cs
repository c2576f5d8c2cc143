namespace Aerona.Reference;

/// <summary>
/// What can be paid: PayPal's own short list, with its own decimals, fewer for some than ISO 4217 gives them (developer.paypal.com, "Currency codes").
/// </summary>
public static class PaymentCurrencies
{
    private static readonly SortedDictionary<string, int> Known = new(
        "AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD ILS MXN MYR NOK NZD PHP PLN SEK SGD THB USD".Split(' ').ToDictionary(code => code, _ => 2)
            .Concat("HUF JPY TWD".Split(' ').ToDictionary(code => code, _ => 0)).ToDictionary(), StringComparer.Ordinal);

    /// <summary>ISO 4217 codes, in order.</summary>
    public static IReadOnlyCollection<string> All => Known.Keys;

    /// <summary>Whether a price in that currency can be paid.</summary>
    public static bool Takes(string currency) => Known.ContainsKey(currency);

    /// <summary>PayPal's decimals; null when it does not take the currency. HUF, JPY and TWD have none there.</summary>
    public static int? DecimalsOf(string currency) => Known.TryGetValue(currency, out var decimals) ? decimals : null;
}
