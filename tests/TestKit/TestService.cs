using System.Collections.Concurrent;
using System.Text.Json;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Persistence;
using MassTransit;
using MassTransit.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Aerona.TestKit;

/// <summary>One service's module as its users meet it: HTTP in front, bus behind, SQLite in a temporary folder, a clock that the test moves.</summary>
public sealed class TestService : IAsyncDisposable
{
    private const string RedeliveryHeader = "Aerona-Redelivery-Count";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly ConcurrentDictionary<string, Type> MessageTypes = [];

    private readonly WebApplication _app;
    private readonly DirectoryInfo _folder;
    private readonly Handled _handled;

    private TestService(WebApplication app, DirectoryInfo folder, FakeTimeProvider clock, Handled handled)
    {
        _app = app;
        _folder = folder;
        _handled = handled;
        Clock = clock;
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Http = new HttpClient { BaseAddress = new(address) };
    }

    /// <summary>Starts it. Nothing that it publishes is delivered anywhere: rows stay in the outbox for <see cref="Published{T}"/>.</summary>
    /// <param name="add">The service's Add method and fakes for its ports.</param>
    /// <param name="consumers">The service's Add…Consumers method.</param>
    /// <param name="map">The service's Map method.</param>
    /// <param name="settings">Configuration.</param>
    public static async Task<TestService> StartAsync(
        Action<WebApplicationBuilder> add, Action<BusRegistration> consumers, Action<WebApplication> map, IReadOnlyDictionary<string, string?>? settings = null)
    {
        var folder = Directory.CreateTempSubdirectory("aerona-test-");
        var clock = new FakeTimeProvider(new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero));
        var handled = new Handled();

        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Sandbox" });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Data:Folder"] = folder.FullName,
            ["Messaging:RelayEnabled"] = "false",
            ["Logging:LogLevel:Default"] = "Warning",
        });
        builder.Configuration.AddInMemoryCollection(settings ?? new Dictionary<string, string?>());
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.AddAeronaDefaults();
        builder.Services.AddTestIssuer();
        add(builder);
        builder.AddMessaging(consumers);

        var app = builder.Build();
        try
        {
            app.MapAeronaDefaults();
            map(app);
            var bus = app.Services.GetRequiredService<IBus>();
            bus.ConnectReceiveObserver(handled);
            bus.ConnectConsumeObserver(handled);
            await app.StartAsync();
            await app.Services.GetRequiredService<IBusControl>().WaitForHealthStatus(BusHealthStatus.Healthy, Patience);
            return new(app, folder, clock, handled);
        }
        catch
        {
            await app.DisposeAsync();
            folder.Delete(recursive: true);
            throw;
        }
    }

    /// <summary>Speaks to the service's endpoints (loopback, random port).</summary>
    public HttpClient Http { get; }

    /// <summary>The clock; starts at 2026-12-01T00:00Z.</summary>
    public FakeTimeProvider Clock { get; }

    /// <summary>The host's services.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>
    /// Delivers a message to every consumer of its type through the bus and waits until that is done; a consumer's exception is thrown here (what would come
    /// again later then stands in the outbox).
    /// </summary>
    /// <param name="message">The message.</param>
    /// <param name="schedulingToken">Of a saga's timer: the token that the saga holds.</param>
    /// <param name="id">Its MessageId; a new one unless given.</param>
    /// <exception cref="InvalidOperationException">Nothing here consumes such a message.</exception>
    public async Task ConsumeAsync<T>(T message, Guid? schedulingToken = null, Guid? id = null) where T : class
    {
        var queues = Services.GetRequiredService<Endpoints>().QueuesOf(message.GetType());
        if (queues.Count == 0)
        {
            throw new InvalidOperationException($"Nothing here consumes {message.GetType().Name}");
        }

        var messageId = id ?? NewId.NextGuid();
        var all = queues.Select(queue => _handled.ExpectAsync(messageId, queue)).ToList();
        await Services.GetRequiredService<IBus>().Publish(message, message.GetType(), context =>
        {
            context.MessageId = messageId;
            if (schedulingToken is { } token)
            {
                context.Headers.Set(MessageHeaders.SchedulingTokenId, token.ToString("D"));
            }
        });
        await Task.WhenAll(all).WaitAsync(Patience);
    }

    /// <summary>What the service has put into its outbox of that type so far, in order, delivered or not.</summary>
    public async Task<IReadOnlyList<T>> Published<T>() where T : class
    {
        var type = MessageUrn.ForTypeString<T>();
        List<T> all = [];
        foreach (var database in Services.GetServices<RegisteredDatabase>())
        {
            await using var scope = Services.CreateAsyncScope();
            var db = (DbContext)scope.ServiceProvider.GetRequiredService(database.Context);
            var rows = await db.Set<OutboxRow>().AsNoTracking().OrderBy(row => row.Id).ToListAsync();
            all.AddRange(rows.Where(row => row.Types.Split(';').Contains(type)).Select(row => Message<T>(row.Body)));
        }

        return all;
    }

    /// <summary>What the service has put into its outbox after that row, in order, of whatever type.</summary>
    public async Task<IReadOnlyList<Outgoing>> OutgoingAsync(long after)
    {
        await using var scope = Services.CreateAsyncScope();
        var db = (DbContext)scope.ServiceProvider.GetRequiredService(Services.GetServices<RegisteredDatabase>().Single().Context);
        var rows = await db.Set<OutboxRow>().AsNoTracking().Where(row => row.Id > after).OrderBy(row => row.Id).ToListAsync();
        return
        [
            .. rows.Select(row => new Outgoing(
                row.Id, Message(row), row.TokenId is not null || row.Headers?.Contains(RedeliveryHeader, StringComparison.Ordinal) == true ? row.AvailableAt : null, row.TokenId)),
        ];
    }

    /// <summary>The last row of its outbox; 0 when it is empty.</summary>
    public async Task<long> LastOutgoingAsync()
    {
        await using var scope = Services.CreateAsyncScope();
        var db = (DbContext)scope.ServiceProvider.GetRequiredService(Services.GetServices<RegisteredDatabase>().Single().Context);
        return await db.Set<OutboxRow>().MaxAsync(row => (long?)row.Id) ?? 0;
    }

    /// <summary>Runs on a fresh context.</summary>
    public async Task<TResult> Query<TDbContext, TResult>(Func<TDbContext, Task<TResult>> query) where TDbContext : DbContext
    {
        await using var scope = Services.CreateAsyncScope();
        return await query(scope.ServiceProvider.GetRequiredService<TDbContext>());
    }

    /// <summary>Stops the host and deletes the folder.</summary>
    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static object Message(OutboxRow row)
    {
        var type = MessageTypes.GetOrAdd(row.Types.Split(';')[0], static urn =>
        {
            var name = urn["urn:message:".Length..].Replace(':', '.');
            return AppDomain.CurrentDomain.GetAssemblies().Select(assembly => assembly.GetType(name)).FirstOrDefault(found => found is not null)
                ?? throw new InvalidOperationException($"{urn} is no message that is known here");
        });
        using var document = JsonDocument.Parse(row.Body);
        return document.RootElement.GetProperty("message").Deserialize(type, SystemTextJsonMessageSerializer.Options)!;
    }

    private static T Message<T>(byte[] envelope)
    {
        using var document = JsonDocument.Parse(envelope);
        return document.RootElement.GetProperty("message").Deserialize<T>(SystemTextJsonMessageSerializer.Options)!;
    }

    /// <summary>Tells when a queue is done with a message, and what its consumer threw last.</summary>
    private sealed class Handled : IReceiveObserver, IConsumeObserver
    {
        private readonly ConcurrentDictionary<(Guid, string), TaskCompletionSource> _expected = [];
        private readonly ConcurrentDictionary<(Guid, string), Exception> _problems = [];

        public Task ExpectAsync(Guid messageId, string queue) =>
            _expected.GetOrAdd((messageId, queue), _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

        public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

        public Task PostReceive(ReceiveContext context) => Done(context, null);

        public Task ReceiveFault(ReceiveContext context, Exception exception) => Done(context, exception);

        public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType) where T : class => Task.CompletedTask;

        public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception) where T : class =>
            Task.CompletedTask;

        public Task PreConsume<T>(ConsumeContext<T> context) where T : class => Task.CompletedTask;

        public Task PostConsume<T>(ConsumeContext<T> context) where T : class
        {
            _problems.TryRemove(Key(context.ReceiveContext), out _);
            return Task.CompletedTask;
        }

        public Task ConsumeFault<T>(ConsumeContext<T> context, Exception exception) where T : class
        {
            _problems[Key(context.ReceiveContext)] = exception;
            return Task.CompletedTask;
        }

        private Task Done(ReceiveContext context, Exception? problem)
        {
            var key = Key(context);
            if (_expected.TryRemove(key, out var expected))
            {
                problem = context.TryGetPayload(out PutOff? later) ? later.Problem : problem;
                if ((_problems.TryRemove(key, out var thrown) ? thrown : problem) is { } found)
                {
                    expected.SetException(found);
                }
                else
                {
                    expected.SetResult();
                }
            }

            return Task.CompletedTask;
        }

        private static (Guid, string) Key(ReceiveContext context) => (context.GetMessageId() ?? Guid.Empty, Endpoints.NameIn(context.InputAddress));
    }
}

/// <summary>A message in a service's outbox.</summary>
/// <param name="Id">Its row; later ones have greater ids.</param>
/// <param name="Message">What it says.</param>
/// <param name="DueAt">UTC; null: it goes at once.</param>
/// <param name="Token">Of what is scheduled and can be taken back; else null.</param>
public sealed record Outgoing(long Id, object Message, DateTimeOffset? DueAt, Guid? Token);
