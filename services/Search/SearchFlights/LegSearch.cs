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

/// <summary>A way to fly a leg: one flight, or two or three with connections.</summary>
internal sealed class LegOption
{
    private OptionScore score;

    public required DatedFlight First { get; init; }

    public DatedFlight? Second { get; init; }

    public DatedFlight? Third { get; init; }

    /// <summary>What the party pays in each cabin in minor units of the search's currency; negative where it cannot sit there on every flight.</summary>
    public required PerCabin<long> Prices { get; init; }

    /// <summary>Minutes that the first change takes at least.</summary>
    public short FirstMinimum { get; init; }

    /// <summary>Minutes that the second change takes at least.</summary>
    public short SecondMinimum { get; init; }

    public int Stops => Third is not null ? 2 : Second is not null ? 1 : 0;

    public DatedFlight Last => Third ?? Second ?? First;

    public int DepartsAt => First.DepartsAt;

    public int ArrivesAt => Last.ArrivesAt;

    public int Minutes => Last.ArrivesAt - First.DepartsAt;

    /// <summary>Set by <see cref="Scores"/>.</summary>
    public OptionScore Score
    {
        get => score;
        set => (score, Total, Discomfort) = (value, value.Total, value.Discomfort);
    }

    /// <summary>The score's <see cref="OptionScore.Total"/>.</summary>
    public long Total { get; private set; }

    /// <summary>The score's <see cref="OptionScore.Discomfort"/>.</summary>
    public long Discomfort { get; private set; }

    /// <summary>Which filters it fails, a bit each.</summary>
    public Filter Failed { get; set; }

    /// <summary>The cheapest whole trip that it is part of, in minor units; <see cref="long.MaxValue"/> when it fits no trip.</summary>
    public long Through { get; set; }

    /// <summary>Whether another option that matches is as good in every way and better in one.</summary>
    public bool IsDominated { get; set; }

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
/// not built; nothing else is left out.
/// </summary>
internal sealed class LegSearch(Timetable timetable, ConnectionRules rules, Prices prices, int now)
{
    /// <summary>All waits of a leg together; longer is a stopover, and a search of its own.</summary>
    public const int LongestLayover = Clock.Day;

    /// <summary>No leg takes longer from the first departure to the last arrival; see <see cref="LongestTime"/>.</summary>
    public const int LongestLeg = 2 * Clock.Day;

    /// <summary>Clocks on earth are at most 14 hours ahead of UTC and 12 behind.</summary>
    private const int MostAhead = 14 * 60, MostBehind = 12 * 60;

    private readonly List<LegOption> options = [];

    private readonly Dictionary<AirRoute, PricedRoute> priced = [];

    private readonly Dictionary<int, double> distances = [];

    private int midnight;

    /// <summary>How far a way may be flown in all for airports that far apart: the stated limit of detours.</summary>
    public static double LongestWay(double kilometres) => (2 * kilometres) + 1_500;

    /// <summary>Minutes that a way with connections may take for airports that far apart: twice a nonstop flight and a night.</summary>
    public static int LongestTime(double kilometres) => Math.Min(LongestLeg, (2 * (40 + (int)(kilometres / 13))) + (16 * 60));

    public List<LegOption> Find(Leg leg)
    {
        options.Clear();
        priced.Clear();
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

            var last = LastRoutes(leg);
            foreach (var origin in leg.Origins)
            {
                foreach (var first in timetable.From(origin))
                {
                    if (!closed[first.To] && DayOf(first) is { Count: > 0 } day)
                    {
                        Connect(leg, first, day, closed, last);
                    }
                }
            }
        }

        return [.. options];
    }

    private void Direct(Leg leg)
    {
        foreach (var origin in leg.Origins)
        {
            foreach (var destination in leg.Destinations)
            {
                if (timetable.Between(origin, destination) is not { } route || DayOf(route) is not { } day)
                {
                    continue;
                }

                foreach (var index in day)
                {
                    var of = Priced(route);
                    options.Add(new() { First = of.Flights[index], Prices = of.Of(index) });
                }
            }
        }
    }

    private void Connect(Leg leg, AirRoute first, List<int> day, bool[] closed, AirRoute[]?[] last)
    {
        var longest = leg.Destinations.Max(destination => LongestWay(Distance(first.From, destination)));
        foreach (var change in Stations.SameCity[first.To])
        {
            foreach (var second in last[change] ?? [])
            {
                var direct = Distance(first.From, second.To);
                if (first.Kilometres + second.Kilometres <= LongestWay(direct))
                {
                    Join(first, day, second, LongestTime(direct));
                }
            }

            if (leg.MaxStops < 2)
            {
                continue;
            }

            foreach (var middle in timetable.From(change))
            {
                var soFar = first.Kilometres + middle.Kilometres;
                if (closed[middle.To] || soFar > longest || Stations.SameCity[first.To].Contains(middle.To))
                {
                    continue;
                }

                foreach (var again in Stations.SameCity[middle.To])
                {
                    foreach (var third in last[again] ?? [])
                    {
                        var direct = Distance(first.From, third.To);
                        if (soFar + third.Kilometres <= LongestWay(direct))
                        {
                            Join(first, day, middle, third, LongestTime(direct));
                        }
                    }
                }
            }
        }
    }

    private void Join(AirRoute first, List<int> day, AirRoute second, int longest)
    {
        var minimum = rules.Between(first, second);
        var (one, two) = (Priced(first), Priced(second));
        foreach (var index in day)
        {
            var flight = one.Flights[index];
            if (flight.Supplier != 0)
            {
                continue;
            }

            for (var next = two.FirstAfter(flight, minimum); next < two.Flights.Length && two.Connects(flight, next, minimum, out var goesOn); next++)
            {
                if (goesOn && two.Flights[next].ArrivesAt - flight.DepartsAt <= longest && Sum(one.Of(index), two.Of(next), out var sum))
                {
                    options.Add(new() { First = flight, Second = two.Flights[next], Prices = sum, FirstMinimum = (short)minimum.For(flight.Carrier, two.Flights[next].Carrier) });
                }
            }
        }
    }

    private void Join(AirRoute first, List<int> day, AirRoute middle, AirRoute last, int longest)
    {
        var (minimum, later) = (rules.Between(first, middle), rules.Between(middle, last));
        var (one, two, three) = (Priced(first), Priced(middle), Priced(last));
        foreach (var index in day)
        {
            var flight = one.Flights[index];
            if (flight.Supplier != 0)
            {
                continue;
            }

            for (var next = two.FirstAfter(flight, minimum); next < two.Flights.Length && two.Connects(flight, next, minimum, out var goesOn); next++)
            {
                if (!goesOn || two.Flights[next].ArrivesAt - flight.DepartsAt > longest || !Sum(one.Of(index), two.Of(next), out var sum))
                {
                    continue;
                }

                var second = two.Flights[next];
                var left = LongestLayover - (second.DepartsAt - flight.ArrivesAt);
                for (var end = three.FirstAfter(second, later); end < three.Flights.Length && three.Connects(second, end, later, out var ends, left); end++)
                {
                    if (ends && three.Flights[end].ArrivesAt - flight.DepartsAt <= longest && Sum(sum, three.Of(end), out var whole))
                    {
                        options.Add(new()
                        {
                            First = flight,
                            Second = second,
                            Third = three.Flights[end],
                            Prices = whole,
                            FirstMinimum = (short)minimum.For(flight.Carrier, second.Carrier),
                            SecondMinimum = (short)later.For(second.Carrier, three.Flights[end].Carrier),
                        });
                    }
                }
            }
        }
    }

    /// <summary>False when the party cannot sit in one cabin all the way.</summary>
    private static bool Sum(in PerCabin<long> left, in PerCabin<long> right, out PerCabin<long> sum)
    {
        sum = default;
        var any = false;
        for (var cabin = 0; cabin < PerCabin<long>.Count; cabin++)
        {
            var sold = left[cabin] >= 0 && right[cabin] >= 0;
            sum[cabin] = sold ? left[cabin] + right[cabin] : DatedFlight.NotSold;
            any |= sold;
        }

        return any;
    }

    /// <summary>By airport the routes from there to a destination.</summary>
    private AirRoute[]?[] LastRoutes(Leg leg)
    {
        var last = new AirRoute[]?[Stations.All.Length];
        foreach (var destination in leg.Destinations)
        {
            foreach (var route in timetable.To(destination))
            {
                last[route.From] = [.. last[route.From] ?? [], route];
            }
        }

        return last;
    }

    /// <summary>Which of the route's flights leave on that local day and are sold to the party; null: none.</summary>
    private List<int>? DayOf(AirRoute route)
    {
        var of = Priced(route);
        List<int>? found = null;
        for (var index = Timetable.FirstFrom(of.Flights, midnight - MostAhead); index < of.Flights.Length && of.Flights[index].DepartsAt < midnight + Clock.Day + MostBehind; index++)
        {
            if (of.Flights[index].DepartsLocal is var local && local >= midnight && local < midnight + Clock.Day && of.IsSold(index))
            {
                (found ??= []).Add(index);
            }
        }

        return found;
    }

    private PricedRoute Priced(AirRoute route)
    {
        if (!priced.TryGetValue(route, out var known))
        {
            priced[route] = known = new(route, prices, now, midnight);
        }

        return known;
    }

    private double Distance(short from, short to)
    {
        var key = (from << 16) | (ushort)to;
        if (!distances.TryGetValue(key, out var kilometres))
        {
            distances[key] = kilometres = Airports.KilometresBetween(Stations.All[from], Stations.All[to]);
        }

        return kilometres;
    }

    /// <summary>A route's flights that can matter on a day, as they were at one moment, each priced when it is first looked at.</summary>
    private sealed class PricedRoute
    {
        private readonly AirRoute route;

        private readonly Prices prices;

        private readonly int now;

        private readonly PerCabin<long>[] known;

        private readonly bool[] isKnown;

        public PricedRoute(AirRoute route, Prices prices, int now, int midnight)
        {
            (this.route, this.prices, this.now) = (route, prices, now);
            var all = route.Flights;
            var from = Timetable.FirstFrom(all, midnight - MostAhead);
            Flights = all[from..Math.Max(from, Timetable.FirstFrom(all, midnight + Clock.Day + MostBehind + LongestLeg))];
            known = new PerCabin<long>[Flights.Length];
            isKnown = new bool[Flights.Length];
        }

        public DatedFlight[] Flights { get; }

        public ref readonly PerCabin<long> Of(int index)
        {
            if (!isKnown[index])
            {
                known[index] = prices.Of(route, Flights[index]);
                isKnown[index] = true;
            }

            return ref known[index];
        }

        public bool IsSold(int index)
        {
            if (Flights[index].DepartsAt <= now)
            {
                return false;
            }

            ref readonly var all = ref Of(index);
            return all[0] >= 0 || all[1] >= 0 || all[2] >= 0 || all[3] >= 0;
        }

        public int FirstAfter(DatedFlight flight, MinimumConnection minimum) => Timetable.FirstFrom(Flights, flight.ArrivesAt + minimum.Least);

        /// <summary>False when this and every later flight leaves too late. Airlines may need longer than the least: then it does not go on with this one.</summary>
        public bool Connects(DatedFlight flight, int next, MinimumConnection minimum, out bool goesOn, int longest = LongestLayover)
        {
            var after = Flights[next];
            var wait = after.DepartsAt - flight.ArrivesAt;
            goesOn = after.Supplier == 0 && wait >= minimum.For(flight.Carrier, after.Carrier) && IsSold(next);
            return wait <= longest;
        }
    }
}

/// <summary>What a party pays in the currency of a search.</summary>
internal sealed class Prices(Travellers party, string currency)
{
    private readonly ushort currencyIndex = Names.Index(currency);

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
            return HouseTariff.SellsIn(currency) || flight.Supplier != 0 ? fare : DatedFlight.NotSold;
        }

        var own = Names.Of(flight.Currency);
        return HouseTariff.SellsIn(own) && HouseTariff.SellsIn(currency) && (flight.Supplier != 0 || HouseTariff.SellsEverythingIn(currency))
            ? HouseTariff.In(currency, new Money(fare, own)).MinorUnits
            : DatedFlight.NotSold;
    }
}
