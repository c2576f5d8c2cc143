using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Aerona.LocalServers;

/// <summary>What the machine offers: programs, ports, random secrets, private files.</summary>
internal static class Machine
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static readonly string[] ProgramFolders =
        [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries), "/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin"];

    private static readonly HashSet<int> Given = [];

    /// <summary>No additions to the environment.</summary>
    public static IReadOnlyDictionary<string, string?> NoVariables { get; } = new Dictionary<string, string?>();

    /// <summary>Full path of a program; throws and names the Debian package when it is not there.</summary>
    public static string Program(string name, string package) =>
        ProgramFolders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists) ?? throw Missing(name, package);

    /// <summary>What to say of a program that is not there.</summary>
    public static InvalidOperationException Missing(string name, string package) =>
        new($"{name} is not installed; on Debian: apt-get install --no-install-recommends {package}");

    /// <summary>
    /// A port of 127.0.0.1 that nobody listens on. From below the range that outgoing connections take theirs from: a server that was killed must find its port
    /// free when it comes back, and a client that knocks meanwhile must not be given that very port and speak with itself.
    /// </summary>
    public static int FreePort()
    {
        var highest = Math.Min(LowestOutgoingPort() - 1, 65_535);
        lock (Given)
        {
            while (true)
            {
                var port = RandomNumberGenerator.GetInt32(Math.Min(10_000, highest - 1_000), highest + 1);
                if (IsFree(port) && Given.Add(port))
                {
                    return port;
                }
            }
        }
    }

    /// <summary>The port written in that file, or a free one, which is then written there. One that somebody else took meanwhile is replaced.</summary>
    public static int KeptPort(string file)
    {
        if (File.Exists(file) && int.TryParse(File.ReadAllText(file).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var kept) && IsFree(kept))
        {
            lock (Given)
            {
                Given.Add(kept);
            }

            return kept;
        }

        var port = FreePort();
        File.WriteAllText(file, port.ToString(CultureInfo.InvariantCulture));
        return port;
    }

    /// <summary>True when somebody listens on that port of 127.0.0.1.</summary>
    public static async Task<bool> ListensAsync(int port, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>160 random bits in letters and digits that need no escape anywhere.</summary>
    public static string Secret() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));

    /// <summary>The secret kept in that file, which only its owner may read; made at first.</summary>
    public static string KeptSecret(string file)
    {
        if (!File.Exists(file))
        {
            WritePrivate(file, Secret());
        }

        return File.ReadAllText(file).Trim();
    }

    /// <summary>Writes a file that only its owner may read, whole or not at all.</summary>
    public static void WritePrivate(string file, string text)
    {
        var draft = $"{file}.{Guid.NewGuid():N}.draft";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using (var writer = new StreamWriter(draft, options))
        {
            writer.Write(text);
        }

        File.Move(draft, file, overwrite: true);
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // As servers do: what lingers of closed connections does not count, a listener does.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int LowestOutgoingPort()
    {
        const string Range = "/proc/sys/net/ipv4/ip_local_port_range";
        return File.Exists(Range) && int.TryParse(File.ReadAllText(Range).Split('\t', ' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var lowest) && lowest > 12_000
            ? lowest
            : 32_768;
    }
}
