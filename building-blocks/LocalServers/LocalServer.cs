namespace Aerona.LocalServers;

/// <summary>A real server as a child process: on loopback, on a free port that it keeps over restarts, its data in a folder of its own. Dies with its parent, however that ends.</summary>
public abstract class LocalServer : IAsyncDisposable
{
    private const long LogLimit = 20 << 20;
    private readonly SemaphoreSlim one = new(1, 1);
    private ServerProcess? process;

    private protected LocalServer(string folder, int? port = null)
    {
        Folder = Directory.CreateDirectory(Path.GetFullPath(folder)).FullName;
        Port = port ?? Machine.KeptPort(Path.Combine(Folder, "port"));
        if (File.Exists(Log) && new FileInfo(Log).Length > LogLimit)
        {
            File.Move(Log, $"{Log}.old", overwrite: true);
        }
    }

    /// <summary>Where it listens on 127.0.0.1.</summary>
    public int Port { get; protected init; }

    /// <summary>Its data, configuration and log.</summary>
    public string Folder { get; protected init; } = "";

    /// <summary>The file with what it has written to standard output and error, over all its starts.</summary>
    public string Log => Path.Combine(Folder, "log");

    /// <summary>The process that leads it; null while it does not run.</summary>
    public int? ProcessId => process is { HasExited: false } running ? running.Id : null;

    /// <summary>As a power cut would: every process of it killed at once, even one that is still starting. Data on disk stays.</summary>
    public Task KillAsync() => process?.KillAsync() ?? Task.CompletedTask;

    /// <summary>Waits until it has ended, by itself or by <see cref="KillAsync"/>; the exit code, 128 + signal when it was killed.</summary>
    public async Task<int> WaitForExitAsync(CancellationToken cancellationToken)
    {
        var running = process ?? throw new InvalidOperationException("it was not started");
        await running.WaitForExitAsync(cancellationToken);
        return running.ExitCode;
    }

    /// <summary>Starts it again on the same data and port, and waits until it answers. Does nothing while it runs.</summary>
    /// <exception cref="InvalidOperationException">It does not start; the message shows the end of its log.</exception>
    public Task StartAgainAsync(CancellationToken cancellationToken) => StartAsync(waits: true, cancellationToken);

    /// <summary>The same without waiting for an answer: what it needs may be away.</summary>
    public Task LaunchAgainAsync(CancellationToken cancellationToken) => StartAsync(waits: false, cancellationToken);

    private async Task StartAsync(bool waits, CancellationToken cancellationToken)
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
                if (waits)
                {
                    await process.WaitUntilAsync(AnswersAsync, StartPatience, cancellationToken);
                }
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
                await process.StopAsync(StopPatience, StopsByInterrupt);
                process.Dispose();
                process = null;
            }
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>How long it may take until it answers.</summary>
    private protected virtual TimeSpan StartPatience => TimeSpan.FromMinutes(4);

    /// <summary>How long it may take to stop in order before it is killed.</summary>
    private protected virtual TimeSpan StopPatience => TimeSpan.FromMinutes(1);

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
