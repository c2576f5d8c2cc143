using System.Data.Common;
using Aerona.Contracts;
using Aerona.Persistence;
using Aerona.Search.Data;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Search.Indexing;

/// <summary>
/// Brings changed rows of the table into the index, in the order of their numbers, a tenth of a second after they are there; while flights come by the thousand, when they
/// have come: searches read the timetable, and that and the import shall have the processor.
/// </summary>
internal sealed class FlightIndexer(
    IServiceScopeFactory scopes, PlainReads<SearchDbContext> reads, DatabaseReadiness databases, FlightIndex index, TimeProvider time, ILogger<FlightIndexer> logger) : BackgroundService
{
    // The seats that are known of the next rows come with them: one statement, that both databases take.
    private const string NextRows = """
        SELECT f."row", f.first_row, f.departs_on, f.flight, s.cabin, s."left"
        FROM (SELECT id, "row", first_row, departs_on, flight FROM known_flight WHERE "row" > @indexed ORDER BY "row" LIMIT 2000) f
        LEFT JOIN cabin_seats s ON s.flight_id = f.id
        ORDER BY f."row"
        """;

    private static readonly Dictionary<Cabin, int> None = [];

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan BetweenCommits = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan BetweenViews = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(2);

    // So many rows more at a look are a load of flights, which is over when for so long there were none; in the end it is not waited for.
    private const int RowsOfALoad = 1_000;

    private static readonly TimeSpan AfterALoad = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LongestLoad = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim turn = new(1);

    private long indexed = -1;

    private Guid epoch;

    private long committedAt;

    private long lastRow;

    private long? loadBegan;

    private long loadSeen;

    /// <summary>Last local date of departure that any known flight has; null while none is known.</summary>
    public DateOnly? LastDay { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await databases.WaitAsync<SearchDbContext>(stoppingToken);
        using var look = new PeriodicTimer(BetweenLooks, time);
        do
        {
            try
            {
                if (!await IsLoadingAsync(stoppingToken))
                {
                    await CatchUpAsync(stoppingToken);
                }
            }
            catch (Exception problem) when (problem is DbException || DatabaseErrors.IsUnreachable(problem))
            {
                logger.LogWarning(problem, "The table of flights cannot be read; looking again");
            }
        }
        while (await look.WaitForNextTickAsync(stoppingToken));
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (indexed > index.Position.Row)
        {
            index.Commit(indexed, epoch);
        }
    }

    public override void Dispose()
    {
        turn.Dispose();
        base.Dispose();
    }

    /// <summary>Indexes every row that is in the table by now; what it has put in can be found when it returns.</summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            if (indexed < 0)
            {
                await GoOnAsync(cancellationToken);
            }

            await IndexAsync(cancellationToken);
            CommitWhenDue();
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<bool> IsLoadingAsync(CancellationToken cancellationToken)
    {
        var last = (await reads.ListAsync("SELECT last_row FROM index_position", row => row.GetInt64(0), cancellationToken)).Single();
        var (now, more) = (time.GetTimestamp(), last - lastRow);
        lastRow = last;
        if (more >= RowsOfALoad)
        {
            loadBegan ??= now;
            loadSeen = now;
        }
        else if (loadBegan is not null && time.GetElapsedTime(loadSeen, now) >= AfterALoad)
        {
            loadBegan = null;
        }

        return loadBegan is { } began && time.GetElapsedTime(began, now) < LongestLoad;
    }

    /// <summary>Where the index on disk stopped, or from the beginning when it belongs to another table or knows more than this one.</summary>
    private async Task GoOnAsync(CancellationToken cancellationToken)
    {
        var position = (await reads.ListAsync("SELECT epoch, last_row FROM index_position", row => (Epoch: row.GetGuid(0), LastRow: row.GetInt64(1)), cancellationToken)).Single();
        epoch = position.Epoch == Guid.Empty ? await BeginEpochAsync(cancellationToken) : position.Epoch;
        if (index.Position.Epoch != epoch || index.Position.Row > position.LastRow)
        {
            index.Clear(epoch);
        }

        indexed = index.Position.Row;
        committedAt = time.GetTimestamp();
        LastDay = (await reads.ListAsync(
            "SELECT departs_on FROM known_flight ORDER BY departs_on DESC LIMIT 1", row => (DateOnly?)row.GetFieldValue<DateOnly>(0), cancellationToken)).FirstOrDefault();
        logger.LogInformation("Search index: {Flights} flights on disk, {Rows} rows behind", index.Count, position.LastRow - indexed);
    }

    /// <summary>A new table: which one it is, is written down once, by whoever comes first.</summary>
    private async Task<Guid> BeginEpochAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SearchDbContext>();
        await using var transaction = await db.BeginAsync(cancellationToken);
        var position = await db.LockAsync<IndexPosition>(IndexPosition.TheOne, cancellationToken);
        if (position.Epoch == Guid.Empty)
        {
            position.Epoch = Guid.CreateVersion7();
            await db.SaveChangesAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return position.Epoch;
    }

    private async Task IndexAsync(CancellationToken cancellationToken)
    {
        var (began, line, shown, done) = (time.GetTimestamp(), time.GetTimestamp(), time.GetTimestamp(), 0);
        while (await reads.ListAsync(NextRows, NextRow.Read, cancellationToken, ("indexed", indexed)) is { Count: > 0 } rows)
        {
            done += Put(rows);
            if (time.GetElapsedTime(shown) >= BetweenViews)
            {
                shown = time.GetTimestamp();
                index.Refresh();   // each costs a segment: not after every batch while there is much to do
            }

            CommitWhenDue();
            if (time.GetElapsedTime(line) >= BetweenLines)
            {
                line = time.GetTimestamp();
                logger.LogInformation("Search index: {Flights} flights put in, {Rate:F0} a second", done, done / time.GetElapsedTime(began).TotalSeconds);
            }
        }

        if (done > 0)
        {
            index.Refresh();
        }
    }

    private void CommitWhenDue()
    {
        if (indexed > index.Position.Row && time.GetElapsedTime(committedAt) >= BetweenCommits)
        {
            committedAt = time.GetTimestamp();
            index.Commit(indexed, epoch);
        }
    }

    /// <summary>Puts the rows in, and says how many flights they were: one has as many rows as cabins whose seats are known.</summary>
    private int Put(List<NextRow> rows)
    {
        var flights = 0;
        for (var at = 0; at < rows.Count; flights++)
        {
            var (row, left) = (rows[at], None);
            for (; at < rows.Count && rows[at].Row == row.Row; at++)
            {
                if (rows[at].Cabin is { } cabin)
                {
                    left = left == None ? [] : left;
                    left[cabin] = rows[at].Left;
                }
            }

            index.Put(PackedFlight.Read(row.Flight), row.Flight, left, isNew: row.Row == row.FirstRow);
            indexed = row.Row;
            LastDay = LastDay > row.DepartsOn ? LastDay : row.DepartsOn;
        }

        return flights;
    }

    private readonly record struct NextRow(long Row, long FirstRow, DateOnly DepartsOn, byte[] Flight, Cabin? Cabin, int Left)
    {
        public static NextRow Read(DbDataReader row) => new(
            row.GetInt64(0), row.GetInt64(1), row.GetFieldValue<DateOnly>(2), row.GetFieldValue<byte[]>(3), row.IsDBNull(4) ? null : Enum.Parse<Cabin>(row.GetString(4)),
            row.IsDBNull(5) ? 0 : row.GetInt32(5));
    }
}
