using System.Collections.Concurrent;
using Aerona.Contracts;
using Aerona.Reference;

namespace Aerona.Airlines.Seats;

/// <summary>
/// The usual cabins of an aircraft type, for flights of which no more than the type is known: as many seats as the type has, in the usual number abreast, exits
/// where they usually are. Rows go on from cabin to cabin.
/// </summary>
internal static class StandardCabins
{
    private const int WideBodySeats = 210;
    private const int SmallSeats = 110;

    private static readonly ConcurrentDictionary<string, IReadOnlyList<CabinMap>?> Known = [];

    /// <summary>Null when the type is not known.</summary>
    public static IReadOnlyList<CabinMap>? Of(string aircraft) =>
        Known.GetOrAdd(AircraftTypes.Find(aircraft) is { Code: var code } ? code : "", code => AircraftTypes.Find(code) is { } type ? Cabins(type) : null);

    private static List<CabinMap> Cabins(AircraftType type)
    {
        var seats = type.First + type.Business + type.PremiumEconomy + type.Economy;
        var isWide = seats > WideBodySeats || type.PremiumEconomy > 0;
        var maps = new List<CabinMap>();
        var row = 1;
        foreach (var (cabin, count) in new[] { (Cabin.First, type.First), (Cabin.Business, type.Business), (Cabin.PremiumEconomy, type.PremiumEconomy), (Cabin.Economy, type.Economy) })
        {
            if (count > 0)
            {
                var map = Map(cabin, row, count, Letters(cabin, isWide, seats));
                maps.Add(map);
                row = map.LastRow + 1;
            }
        }

        return maps;
    }

    private static string Letters(Cabin cabin, bool isWide, int seats) => (cabin, isWide) switch
    {
        (Cabin.First, _) => "A DG K",
        (Cabin.Business, true) => "AC DG HK",
        (Cabin.PremiumEconomy, _) => "AC DEG HK",
        (Cabin.Economy, true) => "ABC DEF HJK",
        (Cabin.Business, _) => seats <= SmallSeats ? "A DF" : "AC DF",
        _ => seats <= SmallSeats ? "AC DF" : "ABC DEF",
    };

    private static CabinMap Map(Cabin cabin, int firstRow, int seats, string letters)
    {
        var abreast = letters.Count(letter => letter != ' ');
        var rows = (seats + abreast - 1) / abreast;
        var lastRow = firstRow + rows - 1;

        // The last row is short where the seats do not fill it: from the right.
        var missing = letters.Where(letter => letter != ' ').Skip(abreast - ((rows * abreast) - seats)).Select(letter => $"{lastRow}{letter}").ToList();
        return new(cabin, firstRow, lastRow, letters, cabin == Cabin.Economy && rows > 3 ? [firstRow + (rows / 3)] : null, [firstRow], null, missing.Count == 0 ? null : missing);
    }
}
