using System.Net.Sockets;
using Aerona.LocalServers;
using Npgsql;

namespace Aerona.BuildingBlocks.Tests.LocalServers;

public sealed class PostgreSqlTests
{
    [Fact]
    public async Task A_killed_database_comes_back_on_its_port_with_what_was_committed()
    {
        using var folder = new TemporaryFolder();
        await using var server = await PostgreSql.StartAsync(folder.Path, TestContext.Current.CancellationToken);
        var port = server.Port;
        var bookings = await server.AddDatabaseAsync("bookings", "bookings", "it's a secret", TestContext.Current.CancellationToken);
        await ExecuteAsync(bookings, "CREATE TABLE booking (id int); INSERT INTO booking VALUES (42)");

        await server.KillAsync();
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => ExecuteAsync(bookings, "SELECT 1"));
        Assert.Null(server.ProcessId);
        await server.StartAgainAsync(TestContext.Current.CancellationToken);

        Assert.Equal(port, server.Port);
        Assert.Equal(42, await ExecuteAsync(bookings, "SELECT id FROM booking"));
        Assert.Equal("on", await ExecuteAsync(server.AdminConnectionString, "SHOW fsync"));
        Assert.Equal("127.0.0.1", await ExecuteAsync(server.AdminConnectionString, "SHOW listen_addresses"));
    }

    [Fact]
    public async Task A_role_reaches_its_own_database_and_no_other()
    {
        using var folder = new TemporaryFolder();
        await using var server = await PostgreSql.StartAsync(folder.Path, TestContext.Current.CancellationToken);
        var bookings = await server.AddDatabaseAsync("bookings", "bookings", "one", TestContext.Current.CancellationToken);
        var payments = await server.AddDatabaseAsync("payments", "payments", "two", TestContext.Current.CancellationToken);
        Assert.Equal(bookings, await server.AddDatabaseAsync("bookings", "bookings", "one", TestContext.Current.CancellationToken));

        foreach (var other in new[] { "payments", "postgres", "template1" })
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(new NpgsqlConnectionStringBuilder(bookings) { Database = other }.ConnectionString, "SELECT 1"));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }

        var wrong = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(new NpgsqlConnectionStringBuilder(payments) { Password = "one" }.ConnectionString, "SELECT 1"));
        Assert.Equal(PostgresErrorCodes.InvalidPassword, wrong.SqlState);
        var escalated = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(bookings, "CREATE DATABASE mine"));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, escalated.SqlState);
        await Assert.ThrowsAsync<ArgumentException>(() => server.AddDatabaseAsync("x; drop", "bookings", "one", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Clusters_run_side_by_side_and_one_stopped_in_order_goes_on_later_with_its_data()
    {
        using var folder = new TemporaryFolder();
        using var otherFolder = new TemporaryFolder();
        await using var other = await PostgreSql.StartAsync(otherFolder.Path, TestContext.Current.CancellationToken);
        string bookings;
        int port;
        await using (var server = await PostgreSql.StartAsync(folder.Path, TestContext.Current.CancellationToken))
        {
            port = server.Port;
            Assert.NotEqual(other.Port, port);
            bookings = await server.AddDatabaseAsync("bookings", "bookings", "one", TestContext.Current.CancellationToken);
            await ExecuteAsync(bookings, "CREATE TABLE booking (id int)");
        }

        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await Assert.ThrowsAsync<SocketException>(() => socket.ConnectAsync("127.0.0.1", port));
        Assert.Contains("database system is shut down", await File.ReadAllTextAsync(Path.Combine(folder.Path, "log"), TestContext.Current.CancellationToken), StringComparison.Ordinal);

        await using var again = await PostgreSql.StartAsync(folder.Path, TestContext.Current.CancellationToken);
        Assert.Equal(port, again.Port);
        Assert.Equal(0L, await ExecuteAsync(bookings, "SELECT count(*) FROM booking"));
        Assert.NotNull(other.ProcessId);
    }

    private static async Task<object?> ExecuteAsync(string connectionString, string statement)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(statement, connection);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }
}
