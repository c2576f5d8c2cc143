using System.Linq.Expressions;
using Aerona.Persistence;
using MassTransit;
using MassTransit.Configuration;
using MassTransit.Context;
using MassTransit.Middleware;
using MassTransit.Saga;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Messaging;

/// <summary>Events of a saga that may be about something else.</summary>
internal sealed record OthersEvents<TSaga>(HashSet<Type> Types);

/// <summary>
/// Saga instances as rows of the service's context, locked while an event is handled. It writes nothing itself: the outbox around it saves once and commits once.
/// </summary>
internal sealed class SagaRepository<TDbContext, TSaga>(TDbContext db, ISagaConsumeContextFactory<TDbContext, TSaga> contexts, OthersEvents<TSaga> others)
    : ISagaRepositoryContextFactory<TSaga>, ILoadSagaRepositoryContextFactory<TSaga>, IQuerySagaRepositoryContextFactory<TSaga>
    where TDbContext : DbContext where TSaga : class, ISaga
{
    public async Task Send<T>(ConsumeContext<T> context, IPipe<SagaRepositoryContext<TSaga, T>> next) where T : class
    {
        RequireOutbox(context);
        var instances = new Instances<T>(db, context, contexts);
        await next.Send(instances);
        if (instances.WasMissing && !others.Types.Contains(typeof(T)))
        {
            // Out of order, most likely: a cancellation may come before the submission it cancels. Skipped silently it would be lost.
            throw new SagaException("There is no such instance (yet)", typeof(TSaga), typeof(T), context.CorrelationId ?? Guid.Empty);
        }
    }

    public async Task SendQuery<T>(ConsumeContext<T> context, ISagaQuery<TSaga> query, IPipe<SagaRepositoryQueryContext<TSaga, T>> next) where T : class
    {
        RequireOutbox(context);
        var found = await db.Set<TSaga>().Where(query.FilterExpression).ToListAsync(context.CancellationToken);
        await next.Send(new LoadedSagaRepositoryQueryContext<TSaga, T>(new Instances<T>(db, context, contexts), found));
    }

    public Task<TResult> Execute<TResult>(Func<LoadSagaRepositoryContext<TSaga>, Task<TResult>> callback, CancellationToken cancellationToken)
        where TResult : class => callback(new Reader(db, cancellationToken));

    public Task<TResult> Execute<TResult>(Func<QuerySagaRepositoryContext<TSaga>, Task<TResult>> callback, CancellationToken cancellationToken)
        where TResult : class => callback(new Reader(db, cancellationToken));

    public void Probe(ProbeContext context) => context.Add("persistence", typeof(TDbContext).Name);

    private static void RequireOutbox(ConsumeContext context)
    {
        if (!context.TryGetPayload<IOutboxSession>(out _))
        {
            throw new ConfigurationException($"{typeof(TSaga).Name} must be handled within the outbox: register it with AddSaga");
        }
    }

    private sealed class Instances<T>(TDbContext db, ConsumeContext<T> context, ISagaConsumeContextFactory<TDbContext, TSaga> contexts)
        : ConsumeContextScope<T>(context, db), SagaRepositoryContext<TSaga, T> where T : class
    {
        private readonly ConsumeContext<T> _context = context;

        public bool WasMissing { get; private set; }

        public async Task<SagaConsumeContext<TSaga, T>> Load(Guid correlationId)
        {
            var instance = await _context.GetPayload<IOutboxSession>().LockAsync<TSaga>(correlationId, CancellationToken);
            WasMissing = instance is null;
            return instance is null ? null! : await contexts.CreateSagaConsumeContext(db, _context, instance, SagaConsumeContextMode.Load);
        }

        public Task<SagaConsumeContext<TSaga, T>> Add(TSaga instance)
        {
            WasMissing = false;
            return contexts.CreateSagaConsumeContext(db, _context, instance, SagaConsumeContextMode.Add);
        }

        public Task<SagaConsumeContext<TSaga, T>> Insert(TSaga instance) =>
            throw new NotSupportedException("InsertOnInitial is not needed here: the primary key and a retry do the same");

        public Task Save(SagaConsumeContext<TSaga> context)
        {
            _context.GetPayload<IOutboxSession>().Add(context.Saga);
            return Task.CompletedTask;
        }

        public Task Update(SagaConsumeContext<TSaga> context) => Task.CompletedTask;

        public Task Delete(SagaConsumeContext<TSaga> context)
        {
            _context.GetPayload<IOutboxSession>().Remove(context.Saga);
            return Task.CompletedTask;
        }

        public Task Discard(SagaConsumeContext<TSaga> context) => Task.CompletedTask;

        public Task Undo(SagaConsumeContext<TSaga> context)
        {
            _context.GetPayload<IOutboxSession>().Undo(context.Saga);
            return Task.CompletedTask;
        }

        public Task<SagaConsumeContext<TSaga, TMessage>> CreateSagaConsumeContext<TMessage>(
            ConsumeContext<TMessage> consumeContext, TSaga instance, SagaConsumeContextMode mode) where TMessage : class =>
            contexts.CreateSagaConsumeContext(db, consumeContext, instance, mode);
    }

    private sealed class Reader(TDbContext db, CancellationToken cancellationToken)
        : BasePipeContext(cancellationToken), LoadSagaRepositoryContext<TSaga>, QuerySagaRepositoryContext<TSaga>
    {
        public Task<TSaga> Load(Guid correlationId) =>
            db.Set<TSaga>().AsNoTracking().SingleOrDefaultAsync(saga => saga.CorrelationId == correlationId, CancellationToken)!;

        public async Task<SagaRepositoryQueryContext<TSaga>> Query(ISagaQuery<TSaga> query, CancellationToken cancellationToken = default) =>
            new DefaultSagaRepositoryQueryContext<TSaga>(
                this, await db.Set<TSaga>().AsNoTracking().Where(query.FilterExpression).Select(saga => saga.CorrelationId).ToListAsync(cancellationToken));
    }
}
