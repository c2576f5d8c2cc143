using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics;
using Aerona.Persistence;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aerona.Messaging.Tests;

/// <summary>Two services in one process, relay and all; their place outlives it, so that a second one can be started on the same.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    private readonly IHost _host;
    private readonly Pulse _pulse;

    private TestHost(IHost host, Pulse pulse, World world)
    {
        _host = host;
        _pulse = pulse;
        World = world;
    }

    public World World { get; }

    public IServiceProvider Services => _host.Services;

    public IBus Bus => Services.GetRequiredService<IBus>();

    public static async Task<TestHost> StartAsync(
        Place place, TimeProvider? time = null, Action<IHostApplicationBuilder>? add = null, Action<BusRegistration>? consumers = null, World? world = null,
        bool waitUntilReady = true, params (string Key, string Value)[] settings)
    {
        world ??= new();
        var pulse = new Pulse();
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(place.Settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value));
        builder.Configuration.AddInMemoryCollection([KeyValuePair.Create("Messaging:PollInterval", (string?)"00:00:00.200")]);
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.Logging.AddFilter("*", LogLevel.Warning);
        if (time is not null)
        {
            builder.Services.AddSingleton(time);
        }

        builder.Services.AddSingleton(world);
        builder.Services.AddSingleton<IInterceptor>(pulse);
        add?.Invoke(builder);
        builder.AddDatabase<TripsDbContext>("trips");
        builder.AddDatabase<SeatsDbContext>("seats");
        builder.AddMessaging(consumers ?? AddAll);
        var host = builder.Build();
        try
        {
            await host.StartAsync();
            var bus = host.Services.GetRequiredService<IBusControl>();
            bus.ConnectReceiveObserver(pulse);
            if (waitUntilReady)
            {
                Assert.Equal(BusHealthStatus.Healthy, await bus.WaitForHealthStatus(BusHealthStatus.Healthy, Patience));
            }

            return new(host, pulse, world);
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    public static void AddAll(BusRegistration bus)
    {
        bus.AddSaga<TripStateMachine, Trip, TripsDbContext>();
        bus.AddConsumer<HoldSeatConsumer, SeatsDbContext>();
        bus.AddConsumer<TakeNoteConsumer, SeatsDbContext>();
        bus.AddConsumer<ListenForConfirmationConsumer, SeatsDbContext>();
    }

    /// <summary>Runs on a fresh context.</summary>
    public async Task<TResult> Query<TDbContext, TResult>(Func<TDbContext, Task<TResult>> query) where TDbContext : DbContext
    {
        await using var scope = Services.CreateAsyncScope();
        return await query(scope.ServiceProvider.GetRequiredService<TDbContext>());
    }

    public Task<int> Save<TDbContext>(Action<TDbContext> change) where TDbContext : DbContext => Query<TDbContext, int>(db =>
    {
        change(db);
        return db.SaveChangesAsync();
    });

    /// <summary>What the readiness check of that name says; null when it is content.</summary>
    public async Task<string?> Problem(string check)
    {
        var report = await Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(registration => registration.Name == check);
        return report.Entries[check] is { Status: not HealthStatus.Healthy } entry ? entry.Description ?? "" : null;
    }

    /// <summary>Waits until the readiness check says that, or is content (null).</summary>
    public async Task UntilProblemIs(string check, string? expected)
    {
        var deadline = Stopwatch.StartNew();
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        string? problem;
        while ((problem = await Problem(check)) != expected && (expected is null || problem?.Contains(expected, StringComparison.Ordinal) != true))
        {
            Assert.True(deadline.Elapsed < Patience, $"waited in vain for {check} to say '{expected ?? "nothing"}'; it says '{problem ?? "nothing"}'");
            await look.WaitForNextTickAsync();
        }
    }

    /// <summary>How often the queue is done with a message of that id, however it ended.</summary>
    public int Received(Guid messageId, string queue) => _pulse.Received.Count(received => received == (messageId, queue));

    public Task<List<OutboxRow>> Outbox<TDbContext>() where TDbContext : DbContext =>
        Query<TDbContext, List<OutboxRow>>(db => db.Set<OutboxRow>().AsNoTracking().OrderBy(row => row.Id).ToListAsync());

    public Task<List<DeadLetter>> DeadLetters<TDbContext>() where TDbContext : DbContext =>
        Query<TDbContext, List<DeadLetter>>(db => db.Set<DeadLetter>().AsNoTracking().OrderBy(letter => letter.Id).ToListAsync());

    /// <summary>Waits until it is so; looks whenever something was written or received.</summary>
    public Task Until(Func<bool> condition, string what) => Until<TripsDbContext>(_ => Task.FromResult(condition()), what);

    /// <summary>Waits until the rows are as they should be; looks whenever something was written or received.</summary>
    public async Task Until<TDbContext>(Func<TDbContext, Task<bool>> condition, string what) where TDbContext : DbContext
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            var next = _pulse.Next;
            if (await Query(condition))
            {
                return;
            }

            // Another process may have written too, so it also looks now and then.
            using var now = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
            await Task.WhenAny(next, now.WaitForNextTickAsync().AsTask());
            if (limit.IsCancellationRequested)
            {
                Assert.Fail($"waited in vain: {what}");
            }
        }
    }

    public Task UntilOutboxIsEmpty<TDbContext>() where TDbContext : DbContext =>
        Until<TDbContext>(async db => !await db.Set<OutboxRow>().AnyAsync(), $"the outbox of {typeof(TDbContext).Name} is empty");

    public Task UntilTripIs(Guid tripId, string state) =>
        Until<TripsDbContext>(db => db.Trips.AnyAsync(trip => trip.CorrelationId == tripId && trip.CurrentState == state), $"the trip is {state}");

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    /// <summary>Beats whenever a row was written.</summary>
    private sealed class Pulse : DbCommandInterceptor, ISaveChangesInterceptor, IDbTransactionInterceptor, IReceiveObserver
    {
        private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ConcurrentQueue<(Guid MessageId, string Queue)> Received { get; } = [];

        public Task Next => Volatile.Read(ref _next).Task;

        public ValueTask<int> SavedChangesAsync(SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default)
        {
            Beat();
            return new(result);
        }

        public Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            Beat();
            return Task.CompletedTask;
        }

        public override ValueTask<int> NonQueryExecutedAsync(
            DbCommand command, CommandExecutedEventData eventData, int result, CancellationToken cancellationToken = default)
        {
            Beat();
            return new(result);
        }

        public Task PostReceive(ReceiveContext context)
        {
            Received.Enqueue((context.GetMessageId() ?? Guid.Empty, Endpoints.NameIn(context.InputAddress)));
            Beat();
            return Task.CompletedTask;
        }

        public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

        public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType) where T : class => Task.CompletedTask;

        public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception) where T : class => Task.CompletedTask;

        public Task ReceiveFault(ReceiveContext context, Exception exception) => Task.CompletedTask;

        private void Beat() => Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }
}

/// <summary>Lets the first commands of a kind fail, or only counts them.</summary>
internal sealed class Trouble(Func<string, bool> hits, int times, Func<Exception>? problem) : DbCommandInterceptor, IDbTransactionInterceptor
{
    private int _left = times;

    public int Left => Math.Max(0, Volatile.Read(ref _left));

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Meet(command.CommandText);
        return new(result);
    }

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        Meet(command.CommandText);
        return new(result);
    }

    public ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
        DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result, CancellationToken cancellationToken = default)
    {
        Meet("BEGIN");
        return new(result);
    }

    private void Meet(string command)
    {
        if (hits(command) && Interlocked.Decrement(ref _left) >= 0 && problem is not null)
        {
            throw problem();
        }
    }
}
