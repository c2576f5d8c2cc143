using System.Runtime.InteropServices;

namespace Aerona.Search.SearchFlights;

/// <summary>What an order compares, one after the other. Sums of whole numbers: the order of a trip is the sum of its legs'.</summary>
internal readonly record struct Rank(long First, long Score, long Price, int Minutes, int Stops, long Discomfort) : IComparable<Rank>
{
    public static Rank Of(LegOption option, FlightSort sort, int leg, int cabin) => new(
        sort switch
        {
            FlightSort.Best => 0,
            FlightSort.Price => option.Prices[cabin],
            FlightSort.Duration => option.Minutes,
            FlightSort.Departure => leg == 0 ? option.DepartsAt : 0,
            _ => throw new InvalidOperationException($"no such sort: {sort}"),
        },
        option.Total, option.Prices[cabin], option.Minutes, option.Stops, option.Discomfort);

    public static Rank operator +(Rank left, Rank right) => new(
        left.First + right.First, left.Score + right.Score, left.Price + right.Price, left.Minutes + right.Minutes, left.Stops + right.Stops,
        left.Discomfort + right.Discomfort);

    public int CompareTo(Rank other) =>
        First != other.First ? First.CompareTo(other.First)
        : Score != other.Score ? Score.CompareTo(other.Score)
        : Price != other.Price ? Price.CompareTo(other.Price)
        : Minutes != other.Minutes ? Minutes.CompareTo(other.Minutes)
        : Stops != other.Stops ? Stops.CompareTo(other.Stops)
        : Discomfort.CompareTo(other.Discomfort);
}

/// <summary>Trips in their order, one after the other: the k best sums over the legs, without building the others.</summary>
internal static class TripRanking
{
    private static readonly Comparer<(LegOption Option, Rank Rank)> ByRank = Comparer<(LegOption Option, Rank Rank)>.Create(
        static (left, right) => left.Rank.CompareTo(right.Rank) is not 0 and var by ? by : LegOption.CompareIdentity(left.Option, right.Option));

    /// <summary>Sorts options by score, in place: the same order as <see cref="Sort"/> for "best".</summary>
    public static void SortByScore(List<LegOption> options, Workspace space, int cabin)
    {
        var all = CollectionsMarshal.AsSpan(options);
        var keys = space.Numbers(all.Length).AsSpan(0, all.Length);
        for (var index = 0; index < all.Length; index++)
        {
            keys[index] = all[index].Total;
        }

        keys.Sort(all);
        for (var from = 0; from < all.Length;)
        {
            var to = from + 1;
            while (to < all.Length && keys[to] == keys[from])
            {
                to++;
            }

            if (to - from > 1)
            {
                all[from..to].Sort((left, right) =>
                    Rank.Of(left, FlightSort.Best, 0, cabin).CompareTo(Rank.Of(right, FlightSort.Best, 0, cabin)) is not 0 and var by ? by : LegOption.CompareIdentity(left, right));
            }

            from = to;
        }
    }

    /// <summary>The options of a leg in an order, with their ranks.</summary>
    public static (LegOption Option, Rank Rank)[] Sort(IEnumerable<LegOption> options, FlightSort sort, int leg, int cabin)
    {
        var sorted = options.Select(option => (Option: option, Rank: Rank.Of(option, sort, leg, cabin))).ToArray();

        // By the first number alone, which is fast and mostly enough; then whatever has the same one.
        var keys = Array.ConvertAll(sorted, one => sort == FlightSort.Best ? one.Rank.Score : one.Rank.First);
        Array.Sort(keys, sorted);
        for (var from = 0; from < keys.Length;)
        {
            var to = from + 1;
            while (to < keys.Length && keys[to] == keys[from])
            {
                to++;
            }

            if (to - from > 1)
            {
                Array.Sort(sorted, from, to - from, ByRank);
            }

            from = to;
        }

        return sorted;
    }

    /// <summary>
    /// Trips, the best first. From the best of each leg, every trip's followers are those with the next option on one leg, never on a leg before the one that was
    /// changed last: so each trip comes up once, after all that are better.
    /// </summary>
    /// <param name="legs">Each sorted by <see cref="Sort"/>.</param>
    /// <param name="most">The most that a trip may cost in minor units.</param>
    public static IEnumerable<LegOption[]> Trips((LegOption Option, Rank Rank)[][] legs, long most)
    {
        if (Array.Exists(legs, options => options.Length == 0))
        {
            yield break;
        }

        if (legs is [var only])
        {
            foreach (var (option, rank) in only)
            {
                if (rank.Price <= most)
                {
                    yield return [option];
                }
            }

            yield break;
        }

        var waiting = new PriorityQueue<Candidate, Candidate>();
        Push(new int[legs.Length], 0);
        while (waiting.TryDequeue(out var best, out _))
        {
            for (var leg = best.Changed; leg < legs.Length; leg++)
            {
                if (best.Places[leg] + 1 < legs[leg].Length)
                {
                    var places = (int[])best.Places.Clone();
                    places[leg]++;
                    Push(places, leg);
                }
            }

            if (best.Rank.Price <= most && IsFlyable(best.Places))
            {
                yield return [.. best.Places.Select((place, leg) => legs[leg][place].Option)];
            }
        }

        void Push(int[] places, int changed)
        {
            var rank = legs[0][places[0]].Rank;
            for (var leg = 1; leg < legs.Length; leg++)
            {
                rank += legs[leg][places[leg]].Rank;
            }

            var candidate = new Candidate(places, changed, rank);
            waiting.Enqueue(candidate, candidate);
        }

        bool IsFlyable(int[] places)
        {
            for (var leg = 1; leg < legs.Length; leg++)
            {
                if (legs[leg][places[leg]].Option.DepartsAt < legs[leg - 1][places[leg - 1]].Option.ArrivesAt + Throughs.TurnAround)
                {
                    return false;
                }
            }

            return true;
        }
    }

    private sealed record Candidate(int[] Places, int Changed, Rank Rank) : IComparable<Candidate>
    {
        public int CompareTo(Candidate? other)
        {
            var by = Rank.CompareTo(other!.Rank);
            for (var leg = 0; by == 0 && leg < Places.Length; leg++)
            {
                by = Places[leg].CompareTo(other.Places[leg]);
            }

            return by;
        }
    }
}
