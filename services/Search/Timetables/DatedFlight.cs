using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using Aerona.Contracts;
using Aerona.Contracts.Operations;
using Aerona.Reference;

namespace Aerona.Search.Timetables;

/// <summary>A value for each <see cref="Cabin"/>.</summary>
[InlineArray(Count)]
internal struct PerCabin<T>
{
    public const int Count = 4;

    private T first;
}

/// <summary>
/// A dated flight in some 90 bytes without a reference, never changed: a change is another one in its place, so whoever reads the timetable needs no lock.
/// Times are whole minutes since <see cref="Clock.Epoch"/>.
/// </summary>
internal sealed class DatedFlight
{
    public const long NotSold = -1;

    /// <summary>Carrier, number, suffix and day in one number; <see cref="FlightId"/> is made of it.</summary>
    public required long Key { get; init; }

    /// <summary>UTC.</summary>
    public required int DepartsAt { get; init; }

    /// <summary>UTC.</summary>
    public required int ArrivesAt { get; init; }

    /// <summary>Index in <see cref="Stations"/>.</summary>
    public required short From { get; init; }

    /// <summary>Index in <see cref="Stations"/>.</summary>
    public required short To { get; init; }

    /// <summary>Minutes that the clock at the origin is ahead of UTC.</summary>
    public required short DepartureOffset { get; init; }

    /// <summary>Minutes that the clock at the destination is ahead of UTC.</summary>
    public required short ArrivalOffset { get; init; }

    /// <summary>Two letters in one number.</summary>
    public required ushort Operator { get; init; }

    /// <summary>Index in <see cref="Names"/>.</summary>
    public required ushort Aircraft { get; init; }

    /// <summary>Index in <see cref="Names"/>.</summary>
    public required ushort Currency { get; init; }

    /// <summary>Index in <see cref="Names"/>; 0: the house airline sells it.</summary>
    public required ushort Supplier { get; init; }

    /// <summary>Base fare of an adult in minor units; of an outside supplier all that is paid; <see cref="NotSold"/> where the cabin is not sold.</summary>
    public required PerCabin<long> Fares { get; init; }

    /// <summary>What can still be sold, at most 255.</summary>
    public required PerCabin<byte> Seats { get; init; }

    /// <summary>Marketing carrier, two letters in one number.</summary>
    public ushort Carrier => (ushort)(Key >> 41);

    public int Minutes => ArrivesAt - DepartsAt;

    /// <summary>Wall clock at the origin.</summary>
    public int DepartsLocal => DepartsAt + DepartureOffset;

    /// <summary>Wall clock at the destination.</summary>
    public int ArrivesLocal => ArrivesAt + ArrivalOffset;

    public FlightDesignator Designator => new(
        Letters(Carrier), (int)(Key >> 27) & 0x3FFF, ((Key >> 22) & 0x1F) is var suffix and > 0 ? (char)('A' + suffix - 1) : null);

    public string FlightId => Designator.OnDate(DateOnly.FromDayNumber((int)(Key & 0x3FFFFF)));

    public Money Fare(Cabin cabin) => new(Fares[(int)cabin], Names.Of(Currency));

    /// <summary>Whether so many can sit in some cabin.</summary>
    public bool IsSoldTo(int seats, int cabins)
    {
        for (var cabin = 0; cabin < PerCabin<long>.Count; cabin++)
        {
            if ((cabins & (1 << cabin)) != 0 && Fares[cabin] >= 0 && Seats[cabin] >= seats)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Null when one of its airports is not known here: it cannot be searched.</summary>
    /// <param name="flight">As published; without cabins it stays, and is not sold.</param>
    /// <param name="left">Seats left where that is known; elsewhere all authorised ones are.</param>
    public static DatedFlight? Of(PublishedFlight flight, IReadOnlyDictionary<Cabin, int> left)
    {
        if (!Stations.TryFind(flight.Origin, out var from) || !Stations.TryFind(flight.Destination, out var to))
        {
            return null;
        }

        var (fares, seats) = (default(PerCabin<long>), default(PerCabin<byte>));
        ((Span<long>)fares).Fill(NotSold);
        foreach (var cabin in flight.Cabins)
        {
            fares[(int)cabin.Cabin] = cabin.Fare.MinorUnits;
            seats[(int)cabin.Cabin] = (byte)Math.Clamp(left.TryGetValue(cabin.Cabin, out var known) ? known : cabin.Authorised, 0, byte.MaxValue);
        }

        var (departs, arrives) = (Clock.Minute(flight.DepartsAt), Clock.Minute(flight.ArrivesAt));
        return new()
        {
            Key = KeyOf(flight.FlightId, flight.Flight),
            DepartsAt = departs,
            ArrivesAt = arrives,
            From = from,
            To = to,
            DepartureOffset = (short)(Clock.Minute(flight.DepartsLocal) - departs),
            ArrivalOffset = (short)(Clock.Minute(flight.ArrivesLocal) - arrives),
            Operator = Packed(flight.OperatingCarrier),
            Aircraft = Names.Index(flight.Aircraft),
            Currency = Names.Index(flight.Cabins.Count > 0 ? flight.Cabins[0].Fare.Currency : ""),
            Supplier = Names.Index(flight.Supplier ?? ""),
            Fares = fares,
            Seats = seats,
        };
    }

    public static ushort Packed(string letters) => (ushort)((letters[0] << 8) | letters[1]);

    public static string Letters(ushort packed) => string.Create(2, packed, (text, both) => (text[0], text[1]) = ((char)(both >> 8), (char)(both & 0xFF)));

    private static long KeyOf(string flightId, FlightDesignator flight)
    {
        var day = DateOnly.ParseExact(flightId.AsSpan(flightId.Length - 8), "yyyyMMdd", CultureInfo.InvariantCulture).DayNumber;
        return ((long)Packed(flight.Carrier) << 41) | ((long)flight.Number << 27) | ((flight.Suffix is { } suffix ? suffix - 'A' + 1L : 0L) << 22) | (uint)day;
    }
}

/// <summary>Minutes as the timetable counts them.</summary>
internal static class Clock
{
    public const int Day = 24 * 60;

    public static readonly DateTime Epoch = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Unspecified);

    private static readonly int EpochDay = DateOnly.FromDateTime(Epoch).DayNumber;

    public static int Minute(DateTimeOffset at) => Minute(at.UtcDateTime);

    public static int Minute(DateTime wall) => (int)((wall.Ticks - Epoch.Ticks) / TimeSpan.TicksPerMinute);

    public static int Midnight(DateOnly day) => (day.DayNumber - EpochDay) * Day;

    public static DateOnly DayOf(int minute) => DateOnly.FromDayNumber(Math.DivRem(minute, Day).Quotient + EpochDay);

    public static DateTime Wall(int minute) => Epoch.AddMinutes(minute);

    public static DateTimeOffset Utc(int minute) => new(Epoch.AddMinutes(minute), TimeSpan.Zero);
}

/// <summary>Airports by a small number, in the order of their codes.</summary>
internal static class Stations
{
    public static readonly Airport[] All = [.. Airports.All.Values.OrderBy(airport => airport.Code, StringComparer.Ordinal)];

    private static readonly Dictionary<string, short> ByCode = All.Select((airport, index) => (airport.Code, index)).ToDictionary(one => one.Code, one => (short)one.index);

    /// <summary>For every airport those of its city, itself first.</summary>
    public static readonly short[][] SameCity =
        [.. All.Select((airport, index) => (short[])[(short)index, .. Airports.Named(airport.CityCode).Select(other => ByCode[other.Code]).Where(other => other != index)])];

    public static bool TryFind(string code, out short index) => ByCode.TryGetValue(code, out index);

    public static short Index(Airport airport) => ByCode[airport.Code];
}

/// <summary>Texts that many flights share, by a small number.</summary>
internal static class Names
{
    private static readonly ConcurrentDictionary<string, ushort> Indexes = new() { [""] = 0 };

    private static readonly Lock Adding = new();

    private static volatile string[] all = [""];

    public static string Of(ushort index) => all[index];

    public static ushort Index(string name)
    {
        if (Indexes.TryGetValue(name, out var index))
        {
            return index;
        }

        lock (Adding)
        {
            if (!Indexes.TryGetValue(name, out index))
            {
                index = checked((ushort)all.Length);
                all = [.. all, name];
                Indexes[name] = index;
            }

            return index;
        }
    }
}
