using System.Collections.Concurrent;
using System.Diagnostics;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;

namespace Aerona.Messaging;

/// <summary>What one message writes, or one save that only publishes.</summary>
internal sealed class CommitUnit
{
    private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The message, and whose inbox notes it; null for a save outside of any.</summary>
    public (Guid Consumer, Guid Message)? Inbox { get; init; }

    /// <summary>Decides the order within a group, so that two processes take the same rows in the same order.</summary>
    public Guid Order { get; init; }

    /// <summary>Besides inbox and outbox. Made for each try: a command remembers how it was prepared, which is over when a batch fails.</summary>
    public required IReadOnlyList<Func<NpgsqlBatchCommand>> Changes { get; init; }

    public IReadOnlyList<Guid> Cancelled { get; init; } = [];

    public IReadOnlyList<OutboxRow> Rows { get; init; } = [];

    public Activity? Trace { get; } = Activity.Current;

    /// <summary>Ends with the commit; false when the message had been handled before, and nothing was written.</summary>
    public Task<bool> Done => _done.Task;

    public void Succeeded() => _done.TrySetResult(true);

    public void Failed(Exception problem)
    {
        if (Inbox is not null && problem is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation, TableName: "inbox" })
        {
            _done.TrySetResult(false);
        }
        else
        {
            _done.TrySetException(problem);
        }
    }
}

/// <summary>
/// Commits what several messages write in one transaction and one round trip, on PostgreSQL. A group that the database refuses is written again one by one, so
/// that a message fails for its own sake only.
/// </summary>
internal sealed class GroupCommits
{
    private const int MostInGroup = 64;

    // More than a repeat can trail behind while nothing is wrong.
    private const int Remembered = 10_000;

    private const string Inbox = "INSERT INTO inbox (consumer_id, message_id, at) SELECT c, m, $3 FROM unnest($1, $2) AS n (c, m)";

    private readonly string _connectionString;
    private readonly Func<OutboxRelay?> _relay;
    private readonly TimeProvider _time;
    private readonly Together<CommitUnit> _commits;
    private readonly ConcurrentDictionary<RowMap, GroupReads> _reads = [];
    private readonly ConcurrentDictionary<Guid, bool> _unfit = [];
    private readonly HashSet<(Guid Consumer, Guid Message)> _handled = [];
    private readonly Queue<(Guid Consumer, Guid Message)> _handledInOrder = [];

    public GroupCommits(string connectionString, Func<OutboxRelay?> relay, TimeProvider time)
    {
        _connectionString = connectionString;
        _relay = relay;
        _time = time;
        _commits = new(MostInGroup, CommitAsync);
    }

    /// <summary>Messages in hand; a repeat waits until the first one is done.</summary>
    public Turns<(Guid Consumer, Guid Message)> InHand { get; } = new();

    public GroupReads ReadsOf(RowMap map) => _reads.GetOrAdd(map, static (map, connectionString) => new(map, connectionString), _connectionString);

    /// <summary>Whether what that consumer does with such messages needed a transaction of its own before.</summary>
    public bool IsUnfit(Guid consumer) => _unfit.ContainsKey(consumer);

    public void MarkUnfit(Guid consumer) => _unfit.TryAdd(consumer, true);

    /// <summary>Whether this process remembers to have handled it. What it has forgotten, the inbox knows.</summary>
    public bool WasHandled(Guid consumer, Guid message)
    {
        lock (_handled)
        {
            return _handled.Contains((consumer, message));
        }
    }

    /// <summary>Writes it with others; false when the inbox had the message already, and nothing was written.</summary>
    public async Task<bool> CommitAsync(CommitUnit unit)
    {
        _commits.Add(unit);
        return await unit.Done;
    }

    /// <summary>Deletes rows that were sent, in a transaction of their own; says how many.</summary>
    public async Task<int> DeleteSentAsync(List<long> ids)
    {
        await using var connection = new NpgsqlConnection(_connectionString);
        await connection.OpenAsync();
        await using var delete = new NpgsqlCommand("DELETE FROM outbox WHERE id = ANY($1)", connection) { Parameters = { new NpgsqlParameter<long[]> { TypedValue = [.. ids] } } };
        return await delete.ExecuteNonQueryAsync();
    }

    private async Task CommitAsync(List<CommitUnit> units)
    {
        try
        {
            await WriteAsync(units);
            Committed(units);
        }
        catch (PostgresException problem) when (units.Count > 1 && !DatabaseErrors.IsUnreachable(problem))
        {
            foreach (var unit in units)
            {
                await CommitAsync([unit]);
            }
        }
        catch (Exception problem)
        {
            units.ForEach(unit => unit.Failed(problem));
        }
    }

    private void Committed(List<CommitUnit> units)
    {
        lock (_handled)
        {
            foreach (var unit in units)
            {
                if (unit.Inbox is { } handled && _handled.Add(handled))
                {
                    _handledInOrder.Enqueue(handled);
                }
            }

            while (_handledInOrder.Count > Remembered)
            {
                _handled.Remove(_handledInOrder.Dequeue());
            }
        }

        if (_relay() is { } relay)
        {
            units.ForEach(unit => relay.Committed(unit.Rows));
        }

        units.ForEach(unit => unit.Succeeded());
    }

    /// <summary>Without BEGIN and COMMIT: what is sent together is one transaction.</summary>
    private async Task WriteAsync(List<CommitUnit> units)
    {
        units.Sort(static (one, other) => one.Order.CompareTo(other.Order));
        Activity.Current = units[0].Trace;
        await using var connection = new NpgsqlConnection(_connectionString);
        await connection.OpenAsync();
        await using var batch = new NpgsqlBatch(connection);
        var taken = units.FindAll(unit => unit.Inbox is not null);
        if (taken.Count > 0)
        {
            batch.BatchCommands.Add(new(Inbox)
            {
                Parameters =
                {
                    Ids(taken.Select(unit => unit.Inbox!.Value.Consumer)),
                    Ids(taken.Select(unit => unit.Inbox!.Value.Message)),
                    new NpgsqlParameter<DateTimeOffset> { TypedValue = _time.GetUtcNow().ToUniversalTime() },
                },
            });
        }

        foreach (var change in units.SelectMany(unit => unit.Changes))
        {
            batch.BatchCommands.Add(change());
        }

        if (units.Exists(unit => unit.Cancelled.Count > 0))
        {
            batch.BatchCommands.Add(PostgreSqlOutbox.DeleteScheduled(units.SelectMany(unit => unit.Cancelled)));
        }

        var rows = units.SelectMany(unit => unit.Rows).ToList();
        if (rows.Count > 0)
        {
            batch.BatchCommands.Add(PostgreSqlOutbox.InsertAll(rows));
        }

        try
        {
            await using var reader = await batch.ExecuteReaderAsync();
            do
            {
                if (reader.FieldCount == 1 && reader.GetName(0) == PostgreSqlOutbox.Id)
                {
                    for (var at = 0; await reader.ReadAsync(); at++)
                    {
                        rows[at].Id = reader.GetInt64(0);
                    }
                }
            }
            while (await reader.NextResultAsync());   // to the end: a commit that fails throws past the last result
        }
        catch (PostgresException problem) when (!DatabaseErrors.IsUnreachable(problem))
        {
            connection.UnprepareAll();   // which of the batch's statements were prepared before it failed is nothing to rely on
            throw;
        }
    }

    private static NpgsqlParameter Ids(IEnumerable<Guid> ids) => new NpgsqlParameter<Guid[]> { TypedValue = [.. ids], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid };
}

/// <summary>
/// Reads rows of one table by their ids, without locks, several in one round trip, each with a look into the inbox. In this process a row is one message's until
/// that is done; another process's change shows at the commit by the row's version.
/// </summary>
internal sealed class GroupReads
{
    private const int MostInGroup = 64;

    private readonly RowMap _map;
    private readonly string _connectionString;
    private readonly string _select;
    private readonly Together<Read> _reads;

    public GroupReads(RowMap map, string connectionString)
    {
        _map = map;
        _connectionString = connectionString;

        // OFFSET 0 keeps the planner from joining the table as a whole, as it would while it takes it for empty.
        _select = $"""
            SELECT (SELECT true FROM inbox WHERE consumer_id = w.consumer AND message_id = w.message), found.*
            FROM unnest($1, $2, $3) WITH ORDINALITY AS w (id, consumer, message, number)
            LEFT JOIN LATERAL (SELECT {map.Columns} FROM {map.Table} WHERE {map.Key} = w.id OFFSET 0) AS found ON true
            ORDER BY w.number
            """;
        _reads = new(MostInGroup, ReadAsync);
    }

    public Turns<Guid> Turns { get; } = new();

    /// <summary>The row, null when there is none; and whether the inbox has the message.</summary>
    public Task<(LoadedRow? Row, bool WasHandled)> ReadAsync(Guid id, Guid consumer, Guid message)
    {
        var read = new Read(id, consumer, message, Activity.Current);
        _reads.Add(read);
        return read.Done.Task;
    }

    private async Task ReadAsync(List<Read> reads)
    {
        try
        {
            Activity.Current = reads[0].Trace;
            var found = await SelectAsync(reads);
            for (var at = 0; at < reads.Count; at++)
            {
                reads[at].Done.SetResult(found[at]);
            }
        }
        catch (Exception problem)
        {
            reads.ForEach(read => read.Done.TrySetException(problem));
        }
    }

    private async Task<List<(LoadedRow? Row, bool WasHandled)>> SelectAsync(List<Read> reads)
    {
        await using var connection = new NpgsqlConnection(_connectionString);
        await connection.OpenAsync();
        await using var select = new NpgsqlCommand(_select, connection)
        {
            Parameters = { Ids(reads, read => read.Id), Ids(reads, read => read.Consumer), Ids(reads, read => read.Message) },
        };
        var found = new List<(LoadedRow?, bool)>(reads.Count);
        await using var reader = await select.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            found.Add((_map.Load(reader, 1), !reader.IsDBNull(0)));
        }

        return found;
    }

    private static NpgsqlParameter Ids(List<Read> reads, Func<Read, Guid> id) =>
        new NpgsqlParameter<Guid[]> { TypedValue = [.. reads.Select(id)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid };

    private sealed record Read(Guid Id, Guid Consumer, Guid Message, Activity? Trace)
    {
        public TaskCompletionSource<(LoadedRow? Row, bool WasHandled)> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>The group commits of this process, one for each context on PostgreSQL.</summary>
internal sealed class Groups(IServiceProvider services, TimeProvider time)
{
    private readonly ConcurrentDictionary<Type, GroupCommits?> _groups = [];

    /// <summary>Null for a file: its writers queue at their gate.</summary>
    public GroupCommits? Of(DbContext db) => _groups.GetOrAdd(db.GetType(), static (type, of) => of.Self.Make(of.Db, type), (Self: this, Db: db));

    private GroupCommits? Make(DbContext db, Type type)
    {
        if (!db.IsOnServer() || db.Database.GetConnectionString() is not { } connectionString)
        {
            return null;
        }

        // The relays are asked for late: they are made of what is being made here.
        Lazy<OutboxRelay?> relay = new(() => ((Relays)services.GetService(typeof(Relays))!).Of(type));
        return new(connectionString, () => relay.Value, time);
    }
}
