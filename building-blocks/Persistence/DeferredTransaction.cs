using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Aerona.Persistence;

/// <summary>
/// While it lasts the context only collects changes, and whoever began it writes them in one go with those of others. Work that needs more of the database, be
/// it a read, throws <see cref="TransactionNeededException"/> and is to be done again in a transaction of its own. PostgreSQL alone.
/// </summary>
public sealed class DeferredTransaction : IDisposable
{
    private static readonly ConditionalWeakTable<DbContext, DeferredTransaction> Deferred = [];

    private readonly DbContext _db;
    private List<Action>? _afterCommit;

    private DeferredTransaction(DbContext db) => _db = db;

    /// <summary>Whether the exception was thrown, even if somebody has caught it.</summary>
    public bool WasNeeded { get; private set; }

    /// <summary>Begins.</summary>
    public static DeferredTransaction Begin(DbContext db)
    {
        var deferred = new DeferredTransaction(db);
        Deferred.Add(db, deferred);
        return deferred;
    }

    /// <summary>What was written is durable: runs what waited for it.</summary>
    public void Committed() => _afterCommit?.ForEach(action => action());

    /// <summary>Ends, and hands what waits for the commit to a transaction that does the work instead.</summary>
    public void EndFor(DatabaseTransaction transaction)
    {
        Dispose();
        _afterCommit?.ForEach(transaction.AfterCommit);
    }

    /// <inheritdoc/>
    public void Dispose() => Deferred.Remove(_db);

    /// <summary>For whoever is about to reach the database: throws <see cref="TransactionNeededException"/> while the context's transaction is deferred.</summary>
    public static void MustNotBe(DbContext db)
    {
        if (Of(db) is { } deferred)
        {
            deferred.WasNeeded = true;
            throw new TransactionNeededException();
        }
    }

    internal static DeferredTransaction? Of(DbContext db) => Deferred.TryGetValue(db, out var deferred) ? deferred : null;

    internal void AfterCommit(Action action) => (_afterCommit ??= []).Add(action);
}

/// <summary>Work that was thought to write only turns out to read: again, in a transaction.</summary>
public sealed class TransactionNeededException() : InvalidOperationException("This needs a transaction of its own, and none was begun")
{
    /// <summary>Whether the exception is one, or one is within it.</summary>
    public static bool IsIn(Exception? problem) => problem is not null && (problem is TransactionNeededException || IsIn(problem.InnerException));
}

/// <summary>Sees that nothing of a deferred transaction reaches the database.</summary>
internal sealed class DeferredTransactionGuard : DbConnectionInterceptor
{
    public override InterceptionResult ConnectionOpening(DbConnection connection, ConnectionEventData eventData, InterceptionResult result)
    {
        Check(eventData);
        return result;
    }

    public override ValueTask<InterceptionResult> ConnectionOpeningAsync(
        DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        Check(eventData);
        return new(result);
    }

    private static void Check(ConnectionEventData eventData)
    {
        if (eventData.Context is { } db)
        {
            DeferredTransaction.MustNotBe(db);
        }
    }
}
