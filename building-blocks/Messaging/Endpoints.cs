using MassTransit;

namespace Aerona.Messaging;

/// <summary>Which queues of this process take which messages; filled while the bus is put together.</summary>
internal sealed class Endpoints
{
    private readonly Dictionary<string, List<string>> _queuesByType = new(StringComparer.Ordinal);
    private readonly HashSet<string> _queues = new(StringComparer.Ordinal);

    public static string AddressOf(string queue) => $"exchange:{queue}";

    /// <summary>The same address without broker and virtual host: a stored message may be sent after those have changed.</summary>
    public static string AddressWithin(Uri address) => address.Scheme is "rabbitmq" or "rabbitmqs"
        ? AddressOf(Uri.UnescapeDataString(address.Segments[^1])) + address.Query
        : address.ToString();

    public static string NameIn(Uri address) => Uri.UnescapeDataString(address.Segments[^1]);

    public IReadOnlyList<string> QueuesOf(Type message) => QueuesOf(MessageUrn.ForTypeString(message));

    /// <summary>The one queue that the row is addressed to, or all that take its type.</summary>
    public IReadOnlyList<string> QueuesOf(OutboxRow row) =>
        NameIn(new(row.Destination)) is var name && _queues.Contains(name) ? [name] : QueuesOf(row.Types.Split(';', 2)[0]);

    /// <summary>Notes what is configured on an endpoint.</summary>
    public void Watch(string queue, IReceiveEndpointConfigurator endpoint)
    {
        if (!_queues.Add(queue))
        {
            throw new InvalidOperationException($"Two consumers want the queue {queue}; each would lose half the messages");
        }

        var observer = new Observer(this, queue);
        endpoint.ConnectConsumerConfigurationObserver(observer);
        endpoint.ConnectSagaConfigurationObserver(observer);
    }

    private IReadOnlyList<string> QueuesOf(string type) => _queuesByType.TryGetValue(type, out var queues) ? queues : [];

    private void Add(Type message, string queue)
    {
        var type = MessageUrn.ForTypeString(message);
        if (!_queuesByType.TryGetValue(type, out var queues))
        {
            _queuesByType.Add(type, queues = []);
        }

        if (!queues.Contains(queue))
        {
            queues.Add(queue);
        }
    }

    private sealed class Observer(Endpoints endpoints, string queue) : IConsumerConfigurationObserver, ISagaConfigurationObserver
    {
        public void ConsumerConfigured<TConsumer>(IConsumerConfigurator<TConsumer> configurator) where TConsumer : class
        {
        }

        public void ConsumerMessageConfigured<TConsumer, TMessage>(IConsumerMessageConfigurator<TConsumer, TMessage> configurator)
            where TConsumer : class where TMessage : class => endpoints.Add(typeof(TMessage), queue);

        public void SagaConfigured<TSaga>(ISagaConfigurator<TSaga> configurator) where TSaga : class, ISaga
        {
        }

        public void StateMachineSagaConfigured<TInstance>(ISagaConfigurator<TInstance> configurator, SagaStateMachine<TInstance> stateMachine)
            where TInstance : class, ISaga, SagaStateMachineInstance
        {
        }

        public void SagaMessageConfigured<TSaga, TMessage>(ISagaMessageConfigurator<TSaga, TMessage> configurator)
            where TSaga : class, ISaga where TMessage : class => endpoints.Add(typeof(TMessage), queue);
    }
}
