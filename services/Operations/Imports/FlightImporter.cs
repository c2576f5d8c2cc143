using Aerona.Contracts.Operations;
using Aerona.Messaging;
using Aerona.Operations.Data;
using Aerona.Operations.World;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Operations.Imports;

/// <summary>How far an import is.</summary>
/// <param name="Import">Counts so far.</param>
/// <param name="RowsRead">Rows done in this run.</param>
/// <param name="FlightsASecond">In this run.</param>
internal sealed record ImportProgress(FlightImport Import, int RowsRead, double FlightsASecond);

/// <summary>Reads a file of flights in batches, each one transaction with its message and the place to go on from. One import at a time.</summary>
internal sealed class FlightImporter(IServiceScopeFactory scopes, TimeProvider time, ILogger<FlightImporter> logger)
{
    private const int FlightsAMessage = 500;

    private readonly SemaphoreSlim turn = new(1);

    /// <summary>The right to import until disposed; null while another import runs.</summary>
    public IDisposable? TryBegin() => turn.Wait(0) ? new Turn(turn) : null;

    /// <summary>
    /// Imports the file's first days, moved on by whole weeks so that they begin after today. The same file again finds its earlier import: nothing is done
    /// twice, more days are added, an interrupted one goes on. When the days it was moved to have begun, it is moved to later ones.
    /// </summary>
    /// <param name="open">Opens the file from its beginning.</param>
    /// <param name="sha256">What it is known by.</param>
    /// <param name="days">How many days of it.</param>
    /// <param name="report">Told after every batch but the last.</param>
    /// <param name="cancellationToken">Stops between batches; what was saved stays.</param>
    public async Task<ImportProgress> RunAsync(
        Func<CancellationToken, Task<OnTimeFile>> open, string sha256, int days, Func<ImportProgress, Task> report, CancellationToken cancellationToken)
    {
        if (await FirstDayAsync(open, cancellationToken) is not { } fileDay)
        {
            throw new UnreadableFileException("import.no_rows", "Not one row of the file has a departure_local that can be read.");
        }

        var importId = await BeginAsync(sha256, fileDay, days, cancellationToken);
        var began = time.GetTimestamp();
        using var file = await open(cancellationToken);
        var numbers = new Dictionary<(DateOnly, string), int>();
        (int Rows, int Flights)? before = null;
        var row = 0;
        while (true)
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<OperationsDbContext>();
            var import = await db.Imports.SingleAsync(known => known.Id == importId, cancellationToken);
            before ??= (import.Rows, import.Flights);
            for (; row < import.Rows; row++)
            {
                _ = await file.ReadAsync(row + 1, cancellationToken);   // done by an earlier run
            }

            var (batch, isOver) = await ReadBatchAsync(file, import, days, numbers, db, cancellationToken);
            row = import.Rows;
            db.Flights.AddRange(batch);
            if (batch.Count > 0)
            {
                db.Publish(new FlightsPublished([.. batch.Select(flight => flight.Published())]));
            }

            import.Flights += batch.Count;
            if (isOver)
            {
                import.CompletedAt = batch.Count > 0 ? time.GetUtcNow() : import.CompletedAt ?? time.GetUtcNow();
                import.Days = Math.Max(import.Days, days);
            }

            await db.SaveChangesAsync(cancellationToken);

            var rate = (import.Flights - before.Value.Flights) / Math.Max(time.GetElapsedTime(began).TotalSeconds, 0.001);
            if (isOver || import.Flights / 5_000 != (import.Flights - batch.Count) / 5_000)
            {
                logger.LogInformation(
                    "Import {ImportId}: {Rows} rows read, {Flights} flights, {Rejected} left out, {Rate:F0} flights a second",
                    import.Id, import.Rows, import.Flights, import.Rejected.Values.Sum(), rate);
            }

            var progress = new ImportProgress(import, import.Rows - before.Value.Rows, rate);
            if (isOver)
            {
                return progress;
            }

            await report(progress);
        }
    }

    private static async Task<DateOnly?> FirstDayAsync(Func<CancellationToken, Task<OnTimeFile>> open, CancellationToken cancellationToken)
    {
        using var file = await open(cancellationToken);
        for (var row = 1; await file.ReadAsync(row, cancellationToken) is { } read; row++)
        {
            if (read.Row is { } first)
            {
                return DateOnly.FromDateTime(first.Departs);
            }
        }

        return null;
    }

    private async Task<Guid> BeginAsync(string sha256, DateOnly fileDay, int days, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OperationsDbContext>();
        var today = SeedWorldBuilder.Today(time);
        if (await db.Imports.SingleOrDefaultAsync(known => known.FileSha256 == sha256 && known.FirstDay > today, cancellationToken) is { } earlier)
        {
            return earlier.Id;
        }

        var weeks = Math.Max(0, (today.DayNumber - fileDay.DayNumber) / 7 + 1);
        var import = new FlightImport
        {
            FileSha256 = sha256,
            Format = OnTimeFile.Format,
            FileDay = fileDay,
            FirstDay = fileDay.AddDays(7 * weeks),
            StartedAt = time.GetUtcNow(),
        };
        db.Imports.Add(import);
        await db.SaveChangesAsync(cancellationToken);
        logger.LogInformation("Import {ImportId}: {Days} days of the file from {FileDay}, moved to {FirstDay}", import.Id, days, fileDay, import.FirstDay);
        return import.Id;
    }

    private static async Task<(List<DatedFlight> Batch, bool IsOver)> ReadBatchAsync(
        OnTimeFile file, FlightImport import, int days, Dictionary<(DateOnly, string), int> numbers, OperationsDbContext db, CancellationToken cancellationToken)
    {
        var batch = new List<DatedFlight>(FlightsAMessage);
        var shift = import.FirstDay.DayNumber - import.FileDay.DayNumber;
        for (var read = 0; batch.Count < FlightsAMessage && read < 20 * FlightsAMessage; read++)
        {
            if (await file.ReadAsync(import.Rows + 1, cancellationToken) is not { } next)
            {
                return (batch, true);
            }

            if (next.Row is { } row && DateOnly.FromDateTime(row.Departs) >= import.FileDay.AddDays(days))
            {
                return (batch, true);   // sorted by departure: nothing of these days comes after this, and the row is not counted as done
            }

            import.Rows++;
            if (next.Rejected is { } rejected)
            {
                import.Reject(rejected);
            }
            else if (next.Row is { } flown && DateOnly.FromDateTime(flown.Departs) < import.FileDay)
            {
                import.Reject(new(import.Rows, "row.out_of_order", "The row departs before the file's first day."));
            }
            else if (next.Row is { } wanted)
            {
                var carrier = OnTimeRules.Carrier(wanted);
                var day = DateOnly.FromDateTime(wanted.Departs).AddDays(shift);
                var highest = numbers.TryGetValue((day, carrier), out var known) ? known : await HighestAsync(db, day, carrier, cancellationToken);
                if (OnTimeRules.NextNumber(highest) is { } number)
                {
                    numbers[(day, carrier)] = number;
                    batch.Add(OnTimeRules.Flight(wanted, carrier, number, shift, import.Id));
                }
                else
                {
                    import.Reject(new(import.Rows, "flight.numbers_exhausted", $"{carrier} has no flight number left on {day:yyyy-MM-dd}."));
                }
            }
        }

        return (batch, false);
    }

    private static Task<int?> HighestAsync(OperationsDbContext db, DateOnly day, string carrier, CancellationToken cancellationToken) => db.Flights
        .Where(flight => flight.DepartsOn == day && flight.Carrier == carrier && flight.Number >= SeedSchedule.NumbersBelow)
        .MaxAsync(flight => (int?)flight.Number, cancellationToken);

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
