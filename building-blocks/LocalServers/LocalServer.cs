namespace Aerona.LocalServers;

/// <summary>A real server as a child process: on loopback, on a free port that it keeps over restarts, its data in a folder of its own. Dies with its parent, however that ends.</summary>
public abstract class LocalServer : IAsyncDisposable
{
    /// <summary>Where it listens on 127.0.0.1.</summary>
    public int Port { get; protected init; }

    /// <summary>Its data, configuration and log.</summary>
    public string Folder { get; protected init; } = "";

    /// <summary>As a power cut would: every process of it killed at once. Data on disk stays.</summary>
    public abstract Task KillAsync();

    /// <summary>Starts it again on the same data and port, and waits until it answers.</summary>
    public abstract Task StartAgainAsync(CancellationToken cancellationToken);

    /// <summary>Stops it in order; only what it started itself.</summary>
    public abstract ValueTask DisposeAsync();
}
