using Aerona.Contracts;
using Aerona.Operations.World;
using Aerona.Reference;

namespace Aerona.Operations.Imports;

/// <summary>What the on-time file does not say, derived from what it does; docs/import.md describes it.</summary>
internal static class OnTimeRules
{
    private const long Seed = 0x2001_0301;

    private const int HighestNumber = 9_999;

    private static readonly string[] Airlines = ["AA", "AS", "B6", "DL", "F9", "NK", "UA", "WN"];

    /// <summary>Three airlines fly each pair of airports, the same both ways; the minute of departure says which.</summary>
    public static string Carrier(OnTimeRow row)
    {
        var pair = string.CompareOrdinal(row.Origin.Code, row.Destination.Code) < 0 ? row.Origin.Code + row.Destination.Code : row.Destination.Code + row.Origin.Code;
        return Dice.Pick(Airlines, Seed, pair, row.Departs.Minute % 3);
    }

    /// <summary>The flight of a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="carrier"><see cref="Carrier"/>.</param>
    /// <param name="number">Free on that day.</param>
    /// <param name="shift">Days to move it.</param>
    /// <param name="importId">The import.</param>
    public static DatedFlight Flight(OnTimeRow row, string carrier, int number, int shift, Guid importId)
    {
        var departs = row.Departs.AddDays(shift);
        var name = row.Origin.Code + row.Destination.Code;
        var minute = row.Departs.Hour * 60 + row.Departs.Minute;
        var aircraft = Fleets.For(carrier, row.Kilometres, roundTrips: 1, Dice.Roll(Seed, name, minute));
        var rush = row.Departs.Hour is >= 7 and <= 9 or >= 16 and <= 19 ? 1.08 : 0.96;
        return DatedFlight.New(
            new FlightDesignator(carrier, number), row.Origin, row.Destination, departs, FlightRules.BlockTime(row.Kilometres), aircraft,
            FlightRules.Cabins(
                aircraft, row.Kilometres, FlightRules.Currency(row.Origin, row.Destination), rush * Dice.Between(0.8, 1.3, Seed, name, departs.DayOfYear, minute)),
            importId);
    }

    /// <summary>The next number of an airline on a day, from <see cref="SeedSchedule.NumbersBelow"/> on; null when all are taken.</summary>
    /// <param name="highest">The highest taken on that day, or null.</param>
    public static int? NextNumber(int? highest) => highest is HighestNumber ? null : Math.Max(SeedSchedule.NumbersBelow, (highest ?? 0) + 1);
}
