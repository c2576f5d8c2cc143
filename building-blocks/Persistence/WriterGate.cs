using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Aerona.Persistence;

/// <summary>
/// SQLite has one writer a file. Writers that meet there poll and sleep; here they queue, first come first served, without a thread. One gate a file for the
/// whole process; for a database with many writers it is open always.
/// </summary>
internal sealed class WriterGate
{
    // Not a time limit of the business: nobody holds the gate for long, so that wait is a transaction begun inside another one's.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly ConcurrentDictionary<string, WriterGate> Gates = new(StringComparer.Ordinal);
    private static readonly WriterGate Open = new(null);

    private readonly string? _file;
    private readonly SemaphoreSlim? _turn;

    private WriterGate(string? file)
    {
        _file = file;
        _turn = file is null ? null : new(1, 1);
    }

    public static WriterGate Of(DbContext db) => db.Database.GetDbConnection() is SqliteConnection connection
        ? Gates.GetOrAdd(Path.GetFullPath(connection.DataSource), static file => new(file))
        : Open;

    public async Task EnterAsync(CancellationToken cancellationToken)
    {
        if (_turn is not null && !await _turn.WaitAsync(Patience, cancellationToken))
        {
            throw TooLong();
        }
    }

    public void Enter()
    {
        if (_turn is not null && !_turn.Wait(Patience))
        {
            throw TooLong();
        }
    }

    public void Leave() => _turn?.Release();

    private TimeoutException TooLong() => new($"The writer of {_file} was busy for {Patience}; was a transaction begun inside another one's?");
}

/// <summary>Lets single saves and single statements outside a transaction queue at the gate too.</summary>
internal sealed class WriterGateInterceptor : DbCommandInterceptor, ISaveChangesInterceptor
{
    private readonly ConcurrentDictionary<DbContext, WriterGate> _inside = new(ReferenceEqualityComparer.Instance);

    public async ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is { Database.CurrentTransaction: null } db)
        {
            db.ChangeTracker.DetectChanges();   // whatever is wrong with the changes must be thrown before the gate is taken: nobody would open it again
            await EnterAsync(db, cancellationToken);
        }

        return result;
    }

    public InterceptionResult<int> SavingChanges(DbContextEventData eventData, InterceptionResult<int> result)
    {
        if (eventData.Context is { Database.CurrentTransaction: null } db)
        {
            db.ChangeTracker.DetectChanges();
            Enter(db);
        }

        return result;
    }

    public ValueTask<int> SavedChangesAsync(SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        Leave(eventData.Context);
        return new(result);
    }

    public int SavedChanges(SaveChangesCompletedEventData eventData, int result)
    {
        Leave(eventData.Context);
        return result;
    }

    public Task SaveChangesFailedAsync(DbContextErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        Leave(eventData.Context);
        return Task.CompletedTask;
    }

    public void SaveChangesFailed(DbContextErrorEventData eventData) => Leave(eventData.Context);

    // Of a row that somebody else changed the other two are not told: without this nobody would open the gate again.
    public ValueTask<InterceptionResult> ThrowingConcurrencyExceptionAsync(
        ConcurrencyExceptionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        Leave(eventData.Context);
        return new(result);
    }

    public InterceptionResult ThrowingConcurrencyException(ConcurrencyExceptionEventData eventData, InterceptionResult result)
    {
        Leave(eventData.Context);
        return result;
    }

    public Task SaveChangesCanceledAsync(DbContextEventData eventData, CancellationToken cancellationToken = default)
    {
        Leave(eventData.Context);
        return Task.CompletedTask;
    }

    public void SaveChangesCanceled(DbContextEventData eventData) => Leave(eventData.Context);

    public override async ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        if (IsLoneStatement(eventData))
        {
            await EnterAsync(eventData.Context!, cancellationToken);
        }

        return result;
    }

    public override InterceptionResult<int> NonQueryExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<int> result)
    {
        if (IsLoneStatement(eventData))
        {
            Enter(eventData.Context!);
        }

        return result;
    }

    public override ValueTask<int> NonQueryExecutedAsync(
        DbCommand command, CommandExecutedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        LeaveAfter(eventData);
        return new(result);
    }

    public override int NonQueryExecuted(DbCommand command, CommandExecutedEventData eventData, int result)
    {
        LeaveAfter(eventData);
        return result;
    }

    public override Task CommandFailedAsync(DbCommand command, CommandErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        LeaveAfter(eventData);
        return Task.CompletedTask;
    }

    public override void CommandFailed(DbCommand command, CommandErrorEventData eventData) => LeaveAfter(eventData);

    public override Task CommandCanceledAsync(DbCommand command, CommandEndEventData eventData, CancellationToken cancellationToken = default)
    {
        LeaveAfter(eventData);
        return Task.CompletedTask;
    }

    public override void CommandCanceled(DbCommand command, CommandEndEventData eventData) => LeaveAfter(eventData);

    private static bool IsLoneStatement(CommandEventData eventData) =>
        eventData is { CommandSource: not CommandSource.SaveChanges, Context.Database.CurrentTransaction: null };

    private void LeaveAfter(CommandEventData eventData)
    {
        if (eventData.CommandSource is not CommandSource.SaveChanges)
        {
            Leave(eventData.Context);
        }
    }

    private async Task EnterAsync(DbContext db, CancellationToken cancellationToken)
    {
        var gate = WriterGate.Of(db);
        await gate.EnterAsync(cancellationToken);
        _inside[db] = gate;
    }

    private void Enter(DbContext db)
    {
        var gate = WriterGate.Of(db);
        gate.Enter();
        _inside[db] = gate;
    }

    private void Leave(DbContext? db)
    {
        if (db is not null && _inside.TryRemove(db, out var gate))
        {
            gate.Leave();
        }
    }
}
