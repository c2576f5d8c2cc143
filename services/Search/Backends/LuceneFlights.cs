using System.Globalization;
using Aerona.Contracts;
using Aerona.Persistence;
using Aerona.Search.Indexing;
using Lucene.Net.Analysis.Core;
using Lucene.Net.Documents;
using Lucene.Net.Index;
using Lucene.Net.Search;
using Lucene.Net.Store;
using Lucene.Net.Util;
using Microsoft.Extensions.Options;

namespace Aerona.Search.Backends;

/// <summary>
/// Lucene on disk, in this process, in <c>search-index</c> under the data folder. Changes are seen through a near-real-time reader and kept together with the row
/// they go up to. Checksums are compared when it is opened: a damaged index is made anew.
/// </summary>
internal sealed class LuceneFlights(IOptions<DataOptions> data, ILogger<LuceneFlights> logger) : IFlightBackEnd, IDisposable
{
    /// <summary>How long a list can be paged through after its last page.</summary>
    private static readonly TimeSpan KeepAlive = TimeSpan.FromMinutes(2);

    private readonly string folder = Path.Combine(Path.GetFullPath(data.Value.Folder), "search-index");

    private readonly LuceneForm form = new();

    /// <summary>Rows written that the reader does not show yet.</summary>
    private readonly Dictionary<string, long> unseen = [];

    private Opened? opened;

    private Guid table;

    public string Kind => "lucene";

    public bool IsReady { get; private set; }

    public TimeSpan BetweenViews => TimeSpan.Zero;

    public async Task<long> OpenAsync(Guid epoch, CancellationToken cancellationToken)
    {
        Close();
        try
        {
            opened = Open();
        }
        catch (LockObtainFailedException taken)
        {
            throw new BackEndException($"the search index in {folder} is in use by another process", taken);
        }
        catch (Exception damaged) when (damaged is IOException or ArgumentException or IndexOutOfRangeException or FormatException or InvalidOperationException)
        {
            logger.LogWarning(damaged, "The search index in {Folder} cannot be read: it is made anew from the table of flights", folder);
            System.IO.Directory.Delete(folder, recursive: true);
            opened = Open();
        }

        var kept = opened.Writer.CommitData;
        if (kept.TryGetValue("shape", out var shape) && shape == FlightDocument.Shape && kept.TryGetValue("epoch", out var of) && of == epoch.ToString())
        {
            (table, IsReady) = (epoch, true);
            return long.Parse(kept["row"], CultureInfo.InvariantCulture);
        }

        await StartAnewAsync(epoch, cancellationToken);
        return 0;
    }

    public async Task StartAnewAsync(Guid epoch, CancellationToken cancellationToken)
    {
        (table, IsReady) = (epoch, false);
        Here().Writer.DeleteAll();
        await CommitAsync(0, cancellationToken);
        await ShowAsync(cancellationToken);
    }

    public Task WriteAsync(IReadOnlyList<SellableFlight> flights, CancellationToken cancellationToken) => Do(here =>
    {
        here.Read((searcher, _) =>
        {
            foreach (var flight in flights)
            {
                var document = FlightDocument.Of(flight);
                if (!flight.IsNew && RowOf(document.Id, searcher) >= flight.Row)
                {
                    continue;
                }

                form.Fill(document, flight.Packed);
                unseen[document.Id] = flight.Row;
                if (flight.IsNew)
                {
                    here.Writer.AddDocument(form.Document);   // nothing to look for and replace
                }
                else
                {
                    here.Writer.UpdateDocument(new Term(LuceneFields.Id, document.Id), form.Document);
                }
            }

            return true;
        });
    });

    public Task ShowAsync(CancellationToken cancellationToken) => Do(here =>
    {
        here.Searchers.MaybeRefreshBlocking();
        unseen.Clear();
        here.Kept.Prune(new SearcherLifetimeManager.PruneByAge(KeepAlive.TotalSeconds));
    });

    public Task CommitAsync(long row, CancellationToken cancellationToken) => Do(here =>
    {
        here.Writer.SetCommitData(new Dictionary<string, string>
        {
            ["shape"] = FlightDocument.Shape,
            ["row"] = row.ToString(CultureInfo.InvariantCulture),
            ["epoch"] = table.ToString(),
        });
        here.Writer.Commit();
    });

    public async Task SwitchAsync(CancellationToken cancellationToken)
    {
        if (!IsReady)
        {
            await ShowAsync(cancellationToken);
            IsReady = true;
        }
    }

    public Task<Held> SumAsync(CancellationToken cancellationToken) => Task.FromResult(Ask(here => here.Read((searcher, _) =>
    {
        var (flights, rows) = (0L, 0L);
        foreach (var leaf in searcher.IndexReader.Leaves)
        {
            var values = leaf.AtomicReader.GetNumericDocValues(LuceneFields.Row);
            for (var doc = 0; doc < leaf.AtomicReader.MaxDoc; doc++)
            {
                if (leaf.AtomicReader.LiveDocs?.Get(doc) != false)
                {
                    (flights, rows) = (flights + 1, rows + values.Get(doc));
                }
            }
        }

        return new Held(flights, rows);
    })));

    public Task<FlightList> ListAsync(FlightQuestion question, ListFilters filters, ListPage page, CancellationToken cancellationToken)
    {
        if (!IsReady)
        {
            throw new BackEndException("the list of flights is being made");
        }

        var cursor = ListCursor.Read(question, filters, page);
        return Task.FromResult(Ask(here => here.Read((searcher, token) =>
        {
            var hits = new LuceneHits(question, filters, page, cursor, withFacets: page.Cursor is null);
            searcher.Search(Query(question), hits);
            var (flights, next) = hits.Page(doc => Flight(searcher, doc));
            return new FlightList(flights, hits.Total, hits.Facets(), next is not { } place ? null : new ListCursor(token(), ListCursor.Fingerprint(question, filters, page.Order), place.Value, place.Id).ToString());
        }, cursor?.View)));
    }

    public void Dispose() => Close();

    private static Query Query(FlightQuestion question)
    {
        var all = new BooleanQuery();
        void Any(string field, IEnumerable<string> values)
        {
            var any = new BooleanQuery();
            foreach (var value in values)
            {
                any.Add(new TermQuery(new Term(field, value)), Occur.SHOULD);
            }

            if (any.Clauses.Count > 0)
            {
                all.Add(any, Occur.MUST);
            }
        }

        if (question.Keys is { } keys)
        {
            Any(LuceneFields.Key, keys);
        }
        else
        {
            Any(LuceneFields.Of(FlightFacet.Origin), question.Origins);
            Any(LuceneFields.Of(FlightFacet.Destination), question.Destinations);
            Any(LuceneFields.Of(FlightFacet.Day), question.Days.Select(FlightDocument.Day));
        }

        Any(LuceneFields.Designator, question.Designator is { } designator ? [designator] : []);
        Any(LuceneFields.Of(FlightFacet.Airline), question.Airline is { } airline ? [airline] : []);
        return new ConstantScoreQuery(all);
    }

    private static SellableFlight Flight(IndexSearcher searcher, int doc)
    {
        var stored = searcher.Doc(doc);
        var packed = stored.GetBinaryValue(LuceneFields.Packed);
        var bytes = packed.Bytes.AsSpan(packed.Offset, packed.Length).ToArray();
        var left = stored.GetBinaryValue(LuceneFields.Left);
        var seats = new Dictionary<Cabin, int>();
        for (var at = 0; at < left.Length; at += sizeof(short) + 1)
        {
            seats[(Cabin)left.Bytes[left.Offset + at]] = BitConverter.ToUInt16(left.Bytes, left.Offset + at + 1);
        }

        return new(stored.GetField(LuceneFields.Row).GetInt64Value()!.Value, PackedFlight.Read(bytes), bytes, seats);
    }

    /// <summary>The row that is known of a flight; negative: it is not.</summary>
    private long RowOf(string id, IndexSearcher searcher)
    {
        if (unseen.TryGetValue(id, out var row))
        {
            return row;
        }

        var term = new Term(LuceneFields.Id, id);
        foreach (var leaf in searcher.IndexReader.Leaves)
        {
            if (leaf.AtomicReader.GetTermDocsEnum(term) is { } found && found.NextDoc() is var doc and not DocIdSetIterator.NO_MORE_DOCS)
            {
                return leaf.AtomicReader.GetNumericDocValues(LuceneFields.Row).Get(doc);
            }
        }

        return -1;
    }

    private Opened Here() => opened ?? throw new BackEndException("the search index is not open yet");

    private Task Do(Action<Opened> action)
    {
        Ask(here =>
        {
            action(here);
            return true;
        });
        return Task.CompletedTask;
    }

    private T Ask<T>(Func<Opened, T> question)
    {
        try
        {
            return question(Here());
        }
        catch (Exception problem) when (problem is IOException or ObjectDisposedException or OutOfMemoryException)
        {
            throw new BackEndException($"the search index in {folder} cannot be used: {problem.Message}", problem);
        }
    }

    private Opened Open()
    {
        var writer = new IndexWriter(FSDirectory.Open(folder), new IndexWriterConfig(LuceneVersion.LUCENE_48, new KeywordAnalyzer()) { RAMBufferSizeMB = 16 });
        try
        {
            using (var reader = writer.GetReader(applyAllDeletes: true))
            {
                foreach (var leaf in reader.Leaves)
                {
                    leaf.AtomicReader.CheckIntegrity();
                }
            }

            return new(writer);
        }
        catch
        {
            writer.Rollback();
            throw;
        }
    }

    private void Close()
    {
        IsReady = false;
        opened?.Dispose();
        opened = null;
        unseen.Clear();
    }

    /// <summary>An open index.</summary>
    private sealed class Opened(IndexWriter writer) : IDisposable
    {
        private readonly System.Threading.Lock keeping = new();

        private readonly string instance = Guid.NewGuid().ToString("N");

        private readonly SearcherManager searchers = new(writer, applyAllDeletes: true, null);

        public IndexWriter Writer => writer;

        public SearcherManager Searchers => searchers;

        /// <summary>Views that lists are being paged through.</summary>
        public SearcherLifetimeManager Kept { get; } = new();

        /// <summary>Reads one consistent view: the newest, or the one of that token.</summary>
        /// <param name="read">Gets the view, and what keeps it and says its token.</param>
        /// <param name="view">Null: the newest.</param>
        public T Read<T>(Func<IndexSearcher, Func<string>, T> read, string? view = null)
        {
            if (view is null)
            {
                var newest = searchers.Acquire();
                try
                {
                    return read(newest, () => Keep(newest));
                }
                finally
                {
                    searchers.Release(newest);
                }
            }

            var kept = Kept.Acquire(Token(view)) ?? throw new CursorOutdatedException();
            try
            {
                return read(kept, () => view);
            }
            finally
            {
                Kept.Release(kept);
            }
        }

        public void Dispose()
        {
            Kept.Dispose();
            searchers.Dispose();
            writer.Rollback();   // what has not been committed is read again from the table
        }

        /// <summary>Tokens are of one opening: the same number means something else after a restart.</summary>
        private long Token(string view) => view.Split('.') is [var of, var number] && of == instance && long.TryParse(number, CultureInfo.InvariantCulture, out var token)
            ? token
            : throw new CursorOutdatedException();

        private string Keep(IndexSearcher searcher)
        {
            lock (keeping)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{instance}.{Kept.Record(searcher)}");
            }
        }
    }
}
