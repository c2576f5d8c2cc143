namespace Aerona.LocalServers;

/// <summary>A real server as a child process: on loopback, on a free port that it keeps over restarts, its data in a folder of its own. Dies with its parent, however that ends.</summary>
public abstract class LocalServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly SemaphoreSlim one = new(1, 1);
    private ServerProcess? process;

    private protected LocalServer(string folder)
    {
        Folder = Directory.CreateDirectory(Path.GetFullPath(folder)).FullName;
        Port = Machine.KeptPort(Path.Combine(Folder, "port"));
    }

    /// <summary>Where it listens on 127.0.0.1.</summary>
    public int Port { get; protected init; }

    /// <summary>Its data, configuration and log.</summary>
    public string Folder { get; protected init; } = "";

    /// <summary>What it has written to standard output and error, over all its starts.</summary>
    public string Log => Path.Combine(Folder, "log");

    /// <summary>The process that leads it; null while it does not run.</summary>
    public int? ProcessId => process is { HasExited: false } running ? running.Id : null;

    /// <summary>As a power cut would: every process of it killed at once. Data on disk stays.</summary>
    public async Task KillAsync()
    {
        await one.WaitAsync();
        try
        {
            if (process is not null)
            {
                await process.KillAsync();
            }
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>Starts it again on the same data and port, and waits until it answers. Does nothing while it runs.</summary>
    /// <exception cref="InvalidOperationException">It does not start; the message shows the end of its log.</exception>
    public async Task StartAgainAsync(CancellationToken cancellationToken)
    {
        await one.WaitAsync(cancellationToken);
        try
        {
            if (process is { HasExited: false })
            {
                return;
            }

            process?.Dispose();
            process = await LaunchAsync(cancellationToken);
            try
            {
                await process.WaitUntilAsync(AnswersAsync, Patience, cancellationToken);
            }
            catch
            {
                await process.KillAsync();
                throw;
            }
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>Stops it in order; only what it started itself.</summary>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await one.WaitAsync();
        try
        {
            if (process is not null)
            {
                await process.StopAsync(TimeSpan.FromSeconds(20), StopsByInterrupt);
                process.Dispose();
                process = null;
            }
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>True when SIGINT rather than SIGTERM is what stops it without waiting for its clients.</summary>
    private protected virtual bool StopsByInterrupt => false;

    /// <summary>Starts the process on the folder and the port.</summary>
    private protected abstract Task<ServerProcess> LaunchAsync(CancellationToken cancellationToken);

    /// <summary>Whether it serves yet.</summary>
    private protected abstract Task<bool> AnswersAsync(CancellationToken cancellationToken);

    /// <summary>First start, for the servers' own static methods.</summary>
    private protected static async Task<T> StartedAsync<T>(T server, CancellationToken cancellationToken) where T : LocalServer
    {
        await server.StartAgainAsync(cancellationToken);
        return server;
    }
}
