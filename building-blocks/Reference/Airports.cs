using System.Collections.Frozen;

namespace Aerona.Reference;

/// <summary>A commercial airport.</summary>
/// <param name="Code">IATA location identifier, three capital letters.</param>
/// <param name="Name">Its name in English.</param>
/// <param name="City">The city it serves, in English.</param>
/// <param name="CityCode">IATA metropolitan code (LON for LHR, NYC for JFK); the airport's own code where IATA gives its city no other.</param>
/// <param name="Country">ISO 3166-1 alpha-2.</param>
/// <param name="Latitude">Degrees, north positive.</param>
/// <param name="Longitude">Degrees, east positive.</param>
/// <param name="Zone">IANA time zone.</param>
public sealed record Airport(string Code, string Name, string City, string CityCode, string Country, double Latitude, double Longitude, string Zone)
{
    /// <summary>The zone's rules as this machine knows them.</summary>
    public TimeZoneInfo TimeZone { get; } = TimeZoneInfo.FindSystemTimeZoneById(Zone);
}

/// <summary>Airports by code and by city.</summary>
public static class Airports
{
    private static readonly FrozenDictionary<string, Airport> ByCode = AirportTable.Rows.ToFrozenDictionary(airport => airport.Code);

    private static readonly FrozenDictionary<string, Airport[]> ByCity =
        AirportTable.Rows.GroupBy(airport => airport.CityCode).ToFrozenDictionary(city => city.Key, city => city.ToArray());

    /// <summary>All known airports, by code.</summary>
    public static IReadOnlyDictionary<string, Airport> All => ByCode;

    /// <summary>The airport of a code, or null when it is not known.</summary>
    public static Airport? Find(string code) => ByCode.GetValueOrDefault(code);

    /// <summary>
    /// The airports meant by an airport's or a city's code (LON → LHR, LGW, …); empty when it is neither. A code that is both (DFW, BKK) means the city's.
    /// </summary>
    public static IReadOnlyList<Airport> Named(string airportOrCityCode) =>
        ByCity.GetValueOrDefault(airportOrCityCode) ?? (Find(airportOrCityCode) is { } airport ? [airport] : []);

    /// <summary>Great-circle distance in kilometres on a sphere of 6371 km.</summary>
    public static double KilometresBetween(Airport from, Airport to)
    {
        static double Radians(double degrees) => degrees * Math.PI / 180;
        var a = Math.Pow(Math.Sin(Radians(to.Latitude - from.Latitude) / 2), 2)
            + Math.Cos(Radians(from.Latitude)) * Math.Cos(Radians(to.Latitude)) * Math.Pow(Math.Sin(Radians(to.Longitude - from.Longitude) / 2), 2);
        return 2 * 6371 * Math.Asin(Math.Min(1, Math.Sqrt(a)));
    }
}
