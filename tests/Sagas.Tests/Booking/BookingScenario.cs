using System.Collections.Concurrent;
using Aerona.Sagas.Booking;
using MassTransit;
using MassTransit.Configuration;
using MassTransit.Context;
using MassTransit.Scheduling;
using MassTransit.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Aerona.Sagas.Tests.Booking;

/// <summary>The booking saga on a bus in memory. Its clock stands still; timers are caught and come when the test says so.</summary>
internal sealed class BookingScenario : IAsyncDisposable
{
    // Headers that do not begin with MT- are handed on to what a consumer publishes.
    private const string FromTheTest = "MT-From-The-Test";
    private readonly ServiceProvider services;
    private readonly ITestHarness harness;
    private readonly Timers timers;
    private readonly ConcurrentQueue<object> published;

    private BookingScenario(ServiceProvider services, Timers timers, ConcurrentQueue<object> published)
    {
        (this.services, this.timers, this.published) = (services, timers, published);
        harness = services.GetRequiredService<ITestHarness>();
        Machine = services.GetRequiredService<BookingStateMachine>();
        Clock = services.GetRequiredService<FakeTimeProvider>();
    }

    public FakeTimeProvider Clock { get; }

    public BookingStateMachine Machine { get; }

    public static async Task<BookingScenario> StartAsync()
    {
        var (timers, published) = (new Timers(), new ConcurrentQueue<object>());
        var clock = new FakeTimeProvider(Facts.Start);
        var services = new ServiceCollection()
            .AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance)   // shared: a factory for each bus costs more than the bus
            .AddSingleton(clock)
            .AddSingleton<TimeProvider>(clock)
            .AddSingleton(new BookingTimes())
            .AddPublishObserver(_ => new Catch(published))
            .AddMassTransitTestHarness(bus =>
            {
                bus.AddSagaStateMachine<BookingStateMachine, BookingState>().InMemoryRepository();
                bus.UsingInMemory((context, transport) =>
                {
                    transport.AddPrePipeSpecification(new FilterPipeSpecification<ConsumeContext>(new UseTimers(timers)));
                    transport.ConfigureEndpoints(context);
                });
            })
            .BuildServiceProvider();
        var scenario = new BookingScenario(services, timers, published);
        await scenario.harness.Start();
        return scenario;
    }

    /// <summary>Lets the events happen, one after the other.</summary>
    public async Task GivenAsync(params object[] events)
    {
        foreach (var @event in events)
        {
            if (await RaiseAsync(@event) is { } exception)
            {
                throw new InvalidOperationException($"{@event} was not taken", exception);
            }
        }

        published.Clear();
    }

    /// <summary>Lets the event happen; what was published before is forgotten.</summary>
    public async Task WhenAsync(object @event)
    {
        published.Clear();
        Assert.Null(await RaiseAsync(@event));
    }

    /// <summary>Lets the event happen and gives what its consumer threw.</summary>
    public Task<Exception?> WhenRefusedAsync(object @event) => RaiseAsync(@event);

    /// <summary>Moves the clock to the end of the current state and lets its timer come.</summary>
    public Task WhenDeadlineAsync() => WhenTimerAsync<BookingDeadline>();

    /// <summary>Moves the clock to the next tick of the current state and lets it come.</summary>
    public Task WhenTickAsync() => WhenTimerAsync<BookingTick>();

    /// <summary>Lets a timer come as it stands, whatever the clock says.</summary>
    public async Task WhenTimerComesEarlyAsync<T>() where T : class
    {
        published.Clear();
        var timer = timers.Take<T>();
        Assert.Null(await RaiseAsync(timer.Message, timer.Token));
    }

    public async Task ThenStateIsAsync(Func<BookingStateMachine, State> state) => Assert.Equal(state(Machine).Name, (await SagaAsync()).CurrentState);

    /// <summary>Exactly one message of that type was published by the last event.</summary>
    public T ThenPublished<T>() => Assert.Single(published.OfType<T>());

    public bool WasPublished<T>() => published.OfType<T>().Any();

    public void ThenPublishedNothing() => Assert.Empty(published);

    public void ThenNotPublished<T>() => Assert.Empty(published.OfType<T>());

    public async Task<BookingState> SagaAsync() => await services.GetRequiredService<ILoadSagaRepository<BookingState>>().Load(Facts.BookingId);

    /// <summary>When the timer of that type is due; null when none is set.</summary>
    public DateTimeOffset? Due<T>() => timers.Due<T>();

    public async ValueTask DisposeAsync() => await services.DisposeAsync();

    private async Task WhenTimerAsync<T>() where T : class
    {
        published.Clear();
        var timer = timers.Take<T>();
        if (timer.At > Clock.GetUtcNow())
        {
            Clock.SetUtcNow(timer.At);
        }

        Assert.Null(await RaiseAsync(timer.Message, timer.Token));
    }

    private async Task<Exception?> RaiseAsync(object message, Guid? token = null)
    {
        var id = NewId.NextGuid();
        await harness.Bus.Publish(message, message.GetType(), context =>
        {
            context.MessageId = id;
            context.Headers.Set(FromTheTest, true);
            if (token is { } scheduled)
            {
                context.Headers.Set(MessageHeaders.SchedulingTokenId, scheduled.ToString("D"));
            }
        });
        var consumed = await harness.Consumed.SelectAsync(x => x.Context.MessageId == id).First();
        return consumed.Exception;
    }

    private sealed class UseTimers(Timers timers) : IFilter<ConsumeContext>
    {
        public Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
        {
            context.GetOrAddPayload<MessageSchedulerContext>(() =>
                new ConsumeMessageSchedulerContext(context, consume => new MessageScheduler(timers, consume.GetPayload<IBusTopology>())));
            return next.Send(context);
        }

        public void Probe(ProbeContext context) => context.CreateFilterScope("timers");
    }

    private sealed class Timers : IScheduleMessageProvider
    {
        private readonly ConcurrentDictionary<Guid, (object Message, DateTimeOffset At)> waiting = [];

        public (object Message, Guid Token, DateTimeOffset At) Take<T>()
        {
            var (token, timer) = Assert.Single(waiting, x => x.Value.Message is T);
            waiting.TryRemove(token, out _);
            return (timer.Message, token, timer.At);
        }

        public DateTimeOffset? Due<T>() => waiting.Values.Where(x => x.Message is T).Select(x => (DateTimeOffset?)x.At).SingleOrDefault();

        public Task<ScheduledMessage<T>> ScheduleSend<T>(
            Uri destinationAddress, DateTime scheduledTime, T message, IPipe<SendContext<T>> pipe, CancellationToken cancellationToken) where T : class
        {
            var token = NewId.NextGuid();
            waiting[token] = (message, scheduledTime);
            return Task.FromResult<ScheduledMessage<T>>(new ScheduledMessageHandle<T>(token, scheduledTime, destinationAddress, message));
        }

        public Task CancelScheduledSend(Uri destinationAddress, Guid tokenId, CancellationToken cancellationToken) => CancelScheduledSend(tokenId, cancellationToken);

        public Task CancelScheduledSend(Guid tokenId, CancellationToken cancellationToken)
        {
            waiting.TryRemove(tokenId, out _);
            return Task.CompletedTask;
        }
    }

    private sealed class Catch(ConcurrentQueue<object> published) : IPublishObserver
    {
        public Task PrePublish<T>(PublishContext<T> context) where T : class => Task.CompletedTask;

        public Task PostPublish<T>(PublishContext<T> context) where T : class
        {
            if (!context.Headers.TryGetHeader(FromTheTest, out _))
            {
                published.Enqueue(context.Message);
            }

            return Task.CompletedTask;
        }

        public Task PublishFault<T>(PublishContext<T> context, Exception exception) where T : class => Task.CompletedTask;
    }
}
