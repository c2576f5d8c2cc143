using System.Net.Mime;
using System.Reflection;
using MassTransit;
using MassTransit.Context;
using MassTransit.Middleware;
using MassTransit.Scheduling;
using MassTransit.Serialization;
using MassTransit.Transports;

namespace Aerona.Simulation.Saga;

/// <summary>What a transition did outside its saga: a message published, or a timer set (<paramref name="Due"/> and <paramref name="Token"/>) or taken back.</summary>
/// <param name="Message">The message; null when a timer was taken back.</param>
/// <param name="Due">When a timer is due, UTC; null for what is published.</param>
/// <param name="Token">Of the timer.</param>
internal readonly record struct Effect(object? Message, DateTimeOffset? Due, Guid? Token)
{
    public bool IsPublished => Message is not null && Due is null;
}

/// <summary>
/// Raises events on the product's own state machine without bus or database and hands back what it would have published and scheduled. Tokens of timers follow
/// from a number that the caller keeps, so that equal histories end in equal sagas.
/// </summary>
internal sealed class SagaDriver<TSaga> where TSaga : class, SagaStateMachineInstance
{
    private readonly SagaStateMachine<TSaga> machine;
    private readonly Dictionary<Type, Func<TSaga, object, Recorder, Task>> raisers = [];
    private int ownTokens;

    public SagaDriver(SagaStateMachine<TSaga> machine)
    {
        this.machine = machine;
        foreach (var @event in machine.Events)
        {
            // A schedule declares two events of one type: AnyReceived, which the bus raises, and Received, which the machine raises in turn.
            if (MessageType(@event) is { } type && (!raisers.ContainsKey(type) || @event.Name.EndsWith(".AnyReceived", StringComparison.Ordinal)))
            {
                raisers[type] = (Func<TSaga, object, Recorder, Task>)GetType().GetMethod(nameof(Bind), BindingFlags.NonPublic | BindingFlags.Instance)!
                    .MakeGenericMethod(type).Invoke(this, [@event])!;
            }
        }
    }

    /// <summary>Types of all messages that the machine knows.</summary>
    public IReadOnlyCollection<Type> MessageTypes => raisers.Keys;

    /// <summary>The same for callers whose timers need no number of their own.</summary>
    public List<Effect> Raise(TSaga saga, object message, Guid? schedulingToken = null) => Raise(saga, message, schedulingToken, ref ownTokens);

    /// <summary>Changes the saga and gives what it did outside. Throws <see cref="UnhandledEventException"/> when the state has not decided the event.</summary>
    /// <param name="saga">The instance.</param>
    /// <param name="message">The event.</param>
    /// <param name="schedulingToken">Of a timer; null for anything else.</param>
    /// <param name="nextToken">Number of the next timer.</param>
    public List<Effect> Raise(TSaga saga, object message, Guid? schedulingToken, ref int nextToken)
    {
        var recorder = new Recorder(schedulingToken, nextToken);
        var raised = raisers[message.GetType()](saga, message, recorder);
        if (!raised.IsCompleted)
        {
            throw new InvalidOperationException($"{message.GetType().Name} waits for something outside: the machine has an effect of its own");
        }

        raised.GetAwaiter().GetResult();
        nextToken = recorder.NextToken;
        return recorder.Effects;
    }

    private static Type? MessageType(Event @event) =>
        @event.GetType().GetInterfaces().FirstOrDefault(x => x.IsGenericType && x.GetGenericTypeDefinition() == typeof(Event<>))?.GetGenericArguments()[0];

    private Func<TSaga, object, Recorder, Task> Bind<T>(Event<T> @event) where T : class => (saga, message, recorder) =>
    {
        var consume = new DefaultSagaConsumeContext<TSaga, T>(new MessageConsumeContext<T>(recorder, (T)message), saga);
        return machine.RaiseEvent(new MassTransitStateMachine<TSaga>.BehaviorContextProxy<T>(machine, consume, consume, @event));
    };
}

/// <summary>The consume context below everything; whatever is published or scheduled ends in <see cref="Effects"/>.</summary>
internal sealed class Recorder : BaseConsumeContext, IScheduleMessageProvider
{
    private readonly DictionarySendHeaders headers = new();
    private readonly ConsumeMessageSchedulerContext scheduler;

    public Recorder(Guid? schedulingToken, int nextToken) : this([], schedulingToken) => NextToken = nextToken;

    private Recorder(List<Effect> effects, Guid? schedulingToken) : base(new CaughtTransport(effects), null!)
    {
        Effects = effects;
        scheduler = new ConsumeMessageSchedulerContext(this, _ => new MessageScheduler(this, null!));
        if (schedulingToken is { } token)
        {
            headers.Set(MessageHeaders.SchedulingTokenId, token.ToString("D"));
        }
    }

    public List<Effect> Effects { get; }

    public int NextToken { get; private set; }

    public override IEnumerable<string> SupportedMessageTypes => [];

    public override Task ConsumeCompleted => Task.CompletedTask;

    public override Guid? MessageId => null;

    public override Guid? RequestId => null;

    public override Guid? CorrelationId => null;

    public override Guid? ConversationId => null;

    public override Guid? InitiatorId => null;

    public override DateTime? ExpirationTime => null;

    public override DateTime? SentTime => null;

    public override Uri SourceAddress => CaughtTransport.Here;

    public override Uri DestinationAddress => CaughtTransport.Here;

    public override Uri ResponseAddress => CaughtTransport.Here;

    public override Uri FaultAddress => CaughtTransport.Here;

    public override Headers Headers => headers;

    public override HostInfo Host => null!;

    public override bool HasPayloadType(Type payloadType) => payloadType.IsInstanceOfType(this) || payloadType.IsInstanceOfType(scheduler);

    public override bool TryGetPayload<T>(out T payload) where T : class => (payload = (this as T ?? scheduler as T)!) is not null;

    public override T GetOrAddPayload<T>(PayloadFactory<T> payloadFactory) => TryGetPayload(out T payload) ? payload : payloadFactory();

    public override T AddOrUpdatePayload<T>(PayloadFactory<T> addFactory, UpdatePayloadFactory<T> updateFactory) => GetOrAddPayload(addFactory);

    public override bool TryGetMessage<T>(out ConsumeContext<T> consumeContext) where T : class => (consumeContext = null!) is not null;

    public override bool HasMessageType(Type messageType) => false;

    public override void AddConsumeTask(Task task)
    {
    }

    public Task<ScheduledMessage<T>> ScheduleSend<T>(
        Uri destinationAddress, DateTime scheduledTime, T message, IPipe<SendContext<T>> pipe, CancellationToken cancellationToken) where T : class
    {
        var token = new Guid(++NextToken, 0, 0, new byte[8]);
        Effects.Add(new(message, new DateTimeOffset(scheduledTime, TimeSpan.Zero), token));
        return Task.FromResult<ScheduledMessage<T>>(new ScheduledMessageHandle<T>(token, scheduledTime, destinationAddress, message));
    }

    public Task CancelScheduledSend(Uri destinationAddress, Guid tokenId, CancellationToken cancellationToken) => CancelScheduledSend(tokenId, cancellationToken);

    public Task CancelScheduledSend(Guid tokenId, CancellationToken cancellationToken)
    {
        Effects.Add(new(null, null, tokenId));
        return Task.CompletedTask;
    }
}

/// <summary>MassTransit's contexts fetch their endpoints from the receive context, so this is where messages are caught.</summary>
internal sealed class CaughtTransport(List<Effect> effects) : BasePipeContext, ReceiveContext, IPublishEndpointProvider, ISendEndpointProvider
{
    public static readonly Uri Here = new("loopback://localhost/saga");

    public ISendEndpointProvider SendEndpointProvider => this;

    public IPublishEndpointProvider PublishEndpointProvider => this;

    public Uri InputAddress => Here;

    public TimeSpan ElapsedTime => default;

    public ContentType ContentType => new("application/json");

    public bool Redelivered => false;

    public Headers TransportHeaders => EmptyHeaders.Instance;

    public Task ReceiveCompleted => Task.CompletedTask;

    public bool IsDelivered => false;

    public bool IsFaulted => false;

    public bool PublishFaults => false;

    public MessageBody Body => throw new NotSupportedException();

    public Task<ISendEndpoint> GetPublishSendEndpoint<T>() where T : class => Task.FromResult<ISendEndpoint>(new CaughtEndpoint(effects));

    public Task<ISendEndpoint> GetSendEndpoint(Uri address) => Task.FromResult<ISendEndpoint>(new CaughtEndpoint(effects));

    public ConnectHandle ConnectSendObserver(ISendObserver observer) => throw new NotSupportedException();

    public ConnectHandle ConnectPublishObserver(IPublishObserver observer) => throw new NotSupportedException();

    public Task NotifyConsumed<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType) where T : class => Task.CompletedTask;

    public Task NotifyFaulted<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception) where T : class => Task.CompletedTask;

    public Task NotifyFaulted(Exception exception) => Task.CompletedTask;

    public void AddReceiveTask(Task task)
    {
    }
}

internal sealed class CaughtEndpoint(List<Effect> effects) : ISendEndpoint
{
    public ConnectHandle ConnectSendObserver(ISendObserver observer) => throw new NotSupportedException();

    public Task Send<T>(T message, CancellationToken cancellationToken) where T : class => Record(message);

    public Task Send<T>(T message, IPipe<SendContext<T>> pipe, CancellationToken cancellationToken) where T : class => Record(message);

    public Task Send<T>(T message, IPipe<SendContext> pipe, CancellationToken cancellationToken) where T : class => Record(message);

    public Task Send(object message, CancellationToken cancellationToken) => Record(message);

    public Task Send(object message, Type messageType, CancellationToken cancellationToken) => Record(message);

    public Task Send(object message, IPipe<SendContext> pipe, CancellationToken cancellationToken) => Record(message);

    public Task Send(object message, Type messageType, IPipe<SendContext> pipe, CancellationToken cancellationToken) => Record(message);

    public Task Send<T>(object values, CancellationToken cancellationToken) where T : class => throw new NotSupportedException();

    public Task Send<T>(object values, IPipe<SendContext<T>> pipe, CancellationToken cancellationToken) where T : class => throw new NotSupportedException();

    public Task Send<T>(object values, IPipe<SendContext> pipe, CancellationToken cancellationToken) where T : class => throw new NotSupportedException();

    private Task Record(object message)
    {
        effects.Add(new(message, null, null));
        return Task.CompletedTask;
    }
}
