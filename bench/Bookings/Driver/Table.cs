using System.Globalization;

namespace Aerona.BookingsBench.Driver;

/// <summary>A column for each contestant, medians over the rounds.</summary>
internal static class Table
{
    public static async Task WriteAsync(IReadOnlyList<Contestant> contestants, IReadOnlyList<Run> runs, TextWriter output)
    {
        var of = runs.ToLookup(run => run.Contestant);
        double Rate(string name) => Statistics.Median(of[name].Select(run => run.PerSecond));

        await RowAsync("", contestant => contestant.Title);
        await RowAsync("bookings/s, median (min-max)", contestant =>
        {
            var rates = of[contestant.Name].Select(run => run.PerSecond).ToList();
            return $"{Statistics.Median(rates):0} ({rates.Min():0}-{rates.Max():0})";
        });
        await RowAsync("x Wolverine", contestant => Ratio(Rate(contestant.Name), Rate("Wolverine"), "0.00"));
        await RowAsync("% of by hand", contestant => Ratio(100 * Rate(contestant.Name), Rate("Floor"), "0"));
        await RowAsync("CPU ms a booking", contestant => Median(contestant, run => run.CpuMs, "0.0"));
        await RowAsync("  PostgreSQL", contestant => Median(contestant, run => run.PostgreSqlMs, "0.0"));
        await RowAsync("  Erlang (RabbitMQ)", contestant => Median(contestant, run => run.ErlangMs, "0.0"));
        await RowAsync("  .NET, both processes", contestant => Median(contestant, run => run.DotNetMs, "0.0"));
        await RowAsync("    of that compiling", contestant => Median(contestant, run => run.CompilingMs, "0.0"));
        await RowAsync("saturated p50 / p99 ms", contestant =>
            $"{Median(contestant, run => run.SaturatedP50, "0")} / {Median(contestant, run => run.SaturatedP99, "0")}");
        await RowAsync("10 a second p50 / p99 ms", contestant =>
        {
            var all = of[contestant.Name].SelectMany(run => run.Light).Order().ToList();
            return $"{Statistics.Percentile(all, 50):0} / {Statistics.Percentile(all, 99):0}";
        });
        await RowAsync("transactions a booking", contestant => Median(contestant, run => run.Transactions, "0.0"));
        await RowAsync("WAL KiB a booking", contestant => Median(contestant, run => run.WalBytes / 1024, "0.0"));
        await RowAsync("broker messages a booking", contestant => Median(contestant, run => run.BrokerMessages, "0.0"));
        await RowAsync("bookings in windows / in all", contestant =>
            $"{of[contestant.Name].Sum(run => run.Bookings)} / {of[contestant.Name].Sum(run => run.Started)}");
        await RowAsync("lost / doubled", contestant => $"{of[contestant.Name].Sum(run => run.Lost)} / {of[contestant.Name].Sum(run => run.Doubled)}");
        await RowAsync("foreign cores in each window", contestant => string.Join(' ', of[contestant.Name].Select(run => run.ForeignCores.ToString("0.00"))));
        await output.WriteLineAsync();

        await TargetsAsync(of, output);
        if (of.Contains("Aerona") && of.Contains("Wolverine"))
        {
            await output.WriteLineAsync($"Aerona = {Rate("Aerona") / Rate("Wolverine"):0.0} x Wolverine");
        }

        string Median(Contestant contestant, Func<Run, double> value, string format) => Statistics.Median(of[contestant.Name].Select(value)).ToString(format);

        static string Ratio(double value, double to, string format) => double.IsFinite(value / to) ? (value / to).ToString(format) : "-";

        Task RowAsync(string title, Func<Contestant, string> value) =>
            output.WriteLineAsync($"{title,-30}" + string.Concat(contestants.Select(contestant => $"{value(contestant),20}")));
    }

    /// <summary>What docs/performance.md asks of Aerona beside the others; a line for each that can be told from these runs.</summary>
    private static async Task TargetsAsync(ILookup<string, Run> of, TextWriter output)
    {
        double Of(string name, Func<Run, double> value) => Statistics.Median(of[name].Select(value));

        (string Name, double Value, double Must, double Aim, bool More, string Format)[] targets =
        [
            ("bookings/s by Wolverine's", Of("Aerona", run => run.PerSecond) / Of("Wolverine", run => run.PerSecond), 1.5, 3, true, "0.00"),
            ("bookings/s by those by hand", Of("Aerona", run => run.PerSecond) / Of("Floor", run => run.PerSecond), 0.5, 0.75, true, "0.00"),
            ("CPU a booking by Wolverine's", Of("Aerona", run => run.CpuMs) / Of("Wolverine", run => run.CpuMs), 0.65, 0.4, false, "0.00"),
            ("p99 by p50, saturated", Of("Aerona", run => run.SaturatedP99 / run.SaturatedP50), 3, 2, false, "0.00"),
            ("transactions a booking", Of("Aerona", run => run.Transactions), 28, 14, false, "0.0"),
            ("WAL KiB a booking", Of("Aerona", run => run.WalBytes / 1024), 30, 20, false, "0.0"),
            ("broker messages a booking", Of("Aerona", run => run.BrokerMessages), 13, 11, false, "0.0"),
        ];
        foreach (var (name, value, must, aim, more, format) in targets.Where(target => double.IsFinite(target.Value)))
        {
            // Judged as it is printed.
            var printed = double.Parse(value.ToString(format, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
            var verdict = Reaches(aim) ? "aim reached" : Reaches(must) ? "must reached" : "MUST NOT REACHED";
            var least = more ? "at least" : "at most";
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"{name,-30}{printed.ToString(format, CultureInfo.InvariantCulture),8}   must {least} {must}, aim {aim}: {verdict}"));

            bool Reaches(double limit) => more ? printed >= limit : printed <= limit;
        }

        await output.WriteLineAsync();
    }
}
