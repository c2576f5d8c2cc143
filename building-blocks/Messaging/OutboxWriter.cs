using System.Diagnostics;
using MassTransit;
using MassTransit.DependencyInjection;
using MassTransit.Middleware;
using MassTransit.Middleware.Outbox;
using MassTransit.Transports;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Aerona.Messaging;

/// <summary>Turns what <see cref="Outbox.Publish{T}"/> noted into what the bus would send: body, addresses, headers with the trace.</summary>
internal sealed class OutboxWriter(IServiceProvider services, TimeProvider time, IOptions<MessagingOptions> options)
{
    private static readonly ActivitySource Source = new("Aerona.Messaging");

    public DateTimeOffset Now => time.GetUtcNow();

    public TimeSpan Lease => options.Value.Lease;

    /// <summary>Fills every row of the context that is still a mere message.</summary>
    /// <param name="db">The context about to be saved.</param>
    /// <param name="cause">The message being handled, if any: conversation and initiator are taken from it.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task WritePendingAsync(DbContext db, ConsumeContext? cause, CancellationToken cancellationToken)
    {
        foreach (var row in Added(db).Where(row => row.Message is not null).ToList())
        {
            using var trace = Continued(row.Trace);
            var publish = new PublishEndpoint(new OutboxPublishEndpointProvider(new RowSend(this, row), services.GetRequiredService<IBus>()));
            await publish.Publish(row.Message!, row.Message!.GetType(), new RowIdentity(row, cause), cancellationToken);
        }
    }

    /// <summary>The rows not yet saved, without looking for changes in everything else.</summary>
    public static List<OutboxRow> Added(DbContext db)
    {
        var detect = db.ChangeTracker.AutoDetectChangesEnabled;
        db.ChangeTracker.AutoDetectChangesEnabled = false;
        try
        {
            return [.. db.ChangeTracker.Entries<OutboxRow>().Where(entry => entry.State == EntityState.Added).Select(entry => entry.Entity)];
        }
        finally
        {
            db.ChangeTracker.AutoDetectChangesEnabled = detect;
        }
    }

    /// <summary>A message belongs to the trace it was published in, and the save may happen in another one.</summary>
    private static Activity? Continued(string? trace) =>
        trace is null || trace == Activity.Current?.Id || !ActivityContext.TryParse(trace, null, isRemote: true, out var context) ? null
        : Source.StartActivity("outbox publish", ActivityKind.Internal, context) ?? new Activity("outbox publish").SetParentId(trace).Start();   // unsampled, it goes on all the same

    private sealed class RowSend(OutboxWriter writer, OutboxRow row) : OutboxSendContext
    {
        public Task AddSend<T>(SendContext<T> context) where T : class
        {
            row.Fill(context, writer.Now, writer.Lease);
            return Task.CompletedTask;
        }

        public object? GetService(Type serviceType) => writer.Service(serviceType);
    }

    private object? Service(Type serviceType) => services.GetService(serviceType);

    private sealed class RowIdentity(OutboxRow row, ConsumeContext? cause) : IPipe<PublishContext>
    {
        public Task Send(PublishContext context)
        {
            context.MessageId = row.MessageId;
            if ((row.TokenId ?? row.RaisedToken) is { } token)
            {
                context.Headers.Set(MessageHeaders.SchedulingTokenId, token.ToString("D"));
            }

            if (cause is not null)
            {
                context.ConversationId = cause.ConversationId;
                context.InitiatorId = cause.CorrelationId ?? cause.MessageId;
            }

            return Task.CompletedTask;
        }

        public void Probe(ProbeContext context)
        {
        }
    }
}
