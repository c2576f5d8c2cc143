using Aerona.Reference;
using Aerona.Search.SearchFlights;
using Aerona.Search.Timetables;

namespace Aerona.Search.Caching;

/// <summary>
/// One number for all flights that the ways of a leg can be made of, by route and day: when none of them changes it stays, when one does it is another, in every
/// process that has the same flights. So what was found for it is never wrong, wherever it was found, and nobody has to tell anybody that it is.
/// May say more routes than the leg uses, never less.
/// </summary>
internal static class FlightStamp
{
    /// <summary>Days before and after the leg's own on which a later flight of it may leave, by its own local clock.</summary>
    private const int Before = 2, After = 4;

    /// <summary>Of several legs in their order.</summary>
    public static ulong Of(Timetable timetable, IEnumerable<Leg> legs)
    {
        var stamp = 0UL;
        foreach (var leg in legs)
        {
            stamp = FlightDigest.Mix(stamp, Of(timetable, leg));
        }

        return stamp;
    }

    // A sum: the order in which a process met the routes does not matter.
    private static ulong Of(Timetable timetable, Leg leg)
    {
        var (sum, day) = (0UL, leg.Day.DayNumber);
        foreach (var origin in leg.Origins)
        {
            foreach (var destination in leg.Destinations)
            {
                sum += timetable.Between(origin, destination) is { } route ? On(route, day, day) : 0;
            }
        }

        return leg.MaxStops == 0 ? sum : sum + Connecting(timetable, leg, day);
    }

    private static ulong Connecting(Timetable timetable, Leg leg, int day)
    {
        var (sum, stations) = (0UL, Stations.All.Length);
        var closed = new bool[stations];
        foreach (var end in leg.Origins.Concat(leg.Destinations))
        {
            foreach (var station in Stations.SameCity[end])
            {
                closed[station] = true;
            }
        }

        // Airports from where, or from another of the city, a flight goes to a destination.
        var isLast = new bool[stations];
        foreach (var destination in leg.Destinations)
        {
            foreach (var route in timetable.To(destination))
            {
                if (!closed[route.From])
                {
                    sum += On(route, day - Before, day + After);
                    Array.ForEach(Stations.SameCity[route.From], station => isLast[station] = true);
                }
            }
        }

        // Where one can change first; with two stops, on to where one can change again.
        var changes = new bool[stations];
        foreach (var origin in leg.Origins)
        {
            foreach (var first in timetable.From(origin))
            {
                if (!closed[first.To] && On(first, day, day) is not 0 and var digest && (leg.MaxStops > 1 || isLast[first.To]))
                {
                    sum += digest;
                    Array.ForEach(Stations.SameCity[first.To], station => changes[station] = true);
                }
            }
        }

        if (leg.MaxStops < 2)
        {
            return sum;
        }

        var longest = leg.Origins.Max(origin => leg.Destinations.Max(destination => LegSearch.LongestWay(Airports.KilometresBetween(Stations.All[origin], Stations.All[destination]))));
        for (short change = 0; change < stations; change++)
        {
            foreach (var middle in changes[change] ? timetable.From(change) : [])
            {
                if (isLast[middle.To] && !closed[middle.To] && middle.Kilometres <= longest)
                {
                    sum += On(middle, day - Before, day + After);
                }
            }
        }

        return sum;
    }

    /// <summary>A route without flights on those days is as none.</summary>
    private static ulong On(AirRoute route, int first, int last)
    {
        var sum = 0UL;
        for (var day = first; day <= last; day++)
        {
            if (route.Digests[day] is not 0 and var digest)
            {
                sum += FlightDigest.Mix(FlightDigest.Mix(digest, (ulong)((route.From << 16) | (ushort)route.To)), (ulong)day);
            }
        }

        return sum;
    }
}
