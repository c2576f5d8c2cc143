using System.Data.Common;
using Aerona.Contracts;
using Aerona.Persistence;
using Aerona.Search.Backends;
using Aerona.Search.Data;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Search.Indexing;

/// <summary>
/// Brings changed rows of the table into the back end, in the order of their numbers, a tenth of a second after they are there; while flights come by the thousand, when they
/// have come: searches read the timetable, and that and the import shall have the processor. Now and then, when nothing changes, it compares what lists show with the table.
/// Several processes may write to the same back end: it knows what is older.
/// </summary>
internal sealed class FlightIndexer(
    IServiceScopeFactory scopes, PlainReads<SearchDbContext> reads, DatabaseReadiness databases, IFlightBackEnd backEnd, TimeProvider time, ILogger<FlightIndexer> logger) : BackgroundService
{
    private const int RowsAtOnce = 2_000;

    // The seats that are known of the next rows come with them: one statement, that both databases take.
    private static readonly string NextRows = $"""
        SELECT f."row", f.first_row, f.flight, s.cabin, s."left"
        FROM (SELECT id, "row", first_row, flight FROM known_flight WHERE "row" > @indexed ORDER BY "row" LIMIT {RowsAtOnce}) f
        LEFT JOIN cabin_seats s ON s.flight_id = f.id
        ORDER BY f."row"
        """;

    private const string Sum = """SELECT COUNT(*), CAST(COALESCE(SUM("row"), 0) AS BIGINT), COALESCE(MAX("row"), 0) FROM known_flight""";

    private static readonly Dictionary<Cabin, int> None = [];

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan BetweenCommits = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan BetweenLoadViews = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan BetweenComparisons = TimeSpan.FromHours(1);

    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);

    // So many rows more at a look are a load of flights, which is over when for so long there were none; in the end it is not waited for.
    private const int RowsOfALoad = 1_000;

    private static readonly TimeSpan AfterALoad = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LongestLoad = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim turn = new(1);

    private bool isOpen;

    private long indexed;

    private long committed;

    private Guid epoch;

    private long committedAt;

    private long shownAt;

    private bool isUnseen;

    private long? comparedAt;

    private long? failedAt;

    private long lastRow;

    private long lookedAt = -1;

    private long? loadBegan;

    private long loadSeen;

    /// <summary>The row up to which the back end has the table.</summary>
    public long Indexed => Volatile.Read(ref indexed);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await databases.WaitAsync<SearchDbContext>(stoppingToken);
        using var look = new PeriodicTimer(BetweenLooks, time);
        do
        {
            try
            {
                if (failedAt is not { } failed || time.GetElapsedTime(failed) >= AfterFailure)
                {
                    await LookAsync(stoppingToken);
                }
            }
            catch (Exception problem) when (problem is DbException || DatabaseErrors.IsUnreachable(problem))
            {
                logger.LogWarning(problem, "The table of flights cannot be read; looking again");
            }
            catch (BackEndException problem)
            {
                // Lists are not brought up to date meanwhile, or answer 503; searches of trips do not need them.
                logger.LogWarning(problem, "Flights cannot be listed: {Problem}; trying again in {Seconds} s", problem.Message, AfterFailure.TotalSeconds);
            }
        }
        while (await look.WaitForNextTickAsync(stoppingToken));
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await turn.WaitAsync(cancellationToken);
        try
        {
            if (isOpen && indexed > committed)
            {
                await backEnd.CommitAsync(indexed, cancellationToken);
            }
        }
        catch (BackEndException problem)
        {
            logger.LogWarning(problem, "The list of flights could not be kept: it goes on from row {Row} at the next start", committed);
        }
        finally
        {
            turn.Release();
        }
    }

    public override void Dispose()
    {
        turn.Dispose();
        base.Dispose();
    }

    /// <summary>Indexes every row that is in the table by now; lists show what it has put in when it returns.</summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        await TurnAsync(async () =>
        {
            await IndexAsync(cancellationToken);
            await ShowWhenDueAsync(TimeSpan.Zero, cancellationToken);
        }, cancellationToken);
    }

    /// <summary>
    /// Whether lists show what the table has, by number and rows; null: it cannot be told while the table changes. When they do not, the back end begins anew.
    /// </summary>
    public async Task<bool?> CompareAsync(CancellationToken cancellationToken)
    {
        bool? isSame = null;
        await TurnAsync(async () => isSame = await IsSameAsync(cancellationToken), cancellationToken);
        return isSame;
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var last = (await reads.ListAsync("SELECT last_row FROM index_position", row => row.GetInt64(0), cancellationToken)).Single();
        if (IsLoading(last) || (last == lookedAt && !isUnseen && isOpen && failedAt is null))
        {
            if (last == lookedAt && (comparedAt is not { } compared || time.GetElapsedTime(compared) >= BetweenComparisons))
            {
                await CompareAsync(cancellationToken);
            }

            return;
        }

        await TurnAsync(async () =>
        {
            await IndexAsync(cancellationToken);
            await ShowWhenDueAsync(backEnd.BetweenViews, cancellationToken);
        }, cancellationToken);
        lookedAt = last;
    }

    /// <summary>After a failure the back end is opened again: what it has kept counts, not what was sent.</summary>
    private async Task TurnAsync(Func<Task> work, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            if (!isOpen)
            {
                await GoOnAsync(cancellationToken);
                isOpen = true;
            }

            await work();
            await CommitWhenDueAsync(cancellationToken);
            failedAt = null;
        }
        catch (Exception problem) when (problem is not OperationCanceledException)
        {
            isOpen = false;
            failedAt = time.GetTimestamp();
            throw;
        }
        finally
        {
            turn.Release();
        }
    }

    private bool IsLoading(long last)
    {
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

    /// <summary>Where the back end stopped, or from the beginning when it belongs to another table or knows more than this one.</summary>
    private async Task GoOnAsync(CancellationToken cancellationToken)
    {
        var position = (await reads.ListAsync("SELECT epoch, last_row FROM index_position", row => (Epoch: row.GetGuid(0), LastRow: row.GetInt64(1)), cancellationToken)).Single();
        epoch = position.Epoch == Guid.Empty ? await BeginEpochAsync(cancellationToken) : position.Epoch;
        indexed = await backEnd.OpenAsync(epoch, cancellationToken);
        if (indexed > position.LastRow)
        {
            await backEnd.StartAnewAsync(epoch, cancellationToken);
            indexed = 0;
        }

        committed = indexed;
        committedAt = shownAt = time.GetTimestamp();
        logger.LogInformation("List of flights in {Kind}: {Rows} rows behind", backEnd.Kind, position.LastRow - indexed);
    }

    private async Task<bool?> IsSameAsync(CancellationToken cancellationToken)
    {
        var table = (await reads.ListAsync(Sum, row => (Flights: row.GetInt64(0), Rows: row.GetInt64(1), Last: row.GetInt64(2)), cancellationToken)).Single();
        if (table.Last != indexed || isUnseen)
        {
            return null;
        }

        comparedAt = time.GetTimestamp();
        var held = await backEnd.SumAsync(cancellationToken);
        if (held == new Held(table.Flights, table.Rows))
        {
            return true;
        }

        logger.LogWarning(
            "The list of flights in {Kind} has {Held} flights where the table has {Known}, or older ones: it is made anew", backEnd.Kind, held.Flights, table.Flights);
        await backEnd.StartAnewAsync(epoch, cancellationToken);
        (indexed, committed, lookedAt) = (0, 0, -1);
        return false;
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
        var (began, line, done) = (time.GetTimestamp(), time.GetTimestamp(), 0);
        while (await reads.ListAsync(NextRows, NextRow.Read, cancellationToken, ("indexed", indexed)) is { Count: > 0 } rows)
        {
            var flights = Flights(rows);
            await backEnd.WriteAsync(flights, cancellationToken);
            Volatile.Write(ref indexed, flights[^1].Row);
            done += flights.Count;
            isUnseen = true;
            if (flights.Count == RowsAtOnce)
            {
                await ShowWhenDueAsync(BetweenLoadViews, cancellationToken);   // each costs a segment: not after every batch while there is much to do
            }

            await CommitWhenDueAsync(cancellationToken);
            if (time.GetElapsedTime(line) >= BetweenLines)
            {
                line = time.GetTimestamp();
                logger.LogInformation("List of flights: {Flights} put in, {Rate:F0} a second", done, done / time.GetElapsedTime(began).TotalSeconds);
            }
        }

        await backEnd.SwitchAsync(cancellationToken);
    }

    private async Task ShowWhenDueAsync(TimeSpan between, CancellationToken cancellationToken)
    {
        if (isUnseen && time.GetElapsedTime(shownAt) >= between)
        {
            await backEnd.ShowAsync(cancellationToken);
            shownAt = time.GetTimestamp();
            isUnseen = false;
        }
    }

    private async Task CommitWhenDueAsync(CancellationToken cancellationToken)
    {
        if (indexed > committed && time.GetElapsedTime(committedAt) >= BetweenCommits)
        {
            await backEnd.CommitAsync(indexed, cancellationToken);
            committed = indexed;
            committedAt = time.GetTimestamp();
        }
    }

    /// <summary>A flight has as many rows as cabins whose seats are known.</summary>
    private static List<SellableFlight> Flights(List<NextRow> rows)
    {
        List<SellableFlight> flights = [];
        for (var at = 0; at < rows.Count;)
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

            flights.Add(new(row.Row, PackedFlight.Read(row.Flight), row.Flight, left, IsNew: row.Row == row.FirstRow));
        }

        return flights;
    }

    private readonly record struct NextRow(long Row, long FirstRow, byte[] Flight, Cabin? Cabin, int Left)
    {
        public static NextRow Read(DbDataReader row) => new(
            row.GetInt64(0), row.GetInt64(1), row.GetFieldValue<byte[]>(2), row.IsDBNull(3) ? null : Enum.Parse<Cabin>(row.GetString(3)), row.IsDBNull(4) ? 0 : row.GetInt32(4));
    }
}
