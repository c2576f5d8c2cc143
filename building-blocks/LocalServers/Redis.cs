using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Aerona.LocalServers;

/// <summary>Redis behind a password; what it holds survives (append-only file).</summary>
public sealed class Redis : LocalServer
{
    private readonly string password;

    private Redis(string folder)
        : base(folder) => password = Machine.KeptSecret(Path.Combine(Folder, "password"));

    /// <summary>As StackExchange.Redis wants it.</summary>
    public string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port},password={password}");

    /// <summary>Starts it and waits until it answers.</summary>
    /// <exception cref="InvalidOperationException">It is not installed or does not start; the message says which and shows the end of its log.</exception>
    public static Task<Redis> StartAsync(string folder, CancellationToken cancellationToken) => StartedAsync(new Redis(folder), cancellationToken);

    private protected override Task<ServerProcess> LaunchAsync(CancellationToken cancellationToken)
    {
        var settings = Path.Combine(Folder, "redis.conf");   // a password in the arguments could be read by everybody
        Machine.WritePrivate(settings, string.Create(CultureInfo.InvariantCulture, $"""
            bind 127.0.0.1
            port {Port}
            requirepass {password}
            dir "{Folder}"
            save ""
            appendonly yes
            maxmemory 128mb
            maxmemory-policy allkeys-lru

            """));
        return ServerProcess.StartAsync("Redis", [Machine.Program("redis-server", "redis-server"), settings], Log, Machine.NoVariables, Folder, cancellationToken);
    }

    private protected override async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, Port), cancellationToken);
            await socket.SendAsync(Encoding.ASCII.GetBytes($"AUTH {password}\r\nPING\r\n"), cancellationToken);
            var answer = new StringBuilder();
            var buffer = new byte[256];
            while (!answer.ToString().Contains("PONG", StringComparison.Ordinal))
            {
                var read = await socket.ReceiveAsync(buffer, cancellationToken);
                answer.Append(Encoding.ASCII.GetString(buffer, 0, read));
                if (read == 0 || answer.ToString().Contains("-LOADING", StringComparison.Ordinal))
                {
                    return false;
                }
            }

            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
