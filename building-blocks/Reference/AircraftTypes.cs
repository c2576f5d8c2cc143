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
    /// <summary>All known types, by code.</summary>
    public static IReadOnlyDictionary<string, AircraftType> All { get; } = new Dictionary<string, AircraftType>();

    /// <summary>The type of a code, or null when it is not known.</summary>
    public static AircraftType? Find(string code) => All.GetValueOrDefault(code);
}
