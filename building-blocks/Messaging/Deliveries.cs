using MassTransit;

namespace Aerona.Messaging;

/// <summary>
/// The in-memory bus forgets on a crash, so a row stays until every queue that was to get its message is done with it. Counts that, per message.
/// </summary>
internal sealed class Deliveries : IReceiveObserver
{
    private readonly Dictionary<Guid, List<Delivery>> _open = [];
    private readonly Lock _sync = new();

    /// <summary>Waits for these queues; then one of the callbacks is called, once.</summary>
    public void Expect(Guid messageId, IReadOnlyCollection<string> queues, Action done, Action failed)
    {
        lock (_sync)
        {
            if (!_open.TryGetValue(messageId, out var deliveries))
            {
                _open.Add(messageId, deliveries = new(1));
            }

            deliveries.Add(new([.. queues], done, failed));
        }
    }

    /// <summary>The message could not be sent after all.</summary>
    public void Forget(Guid messageId, Action done)
    {
        lock (_sync)
        {
            if (_open.TryGetValue(messageId, out var deliveries))
            {
                deliveries.RemoveAll(delivery => delivery.Done == done);
                if (deliveries.Count == 0)
                {
                    _open.Remove(messageId);
                }
            }
        }
    }

    public Task PostReceive(ReceiveContext context) => End(context, failed: false);

    /// <summary>Not even the dead letter could be written: not finished.</summary>
    public Task ReceiveFault(ReceiveContext context, Exception exception) => End(context, failed: true);

    public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType) where T : class => Task.CompletedTask;

    public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception) where T : class => Task.CompletedTask;

    private Task End(ReceiveContext context, bool failed)
    {
        if (context.GetMessageId() is { } messageId)
        {
            Settle(messageId, Endpoints.NameIn(context.InputAddress), failed)?.Invoke();
        }

        return Task.CompletedTask;
    }

    private Action? Settle(Guid messageId, string queue, bool failed)
    {
        lock (_sync)
        {
            if (!_open.TryGetValue(messageId, out var deliveries) || deliveries.Find(open => open.Queues.Contains(queue)) is not { } delivery)
            {
                return null;
            }

            delivery.Queues.Remove(queue);
            delivery.HasFailed |= failed;
            if (delivery.Queues.Count > 0)
            {
                return null;
            }

            deliveries.Remove(delivery);
            if (deliveries.Count == 0)
            {
                _open.Remove(messageId);
            }

            return delivery.HasFailed ? delivery.Failed : delivery.Done;
        }
    }

    private sealed class Delivery(HashSet<string> queues, Action done, Action failed)
    {
        public HashSet<string> Queues { get; } = queues;

        public Action Done { get; } = done;

        public Action Failed { get; } = failed;

        public bool HasFailed { get; set; }
    }
}
