using Aerona.Contracts;

namespace Aerona.Pricing;

/// <summary>A tax, fee or airport charge.</summary>
/// <param name="Country">ISO 3166-1 alpha-2 of the levier.</param>
/// <param name="Code">Two characters, as printed on a ticket.</param>
/// <param name="On">Which flights owe it.</param>
/// <param name="Amount">In <paramref name="Currency"/>, or per cent of fare and carrier's charge.</param>
/// <param name="Currency">ISO 4217, or <c>%</c>.</param>
/// <param name="By">Who owes it.</param>
/// <param name="FromKilometres">Owed by flights at least as long.</param>
/// <param name="BelowKilometres">Owed by flights shorter than this.</param>
internal sealed record Tax(
    string Country, string Code, Levy On, decimal Amount, string Currency, PaidBy By = PaidBy.Seated, double FromKilometres = 0,
    double BelowKilometres = double.MaxValue)
{
    public bool IsPercentage => Currency == "%";

    public bool IsPaidBy(PassengerType type) => IsPercentage || By switch
    {
        PaidBy.Everyone => true,
        PaidBy.Seated => type != PassengerType.Infant,
        _ => type == PassengerType.Adult,
    };
}

/// <summary>Which flights owe a tax, seen from its country.</summary>
[Flags]
internal enum Levy
{
    DomesticDeparture = 1,
    InternationalDeparture = 2,
    InternationalArrival = 4,
    Departure = DomesticDeparture | InternationalDeparture,
    InternationalBoth = InternationalDeparture | InternationalArrival,
}

internal enum PaidBy
{
    /// <summary>Lap infants are exempt: the rule for airport charges.</summary>
    Seated,

    Adults,
    Everyone,
}

/// <summary>
/// The taxes of the house tariff: codes and structure as on real tickets, amounts rounded by hand to what was usual in 2026. A simulation's table: not for
/// filing anywhere.
/// </summary>
internal static class Taxes
{
    // The usual distance bands: up to about 3,200 km short, from about 8,900 km long (2,000 and 5,500 miles).
    private const double Medium = 3_219;
    private const double Long = 8_851;

    private static readonly ILookup<string, Tax> ByCountry = new Tax[]
    {
        // Air passenger duty by distance, children exempt; passenger service charge.
        new("GB", "GB", Levy.DomesticDeparture, 8m, "GBP", PaidBy.Adults),
        new("GB", "GB", Levy.InternationalDeparture, 15m, "GBP", PaidBy.Adults, BelowKilometres: Medium),
        new("GB", "GB", Levy.InternationalDeparture, 102m, "GBP", PaidBy.Adults, Medium, Long),
        new("GB", "GB", Levy.InternationalDeparture, 106m, "GBP", PaidBy.Adults, Long),
        new("GB", "UB", Levy.Departure, 21.50m, "GBP"),

        // Solidarity tax by distance; civil aviation tax; passenger service charge.
        new("FR", "IZ", Levy.Departure, 7.40m, "EUR", BelowKilometres: Medium),
        new("FR", "IZ", Levy.Departure, 15m, "EUR", FromKilometres: Medium, BelowKilometres: Long),
        new("FR", "IZ", Levy.Departure, 40m, "EUR", FromKilometres: Long),
        new("FR", "FR", Levy.Departure, 13.80m, "EUR"),
        new("FR", "QX", Levy.Departure, 16.40m, "EUR"),

        // Air transport tax by distance; passenger service charge; security charge.
        new("DE", "OY", Levy.Departure, 13.03m, "EUR", BelowKilometres: Medium),
        new("DE", "OY", Levy.Departure, 33.01m, "EUR", FromKilometres: Medium, BelowKilometres: Long),
        new("DE", "OY", Levy.Departure, 59.43m, "EUR", FromKilometres: Long),
        new("DE", "RA", Levy.Departure, 27.80m, "EUR"),
        new("DE", "DE", Levy.Departure, 12.50m, "EUR"),

        // Transportation tax (within the country 7.5 % and a segment fee); security; passenger facility; on arrival customs, immigration and agriculture.
        new("US", "US", Levy.DomesticDeparture, 7.5m, "%"),
        new("US", "ZP", Levy.DomesticDeparture, 5.30m, "USD"),
        new("US", "US", Levy.InternationalBoth, 23.40m, "USD", PaidBy.Everyone),
        new("US", "AY", Levy.Departure, 5.60m, "USD"),
        new("US", "XF", Levy.Departure, 4.50m, "USD"),
        new("US", "YC", Levy.InternationalArrival, 7.39m, "USD", PaidBy.Everyone),
        new("US", "XY", Levy.InternationalArrival, 7.30m, "USD", PaidBy.Everyone),
        new("US", "XA", Levy.InternationalArrival, 3.84m, "USD", PaidBy.Everyone),

        // Security charge; airport improvement fee; goods and services tax.
        new("CA", "CA", Levy.DomesticDeparture, 9.94m, "CAD"),
        new("CA", "CA", Levy.InternationalDeparture, 34.42m, "CAD"),
        new("CA", "SQ", Levy.Departure, 35m, "CAD"),
        new("CA", "XG", Levy.DomesticDeparture, 5m, "%"),

        new("MX", "XD", Levy.DomesticDeparture, 560m, "MXN"),
        new("MX", "XD", Levy.InternationalDeparture, 980m, "MXN"),
        new("MX", "MX", Levy.DomesticDeparture, 16m, "%"),
        new("MX", "UK", Levy.InternationalArrival, 860m, "MXN"),

        new("BR", "BR", Levy.DomesticDeparture, 42m, "BRL"),
        new("BR", "BR", Levy.InternationalDeparture, 148m, "BRL"),

        // Departure charge; aviation safety; security.
        new("ES", "JD", Levy.Departure, 19.60m, "EUR"),
        new("ES", "OG", Levy.Departure, 0.65m, "EUR"),
        new("ES", "QV", Levy.Departure, 3.70m, "EUR"),

        // Embarkation; municipal surcharge; security.
        new("IT", "IT", Levy.Departure, 16.90m, "EUR"),
        new("IT", "HB", Levy.Departure, 7.50m, "EUR"),
        new("IT", "VT", Levy.Departure, 2.80m, "EUR"),

        // Air passenger tax; passenger service charge; security service charge.
        new("NL", "VV", Levy.Departure, 30.25m, "EUR"),
        new("NL", "RN", Levy.Departure, 24.10m, "EUR"),
        new("NL", "CJ", Levy.Departure, 17.40m, "EUR"),

        new("CH", "CH", Levy.Departure, 36m, "CHF"),
        new("AT", "QD", Levy.Departure, 12m, "EUR"),
        new("AT", "ZY", Levy.Departure, 20.80m, "EUR"),
        new("AT", "AT", Levy.Departure, 9.30m, "EUR"),
        new("PT", "YP", Levy.Departure, 17.20m, "EUR"),
        new("PT", "PT", Levy.Departure, 6.10m, "EUR"),
        new("DK", "ZO", Levy.Departure, 148m, "DKK"),
        new("TR", "TR", Levy.DomesticDeparture, 5m, "EUR"),
        new("TR", "TR", Levy.InternationalDeparture, 25m, "EUR"),

        // Passenger service charge; safety and security; facilities.
        new("AE", "AE", Levy.Departure, 75m, "AED"),
        new("AE", "F6", Levy.Departure, 40m, "AED"),
        new("AE", "TP", Levy.Departure, 10m, "AED"),
        new("QA", "G4", Levy.InternationalDeparture, 60m, "QAR"),
        new("QA", "PZ", Levy.InternationalDeparture, 10m, "QAR"),

        // User development fee; aviation security fee; goods and services tax.
        new("IN", "IN", Levy.DomesticDeparture, 380m, "INR"),
        new("IN", "IN", Levy.InternationalDeparture, 980m, "INR"),
        new("IN", "P2", Levy.DomesticDeparture, 236m, "INR"),
        new("IN", "P2", Levy.InternationalDeparture, 600m, "INR"),
        new("IN", "K3", Levy.Departure, 5m, "%"),

        // Passenger service and security; aviation levy.
        new("SG", "SG", Levy.Departure, 46.40m, "SGD"),
        new("SG", "OO", Levy.Departure, 10.80m, "SGD"),
        new("SG", "OP", Levy.Departure, 8m, "SGD"),

        // Passenger service charge (domestic AX, international JC); security; value added tax.
        new("VN", "AX", Levy.DomesticDeparture, 99_000m, "VND"),
        new("VN", "JC", Levy.InternationalDeparture, 25m, "USD"),
        new("VN", "C4", Levy.DomesticDeparture, 20_000m, "VND"),
        new("VN", "C4", Levy.InternationalDeparture, 2m, "USD"),
        new("VN", "UE", Levy.DomesticDeparture, 8m, "%"),

        new("TH", "TS", Levy.DomesticDeparture, 130m, "THB"),
        new("TH", "TS", Levy.InternationalDeparture, 1_120m, "THB"),
        new("TH", "E7", Levy.InternationalBoth, 35m, "THB"),
        new("MY", "MY", Levy.DomesticDeparture, 11m, "MYR"),
        new("MY", "MY", Levy.InternationalDeparture, 73m, "MYR"),
        new("HK", "HK", Levy.InternationalDeparture, 200m, "HKD"),
        new("HK", "G3", Levy.InternationalDeparture, 90m, "HKD"),
        new("HK", "I5", Levy.InternationalDeparture, 65m, "HKD"),
        new("CN", "CN", Levy.DomesticDeparture, 50m, "CNY"),
        new("CN", "CN", Levy.InternationalDeparture, 90m, "CNY"),
        new("TW", "TW", Levy.InternationalDeparture, 500m, "TWD"),
        new("KR", "BP", Levy.DomesticDeparture, 4_000m, "KRW"),
        new("KR", "BP", Levy.InternationalDeparture, 28_000m, "KRW"),

        // Passenger facility and security; international tourist tax.
        new("JP", "SW", Levy.DomesticDeparture, 450m, "JPY"),
        new("JP", "SW", Levy.InternationalDeparture, 2_460m, "JPY"),
        new("JP", "OI", Levy.InternationalDeparture, 700m, "JPY"),
        new("JP", "TK", Levy.InternationalDeparture, 1_000m, "JPY"),

        // Passenger movement charge; passenger services; domestic passenger services.
        new("AU", "AU", Levy.InternationalDeparture, 70m, "AUD"),
        new("AU", "WY", Levy.InternationalBoth, 28m, "AUD"),
        new("AU", "QR", Levy.DomesticDeparture, 17.50m, "AUD"),
        new("NZ", "NZ", Levy.InternationalDeparture, 27m, "NZD"),
        new("ZA", "ZA", Levy.DomesticDeparture, 160m, "ZAR"),
        new("ZA", "ZA", Levy.InternationalDeparture, 420m, "ZAR"),
        new("ZA", "EV", Levy.Departure, 32m, "ZAR"),
    }.ToLookup(tax => tax.Country);

    /// <summary>What this flight owes: to the country it leaves and, across a border, to the one it arrives in.</summary>
    public static IEnumerable<Tax> Of(string fromCountry, string toCountry, double kilometres)
    {
        var domestic = fromCountry == toCountry;
        var left = For(fromCountry, domestic ? Levy.DomesticDeparture : Levy.InternationalDeparture);
        return (domestic ? left : left.Concat(For(toCountry, Levy.InternationalArrival)))
            .Where(tax => kilometres >= tax.FromKilometres && kilometres < tax.BelowKilometres);
    }

    // XT is what tickets print for taxes not named one by one.
    private static IEnumerable<Tax> For(string country, Levy levy) => ByCountry.Contains(country)
        ? ByCountry[country].Where(tax => tax.On.HasFlag(levy))
        : new Tax[] { new(country, "XT", Levy.DomesticDeparture, 6m, "USD"), new(country, "XT", Levy.InternationalDeparture, 22m, "USD") }
            .Where(tax => tax.On.HasFlag(levy));
}
