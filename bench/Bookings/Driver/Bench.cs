using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Aerona.BookingsBench.Driver;

/// <summary>Runs the contestants in turn, round after round, so that what drifts on the machine meets all of them alike, and prints what came out.</summary>
internal static class Bench
{
    /// <summary>Logs and results, from the root of the working copy.</summary>
    public const string Artifacts = "artifacts/bench";

    /// <summary>False when a booking was lost or made twice.</summary>
    public static async Task<bool> RunAsync(BenchOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        foreach (var contestant in options.Contestants.Where(contestant => !File.Exists(contestant.Assembly)))
        {
            throw new InvalidOperationException($"{contestant.Assembly} is not there: ./aerona bench builds it");
        }

        Directory.CreateDirectory(Artifacts);
        await output.WriteLineAsync("Starting PostgreSQL and RabbitMQ ...");
        await using var stage = await Stage.SetUpAsync(cancellationToken);
        await output.WriteLineAsync($"{Machine()}; {await stage.VersionsAsync(cancellationToken)}");
        await output.WriteLineAsync(
            $"{options.Rounds} x {options.Contestants.Count} runs of {options.Warm} s warm-up, {options.Seconds} s with {options.InFlight} bookings in flight, "
            + $"{options.Light} s at 10 a second");

        var runs = new List<Run>();
        for (var round = 1; round <= options.Rounds; round++)
        {
            foreach (var contestant in options.Contestants)
            {
                var run = await Run.MeasureAsync(stage, contestant, round, options, TimeProvider.System, output, cancellationToken);
                runs.Add(run);
                await File.AppendAllTextAsync(
                    Path.Combine(Artifacts, "bookings.jsonl"), JsonSerializer.Serialize(run, JsonSerializerOptions.Web) + "\n", cancellationToken);
            }
        }

        await output.WriteLineAsync();
        await Table.WriteAsync(options.Contestants, runs, output);
        return runs.TrueForAll(run => run is { Lost: 0, Doubled: 0 });
    }

    /// <summary>Cores, load and runtime, in a line.</summary>
    public static string Machine()
    {
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim();
        var load = File.ReadAllText("/proc/loadavg").Split(' ')[0];
        return $"{Environment.ProcessorCount} cores ({model ?? RuntimeInformation.ProcessArchitecture.ToString()}), load {load} at the start; "
            + $"{RuntimeInformation.FrameworkDescription}";
    }
}
