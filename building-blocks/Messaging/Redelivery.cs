using System.Data.Common;
using Aerona.Persistence;
using MassTransit;
using MassTransit.Context;
using MassTransit.Middleware;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Aerona.Messaging;

/// <summary>
/// The outermost of a queue's filters. A database that cannot be reached is waited for, the message stays where it is. What the database refused (somebody
/// else wrote that row at the same moment) is tried again at once, everything anew. A message that fails otherwise comes again later, as a row of the owner's
/// outbox with the same MessageId; when that has been done often enough, its exception goes on to the dead letters.
/// </summary>
internal sealed partial class RedeliveryFilter<TDbContext>(
    string queue, IServiceScopeFactory scopes, TimeProvider time, MessagingMetrics metrics, IOptions<MessagingOptions> options, ILogger<Redeliveries> log)
    : IFilter<ConsumeContext> where TDbContext : DbContext
{
    private const string CountHeader = "Aerona-Redelivery-Count";

    // The outbox commits when the consumer is done, so a refusal is only seen out here.
    private static readonly TimeSpan[] AtOnce =
        [TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1)];

    public async Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        var pause = TimeSpan.FromMilliseconds(100);
        var refusals = 0;
        while (true)
        {
            var attempt = new AttemptContext(context);
            context.AddOrUpdatePayload(() => new Redeliveries(Later), _ => new Redeliveries(Later));
            try
            {
                await next.Send(attempt);
                return;
            }
            catch (Exception problem) when (TransactionNeededException.IsIn(problem) && !context.TryGetPayload<Alone>(out _))
            {
                context.GetOrAddPayload(() => new Alone());
            }
            catch (Exception problem) when (DatabaseErrors.IsUnreachable(problem) && !context.CancellationToken.IsCancellationRequested)
            {
                LogDatabaseUnreachable(problem, queue);
                context.GetOrAddPayload(() => new Alone());
                using var timer = new PeriodicTimer(pause, time);
                await timer.WaitForNextTickAsync(context.CancellationToken);
                pause = pause < TimeSpan.FromSeconds(5) ? pause * 2 : pause;
            }
            catch (Exception problem) when (refusals < AtOnce.Length && IsRefusal(problem) && !context.CancellationToken.IsCancellationRequested)
            {
                metrics.Retried(queue);
                context.GetOrAddPayload(() => new Alone());
                using var moment = new PeriodicTimer(AtOnce[refusals++]);   // of the machine's clock: no time of the business
                await moment.WaitForNextTickAsync(context.CancellationToken);
            }
            catch (Exception problem)
            {
                var count = context.ReceiveContext.TransportHeaders.Get(CountHeader, default(int?)) ?? 0;
                if (count >= options.Value.RedeliveryIntervals.Length || IsPermanent(problem) || context.CancellationToken.IsCancellationRequested)
                {
                    await attempt.TellFaultAsync();
                    throw;
                }

                var at = time.GetUtcNow() + options.Value.RedeliveryIntervals[count];
                LogComesAgain(problem, context.MessageId, queue, at);
                await WriteAsync(context, at, count + 1);
                context.ReceiveContext.AddOrUpdatePayload(() => new PutOff(problem), _ => new PutOff(problem));
                await TellHandledAsync(context);
                metrics.Redelivered(ServiceName.Of<TDbContext>());
                return;
            }
        }

        Task Later(DateTimeOffset until) => WriteAsync(context, until, context.ReceiveContext.TransportHeaders.Get(CountHeader, default(int?)) ?? 0);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("redelivery");

    private static bool IsRefusal(Exception problem) => problem is DbUpdateException or DbException || (problem.InnerException is { } inner && IsRefusal(inner));

    /// <summary>The machine does not take this event in this state, and will not take it later: whoever built it must look.</summary>
    private static bool IsPermanent(Exception problem) => problem is NotAcceptedStateMachineException or UnhandledEventException or NotImplementedException;

    private async Task WriteAsync(ConsumeContext context, DateTimeOffset at, int count)
    {
        var received = ReceivedMessage.From(context.ReceiveContext);
        var headers = new Dictionary<string, object>(received.Headers, StringComparer.OrdinalIgnoreCase) { [CountHeader] = count };
        headers.Remove(MessageHeaders.MessageId);
        headers.Remove(MessageHeaders.ContentType);
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TDbContext>();
        db.Add(OutboxRow.Again(received, queue, at, headers));
        await db.SaveChangesAsync(context.CancellationToken);
    }

    /// <summary>A message put off counts as handled; else it would be taken for one that nobody at the queue knows.</summary>
    private static Task TellHandledAsync(ConsumeContext context) => context.ReceiveContext.NotifyConsumed(
        new MessageConsumeContext<Redeliveries>(context, context.GetPayload<Redeliveries>()), TimeSpan.Zero, nameof(Redeliveries));

    [LoggerMessage(LogLevel.Warning, "The database of {Queue} cannot be reached; its messages wait")]
    private partial void LogDatabaseUnreachable(Exception problem, string queue);

    [LoggerMessage(LogLevel.Warning, "Message {MessageId} failed at {Queue} and comes again at {At:O}")]
    private partial void LogComesAgain(Exception problem, Guid? messageId, string queue, DateTimeOffset at);

    /// <summary>Tells of a failure only when it is the last one.</summary>
    private sealed class AttemptContext(ConsumeContext context) : ConsumeContextProxy(context)
    {
        private Func<Task> _fault = () => Task.CompletedTask;

        public override Task NotifyFaulted<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
        {
            _fault = () => base.NotifyFaulted(context, duration, consumerType, exception);
            return Task.CompletedTask;
        }

        public Task TellFaultAsync() => _fault();
    }
}

/// <summary>Lets a consumer ask for its message again at a time, without a failure being counted.</summary>
internal sealed record Redeliveries(Func<DateTimeOffset, Task> Later);

/// <summary>On a message that is handled in a transaction of its own, under lock: it was tried together with others, and that did not do.</summary>
internal sealed class Alone;

/// <summary>On a receive context whose message comes again later: why.</summary>
internal sealed record PutOff(Exception Problem);
