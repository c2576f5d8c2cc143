using Aerona.Persistence;
using MassTransit;
using MassTransit.Middleware;
using MassTransit.Middleware.Outbox;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Aerona.Messaging;

/// <summary>
/// One transaction a message: inbox row, the consumer's or saga's changes and all that goes out, one save, one commit, then the acknowledgement. On PostgreSQL
/// messages that only write share theirs with others (<see cref="GroupCommits"/>).
/// </summary>
internal class ConsumeOutboxFactory<TDbContext>(
    TDbContext db, OutboxWriter writer, Relays relays, Groups groups, MessagingMetrics metrics, IServiceProvider services)
    : IOutboxContextFactory<TDbContext> where TDbContext : DbContext
{
    public Task Send<T>(ConsumeContext<T> context, OutboxConsumeOptions options, IPipe<OutboxConsumeContext<T>> next) where T : class =>
        SendAsync(context, options, next, takeFirst: true);

    public void Probe(ProbeContext context) => context.CreateFilterScope("outbox");

    protected async Task SendAsync<T>(ConsumeContext<T> context, OutboxConsumeOptions options, IPipe<OutboxConsumeContext<T>> next, bool takeFirst) where T : class
    {
        var messageId = context.MessageId ?? throw new MessageException(typeof(T), "has no MessageId, so it cannot be told from its repeats");
        var wasHandledBefore = groups.Of(db) is { } group && !group.IsUnfit(options.ConsumerId) && !context.TryGetPayload<Alone>(out _)
            ? await SendWithOthersAsync(context, options, next, messageId, group)
            : await SendAloneAsync(context, options, next, messageId, takeFirst);
        if (wasHandledBefore)
        {
            metrics.Duplicate(ServiceName.Of<TDbContext>());
            await context.NotifyConsumed(context, TimeSpan.Zero, options.ConsumerType);
        }
    }

    private async Task<bool> SendAloneAsync<T>(
        ConsumeContext<T> context, OutboxConsumeOptions options, IPipe<OutboxConsumeContext<T>> next, Guid messageId, bool takeFirst) where T : class
    {
        await using var transaction = await db.BeginAsync(context.CancellationToken);
        await using var session = new ConsumeOutboxContext<TDbContext, T>(context, options, services, db, transaction, null, null, writer, relays, messageId);
        try
        {
            if (!takeFirst || await session.TakeAsync())
            {
                await next.Send(session);
            }
        }
        catch (Exception) when (session.WasHandledBefore)
        {
            // Only thrown to get out of the saga's pipe.
        }

        return session.WasHandledBefore;
    }

    private async Task<bool> SendWithOthersAsync<T>(
        ConsumeContext<T> context, OutboxConsumeOptions options, IPipe<OutboxConsumeContext<T>> next, Guid messageId, GroupCommits group) where T : class
    {
        using var turn = await group.InHand.TakeAsync((options.ConsumerId, messageId));
        if (group.WasHandled(options.ConsumerId, messageId))
        {
            return true;
        }

        using var deferred = DeferredTransaction.Begin(db);
        await using var session = new ConsumeOutboxContext<TDbContext, T>(context, options, services, db, null, deferred, group, writer, relays, messageId);
        try
        {
            await next.Send(session);
        }
        catch (Exception) when (session.WasHandledBefore)
        {
            // Only thrown to get out of the saga's pipe.
        }
        catch (Exception problem) when (deferred.WasNeeded || TransactionNeededException.IsIn(problem))
        {
            group.MarkUnfit(options.ConsumerId);
            throw new TransactionNeededException();
        }
        catch (Exception) when (!session.IsCommitting)
        {
            // What was handled long ago may fail for that very reason.
            deferred.Dispose();
            if (!await Inbox.HasAsync(db, options.ConsumerId, messageId, context.CancellationToken))
            {
                throw;
            }

            return true;
        }

        return session.WasHandledBefore;
    }
}

/// <summary>For sagas on PostgreSQL: the inbox row is written, or looked for, in one round trip with the reading of the instance, which always comes first.</summary>
internal sealed class SagaOutboxFactory<TDbContext>(
    TDbContext db, OutboxWriter writer, Relays relays, Groups groups, MessagingMetrics metrics, IServiceProvider services)
    : ConsumeOutboxFactory<TDbContext>(db, writer, relays, groups, metrics, services), IOutboxContextFactory<SagasOf<TDbContext>> where TDbContext : DbContext
{
    private readonly bool _takeFirst = !db.IsOnServer();

    public new Task Send<T>(ConsumeContext<T> context, OutboxConsumeOptions options, IPipe<OutboxConsumeContext<T>> next) where T : class =>
        SendAsync(context, options, next, _takeFirst);
}

/// <summary>Tells the outbox of a context's sagas from that of its consumers.</summary>
internal sealed class SagasOf<TDbContext>;

/// <summary>What schedulers and saga repositories need of the transaction that a message is handled in.</summary>
internal interface IOutboxSession
{
    Task CancelAsync(Guid token, CancellationToken cancellationToken);

    /// <summary>Reads an instance, which is this message's alone from then on; null when there is none.</summary>
    Task<TSaga?> LockAsync<TSaga>(Guid key, CancellationToken cancellationToken) where TSaga : class;

    void Add(object saga);

    void Remove(object saga);

    /// <summary>Whatever was changed in the instance is not saved.</summary>
    void Undo(object saga);
}

internal sealed class ConsumeOutboxContext<TDbContext, T> : OutboxConsumeContextProxy<T>, IOutboxSession, IAsyncDisposable where TDbContext : DbContext where T : class
{
    private readonly TDbContext _db;
    private readonly DeferredTransaction? _deferred;
    private readonly GroupCommits? _group;
    private readonly OutboxWriter _writer;
    private readonly Relays _relays;
    private readonly Guid _consumerId;
    private readonly Guid _messageId;
    private readonly List<OutboxRow> _rows = [];
    private readonly List<Guid> _cancelled = [];
    private DatabaseTransaction? _transaction;
    private DatabaseTransaction? _own;
    private bool _taken;
    private object? _locked;

    // With others only: the instance as it was read, what is to become of it, and the turn that this message has at it.
    private LoadedRow? _loaded;
    private Func<NpgsqlBatchCommand?>? _change;
    private Turns<Guid>.Turn _turn;

    public ConsumeOutboxContext(
        ConsumeContext<T> context, OutboxConsumeOptions options, IServiceProvider services, TDbContext db, DatabaseTransaction? transaction,
        DeferredTransaction? deferred, GroupCommits? group, OutboxWriter writer, Relays relays, Guid messageId)
        : base(context, options, services)
    {
        _db = db;
        _transaction = transaction;
        _deferred = deferred;
        _group = group;
        _writer = writer;
        _relays = relays;
        _consumerId = options.ConsumerId;
        _messageId = messageId;
        AddOrUpdatePayload(() => db, _ => db);
    }

    /// <summary>The consumer has had this message: nothing more is to be done, nothing is committed.</summary>
    public bool WasHandledBefore { get; private set; }

    /// <summary>The consumer is done; what fails from here on is the database's answer.</summary>
    public bool IsCommitting { get; private set; }

    public override bool ContinueProcessing { get; set; }

    public override bool IsMessageConsumed => false;

    public override bool IsOutboxDelivered => false;

    public override int ReceiveCount => 1;

    public override long? LastSequenceNumber => null;

    public override Task AddSend<TMessage>(SendContext<TMessage> context)
    {
        var row = new OutboxRow();
        row.Fill(context, _writer.Now, _writer.Lease);
        lock (_rows)   // a consumer may publish several at once without waiting for each
        {
            _rows.Add(row);
        }

        return Task.CompletedTask;
    }

    /// <summary>Notes the message as handled; false when it was before.</summary>
    public async Task<bool> TakeAsync()
    {
        _taken = true;
        WasHandledBefore = !await Inbox.TakeAsync(_db, _consumerId, _messageId, _writer.Now, CancellationToken);
        return !WasHandledBefore;
    }

    public async Task<TSaga?> LockAsync<TSaga>(Guid key, CancellationToken cancellationToken) where TSaga : class
    {
        if (_transaction is null)
        {
            return await ReadWithOthersAsync<TSaga>(key);
        }

        if (_taken)
        {
            var again = await _db.TryLockAsync<TSaga>(key, cancellationToken);
            _locked = again;
            return again;
        }

        var taking = PostgreSqlOutbox.Taking(_consumerId, _messageId, _writer.Now);
        var instance = await _db.TryLockAsync<TSaga>(key, taking, cancellationToken);
        _taken = true;
        _locked = instance;
        WasHandledBefore = taking.Affected == 0;
        return WasHandledBefore ? throw new MessageException(typeof(T), "was handled before") : instance;
    }

    private async Task<TSaga?> ReadWithOthersAsync<TSaga>(Guid key) where TSaga : class
    {
        if (RowMap.Of(_db, typeof(TSaga)) is not { CanBeLoaded: true } map)
        {
            throw new TransactionNeededException();
        }

        var reads = _group!.ReadsOf(map);
        _turn = await reads.Turns.TakeAsync(key);
        (_loaded, WasHandledBefore) = await reads.ReadAsync(key, _consumerId, _messageId);
        if (WasHandledBefore)
        {
            throw new MessageException(typeof(T), "was handled before");
        }

        if (_loaded is { } loaded)
        {
            _change = () => map.Update(loaded);
        }

        return (TSaga?)_loaded?.Entity;
    }

    public void Add(object saga)
    {
        if (_transaction is not null)
        {
            _db.Add(saga);
        }
        else if (RowMap.Of(_db, saga.GetType()) is { } map)
        {
            _change = () => map.Insert(saga);
        }
        else
        {
            throw new TransactionNeededException();
        }
    }

    public void Remove(object saga)
    {
        if (_transaction is not null)
        {
            _db.Remove(saga);
        }
        else
        {
            _change = _loaded is { } loaded && loaded.Entity == saga ? () => RowMap.Of(_db, saga.GetType())!.Delete(loaded) : throw new TransactionNeededException();
        }
    }

    public void Undo(object saga)
    {
        if (_transaction is not null)
        {
            _db.Entry(saga).State = EntityState.Unchanged;
        }
        else
        {
            _change = null;
        }
    }

    public override async Task SetConsumed()
    {
        IsCommitting = true;
        if (_deferred is { WasNeeded: true })
        {
            throw new TransactionNeededException();   // somebody has caught the first one
        }

        if (_transaction is null)
        {
            await _writer.WritePendingAsync(_db, CapturedContext, CancellationToken);
            TakeRowsFromContext();
            if (Changes() is { } changes)
            {
                await CommitWithOthersAsync(changes);
                return;
            }

            await GoOnAloneAsync();
        }

        if (!_taken && !await TakeAsync())
        {
            return;
        }

        await _writer.WritePendingAsync(_db, CapturedContext, CancellationToken);
        if (_db.IsOnServer())
        {
            await SaveAndCommitOnServerAsync();
            return;
        }

        if (_cancelled.Count > 0)
        {
            await _db.DeleteScheduledAsync(_cancelled, CancellationToken);
        }

        _db.AddRange(_rows);
        await _db.SaveChangesAsync(CancellationToken);
        await _transaction!.CommitAsync(CancellationToken);
    }

    private async Task CommitWithOthersAsync(List<Func<NpgsqlBatchCommand>> changes)
    {
        var unit = new CommitUnit
        {
            Inbox = (_consumerId, _messageId),
            Order = CorrelationId ?? _messageId,
            Changes = changes,
            Cancelled = _cancelled,
            Rows = _rows,
        };
        if (await _group!.CommitAsync(unit))
        {
            _deferred!.Committed();
        }
        else
        {
            WasHandledBefore = true;
        }
    }

    /// <summary>What is to be written besides inbox and outbox; null when it takes EF Core to do it.</summary>
    private List<Func<NpgsqlBatchCommand>>? Changes()
    {
        List<Func<NpgsqlBatchCommand>> changes = [];
        if (_change is { } change && change() is not null)
        {
            changes.Add(change!);
        }

        foreach (var entry in _db.ChangeTracker.Entries())
        {
            if (entry.State == EntityState.Added && RowMap.Of(_db, entry.Metadata.ClrType) is { } map)
            {
                var added = entry.Entity;
                changes.Add(() => map.Insert(added));
            }
            else if (entry.State is not (EntityState.Unchanged or EntityState.Detached))
            {
                return null;
            }
        }

        return changes;
    }

    /// <summary>The consumer is done and was thought to write less: its transaction begins late. A saga's instance was not locked, so it has to be handled again.</summary>
    private async Task GoOnAloneAsync()
    {
        _group!.MarkUnfit(_consumerId);
        if (_loaded is not null || _change is not null)
        {
            throw new TransactionNeededException();
        }

        _deferred!.Dispose();
        _transaction = _own = await _db.BeginAsync(CancellationToken);
        _deferred.EndFor(_transaction);
    }

    /// <summary>What was published through the context and not saved yet comes to the others.</summary>
    private void TakeRowsFromContext()
    {
        foreach (var row in OutboxWriter.Added(_db))
        {
            _db.Entry(row).State = EntityState.Detached;
            _rows.Add(row);
        }
    }

    private async Task SaveAndCommitOnServerAsync()
    {
        TakeRowsFromContext();
        if (_rows.Count + _cancelled.Count == 0)
        {
            await _db.SaveChangesAsync(CancellationToken);
            await _transaction!.CommitAsync(CancellationToken);
            return;
        }

        if (!NoRowCanBeMissing() || !await SaveAndCommitTogetherAsync())
        {
            await _db.SaveChangesAsync(CancellationToken);
            await _transaction!.CommitAsync(() => PostgreSqlOutbox.WriteAndCommitAsync(_db, _cancelled, _rows, CancellationToken), CancellationToken);
        }

        _relays.Of(_db)?.Committed(_rows);
    }

    /// <summary>All that is saved is new, or the saga's instance, which is locked; and it is little enough to be one command.</summary>
    private bool NoRowCanBeMissing()
    {
        var changes = _db.ChangeTracker.Entries().Where(entry => entry.State is EntityState.Added or EntityState.Modified or EntityState.Deleted).ToList();
        return changes.Count is > 0 and < 50 && changes.TrueForAll(entry =>
            entry.State == EntityState.Added || (entry.State == EntityState.Modified && ReferenceEquals(entry.Entity, _locked)));
    }

    private async Task<bool> SaveAndCommitTogetherAsync()
    {
        var behind = PostgreSqlOutbox.Behind(_cancelled, _rows);
        _db.ChangeTracker.AutoDetectChangesEnabled = false;   // they have just been looked for
        try
        {
            if (!await _transaction!.SaveAndCommitAsync(behind, CancellationToken))
            {
                return false;
            }
        }
        finally
        {
            _db.ChangeTracker.AutoDetectChangesEnabled = true;
        }

        foreach (var (row, id) in _rows.Zip(behind.Ids))
        {
            row.Id = id;
        }

        return true;
    }

    // All at the end, so that a transition that takes back two timers pays one round trip.
    public Task CancelAsync(Guid token, CancellationToken cancellationToken)
    {
        if (_rows.RemoveAll(row => row.TokenId == token) == 0 && !_db.ForgetUnsaved(token))
        {
            _cancelled.Add(token);
        }

        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _turn.Dispose();
        if (_own is not null)
        {
            await _own.DisposeAsync();
        }
    }

    public override Task SetDelivered() => Task.CompletedTask;

    public override Task<List<OutboxMessageContext>> LoadOutboxMessages() => Task.FromResult<List<OutboxMessageContext>>([]);

    public override Task NotifyOutboxMessageDelivered(OutboxMessageContext message) => Task.CompletedTask;

    public override Task RemoveOutboxMessages() => Task.CompletedTask;
}

/// <summary>Knows what was handled before.</summary>
internal static class Inbox
{
    /// <summary>Notes the message for the consumer; false when it stands there already. A twin in another transaction is waited for.</summary>
    public static async Task<bool> TakeAsync(DbContext db, Guid consumerId, Guid messageId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (db.IsOnServer())
        {
            return await PostgreSqlOutbox.TakeAsync(db, consumerId, messageId, now, cancellationToken);
        }

        var at = now.UtcTicks;   // as the model has it there
        return await db.Database.ExecuteSqlAsync(
            $"INSERT INTO inbox (consumer_id, message_id, at) VALUES ({consumerId}, {messageId}, {at}) ON CONFLICT DO NOTHING", cancellationToken) == 1;
    }

    /// <summary>Whether the message stands there.</summary>
    public static Task<bool> HasAsync(DbContext db, Guid consumerId, Guid messageId, CancellationToken cancellationToken) =>
        db.Set<InboxRow>().AnyAsync(row => row.ConsumerId == consumerId && row.MessageId == messageId, cancellationToken);
}
