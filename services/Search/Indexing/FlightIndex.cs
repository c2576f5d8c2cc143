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
    private const string Version = "1";

    private readonly string folder;

    private readonly ILogger<FlightIndex> logger;

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

    /// <summary>Puts a flight in, replacing what was there of it.</summary>
    /// <param name="flight">The flight.</param>
    /// <param name="json">The same as text, given back by searches.</param>
    /// <param name="left">Seats left by cabin where that is known; elsewhere all authorised ones are.</param>
    public void Put(PublishedFlight flight, string json, IReadOnlyDictionary<Cabin, int> left)
    {
        var document = new Document
        {
            new StringField(FlightFields.Id, flight.FlightId, Field.Store.NO),
            new BinaryDocValuesField(FlightFields.Id, new BytesRef(flight.FlightId)),
            new StringField(FlightFields.RouteDay, FlightFields.RouteDayKey(flight.Origin, flight.Destination, DateOnly.FromDateTime(flight.DepartsLocal)), Field.Store.NO),
            new SortedDocValuesField(FlightFields.Airline, new BytesRef(flight.Flight.Carrier)),
            new NumericDocValuesField(FlightFields.AllIn, flight.Supplier is null ? 0 : 1),
            new SortedDocValuesField(FlightFields.Currency, new BytesRef(flight.Cabins.Count > 0 ? flight.Cabins[0].Fare.Currency : "")),
            new NumericDocValuesField(FlightFields.Departs, flight.DepartsAt.UtcTicks),
            new NumericDocValuesField(FlightFields.LocalMinute, flight.DepartsLocal.Hour * 60 + flight.DepartsLocal.Minute),
            new NumericDocValuesField(FlightFields.Minutes, (long)(flight.ArrivesAt - flight.DepartsAt).TotalMinutes),
            new StoredField(FlightFields.Flight, json),
        };
        foreach (var cabin in flight.Cabins)
        {
            document.Add(new NumericDocValuesField(FlightFields.Fare(cabin.Cabin), cabin.Fare.MinorUnits));
            document.Add(new NumericDocValuesField(FlightFields.Left(cabin.Cabin), left.TryGetValue(cabin.Cabin, out var known) ? known : cabin.Authorised));
        }

        writer.UpdateDocument(new Term(FlightFields.Id, flight.FlightId), document);
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
