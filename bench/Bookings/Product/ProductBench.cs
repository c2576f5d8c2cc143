using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Aerona.AllInOne.Commands;
using Aerona.BookingsBench.Driver;
using Aerona.LocalServers;
using Npgsql;

namespace Aerona.BookingsBench.Product;

/// <summary>
/// <c>./aerona bench bookings --product</c>: the whole product, one process per service behind the gateway on servers of its own, booked through its public HTTP API.
/// Reported without a target: this flow does what the bench's does not (search, prices, seats, PayPal, tickets, documents, mails, a timeline, timers).
/// </summary>
internal static class ProductBench
{
    private static readonly TimeSpan Progress = TimeSpan.FromSeconds(10);

    /// <summary>False when a booking was not confirmed.</summary>
    public static async Task<bool> RunAsync(ProductOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        Directory.CreateDirectory(Bench.Artifacts);
        var machine = Bench.Machine();
        var folder = Directory.CreateTempSubdirectory("aerona-bench-");
        try
        {
            await using var aerona = await LocalAerona.StartAsync(new() { Folder = folder.FullName, Progress = output.WriteLine }, cancellationToken);
            await using var counters = NpgsqlDataSource.Create(aerona.PostgreSql.AdminConnectionString);
            await output.WriteLineAsync($"{machine}; {await Stage.VersionsAsync(counters, aerona.RabbitMq, cancellationToken)}");
            await output.WriteLineAsync("Waiting until the flights of the seed world have reached who sells them ...");
            var messagesBefore = await SettleAsync(aerona.RabbitMq, cancellationToken);

            using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { BaseAddress = aerona.Gateway };
            var bookers = new Bookers(new(http), DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime));
            var window = await MeasureAsync(options, bookers, aerona, counters, output, cancellationToken);

            var messages = await SettleAsync(aerona.RabbitMq, cancellationToken) - messagesBefore;
            var run = Result(options, bookers, window, messages, machine);
            await File.AppendAllTextAsync(
                Path.Combine(Bench.Artifacts, "product.jsonl"), JsonSerializer.Serialize(run, JsonSerializerOptions.Web) + "\n", cancellationToken);
            await WriteAsync(run, bookers.Failures, output);
            return run.Failed == 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Warm-up and window; returns when every booker has finished what it had begun.</summary>
    private static async Task<(Reading From, Reading To)> MeasureAsync(
        ProductOptions options, Bookers bookers, LocalAerona aerona, NpgsqlDataSource counters, TextWriter output, CancellationToken cancellationToken)
    {
        await output.WriteLineAsync(
            $"{options.Bookers} bookers at {aerona.Gateway}: {options.Warm} s of warm-up, {options.Seconds} s measured");
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var booking = bookers.BookAsync(options.Bookers, enough.Token, cancellationToken);
        try
        {
            await WaitAsync("warm-up", options.Warm);
            var from = await Reading.TakeAsync(aerona, counters, cancellationToken);
            await WaitAsync("window", options.Seconds);
            return (from, await Reading.TakeAsync(aerona, counters, cancellationToken));
        }
        finally
        {
            await enough.CancelAsync();
            await booking;
        }

        async Task WaitAsync(string what, int seconds)
        {
            for (var left = TimeSpan.FromSeconds(seconds); left > TimeSpan.Zero; left -= Progress)
            {
                using var timer = new PeriodicTimer(left < Progress ? left : Progress);
                await timer.WaitForNextTickAsync(cancellationToken);
                await output.WriteLineAsync($"  {what,-8} {bookers.Confirmed.Count,6} confirmed, {bookers.Failures.Count} failed");
            }
        }
    }

    /// <summary>Waits until nothing lies in a queue and nothing new has come for three seconds; returns what clients have published until then.</summary>
    private static async Task<long> SettleAsync(RabbitMq broker, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(3));
        using var again = new PeriodicTimer(TimeSpan.FromSeconds(3));
        string[] waiting = [];
        try
        {
            for (var before = -1L; ;)
            {
                var published = await Stage.BrokerMessagesAsync(broker, limit.Token);
                var queues = await broker.ControlAsync(limit.Token, "list_queues", "-p", "aerona", "--no-table-headers", "name", "messages");
                waiting = [.. queues.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(queue => !queue.EndsWith("\t0", StringComparison.Ordinal))];
                if (waiting.Length == 0 && published == before)
                {
                    return published;
                }

                before = published;
                await again.WaitForNextTickAsync(limit.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new InvalidOperationException($"the services are not at rest after three minutes; waiting messages: {string.Join(", ", waiting)}");
        }
    }

    private static ProductRun Result(ProductOptions options, Bookers bookers, (Reading From, Reading To) window, long messages, string machine)
    {
        var (from, to) = window;
        var took = bookers.Confirmed.Where(booking => booking.At >= from.At && booking.At < to.At).Select(booking => booking.Took.TotalMilliseconds).Order().ToArray();
        if (took.Length == 0)
        {
            throw new InvalidOperationException($"no booking was confirmed in {options.Seconds} s. {bookers.Failures.FirstOrDefault()}");
        }

        var seconds = Stopwatch.GetElapsedTime(from.At, to.At).TotalSeconds;
        var cpu = from.Cpu.Zip(to.Cpu, (earlier, later) => later.Seconds - earlier.Seconds).ToArray();
        var driver = to.Driver - from.Driver;
        return new(
            from.When, machine, options.Bookers, took.Length, seconds, took.Length / seconds, Statistics.Percentile(took, 50), Statistics.Percentile(took, 99),
            from.Cpu.Zip(cpu).ToDictionary(pair => pair.First.Name, pair => pair.Second * 1000 / took.Length),
            from.Compiling.Zip(to.Compiling, (earlier, later) => Math.Max(0, later - earlier)).Sum() * 1000 / took.Length,   // a thread that ends takes its count along
            driver * 1000 / took.Length,
            (to.Busy - from.Busy - cpu.Sum() - driver) / seconds,
            (double)(to.Transactions - from.Transactions) / took.Length,
            (double)(to.WalBytes - from.WalBytes) / took.Length,
            (double)messages / bookers.Confirmed.Count,
            bookers.Confirmed.Count,
            bookers.Failures.Count);
    }

    private static async Task WriteAsync(ProductRun run, IReadOnlyCollection<string> failures, TextWriter output)
    {
        await output.WriteLineAsync();
        await RowAsync("bookings confirmed a second", $"{run.PerSecond:0.0}");
        await RowAsync("submission to confirmation p50 / p99 ms", $"{run.P50:0} / {run.P99:0}");
        await RowAsync("CPU ms a booking", $"{run.CpuMs.Values.Sum():0.0}");
        foreach (var (name, milliseconds) in run.CpuMs)
        {
            await RowAsync($"  {name}", $"{milliseconds:0.0}");
        }

        await RowAsync("  of that compiling, at least", $"{run.CompilingMs:0.0}");
        await RowAsync("bookers' own CPU ms a booking", $"{run.BookersMs:0.0}");
        await RowAsync("database transactions a booking", $"{run.Transactions:0.0}");
        await RowAsync("WAL KiB a booking", $"{run.WalBytes / 1024:0.0}");
        await RowAsync("broker messages a booking", $"{run.BrokerMessages:0.0}");
        await RowAsync("bookings in the window / in all", $"{run.Bookings} / {run.Confirmed}");
        await RowAsync("failed", $"{run.Failed}");
        await RowAsync("foreign cores in the window", $"{run.ForeignCores:0.00}");
        foreach (var failure in failures.Take(10))
        {
            await output.WriteLineAsync($"  !! {failure}");
        }

        Task RowAsync(string title, string value) => output.WriteLineAsync($"{title,-42}{value,16}");
    }

    /// <summary>All counters at one moment.</summary>
    /// <param name="At">By <see cref="Stopwatch"/>.</param>
    /// <param name="Cpu">Seconds used by everything that was started, with its children.</param>
    /// <param name="Compiling">Of these, the runtime's compiler in its own thread.</param>
    /// <param name="Driver">Seconds used by this process, whose bookers are clients.</param>
    /// <param name="Busy">Seconds used by the whole machine.</param>
    private sealed record Reading(
        DateTimeOffset When, long At, IReadOnlyList<(string Name, double Seconds)> Cpu, IReadOnlyList<double> Compiling, double Driver, double Busy, long Transactions, long WalBytes)
    {
        public static async Task<Reading> TakeAsync(LocalAerona aerona, NpgsqlDataSource counters, CancellationToken cancellationToken)
        {
            string[] databases = [.. aerona.Services.Keys.Where(service => service != "gateway")];
            var (transactions, wal) = await Stage.DatabaseCountersAsync(counters, databases, cancellationToken);
            var running = aerona.Running;
            int[] processes =
                [.. running.Select(each => each.Server.ProcessId ?? throw new InvalidOperationException($"{each.Name} ended on its own; the end of its log:\n{Tail(each.Server.Log)}"))];
            var seconds = CpuTimes.OfTrees(processes);
            return new(
                TimeProvider.System.GetUtcNow(), Stopwatch.GetTimestamp(), [.. running.Select((each, index) => (each.Name, seconds[index]))], [.. processes.Select(CpuTimes.CompilingOf)],
                Environment.CpuUsage.TotalTime.TotalSeconds, CpuTimes.ReadBusy(), transactions, wal);
        }

        private static string Tail(string log) => string.Join('\n', File.ReadLines(log).TakeLast(15));
    }

    /// <summary>What came out; milliseconds and counters are a booking's.</summary>
    private sealed record ProductRun(
        DateTimeOffset At, string Machine, int Bookers, int Bookings, double Seconds, double PerSecond, double P50, double P99, IReadOnlyDictionary<string, double> CpuMs,
        double CompilingMs, double BookersMs, double ForeignCores, double Transactions, double WalBytes, double BrokerMessages, int Confirmed, int Failed);
}
