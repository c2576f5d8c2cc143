using System.Diagnostics;

namespace Aerona.BookingsBench.Driver;

/// <summary>One start of one contestant: warm-up, one window at saturation, a light load, and the count of what it left behind.</summary>
internal sealed record Run
{
    public required string Contestant { get; init; }

    public required int Round { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Bookings finished in the window, and its length.</summary>
    public required int Bookings { get; init; }

    public required double Seconds { get; init; }

    public double PerSecond => Bookings / Seconds;

    /// <summary>Milliseconds a booking, with many in flight.</summary>
    public required double SaturatedP50 { get; init; }

    public required double SaturatedP99 { get; init; }

    /// <summary>The same for each booking at ten a second.</summary>
    public required double[] Light { get; init; }

    /// <summary>CPU milliseconds a booking, in the window.</summary>
    public required double PostgreSqlMs { get; init; }

    public required double ErlangMs { get; init; }

    public required double DotNetMs { get; init; }

    /// <summary>Of <see cref="DotNetMs"/>, what went into compiling: the less, the warmer.</summary>
    public required double CompilingMs { get; init; }

    public double CpuMs => PostgreSqlMs + ErlangMs + DotNetMs;

    /// <summary>Cores that were busy with something else in the window.</summary>
    public required double ForeignCores { get; init; }

    /// <summary>A booking, in the window.</summary>
    public required double Transactions { get; init; }

    public required double WalBytes { get; init; }

    /// <summary>A booking, over the whole run.</summary>
    public required double BrokerMessages { get; init; }

    /// <summary>Bookings begun over the whole run.</summary>
    public required int Started { get; init; }

    /// <summary>Of these without all five rows and the end of the saga.</summary>
    public required long Lost { get; init; }

    /// <summary>Rows of the workers beyond one a booking and step.</summary>
    public required long Doubled { get; init; }

    public static async Task<Run> MeasureAsync(
        Stage stage, Contestant contestant, int round, BenchOptions options, TimeProvider time, TextWriter progress, CancellationToken cancellationToken)
    {
        const int ConcurrencyOfSaga = 16, ConcurrencyOfWorkers = 8, ConnectionsOfSaga = 34, ConnectionsOfWorkers = 60;
        var at = time.GetUtcNow();
        var set = await stage.PrepareAsync(contestant, round, cancellationToken);
        var messagesBefore = await stage.BrokerMessagesAsync(cancellationToken);

        await progress.WriteAsync($"  round {round}, {contestant.Title,-14} ");
        await using var workers = await BenchProcess.StartAsync(
            contestant.Assembly, "workers", stage.Environment(set, ConcurrencyOfWorkers, ConnectionsOfWorkers), Log("workers"), cancellationToken);
        await using var orchestrator = await BenchProcess.StartAsync(
            contestant.Assembly, "orchestrator", stage.Environment(set, ConcurrencyOfSaga, ConnectionsOfSaga), Log("orchestrator"), cancellationToken);

        await orchestrator.AskAsync($"saturate {options.InFlight}", "saturating", 0, cancellationToken);
        await WaitAsync(options.Warm, cancellationToken);

        await orchestrator.AskAsync("window", "window", 0, cancellationToken);
        var (transactionsBefore, walBefore) = await stage.DatabaseCountersAsync(set, cancellationToken);
        var cpuBefore = CpuTimes.Read(orchestrator.Id, workers.Id);
        await WaitAsync(options.Seconds, cancellationToken);
        var cpu = CpuTimes.Read(orchestrator.Id, workers.Id) - cpuBefore;
        var (transactions, wal) = await stage.DatabaseCountersAsync(set, cancellationToken);
        var window = await orchestrator.AskAsync("window", "window", 0, cancellationToken);
        var saturated = window.Milliseconds!.Order().ToArray();
        if (saturated.Length == 0)
        {
            throw new InvalidOperationException($"{contestant.Title} finished no booking in {options.Seconds} s; see {Log("orchestrator")} and {Log("workers")}");
        }

        await orchestrator.AskAsync("drain 60", "drained", 60, cancellationToken);
        await WaitAsync(2, cancellationToken);
        var light = await orchestrator.AskAsync($"light 10 {options.Light}", "light", options.Light + 20, cancellationToken);

        var (lost, doubled) = await CountAsync(stage, contestant, set, light.Started, cancellationToken);
        var messages = await stage.BrokerMessagesAsync(cancellationToken) - messagesBefore;
        await stage.ClearAsync(set, cancellationToken);
        var bookings = (double)saturated.Length;
        var run = new Run
        {
            Contestant = contestant.Name,
            Round = round,
            At = at,
            Bookings = saturated.Length,
            Seconds = window.Seconds,
            SaturatedP50 = Statistics.Percentile(saturated, 50),
            SaturatedP99 = Statistics.Percentile(saturated, 99),
            Light = light.Milliseconds!,
            PostgreSqlMs = cpu.PostgreSql * 1000 / bookings,
            ErlangMs = cpu.Erlang * 1000 / bookings,
            DotNetMs = cpu.DotNet * 1000 / bookings,
            CompilingMs = cpu.Compiling * 1000 / bookings,
            ForeignCores = cpu.Foreign / window.Seconds,
            Transactions = (transactions - transactionsBefore) / bookings,
            WalBytes = (wal - walBefore) / bookings,
            BrokerMessages = (double)messages / light.Started,
            Started = light.Started,
            Lost = lost,
            Doubled = doubled,
        };
        await progress.WriteLineAsync(
            $"{run.PerSecond,6:0.0} bookings/s  {run.CpuMs,5:0.0} ms CPU  {run.Transactions,5:0.0} transactions  {run.WalBytes / 1024,5:0.0} KiB WAL  "
            + $"{run.ForeignCores:0.00} foreign cores{(lost + doubled == 0 ? "" : $"  {lost} LOST, {doubled} DOUBLED")}");
        return run;

        string Log(string role) => Path.Combine(Bench.Artifacts, $"{contestant.Name.ToLowerInvariant()}-{role}.log");
    }

    /// <summary>The last commits come after the last handler's body, so this looks again for a while.</summary>
    private static async Task<(long Lost, long Doubled)> CountAsync(
        Stage stage, Contestant contestant, Stage.Set set, int started, CancellationToken cancellationToken)
    {
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        for (var since = Stopwatch.GetTimestamp(); ;)
        {
            var (finished, rows, different) = await stage.RowsAsync(contestant, set, cancellationToken);
            var lost = Math.Max(started - finished, (5L * started - different + 4) / 5);
            if ((lost == 0 && finished == started) || Stopwatch.GetElapsedTime(since) > TimeSpan.FromSeconds(30))
            {
                return (Math.Max(0, lost), rows - different + Math.Max(0, finished - started));
            }

            await again.WaitForNextTickAsync(cancellationToken);
        }
    }

    private static async Task WaitAsync(int seconds, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(seconds));
        await timer.WaitForNextTickAsync(cancellationToken);
    }
}

internal static class Statistics
{
    /// <summary>The smallest value that so many per cent do not exceed.</summary>
    public static double Percentile(IReadOnlyList<double> sorted, int percent) =>
        sorted.Count == 0 ? double.NaN : sorted[Math.Max(0, (int)Math.Ceiling(sorted.Count * percent / 100.0) - 1)];

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
