using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Aerona.LocalServers;
using Npgsql;

namespace Aerona.InventoryBench;

/// <summary>One window of one contestant.</summary>
/// <param name="CpuMs">CPU milliseconds a hold of this process, which is the product or the floor's client; PostgreSQL's come on top.</param>
internal sealed record Window(string Load, string Contestant, int Round, int Turn, double PerSecond, double CpuMs, double P50, double P99);

/// <summary>Alternates the contestants, each twice a round: what two windows of one contestant differ by is what the machine adds by itself.</summary>
internal static class Bench
{
    private const string Owner = "bench";
    private const string Hot = "one hot flight";
    private const double MustHolds = 300;
    private const double MustPart = 0.6;

    // Fewer than asked for, so that it is sold out in the middle of it.
    private const int SeatsOfTheSoldOut = 50;
    private const int AskedOfTheSoldOut = 200;
    private const int Plenty = 1_000_000;

    /// <summary>False when a seat was sold twice, the books do not agree, or the hot flight is too slow.</summary>
    public static async Task<bool> RunAsync(InventoryOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        var spread = $"{options.Flights} flights";
        var folder = Directory.CreateTempSubdirectory("aerona-bench-");
        try
        {
            await using var server = await PostgreSql.StartAsync(Path.Combine(folder.FullName, "postgresql"), cancellationToken);
            await output.WriteLineAsync(await MachineAsync(server, cancellationToken));
            await using var product = await Product.StartAsync(await ConnectAsync("airlines"), folder.FullName, options);
            await using var floor = await Floor.StartAsync(await ConnectAsync("floor"), cancellationToken);
            IContestant[] contestants = [product, floor];
            var many = Enumerable.Range(1, options.Flights).Select(number => $"F{number}").ToArray();
            foreach (var contestant in contestants)
            {
                await contestant.AddFlightsAsync(["hot"], Plenty, cancellationToken);
                await contestant.AddFlightsAsync(many, Plenty, cancellationToken);
                await MeasureAsync(contestant, many, options.InFlight, options.Warm, cancellationToken);
                await MeasureAsync(contestant, ["hot"], options.InFlight, 1, cancellationToken);
            }

            await output.WriteLineAsync($"{options.Rounds} rounds, each twice {options.Seconds} s of each, {options.InFlight} holds in flight");
            var windows = new List<Window>();
            foreach (var round in Enumerable.Range(1, options.Rounds))
            {
                foreach (var (load, flights) in new[] { (Hot, new[] { "hot" }), (spread, many) })
                {
                    foreach (var turn in (int[])[1, 2])
                    {
                        foreach (var contestant in contestants)
                        {
                            var (perSecond, cpu, took) = await MeasureAsync(contestant, flights, options.InFlight, options.Seconds, cancellationToken);
                            var window = new Window(load, contestant.Name, round, turn, perSecond, cpu, Percentile(took, 50), Percentile(took, 99));
                            windows.Add(window);
                            await output.WriteLineAsync($"  round {round}.{turn}  {load,-16} {contestant.Name,-10} {perSecond,7:0} holds/s   p50 {window.P50,6:0.0} ms   p99 {window.P99,6:0.0} ms   {cpu,5:0.00} ms CPU in .NET");
                        }
                    }
                }

                foreach (var contestant in contestants)
                {
                    await contestant.AddFlightsAsync([$"soldout{round}"], SeatsOfTheSoldOut, cancellationToken);
                    await Task.WhenAll(Enumerable.Range(0, AskedOfTheSoldOut).Select(_ => contestant.HoldAsync($"soldout{round}", cancellationToken)));
                }
            }

            await output.WriteLineAsync();
            var isFast = await TellAsync(windows, contestants, [Hot, spread], output);
            return await TellBooksAsync(contestants, options, output, cancellationToken) && isFast;

            async Task<string> ConnectAsync(string name) => await server.AddDatabaseAsync(name, Owner, Owner, cancellationToken)
                + $";Max Auto Prepare=50;Auto Prepare Min Usages=2;No Reset On Close=true;Maximum Pool Size={Math.Min(80, options.InFlight + 10)}";
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>So many at any time, each for the next flight in turn.</summary>
    private static async Task<(double PerSecond, double CpuMs, double[] Milliseconds)> MeasureAsync(
        IContestant contestant, string[] flights, int inFlight, int seconds, CancellationToken cancellationToken)
    {
        var next = -1;
        var (began, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        var lists = await Task.WhenAll(Enumerable.Range(0, inFlight).Select(_ => Task.Run(
            async () =>
            {
                var took = new List<double>();
                while (Stopwatch.GetElapsedTime(began).TotalSeconds < seconds)
                {
                    var since = Stopwatch.GetTimestamp();
                    await contestant.HoldAsync(flights[(int)((uint)Interlocked.Increment(ref next) % flights.Length)], cancellationToken);
                    took.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
                }

                return took;
            },
            cancellationToken)));
        var elapsed = Stopwatch.GetElapsedTime(began).TotalSeconds;
        double[] all = [.. lists.SelectMany(list => list).Order()];
        return (all.Length / elapsed, (Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds / all.Length, all);
    }

    private static async Task<bool> TellAsync(List<Window> windows, IContestant[] contestants, string[] loads, TextWriter output)
    {
        double Rate(string load, string contestant, int? turn = null) =>
            Median(windows.Where(window => window.Load == load && window.Contestant == contestant && (turn is null || window.Turn == turn)).Select(window => window.PerSecond));

        await output.WriteLineAsync($"{"median holds/s",-18}{contestants[0].Name,12}{contestants[1].Name,12}{"ratio",8}{"A/A Aerona",14}{"A/A bare SQL",14}");
        foreach (var load in loads)
        {
            var (ours, bare) = (Rate(load, contestants[0].Name), Rate(load, contestants[1].Name));
            var pairs = contestants.Select(contestant => Rate(load, contestant.Name, 1) / Rate(load, contestant.Name, 2)).ToArray();
            await output.WriteLineAsync($"{load,-18}{ours,12:0}{bare,12:0}{ours / bare,8:0.00}{pairs[0],14:0.00}{pairs[1],14:0.00}");
        }

        var (holds, part) = (Rate(loads[0], contestants[0].Name), Rate(loads[0], contestants[0].Name) / Rate(loads[0], contestants[1].Name));
        var isFast = holds >= MustHolds || part >= MustPart;
        await output.WriteLineAsync(
            $"target: {MustHolds:0} holds/s on one hot flight, or {MustPart:0.00} of bare SQL: {(isFast ? "reached" : "NOT REACHED")} ({holds:0} holds/s, {part:0.00}); load {Load()} at the end");
        return isFast;
    }

    private static async Task<bool> TellBooksAsync(IContestant[] contestants, InventoryOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        var areRight = true;
        foreach (var contestant in contestants)
        {
            var books = await contestant.ReadBooksAsync(cancellationToken);
            areRight &= books.Oversold == 0 && books.Holds == books.Counted;
            await output.WriteLineAsync(
                $"{contestant.Name}: {books.Holds} seats held, {books.Counted} counted, {books.Oversold} oversold (with {options.Rounds} x {AskedOfTheSoldOut} asked at once of {SeatsOfTheSoldOut} seats)");
        }

        return areRight;
    }

    private static async Task<string> MachineAsync(PostgreSql server, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(server.AdminConnectionString);
        await using var version = source.CreateCommand("SHOW server_version");
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim();
        return $"{Environment.ProcessorCount} cores ({model ?? RuntimeInformation.ProcessArchitecture.ToString()}), load {Load()} at the start; {RuntimeInformation.FrameworkDescription}; "
            + $"PostgreSQL {await version.ExecuteScalarAsync(cancellationToken)} with stock settings";
    }

    private static string Load() => File.ReadAllText("/proc/loadavg").Split(' ')[0];

    private static double Percentile(double[] sorted, int percent) => sorted.Length == 0 ? double.NaN : sorted[Math.Max(0, (int)Math.Ceiling(sorted.Length * percent / 100.0) - 1)];

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
