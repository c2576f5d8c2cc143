using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Aerona.LocalServers;

/// <summary>A user of the broker with its permissions (regular expressions over queues and exchanges) in one virtual host.</summary>
/// <param name="Name">The user.</param>
/// <param name="Password">As it is typed.</param>
/// <param name="Configure">May declare and delete these.</param>
/// <param name="Write">May publish to these.</param>
/// <param name="Read">May consume these.</param>
public sealed record RabbitMqUser(string Name, string Password, string Configure, string Write, string Read);

/// <summary>RabbitMQ, one node with a name, a cookie and an epmd of its own.</summary>
public sealed class RabbitMq : LocalServer
{
    private const string Package = "rabbitmq-server";
    private const string Node = "aerona@localhost";   // told apart from other nodes by its epmd

    // Debian's commands in the path change to the package's user and its cookie, and only root may call them; the programs behind them run for anybody.
    private readonly string programs;
    private readonly int epmdPort;
    private readonly int nodePort;

    private RabbitMq(string folder)
        : base(folder)
    {
        programs = Programs();
        epmdPort = Machine.KeptPort(Path.Combine(Folder, "epmd-port"));
        nodePort = Machine.KeptPort(Path.Combine(Folder, "node-port"));
    }

    /// <summary>Starts it and waits until it takes connections.</summary>
    /// <exception cref="InvalidOperationException">It is not installed or does not start; the message says which and shows the end of its log.</exception>
    public static async Task<RabbitMq> StartAsync(string folder, CancellationToken cancellationToken)
    {
        var server = new RabbitMq(folder);
        await server.ConfigureAsync(cancellationToken);
        return await StartedAsync(server, cancellationToken);
    }

    /// <summary>Makes the virtual host unless it is there.</summary>
    public Task AddVirtualHostAsync(string name, CancellationToken cancellationToken) => AddUsersAsync(name, [], cancellationToken);

    /// <summary>Makes the user unless it is there, and sets its permissions (regular expressions over queues and exchanges) in that virtual host.</summary>
    public Task AddUserAsync(string virtualHost, string user, string password, string configure, string write, string read, CancellationToken cancellationToken) =>
        AddUsersAsync(virtualHost, [new(user, password, configure, write, read)], cancellationToken);

    /// <summary>Makes the virtual host and the users unless they are there, and sets their passwords and permissions: all in one call of the broker's slow tool.</summary>
    public Task AddUsersAsync(string virtualHost, IReadOnlyList<RabbitMqUser> users, CancellationToken cancellationToken) => RunAsync(
        ["import_definitions"],
        JsonSerializer.Serialize(new
        {
            vhosts = new[] { new { name = virtualHost } },
            users = users.Select(user => new { name = user.Name, password = user.Password, tags = "" }),
            permissions = users.Select(user => new { user = user.Name, vhost = virtualHost, configure = user.Configure, write = user.Write, read = user.Read }),
        }),
        cancellationToken);

    /// <summary>What <c>rabbitmqctl</c> prints to standard output with these arguments; throws when it fails.</summary>
    public Task<string> ControlAsync(CancellationToken cancellationToken, params string[] arguments) => RunAsync(arguments, null, cancellationToken);

    private protected override Task<ServerProcess> LaunchAsync(CancellationToken cancellationToken)
    {
        // An epmd that is one of our processes: the one that Erlang starts by itself outlives its node.
        var epmd = Machine.Program("epmd", "erlang-base");
        string[] command =
        [
            "/bin/sh", "-c", "\"$0\" -address 127.0.0.1 -port \"$1\" & exec \"$2\"", epmd, epmdPort.ToString(CultureInfo.InvariantCulture), Path.Combine(programs, "rabbitmq-server"),
        ];
        return ServerProcess.StartAsync("RabbitMQ", command, Log, Environment(), Folder, cancellationToken);
    }

    /// <summary>Its listeners open when everything else is up; then it answers the protocol header with Connection.Start.</summary>
    private protected override async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, Port), cancellationToken);
            await socket.SendAsync("AMQP\0\0\u0009\u0001"u8.ToArray(), cancellationToken);
            var frame = new byte[1];
            return await socket.ReceiveAsync(frame, cancellationToken) == 1 && frame[0] == 1;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task ConfigureAsync(CancellationToken cancellationToken)
    {
        var cookie = Path.Combine(Folder, ".erlang.cookie");
        if (!File.Exists(cookie))
        {
            Machine.WritePrivate(cookie, Machine.Secret());
        }

        // The first start makes this administrator instead of guest/guest.
        var administrator = Machine.KeptSecret(Path.Combine(Folder, "administrator-password"));
        Machine.WritePrivate(Path.Combine(Folder, "rabbitmq.conf"), string.Create(CultureInfo.InvariantCulture, $"""
            listeners.tcp.1 = 127.0.0.1:{Port}
            default_user = administrator
            default_pass = {administrator}
            loopback_users = none
            disk_free_limit.absolute = 50MB
            raft.wal_max_size_bytes = 67108864
            log.file = false
            log.console = true
            log.console.level = info

            """));
        await File.WriteAllTextAsync(Path.Combine(Folder, "enabled_plugins"), "[].\n", cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(Folder, "rabbitmq-env.conf"), "", cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(Folder, "advanced.config"), "[].\n", cancellationToken);
    }

    private Dictionary<string, string?> Environment() => new()
    {
        ["HOME"] = Folder,
        ["LANG"] = "C.UTF-8",
        ["LC_ALL"] = "C.UTF-8",
        ["ERL_EPMD_PORT"] = epmdPort.ToString(CultureInfo.InvariantCulture),
        ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        ["RABBITMQ_NODENAME"] = Node,
        ["RABBITMQ_DIST_PORT"] = nodePort.ToString(CultureInfo.InvariantCulture),
        ["RABBITMQ_NODE_PORT"] = null,
        ["RABBITMQ_NODE_IP_ADDRESS"] = null,
        ["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(Folder, "rabbitmq-env.conf"),
        ["RABBITMQ_CONFIG_FILE"] = Path.Combine(Folder, "rabbitmq.conf"),
        ["RABBITMQ_ADVANCED_CONFIG_FILE"] = Path.Combine(Folder, "advanced.config"),
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(Folder, "enabled_plugins"),
        ["RABBITMQ_GENERATED_CONFIG_DIR"] = Path.Combine(Folder, "generated"),
        ["RABBITMQ_SCHEMA_DIR"] = Path.Combine(Folder, "schema"),
        ["RABBITMQ_MNESIA_BASE"] = Path.Combine(Folder, "data"),
        ["RABBITMQ_LOG_BASE"] = Folder,
        ["RABBITMQ_LOG"] = "-color",
        ["RABBITMQ_PID_FILE"] = Path.Combine(Folder, "pid"),
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}",
        ["RABBITMQ_CTL_ERL_ARGS"] = "-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}",
        // Tools running side by side take any port each.
        ["RABBITMQ_CTL_DIST_PORT_MIN"] = "0",
        ["RABBITMQ_CTL_DIST_PORT_MAX"] = "0",
    };

    private Task<string> RunAsync(IReadOnlyList<string> arguments, string? input, CancellationToken cancellationToken) =>
        ServerProcess.RunAsync([Path.Combine(programs, "rabbitmqctl"), "-q", "-n", Node, .. arguments], Environment(), Folder, cancellationToken, input);

    private static string Programs()
    {
        const string Versions = "/usr/lib/rabbitmq/lib";
        return (Directory.Exists(Versions) ? Directory.EnumerateDirectories(Versions, "rabbitmq_server-*") : [])
            .Select(folder => Path.Combine(folder, "sbin"))
            .OrderDescending(StringComparer.Ordinal)
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "rabbitmq-server"))) ?? throw Machine.Missing("rabbitmq-server", Package);
    }
}
