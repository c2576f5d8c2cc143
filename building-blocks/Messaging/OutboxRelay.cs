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
        database => database.Context, database => ActivatorUtilities.CreateInstance<OutboxRelay>(services, database));

    public IEnumerable<OutboxRelay> All => _relays.Values;

    public OutboxRelay? Of(DbContext db) => _relays.GetValueOrDefault(db.GetType());
}

/// <summary>Runs the relays with the host.</summary>
internal sealed class RelayService(Relays relays, IOptions<MessagingOptions> options) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        options.Value.RelayEnabled ? Task.WhenAll(relays.All.Select(relay => relay.RunAsync(stoppingToken))) : Task.CompletedTask;
}

/// <summary>
/// Sends the rows of one context's outbox: straight from memory after the commit that wrote them, and from the table whatever that missed (a crash, a full
/// channel, a transport that was down) and whatever has become due.
/// </summary>
internal sealed partial class OutboxRelay(
    RegisteredDatabase database, IServiceScopeFactory scopes, IServiceProvider services, Endpoints endpoints, Deliveries deliveries, MessagingMetrics metrics,
    TimeProvider time, IOptions<MessagingOptions> options, ILogger<OutboxRelay> log)
{
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

    /// <summary>Takes over rows that have just become durable.</summary>
    public void Committed(List<OutboxRow> rows)
    {
        if (!_options.RelayEnabled)
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
        if (rows.Exists(row => row.DueAt?.UtcTicks < wakesAt))
        {
            _wake.TrySetResult();
        }
    }

    public async Task RunAsync(CancellationToken stopping)
    {
        if (!await HasOutboxAsync(stopping))
        {
            return;
        }

        var deleting = DeleteFinishedAsync();
        try
        {
            await services.GetRequiredService<IBusControl>().WaitForHealthStatus(BusHealthStatus.Healthy, stopping);
            _busIsHealthy = true;
            await SendAgainWhatWasSentAsync(stopping);
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

    private async Task<bool> HasOutboxAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        cancellationToken.ThrowIfCancellationRequested();
        return Db(scope).Model.FindEntityType(typeof(OutboxRow)) is not null;
    }

    private async Task SendAgainWhatWasSentAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var now = time.GetUtcNow();
        await Db(scope).Set<OutboxRow>().Where(row => row.SentAt != null)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.SentAt, (DateTimeOffset?)null).SetProperty(row => row.AvailableAt, now), cancellationToken);
    }

    private async Task PollAsync(CancellationToken stopping)
    {
        var nextCleaning = time.GetUtcNow();
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                _busIsHealthy = services.GetRequiredService<IBusControl>().CheckHealth().Status == BusHealthStatus.Healthy;
                await MarkWaitingAsync(stopping);
                await UnmarkUnfinishedAsync(stopping);
                var next = _busIsHealthy ? await SendDueAsync(stopping) : null;
                if (time.GetUtcNow() >= nextCleaning)
                {
                    nextCleaning = time.GetUtcNow() + TimeSpan.FromHours(1);
                    await CleanInboxAsync(stopping);
                }

                await SleepUntilAsync(next, stopping);
            }
            catch (Exception problem) when (problem is not OperationCanceledException || !stopping.IsCancellationRequested)
            {
                LogPollFailed(problem, database.Name);
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

            DateTimeOffset? next;
            List<OutboxRow> rows = [];
            var now = time.GetUtcNow();
            await using (var scope = scopes.CreateAsyncScope())
            {
                var outbox = Db(scope).Set<OutboxRow>();
                Volatile.Write(ref _wakesAt, long.MaxValue);   // whoever commits a due time from here on wakes us
                next = await outbox.Where(row => row.SentAt == null).MinAsync(row => (DateTimeOffset?)row.AvailableAt, stopping);
                metrics.OldestRow(database.Name, next is { } oldest && oldest < now ? now - oldest : TimeSpan.Zero);
                if (next <= now)
                {
                    rows = await ClaimAsync(outbox, now, stopping);
                    next = await outbox.Where(row => row.SentAt == null && row.AvailableAt > now).MinAsync(row => (DateTimeOffset?)row.AvailableAt, stopping);
                }
            }

            var mine = rows.Where(row => _inFlight.TryAdd(row.Id, 0)).OrderBy(row => row.Id).ToList();
            await Task.WhenAll(mine.GroupBy(row => row.Destination).Select(group => SendAllAsync([.. group], stopping)));
            if (rows.Count < _options.BatchSize)
            {
                return next;
            }
        }
    }

    private async Task<List<OutboxRow>> ClaimAsync(DbSet<OutboxRow> outbox, DateTimeOffset now, CancellationToken stopping)
    {
        // One process has the file, so reading and leasing need not be one statement; with several relays on a server this is FOR UPDATE SKIP LOCKED.
        var paused = _circuits.Open;
        var rows = await outbox.AsNoTracking()
            .Where(row => row.SentAt == null && row.AvailableAt <= now && !paused.Contains(row.Destination))
            .OrderBy(row => row.AvailableAt).ThenBy(row => row.Id).Take(_options.BatchSize).ToListAsync(stopping);
        if (rows.Count > 0)
        {
            var ids = rows.ConvertAll(row => row.Id);
            var lease = now + _options.Lease;
            await outbox.Where(row => ids.Contains(row.Id)).ExecuteUpdateAsync(set => set.SetProperty(row => row.AvailableAt, lease), stopping);
        }

        return rows;
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
                LogPollFailed(problem, database.Name);   // the row stands in the table, and its lease runs out
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

        var queues = endpoints.QueuesOf(row);
        Action done = () => Finish(row.Id);
        try
        {
            var pipe = new RowPipe(row, time.GetUtcNow());
            if (row.Mandatory && queues.Count == 0)
            {
                DestinationFailed(row, new EndpointNotFoundException("No consumer of this command is registered in this process"));
                return;
            }

            if (queues.Count > 0)
            {
                _waiting[row.Id] = new(time.GetUtcNow());
                deliveries.Expect(row.MessageId, queues, done, () => Unfinished(row.Id));
            }

            using var limit = new CancellationTokenSource(_options.SendTimeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, limit.Token);
            var endpoint = await services.GetRequiredService<IBus>().GetSendEndpoint(new(row.Destination));
            await endpoint.Send(new SerializedMessageBody(), pipe, either.Token);
        }
        catch (Exception problem)
        {
            deliveries.Forget(row.MessageId, done);
            await FailedAsync(row, problem, stopping);
            return;
        }

        _circuits.Succeed(row.Destination);
        metrics.Relayed(database.Name);
        if (queues.Count == 0)
        {
            done();
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
            LogDestinationFailed(problem, row.Destination, database.Name);
        }

        Release([row]);
    }

    private async Task CountAttemptAsync(OutboxRow row, Exception problem, CancellationToken stopping)
    {
        var attempts = row.Attempts + 1;
        LogRowFailed(problem, row.Id, database.Name, attempts, _options.SendAttempts);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = Db(scope);
            if (attempts < _options.SendAttempts)
            {
                var next = time.GetUtcNow() + TimeSpan.FromSeconds(Math.Pow(2, attempts));
                await db.Set<OutboxRow>().Where(stored => stored.Id == row.Id)
                    .ExecuteUpdateAsync(set => set.SetProperty(stored => stored.Attempts, attempts).SetProperty(stored => stored.AvailableAt, next), stopping);
            }
            else
            {
                await using var transaction = await db.BeginAsync(stopping);
                db.Add(DeadLetter.Unsendable(row, problem, time.GetUtcNow()));
                await db.SaveChangesAsync(stopping);
                await db.Set<OutboxRow>().Where(stored => stored.Id == row.Id).ExecuteDeleteAsync(stopping);
                await transaction.CommitAsync(stopping);
                metrics.DeadLettered(database.Name);
            }
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
        var now = time.GetUtcNow();
        var waiting = _waiting.Where(row => !row.Value.IsMarked && row.Value.Since + _options.PollInterval <= now).ToList();
        if (waiting.Count == 0)
        {
            return;
        }

        var ids = waiting.ConvertAll(row => row.Key);
        await using var scope = scopes.CreateAsyncScope();
        await Db(scope).Set<OutboxRow>().Where(row => ids.Contains(row.Id)).ExecuteUpdateAsync(set => set.SetProperty(row => row.SentAt, now), stopping);
        waiting.ForEach(row => row.Value.IsMarked = true);
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

        await using var scope = scopes.CreateAsyncScope();
        var next = time.GetUtcNow() + _options.Lease;
        await Db(scope).Set<OutboxRow>().Where(row => ids.Contains(row.Id))
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.SentAt, (DateTimeOffset?)null).SetProperty(row => row.AvailableAt, next), stopping);
        ids.ForEach(id =>
        {
            _waiting.TryRemove(id, out _);
            _inFlight.TryRemove(id, out _);
        });
    }

    private async Task DeleteFinishedAsync()
    {
        var ids = new List<long>();
        while (await _finished.Reader.WaitToReadAsync(CancellationToken.None))
        {
            while (ids.Count < 500 && _finished.Reader.TryRead(out var id))
            {
                ids.Add(id);
            }

            ids.Sort();
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                await Db(scope).Set<OutboxRow>().Where(row => ids.Contains(row.Id)).ExecuteDeleteAsync(CancellationToken.None);
            }
            catch (Exception problem)
            {
                LogDeleteFailed(problem, database.Name);   // they are sent again; the inbox knows them
            }

            ids.ForEach(_deleted.Enqueue);
            ids.Clear();
        }
    }

    private async Task CleanInboxAsync(CancellationToken stopping)
    {
        await using var scope = scopes.CreateAsyncScope();
        var oldest = time.GetUtcNow() - _options.InboxRetention;
        await Db(scope).Set<InboxRow>().Where(row => row.At < oldest).ExecuteDeleteAsync(stopping);
    }

    private DbContext Db(AsyncServiceScope scope) => (DbContext)scope.ServiceProvider.GetRequiredService(database.Context);

    [LoggerMessage(LogLevel.Error, "Looking into the outbox of {Database} failed; it is tried again")]
    private partial void LogPollFailed(Exception problem, string database);

    [LoggerMessage(LogLevel.Warning, "{Destination} takes no messages from {Database} at the moment; they are kept and tried again")]
    private partial void LogDestinationFailed(Exception problem, string destination, string database);

    [LoggerMessage(LogLevel.Warning, "Row {Id} in the outbox of {Database} cannot be sent, attempt {Attempt} of {Attempts}")]
    private partial void LogRowFailed(Exception problem, long id, string database, int attempt, int attempts);

    [LoggerMessage(LogLevel.Warning, "Sent rows in the outbox of {Database} could not be deleted")]
    private partial void LogDeleteFailed(Exception problem, string database);

    private sealed class Waiting(DateTimeOffset since)
    {
        public DateTimeOffset Since { get; } = since;

        public bool IsMarked { get; set; }
    }
}
