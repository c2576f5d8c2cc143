using Aerona.Persistence;
using MassTransit;
using MassTransit.Middleware;
using MassTransit.Middleware.Outbox;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Messaging;

/// <summary>One transaction a message: inbox row, the consumer's or saga's changes and all that goes out, one save, one commit, then the acknowledgement.</summary>
internal class ConsumeOutboxFactory<TDbContext>(
    TDbContext db, OutboxWriter writer, Relays relays, MessagingMetrics metrics, IServiceProvider services)
    : IOutboxContextFactory<TDbContext> where TDbContext : DbContext
{
    public Task Send<T>(ConsumeContext<T> context, OutboxConsumeOptions options, IPipe<OutboxConsumeContext<T>> next) where T : class =>
        SendAsync(context, options, next, takeFirst: true);

    public void Probe(ProbeContext context) => context.CreateFilterScope("outbox");

    protected async Task SendAsync<T>(ConsumeContext<T> context, OutboxConsumeOptions options, IPipe<OutboxConsumeContext<T>> next, bool takeFirst) where T : class
    {
        var messageId = context.MessageId ?? throw new MessageException(typeof(T), "has no MessageId, so it cannot be told from its repeats");
        await using var transaction = await db.BeginAsync(context.CancellationToken);
        var session = new ConsumeOutboxContext<TDbContext, T>(context, options, services, db, transaction, writer, relays, messageId);
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

        if (session.WasHandledBefore)
        {
            metrics.Duplicate(ServiceName.Of<TDbContext>());
            await context.NotifyConsumed(context, TimeSpan.Zero, options.ConsumerType);
        }
    }
}

/// <summary>For sagas on PostgreSQL: the inbox row is written in one round trip with the reading of the instance, which always comes first.</summary>
internal sealed class SagaOutboxFactory<TDbContext>(
    TDbContext db, OutboxWriter writer, Relays relays, MessagingMetrics metrics, IServiceProvider services)
    : ConsumeOutboxFactory<TDbContext>(db, writer, relays, metrics, services), IOutboxContextFactory<SagasOf<TDbContext>> where TDbContext : DbContext
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

    /// <summary>Reads and locks an instance; null when there is none.</summary>
    Task<TSaga?> LockAsync<TSaga>(Guid key, CancellationToken cancellationToken) where TSaga : class;
}

internal sealed class ConsumeOutboxContext<TDbContext, T> : OutboxConsumeContextProxy<T>, IOutboxSession where TDbContext : DbContext where T : class
{
    private readonly TDbContext _db;
    private readonly DatabaseTransaction _transaction;
    private readonly OutboxWriter _writer;
    private readonly Relays _relays;
    private readonly Guid _consumerId;
    private readonly Guid _messageId;
    private readonly List<OutboxRow> _rows = [];
    private readonly List<Guid> _cancelled = [];
    private bool _taken;
    private object? _locked;

    public ConsumeOutboxContext(
        ConsumeContext<T> context, OutboxConsumeOptions options, IServiceProvider services, TDbContext db, DatabaseTransaction transaction, OutboxWriter writer,
        Relays relays, Guid messageId)
        : base(context, options, services)
    {
        _db = db;
        _transaction = transaction;
        _writer = writer;
        _relays = relays;
        _consumerId = options.ConsumerId;
        _messageId = messageId;
        AddOrUpdatePayload(() => db, _ => db);
    }

    /// <summary>The consumer has had this message: nothing more is to be done, nothing is committed.</summary>
    public bool WasHandledBefore { get; private set; }

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

    public override async Task SetConsumed()
    {
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
        await _transaction.CommitAsync(CancellationToken);
    }

    private async Task SaveAndCommitOnServerAsync()
    {
        // What was published through the context and not saved yet comes to the others.
        foreach (var row in OutboxWriter.Added(_db))
        {
            _db.Entry(row).State = EntityState.Detached;
            _rows.Add(row);
        }

        if (_rows.Count + _cancelled.Count == 0)
        {
            await _db.SaveChangesAsync(CancellationToken);
            await _transaction.CommitAsync(CancellationToken);
            return;
        }

        if (!NoRowCanBeMissing() || !await SaveAndCommitTogetherAsync())
        {
            await _db.SaveChangesAsync(CancellationToken);
            await _transaction.CommitAsync(() => PostgreSqlOutbox.WriteAndCommitAsync(_db, _cancelled, _rows, CancellationToken), CancellationToken);
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
            if (!await _transaction.SaveAndCommitAsync(behind, CancellationToken))
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

        var at = now.UtcTicks;
        return await db.Database.ExecuteSqlAsync(
            $"INSERT INTO inbox (consumer_id, message_id, at) VALUES ({consumerId}, {messageId}, {at}) ON CONFLICT DO NOTHING", cancellationToken) == 1;
    }
}
