using System.Diagnostics;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Aerona.AllInOne.Commands;
using Aerona.LocalServers;
using Aerona.Reference;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Aerona.SupplyBench;

/// <summary>
/// Loads a file of flights into an Aerona of its own, new for every round: one process on embedded defaults, or all services on their servers. The clock runs from the
/// first byte sent until Operations has written all rows, Airlines can sell the last flight, and Search finds it. What a stage costs alone is measured beside it.
/// </summary>
internal static class ImportBench
{
    private const string Help = "./aerona bench import [FILE | --flights N --seed S] [--days N] [--rounds N] [--servers] [--no-stages]";

    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(100);

    public static async Task<int> RunAsync(string[] args, TextWriter output, CancellationToken cancellationToken)
    {
        var arguments = new Arguments(args, ["flights", "seed", "days", "rounds"], ["servers", "no-stages"]);
        var days = arguments.Number("days", 31, 1, 366, "how many days of the file");
        var rounds = arguments.Number("rounds", 3, 1, 100, "how often, each with an empty Aerona");
        var flights = arguments.Number("flights", 500_000, 1_000, 2_000_000, "flights to make up when no file is named");
        var seed = arguments.Number("seed", 7, 0, int.MaxValue, "of what is made up");
        var folder = Directory.CreateTempSubdirectory("aerona-bench-import-");
        try
        {
            var file = arguments.Words switch
            {
                [] => MakeUp(Path.Combine(folder.FullName, "flights.csv.gz"), flights, seed),
                [var named] when File.Exists(named) => named,
                _ => throw new UsageException($"there is no such file; {Help}"),
            };
            await output.WriteLineAsync($"{Machine.Words()}; {(arguments.Words.Count > 0 ? Path.GetFileName(file) : $"{flights} flights made up, seed {seed}")}, {days} days");
            if (!arguments.Has("no-stages"))
            {
                await ImportStages.MeasureAsync(file, folder.FullName, output, cancellationToken);
            }

            await output.WriteLineAsync($"\n{(arguments.Has("servers") ? "one process per service, PostgreSQL, RabbitMQ" : "one process, SQLite, bus in memory")}; flights/s from the first byte sent");
            await output.WriteLineAsync($"{"round",-8}{"flights",10}{"Operations",12}{"Airlines",12}{"Search",12}{"seconds",10}{"CPU us/flight",15}{"cores busy",12}{"foreign",9}{"load",7}");
            var done = new List<Round>();
            for (var round = 1; round <= rounds; round++)
            {
                var data = Path.Combine(folder.FullName, $"round-{round}");
                var one = arguments.Has("servers")
                    ? await OnServersAsync(data, file, days, cancellationToken)
                    : await EmbeddedAsync(data, file, days, cancellationToken);
                done.Add(one);
                await output.WriteLineAsync($"{round,-8}{one}");
                Directory.Delete(data, recursive: true);
            }

            string Spread(Func<Round, double> rate) => $"{done.Select(rate).Order().ElementAt(done.Count / 2):0} ({done.Min(rate):0} to {done.Max(rate):0})";
            await output.WriteLineAsync(
                $"\nmedian (least to most) flights/s: into Operations {Spread(one => one.Rate(one.Written))}, sellable {Spread(one => one.Rate(one.Sellable))}, "
                + $"searchable {Spread(one => one.Rate(one.Searchable))}; aim: 20000 into Operations and Search");
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<Round> EmbeddedAsync(string data, string file, int days, CancellationToken cancellationToken)
    {
        var port = $"{Ports.Free()}";
        Environment.SetEnvironmentVariable("World__Days", "0");
        await using var aerona = await AeronaProcess.FindOrStartAsync(null, port, data, _ => { }, cancellationToken);
        using var process = Process.GetProcessById(aerona.ProcessId!.Value);
        var airlines = new SqliteConnectionStringBuilder { DataSource = Path.Combine(data, "airlines.db"), Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString();
        return await MeasureAsync(
            aerona.Http, file, days, await Staff.TokenAsync(aerona.Http, null, data, cancellationToken),
            async () =>
            {
                await using var connection = new SqliteConnection(airlines);
                await connection.OpenAsync(cancellationToken);
                await using var count = new SqliteCommand("SELECT count(*) FROM flight_on_sale", connection);
                return (long)(await count.ExecuteScalarAsync(cancellationToken))!;
            },
            () =>
            {
                process.Refresh();
                return process.TotalProcessorTime.TotalSeconds;
            },
            cancellationToken);
    }

    private static async Task<Round> OnServersAsync(string data, string file, int days, CancellationToken cancellationToken)
    {
        await using var aerona = await LocalAerona.StartAsync(new() { Folder = data, Settings = new Dictionary<string, string> { ["World:Days"] = "0" } }, cancellationToken);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = aerona.Gateway, Timeout = TimeSpan.FromMinutes(30) };
        await using var airlines = NpgsqlDataSource.Create(aerona.ConnectionString("airlines"));
        return await MeasureAsync(
            http, file, days, await Staff.TokenAsync(http, null, data, cancellationToken),
            async () =>
            {
                await using var count = airlines.CreateCommand("SELECT count(*) FROM flight_on_sale");
                return (long)(await count.ExecuteScalarAsync(cancellationToken))!;
            },
            cpu: null, cancellationToken);
    }

    /// <param name="http">Its public API.</param>
    /// <param name="file">The file.</param>
    /// <param name="days">Of it.</param>
    /// <param name="token">Of operations staff.</param>
    /// <param name="sellable">How many flights Airlines has.</param>
    /// <param name="cpu">CPU seconds of its processes; null: of the whole machine.</param>
    /// <param name="cancellationToken">Stops.</param>
    private static async Task<Round> MeasureAsync(
        HttpClient http, string file, int days, string token, Func<Task<long>> sellable, Func<double>? cpu, CancellationToken cancellationToken)
    {
        var (cpuBefore, busyBefore, began) = ((cpu ?? Machine.Busy)(), Machine.Busy(), Stopwatch.GetTimestamp());
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/operations/imports?format=auto&days={days}") { Content = new StreamContent(File.OpenRead(file)) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await http.SendAsync(request, cancellationToken);
        var answer = await response.Content.ReadAsStringAsync(cancellationToken);
        var flights = response.IsSuccessStatusCode ? JsonDocument.Parse(answer).RootElement.GetProperty("flights").GetInt32() : throw new CommandFailedException($"refused: {answer}");
        var written = Stopwatch.GetElapsedTime(began);

        async Task<TimeSpan> UntilAsync(Func<Task<long>> count)
        {
            using var look = new PeriodicTimer(Often);
            while (await count() < flights)
            {
                await look.WaitForNextTickAsync(cancellationToken);
            }

            return Stopwatch.GetElapsedTime(began);
        }

        var times = await Task.WhenAll(
            UntilAsync(async () => JsonDocument.Parse(await http.GetStringAsync("/v1/flight-searches/index", cancellationToken)).RootElement.GetProperty("flights").GetInt64()),
            UntilAsync(sellable));
        var (cpuUsed, busyUsed) = ((cpu ?? Machine.Busy)() - cpuBefore, Machine.Busy() - busyBefore);
        return new(flights, written, times[1], times[0], cpuUsed, busyUsed, Stopwatch.GetElapsedTime(began), cpu is null ? null : busyUsed - cpuUsed, Machine.Load());
    }

    /// <summary>Flights as the US on-time file has them, between airports known here; the same for the same seed.</summary>
    private static string MakeUp(string file, int flights, int seed)
    {
        const double kilometresAMile = 1.609344;
        var dice = new Random(seed);
        Airport[] airports = [.. Airports.All.Values.Where(airport => airport.Zone.StartsWith("America/", StringComparison.Ordinal)).OrderBy(airport => airport.Code, StringComparer.Ordinal)];
        using var text = new StreamWriter(new GZipStream(File.Create(file), CompressionLevel.Fastest), new UTF8Encoding(false)) { NewLine = "\n" };
        text.WriteLine("departure_local,origin,destination,distance_mi,arrival_delay_min");
        var first = new DateTime(2001, 3, 1);
        for (var at = 0; at < flights; at++)
        {
            var (from, to) = (airports[dice.Next(airports.Length)], airports[dice.Next(airports.Length)]);
            var kilometres = Airports.KilometresBetween(from, to);
            if (kilometres is < 50 or > 12_000)
            {
                at--;
                continue;
            }

            text.WriteLine($"{first.AddMinutes((long)at * 31 * 1440 / flights):yyyy-MM-dd'T'HH:mm},{from.Code},{to.Code},{kilometres / kilometresAMile:0},{dice.Next(-20, 60)}");
        }

        return file;
    }

    /// <summary>One import. CPU of its processes, and of the whole machine, in seconds.</summary>
    private sealed record Round(
        int Flights, TimeSpan Written, TimeSpan Sellable, TimeSpan Searchable, double Cpu, double Busy, TimeSpan Took, double? Foreign, string Load)
    {
        public double Rate(TimeSpan time) => Flights / time.TotalSeconds;

        public override string ToString() =>
            $"{Flights,10}{Rate(Written),12:0}{Rate(Sellable),12:0}{Rate(Searchable),12:0}{Took.TotalSeconds,10:0.0}{Cpu / Flights * 1e6,15:0}{Busy / Took.TotalSeconds,12:0.00}"
            + $"{(Foreign is { } foreign ? $"{foreign / Took.TotalSeconds:0.00}" : "-"),9}{Load,7}";
    }
}
