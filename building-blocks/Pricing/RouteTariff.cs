using Aerona.Contracts;
using Aerona.Reference;

namespace Aerona.Pricing;

/// <summary>
/// The house tariff of one route, currency and type of passenger, worked out once: thousands of journeys a search are priced by it. Its totals are the sums of
/// <see cref="HouseTariff.Lines"/>, to the last minor unit.
/// </summary>
public sealed class RouteTariff
{
    private const int PerCent = 100;

    /// <summary>Percentages have at most three decimals.</summary>
    private const int Thousandths = 1_000;

    private readonly int fareShare;

    private readonly long charge;

    private readonly long fixedTaxes;

    private readonly long[] percentages;

    private RouteTariff(int fareShare, long charge, long fixedTaxes, long[] percentages) =>
        (this.fareShare, this.charge, this.fixedTaxes, this.percentages) = (fareShare, charge, fixedTaxes, percentages);

    /// <summary>Works it out.</summary>
    /// <param name="origin">Where flights leave.</param>
    /// <param name="destination">Where they arrive.</param>
    /// <param name="currency">ISO 4217 of fares and totals.</param>
    /// <param name="type">Who pays.</param>
    /// <exception cref="ArgumentException">The tariff has no rate for the currency (<see cref="HouseTariff.SellsIn"/>).</exception>
    public static RouteTariff Of(Airport origin, Airport destination, string currency, PassengerType type)
    {
        var kilometres = Airports.KilometresBetween(origin, destination);
        var taxes = Taxes.Of(origin.Country, destination.Country, kilometres).Where(tax => tax.IsPaidBy(type)).ToList();
        return new(
            (int)(HouseTariff.PartOf(type) * PerCent), HouseTariff.Charge(type, kilometres, currency).MinorUnits,
            taxes.Where(tax => !tax.IsPercentage).Sum(tax => Exchange.Convert(tax.Amount, tax.Currency, currency).MinorUnits),
            [.. taxes.Where(tax => tax.IsPercentage).Select(tax => (long)(tax.Amount * Thousandths))]);
    }

    /// <summary>What is paid for one flight, in minor units.</summary>
    /// <param name="adultFare">Base fare of one adult in minor units, not negative.</param>
    public long Total(long adultFare)
    {
        var taxed = (((adultFare * fareShare) + (PerCent / 2)) / PerCent) + charge;
        var total = taxed + fixedTaxes;
        foreach (var percentage in percentages)
        {
            total += ((taxed * percentage) + (PerCent * Thousandths / 2)) / (PerCent * Thousandths);
        }

        return total;
    }
}
