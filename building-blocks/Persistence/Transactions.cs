using Microsoft.EntityFrameworkCore;

namespace Aerona.Persistence;

/// <summary>The only way to begin a transaction: on SQLite it holds the file's writer gate until disposed.</summary>
public static class Transactions
{
    /// <summary>Begins; rolls back when disposed without <see cref="DatabaseTransaction.CommitAsync"/>. Not nested.</summary>
    public static Task<DatabaseTransaction> BeginAsync(this DbContext db, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>
    /// The first read of that row in the transaction, locked until its end (FOR UPDATE on PostgreSQL; on SQLite the gate is the lock).
    /// Throws <see cref="InvalidOperationException"/> outside a transaction or when the row is tracked already. Null when there is none.
    /// </summary>
    public static Task<T?> TryLockAsync<T>(this DbContext db, object key, CancellationToken cancellationToken) where T : class => throw new NotImplementedException();

    /// <summary>The same; throws <see cref="KeyNotFoundException"/> when there is none.</summary>
    public static async Task<T> LockAsync<T>(this DbContext db, object key, CancellationToken cancellationToken) where T : class =>
        await db.TryLockAsync<T>(key, cancellationToken) ?? throw new KeyNotFoundException($"{typeof(T).Name} {key} does not exist");
}

/// <summary>A transaction and, on SQLite, the writer gate.</summary>
public sealed class DatabaseTransaction : IAsyncDisposable
{
    /// <summary>Makes it durable.</summary>
    public Task CommitAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Rolls back what was not committed and opens the gate.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
