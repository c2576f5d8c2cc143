using System.Globalization;
using Aerona.Reference;

namespace Aerona.Sandbox.Zz;

/// <summary>A dated flight of ZZ.</summary>
internal sealed record ZzFlight(int Number, Airport Origin, Airport Destination, DateTime DepartsLocal, DateTimeOffset DepartsAt, DateTime ArrivesLocal, DateTimeOffset ArrivesAt, string Aircraft)
{
    /// <summary><c>ZZ101-20261205</c>.</summary>
    public string Id => string.Create(CultureInfo.InvariantCulture, $"ZZ{Number}-{DepartsLocal:yyyyMMdd}");

    public double Kilometres => Airports.KilometresBetween(Origin, Destination);
}

/// <summary>
/// ZZ's network: between any two of its airports three flights a day, the same every day. A flight number belongs to one route.
/// </summary>
internal static class ZzSchedule
{
    public const string Hub = "LHR";
    private const string OtherHub = "LGW";

    private static readonly string[] Network =
    [
        "LHR", "LGW", "LTN", "STN", "EDI", "DUB", "CDG", "NCE", "LYS", "MRS", "AMS", "BRU", "FRA", "MUC", "BER", "HAM", "ZRH", "VIE", "PRG", "WAW", "KRK", "CPH", "OSL",
        "ARN", "HEL", "MAD", "BCN", "LIS", "FCO", "MXP", "ATH", "IST", "JFK", "EWR", "BOS", "PVD", "ORD", "SFO", "LAX", "YYZ", "DXB", "DOH", "SIN", "BKK", "HKG", "NRT", "SGN", "HAN",
    ];

    private static readonly TimeOnly[] Departures = [new(7, 5), new(12, 40), new(18, 20)];

    /// <summary>The direct flights of a route and local day; none where ZZ does not fly.</summary>
    public static IReadOnlyList<ZzFlight> Direct(string origin, string destination, DateOnly day)
    {
        var (from, to) = (Array.IndexOf(Network, origin), Array.IndexOf(Network, destination));
        return from < 0 || to < 0 || from == to
            ? []
            : [.. Departures.Select((at, index) => Make(101 + (((from * Network.Length) + to) * Departures.Length) + index, origin, destination, day.ToDateTime(at)))];
    }

    /// <summary>Connections over the hub, the next flight out of it; with <paramref name="changingAirports"/> on from London's other airport.</summary>
    public static IReadOnlyList<IReadOnlyList<ZzFlight>> Connecting(string origin, string destination, DateOnly day, bool changingAirports)
    {
        var onFrom = changingAirports ? OtherHub : Hub;
        var least = TimeSpan.FromMinutes(changingAirports ? 180 : 75);
        if (origin is Hub || destination is Hub || origin == onFrom || destination == onFrom)
        {
            return [];
        }

        return
        [
            .. Direct(origin, Hub, day).Select(first => (First: first, Second: Direct(onFrom, destination, day).Concat(Direct(onFrom, destination, day.AddDays(1)))
                    .FirstOrDefault(second => second.DepartsAt >= first.ArrivesAt + least)))
                .Where(pair => pair.Second is not null).Select(pair => (IReadOnlyList<ZzFlight>)[pair.First, pair.Second!]),
        ];
    }

    private static ZzFlight Make(int number, string from, string to, DateTime local)
    {
        var (origin, destination) = (Airports.Find(from)!, Airports.Find(to)!);
        var departsLocal = WallClock.Moments(local, origin.TimeZone).Count > 0 ? local : local + WallClock.PutForward(local, origin.TimeZone);
        var departsAt = WallClock.Moments(departsLocal, origin.TimeZone)[0];
        var kilometres = Airports.KilometresBetween(origin, destination);
        var arrivesAt = departsAt.AddMinutes(40 + (5 * Math.Round(kilometres / 840 * 60 / 5)));
        var arrivesLocal = TimeZoneInfo.ConvertTime(arrivesAt, destination.TimeZone).DateTime;
        return new(number, origin, destination, departsLocal, departsAt, arrivesLocal, arrivesAt, kilometres > 4500 ? "359" : "320");
    }
}
