using System.Collections.Frozen;

namespace Aerona.Reference;

/// <summary>An aircraft type with a usual cabin lay-out.</summary>
/// <param name="Code">IATA type code, three characters.</param>
/// <param name="Name">Maker and model.</param>
/// <param name="First">Seats in first class; 0 where there is none.</param>
/// <param name="Business">Seats in business class.</param>
/// <param name="PremiumEconomy">Seats in premium economy.</param>
/// <param name="Economy">Seats in economy.</param>
/// <param name="LapInfants">Most lap infants on board (oxygen masks and vests).</param>
/// <param name="RangeKilometres">Longest stage it is planned on.</param>
public sealed record AircraftType(string Code, string Name, int First, int Business, int PremiumEconomy, int Economy, int LapInfants, int RangeKilometres);

/// <summary>Aircraft types by code.</summary>
public static class AircraftTypes
{
    private static readonly AircraftType[] Rows =
    [
        // Turboprops and regional jets
        new("AT7", "ATR 72", 0, 0, 0, 70, 7, 1_100),
        new("DH4", "De Havilland Canada Dash 8-400", 0, 0, 0, 76, 8, 1_600),
        new("ER4", "Embraer 145", 0, 0, 0, 50, 5, 2_000),
        new("CR9", "Bombardier CRJ900", 0, 12, 0, 64, 8, 2_200),
        new("E75", "Embraer 175", 0, 12, 0, 64, 8, 2_800),
        new("E90", "Embraer 190", 0, 8, 0, 92, 10, 3_400),
        new("295", "Embraer 195-E2", 0, 12, 0, 120, 12, 4_000),

        // Narrow bodies
        new("223", "Airbus A220-300", 0, 12, 0, 125, 13, 5_200),
        new("319", "Airbus A319", 0, 12, 0, 120, 13, 5_000),
        new("320", "Airbus A320", 0, 12, 0, 150, 15, 4_800),
        new("321", "Airbus A321", 0, 16, 0, 178, 18, 4_600),
        new("32N", "Airbus A320neo", 0, 8, 0, 168, 16, 5_600),
        new("32Q", "Airbus A321neo", 0, 16, 0, 187, 20, 6_200),
        new("738", "Boeing 737-800", 0, 16, 0, 150, 16, 5_000),
        new("739", "Boeing 737-900", 0, 20, 0, 159, 18, 4_800),
        new("7M8", "Boeing 737 MAX 8", 0, 16, 0, 156, 17, 5_800),
        new("752", "Boeing 757-200", 0, 20, 0, 156, 18, 6_200),

        // Wide bodies
        new("332", "Airbus A330-200", 0, 24, 21, 189, 22, 12_300),
        new("333", "Airbus A330-300", 0, 30, 21, 225, 25, 10_500),
        new("339", "Airbus A330-900", 0, 29, 28, 224, 25, 12_500),
        new("359", "Airbus A350-900", 0, 40, 24, 236, 27, 14_800),
        new("351", "Airbus A350-1000", 0, 46, 56, 232, 30, 15_500),
        new("388", "Airbus A380-800", 14, 76, 44, 338, 40, 14_500),
        new("763", "Boeing 767-300", 0, 30, 0, 185, 20, 10_000),
        new("772", "Boeing 777-200", 0, 37, 24, 215, 26, 13_500),
        new("77W", "Boeing 777-300ER", 8, 52, 40, 216, 30, 13_600),
        new("788", "Boeing 787-8", 0, 28, 21, 185, 22, 13_000),
        new("789", "Boeing 787-9", 0, 30, 21, 239, 27, 14_600),
        new("781", "Boeing 787-10", 0, 36, 24, 258, 29, 11_500),
    ];

    private static readonly FrozenDictionary<string, AircraftType> ByCode = Rows.ToFrozenDictionary(type => type.Code);

    /// <summary>All known types, by code.</summary>
    public static IReadOnlyDictionary<string, AircraftType> All => ByCode;

    /// <summary>The type of a code, or null when it is not known.</summary>
    public static AircraftType? Find(string code) => ByCode.GetValueOrDefault(code);
}
