namespace Aerona.Reference;

/// <summary>A currency of ISO 4217.</summary>
/// <param name="Code">Alphabetic code, three capital letters.</param>
/// <param name="Name">English name.</param>
/// <param name="Decimals">Digits of the minor unit: 0 (JPY, VND), 2 or 3 (KWD, BHD).</param>
public sealed record Currency(string Code, string Name, int Decimals);

/// <summary>The active currencies of ISO 4217 that airlines file fares in.</summary>
public static class Currencies
{
    /// <summary>All known currencies, by code.</summary>
    public static IReadOnlyDictionary<string, Currency> All { get; } = new[]
    {
        new Currency("EUR", "Euro", 2),
        new Currency("USD", "US dollar", 2),
    }.ToDictionary(currency => currency.Code);

    /// <summary>The currency of a code, or null when there is none.</summary>
    public static Currency? Find(string code) => All.GetValueOrDefault(code);
}
