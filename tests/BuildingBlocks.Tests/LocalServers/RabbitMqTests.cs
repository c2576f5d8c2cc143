using System.Diagnostics;
using Aerona.LocalServers;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Aerona.BuildingBlocks.Tests.LocalServers;

public sealed class RabbitMqTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_killed_broker_comes_back_on_its_port_with_the_confirmed_messages_of_quorum_queues()
    {
        using var folder = new TemporaryFolder();
        await using var server = await RabbitMq.StartAsync(folder.Path, TestContext.Current.CancellationToken);
        var port = server.Port;
        await server.AddVirtualHostAsync("aerona", TestContext.Current.CancellationToken);
        await server.AddUserAsync("aerona", "bookings", "secret", "^bookings-.+", "^bookings-.+|^amq.default$", "^bookings-.+", TestContext.Current.CancellationToken);
        await using (var connection = await ConnectAsync(server, "bookings", "secret"))
        await using (var channel = await connection.CreateChannelAsync(new(true, true), TestContext.Current.CancellationToken))
        {
            await DeclareAsync(channel, "bookings-saga");
            await channel.BasicPublishAsync("", "bookings-saga", true, new BasicProperties { Persistent = true }, "hello"u8.ToArray(), TestContext.Current.CancellationToken);
        }

        // Which log is a new queue's the broker writes down within half a second; killed before that it would come back with the queue empty.
        await server.ControlAsync(TestContext.Current.CancellationToken, "eval", "dets:sync(ra_directory_reverse).");
        await server.KillAsync();
        await Assert.ThrowsAsync<BrokerUnreachableException>(() => ConnectAsync(server, "bookings", "secret"));
        await server.StartAgainAsync(TestContext.Current.CancellationToken);

        Assert.Equal(port, server.Port);
        await using var again = await ConnectAsync(server, "bookings", "secret");
        await using var reader = await again.CreateChannelAsync(cancellationToken: TestContext.Current.CancellationToken);
        await DeclareAsync(reader, "bookings-saga");
        var message = await reader.BasicGetAsync("bookings-saga", true, TestContext.Current.CancellationToken);
        Assert.Equal("hello"u8.ToArray(), message!.Body.ToArray());
    }

    [Fact]
    public async Task A_user_declares_and_reads_what_its_permissions_name_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        await using var server = await RabbitMq.StartAsync(folder.Path, TestContext.Current.CancellationToken);
        await server.AddUsersAsync(
            "aerona", [new("bookings", "one", "^bookings-.+", "^bookings-.+", "^bookings-.+"), new("payments", "two", "^payments-.+", "^payments-.+", "^payments-.+")],
            TestContext.Current.CancellationToken);
        await using (var payments = await ConnectAsync(server, "payments", "two"))
        await using (var channel = await payments.CreateChannelAsync(cancellationToken: TestContext.Current.CancellationToken))
        {
            await DeclareAsync(channel, "payments-capture-payment-consumer");
        }

        await using var connection = await ConnectAsync(server, "bookings", "one");
        Assert.Equal(403, (await RefusedAsync(connection, channel => DeclareAsync(channel, "payments-mine-now"))).ShutdownReason!.ReplyCode);
        Assert.Equal(403, (await RefusedAsync(connection, channel => channel.BasicGetAsync("payments-capture-payment-consumer", true))).ShutdownReason!.ReplyCode);
        Assert.Contains("bookings", await server.ControlAsync(TestContext.Current.CancellationToken, "list_permissions", "-p", "aerona"), StringComparison.Ordinal);
        Assert.DoesNotContain("guest", await server.ControlAsync(TestContext.Current.CancellationToken, "list_users"), StringComparison.Ordinal);
        await Assert.ThrowsAsync<BrokerUnreachableException>(() => ConnectAsync(server, "payments", "one"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => server.ControlAsync(TestContext.Current.CancellationToken, "no_such_command"));
    }

    [Fact]
    public async Task Brokers_run_side_by_side_and_one_stopped_leaves_no_process_and_harms_no_other()
    {
        using var folder = new TemporaryFolder();
        using var otherFolder = new TemporaryFolder();
        var starting = RabbitMq.StartAsync(folder.Path, TestContext.Current.CancellationToken);
        await using var other = await RabbitMq.StartAsync(otherFolder.Path, TestContext.Current.CancellationToken);
        var server = await starting;
        Assert.NotEmpty(ProcessesOf(folder.Path));

        await server.DisposeAsync();

        Assert.Empty(ProcessesOf(folder.Path));
        Assert.Contains("OS PID", await other.ControlAsync(TestContext.Current.CancellationToken, "status"), StringComparison.Ordinal);
        await other.KillAsync();
        Assert.Empty(ProcessesOf(otherFolder.Path));
    }

    /// <summary>Ids of the processes that have the folder in their environment, as all of the broker's have.</summary>
    private static List<int> ProcessesOf(string folder) =>
        [.. Process.GetProcesses().Select(process => process.Id).Where(id => id != Environment.ProcessId && VariablesOf(id).Contains($"HOME={folder}\0", StringComparison.Ordinal))];

    private static string VariablesOf(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/environ");
        }
        catch (IOException)
        {
            return "";   // ended meanwhile
        }
        catch (UnauthorizedAccessException)
        {
            return "";   // somebody else's
        }
    }

    private static Task<IConnection> ConnectAsync(RabbitMq server, string user, string password) =>
        new ConnectionFactory
        {
            HostName = "127.0.0.1",
            Port = server.Port,
            VirtualHost = "aerona",
            UserName = user,
            Password = password,
            RequestedConnectionTimeout = Patience,
            HandshakeContinuationTimeout = Patience,
            ContinuationTimeout = Patience,
            SocketReadTimeout = Patience,
            SocketWriteTimeout = Patience,
        }.CreateConnectionAsync(TestContext.Current.CancellationToken);

    private static Task<QueueDeclareOk> DeclareAsync(IChannel channel, string queue) => channel.QueueDeclareAsync(
        queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" }, cancellationToken: TestContext.Current.CancellationToken);

    private static async Task<OperationInterruptedException> RefusedAsync(IConnection connection, Func<IChannel, Task> action)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: TestContext.Current.CancellationToken);
        return await Assert.ThrowsAsync<OperationInterruptedException>(() => action(channel));
    }
}
