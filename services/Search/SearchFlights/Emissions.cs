using Aerona.Contracts;
using Aerona.Search.Timetables;

namespace Aerona.Search.SearchFlights;

/// <summary>
/// Carbon dioxide of one passenger on one flight, by a method of our own: the fuel of the aircraft type over the great circle, lengthened as ICAO's calculator does,
/// shared among the seats that are usually taken, by the room that the cabin gives. No measurement, and no radiative forcing.
/// </summary>
internal static class Emissions
{
    /// <summary>Named in every answer; another way of counting is another name.</summary>
    public const string Method = "aerona-distance-1";

    /// <summary>Kilograms of carbon dioxide from a kilogram of kerosene.</summary>
    private const double PerFuel = 3.16;

    /// <summary>Seats taken, and the part of the fuel that is not for cargo.</summary>
    private const double Taken = 0.82, ForPassengers = 0.92;

    /// <summary>Fuel in kilograms: for taxi, take-off and climb, then for each kilometre. Rounded from public figures of the types.</summary>
    private static readonly Dictionary<string, (double Start, double PerKilometre)> Burn = new()
    {
        ["AT7"] = (200, 1.5),
        ["DH4"] = (250, 1.9),
        ["ER4"] = (350, 1.7),
        ["CR9"] = (450, 2.2),
        ["E75"] = (450, 2.2),
        ["E90"] = (550, 2.5),
        ["295"] = (500, 2.2),
        ["223"] = (550, 2.1),
        ["319"] = (700, 2.6),
        ["320"] = (780, 2.7),
        ["321"] = (900, 3.1),
        ["32N"] = (650, 2.3),
        ["32Q"] = (750, 2.6),
        ["738"] = (780, 2.8),
        ["739"] = (820, 3.0),
        ["7M8"] = (680, 2.4),
        ["752"] = (1_100, 3.8),
        ["332"] = (1_900, 5.8),
        ["333"] = (2_000, 6.1),
        ["339"] = (1_800, 5.4),
        ["359"] = (1_800, 5.6),
        ["351"] = (2_100, 6.5),
        ["388"] = (3_500, 12.5),
        ["763"] = (1_600, 5.0),
        ["772"] = (2_200, 7.2),
        ["77W"] = (2_600, 8.0),
        ["788"] = (1_600, 4.7),
        ["789"] = (1_700, 5.2),
        ["781"] = (1_800, 5.6),
    };

    /// <summary>Kilograms of fuel of a seat and kilometre where the type is not known.</summary>
    private const double PerSeat = 0.021;

    /// <summary>Whole kilograms.</summary>
    public static int Kilograms(DatedFlight flight, double kilometres, Cabin cabin)
    {
        var flown = kilometres + (kilometres < 550 ? 50 : kilometres < 5_500 ? 100 : 125);
        var code = Names.Of(flight.Aircraft);
        var room = Room(cabin);
        double shared;
        if (Burn.TryGetValue(code, out var burn) && Reference.AircraftTypes.Find(code) is { } type)
        {
            var seats = (type.Economy * Room(Cabin.Economy)) + (type.PremiumEconomy * Room(Cabin.PremiumEconomy)) + (type.Business * Room(Cabin.Business)) + (type.First * Room(Cabin.First));
            shared = (burn.Start + (burn.PerKilometre * flown)) / (seats * Taken);
        }
        else
        {
            shared = PerSeat * flown / Taken;
        }

        return (int)Math.Round(shared * room * ForPassengers * PerFuel);
    }

    /// <summary>Floor that a seat takes beside one in economy.</summary>
    private static double Room(Cabin cabin) => cabin switch { Cabin.Economy => 1, Cabin.PremiumEconomy => 1.5, Cabin.Business => 2.6, _ => 4 };
}
