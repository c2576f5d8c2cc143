using Aerona.Persistence;
using MassTransit;
using MassTransit.Middleware;
using MassTransit.Middleware.Outbox;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Messaging;

/// <summary>One transaction a message: inbox row, the consumer's or saga's changes and all that goes out, one save, one commit, then the acknowledgement.</summary>
internal sealed class ConsumeOutboxFactory<TDbContext>(TDbContext db, OutboxWriter writer, OutboxInterceptor interceptor, MessagingMetrics metrics, IServiceProvider services)
    : IOutboxContextFactory<TDbContext> where TDbContext : DbContext
{
    public async Task Send<T>(ConsumeContext<T> context, OutboxConsumeOptions options, IPipe<OutboxConsumeContext<T>> next) where T : class
    {
        var messageId = context.MessageId ?? throw new MessageException(typeof(T), "has no MessageId, so it cannot be told from its repeats");
        await using var transaction = await db.BeginAsync(context.CancellationToken);
        if (!await Inbox.TakeAsync(db, options.ConsumerId, messageId, writer.Now, context.CancellationToken))
        {
            metrics.Duplicate(ServiceName.Of<TDbContext>());
            await context.NotifyConsumed(context, TimeSpan.Zero, options.ConsumerType);
            return;
        }

        await next.Send(new ConsumeOutboxContext<TDbContext, T>(context, options, services, db, transaction, writer, interceptor));
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("outbox");
}

/// <summary>What a scheduler needs of the transaction that a message is handled in.</summary>
internal interface IOutboxSession
{
    Task CancelAsync(Guid token, CancellationToken cancellationToken);
}

internal sealed class ConsumeOutboxContext<TDbContext, T> : OutboxConsumeContextProxy<T>, IOutboxSession where TDbContext : DbContext where T : class
{
    private readonly TDbContext _db;
    private readonly DatabaseTransaction _transaction;
    private readonly OutboxWriter _writer;
    private readonly OutboxInterceptor _interceptor;
    private readonly List<OutboxRow> _rows = [];
    private readonly List<Guid> _cancelled = [];

    public ConsumeOutboxContext(
        ConsumeContext<T> context, OutboxConsumeOptions options, IServiceProvider services, TDbContext db, DatabaseTransaction transaction, OutboxWriter writer,
        OutboxInterceptor interceptor)
        : base(context, options, services)
    {
        _db = db;
        _transaction = transaction;
        _writer = writer;
        _interceptor = interceptor;
        AddOrUpdatePayload(() => db, _ => db);
    }

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

    public override async Task SetConsumed()
    {
        await _writer.WritePendingAsync(_db, CapturedContext, CancellationToken);
        if (_cancelled.Count > 0)
        {
            await _db.DeleteScheduledAsync(_cancelled, CancellationToken);
        }

        if (_db.Database.IsNpgsql())
        {
            // What was published through the context and not saved yet comes to the others.
            foreach (var row in OutboxWriter.Added(_db))
            {
                _db.Entry(row).State = EntityState.Detached;
                _rows.Add(row);
            }

            await _db.SaveChangesAsync(CancellationToken);
            if (_rows.Count > 0)
            {
                await _transaction.CommitAsync(() => PostgreSqlOutbox.InsertAndCommitAsync(_db, _rows, CancellationToken));
                _interceptor.HandOver(_db, _rows);
                return;
            }
        }
        else
        {
            _db.AddRange(_rows);
            await _db.SaveChangesAsync(CancellationToken);
        }

        await _transaction.CommitAsync(CancellationToken);
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
        if (db.Database.IsNpgsql())
        {
            return await PostgreSqlOutbox.TakeAsync(db, consumerId, messageId, now, cancellationToken);
        }

        var at = now.UtcTicks;
        return await db.Database.ExecuteSqlAsync(
            $"INSERT INTO inbox (consumer_id, message_id, at) VALUES ({consumerId}, {messageId}, {at}) ON CONFLICT DO NOTHING", cancellationToken) == 1;
    }
}
