using Aerona.Contracts;

namespace Aerona.Search.Timetables;

/// <summary>One number for all of a flight that a search can show; the same in every process.</summary>
internal static class FlightDigest
{
    /// <summary>Nine seats are as many as more: a search shows and asks for no more.</summary>
    private const byte MostSeats = 9;

    public static ulong Of(DatedFlight flight)
    {
        var digest = Mix((ulong)flight.Key, ((ulong)(uint)flight.DepartsAt << 32) | (uint)flight.ArrivesAt);
        digest = Mix(digest, ((ulong)(ushort)flight.From << 48) | ((ulong)(ushort)flight.To << 32) | ((ulong)(ushort)flight.DepartureOffset << 16) | (ushort)flight.ArrivalOffset);
        digest = Mix(Mix(Mix(Mix(digest, flight.Operator), Names.Of(flight.Aircraft)), Names.Of(flight.Currency)), Names.Of(flight.Supplier));
        for (var cabin = 0; cabin < PerCabin<long>.Count; cabin++)
        {
            digest = Mix(digest, (ulong)flight.Fares[cabin]);
            digest = Mix(digest, Math.Min(flight.Seats[cabin], MostSeats));
        }

        return digest;
    }

    public static ulong Mix(ulong digest, ulong value)
    {
        digest = (digest ^ value) * 0x9E3779B97F4A7C15UL;
        return digest ^ (digest >> 29);
    }

    private static ulong Mix(ulong digest, string text)
    {
        foreach (var letter in text)
        {
            digest = Mix(digest, letter);
        }

        return Mix(digest, (ulong)text.Length);
    }
}

/// <summary>A number for each local day of departure on a route: the sum of its flights' digests, 0 where there is none. One writer, any number of readers.</summary>
internal sealed class RouteDigests
{
    private Days days = new(0, []);

    public ulong this[int day] => Volatile.Read(ref days) is var known && (uint)(day - known.First) < (uint)known.Sums.Length ? Volatile.Read(ref known.Sums[day - known.First]) : 0;

    public void Come(DatedFlight flight) => Add(flight, FlightDigest.Of(flight));

    public void Go(DatedFlight flight) => Add(flight, unchecked(0 - FlightDigest.Of(flight)));

    private void Add(DatedFlight flight, ulong digest)
    {
        var day = Clock.DayOf(flight.DepartsLocal).DayNumber;
        if ((uint)(day - days.First) >= (uint)days.Sums.Length)
        {
            var first = days.Sums.Length == 0 ? day : Math.Min(day, days.First);
            var sums = new ulong[Math.Max(day, days.First + days.Sums.Length - 1) - first + 1];
            days.Sums.CopyTo(sums, days.Sums.Length == 0 ? 0 : days.First - first);
            Volatile.Write(ref days, new(first, sums));
        }

        ref var sum = ref days.Sums[day - days.First];
        Volatile.Write(ref sum, unchecked(sum + digest));
    }

    private sealed record Days(int First, ulong[] Sums);
}
