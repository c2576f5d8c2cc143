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

        var byCpu = Statistics.Median(of["Wolverine"].Select(run => run.CpuMs)) / Statistics.Median(of["Aerona"].Select(run => run.CpuMs));
        if (double.IsFinite(byCpu))
        {
            await output.WriteLineAsync($"By CPU a booking, which other work on the machine disturbs less: {byCpu:0.0} x");
            await output.WriteLineAsync($"Aerona = {Rate("Aerona") / Rate("Wolverine"):0.0} x Wolverine");
        }

        string Median(Contestant contestant, Func<Run, double> value, string format) => Statistics.Median(of[contestant.Name].Select(value)).ToString(format);

        static string Ratio(double value, double to, string format) => double.IsFinite(value / to) ? (value / to).ToString(format) : "-";

        Task RowAsync(string title, Func<Contestant, string> value) =>
            output.WriteLineAsync($"{title,-30}" + string.Concat(contestants.Select(contestant => $"{value(contestant),20}")));
    }
}
