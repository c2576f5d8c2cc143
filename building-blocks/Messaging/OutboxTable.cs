using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Aerona.Messaging;

/// <summary>What the relay does to the outbox of one context; all that differs between one process with a file and several with a server is in here.</summary>
internal sealed class OutboxTable(
    RegisteredDatabase database, IServiceScopeFactory scopes, Groups groups, TimeProvider time, MessagingMetrics metrics, IOptions<MessagingOptions> options)
{
    /// <summary>The database's name.</summary>
    public string Name => database.Name;

    /// <summary>The type of the context.</summary>
    public Type Context => database.Context;

    public async Task<bool> ExistsAsync(CancellationToken cancellationToken)
    {
        if (database.Connect() is { } server)
        {
            return await AskAsync<bool>(server, "SELECT to_regclass('outbox') IS NOT NULL", cancellationToken);
        }

        await using var scope = scopes.CreateAsyncScope();
        return Db(scope).Model.FindEntityType(typeof(OutboxRow)) is not null;
    }

    /// <summary>At start: whatever the transport was given it has forgotten.</summary>
    public Task UnmarkAllAsync(CancellationToken cancellationToken) => RunAsync(db => db.Set<OutboxRow>().Where(row => row.SentAt != null)
        .ExecuteUpdateAsync(
            set => set.SetProperty(row => row.SentAt, (DateTimeOffset?)null).SetProperty(row => row.AvailableAt, time.GetUtcNow()), cancellationToken));

    /// <summary>Takes what is due, except for destinations that do not take messages now, and says when the next row will be due.</summary>
    public async Task<(List<OutboxRow> Rows, DateTimeOffset? Next)> ClaimAsync(IReadOnlyList<string> paused, CancellationToken cancellationToken)
    {
        var (first, now) = await FirstAsync(cancellationToken);
        if (first is null || first > now)
        {
            return ([], first);
        }

        await using var scope = scopes.CreateAsyncScope();
        var outbox = Db(scope).Set<OutboxRow>();
        var lease = now + options.Value.Lease;
        var rows = Db(scope).IsOnServer()
            ? await LeaseOnServerAsync(outbox, now, lease, paused, cancellationToken)
            : await LeaseInFileAsync(outbox, now, lease, paused, cancellationToken);
        return (rows, await outbox.Where(row => row.SentAt == null && row.AvailableAt > now).MinAsync(row => (DateTimeOffset?)row.AvailableAt, cancellationToken));
    }

    /// <summary>Looks only, while nothing can be sent: how long messages wait is of interest then more than ever.</summary>
    public Task LookAsync(CancellationToken cancellationToken) => FirstAsync(cancellationToken);

    /// <summary>When the first row is due or was, and what time it is.</summary>
    private async Task<(DateTimeOffset? First, DateTimeOffset Now)> FirstAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var first = await FirstDueAsync(cancellationToken);
        metrics.OldestDue(Name, first < now ? first : null);
        return (first, now);
    }

    private async Task<DateTimeOffset?> FirstDueAsync(CancellationToken cancellationToken)
    {
        if (database.Connect() is { } server)
        {
            return await AskAsync<DateTime?>(server, "SELECT min(available_at) FROM outbox WHERE sent_at IS NULL", cancellationToken);
        }

        await using var scope = scopes.CreateAsyncScope();
        return await Db(scope).Set<OutboxRow>().Where(row => row.SentAt == null).MinAsync(row => (DateTimeOffset?)row.AvailableAt, cancellationToken);
    }

    /// <summary>Several relays share the table, so taking and leasing are one statement. The inner one is materialised: planned into the outer it could run again and again, and lease more.</summary>
    private Task<List<OutboxRow>> LeaseOnServerAsync(
        DbSet<OutboxRow> outbox, DateTimeOffset now, DateTimeOffset lease, IReadOnlyList<string> paused, CancellationToken cancellationToken) => outbox.FromSqlRaw(
            """
            WITH due AS MATERIALIZED (
                SELECT id FROM outbox WHERE sent_at IS NULL AND available_at <= {0} AND destination <> ALL({1})
                ORDER BY available_at, id LIMIT {2} FOR UPDATE SKIP LOCKED)
            UPDATE outbox SET available_at = {3} FROM due WHERE outbox.id = due.id RETURNING outbox.*
            """,
            now, paused.ToArray(), options.Value.BatchSize, lease).AsNoTracking().ToListAsync(cancellationToken);

    /// <summary>One process has the file.</summary>
    private async Task<List<OutboxRow>> LeaseInFileAsync(
        DbSet<OutboxRow> outbox, DateTimeOffset now, DateTimeOffset lease, IReadOnlyList<string> paused, CancellationToken cancellationToken)
    {
        var rows = await outbox.AsNoTracking()
            .Where(row => row.SentAt == null && row.AvailableAt <= now && !paused.Contains(row.Destination))
            .OrderBy(row => row.AvailableAt).ThenBy(row => row.Id).Take(options.Value.BatchSize).ToListAsync(cancellationToken);
        if (rows.Count > 0)
        {
            var ids = rows.ConvertAll(row => row.Id);
            await outbox.Where(row => ids.Contains(row.Id)).ExecuteUpdateAsync(set => set.SetProperty(row => row.AvailableAt, lease), cancellationToken);
        }

        return rows;
    }

    public Task MarkSentAsync(List<long> ids, CancellationToken cancellationToken) => RunAsync(db => db.Set<OutboxRow>().Where(row => ids.Contains(row.Id))
        .ExecuteUpdateAsync(set => set.SetProperty(row => row.SentAt, time.GetUtcNow()), cancellationToken));

    /// <summary>Sent, and not finished: again after a lease.</summary>
    public Task UnmarkSentAsync(List<long> ids, CancellationToken cancellationToken) => RunAsync(db => db.Set<OutboxRow>().Where(row => ids.Contains(row.Id))
        .ExecuteUpdateAsync(
            set => set.SetProperty(row => row.SentAt, (DateTimeOffset?)null).SetProperty(row => row.AvailableAt, time.GetUtcNow() + options.Value.Lease),
            cancellationToken));

    public Task DeleteAsync(List<long> ids) => RunAsync(db => groups.Of(db) is { } group
        ? group.DeleteSentAsync(ids)   // so often that looking the query up is a tenth of a message
        : db.Set<OutboxRow>().Where(row => ids.Contains(row.Id)).ExecuteDeleteAsync(CancellationToken.None));

    public Task CountAttemptAsync(OutboxRow row, int attempts, DateTimeOffset next, CancellationToken cancellationToken) =>
        RunAsync(db => db.Set<OutboxRow>().Where(stored => stored.Id == row.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(stored => stored.Attempts, attempts).SetProperty(stored => stored.AvailableAt, next), cancellationToken));

    public Task GiveUpAsync(OutboxRow row, Exception problem, CancellationToken cancellationToken) => RunAsync(async db =>
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        db.Add(DeadLetter.Unsendable(row, problem, time.GetUtcNow()));
        await db.SaveChangesAsync(cancellationToken);
        await db.Set<OutboxRow>().Where(stored => stored.Id == row.Id).ExecuteDeleteAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        metrics.DeadLettered(Name);
        return 1;
    });

    public async Task CleanInboxAsync(CancellationToken cancellationToken)
    {
        var oldest = time.GetUtcNow() - options.Value.InboxRetention;
        if (database.Connect() is { } server)
        {
            await AskAsync<int>(server, "DELETE FROM inbox WHERE at < $1", cancellationToken, new NpgsqlParameter<DateTimeOffset> { TypedValue = oldest });
            return;
        }

        await RunAsync(db => db.Set<InboxRow>().Where(row => row.At < oldest).ExecuteDeleteAsync(cancellationToken));
    }

    /// <summary>The first value of the answer; that of nothing or NULL is its type's own.</summary>
    private static async Task<T?> AskAsync<T>(NpgsqlConnection server, string sql, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        await using (server)
        {
            await server.OpenAsync(cancellationToken);
            await using var command = new NpgsqlCommand(sql, server);
            command.Parameters.AddRange(parameters);
            return await command.ExecuteScalarAsync(cancellationToken) is T value ? value : default;
        }
    }

    private async Task RunAsync(Func<DbContext, Task<int>> statement)
    {
        await using var scope = scopes.CreateAsyncScope();
        await statement(Db(scope));
    }

    private DbContext Db(AsyncServiceScope scope) => (DbContext)scope.ServiceProvider.GetRequiredService(database.Context);
}
