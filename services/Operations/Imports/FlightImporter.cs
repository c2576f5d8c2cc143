using Aerona.Contracts.Operations;
using Aerona.Messaging;
using Aerona.Operations.Data;
using Aerona.Operations.World;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Operations.Imports;

/// <summary>How far an import is.</summary>
/// <param name="Import">Counts so far.</param>
/// <param name="RowsRead">Rows done in this run.</param>
/// <param name="FlightsASecond">In this run.</param>
/// <param name="SecondsLeft">At most, at this speed: for all rows of the file.</param>
internal sealed record ImportProgress(FlightImport Import, int RowsRead, double FlightsASecond, double SecondsLeft);

/// <summary>What is wanted of a file.</summary>
/// <param name="Sha256">What it is known by.</param>
/// <param name="RowsInFile">Without heading and end line.</param>
/// <param name="Days">How many days of it, from its first; a form without days has each row on that many.</param>
/// <param name="Weeks">By how many weeks it is moved; null: as the form has it.</param>
internal sealed record ImportOrder(string Sha256, int RowsInFile, int Days, int? Weeks);

/// <summary>Reads a file of flights in batches, each one transaction with its message and the place to go on from. One import at a time.</summary>
internal sealed class FlightImporter(IServiceScopeFactory scopes, TimeProvider time, ILogger<FlightImporter> logger)
{
    /// <summary>Flights in a transaction and in its message. Every transaction writes the same pages of the indexes again, so few are better than many.</summary>
    public const int FlightsAtOnce = 5_000;

    private readonly SemaphoreSlim turn = new(1);

    /// <summary>The right to import until disposed; null while another import runs.</summary>
    public IDisposable? TryBegin() => turn.Wait(0) ? new Turn(turn) : null;

    /// <summary>
    /// Imports the file's first days, moved on by whole weeks so that they begin after today unless the form or the order says otherwise. The same file again finds
    /// its earlier import: nothing is done twice, more days are added, an interrupted one goes on. When the days it was moved to have begun, it is moved to later ones.
    /// </summary>
    /// <param name="open">Opens the file from its beginning.</param>
    /// <param name="order">What is wanted of it.</param>
    /// <param name="report">Told after every batch but the last.</param>
    /// <param name="cancellationToken">Stops between batches; what was saved stays.</param>
    public async Task<ImportProgress> RunAsync(
        Func<CancellationToken, Task<RowFile>> open, ImportOrder order, Func<ImportProgress, Task> report, CancellationToken cancellationToken)
    {
        var (importId, format) = await BeginAsync(open, order, cancellationToken);
        var began = time.GetTimestamp();
        using var file = await open(cancellationToken);
        var numbers = new Dictionary<(DateOnly, string), int?>();
        (int Rows, int Flights)? before = null;
        var row = 0;
        while (true)
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<OperationsDbContext>();
            await using var transaction = await db.BeginAsync(cancellationToken);
            var import = await db.LockAsync<FlightImport>(importId, cancellationToken);
            before ??= (import.Rows, import.Flights);
            for (; row < import.Rows; row++)
            {
                _ = await file.ReadAsync(cancellationToken);   // done by an earlier run
            }

            var batch = new ImportBatch(db, import, format, Days(import, order, format), numbers);
            var isOver = await batch.ReadAsync(file, FlightsAtOnce, cancellationToken);
            row = import.Rows;
            await db.UpsertAsync(batch.Flights, version: null, cancellationToken);
            await db.UpsertAsync(batch.Rejections, version: null, cancellationToken);
            foreach (var some in batch.Flights.Chunk(FlightsLoaded.Most))   // a row with many days may bring more
            {
                db.Publish(FlightsLoaded.Of([.. some.Select(flight => flight.Published())]));
            }

            import.Flights += batch.Flights.Count;
            if (isOver)
            {
                import.CompletedAt = batch.Flights.Count > 0 ? time.GetUtcNow() : import.CompletedAt ?? time.GetUtcNow();
                import.Days = Math.Max(import.Days, order.Days);
            }

            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);

            var progress = Progress(import, before.Value, time.GetElapsedTime(began));
            if (isOver || import.Flights / 50_000 != (import.Flights - batch.Flights.Count) / 50_000)
            {
                logger.LogInformation(
                    "Import {ImportId}: {Rows} of {RowsInFile} rows read, {Flights} flights, {Rejected} left out, {Rate:F0} flights a second, {Left:F0} s left",
                    import.Id, import.Rows, import.RowsInFile, import.Flights, import.Rejected.Values.Sum(), progress.FlightsASecond, isOver ? 0 : progress.SecondsLeft);
            }

            if (isOver)
            {
                return progress with { SecondsLeft = 0 };
            }

            await report(progress);
        }
    }

    private static ImportProgress Progress(FlightImport import, (int Rows, int Flights) before, TimeSpan elapsed)
    {
        var seconds = Math.Max(elapsed.TotalSeconds, 0.001);
        var rows = import.Rows - before.Rows;
        return new(import, rows, (import.Flights - before.Flights) / seconds, rows == 0 ? 0 : (import.RowsInFile - import.Rows) * seconds / rows);
    }

    // A form without days gives every row as many as were asked for when it was begun: a row is done for all of them or not at all.
    private static int Days(FlightImport import, ImportOrder order, ImportFormat format) => format.IsSorted || import.Days == 0 ? order.Days : import.Days;

    private static async Task<(ImportFormat Format, DateOnly? FirstDay)> FirstDayAsync(Func<CancellationToken, Task<RowFile>> open, CancellationToken cancellationToken)
    {
        using var file = await open(cancellationToken);
        while (await file.ReadAsync(cancellationToken) is { } read)
        {
            if (read.Row is { } first)
            {
                return (file.Format, first.Day);
            }
        }

        return (file.Format, null);
    }

    private async Task<(Guid ImportId, ImportFormat Format)> BeginAsync(Func<CancellationToken, Task<RowFile>> open, ImportOrder order, CancellationToken cancellationToken)
    {
        var (format, first) = await FirstDayAsync(open, cancellationToken);
        if (first is not { } fileDay)
        {
            throw new UnreadableFileException("import.no_rows", "Not one row of the file can be read.");
        }

        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OperationsDbContext>();
        var today = SeedWorldBuilder.Today(time);
        var isMoved = order.Weeks is null && format.IsMoved;
        var firstDay = fileDay.AddDays(7 * (isMoved ? Math.Max(0, (today.DayNumber - fileDay.DayNumber) / 7 + 1) : order.Weeks ?? 0));
        if (await db.Imports.SingleOrDefaultAsync(
            known => known.FileSha256 == order.Sha256 && (isMoved ? known.FirstDay > today : known.FirstDay == firstDay), cancellationToken) is { } earlier)
        {
            return (earlier.Id, format);
        }

        var import = new FlightImport
        {
            FileSha256 = order.Sha256,
            Format = format.Name,
            FileDay = fileDay,
            FirstDay = firstDay,
            Days = format.IsSorted ? 0 : order.Days,
            RowsInFile = order.RowsInFile,
            StartedAt = time.GetUtcNow(),
        };
        db.Imports.Add(import);
        await db.SaveChangesAsync(cancellationToken);
        logger.LogInformation("Import {ImportId}: {Format}, {Days} days of the file from {FileDay}, moved to {FirstDay}", import.Id, format.Name, order.Days, fileDay, firstDay);
        return (import.Id, format);
    }

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}

/// <summary>The next rows of a file as flights.</summary>
internal sealed class ImportBatch(OperationsDbContext db, FlightImport import, ImportFormat format, int days, Dictionary<(DateOnly, string), int?> numbers)
{
    private readonly int shift = import.FirstDay.DayNumber - import.FileDay.DayNumber;

    private readonly Dictionary<string, int> rowOf = [];

    public List<DatedFlight> Flights { get; private set; } = [];

    public List<ImportRejection> Rejections { get; } = [];

    /// <summary>Reads rows until there are so many flights; true at the end of what is wanted.</summary>
    public async Task<bool> ReadAsync(RowFile file, int flights, CancellationToken cancellationToken)
    {
        var isOver = false;
        for (var read = 0; Flights.Count < flights && read < 20 * flights && !isOver; read++)
        {
            if (await file.ReadAsync(cancellationToken) is not { } next
                || (format.IsSorted && next.Row?.Day >= import.FileDay.AddDays(days)))   // nothing of these days comes after it, and the row is not counted as done
            {
                isOver = true;
            }
            else
            {
                import.Rows++;
                await AddAsync(next, cancellationToken);
            }
        }

        await LeaveOutKnownAsync(cancellationToken);
        return isOver;
    }

    private async Task AddAsync(Parsed next, CancellationToken cancellationToken)
    {
        if (next.Row is not { } row)
        {
            Reject(import.Rows, next.Code, next.Detail, next.Airport);
        }
        else if (format.IsSorted && row.Day < import.FileDay)
        {
            Reject(import.Rows, "row.out_of_order", "The row departs before the file's first day.");
        }
        else if (row is OwnRow own && own.Problem(shift) is var (code, detail))
        {
            Reject(import.Rows, code, detail);
        }
        else
        {
            await AddAsync(row, cancellationToken);
        }
    }

    private async Task AddAsync(ImportRow row, CancellationToken cancellationToken)
    {
        var count = row.IsDaily ? days : 1;
        if ((row.Number ?? await NumberAsync(row, count, cancellationToken)) is not { } number)
        {
            Reject(import.Rows, "flight.numbers_exhausted", $"{row.Carrier} has no flight number left on {row.Day.AddDays(shift):yyyy-MM-dd}.");
            return;
        }

        for (var day = 0; day < count; day++)
        {
            var flight = row.Flight(number, shift + day, import.Id);
            if (rowOf.TryAdd(flight.Id, import.Rows))
            {
                Flights.Add(flight);
            }
            else
            {
                Reject(import.Rows, "flight.exists", $"{flight.Id} stands in row {rowOf[flight.Id]}.");
            }
        }
    }

    /// <summary>The next number of the airline that is free on all those days; null when all are taken.</summary>
    private async Task<int?> NumberAsync(ImportRow row, int count, CancellationToken cancellationToken)
    {
        var first = row.Day.AddDays(shift);
        int? highest = null;
        for (var day = 0; day < count; day++)
        {
            var key = (first.AddDays(day), row.Carrier);
            if (!numbers.TryGetValue(key, out var known))
            {
                numbers[key] = known = await HighestAsync(key.Item1, row.Carrier, cancellationToken);
            }

            highest = known > (highest ?? 0) ? known : highest;
        }

        var next = OnTimeRules.NextNumber(highest);
        for (var day = 0; next is not null && day < count; day++)
        {
            numbers[(first.AddDays(day), row.Carrier)] = next;
        }

        return next;
    }

    private Task<int?> HighestAsync(DateOnly day, string carrier, CancellationToken cancellationToken) => db.Flights
        .Where(flight => flight.DepartsOn == day && flight.Carrier == carrier && flight.Number >= SeedSchedule.NumbersBelow)
        .MaxAsync(flight => (int?)flight.Number, cancellationToken);

    /// <summary>A file that names its own flights may name some that are flown already, by a schedule or from another file.</summary>
    private async Task LeaveOutKnownAsync(CancellationToken cancellationToken)
    {
        if (format.IsMoved || Flights.Count == 0)
        {
            return;
        }

        var ids = Flights.ConvertAll(flight => flight.Id);
        var known = (await db.Flights.Where(flight => ids.Contains(flight.Id)).Select(flight => flight.Id).ToListAsync(cancellationToken)).ToHashSet();
        foreach (var id in known)
        {
            Reject(rowOf[id], "flight.exists", $"{id} is flown already.");
        }

        Flights = Flights.FindAll(flight => !known.Contains(flight.Id));
    }

    private void Reject(int row, string code, string detail, string? airport = null)
    {
        var rejected = new RejectedRow(row, code, detail, airport);
        import.Reject(rejected);
        if (Rejections.TrueForAll(other => other.Row != row))
        {
            Rejections.Add(ImportRejection.Of(import.Id, rejected));
        }
    }
}
