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

    private bool isBuilt;

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
            while (await stored.AfterAsync(row, cancellationToken) is { Flights: var flights, LastRow: var last } && last > row)
            {
                timetable.Put(flights);
                row = last;
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
}
