using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Aerona.LocalServers;

namespace Aerona.AllInOne.Commands;

/// <summary>
/// <c>./aerona up --local</c>: every service as a process of its own, on real servers that are processes too. Shows what runs and where, then everybody's log lines
/// as one; starts again what dies. Ctrl-C stops all that it started, services first; a second one kills.
/// </summary>
internal sealed class UpLocal : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource stop = new();
    private readonly TaskCompletionSource kill = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<PosixSignalRegistration> signals = [];

    private UpLocal() => signals.AddRange(new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, Signalled)));

    /// <summary>Runs until it is told to stop. 0: stopped in order; 1: something could not be started; 2: wrong arguments or the folder or port is taken; 130: killed.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            var arguments = new Arguments(args, ["port", "data"], ["local"]);
            if (arguments.Words is [var word, ..])
            {
                throw new UsageException($"there is nothing to do with '{word}'");
            }

            if (!int.TryParse(arguments["port"] ?? "5080", NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65_535)
            {
                throw new UsageException("--port is a number from 1 to 65535");
            }

            var folder = Path.GetFullPath(arguments["data"] ?? Path.Combine("data", "local"));
            using var taken = DataFolder.Lock(folder) ?? throw new UsageException($"the data in {folder} is in use by another Aerona; stop it or choose another folder with --data");
            await using var up = new UpLocal();
            return await up.RunAsync(folder, port);
        }
        catch (UsageException problem)
        {
            await Console.Error.WriteLineAsync($"aerona up: {problem.Message}");
            return 2;
        }
        catch (InvalidOperationException problem)
        {
            await Console.Error.WriteLineAsync($"aerona up: {problem.Message}");
            return 1;
        }
    }

    private async Task<int> RunAsync(string folder, int port)
    {
        CheckPort(port);
        LocalAerona aerona;
        var clock = Stopwatch.StartNew();
        try
        {
            aerona = await LocalAerona.StartAsync(new() { Folder = folder, GatewayPort = port, Progress = Console.WriteLine }, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Console.WriteLine("Stopped before everything ran.");
            return 0;
        }

        await using (aerona)
        {
            ShowWhatRuns(aerona, clock.Elapsed);
            var logs = new MergedLogs([.. aerona.Services.Values.SelectMany(each => each).Select(process => (process.Name, process.Log))]);
            var watching = aerona.Running.Select(each => WatchAsync(each.Name, each.Server, logs)).ToList();
            await logs.FollowAsync(stop.Token);

            // From here on nothing is started again.
            await Task.WhenAll(watching);
            logs.Say("Stopping the services, then the servers (Ctrl-C again kills them) ...");
            var stopping = aerona.DisposeAsync().AsTask();
            if (await Task.WhenAny(stopping, kill.Task) == kill.Task)
            {
                await aerona.KillAsync();
                await stopping;
                logs.Say("Killed.");
                return 130;
            }

            await stopping;
            logs.PrintNew();
            logs.Say("Everything it started has stopped.");
            return 0;
        }
    }

    private void Signalled(PosixSignalContext signal)
    {
        signal.Cancel = true;
        if (stop.IsCancellationRequested)
        {
            kill.TrySetResult();
        }

        stop.Cancel();
    }

    /// <summary>Said before anything is started rather than after.</summary>
    private static void CheckPort(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen();
        }
        catch (SocketException problem)
        {
            throw new UsageException($"port {port} cannot be had ({problem.Message}); stop what listens there or choose another with --port");
        }
    }

    private static void ShowWhatRuns(LocalAerona aerona, TimeSpan took)
    {
        Console.WriteLine();
        foreach (var (name, server) in aerona.Running)
        {
            var address = server is LocalProcess process ? process.Address.GetLeftPart(UriPartial.Authority) : $"127.0.0.1:{server.Port}";
            Console.WriteLine($"  {name,-28} {address,-24} process {server.ProcessId}");
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""

              Ready after {took.TotalSeconds:F0} s at {aerona.Gateway} (mailbox: {aerona.Gateway}sandbox/mailbox). Data, logs and secrets: {aerona.Folder}
                ./aerona demo --exit --gateway {aerona.Gateway.GetLeftPart(UriPartial.Authority)}
                sign up at {aerona.Gateway}account/sign-up
              Ctrl-C stops everything.

            """));
    }

    /// <summary>Starts it again when it dies, after a pause that grows while it keeps dying.</summary>
    private async Task WatchAsync(string name, LocalServer server, MergedLogs logs)
    {
        var pause = FirstPause;
        try
        {
            while (true)
            {
                var ran = Stopwatch.StartNew();
                var code = await server.WaitForExitAsync(stop.Token);
                pause = ran.Elapsed > LongestPause ? FirstPause : pause;
                logs.Say(string.Create(CultureInfo.InvariantCulture, $"!! {name} ended with {code} ({server.Log}); it is started again in {pause.TotalSeconds:F0} s"));
                using (var timer = new PeriodicTimer(pause))
                {
                    await timer.WaitForNextTickAsync(stop.Token);
                }

                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                await server.LaunchAgainAsync(stop.Token);
                logs.Say($"{name} runs again: process {server.ProcessId}");
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Told to stop; who does that stops the servers too.
        }
    }

    public ValueTask DisposeAsync()
    {
        signals.ForEach(signal => signal.Dispose());
        stop.Dispose();
        return ValueTask.CompletedTask;
    }
}
