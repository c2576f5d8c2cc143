using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Aerona.Messaging;

/// <summary>Fills the messages of a save into its rows, and hands the rows to the context's relay once they are durable.</summary>
internal sealed class OutboxInterceptor(OutboxWriter writer, Relays relays) : SaveChangesInterceptor, IDbTransactionInterceptor
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
            await writer.WritePendingAsync(db, null, cancellationToken);
            var saved = _saved.GetOrCreateValue(db);
            saved.Rows.AddRange(rows);
            saved.Saving = true;
        }

        return result;
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
