using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Aerona.LocalServers;

/// <summary>A child process with everything below it. It does not outlive this process, however this one ends: a small shell beside it watches a pipe from here.</summary>
internal sealed class ServerProcess : IDisposable
{
    private const int Interrupt = 2;
    private const int Terminate = 15;

    private static readonly string Supervisor = Resource("supervise.sh");
    private readonly Process supervisor;
    private readonly string what;

    private ServerProcess(Process supervisor, int id, string log, string what)
    {
        this.supervisor = supervisor;
        this.what = what;
        Id = id;
        Log = log;
    }

    /// <summary>The server's own process id.</summary>
    public int Id { get; }

    /// <summary>The file that has its standard output and error.</summary>
    public string Log { get; }

    public bool HasExited => supervisor.HasExited;

    /// <summary>What it ended with; 128 + signal when killed. Only once it has exited.</summary>
    public int ExitCode => supervisor.ExitCode;

    /// <summary>Starts it with its output appended to the log.</summary>
    /// <param name="what">Its name for messages.</param>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="log">Full path.</param>
    /// <param name="environment">On top of this process's; null takes a variable away.</param>
    /// <param name="workingFolder">Where it runs.</param>
    /// <param name="cancellationToken">Stops waiting for the start.</param>
    public static async Task<ServerProcess> StartAsync(
        string what, IReadOnlyList<string> command, string log, IReadOnlyDictionary<string, string?> environment, string workingFolder, CancellationToken cancellationToken)
    {
        // A session of its own, so that Ctrl-C at the terminal reaches us alone and we stop things in order.
        var start = new ProcessStartInfo("setsid")
        {
            ArgumentList = { "/bin/sh", "-c", Supervisor, "supervise", log },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = workingFolder,
        };
        foreach (var argument in command)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var supervisor = Process.Start(start)!;
        try
        {
            var line = await supervisor.StandardOutput.ReadLineAsync(cancellationToken);
            return int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                ? new(supervisor, id, log, what)
                : throw new InvalidOperationException($"{what} could not be started: no shell");
        }
        catch
        {
            supervisor.Dispose();   // closes the pipe
            throw;
        }
    }

    /// <summary>Kills every process of it and waits until they are gone.</summary>
    public async Task KillAsync()
    {
        try
        {
            supervisor.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended already, and the pipe with it.
        }

        await supervisor.WaitForExitAsync();
    }

    /// <summary>Asks it to end (by SIGTERM or SIGINT), and kills it when it has not after the patience.</summary>
    /// <returns>False when it had to be killed.</returns>
    public async Task<bool> StopAsync(TimeSpan patience, bool byInterrupt = false)
    {
        if (!supervisor.HasExited)
        {
            _ = Kill(Id, byInterrupt ? Interrupt : Terminate);
        }

        using var limit = new CancellationTokenSource(patience);
        try
        {
            await supervisor.WaitForExitAsync(limit.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            await KillAsync();
            return false;
        }
    }

    /// <summary>Waits until it has exited by itself.</summary>
    public Task WaitForExitAsync(CancellationToken cancellationToken) => supervisor.WaitForExitAsync(cancellationToken);

    /// <summary>Asks again and again until the answer is yes. Throws with the end of the log when the process ends or time is up before that.</summary>
    public async Task WaitUntilAsync(Func<CancellationToken, Task<bool>> answers, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        try
        {
            while (!await answers(limit.Token))
            {
                if (HasExited)
                {
                    throw new InvalidOperationException($"{what} ended at start with {ExitCode}. The end of {Log}:\n{Tail()}");
                }

                await pause.WaitForNextTickAsync(limit.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new InvalidOperationException($"{what} does not answer {patience.TotalSeconds:F0} s after its start. The end of {Log}:\n{Tail()}");
        }
    }

    public void Dispose() => supervisor.Dispose();

    /// <summary>Runs a tool to its end and returns what it printed to standard output; throws with what it said when it fails.</summary>
    public static async Task<string> RunAsync(
        IReadOnlyList<string> command, IReadOnlyDictionary<string, string?> environment, string workingFolder, CancellationToken cancellationToken, string? input = null)
    {
        var start = new ProcessStartInfo(command[0]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = workingFolder };
        foreach (var argument in command.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
            try
            {
                await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It ended without reading; its exit code and its words tell why.
            }

            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0
                ? await output
                : throw new InvalidOperationException($"{Path.GetFileName(command[0])} failed with {process.ExitCode}: {(await errors).Trim()} {(await output).Trim()}".TrimEnd());
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>Text embedded in this assembly.</summary>
    public static string Resource(string name)
    {
        using var text = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!);
        return text.ReadToEnd();
    }

    private string Tail() => File.Exists(Log) ? string.Join('\n', File.ReadLines(Log).TakeLast(20)) : "(there is none)";

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);
}
