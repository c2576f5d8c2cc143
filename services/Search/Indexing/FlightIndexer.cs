using System.Data.Common;
using Aerona.Contracts;
using Aerona.Persistence;
using Aerona.Search.Data;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Search.Indexing;

/// <summary>Brings changed rows of the table into the index, in the order of their numbers, a tenth of a second after they are there.</summary>
internal sealed class FlightIndexer(
    IServiceScopeFactory scopes, PlainReads<SearchDbContext> reads, DatabaseReadiness databases, FlightIndex index, TimeProvider time, ILogger<FlightIndexer> logger) : BackgroundService
{
    private const int RowsAtOnce = 1_000;

    private static readonly Dictionary<Cabin, int> None = [];

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan BetweenCommits = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan BetweenViews = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim turn = new(1);

    private long indexed = -1;

    private Guid epoch;

    private long committedAt;

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
                await CatchUpAsync(stoppingToken);
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

            if (await reads.ListAsync("SELECT 1 FROM known_flight WHERE \"row\" > @indexed LIMIT 1", _ => true, cancellationToken, ("indexed", indexed)) is not [])
            {
                await using var scope = scopes.CreateAsyncScope();
                await IndexAsync(scope.ServiceProvider.GetRequiredService<SearchDbContext>(), cancellationToken);
            }

            CommitWhenDue();
        }
        finally
        {
            turn.Release();
        }
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

    private async Task IndexAsync(SearchDbContext db, CancellationToken cancellationToken)
    {
        var (began, line, shown, done) = (time.GetTimestamp(), time.GetTimestamp(), time.GetTimestamp(), 0);
        while (true)
        {
            var from = indexed;
            var rows = await db.Flights.AsNoTracking().Where(flight => flight.Row > from).OrderBy(flight => flight.Row).Take(RowsAtOnce).ToListAsync(cancellationToken);
            if (rows.Count == 0)
            {
                break;
            }

            await PutAsync(db, rows, cancellationToken);
            indexed = rows[^1].Row;
            done += rows.Count;
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

    private async Task PutAsync(SearchDbContext db, List<KnownFlight> rows, CancellationToken cancellationToken)
    {
        var ids = rows.ConvertAll(row => row.Id);
        var seats = await db.Seats.AsNoTracking().Where(seat => ids.Contains(seat.FlightId)).ToListAsync(cancellationToken);
        var left = seats.GroupBy(seat => seat.FlightId).ToDictionary(flight => flight.Key, flight => flight.ToDictionary(seat => seat.Cabin, seat => seat.Left));
        foreach (var row in rows)
        {
            index.Put(row.Published(), row.Flight, left.GetValueOrDefault(row.Id, None));
            LastDay = LastDay > row.DepartsOn ? LastDay : row.DepartsOn;
        }
    }

}
