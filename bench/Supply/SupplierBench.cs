using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Aerona.AllInOne.Commands;
using Aerona.LocalServers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aerona.SupplyBench;

/// <summary>
/// Two outside suppliers, one of them behind a door that this bench holds: in every second round it says nothing at all. Questions come at a steady rate, whether those before are
/// answered or not: searches, live offers of the other supplier alone, and live offers of both. The first and the third round are alike: what they differ by is noise.
/// </summary>
internal static class SupplierBench
{
    private const double Allowed = 1.5;

    private const int Budget = 10;

    public static async Task<int> RunAsync(string[] args, TextWriter output, CancellationToken cancellationToken)
    {
        var arguments = new Arguments(args, ["rounds", "seconds", "rate"], []);
        var pairs = arguments.Number("rounds", 2, 1, 20, "pairs of rounds, one more that answers at the end");
        var seconds = arguments.Number("seconds", 30, 5, 600, "of each round, and of the silence");
        var rate = arguments.Number("rate", 20, 2, 500, "searches a second; a tenth of it live offers of each kind");
        var folder = Directory.CreateTempSubdirectory("aerona-bench-supplier-");
        try
        {
            var (port, doorPort) = (Ports.Free(), Ports.Free());
            await using var door = await Door.OpenAsync(doorPort, new($"http://localhost:{port}"), cancellationToken);
            foreach (var (key, value) in new[]
            {
                ("World__Days", "5"), ("Suppliers__other__Protocol", "duffel"), ("Suppliers__other__BaseUrl", $"http://127.0.0.1:{doorPort}/sandbox/zz"),
                ("Suppliers__other__AccessToken", "duffel_test_aerona-sandbox"), ("Sandbox__Zz__CallsPerMinute", "100000"),
            })
            {
                Environment.SetEnvironmentVariable(key, value);
            }

            await output.WriteLineAsync($"{Machine.Words()}; {rate} searches/s, {rate / 10.0:0.#} live offers/s of each kind, budget {Budget} s, rounds of {seconds} s");
            await using var aerona = await AeronaProcess.FindOrStartAsync(null, $"{port}", folder.FullName, _ => { }, cancellationToken);
            await RoundAsync(aerona.Http, rate, 10, cancellationToken);
            door.IsSilent = true;   // what is done about silence is compiled too before anything counts
            await RoundAsync(aerona.Http, rate, 10, cancellationToken);
            door.IsSilent = false;
            await RoundAsync(aerona.Http, rate, 20, cancellationToken);
            await output.WriteLineAsync($"\n{"round",-14}{"search p50",12}{"p99 ms",9}{"zz alone p50",14}{"p99 ms",9}{"both p50",12}{"p99 ms",9}{"partial",9}{"failed",8}{"load",7}");
            var rounds = new List<(bool Silent, Round Round)>();
            for (var number = 0; number < 2 * pairs + 1; number++)
            {
                var silent = number % 2 == 1;
                door.IsSilent = silent;
                var round = await RoundAsync(aerona.Http, rate, seconds, cancellationToken);
                door.IsSilent = false;
                rounds.Add((silent, round));
                await output.WriteLineAsync($"{(silent ? "silent" : "answering"),-14}{round}{Machine.Load(),7}");
                if (silent)
                {
                    // The breaker lets somebody try after a while; the next round begins with a supplier that is believed again.
                    await RoundAsync(aerona.Http, rate, 20, cancellationToken);
                }
            }

            return await JudgeAsync(rounds, output) ? 0 : 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<bool> JudgeAsync(List<(bool Silent, Round Round)> rounds, TextWriter output)
    {
        var holds = true;
        await output.WriteLineAsync();
        foreach (var (kind, of) in new (string, Func<Round, double>)[] { ("search", round => round.Search.At(0.99)), ("live offers of zz alone", round => round.Zz.At(0.99)) })
        {
            var answering = rounds.Where(round => !round.Silent).Select(round => of(round.Round)).Order().ToList();
            var silent = rounds.Where(round => round.Silent).Select(round => of(round.Round)).Order().ToList();
            var (usual, worst) = (answering[answering.Count / 2], silent[silent.Count / 2]);
            var good = worst <= answering[^1] || worst <= Allowed * usual;
            holds &= good;
            await output.WriteLineAsync(
                $"{kind}: p99 {worst:0.0} ms beside a silent supplier, {usual:0.0} ms otherwise (A/A: {answering[0]:0.0} to {answering[^1]:0.0}): {worst / usual:0.00} times; within the spread or {Allowed} times: {(good ? "yes" : "NO")}");
        }

        await output.WriteLineAsync("Live offers of both wait for the silent one until its breaker opens, at most for their budget, and say that they are partial: no aim.");
        return holds;
    }

    private static async Task<Round> RoundAsync(HttpClient http, int rate, int seconds, CancellationToken cancellationToken)
    {
        var round = new Round();
        var asked = new ConcurrentBag<Task>();
        var day = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddDays(3).ToString("O");
        var later = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddDays(20).ToString("O");
        object live = new { legs = new[] { new { origin = "CDG", destination = "NCE", departsOn = later } }, passengers = new[] { new { type = "adult" } }, budgetSeconds = Budget };
        object zz = new { legs = new[] { new { origin = "CDG", destination = "NCE", departsOn = later } }, passengers = new[] { new { type = "adult" } }, suppliers = new[] { "zz" }, budgetSeconds = Budget };
        object search = new { origin = "SGN", destination = "HAN", departsOn = day, cabin = "economy", travellers = new { adults = 1 } };
        using var pace = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / rate));
        for (var at = 0; at < rate * seconds; at++)
        {
            await pace.WaitForNextTickAsync(cancellationToken);
            asked.Add(AskAsync(http, "/v1/flight-searches", search, round.Search, round, cancellationToken));
            if (at % 10 == 0)
            {
                asked.Add(AskAsync(http, "/v1/offers/live", zz, round.Zz, round, cancellationToken));
            }
            else if (at % 10 == 5)
            {
                asked.Add(AskAsync(http, "/v1/offers/live", live, round.Both, round, cancellationToken));
            }
        }

        await Task.WhenAll(asked);
        return round;
    }

    private static async Task AskAsync(HttpClient http, string path, object question, Latencies latencies, Round round, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        using var answer = await http.PostAsJsonAsync(path, question, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        latencies.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        if (!answer.IsSuccessStatusCode)
        {
            round.AddFailed();
        }
        else if (JsonDocument.Parse(text).RootElement.TryGetProperty("suppliers", out var suppliers)
            && suppliers.EnumerateArray().Any(one => one.GetProperty("state").GetString() is not ("complete" or "partial")))
        {
            round.AddPartial();
        }
    }

    /// <summary>In milliseconds.</summary>
    private sealed class Latencies
    {
        private readonly ConcurrentBag<double> all = [];

        public void Add(double milliseconds) => all.Add(milliseconds);

        public double At(double share)
        {
            var sorted = all.Order().ToList();
            return sorted.Count == 0 ? 0 : sorted[Math.Min(sorted.Count - 1, (int)Math.Ceiling(share * sorted.Count) - 1)];
        }
    }

    private sealed class Round
    {
        private int failed;

        private int partial;

        public Latencies Search { get; } = new();

        public Latencies Zz { get; } = new();

        public Latencies Both { get; } = new();

        public void AddFailed() => Interlocked.Increment(ref failed);

        public void AddPartial() => Interlocked.Increment(ref partial);

        public override string ToString() =>
            $"{Search.At(0.5),12:0.0}{Search.At(0.99),9:0.0}{Zz.At(0.5),14:0.0}{Zz.At(0.99),9:0.0}{Both.At(0.5),12:0.0}{Both.At(0.99),9:0.0}{partial,9}{failed,8}";
    }

    /// <summary>Passes calls on to the sandbox's airline, or takes them and says nothing until whoever called gives up.</summary>
    private sealed class Door : IAsyncDisposable
    {
        private readonly WebApplication app;

        private readonly HttpClient behind;

        private volatile bool isSilent;

        private Door(int port, Uri aerona)
        {
            behind = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = aerona };
            var builder = WebApplication.CreateBuilder();
            builder.Logging.ClearProviders();
            builder.Configuration["Urls"] = $"http://127.0.0.1:{port}";
            app = builder.Build();
            app.Run(PassAsync);
        }

        public bool IsSilent
        {
            get => isSilent;
            set => isSilent = value;
        }

        public static async Task<Door> OpenAsync(int port, Uri aerona, CancellationToken cancellationToken)
        {
            var door = new Door(port, aerona);
            await door.app.StartAsync(cancellationToken);
            return door;
        }

        public async ValueTask DisposeAsync()
        {
            await app.DisposeAsync();
            behind.Dispose();
        }

        private async Task PassAsync(HttpContext http)
        {
            if (IsSilent)
            {
                var gone = new TaskCompletionSource();
                await using var given = http.RequestAborted.Register(gone.SetResult);
                await gone.Task;
                return;
            }

            using var request = new HttpRequestMessage(new(http.Request.Method), http.Request.Path + http.Request.QueryString);
            if (http.Request.ContentLength is > 0 || http.Request.Headers.TransferEncoding.Count > 0)
            {
                request.Content = new StreamContent(http.Request.Body);
            }

            foreach (var (name, value) in http.Request.Headers.Where(header => header.Key is not ("Host" or "Content-Length" or "Transfer-Encoding")))
            {
                if (!request.Headers.TryAddWithoutValidation(name, [.. value]))
                {
                    request.Content?.Headers.TryAddWithoutValidation(name, [.. value]);
                }
            }

            using var answer = await behind.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, http.RequestAborted);
            http.Response.StatusCode = (int)answer.StatusCode;
            foreach (var (name, value) in answer.Headers.Concat(answer.Content.Headers).Where(header => header.Key is not ("Transfer-Encoding" or "Content-Length")))
            {
                http.Response.Headers[name] = value.ToArray();
            }

            await answer.Content.CopyToAsync(http.Response.Body, http.RequestAborted);
        }
    }
}
