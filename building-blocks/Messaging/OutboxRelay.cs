using System.Collections.Concurrent;
using System.Threading.Channels;
using Aerona.Persistence;
using MassTransit;
using MassTransit.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Aerona.Messaging;

/// <summary>The relays of this process, one per context with an outbox.</summary>
internal sealed class Relays(IEnumerable<RegisteredDatabase> databases, IServiceProvider services)
{
    private readonly Dictionary<Type, OutboxRelay> _relays = databases.ToDictionary(
        database => database.Context,
        database => ActivatorUtilities.CreateInstance<OutboxRelay>(services, ActivatorUtilities.CreateInstance<OutboxTable>(services, database)));

    public IEnumerable<OutboxRelay> All => _relays.Values;

    public OutboxRelay? Of(DbContext db) => Of(db.GetType());

    public OutboxRelay? Of(Type context) => _relays.GetValueOrDefault(context);
}

/// <summary>Runs the relays with the host.</summary>
internal sealed class RelayService(Relays relays, DatabaseReadiness databases, IOptions<MessagingOptions> options) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        options.Value.RelayEnabled ? Task.WhenAll(relays.All.Select(relay => RunAsync(relay, stoppingToken))) : Task.CompletedTask;

    private async Task RunAsync(OutboxRelay relay, CancellationToken stopping)
    {
        await databases.WaitAsync(relay.Context, stopping);
        await relay.RunAsync(stopping);
    }
}

/// <summary>
/// Sends the rows of one context's outbox: straight from memory after the commit that wrote them, and from the table whatever that missed (a crash, a full
/// channel, a transport that was down) and whatever has become due.
/// </summary>
internal sealed partial class OutboxRelay(
    OutboxTable table, IServiceProvider services, Transport transport, Endpoints endpoints, Deliveries deliveries, MessagingMetrics metrics, TimeProvider time,
    IOptions<MessagingOptions> options, ILogger<OutboxRelay> log)
{
    // Deleting rows one by one would be a transaction for each. Not a matter of the business, so by the machine's clock.
    private static readonly TimeSpan DeletionPace = TimeSpan.FromMilliseconds(50);

    private readonly MessagingOptions _options = options.Value;
    private readonly Circuits _circuits = new(time);
    private readonly Channel<OutboxRow[]> _committed = Channel.CreateBounded<OutboxRow[]>(10_000);
    private readonly Channel<long> _finished = Channel.CreateUnbounded<long>(new() { SingleReader = true });

    // Rows that this process is sending, or has sent and not yet deleted: not to be claimed meanwhile.
    private readonly ConcurrentDictionary<long, byte> _inFlight = [];

    // Deleted since the last look: in flight until the next one begins, lest a look that began before the deletion sends the row again.
    private readonly ConcurrentQueue<long> _deleted = [];

    // Sent, and waiting for consumers.
    private readonly ConcurrentDictionary<long, Waiting> _waiting = [];

    // Sent, and not finished by all consumers: to be sent again.
    private readonly ConcurrentQueue<long> _unfinished = [];

    private TaskCompletionSource _wake = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _wakesAt = long.MaxValue;   // UTC ticks
    private volatile bool _busIsHealthy;

    /// <summary>The type of the context whose outbox this is.</summary>
    public Type Context => table.Context;

    /// <summary>Takes over rows that have just become durable.</summary>
    public void Committed(IReadOnlyList<OutboxRow> rows)
    {
        if (!_options.RelayEnabled || rows.Count == 0)
        {
            return;
        }

        var now = rows.Where(row => row.DueAt is null || row.DueAt <= time.GetUtcNow()).OrderBy(row => row.Id).ToArray();
        foreach (var row in now)
        {
            _inFlight.TryAdd(row.Id, 0);
        }

        if (now.Length > 0 && !_committed.Writer.TryWrite(now))
        {
            Release(now);
        }

        var wakesAt = Volatile.Read(ref _wakesAt);
        if (rows.Any(row => row.DueAt?.UtcTicks < wakesAt))
        {
            _wake.TrySetResult();
        }
    }

    public async Task RunAsync(CancellationToken stopping)
    {
        if (!await table.ExistsAsync(stopping))
        {
            return;
        }

        var deleting = DeleteFinishedAsync();
        try
        {
            await services.GetRequiredService<IBusControl>().WaitForHealthStatus(BusHealthStatus.Healthy, stopping);
            _busIsHealthy = true;
            if (!transport.KeepsMessages)
            {
                await table.UnmarkAllAsync(stopping);
            }

            await Task.WhenAll(
                PollAsync(stopping),
                Parallel.ForEachAsync(
                    _committed.Reader.ReadAllAsync(stopping),
                    new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = stopping },
                    async (rows, _) => await SendAllAsync(rows, stopping)));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host stops; what was not sent stands in the table.
        }
        finally
        {
            _finished.Writer.TryComplete();
            await deleting;
        }
    }

    private async Task PollAsync(CancellationToken stopping)
    {
        var nextCleaning = time.GetUtcNow();
        var unreachable = false;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                _busIsHealthy = services.GetRequiredService<IBusControl>().CheckHealth().Status == BusHealthStatus.Healthy;
                await MarkWaitingAsync(stopping);
                await UnmarkUnfinishedAsync(stopping);
                metrics.FailingSince(table.Name, _circuits.FailingSince);
                DateTimeOffset? next = null;
                if (_busIsHealthy)
                {
                    next = await SendDueAsync(stopping);
                }
                else
                {
                    await table.LookAsync(stopping);
                }

                if (time.GetUtcNow() >= nextCleaning)
                {
                    nextCleaning = time.GetUtcNow() + TimeSpan.FromHours(1);
                    await table.CleanInboxAsync(stopping);
                }

                unreachable = false;
                await SleepUntilAsync(next, stopping);
            }
            catch (Exception problem) when (problem is not OperationCanceledException || !stopping.IsCancellationRequested)
            {
                if (!DatabaseErrors.IsUnreachable(problem))
                {
                    LogPollFailed(problem, table.Name);
                }
                else if (!unreachable)
                {
                    unreachable = true;   // said once, not every second until it is back
                    LogUnreachable(table.Name, problem.Message);
                }

                await SleepUntilAsync(null, stopping);
            }
        }
    }

    /// <summary>Sends what is due, and says when the next row will be.</summary>
    private async Task<DateTimeOffset?> SendDueAsync(CancellationToken stopping)
    {
        while (true)
        {
            while (_deleted.TryDequeue(out var deleted))
            {
                _inFlight.TryRemove(deleted, out _);
            }

            Volatile.Write(ref _wakesAt, long.MaxValue);   // whoever commits a due time from here on wakes us
            var (rows, next) = await table.ClaimAsync(_circuits.Open, stopping);
            var mine = rows.Where(row => _inFlight.TryAdd(row.Id, 0)).OrderBy(row => row.Id).ToList();
            await Task.WhenAll(mine.GroupBy(row => row.Destination).Select(group => SendAllAsync([.. group], stopping)));
            if (rows.Count < _options.BatchSize)
            {
                return next;
            }
        }
    }

    private async Task SleepUntilAsync(DateTimeOffset? next, CancellationToken stopping)
    {
        var now = time.GetUtcNow();
        if (next <= now)
        {
            return;   // became due while the others were sent
        }

        var until = next < now + _options.PollInterval ? next.Value : now + _options.PollInterval;
        Volatile.Write(ref _wakesAt, until.UtcTicks);
        await _wake.Task.WaitAsync(until - now, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_wake.Task.IsCompleted)
        {
            _wake = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private async Task SendAllAsync(OutboxRow[] rows, CancellationToken stopping)
    {
        for (var at = 0; at < rows.Length; at++)
        {
            if (!_busIsHealthy || stopping.IsCancellationRequested)
            {
                Release(rows[at..]);
                return;
            }

            try
            {
                await SendAsync(rows[at], stopping);
            }
            catch (Exception problem) when (!stopping.IsCancellationRequested)
            {
                LogPollFailed(problem, table.Name);   // the row stands in the table, and its lease runs out
                Release([rows[at]]);
            }
        }
    }

    private async Task SendAsync(OutboxRow row, CancellationToken stopping)
    {
        if (_circuits.IsOpen(row.Destination))
        {
            Release([row]);
            return;
        }

        Action done = () => Finish(row.Id);
        IReadOnlyList<string> queues;
        try
        {
            queues = transport.KeepsMessages ? [] : endpoints.QueuesOf(row);
            var pipe = new RowPipe(row, time.GetUtcNow());
            if (row.Mandatory && !transport.KeepsMessages && queues.Count == 0)
            {
                DestinationFailed(row, new EndpointNotFoundException("No consumer of this command is registered in this process"));
                return;
            }

            if (queues.Count > 0)
            {
                _waiting[row.Id] = new();
                deliveries.Expect(row.MessageId, queues, done, () => Unfinished(row.Id));
            }

            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            limit.CancelAfter(_options.SendTimeout);
            var endpoint = await services.GetRequiredService<IBus>().GetSendEndpoint(new(row.Destination));
            await endpoint.Send(new SerializedMessageBody(), pipe, limit.Token);
        }
        catch (Exception problem)
        {
            deliveries.Forget(row.MessageId, done);
            await FailedAsync(row, problem, stopping);
            return;
        }

        _circuits.Succeed(row.Destination);
        metrics.Relayed(table.Name);
        if (queues.Count == 0)
        {
            done();
        }
        else if (_waiting.TryGetValue(row.Id, out var waiting))
        {
            waiting.Since = time.GetUtcNow().UtcTicks;   // only now: a send that fails must not be taken for one that waits
        }
    }

    private async Task FailedAsync(OutboxRow row, Exception problem, CancellationToken stopping)
    {
        if (stopping.IsCancellationRequested)
        {
            Release([row]);
        }
        else if (IsTheRowsFault(problem))
        {
            await CountAttemptAsync(row, problem, stopping);
        }
        else
        {
            DestinationFailed(row, problem);
        }
    }

    /// <summary>What cannot be built into a message fails anywhere; all else is the destination's trouble.</summary>
    private static bool IsTheRowsFault(Exception problem) =>
        problem is FormatException or ArgumentException or System.Text.Json.JsonException or System.Runtime.Serialization.SerializationException
            or NotSupportedException or InvalidCastException;

    private void DestinationFailed(OutboxRow row, Exception problem)
    {
        if (_circuits.Fail(row.Destination))
        {
            LogDestinationFailed(problem, row.Destination, table.Name);
        }

        Release([row]);
    }

    private async Task CountAttemptAsync(OutboxRow row, Exception problem, CancellationToken stopping)
    {
        var attempts = row.Attempts + 1;
        LogRowFailed(problem, row.Id, table.Name, attempts, _options.SendAttempts);
        try
        {
            await (attempts < _options.SendAttempts
                ? table.CountAttemptAsync(row, attempts, time.GetUtcNow() + TimeSpan.FromSeconds(Math.Pow(2, attempts)), stopping)
                : table.GiveUpAsync(row, problem, stopping));
        }
        finally
        {
            Release([row]);
        }
    }

    private void Release(IEnumerable<OutboxRow> rows)
    {
        foreach (var row in rows)
        {
            _waiting.TryRemove(row.Id, out _);
            _inFlight.TryRemove(row.Id, out _);
        }
    }

    private void Unfinished(long id)
    {
        _unfinished.Enqueue(id);
        _wake.TrySetResult();
    }

    private void Finish(long id)
    {
        _waiting.TryRemove(id, out _);
        _finished.Writer.TryWrite(id);
    }

    /// <summary>Consumers mostly finish at once, and the row is gone; only a row that waits longer is marked.</summary>
    private async Task MarkWaitingAsync(CancellationToken stopping)
    {
        var before = (time.GetUtcNow() - _options.PollInterval).UtcTicks;
        var waiting = _waiting.Where(row => !row.Value.IsMarked && row.Value.Since <= before).ToList();
        if (waiting.Count > 0)
        {
            await table.MarkSentAsync(waiting.ConvertAll(row => row.Key), stopping);
            waiting.ForEach(row => row.Value.IsMarked = true);
        }
    }

    private async Task UnmarkUnfinishedAsync(CancellationToken stopping)
    {
        List<long> ids = [];
        while (_unfinished.TryDequeue(out var id))
        {
            ids.Add(id);
        }

        if (ids.Count == 0)
        {
            return;
        }

        await table.UnmarkSentAsync(ids, stopping);
        ids.ForEach(id =>
        {
            _waiting.TryRemove(id, out _);
            _inFlight.TryRemove(id, out _);
        });
    }

    private async Task DeleteFinishedAsync()
    {
        var ids = new List<long>();
        using var pace = new PeriodicTimer(DeletionPace);
        while (await _finished.Reader.WaitToReadAsync(CancellationToken.None) && await pace.WaitForNextTickAsync(CancellationToken.None))
        {
            while (ids.Count < 500 && _finished.Reader.TryRead(out var id))
            {
                ids.Add(id);
            }

            ids.Sort();
            try
            {
                await table.DeleteAsync(ids);
            }
            catch (Exception problem)
            {
                LogDeleteFailed(problem, table.Name);   // they are sent again; the inbox knows them
            }

            ids.ForEach(_deleted.Enqueue);
            ids.Clear();
        }
    }

    [LoggerMessage(LogLevel.Warning, "The database {Database} cannot be reached; what stands in its outbox waits. {Detail}")]
    private partial void LogUnreachable(string database, string detail);

    [LoggerMessage(LogLevel.Error, "Looking into the outbox of {Database} failed; it is tried again")]
    private partial void LogPollFailed(Exception problem, string database);

    [LoggerMessage(LogLevel.Warning, "{Destination} takes no messages from {Database} at the moment; they are kept and tried again")]
    private partial void LogDestinationFailed(Exception problem, string destination, string database);

    [LoggerMessage(LogLevel.Warning, "Row {Id} in the outbox of {Database} cannot be sent, attempt {Attempt} of {Attempts}")]
    private partial void LogRowFailed(Exception problem, long id, string database, int attempt, int attempts);

    [LoggerMessage(LogLevel.Warning, "Sent rows in the outbox of {Database} could not be deleted")]
    private partial void LogDeleteFailed(Exception problem, string database);

    private sealed class Waiting
    {
        private long _since = long.MaxValue;

        /// <summary>UTC ticks; far ahead while it is being sent.</summary>
        public long Since
        {
            get => Volatile.Read(ref _since);
            set => Volatile.Write(ref _since, value);
        }

        public bool IsMarked { get; set; }
    }
}
