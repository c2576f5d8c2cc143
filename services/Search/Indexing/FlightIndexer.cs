using System.Data.Common;
using Aerona.Contracts;
using Aerona.Persistence;
using Aerona.Search.Data;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Search.Indexing;

/// <summary>Brings changed rows of the table into the index, in the order of their numbers, a tenth of a second after they are there.</summary>
internal sealed class FlightIndexer(
    IServiceScopeFactory scopes, DatabaseReadiness databases, FlightIndex index, TimeProvider time, ILogger<FlightIndexer> logger) : BackgroundService
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
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<SearchDbContext>();
            if (indexed < 0)
            {
                await GoOnAsync(db, cancellationToken);
            }

            await IndexAsync(db, cancellationToken);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Where the index on disk stopped, or from the beginning when it belongs to another table or knows more than this one.</summary>
    private async Task GoOnAsync(SearchDbContext db, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        var position = await db.LockAsync<IndexPosition>(IndexPosition.TheOne, cancellationToken);
        if (position.Epoch == Guid.Empty)
        {
            position.Epoch = Guid.CreateVersion7();
            await db.SaveChangesAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        epoch = position.Epoch;
        if (index.Position.Epoch != epoch || index.Position.Row > position.LastRow)
        {
            index.Clear(epoch);
        }

        indexed = index.Position.Row;
        committedAt = time.GetTimestamp();
        LastDay = await db.Flights.MaxAsync(flight => (DateOnly?)flight.DepartsOn, cancellationToken);
        logger.LogInformation("Search index: {Flights} flights on disk, {Rows} rows behind", index.Count, position.LastRow - indexed);
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

        CommitWhenDue();
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
