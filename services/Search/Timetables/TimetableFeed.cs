using System.Data.Common;
using Aerona.Persistence;
using Aerona.Search.Data;

namespace Aerona.Search.Timetables;

/// <summary>Builds the timetable from the stored flights at start, and brings what the consumers change into it a tenth of a second later.</summary>
internal sealed class TimetableFeed(
    StoredFlights stored, Timetable timetable, DatabaseReadiness databases, TimeProvider time, ILogger<TimetableFeed> logger) : BackgroundService
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    private readonly SemaphoreSlim turn = new(1);

    private long row;

    private volatile bool isBuilt;

    private readonly Lock watching = new();

    private HashSet<(AirRoute Route, int Day)> changed = [];

    private long observed;

    /// <summary>Whether every flight that was in the table at the start has been taken over.</summary>
    public bool IsBuilt => isBuilt;

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

    public override void Dispose()
    {
        turn.Dispose();
        base.Dispose();
    }

    /// <summary>Takes over every row that is in the table by now; searches find it when this returns.</summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            if (isBuilt && !await stored.HasAfterAsync(row, cancellationToken))
            {
                return;
            }

            var began = time.GetTimestamp();
            if (!isBuilt)
            {
                observed = await stored.ObservedUpToAsync(cancellationToken);
            }

            while (await stored.AfterAsync(row, cancellationToken) is { Flights: var flights, LastRow: var last } && last > row)
            {
                timetable.Put(flights);
                lock (watching)
                {
                    row = last;
                    if (last > observed)
                    {
                        changed.UnionWith(flights.Select(flight => (timetable.Between(flight.From, flight.To)!, Clock.DayOf(flight.DepartsLocal).DayNumber)));
                    }
                }
            }

            if (!isBuilt)
            {
                isBuilt = true;
                logger.LogInformation("Timetable: {Flights} flights after {Seconds:F1} s", timetable.Count, time.GetElapsedTime(began).TotalSeconds);
            }
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Routes and local days of departure whose flights have changed since this was asked last, and the row up to which they have.</summary>
    public (IReadOnlyCollection<(AirRoute Route, int Day)> Changed, long Row) TakeChanged()
    {
        lock (watching)
        {
            var taken = changed;
            changed = [];
            return (taken, row);
        }
    }

    /// <summary>Whoever took these could do nothing with them: they come again.</summary>
    public void ChangedAgain(IEnumerable<(AirRoute Route, int Day)> taken)
    {
        lock (watching)
        {
            changed.UnionWith(taken);
        }
    }
}
