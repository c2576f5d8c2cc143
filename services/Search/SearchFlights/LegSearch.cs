using System.Runtime.Intrinsics;
using Aerona.Contracts;
using Aerona.Pricing;
using Aerona.Reference;
using Aerona.Search.Connections;
using Aerona.Search.Timetables;

namespace Aerona.Search.SearchFlights;

/// <summary>One leg of a journey to be built from flights.</summary>
/// <param name="Origins">Indexes in <see cref="Stations"/>.</param>
/// <param name="Destinations">Likewise; none of them an origin's city.</param>
/// <param name="Day">Local date of departure at the origin.</param>
/// <param name="MaxStops">0 to 2.</param>
internal sealed record Leg(short[] Origins, short[] Destinations, DateOnly Day, int MaxStops);

/// <summary>A way to fly a leg: one flight, or two or three with connections. It belongs to a <see cref="Workspace"/> unless it is a <see cref="Copy"/>.</summary>
internal sealed class LegOption
{
    private PerCabin<long> prices;

    public DatedFlight First { get; private set; } = null!;

    public DatedFlight? Second { get; private set; }

    public DatedFlight? Third { get; private set; }

    /// <summary>What the party pays in each cabin in minor units of the search's currency; negative where it cannot sit there on every flight.</summary>
    public ref readonly PerCabin<long> Prices => ref prices;

    /// <summary>Minutes that the first change takes at least.</summary>
    public short FirstMinimum { get; private set; }

    /// <summary>Minutes that the second change takes at least.</summary>
    public short SecondMinimum { get; private set; }

    public int Stops => Third is not null ? 2 : Second is not null ? 1 : 0;

    public DatedFlight Last => Third ?? Second ?? First;

    public int DepartsAt => First.DepartsAt;

    /// <summary>UTC.</summary>
    public int ArrivesAt { get; private set; }

    public int Minutes => ArrivesAt - First.DepartsAt;

    /// <summary>Set by <see cref="Scores"/>: see <see cref="OptionScore.Total"/>.</summary>
    public long Total { get; set; }

    /// <summary>Set by <see cref="Scores"/>: see <see cref="OptionScore.Discomfort"/>.</summary>
    public long Discomfort { get; set; }

    /// <summary>Which filters it fails, a bit each.</summary>
    public Filter Failed { get; set; }

    /// <summary>The cheapest whole trip that it is part of, in minor units; <see cref="long.MaxValue"/> when it fits no trip.</summary>
    public long Through { get; set; }

    /// <summary>Whether another option that matches is as good in every way and better in one.</summary>
    public bool IsDominated { get; set; }

    /// <summary>Fills it in as if it were new.</summary>
    public LegOption Be(in PerCabin<long> all, DatedFlight first, DatedFlight? second = null, int firstMinimum = 0, DatedFlight? third = null, int secondMinimum = 0)
    {
        (prices, First, Second, Third) = (all, first, second, third);
        (FirstMinimum, SecondMinimum, ArrivesAt) = ((short)firstMinimum, (short)secondMinimum, Last.ArrivesAt);
        (Total, Discomfort, Failed, Through, IsDominated) = (0, 0, Filter.None, 0, false);
        return this;
    }

    /// <summary>The same, to be kept.</summary>
    public LegOption Copy() => (LegOption)MemberwiseClone();

    public DatedFlight this[int index] => index switch { 0 => First, 1 => Second!, _ => Third! };

    public int Flights => Stops + 1;

    /// <summary>A total order that says nothing but stays the same.</summary>
    public static int CompareIdentity(LegOption left, LegOption right)
    {
        var byDeparture = left.DepartsAt.CompareTo(right.DepartsAt);
        for (var flight = 0; byDeparture == 0 && flight < Math.Min(left.Flights, right.Flights); flight++)
        {
            byDeparture = left[flight].Key.CompareTo(right[flight].Key);
        }

        return byDeparture != 0 ? byDeparture : left.Flights.CompareTo(right.Flights);
    }
}

/// <summary>
/// Builds every way to fly a leg, exactly: which airports connect is decided on routes, then flights are joined by time. What is no journey by the rules below is
/// not built; nothing else is left out. Options live in the workspace.
/// </summary>
internal sealed class LegSearch(Timetable timetable, ConnectionRules rules, Prices prices, int now, Workspace space)
{
    /// <summary>All waits of a leg together; longer is a stopover, and a search of its own.</summary>
    public const int LongestLayover = Clock.Day;

    /// <summary>No leg takes longer from the first departure to the last arrival; see <see cref="LongestTime"/>.</summary>
    public const int LongestLeg = 2 * Clock.Day;

    /// <summary>Clocks on earth are at most 14 hours ahead of UTC and 12 behind.</summary>
    private const int MostAhead = 14 * 60, MostBehind = 12 * 60;

    /// <summary>In place of a price that nobody has looked at yet.</summary>
    private const long NotPriced = long.MinValue;

    private List<LegOption> options = [];

    private int midnight;

    /// <summary>How far a way may be flown in all for airports that far apart: the stated limit of detours.</summary>
    public static double LongestWay(double kilometres) => (2 * kilometres) + 1_500;

    /// <summary>Minutes that a way with connections may take for airports that far apart: twice a nonstop flight and a night.</summary>
    public static int LongestTime(double kilometres) => Math.Min(LongestLeg, (2 * (40 + (int)(kilometres / 13))) + (16 * 60));

    public List<LegOption> Find(Leg leg)
    {
        options = space.List();
        space.BeginLeg();
        midnight = Clock.Midnight(leg.Day);
        Direct(leg);
        if (leg.MaxStops > 0)
        {
            // Nobody connects in the cities of origin and destination.
            var closed = new bool[Stations.All.Length];
            foreach (var end in leg.Origins.Concat(leg.Destinations))
            {
                foreach (var station in Stations.SameCity[end])
                {
                    closed[station] = true;
                }
            }

            var last = new LastRoutes(leg, timetable);
            foreach (var origin in leg.Origins)
            {
                var limits = new Limits(origin, leg.Destinations);
                foreach (var first in timetable.From(origin))
                {
                    if (!closed[first.To] && DayOf(first))
                    {
                        Connect(leg, first, limits, closed, last);
                    }
                }
            }
        }

        return options;
    }

    private void Direct(Leg leg)
    {
        foreach (var origin in leg.Origins)
        {
            foreach (var destination in leg.Destinations)
            {
                if (timetable.Between(origin, destination) is not { } route || !DayOf(route))
                {
                    continue;
                }

                foreach (var at in space.Day)
                {
                    options.Add(space.Option().Be(Price(route, at), space.Flights[at]));
                }
            }
        }
    }

    private void Connect(Leg leg, AirRoute first, Limits limits, bool[] closed, LastRoutes last)
    {
        foreach (var change in Stations.SameCity[first.To])
        {
            foreach (var second in last.From(change))
            {
                var (way, time) = limits.To(second.To);
                if (first.Kilometres + second.Kilometres <= way)
                {
                    Join(first, second, time);
                }
            }

            if (leg.MaxStops < 2)
            {
                continue;
            }

            foreach (var middle in timetable.From(change))
            {
                var soFar = first.Kilometres + middle.Kilometres;
                if (closed[middle.To] || soFar > limits.LongestWay || !last.IsReachedFrom(middle.To) || Stations.SameCity[first.To].AsSpan().Contains(middle.To))
                {
                    continue;
                }

                foreach (var again in Stations.SameCity[middle.To])
                {
                    foreach (var third in last.From(again))
                    {
                        var (way, time) = limits.To(third.To);
                        if (soFar + third.Kilometres <= way)
                        {
                            Join(first, middle, third, time);
                        }
                    }
                }
            }
        }
    }

    private void Join(AirRoute first, AirRoute second, int longest)
    {
        var minimum = rules.Between(first, second);
        var two = Slice(second);
        var (flights, departures) = (space.Flights, space.Departures);
        foreach (var at in space.Day)
        {
            var flight = flights[at];
            if (flight.Supplier != 0)
            {
                continue;
            }

            var latest = Math.Min(flight.ArrivesAt + LongestLayover, flight.DepartsAt + longest);
            for (var next = Timetable.FirstFrom(departures, two.From, two.To, flight.ArrivesAt + minimum.Least); next < two.To && departures[next] <= latest; next++)
            {
                var after = flights[next];
                if (after.ArrivesAt - flight.DepartsAt <= longest && Connects(flight, after, minimum, out var takes) && Sum(Price(first, at), Price(second, next), out var sum))
                {
                    options.Add(space.Option().Be(sum, flight, after, takes));
                }
            }
        }
    }

    private void Join(AirRoute first, AirRoute middle, AirRoute last, int longest)
    {
        var (minimum, later) = (rules.Between(first, middle), rules.Between(middle, last));
        var (two, three) = (Slice(middle), Slice(last));
        var (flights, departures) = (space.Flights, space.Departures);
        foreach (var at in space.Day)
        {
            var flight = flights[at];
            if (flight.Supplier != 0)
            {
                continue;
            }

            var end = flight.DepartsAt + longest;
            var latest = Math.Min(flight.ArrivesAt + LongestLayover, end);
            for (var next = Timetable.FirstFrom(departures, two.From, two.To, flight.ArrivesAt + minimum.Least); next < two.To && departures[next] <= latest; next++)
            {
                var second = flights[next];
                if (second.ArrivesAt > end)
                {
                    continue;
                }

                var latestLast = Math.Min(second.ArrivesAt + LongestLayover - (departures[next] - flight.ArrivesAt), end);
                var from = Timetable.FirstFrom(departures, three.From, three.To, second.ArrivesAt + later.Least);
                if (from == three.To || departures[from] > latestLast || !Connects(flight, second, minimum, out var takes)
                    || !Sum(Price(first, at), Price(middle, next), out var sum))
                {
                    continue;
                }

                for (var then = from; then < three.To && departures[then] <= latestLast; then++)
                {
                    var third = flights[then];
                    if (third.ArrivesAt <= end && Connects(second, third, later, out var takesLater) && Sum(sum, Price(last, then), out var whole))
                    {
                        options.Add(space.Option().Be(whole, flight, second, takes, third, takesLater));
                    }
                }
            }
        }
    }

    /// <summary>Whether the flight after can be caught, and goes on sale with others; airlines may need longer than the least that was looked for.</summary>
    private bool Connects(DatedFlight flight, DatedFlight after, MinimumConnection minimum, out int takes)
    {
        takes = minimum.For(flight.Carrier, after.Carrier);
        return after.Supplier == 0 && after.DepartsAt > now && after.DepartsAt - flight.ArrivesAt >= takes;
    }

    /// <summary>False when the party cannot sit in one cabin all the way.</summary>
    private static bool Sum(in PerCabin<long> left, in PerCabin<long> right, out PerCabin<long> sum)
    {
        var (one, two) = (Vector256.Create((ReadOnlySpan<long>)left), Vector256.Create((ReadOnlySpan<long>)right));
        var isGone = Vector256.LessThan(one | two, Vector256<long>.Zero);   // either is negative
        sum = default;
        Vector256.ConditionalSelect(isGone, Vector256.Create(DatedFlight.NotSold), one + two).CopyTo((Span<long>)sum);
        return isGone != Vector256<long>.AllBitsSet;
    }

    /// <summary>Puts together which of the route's flights leave on that local day and are sold to the party; false: none.</summary>
    private bool DayOf(AirRoute route)
    {
        var of = Slice(route);
        space.Day.Clear();
        for (var at = of.From; at < of.To && space.Departures[at] < midnight + Clock.Day + MostBehind; at++)
        {
            var flight = space.Flights[at];
            if (flight.DepartsLocal is var local && local >= midnight && local < midnight + Clock.Day && flight.DepartsAt > now && IsSold(Price(route, at)))
            {
                space.Day.Add(at);
            }
        }

        return space.Day.Count > 0;
    }

    private static bool IsSold(in PerCabin<long> all) => all[0] >= 0 || all[1] >= 0 || all[2] >= 0 || all[3] >= 0;

    /// <summary>The route's flights that can matter on the day, as they were at one moment.</summary>
    private RouteSlice Slice(AirRoute route)
    {
        ref var known = ref space.Route(route.Index);
        if (known.Stamp == space.Stamp)
        {
            return known;
        }

        var (flights, departures) = route.Times;
        var from = Timetable.FirstFrom(departures, 0, departures.Length, midnight - MostAhead);
        var to = Timetable.FirstFrom(departures, from, departures.Length, midnight + Clock.Day + MostBehind + LongestLeg);
        var slice = new RouteSlice(space.Stamp, space.Reserve(to - from), to - from);
        Array.Copy(flights, from, space.Flights, slice.From, slice.Count);
        departures.AsSpan(from, slice.Count).CopyTo(space.Departures.AsSpan(slice.From));
        for (var at = slice.From; at < slice.To; at++)
        {
            space.Prices[at][0] = NotPriced;
        }

        return known = slice;
    }

    /// <summary>What the party pays for a flight of the workspace, worked out when it is first asked for.</summary>
    private ref readonly PerCabin<long> Price(AirRoute route, int at)
    {
        ref var price = ref space.Prices[at];
        if (price[0] == NotPriced)
        {
            price = prices.Of(route, space.Flights[at]);
        }

        return ref price;
    }

    /// <summary>By airport the routes from there to a destination.</summary>
    private sealed class LastRoutes
    {
        private readonly AirRoute[]?[] from = new AirRoute[Stations.All.Length][];

        public LastRoutes(Leg leg, Timetable timetable)
        {
            foreach (var destination in leg.Destinations)
            {
                foreach (var route in timetable.To(destination))
                {
                    from[route.From] = [.. from[route.From] ?? [], route];
                }
            }
        }

        public AirRoute[] From(short station) => from[station] ?? [];

        /// <summary>Whether somebody who arrives there can go on to a destination.</summary>
        public bool IsReachedFrom(short station)
        {
            foreach (var near in Stations.SameCity[station])
            {
                if (from[near] is not null)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>How far and how long a way from one origin may be.</summary>
    private sealed class Limits
    {
        private readonly (short Destination, double Way, int Time)[] all;

        public Limits(short origin, short[] destinations)
        {
            all = Array.ConvertAll(destinations, destination =>
            {
                var direct = Airports.KilometresBetween(Stations.All[origin], Stations.All[destination]);
                return (destination, LegSearch.LongestWay(direct), LongestTime(direct));
            });
            LongestWay = all.Max(one => one.Way);
        }

        /// <summary>To any destination.</summary>
        public double LongestWay { get; }

        public (double Way, int Time) To(short destination)
        {
            foreach (var one in all)
            {
                if (one.Destination == destination)
                {
                    return (one.Way, one.Time);
                }
            }

            throw new ArgumentException($"{destination} is no destination", nameof(destination));
        }
    }
}

/// <summary>What a party pays in the currency of a search.</summary>
internal sealed class Prices(Travellers party, string currency)
{
    private readonly ushort currencyIndex = Names.Index(currency);

    private readonly bool isSold = HouseTariff.SellsIn(currency);

    public string Currency => currency;

    /// <summary>By cabin in minor units, all passengers and taxes; negative where the cabin is not sold to so many.</summary>
    public PerCabin<long> Of(AirRoute route, DatedFlight flight)
    {
        var all = default(PerCabin<long>);
        for (var cabin = 0; cabin < PerCabin<long>.Count; cabin++)
        {
            all[cabin] = flight.Fares[cabin] < 0 || flight.Seats[cabin] < party.Adults + party.Children ? DatedFlight.NotSold : Of(route, flight, flight.Fares[cabin]);
        }

        return all;
    }

    /// <summary>The fare of one adult in the search's currency; null when the tariff has no rate between the two.</summary>
    public Money? Fare(DatedFlight flight, Cabin cabin) => In(flight, flight.Fares[(int)cabin]) is >= 0 and var fare ? new(fare, currency) : null;

    private long Of(AirRoute route, DatedFlight flight, long own)
    {
        var fare = In(flight, own);
        if (fare < 0)
        {
            return DatedFlight.NotSold;
        }

        // Nobody knows what an outside supplier takes for children until it is asked: no more than for adults.
        return flight.Supplier != 0
            ? fare * (party.Adults + party.Children + party.Infants)
            : Times(PassengerType.Adult, party.Adults) + Times(PassengerType.Child, party.Children) + Times(PassengerType.Infant, party.Infants);

        long Times(PassengerType type, int count) => count == 0 ? 0 : count * route.Tariff(currencyIndex, type).Total(fare);
    }

    private long In(DatedFlight flight, long fare)
    {
        if (flight.Currency == currencyIndex)
        {
            return isSold || flight.Supplier != 0 ? fare : DatedFlight.NotSold;
        }

        var own = Names.Of(flight.Currency);
        return isSold && HouseTariff.SellsIn(own) && (flight.Supplier != 0 || HouseTariff.SellsEverythingIn(currency))
            ? HouseTariff.In(currency, new Money(fare, own)).MinorUnits
            : DatedFlight.NotSold;
    }
}
