using MassTransit;
using MassTransit.Context;
using MassTransit.Middleware;
using MassTransit.Scheduling;

namespace Aerona.Messaging;

/// <summary>Gives what handles a message a scheduler whose timers are rows of the same transaction.</summary>
internal sealed class SchedulerFilter : IFilter<ConsumeContext>
{
    public Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        context.GetOrAddPayload<MessageSchedulerContext>(() => new ConsumeMessageSchedulerContext(
            context, inner => new MessageScheduler(new RowScheduler(inner), inner.GetPayload<IBusTopology>())));
        return next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("scheduler");

    private sealed class RowScheduler(ConsumeContext context) : IScheduleMessageProvider
    {
        private IOutboxSession Session => context.TryGetPayload<IOutboxSession>(out var session)
            ? session
            : throw new InvalidOperationException("Outside a consumer's transaction schedule through the context: db.Schedule, db.CancelAsync");

        public async Task<ScheduledMessage<T>> ScheduleSend<T>(
            Uri destinationAddress, DateTime scheduledTime, T message, IPipe<SendContext<T>> pipe, CancellationToken cancellationToken) where T : class
        {
            _ = Session;
            var token = ScheduleTokenIdCache<T>.GetTokenId(message) is var known && known != Guid.Empty ? known : NewId.NextGuid();
            var endpoint = await context.GetSendEndpoint(destinationAddress);
            await endpoint.Send(message, new DuePipe<T>(pipe, scheduledTime, token), cancellationToken);
            return new ScheduledMessageHandle<T>(token, scheduledTime, destinationAddress, message);
        }

        public Task CancelScheduledSend(Guid tokenId, CancellationToken cancellationToken) => Session.CancelAsync(tokenId, cancellationToken);

        public Task CancelScheduledSend(Uri destinationAddress, Guid tokenId, CancellationToken cancellationToken) =>
            Session.CancelAsync(tokenId, cancellationToken);
    }

    private sealed class DuePipe<T>(IPipe<SendContext<T>> pipe, DateTime scheduledTime, Guid token) : IPipe<SendContext<T>> where T : class
    {
        public async Task Send(SendContext<T> context)
        {
            var utc = scheduledTime.Kind == DateTimeKind.Local ? scheduledTime.ToUniversalTime() : DateTime.SpecifyKind(scheduledTime, DateTimeKind.Utc);
            var at = new DateTimeOffset(utc);
            context.ScheduledMessageId = token;
            context.Headers.Set(MessageHeaders.SchedulingTokenId, token.ToString("D"));
            context.AddOrUpdatePayload(() => new DueAt(at), _ => new DueAt(at));
            if (pipe.IsNotEmpty())
            {
                await pipe.Send(context);
            }
        }

        public void Probe(ProbeContext context)
        {
        }
    }
}
