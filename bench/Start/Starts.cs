using System.Diagnostics;
using System.Globalization;
using Aerona.LocalServers;

namespace Aerona.StartBench;

/// <summary>
/// Starts each service alone, in turn, round after round: its servers run, its database is made, no other service is there. Settings are those of environment
/// Production.
/// </summary>
internal static class Starts
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LongestWorld = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(25);

    public static async Task MeasureAsync(StartOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("aerona-bench-start-");
        try
        {
            // All once, so that databases and queues are made and the seed world is in them: what comes then is what every later start is.
            await using var aerona = await LocalAerona.StartAsync(
                new() { Folder = folder.FullName, EnvironmentName = "Production", AirlineScenarios = false, Progress = output.WriteLine }, cancellationToken);
            await UntilTheWorldIsInAsync(aerona, output, cancellationToken);
            await Task.WhenAll(aerona.Services.Values.SelectMany(each => each).Select(process => process.DisposeAsync().AsTask()));

            var starts = new List<Start>();
            for (var round = 1; round <= options.Rounds; round++)
            {
                foreach (var service in options.Services)
                {
                    var start = await StartAsync(aerona.Services[service][0], service, options.Idle, cancellationToken);
                    starts.Add(start);
                    await output.WriteLineAsync(Invariant($"round {round}: {start}"));
                }
            }

            await WriteAsync(options, starts, output);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>It comes as messages, so it is in once nothing has lain in a queue for a while.</summary>
    private static async Task UntilTheWorldIsInAsync(LocalAerona aerona, TextWriter output, CancellationToken cancellationToken)
    {
        await output.WriteLineAsync("Waiting until the seed world is in ...");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(LongestWorld);
        using var look = new PeriodicTimer(TimeSpan.FromSeconds(1));
        var quietSince = Stopwatch.GetTimestamp();
        try
        {
            while (Stopwatch.GetElapsedTime(quietSince) < Quiet)
            {
                await look.WaitForNextTickAsync(limit.Token);
                var queues = await aerona.RabbitMq.ControlAsync(limit.Token, "list_queues", "-p", "aerona", "--no-table-headers", "messages");
                if (queues.Split('\n', StringSplitOptions.RemoveEmptyEntries).Any(messages => messages.Trim() != "0"))
                {
                    quietSince = Stopwatch.GetTimestamp();
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new InvalidOperationException($"after {LongestWorld.TotalMinutes:0} minutes messages of the seed world still lie in the queues");
        }
    }

    private static async Task<Start> StartAsync(LocalProcess process, string service, TimeSpan idle, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience + idle);
        var started = Stopwatch.GetTimestamp();
        await process.LaunchAgainAsync(limit.Token);
        try
        {
            using var pause = new PeriodicTimer(Often);
            while (!await process.IsReadyAsync(limit.Token))
            {
                await pause.WaitForNextTickAsync(limit.Token);
            }

            var ready = Stopwatch.GetElapsedTime(started);
            var id = process.ProcessId ?? throw new InvalidOperationException($"{service} ended as soon as it was ready; its log is {process.Log}");
            var (cpu, atReady) = (Cpu(id), Resident(id));
            if (idle > TimeSpan.Zero)
            {
                using var later = new PeriodicTimer(idle);
                await later.WaitForNextTickAsync(limit.Token);
            }

            return new(service, ready, cpu, atReady, Resident(id), Private(id));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new InvalidOperationException($"{service} is not ready after {Patience.TotalMinutes:0} minutes: {await process.HealthAsync(cancellationToken)}");
        }
        finally
        {
            await process.DisposeAsync();
        }
    }

    private static async Task WriteAsync(StartOptions options, IReadOnlyList<Start> starts, TextWriter output)
    {
        await output.WriteLineAsync();
        await output.WriteLineAsync(Invariant($"{"service",-16}{"ready s",12}{"CPU s",12}{"MB, ready",12}{$"MB, {options.Idle.TotalSeconds:0} s on",12}{"private",12}"));
        foreach (var service in options.Services)
        {
            var of = starts.Where(start => start.Service == service).ToList();
            double Median(Func<Start, double> value) => of.Select(value).Order().ElementAt(of.Count / 2);
            await output.WriteLineAsync(Invariant(
                $"{service,-16}{Median(start => start.Ready.TotalSeconds),12:0.00}{Median(start => start.Cpu.TotalSeconds),12:0.00}{Median(start => start.AtReady),12:0}{Median(start => start.Later),12:0}{Median(start => start.Private),12:0}"));
        }

        await output.WriteLineAsync();
        await output.WriteLineAsync($"Medians of {options.Rounds}; {Environment.ProcessorCount} processors, .NET {Environment.Version}. MB are resident (VmRSS), 2^20 bytes; private: what of the last no other process of the machine has mapped too.");
    }

    /// <summary>In 2^20 bytes.</summary>
    private static double Resident(int process) => double.Parse(
        File.ReadLines($"/proc/{process}/status").Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) / 1024;

    /// <summary>What would be free if the process ended, in 2^20 bytes.</summary>
    private static double Private(int process) => File.ReadLines($"/proc/{process}/smaps_rollup")
        .Where(line => line.StartsWith("Private_", StringComparison.Ordinal))
        .Sum(line => double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)) / 1024;

    private static TimeSpan Cpu(int process)
    {
        using var running = Process.GetProcessById(process);
        return running.TotalProcessorTime;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>One start. Memory in 2^20 bytes.</summary>
    private sealed record Start(string Service, TimeSpan Ready, TimeSpan Cpu, double AtReady, double Later, double Private)
    {
        public override string ToString() =>
            Invariant($"{Service,-16} ready after {Ready.TotalSeconds:0.00} s with {Cpu.TotalSeconds:0.00} s of CPU, {AtReady:0} MB then, {Later:0} MB later ({Private:0} private)");
    }
}
