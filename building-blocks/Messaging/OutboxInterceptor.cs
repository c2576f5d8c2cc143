using System.Data.Common;
using System.Runtime.CompilerServices;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Aerona.Messaging;

/// <summary>Fills the messages of a save into its rows, and hands the rows to the context's relay once they are durable.</summary>
internal sealed class OutboxInterceptor(OutboxWriter writer, Relays relays, Groups groups) : SaveChangesInterceptor, IDbTransactionInterceptor
{
    private readonly ConditionalWeakTable<DbContext, Saved> _saved = [];

    public override InterceptionResult<int> SavingChanges(DbContextEventData eventData, InterceptionResult<int> result) =>
        eventData.Context is { } db && OutboxWriter.Added(db).Count > 0
            ? throw new InvalidOperationException("There are messages to be saved: use SaveChangesAsync")
            : result;

    public override async ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is { } db && OutboxWriter.Added(db) is { Count: > 0 } rows)
        {
            DeferredTransaction.MustNotBe(db);
            await writer.WritePendingAsync(db, null, cancellationToken);
            if (db.Database.CurrentTransaction is null && groups.Of(db) is { } group && Additions(db) is { } additions)
            {
                try
                {
                    await group.CommitAsync(new() { Changes = additions, Rows = rows });
                }
                catch (PostgresException refusal)
                {
                    throw new DbUpdateException("The database refused what was added, or the messages with it", refusal);   // as EF Core's own save says it
                }

                rows.ForEach(row => db.Entry(row).State = EntityState.Detached);
                db.ChangeTracker.AcceptAllChanges();
                return InterceptionResult<int>.SuppressWithResult(rows.Count + additions.Count);
            }

            var saved = _saved.GetOrCreateValue(db);
            saved.Rows.AddRange(rows);
            saved.Saving = true;
        }

        return result;
    }

    /// <summary>What is added beside the messages; null when there is more than that to save, or ids to be told.</summary>
    private static List<Func<NpgsqlBatchCommand>>? Additions(DbContext db)
    {
        List<Func<NpgsqlBatchCommand>> additions = [];
        foreach (var entry in db.ChangeTracker.Entries())
        {
            if (entry.State is EntityState.Unchanged || entry.Entity is OutboxRow)
            {
                continue;
            }

            if (entry.State != EntityState.Added || RowMap.Of(db, entry.Metadata.ClrType) is not { } map || map.GetsIdFromDatabase(entry.Entity))
            {
                return null;
            }

            additions.Add(() => map.Insert(entry.Entity));
        }

        return additions;
    }

    public override ValueTask<int> SavedChangesAsync(SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is { } db && _saved.TryGetValue(db, out var saved))
        {
            saved.Saving = false;
            if (db.Database.CurrentTransaction is null)
            {
                HandOver(db);
            }
        }

        return new(result);
    }

    public override Task SaveChangesFailedAsync(DbContextErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        Forget(eventData.Context);
        return Task.CompletedTask;
    }

    public override Task SaveChangesCanceledAsync(DbContextEventData eventData, CancellationToken cancellationToken = default)
    {
        Forget(eventData.Context);
        return Task.CompletedTask;
    }

    public Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        // A save's own transaction commits before its rows know their ids.
        if (eventData.Context is { } db && _saved.TryGetValue(db, out var saved) && !saved.Saving)
        {
            HandOver(db);
        }

        return Task.CompletedTask;
    }

    public Task TransactionRolledBackAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Forget(eventData.Context);
        return Task.CompletedTask;
    }

    public Task TransactionFailedAsync(DbTransaction transaction, TransactionErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        Forget(eventData.Context);
        return Task.CompletedTask;
    }

    private void HandOver(DbContext db)
    {
        if (_saved.TryGetValue(db, out var saved))
        {
            _saved.Remove(db);
            relays.Of(db)?.Committed(saved.Rows);
        }
    }

    private void Forget(DbContext? db)
    {
        if (db is not null)
        {
            _saved.Remove(db);
        }
    }

    private sealed class Saved
    {
        public List<OutboxRow> Rows { get; } = [];

        public bool Saving { get; set; }
    }
}
