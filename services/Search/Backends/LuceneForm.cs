using Aerona.Contracts;
using Lucene.Net.Documents;
using Lucene.Net.Index;
using Lucene.Net.Util;

namespace Aerona.Search.Backends;

/// <summary>Names in the index.</summary>
internal static class LuceneFields
{
    public const string Id = "id";
    public const string Row = "row";
    public const string Key = "key";
    public const string Designator = "flight";
    public const string Departs = "departs";
    public const string LocalMinute = "minute";
    public const string Minutes = "minutes";

    /// <summary>Stored: <see cref="Indexing.PackedFlight"/>.</summary>
    public const string Packed = "packed";

    /// <summary>Stored: for each cabin a byte, and its seats left in two.</summary>
    public const string Left = "left";

    private static readonly string[] Facets = ["airline", "origin", "destination", "aircraft", "day"];

    private static readonly string[] Seats = [.. FlightDocument.Cabins.Select(cabin => $"seats{cabin}")];

    private static readonly string[][] Prices = [.. FlightDocument.Currencies.Select(currency => FlightDocument.Cabins.Select(cabin => $"{currency}{cabin}").ToArray())];

    public static string Of(FlightFacet facet) => Facets[(int)facet];

    public static string SeatsIn(Cabin cabin) => Seats[(int)cabin];

    public static string Price(int currency, int cabin) => Prices[currency][cabin];

    public static string Price(string currency, Cabin cabin) => Price(Array.IndexOf(FlightDocument.Currencies, currency), (int)cabin);
}

/// <summary>One document with its fields, filled again for each flight: making them anew costs a fifth of putting a flight in.</summary>
internal sealed class LuceneForm
{
    private readonly StringField id = new(LuceneFields.Id, "", Field.Store.NO);

    private readonly BinaryDocValuesField idValue = new(LuceneFields.Id, new BytesRef());

    private readonly NumericDocValuesField rowValue = new(LuceneFields.Row, 0);

    private readonly StoredField row = new(LuceneFields.Row, 0L);

    private readonly StringField key = new(LuceneFields.Key, "", Field.Store.NO);

    private readonly StringField designator = new(LuceneFields.Designator, "", Field.Store.NO);

    private readonly StringField[] terms = [.. FlightDocument.Facets.Select(facet => new StringField(LuceneFields.Of(facet), "", Field.Store.NO))];

    private readonly SortedDocValuesField[] values = [.. FlightDocument.Facets.Select(facet => new SortedDocValuesField(LuceneFields.Of(facet), new BytesRef()))];

    private readonly NumericDocValuesField departs = new(LuceneFields.Departs, 0);

    private readonly NumericDocValuesField localMinute = new(LuceneFields.LocalMinute, 0);

    private readonly NumericDocValuesField minutes = new(LuceneFields.Minutes, 0);

    private readonly NumericDocValuesField[] seats = [.. FlightDocument.Cabins.Select(cabin => new NumericDocValuesField(LuceneFields.SeatsIn(cabin), 0))];

    private readonly NumericDocValuesField[][] prices =
        [.. FlightDocument.Currencies.Select((_, currency) => FlightDocument.Cabins.Select((_, cabin) => new NumericDocValuesField(LuceneFields.Price(currency, cabin), 0)).ToArray())];

    private readonly StoredField packed = new(LuceneFields.Packed, new BytesRef());

    private readonly StoredField left = new(LuceneFields.Left, new BytesRef());

    public List<IIndexableField> Document { get; } = [];

    public void Fill(FlightDocument flight, byte[] bytes)
    {
        id.SetStringValue(flight.Id);
        idValue.SetBytesValue(new BytesRef(flight.Id));
        rowValue.SetInt64Value(flight.Row);
        row.SetInt64Value(flight.Row);
        key.SetStringValue(flight.Key);
        designator.SetStringValue(flight.Designator);
        departs.SetInt64Value(flight.Departs);
        localMinute.SetInt64Value(flight.LocalMinute);
        minutes.SetInt64Value(flight.Minutes);
        packed.SetBytesValue(new BytesRef(bytes));
        Document.Clear();
        Document.AddRange([id, idValue, rowValue, row, key, designator, departs, localMinute, minutes, packed, left]);
        foreach (var facet in FlightDocument.Facets)
        {
            terms[(int)facet].SetStringValue(flight.Values[(int)facet]);
            values[(int)facet].SetBytesValue(new BytesRef(flight.Values[(int)facet]));
            Document.Add(terms[(int)facet]);
            Document.Add(values[(int)facet]);
        }

        Cabins(flight);
    }

    private void Cabins(FlightDocument flight)
    {
        var stored = new List<byte>();
        for (var cabin = 0; cabin < FlightDocument.Cabins.Length; cabin++)
        {
            if (flight.Left[cabin] is not { } seatsLeft)
            {
                continue;
            }

            stored.Add((byte)cabin);
            stored.AddRange(BitConverter.GetBytes((ushort)Math.Min(seatsLeft, ushort.MaxValue)));
            seats[cabin].SetInt64Value(seatsLeft);
            Document.Add(seats[cabin]);
            for (var currency = 0; currency < prices.Length; currency++)
            {
                if (flight.Prices[currency][cabin] is >= 0 and var price)
                {
                    prices[currency][cabin].SetInt64Value(price);
                    Document.Add(prices[currency][cabin]);
                }
            }
        }

        left.SetBytesValue(new BytesRef(stored.ToArray()));
    }
}
