using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Aerona.Persistence;

/// <summary>The only way to begin a transaction: on SQLite it holds the file's writer gate until disposed.</summary>
public static class Transactions
{
    private static readonly ConditionalWeakTable<DbContext, DatabaseTransaction> Running = [];

    /// <summary>Whether the rows stand on a PostgreSQL server. Cheaper than asking EF Core, which asks the provider's assembly for its name.</summary>
    public static bool IsOnServer(this DbContext db) => db.Database.GetDbConnection() is NpgsqlConnection;

    /// <summary>Begins; rolls back when disposed without <see cref="DatabaseTransaction.CommitAsync"/>. Not nested.</summary>
    /// <exception cref="InvalidOperationException">The context is in a transaction already.</exception>
    /// <exception cref="TimeoutException">Another writer held the gate too long; mostly a transaction begun inside another one's.</exception>
    public static async Task<DatabaseTransaction> BeginAsync(this DbContext db, CancellationToken cancellationToken)
    {
        DeferredTransaction.MustNotBe(db);
        if (db.Database.CurrentTransaction is not null)
        {
            throw new InvalidOperationException("Transactions do not nest: this context is in one already");
        }

        var gate = WriterGate.Of(db);
        await gate.EnterAsync(cancellationToken);
        try
        {
            // Nobody goes on in a transaction after a save that failed, so a savepoint around each would be a round trip for nothing.
            db.Database.AutoSavepointsEnabled = !db.IsOnServer();
            var transaction = new DatabaseTransaction(db, await db.Database.BeginTransactionAsync(cancellationToken), gate);
            Running.AddOrUpdate(db, transaction);
            return transaction;
        }
        catch
        {
            gate.Leave();
            throw;
        }
    }

    /// <summary>The transaction that the context is in, for commands of one's own: <c>Database.CurrentTransaction</c> is null while it is deferred.</summary>
    /// <exception cref="InvalidOperationException">The context is in none.</exception>
    public static IDbContextTransaction RequireTransaction(this DbContext db)
    {
        DeferredTransaction.MustNotBe(db);
        return db.Database.CurrentTransaction ?? throw new InvalidOperationException("This is only done in a transaction");
    }

    /// <summary>Runs once the transaction that the context is in is durable, and never when it is rolled back: for what counts things. Must not throw.</summary>
    /// <exception cref="InvalidOperationException">The context is in no transaction begun here.</exception>
    public static void AfterCommit(this DbContext db, Action action)
    {
        if (DeferredTransaction.Of(db) is { } deferred)
        {
            deferred.AfterCommit(action);
            return;
        }

        if (db.Database.CurrentTransaction is null || !Running.TryGetValue(db, out var transaction))
        {
            throw new InvalidOperationException("There is no transaction whose commit could be waited for");
        }

        transaction.AfterCommit(action);
    }

    /// <summary>
    /// The first read of that row in the transaction, locked until its end (FOR UPDATE on PostgreSQL; on SQLite the gate is the lock).
    /// Throws <see cref="InvalidOperationException"/> outside a transaction or when the row is tracked already. Null when there is none.
    /// </summary>
    /// <param name="db">The context.</param>
    /// <param name="key">The primary key; an <c>object[]</c> in the key's order when it has several columns.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public static Task<T?> TryLockAsync<T>(this DbContext db, object key, CancellationToken cancellationToken) where T : class => TryLockAsync(
        db, key, async parts => db.IsOnServer() ? await RowLock.ReadAsync<T>(db, parts, cancellationToken) : await db.Set<T>().FindAsync(parts, cancellationToken));

    /// <summary>The same with a statement ahead of it in one round trip; PostgreSQL alone.</summary>
    public static Task<T?> TryLockAsync<T>(this DbContext db, object key, StatementAhead ahead, CancellationToken cancellationToken) where T : class =>
        TryLockAsync(db, key, parts => RowLock.ReadAsync<T>(db, parts, ahead, cancellationToken));

    /// <summary>The same; throws <see cref="KeyNotFoundException"/> when there is none.</summary>
    public static async Task<T> LockAsync<T>(this DbContext db, object key, CancellationToken cancellationToken) where T : class =>
        await db.TryLockAsync<T>(key, cancellationToken) ?? throw new KeyNotFoundException($"{typeof(T).Name} {key} does not exist");

    private static Task<T?> TryLockAsync<T>(DbContext db, object key, Func<object[], Task<T?>> read) where T : class
    {
        DeferredTransaction.MustNotBe(db);
        if (db.Database.CurrentTransaction is null)
        {
            throw new InvalidOperationException($"{typeof(T).Name} {key} can only be locked in a transaction");
        }

        var parts = key as object[] ?? [key];
        return db.Set<T>().Local.FindEntryUntyped(parts) is null
            ? read(parts)
            : throw new InvalidOperationException($"{typeof(T).Name} {key} was read before it was locked: what was read may be stale");
    }
}

/// <summary>A transaction and, on SQLite, the writer gate.</summary>
public sealed class DatabaseTransaction : IAsyncDisposable
{
    private readonly DbContext _db;
    private readonly IDbContextTransaction _transaction;
    private readonly WriterGate _gate;
    private readonly List<Action> _afterCommit = [];
    private bool _ended;
    private bool _disposed;

    internal DatabaseTransaction(DbContext db, IDbContextTransaction transaction, WriterGate gate)
    {
        _db = db;
        _transaction = transaction;
        _gate = gate;
    }

    /// <summary>Makes it durable.</summary>
    public async Task CommitAsync(CancellationToken cancellationToken)
    {
        _ended = true;
        await _transaction.CommitAsync(cancellationToken);
        _afterCommit.ForEach(action => action());
    }

    /// <summary>The same with statements of the caller's own, the last of which commits; EF Core and its interceptors hear of it.</summary>
    public async Task CommitAsync(Func<Task> statements, CancellationToken cancellationToken)
    {
        await statements();
        await CommittedAsync(cancellationToken);
    }

    /// <summary>
    /// Saves, runs these statements and commits in one round trip. Only for saves in which no row can turn out to be missing, that is of rows that are new or were
    /// locked in this transaction: by the time EF Core counts them, they are committed. False, and nothing done, when there was nothing to save.
    /// </summary>
    public async Task<bool> SaveAndCommitAsync(StatementsBehind behind, CancellationToken cancellationToken)
    {
        await SaveAndCommit.SaveAsync(_db, behind, cancellationToken);
        if (behind.HaveRun)
        {
            await CommittedAsync(cancellationToken);
        }

        return behind.HaveRun;
    }

    private async Task CommittedAsync(CancellationToken cancellationToken)
    {
        _ended = true;
        await _db.GetService<IDiagnosticsLogger<DbLoggerCategory.Database.Transaction>>().TransactionCommittedAsync(
            _db.GetService<IRelationalConnection>(), _transaction.GetDbTransaction(), _transaction.TransactionId, DateTimeOffset.MinValue, TimeSpan.Zero,
            cancellationToken);
        _afterCommit.ForEach(action => action());
    }

    internal void AfterCommit(Action action) => _afterCommit.Add(action);

    /// <summary>Rolls back what was not committed and opens the gate.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        try
        {
            if (!_ended)
            {
                await _transaction.RollbackAsync(CancellationToken.None);   // explicitly: interceptors do not see a rollback by disposal
            }
        }
        catch (Exception problem) when (problem is DbException or InvalidOperationException or IOException or ObjectDisposedException)
        {
            // The connection is gone, and with it the transaction: the server rolls back by itself. What broke it is being thrown already.
        }
        finally
        {
            await _transaction.DisposeAsync();
            _gate.Leave();
        }
    }
}
