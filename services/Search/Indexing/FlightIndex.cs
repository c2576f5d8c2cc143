using System.Globalization;
using Aerona.Contracts;
using Aerona.Contracts.Operations;
using Aerona.Persistence;
using Lucene.Net.Analysis.Core;
using Lucene.Net.Documents;
using Lucene.Net.Index;
using Lucene.Net.Search;
using Lucene.Net.Store;
using Lucene.Net.Util;
using Microsoft.Extensions.Options;

namespace Aerona.Search.Indexing;

/// <summary>
/// The Lucene index on disk, one document a flight: a key of route and day to find it by, and in columns what searches filter and sort by. Changes are seen
/// after <see cref="Refresh"/> and kept after <see cref="Commit"/>, together with the number of the last row they come from.
/// </summary>
internal sealed class FlightIndex : IDisposable
{
    /// <summary>Another shape of documents is another version: an index of another one is built anew.</summary>
    private const string Version = "2";

    private readonly string folder;

    private readonly ILogger<FlightIndex> logger;

    private readonly FlightForm form = new();

    private IndexWriter writer;

    private SearcherManager searchers;

    public FlightIndex(IOptions<DataOptions> data, ILogger<FlightIndex> logger)
    {
        folder = Path.Combine(Path.GetFullPath(data.Value.Folder), "search-index");
        this.logger = logger;
        (writer, searchers) = OpenOrStartAnew();
    }

    /// <summary>The last row in the index, and of which table; 0 and the empty id for a new one.</summary>
    public (long Row, Guid Epoch) Position { get; private set; }

    /// <summary>How many flights can be found.</summary>
    public int Count => Search(searcher => searcher.IndexReader.NumDocs);

    /// <summary>Puts a flight in, replacing what was there of it. One caller at a time.</summary>
    /// <param name="flight">The flight.</param>
    /// <param name="packed">The same packed, given back by searches.</param>
    /// <param name="left">Seats left by cabin where that is known; elsewhere all authorised ones are.</param>
    /// <param name="isNew">Surely not in the index yet: there is nothing to look for and replace.</param>
    public void Put(PublishedFlight flight, byte[] packed, IReadOnlyDictionary<Cabin, int> left, bool isNew)
    {
        form.Fill(flight, packed, left);
        if (isNew)
        {
            writer.AddDocument(form.Document);
        }
        else
        {
            writer.UpdateDocument(new Term(FlightFields.Id, flight.FlightId), form.Document);
        }
    }

    /// <summary>Shows searches all that was put in.</summary>
    public void Refresh() => searchers.MaybeRefreshBlocking();

    /// <summary>Makes it durable, with where to go on.</summary>
    public void Commit(long row, Guid epoch)
    {
        Position = (row, epoch);
        writer.SetCommitData(new Dictionary<string, string>
        {
            ["version"] = Version,
            ["row"] = row.ToString(CultureInfo.InvariantCulture),
            ["epoch"] = epoch.ToString(),
        });
        writer.Commit();
    }

    /// <summary>Empties it, to be filled again from the first row.</summary>
    public void Clear(Guid epoch)
    {
        writer.DeleteAll();
        Commit(0, epoch);
        Refresh();
    }

    /// <summary>Runs a search on one consistent view.</summary>
    public T Search<T>(Func<IndexSearcher, T> search)
    {
        var searcher = searchers.Acquire();
        try
        {
            return search(searcher);
        }
        finally
        {
            searchers.Release(searcher);
        }
    }

    public void Dispose()
    {
        searchers.Dispose();
        writer.Dispose();
    }

    private (IndexWriter, SearcherManager) OpenOrStartAnew()
    {
        try
        {
            return Open();
        }
        catch (Exception broken) when (broken is not LockObtainFailedException && broken is IOException or ArgumentException)
        {
            logger.LogWarning(broken, "The search index in {Folder} cannot be read: it is made anew from the table of flights", folder);
            System.IO.Directory.Delete(folder, recursive: true);
            return Open();
        }
    }

    private (IndexWriter, SearcherManager) Open()
    {
        var opened = new IndexWriter(FSDirectory.Open(folder), new IndexWriterConfig(LuceneVersion.LUCENE_48, new KeywordAnalyzer()) { RAMBufferSizeMB = 32 });
        try
        {
            var kept = opened.CommitData;
            if (kept.Count > 0 && kept.TryGetValue("version", out var version) && version == Version)
            {
                Position = (long.Parse(kept["row"], CultureInfo.InvariantCulture), Guid.Parse(kept["epoch"]));
            }
            else
            {
                opened.DeleteAll();
            }

            return (opened, new SearcherManager(opened, applyAllDeletes: true, null));
        }
        catch
        {
            opened.Rollback();
            throw;
        }
    }
}

/// <summary>One document with its fields, filled again for each flight: making them anew costs a fifth of putting a flight in.</summary>
internal sealed class FlightForm
{
    private static readonly Cabin[] Cabins = Enum.GetValues<Cabin>();

    private readonly StringField id = new(FlightFields.Id, "", Field.Store.NO);

    private readonly BinaryDocValuesField idValue = new(FlightFields.Id, new BytesRef());

    private readonly StringField routeDay = new(FlightFields.RouteDay, "", Field.Store.NO);

    private readonly SortedDocValuesField airline = new(FlightFields.Airline, new BytesRef());

    private readonly NumericDocValuesField allIn = new(FlightFields.AllIn, 0);

    private readonly SortedDocValuesField currency = new(FlightFields.Currency, new BytesRef());

    private readonly NumericDocValuesField departs = new(FlightFields.Departs, 0);

    private readonly NumericDocValuesField localMinute = new(FlightFields.LocalMinute, 0);

    private readonly NumericDocValuesField minutes = new(FlightFields.Minutes, 0);

    private readonly StoredField stored = new(FlightFields.Flight, new BytesRef());

    private readonly NumericDocValuesField[] fares = [.. Cabins.Select(cabin => new NumericDocValuesField(FlightFields.Fare(cabin), 0))];

    private readonly NumericDocValuesField[] seats = [.. Cabins.Select(cabin => new NumericDocValuesField(FlightFields.Left(cabin), 0))];

    public List<IIndexableField> Document { get; } = [];

    public void Fill(PublishedFlight flight, byte[] packed, IReadOnlyDictionary<Cabin, int> left)
    {
        id.SetStringValue(flight.FlightId);
        idValue.SetBytesValue(new BytesRef(flight.FlightId));
        routeDay.SetStringValue(FlightFields.RouteDayKey(flight.Origin, flight.Destination, DateOnly.FromDateTime(flight.DepartsLocal)));
        airline.SetBytesValue(new BytesRef(flight.Flight.Carrier));
        allIn.SetInt64Value(flight.Supplier is null ? 0 : 1);
        currency.SetBytesValue(new BytesRef(flight.Cabins.Count > 0 ? flight.Cabins[0].Fare.Currency : ""));
        departs.SetInt64Value(flight.DepartsAt.UtcTicks);
        localMinute.SetInt64Value(flight.DepartsLocal.Hour * 60 + flight.DepartsLocal.Minute);
        minutes.SetInt64Value((long)(flight.ArrivesAt - flight.DepartsAt).TotalMinutes);
        stored.SetBytesValue(new BytesRef(packed));
        Document.Clear();
        Document.AddRange([id, idValue, routeDay, airline, allIn, currency, departs, localMinute, minutes, stored]);
        foreach (var cabin in flight.Cabins)
        {
            fares[(int)cabin.Cabin].SetInt64Value(cabin.Fare.MinorUnits);
            seats[(int)cabin.Cabin].SetInt64Value(left.TryGetValue(cabin.Cabin, out var known) ? known : cabin.Authorised);
            Document.Add(fares[(int)cabin.Cabin]);
            Document.Add(seats[(int)cabin.Cabin]);
        }
    }
}

/// <summary>Names in the index.</summary>
internal static class FlightFields
{
    public const string Id = "id";
    public const string RouteDay = "route";
    public const string Airline = "airline";
    public const string Currency = "currency";
    public const string Departs = "departs";
    public const string LocalMinute = "minute";
    public const string Minutes = "minutes";

    /// <summary>Stored: <see cref="PackedFlight"/>.</summary>
    public const string Flight = "flight";

    private static readonly string[] Fares = [.. Enum.GetNames<Cabin>().Select(cabin => "fare" + cabin)];

    private static readonly string[] Seats = [.. Enum.GetNames<Cabin>().Select(cabin => "left" + cabin)];

    /// <summary>1 where the fare is all that is paid: an outside supplier's.</summary>
    public const string AllIn = "allIn";

    public static string Fare(Cabin cabin) => Fares[(int)cabin];

    public static string Left(Cabin cabin) => Seats[(int)cabin];

    public static string RouteDayKey(string origin, string destination, DateOnly day) =>
        string.Create(CultureInfo.InvariantCulture, $"{origin}{destination}{day.DayNumber}");
}
