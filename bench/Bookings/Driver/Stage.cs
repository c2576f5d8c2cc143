using System.Globalization;
using Aerona.LocalServers;
using Npgsql;

namespace Aerona.BookingsBench.Driver;

/// <summary>A broker and a database server of our own, with stock settings, and what they count.</summary>
internal sealed class Stage : IAsyncDisposable
{
    // The same for all contestants. A connection has no state that its next user could stumble over, so it is not reset: that saves a transaction a use.
    private const string Pooling = ";Max Auto Prepare=50;Auto Prepare Min Usages=2;No Reset On Close=true;Maximum Pool Size=";

    private const string Owner = "bench";
    private const string Password = "bench";

    private readonly DirectoryInfo _folder;
    private readonly PostgreSql _postgreSql;
    private readonly RabbitMq _rabbitMq;
    private readonly NpgsqlDataSource _counters;

    private Stage(DirectoryInfo folder, PostgreSql postgreSql, RabbitMq rabbitMq)
    {
        _folder = folder;
        _postgreSql = postgreSql;
        _rabbitMq = rabbitMq;
        _counters = NpgsqlDataSource.Create(postgreSql.AdminConnectionString);
    }

    public static async Task<Stage> SetUpAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("aerona-bench-");
        PostgreSql? postgreSql = null;
        try
        {
            postgreSql = await PostgreSql.StartAsync(Path.Combine(folder.FullName, "postgresql"), cancellationToken);
            var rabbitMq = await RabbitMq.StartAsync(Path.Combine(folder.FullName, "rabbitmq"), cancellationToken);
            return new(folder, postgreSql, rabbitMq);
        }
        catch
        {
            if (postgreSql is not null)
            {
                await postgreSql.DisposeAsync();
            }

            folder.Delete(recursive: true);
            throw;
        }
    }

    /// <summary>New, empty databases and a new virtual host; returns the environment for one of the two processes.</summary>
    public async Task<Set> PrepareAsync(Contestant contestant, int round, CancellationToken cancellationToken)
    {
        var name = $"{contestant.Name.ToLowerInvariant()}{round}";
        var connections = new Dictionary<string, string>();
        foreach (var database in contestant.Databases)
        {
            connections[database] = await _postgreSql.AddDatabaseAsync($"{name}_{database}", Owner, Password, cancellationToken);
        }

        await _rabbitMq.AddVirtualHostAsync(name, cancellationToken);
        await _rabbitMq.AddUserAsync(name, Owner, Password, ".*", ".*", ".*", cancellationToken);
        return new(name, connections);
    }

    /// <summary>Takes the virtual host away, so that the next one finds the broker as this one did.</summary>
    public Task ClearAsync(Set set, CancellationToken cancellationToken) => _rabbitMq.ControlAsync(cancellationToken, "delete_vhost", set.Name);

    /// <summary>For a process that handles so many messages of a queue at once.</summary>
    public Dictionary<string, string> Environment(Set set, int concurrency, int connections)
    {
        const int Prefetch = 64;
        var environment = set.Connections.ToDictionary(
            pair => $"ConnectionStrings__{pair.Key}", pair => pair.Value + Pooling + connections.ToString(CultureInfo.InvariantCulture));
        environment["BENCH_DATABASE"] = environment["ConnectionStrings__work"];
        environment["BENCH_RABBITMQ"] = $"amqp://{Owner}:{Password}@127.0.0.1:{_rabbitMq.Port}/{set.Name}";
        environment["BENCH_CONCURRENCY"] = environment["Messaging__ConcurrentMessageLimit"] = concurrency.ToString(CultureInfo.InvariantCulture);
        environment["BENCH_PREFETCH"] = environment["Messaging__PrefetchCount"] = Prefetch.ToString(CultureInfo.InvariantCulture);
        environment["RabbitMq__Host"] = "127.0.0.1";
        environment["RabbitMq__Port"] = _rabbitMq.Port.ToString(CultureInfo.InvariantCulture);
        environment["RabbitMq__VirtualHost"] = set.Name;
        environment["RabbitMq__Username"] = Owner;
        environment["RabbitMq__Password"] = Password;
        return environment;
    }

    /// <summary>Transactions in the set's databases and bytes of WAL so far.</summary>
    public Task<(long Transactions, long WalBytes)> DatabaseCountersAsync(Set set, CancellationToken cancellationToken) =>
        DatabaseCountersAsync(_counters, [.. set.Connections.Keys.Select(database => $"{set.Name}_{database}")], cancellationToken);

    /// <summary>The same of these databases of that server.</summary>
    public static async Task<(long Transactions, long WalBytes)> DatabaseCountersAsync(
        NpgsqlDataSource server, string[] databases, CancellationToken cancellationToken)
    {
        await using var command = server.CreateCommand("""
            SELECT sum(xact_commit)::bigint, (pg_current_wal_lsn() - '0/0')::bigint FROM pg_stat_database WHERE datname = ANY($1)
            """);
        command.Parameters.Add(new() { Value = databases });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    /// <summary>Messages that clients have published so far.</summary>
    public Task<long> BrokerMessagesAsync(CancellationToken cancellationToken) => BrokerMessagesAsync(_rabbitMq, cancellationToken);

    /// <summary>The same of that broker.</summary>
    public static async Task<long> BrokerMessagesAsync(RabbitMq broker, CancellationToken cancellationToken)
    {
        var counted = await broker.ControlAsync(
            cancellationToken, "eval", "maps:get(messages_received_total, maps:get([{protocol,amqp091}], rabbit_global_counters:overview())).");
        return long.Parse(counted.Trim(), CultureInfo.InvariantCulture);
    }

    /// <summary>Bookings at their end, rows of the workers, and how many different ones these are.</summary>
    public async Task<(long Finished, long Rows, long Different)> RowsAsync(Contestant contestant, Set set, CancellationToken cancellationToken)
    {
        await using var sagas = NpgsqlDataSource.Create(set.Connections[contestant.Databases[0]]);
        await using var finished = sagas.CreateCommand(contestant.FinishedBookings);
        await using var work = NpgsqlDataSource.Create(set.Connections["work"]);
        await using var rows = work.CreateCommand("SELECT count(*), count(DISTINCT (booking_id, step)) FROM work WHERE step BETWEEN 1 AND 5");
        await using var reader = await rows.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return ((long)(await finished.ExecuteScalarAsync(cancellationToken))!, reader.GetInt64(0), reader.GetInt64(1));
    }

    public Task<string> VersionsAsync(CancellationToken cancellationToken) => VersionsAsync(_counters, _rabbitMq, cancellationToken);

    public static async Task<string> VersionsAsync(NpgsqlDataSource server, RabbitMq broker, CancellationToken cancellationToken)
    {
        await using var version = server.CreateCommand("SHOW server_version");
        return $"PostgreSQL {await version.ExecuteScalarAsync(cancellationToken)}, RabbitMQ {(await broker.ControlAsync(cancellationToken, "version")).Trim()}";
    }

    public async ValueTask DisposeAsync()
    {
        await _counters.DisposeAsync();
        await _rabbitMq.DisposeAsync();
        await _postgreSql.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    /// <summary>What one run has for itself.</summary>
    /// <param name="Name">Of the virtual host; the databases' names begin with it.</param>
    /// <param name="Connections">Connection strings by the contestant's own name of the database.</param>
    internal sealed record Set(string Name, IReadOnlyDictionary<string, string> Connections);
}
