using Aerona.Contracts;
using Aerona.Reference;

namespace Aerona.Pricing;

/// <summary>What the house airline takes for choosing a seat. A table: the first row that fits decides, and where none does the seat costs nothing.</summary>
public static class SeatTariff
{
    /// <summary>How many rows of a cabin count as its front.</summary>
    private const int FrontRows = 4;

    private static readonly (Cabin Cabin, Func<CabinMap, Seat, bool> Fits, decimal Dollars)[] Rows =
    [
        (Cabin.Economy, Has(SeatCharacteristic.ExitRow), 45m),
        (Cabin.Economy, Has(SeatCharacteristic.ExtraLegroom), 39m),
        (Cabin.Economy, static (map, seat) => map.Rows().Take(FrontRows).Contains(seat.Row), 19m),
        (Cabin.PremiumEconomy, Has(SeatCharacteristic.ExitRow), 32m),
        (Cabin.PremiumEconomy, Has(SeatCharacteristic.ExtraLegroom), 32m),
    ];

    /// <summary>Part of the price by great-circle distance: up to so many kilometres, so much.</summary>
    private static readonly (double UpTo, decimal Part)[] Distances = [(1_500, 0.6m), (4_500, 1m), (double.MaxValue, 1.6m)];

    /// <summary>The price for one passenger and flight; zero: nothing. Business and first class have every seat in their fare.</summary>
    /// <param name="map">The seat's cabin.</param>
    /// <param name="seat">One of it.</param>
    /// <param name="origin">IATA airport.</param>
    /// <param name="destination">IATA airport.</param>
    /// <param name="currency">The fare's, which the price has too.</param>
    /// <exception cref="ArgumentException">An airport is unknown, or the tariff has no rate for the currency.</exception>
    public static Money Price(CabinMap map, Seat seat, string origin, string destination, string currency)
    {
        var dollars = Rows.FirstOrDefault(row => row.Cabin == map.Cabin && row.Fits(map, seat)).Dollars;
        if (dollars == 0)
        {
            return Money.Zero(currency);
        }

        var kilometres = Airports.KilometresBetween(HouseTariff.Known(origin), HouseTariff.Known(destination));
        return Exchange.FromDollars(dollars * Distances.First(band => kilometres <= band.UpTo).Part, currency);
    }

    private static Func<CabinMap, Seat, bool> Has(SeatCharacteristic characteristic) => (_, seat) => seat.Characteristics.Contains(characteristic);
}
