using System.Diagnostics;
using System.Text.Json;

namespace Aerona.AllInOne.Commands;

/// <summary>The Aerona a command speaks to: one that runs already, or one that it starts itself and may stop again.</summary>
internal sealed class AeronaProcess : IAsyncDisposable
{
    private readonly Process? started;

    private AeronaProcess(Uri address, Process? started, string? logFile)
    {
        Address = address;
        this.started = started;
        LogFile = logFile;
        Http = Client(address);
    }

    public Uri Address { get; }

    public HttpClient Http { get; }

    /// <summary>The process we started; null when it ran already.</summary>
    public int? ProcessId => started?.Id;

    /// <summary>True when this command started it.</summary>
    public bool IsOurs => started is not null;

    /// <summary>Where one that we started logs to.</summary>
    public string? LogFile { get; }

    /// <summary>
    /// Finds or starts it and waits until it is ready and flights are on sale. Throws <see cref="CommandFailedException"/> when it cannot be had.
    /// </summary>
    /// <param name="gateway">Address of one that must run already; null: the local one.</param>
    /// <param name="port">Local port.</param>
    /// <param name="data">Data folder of one to be started.</param>
    /// <param name="tell">Progress, a line each.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public static async Task<AeronaProcess> FindOrStartAsync(string? gateway, string port, string data, Action<string> tell, CancellationToken cancellationToken)
    {
        var address = new Uri(gateway ?? $"http://localhost:{port}");
        AeronaProcess aerona;
        if (await AnswersAsync(address, cancellationToken))
        {
            tell($"Aerona runs at {address}");
            aerona = new(address, null, null);
        }
        else if (gateway is not null)
        {
            throw new CommandFailedException($"nothing answers at {address}health/live");
        }
        else
        {
            tell($"Starting Aerona at {address} ...");
            aerona = Start(address, port, Path.GetFullPath(data));
        }

        try
        {
            await aerona.WaitUntilReadyAsync(tell, cancellationToken);
            return aerona;
        }
        catch
        {
            await aerona.DisposeAsync();
            throw;
        }
    }

    private static AeronaProcess Start(Uri address, string port, string data)
    {
        Directory.CreateDirectory(data);
        var log = Path.Combine(data, "aerona.log");

        var dotnet = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";

        // The shell lets it write its own log, so that it lives on when this command is over.
        var start = new ProcessStartInfo("/bin/sh")
        {
            ArgumentList =
            {
                "-c", "exec \"$@\" >>\"$0\" 2>&1 </dev/null", log, dotnet, typeof(AllInOneHost).Assembly.Location, "serve", "--port", port, "--data", data,
            },
        };
        start.Environment.TryAdd("ASPNETCORE_ENVIRONMENT", "Sandbox");
        return new(address, Process.Start(start)!, log);
    }

    private async Task WaitUntilReadyAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(3));
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        var (said, saidAt, clock) = ("", -1000L, Stopwatch.StartNew());
        try
        {
            while (true)
            {
                if (started is { HasExited: true })
                {
                    throw new CommandFailedException($"Aerona ended at start with {started.ExitCode}:\n{Tail(LogFile!)}");
                }

                var (ready, where) = await WhereAsync(limit.Token);
                if (ready || (where != said && clock.ElapsedMilliseconds - saidAt >= 1000))
                {
                    saidAt = clock.ElapsedMilliseconds;
                    tell(said = where);
                }

                if (ready)
                {
                    return;
                }

                await pause.WaitForNextTickAsync(limit.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandFailedException($"Aerona is not ready after three minutes: {said}{(LogFile is null ? "" : $"\n{Tail(LogFile)}")}");
        }
    }

    /// <summary>How far the start is, in words; ready when every flight of the seed world can be found.</summary>
    private async Task<(bool Ready, string Where)> WhereAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var ready = await Http.GetAsync("/health/ready", cancellationToken);
            if (!ready.IsSuccessStatusCode)
            {
                return (false, "  waiting for the services ...");
            }

            using var world = JsonDocument.Parse(await Http.GetStringAsync("/v1/operations/world", cancellationToken));
            var operations = world.RootElement;
            var flights = operations.GetProperty("flights").GetInt32() + operations.GetProperty("imported").GetInt32();
            var published = operations.GetProperty("published").GetInt32();
            if (operations.GetProperty("state").GetString() == "building")
            {
                return (false, $"  building the schedule of the next weeks: {published} of {operations.GetProperty("flights").GetInt32()} flights published ...");
            }

            using var index = JsonDocument.Parse(await Http.GetStringAsync("/v1/flight-searches/index", cancellationToken));
            var searchable = index.RootElement.GetProperty("flights").GetInt32();
            return searchable >= flights ? (true, $"  ready: {searchable} flights on sale") : (false, $"  indexing: {searchable} of {flights} flights ...");
        }
        catch (HttpRequestException)
        {
            return (false, "  waiting for the first answer ...");
        }
    }

    private static async Task<bool> AnswersAsync(Uri address, CancellationToken cancellationToken)
    {
        using var http = Client(address);
        try
        {
            using var live = await http.GetAsync("/health/live", cancellationToken);
            return live.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    // Redirects are for browsers; the demo wants to see where it is sent.
    private static HttpClient Client(Uri address) =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { BaseAddress = address, Timeout = TimeSpan.FromMinutes(10) };

    private static string Tail(string file) => string.Join('\n', File.ReadLines(file).TakeLast(15));

    /// <summary>Stops one that we started, in order first; leaves any other alone.</summary>
    public async ValueTask StopAsync()
    {
        if (started is not { HasExited: false })
        {
            return;
        }

        using (var kill = Process.Start("kill", ["-TERM", started.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            await started.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            started.Kill(entireProcessTree: true);   // it was asked politely for 20 s
            await started.WaitForExitAsync(CancellationToken.None);
        }
    }

    /// <summary>As a power cut would: no word, no warning.</summary>
    public async Task KillAsync()
    {
        started!.Kill();
        await started.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        started?.Dispose();
        Http.Dispose();
    }
}
