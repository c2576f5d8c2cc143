using Aerona.Contracts;
using Lucene.Net.Index;
using Lucene.Net.Search;
using Lucene.Net.Util;

namespace Aerona.Search.Backends;

/// <summary>
/// Counts, in one pass over the flights of a question: each flight is marked with the filters it fails; it is shown when it fails none, and counts for a facet when it fails at most that facet's own.
/// </summary>
internal sealed class LuceneHits(FlightQuestion question, ListFilters filters, ListPage page, ListCursor? after, bool withFacets) : ICollector
{
    private const int Departure = 1 << 8, Price = 1 << 9, Seats = 1 << 10;

    private readonly HashSet<string>?[] chosen = [.. FlightDocument.Facets.Select(facet => filters.Values.TryGetValue(facet, out var values) ? values.ToHashSet() : null)];

    private readonly Dictionary<string, (long Count, long Lowest)>[] counts = [.. FlightDocument.Facets.Select(_ => new Dictionary<string, (long, long)>())];

    private readonly SortedDictionary<long, long> bars = [];

    private readonly long[] hours = new long[24];

    private readonly PriorityQueue<int, (long Value, string Id)> best = new(Comparer<(long Value, string Id)>.Create((left, right) =>
        left.Value != right.Value ? right.Value.CompareTo(left.Value) : string.CompareOrdinal(right.Id, left.Id)));   // the last comes out first

    private (long Least, long Most) prices = (long.MaxValue, long.MinValue);

    private (long Least, long Most) minutes = (long.MaxValue, long.MinValue);

    private Leaf leaf = null!;

    /// <summary>Flights that fail no filter, of all pages.</summary>
    public long Total { get; private set; }

    public bool AcceptsDocsOutOfOrder => true;

    public void SetScorer(Scorer scorer)
    {
    }

    public void SetNextReader(AtomicReaderContext context)
    {
        EndLeaf();
        leaf = new(context, LuceneFields.Price(question.Currency, question.Cabin), LuceneFields.SeatsIn(question.Cabin), chosen);
    }

    public void Collect(int doc)
    {
        var price = leaf.Price(doc);
        var minute = leaf.LocalMinute.Get(doc);
        var failed = leaf.Failed(doc) | (FailsDeparture(minute) ? Departure : 0) | (filters.MaxPrice is { } most && !(price <= most) ? Price : 0) | (FailsSeats(leaf.Seats(doc)) ? Seats : 0);
        if (withFacets)
        {
            Count(doc, price, minute, failed);
        }

        if (failed == 0)
        {
            Total++;
            Offer(doc, page.Order switch { ListOrder.Price => price ?? long.MaxValue, ListOrder.Duration => leaf.Minutes.Get(doc), _ => leaf.Departs.Get(doc) });
        }
    }

    /// <summary>The page's flights in their order, and where the next one goes on; null: this is the last.</summary>
    public (IReadOnlyList<SellableFlight> Flights, (long Value, string Id)? Next) Page(Func<int, SellableFlight> flight)
    {
        var found = new List<(int Doc, (long Value, string Id) Place)>();
        while (best.TryDequeue(out var doc, out var place))
        {
            found.Add((doc, place));
        }

        found.Reverse();
        var shown = found.Take(page.Limit).ToList();
        return ([.. shown.Select(one => flight(one.Doc))], found.Count > page.Limit ? shown[^1].Place : null);
    }

    /// <summary>Null when they were not to be counted.</summary>
    public ListFacets? Facets()
    {
        EndLeaf();
        return withFacets
            ? new(
                FlightDocument.Facets.ToDictionary(facet => facet, IReadOnlyList<FacetCount> (facet) =>
                [
                    .. counts[(int)facet].OrderByDescending(one => one.Value.Count).ThenBy(one => one.Key, StringComparer.Ordinal).Take(FlightDocument.MostValues)
                        .Select(one => new FacetCount(one.Key, one.Value.Count, one.Value.Lowest == long.MaxValue ? null : one.Value.Lowest)),
                ]),
                [.. bars.Select(bar => new Bar(bar.Key, bar.Value))],
                [.. hours.Index().Where(hour => hour.Item > 0).Select(hour => new Bar(hour.Index, hour.Item))], Ends(prices), Ends(minutes))
            : null;
    }

    private static Ends? Ends((long Least, long Most) ends) => ends.Least <= ends.Most ? new(ends.Least, ends.Most) : null;

    private static (long Least, long Most) Widen((long Least, long Most) ends, long value) => (Math.Min(ends.Least, value), Math.Max(ends.Most, value));

    private bool FailsDeparture(long minute) => filters.Departure is { } window && !window.Contains((int)minute);

    private bool FailsSeats(long? seats) => (filters.MinSeats is { } least && !(seats >= least)) || (filters.MaxSeats is { } most && !(seats <= most));

    private void Count(int doc, long? price, long minute, int failed)
    {
        minutes = Widen(minutes, leaf.Minutes.Get(doc));
        prices = price is { } sold ? Widen(prices, sold) : prices;
        leaf.Count(doc, price ?? long.MaxValue, failed);
        if ((failed & ~Departure) == 0)
        {
            hours[minute / 60]++;
        }

        if (price is { } paid && (failed & ~Price) == 0)
        {
            var bar = paid / FlightDocument.PriceBar * FlightDocument.PriceBar;
            bars[bar] = bars.GetValueOrDefault(bar) + 1;
        }
    }

    private void Offer(int doc, long value)
    {
        if ((after is not null && value < after.Value) || (best.Count > page.Limit && best.TryPeek(out _, out var worst) && value > worst.Value))
        {
            return;
        }

        var place = (value, leaf.Id(doc));
        if (after is null || value > after.Value || string.CompareOrdinal(place.Item2, after.Id) > 0)
        {
            best.Enqueue(leaf.Base + doc, place);
            if (best.Count > page.Limit + 1)
            {
                best.Dequeue();
            }
        }
    }

    private void EndLeaf()
    {
        leaf?.AddTo(counts);
        leaf = null!;
    }

    /// <summary>The columns of one segment; values of facets are counted by their number in it.</summary>
    private sealed class Leaf
    {
        private readonly SortedDocValues?[] values;

        private readonly bool[]?[] chosen;

        private readonly (long Count, long Lowest)[][] counts;

        private readonly BinaryDocValues? ids;

        private readonly NumericDocValues? prices;

        private readonly IBits? hasPrice;

        private readonly NumericDocValues? seats;

        private readonly IBits? hasSeats;

        private readonly BytesRef id = new();

        public Leaf(AtomicReaderContext context, string price, string seatsLeft, HashSet<string>?[] wanted)
        {
            var reader = context.AtomicReader;
            Base = context.DocBase;
            values = [.. FlightDocument.Facets.Select(facet => reader.GetSortedDocValues(LuceneFields.Of(facet)))];
            counts = [.. values.Select(of => new (long, long)[of?.ValueCount ?? 0])];
            chosen = [.. values.Zip(wanted, Chosen)];
            ids = reader.GetBinaryDocValues(LuceneFields.Id);
            (prices, hasPrice) = (reader.GetNumericDocValues(price), reader.GetDocsWithField(price));
            (seats, hasSeats) = (reader.GetNumericDocValues(seatsLeft), reader.GetDocsWithField(seatsLeft));
            (Departs, LocalMinute, Minutes) =
                (reader.GetNumericDocValues(LuceneFields.Departs), reader.GetNumericDocValues(LuceneFields.LocalMinute), reader.GetNumericDocValues(LuceneFields.Minutes));
        }

        public int Base { get; }

        public NumericDocValues Departs { get; }

        public NumericDocValues LocalMinute { get; }

        public NumericDocValues Minutes { get; }

        public long? Price(int doc) => prices is not null && hasPrice!.Get(doc) ? prices.Get(doc) : null;

        public long? Seats(int doc) => seats is not null && hasSeats!.Get(doc) ? seats.Get(doc) : null;

        public string Id(int doc)
        {
            ids!.Get(doc, id);
            return id.Utf8ToString();
        }

        /// <summary>A bit for each facet whose chosen values do not have the flight's.</summary>
        public int Failed(int doc)
        {
            var failed = 0;
            for (var facet = 0; facet < values.Length; facet++)
            {
                failed |= chosen[facet] is { } any && !any[values[facet]!.GetOrd(doc)] ? 1 << facet : 0;
            }

            return failed;
        }

        public void Count(int doc, long price, int failed)
        {
            for (var facet = 0; facet < values.Length; facet++)
            {
                if ((failed & ~(1 << facet)) == 0)
                {
                    ref var count = ref counts[facet][values[facet]!.GetOrd(doc)];
                    count = (count.Count + 1, count.Count == 0 ? price : Math.Min(count.Lowest, price));
                }
            }
        }

        public void AddTo(Dictionary<string, (long Count, long Lowest)>[] all)
        {
            var text = new BytesRef();
            for (var facet = 0; facet < values.Length; facet++)
            {
                for (var number = 0; number < counts[facet].Length; number++)
                {
                    if (counts[facet][number] is { Count: > 0 } count)
                    {
                        values[facet]!.LookupOrd(number, text);
                        var value = text.Utf8ToString();
                        all[facet][value] = all[facet].TryGetValue(value, out var known) ? (known.Count + count.Count, Math.Min(known.Lowest, count.Lowest)) : count;
                    }
                }
            }
        }

        private static bool[]? Chosen(SortedDocValues? of, HashSet<string>? wanted)
        {
            if (of is null || wanted is null)
            {
                return null;
            }

            var any = new bool[of.ValueCount];
            foreach (var value in wanted)
            {
                if (of.LookupTerm(new BytesRef(value)) is >= 0 and var number)
                {
                    any[number] = true;
                }
            }

            return any;
        }
    }
}
