using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.LocalServers;
using Aerona.Reference;
using Aerona.Search.Connections;
using Aerona.Search.FareCalendar;
using Aerona.Search.SearchFlights;
using Aerona.Search.Tests;
using Aerona.Search.Timetables;

namespace Aerona.SearchBench;

/// <summary>Loads the service, asks it in process and over HTTP, asks PostgreSQL the same, and compares results with the oracle's.</summary>
internal sealed class Bench(World world, SearchOptions options, TextWriter output)
{
    private const int Rounds = 3;

    private static readonly DateTimeOffset Now = RunningSearch.Now;

    private readonly List<string> missed = [];

    private long found;

    /// <summary>Whether every answer was true and every required target was met.</summary>
    public async Task<bool> RunAsync()
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        var began = Stopwatch.GetTimestamp();
        Say($"machine: {Machine()}");
        Say($"world: {world}");
        var folder = Directory.CreateTempSubdirectory("aerona-bench-");
        try
        {
            await LoadAsync(folder.FullName);
            await using (var service = await StartAsync(folder.FullName))
            {
                await RowsAsync(service);
                await BesideSqlAsync(service.Get<Timetable>(), service.Get<TripSearch>(), folder.FullName);
            }

            await CachedAsync(folder.FullName);
            var isTrue = options.Truth == 0 || Compare(new(options.Seed));
            Say($"{Stopwatch.GetElapsedTime(began).TotalSeconds:F0} s; load at the end {Load()}");
            Say(missed.Count == 0 ? "every required target of the rows above was met" : $"MISSED: {string.Join("; ", missed)}");
            return isTrue && (missed.Count == 0 || options.IsQuick);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>As Operations publishes them, through the consumer into table, timetable and lists.</summary>
    private async Task LoadAsync(string folder)
    {
        await using var service = await RunningSearch.StartAsync(folder, isCaching: false);
        var (from, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        await service.LoadAsync(world.All());
        var searchable = Stopwatch.GetElapsedTime(from);
        await service.UntilListedAsync();
        var spent = (Environment.CpuUsage.TotalTime - cpu).TotalSeconds;
        Say($"load: {world.Flights:N0} flights in messages of {RunningSearch.AtOnce:N0}, each consumed in a transaction (SQLite): all found by searches after {searchable.TotalSeconds:F1} s ({world.Flights / searchable.TotalSeconds:N0} a second), "
            + $"listed after {Stopwatch.GetElapsedTime(from).TotalSeconds:F1} s; {world.Flights / spent:N0} a second of one core, making them up included");
        Judge("bulk load", world.Flights / spent, least: 25_000);
    }

    private async Task<RunningSearch> StartAsync(string folder)
    {
        var random = new Random(options.Seed);
        GC.Collect();
        var from = Stopwatch.GetTimestamp();
        var service = await RunningSearch.StartAsync(folder, isCaching: false);
        await RunningSearch.UntilAsync(() => service.Get<Timetable>().Count == world.Flights);
        await service.SearchAsync(OneWay(random, 1));
        var seconds = Stopwatch.GetElapsedTime(from).TotalSeconds;
        Say($"start: {world.Flights:N0} flights on disk, first answer from all of them after {seconds:F1} s (target 5, stretch 2)");
        Judge("start", seconds, most: 5);
        return service;
    }

    private async Task RowsAsync(RunningSearch service)
    {
        var (timetable, search, calendars) = (service.Get<Timetable>(), service.Get<TripSearch>(), service.Get<CalendarSearch>());
        var random = new Random(options.Seed);
        void Page(FlightSearchRequest request)
        {
            var answer = Answer(search, request);
            JsonSerializer.SerializeToUtf8Bytes(answer, JsonSerializerOptions.Web);
            found += answer.Legs.Sum(leg => leg.Options);
        }

        for (var warm = 0; warm < (options.IsQuick ? 300 : 1_500); warm++)   // as many calls as it takes until everything is compiled for good
        {
            Page(warm % 3 == 0 ? Return(random, 1) : OneWay(random, warm % 10 == 1 ? 2 : warm % 2));
        }

        Say("");
        Say($"{"in process, warm",-58}{"p50 ms",10}{"p99 ms",10}{"target p50 / p99",20}{"CPU ms",10}{"options",10}");
        Row("nonstop + facets + page of 20, as JSON", 1, 6, () => Nonstop(timetable, random), Page);
        Row("up to 1 stop, Pareto + facets + page of 20, as JSON", 1, 8, () => OneWay(random, 1), Page);
        Row("up to 2 stops, the same", 4, 25, () => OneWay(random, 2), Page);
        Row("return, up to 1 stop each way (k best sums)", null, 40, () => Return(random, 1), Page);
        Row("nearby airports, 5 x 5, up to 1 stop", null, 60, () => Nearby(random), Page);
        void Calendar(FlightSearchRequest request) => JsonSerializer.SerializeToUtf8Bytes(
            calendars.Find(
                new(request.Travellers, request.Origin, request.Destination, request.DepartsOn, request.ReturnsOn, Month: request.ReturnsOn is null), request, Now, timetable.LastDay),
            JsonSerializerOptions.Web);
        Row("calendar 7 x 7, up to 1 stop each way", null, 40, () => Return(random, 1), Calendar);
        Row("month graph, up to 1 stop", null, 25, () => OneWay(random, 1), Calendar);

        Say("");
        Say($"{"over HTTP, Kestrel on loopback, nothing cached",-58}{"p50 ms",10}{"p99 ms",10}{"target p50 / p99",20}{"CPU ms",10}{"a second",10}");
        await HttpAsync(service, "nonstop + facets", 5, 25, 100, () => Nonstop(timetable, random));
        await HttpAsync(service, "up to 1 stop", null, null, 100, () => OneWay(random, 1));
        await HttpAsync(service, "up to 2 stops", null, 60, 20, () => OneWay(random, 2));
        await VisibleAsync(service, timetable, random);
        Updates(timetable, search, random);
        Say($"memory: process {Environment.WorkingSet / 1e6:F0} MB with service, bench and its questions; {GC.GetTotalMemory(forceFullCollection: true) / 1e6:F0} MB of it held by objects (target 500, stretch 350)");
        Judge("memory", Environment.WorkingSet / 1e6, most: 500);
    }

    private void Row(string name, double? p50Target, double p99Target, Func<FlightSearchRequest> ask, Action<FlightSearchRequest> answer)
    {
        if (options.Only is { } only && !name.Contains(only, StringComparison.Ordinal))
        {
            return;
        }

        found = 0;
        var from = Environment.CpuUsage.TotalTime;
        var (p50, p99) = Measure(ask, answer, options.Questions);
        var cpu = (Environment.CpuUsage.TotalTime - from).TotalMilliseconds / options.Questions;
        Print(name, p50, p99, p50Target, p99Target, cpu, found / options.Questions);
    }

    /// <summary>So many questions a second whether or not those before are answered; times count from when a question was due.</summary>
    private async Task HttpAsync(RunningSearch service, string name, double? p50Target, double? p99Target, int rate, Func<FlightSearchRequest> ask)
    {
        if (options.Only is { } only && !name.Contains(only, StringComparison.Ordinal))
        {
            return;
        }

        for (var warm = 0; warm < 50; warm++)
        {
            await service.SearchAsync(ask());
        }

        var requests = Enumerable.Range(0, rate * options.Seconds).Select(_ => ask()).ToArray();
        var cpu = Environment.CpuUsage.TotalTime;
        var took = await AtRateAsync(requests.Length, rate, index => service.SearchAsync(requests[index]));
        Print($"{name}, {rate} a second", took[took.Length / 2], took[took.Length * 99 / 100], p50Target, p99Target, (Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds / requests.Length, rate);
    }

    private static async Task<double[]> AtRateAsync(int count, int rate, Func<int, Task> act)
    {
        var took = new double[count];
        var all = new List<Task>(count);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        var from = Stopwatch.GetTimestamp();
        while (all.Count < count)
        {
            while (all.Count < count && Stopwatch.GetElapsedTime(from).TotalSeconds * rate >= all.Count)
            {
                all.Add(TimeAsync(all.Count));
            }

            await tick.WaitForNextTickAsync();
        }

        await Task.WhenAll(all);
        Array.Sort(took);
        return took;

        async Task TimeAsync(int index)
        {
            var due = index / (double)rate;
            await Task.Run(() => act(index));
            took[index] = (Stopwatch.GetElapsedTime(from).TotalSeconds - due) * 1_000;
        }
    }

    private async Task CachedAsync(string folder)
    {
        if (options.Only is not null)
        {
            return;
        }

        await using var service = await RunningSearch.StartAsync(folder, isCaching: true);
        await RunningSearch.UntilAsync(() => service.Get<Timetable>().Count == world.Flights);
        var random = new Random(options.Seed);
        var requests = Enumerable.Range(0, 20).Select(_ => OneWay(random, 2)).ToArray();
        foreach (var request in requests.Concat(requests))
        {
            await service.SearchAsync(request);
        }

        var cpu = Environment.CpuUsage.TotalTime;
        var took = await AtRateAsync(100 * options.Seconds, 100, index => service.SearchAsync(requests[index % requests.Length]));
        Print("the same up to 2 stops again, cache on, 100 a second", took[took.Length / 2], took[took.Length * 99 / 100], 1, 6, (Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds / took.Length, 100);
    }

    /// <summary>From the message that seats have changed to the search that finds it.</summary>
    private async Task VisibleAsync(RunningSearch service, Timetable timetable, Random random)
    {
        var flights = Enumerable.Range(0, 20 * options.Seconds).Select(_ => AnyFlight(timetable, random)).DistinctBy(flight => flight.Key).ToArray();
        var took = await AtRateAsync(flights.Length, 20, async index =>
        {
            var (flight, left) = (flights[index], flights[index].Seats[0] == 7 ? 8 : 7);
            await service.PublishAsync(new SeatAvailabilityChanged(flight.FlightId, Cabin.Economy, left, 1));
            await RunningSearch.UntilAsync(() => timetable.Find(flight.Key)!.Seats[0] == left);
        });
        Print("a change of seats, message to search, 20 a second", took[took.Length / 2], took[took.Length * 99 / 100], null, 1_000, 0, 20);
    }

    /// <summary>A thousand changes of seats a second beside the searches: does it show? Rounds without and with them take turns.</summary>
    private void Updates(Timetable timetable, TripSearch search, Random random)
    {
        void Page(FlightSearchRequest request) => Answer(search, request);
        var (quiet, busy, rate) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            quiet.Add(Measure(() => OneWay(random, 1), Page, options.Questions).P99);
            using var stop = new CancellationTokenSource();
            var changed = 0L;
            var writer = Task.Run(async () =>
            {
                using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
                var (chosen, since) = (new Random(1), Stopwatch.GetTimestamp());
                while (!stop.IsCancellationRequested)
                {
                    // Late ticks are made up for: a thousand a second, whatever the timer does.
                    var due = (long)(Stopwatch.GetElapsedTime(since).TotalSeconds * 1_000) - changed;
                    if (due > 0)
                    {
                        timetable.Put([.. Enumerable.Range(0, (int)due).Select(_ => Changed(AnyFlight(timetable, chosen), (byte)chosen.Next(0, 200)))]);
                        changed += due;
                    }

                    await tick.WaitForNextTickAsync(CancellationToken.None);
                }
            });
            var from = Stopwatch.GetTimestamp();
            busy.Add(Measure(() => OneWay(random, 1), Page, Math.Max(options.Questions, 2_000)).P99);
            rate.Add(changed / Stopwatch.GetElapsedTime(from).TotalSeconds);
            stop.Cancel();
            writer.Wait();
        }

        var (without, with) = (Median(quiet), Median(busy));
        Say($"up to 1 stop while {Median(rate):N0} seats a second change, p99 of {Rounds} rounds each in turn: {with:F1} ms ({Range(busy)}), without {without:F1} ({Range(quiet)}): {with / without:F2} times (target 2, stretch 1.3)");
        Judge("1,000 updates a second", with / without, most: 2);
    }

    private async Task BesideSqlAsync(Timetable timetable, TripSearch search, string folder)
    {
        if (options.Only is not null)
        {
            return;
        }

        await using var server = await PostgreSql.StartAsync(Path.Combine(folder, "postgresql"), CancellationToken.None);
        var from = Stopwatch.GetTimestamp();
        await using var sql = await Sql.FillAsync(server, timetable);
        Say("");
        Say($"PostgreSQL, stock settings, the same flights: filled and indexed in {Stopwatch.GetElapsedTime(from).TotalSeconds:F0} s, {await sql.SizeAsync()}; the 20 cheapest ways and their number, without facets, dominance and score");
        Say($"{"the same questions, rounds in turn",-44}{"Aerona p50 / p99 ms",30}{"SQL p50 / p99 ms",30}{"times",8}{"ways",16}");
        foreach (var (name, stops) in new[] { ("nonstop", 0), ("up to 1 stop", 1) })
        {
            var (own, other, ways) = (new List<(double P50, double P99)>(), new List<(double P50, double P99)>(), (Own: 0L, Sql: 0L));
            for (var round = 0; round < Rounds; round++)
            {
                var random = new Random(options.Seed + round);
                var questions = Questions().Take(Math.Max(100, options.Questions / 4)).ToArray();

                // A code may be a city's too, and mean several airports: the SQL knows one.
                IEnumerable<FlightSearchRequest> Questions()
                {
                    while (true)
                    {
                        if ((stops == 0 ? Nonstop(timetable, random) : OneWay(random, 1)) is var one && Airports.Named(one.Origin!).Count == 1 && Airports.Named(one.Destination!).Count == 1)
                        {
                            yield return one;
                        }
                    }
                }

                var next = 0;
                own.Add(Measure(() => questions[next++], request => ways.Own += Answer(search, request).Legs[0].Options, questions.Length));
                next = 0;
                other.Add(await MeasureAsync(() => questions[next++], async request => ways.Sql += await sql.AskAsync(request), questions.Length));
            }

            Say($"{name,-44}{Both(own),30}{Both(other),30}{Median(other.ConvertAll(one => one.P50)) / Median(own.ConvertAll(one => one.P50)),8:F1}{$"{ways.Own:N0} / {ways.Sql:N0}",16}");
        }

        Say("(medians of the rounds and their range; the SQL finds a few ways more, as it knows no minimum times of single airlines)");
    }

    private static string Both(List<(double P50, double P99)> rounds) =>
        $"{Median(rounds.ConvertAll(one => one.P50)):F2} ({Range(rounds.ConvertAll(one => one.P50), 2)}) / {Median(rounds.ConvertAll(one => one.P99)):F1}";

    private static (double P50, double P99) Measure(Func<FlightSearchRequest> ask, Action<FlightSearchRequest> answer, int times)
    {
        var took = new double[times];
        for (var turn = 0; turn < times; turn++)
        {
            var request = ask();
            var from = Stopwatch.GetTimestamp();
            answer(request);
            took[turn] = Stopwatch.GetElapsedTime(from).TotalMilliseconds;
        }

        return Percentiles(took);
    }

    private static async Task<(double P50, double P99)> MeasureAsync(Func<FlightSearchRequest> ask, Func<FlightSearchRequest, Task> answer, int times)
    {
        var took = new double[times];
        for (var turn = 0; turn < times; turn++)
        {
            var request = ask();
            var from = Stopwatch.GetTimestamp();
            await answer(request);
            took[turn] = Stopwatch.GetElapsedTime(from).TotalMilliseconds;
        }

        return Percentiles(took);
    }

    private static (double P50, double P99) Percentiles(double[] took)
    {
        Array.Sort(took);
        return (took[took.Length / 2], took[Math.Min(took.Length - 1, took.Length * 99 / 100)]);
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static string Range(List<double> values, int digits = 1) => $"{values.Min().ToString($"F{digits}")} to {values.Max().ToString($"F{digits}")}";

    private static FlightSearchView Answer(TripSearch search, FlightSearchRequest request) =>
        search.Find(request, Now, out var view) is { } problem ? throw new InvalidOperationException(problem.Detail) : view!;

    private DatedFlight AnyFlight(Timetable timetable, Random random)
    {
        while (true)
        {
            Stations.TryFind(world.Busiest[random.Next(world.Busiest.Count)], out var station);
            var routes = timetable.From(station);
            if (routes.Length > 0 && routes[random.Next(routes.Length)].Flights is { Length: > 0 } flights)
            {
                return flights[random.Next(flights.Length)];
            }
        }
    }

    private static DatedFlight Changed(DatedFlight flight, byte left)
    {
        var seats = flight.Seats;
        seats[0] = left;
        return new()
        {
            Key = flight.Key,
            DepartsAt = flight.DepartsAt,
            ArrivesAt = flight.ArrivesAt,
            From = flight.From,
            To = flight.To,
            DepartureOffset = flight.DepartureOffset,
            ArrivalOffset = flight.ArrivalOffset,
            Operator = flight.Operator,
            Aircraft = flight.Aircraft,
            Currency = flight.Currency,
            Supplier = flight.Supplier,
            Fares = flight.Fares,
            Seats = seats,
        };
    }

    private (string Origin, string Destination) Pair(Random random)
    {
        while (true)
        {
            var (from, to) = (world.Busiest[random.Next(world.Busiest.Count)], world.Busiest[random.Next(world.Busiest.Count)]);
            if (Airports.Find(from)!.CityCode != Airports.Find(to)!.CityCode)
            {
                return (from, to);
            }
        }
    }

    private FlightSearchRequest OneWay(Random random, int maxStops)
    {
        var (origin, destination) = Pair(random);
        return new(new(1 + random.Next(2)), origin, destination, World.FirstDay.AddDays(random.Next(world.Days - 4)), MaxStops: maxStops, Limit: 20);
    }

    /// <summary>Between airports that have a route.</summary>
    private FlightSearchRequest Nonstop(Timetable timetable, Random random)
    {
        while (true)
        {
            Stations.TryFind(world.Busiest[random.Next(world.Busiest.Count)], out var station);
            if (timetable.From(station) is { Length: > 0 } routes)
            {
                var destination = Stations.All[routes[random.Next(routes.Length)].To].Code;
                return OneWay(random, 0) with { Origin = Stations.All[station].Code, Destination = destination };
            }
        }
    }

    private FlightSearchRequest Return(Random random, int maxStops) =>
        OneWay(random, maxStops) is var there ? there with { ReturnsOn = there.DepartsOn!.Value.AddDays(random.Next(2, 4)) } : throw new InvalidOperationException();

    private FlightSearchRequest Nearby(Random random)
    {
        while (true)
        {
            var (origin, destination) = Pair(random);
            if (Airports.KilometresBetween(Airports.Find(origin)!, Airports.Find(destination)!) > 1_500)
            {
                return new(
                    new(1), Legs: [new(origin, destination, World.FirstDay.AddDays(random.Next(world.Days - 4)), OriginRadiusKm: 500, DestinationRadiusKm: 500)], Limit: 20);
            }
        }
    }

    /// <summary>Compares whole results with those of trying every flight; two stops take it seconds each, so they come up less often.</summary>
    private bool Compare(Random random)
    {
        Say("");
        var days = Math.Min(8, world.Days);
        var flights = world.All().Where(flight => DateOnly.FromDateTime(flight.DepartsLocal) < World.FirstDay.AddDays(days)).ToList();
        var part = new Timetable();
        var none = new Dictionary<Cabin, int>();
        part.Put([.. flights.Select(flight => DatedFlight.Of(flight, none)!)]);
        var oracle = new Oracle(flights, (flight, cabin) => flight.Cabins.Single(sold => sold.Cabin == cabin).Authorised, Now);
        var watch = Stopwatch.StartNew();
        var (differences, compared, byStops) = (0, 0L, new int[3]);
        for (var question = 0; question < options.Truth; question++)
        {
            var maxStops = question % 20 == 0 ? 2 : question % 2;
            var (origin, destination) = Pair(random);
            var (day, seats) = (World.FirstDay.AddDays(random.Next(days - 3)), 1 + random.Next(3));
            var expected = oracle.Paths(new([origin], [destination], day), maxStops, Cabin.Economy, seats, 0, 0, "USD").ToDictionary(path => path.Id, path => path.Price);
            using var space = Workspace.Rent();
            var search = new LegSearch(part, ConnectionRules.Shipped, new(new(seats), "USD"), Clock.Minute(Now), space);
            Stations.TryFind(origin, out var from);
            Stations.TryFind(destination, out var to);
            var ways = search.Find(new([from], [to], day, maxStops)).Where(option => option.Prices[0] >= 0)
                .ToDictionary(option => string.Join(".", Enumerable.Range(0, option.Flights).Select(index => option[index].FlightId)), option => option.Prices[0]);
            compared += expected.Count;
            byStops[maxStops]++;
            if (expected.Count != ways.Count || expected.Any(one => !ways.TryGetValue(one.Key, out var price) || price != one.Value))
            {
                differences++;
                Say($"DIFFERENT: {origin}-{destination} on {day:O}, up to {maxStops} stops, {seats} seats: {expected.Count} by trying everything, {ways.Count} by the search");
            }
        }

        Say($"truth: {options.Truth} questions ({byStops[0]} nonstop, {byStops[1]} up to 1 stop, {byStops[2]} up to 2), {compared:N0} ways and their prices compared with trying every flight, {watch.Elapsed.TotalSeconds:F0} s");
        Say($"{differences} differences");
        return differences == 0;
    }

    private void Print(string name, double p50, double p99, double? p50Target, double? p99Target, double cpu, long last)
    {
        var target = p99Target is null ? "" : $"{(p50Target is { } middle ? $"{middle}" : "-")} / {p99Target}";
        var isMissed = p50 > p50Target || p99 > p99Target;
        Say($"{name,-58}{p50,10:F2}{p99,10:F2}{target,20}{cpu,10:F2}{last,10:N0}{(isMissed ? "  MISSED" : "")}");
        if (isMissed)
        {
            missed.Add(name);
        }
    }

    private void Judge(string what, double value, double least = double.MinValue, double most = double.MaxValue)
    {
        if (value < least || value > most)
        {
            missed.Add(what);
        }
    }

    private static string Machine()
    {
        var model = File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() : null;
        return $"{Environment.ProcessorCount} cores ({model ?? "unknown"}), load {Load()}; .NET {Environment.Version}, {(System.Runtime.GCSettings.IsServerGC ? "server" : "workstation")} GC";
    }

    private static string Load() => File.Exists("/proc/loadavg") ? string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]) : "unknown";

    private void Say(string line) => output.WriteLine(line);
}
