using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Aerona.Contracts;
using Aerona.Reference;
using Aerona.Search.Connections;
using Aerona.Search.FareCalendar;
using Aerona.Search.SearchFlights;
using Aerona.Search.Tests;
using Aerona.Search.Timetables;

namespace Aerona.SearchBench;

/// <summary>Fills a timetable, asks it, and compares it with the oracle.</summary>
internal sealed class Bench(World world, SearchOptions options, TextWriter output)
{
    private static readonly DateTimeOffset Now = new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Timetable timetable = new();

    private long found;

    public bool Run()
    {
        Say($"machine: {Environment.ProcessorCount} cores, {Load()}; .NET {Environment.Version}, {(System.Runtime.GCSettings.IsServerGC ? "server" : "workstation")} GC");
        Say($"world: {world}");
        Fill();
        var search = new TripSearch(timetable, ConnectionRules.Shipped);
        Say("");
        Say($"{"in process, warm",-58}{"p50 ms",10}{"p99 ms",10}{"target p50 / p99",20}{"CPU ms",10}{"options",10}");
        var random = new Random(options.Seed);
        void Page(FlightSearchRequest request)
        {
            var answer = Answer(search, request);
            JsonSerializer.SerializeToUtf8Bytes(answer, JsonSerializerOptions.Web);
            found += answer.Legs.Sum(leg => leg.Options);
        }

        for (var warm = 0; warm < 1_500; warm++)   // as many calls as it takes until everything is compiled for good
        {
            Page(warm % 3 == 0 ? Return(random, 1) : OneWay(random, warm % 10 == 1 ? 2 : warm % 2));
        }

        Row("nonstop + facets + page of 20, as JSON", "1 / 6", () => Nonstop(random), Page);
        Row("up to 1 stop, Pareto + facets + page of 20, as JSON", "1 / 8", () => OneWay(random, 1), Page);
        Row("up to 2 stops, the same", "4 / 25", () => OneWay(random, 2), Page, options.Questions / 4);
        Row("return, up to 1 stop each way (k best sums)", "- / 40", () => Return(random, 1), Page, options.Questions / 4);
        Row("nearby airports, 5 x 5, up to 1 stop", "- / 60", () => Nearby(random), Page, options.Questions / 4);
        var calendars = new CalendarSearch(timetable, ConnectionRules.Shipped, search);
        void Calendar(FlightSearchRequest request) => JsonSerializer.SerializeToUtf8Bytes(
            calendars.Find(
                new(request.Travellers, request.Origin, request.Destination, request.DepartsOn, request.ReturnsOn, Month: request.ReturnsOn is null), request, Now, timetable.LastDay),
            JsonSerializerOptions.Web);
        Row("calendar 7 x 7, up to 1 stop each way", "- / 40", () => Return(random, 1), Calendar, options.Questions / 4);
        Row("month graph, up to 1 stop", "- / 25", () => OneWay(random, 1), Calendar, options.Questions / 4);
        Updates(search, random);
        return options.Truth == 0 || Compare(random);
    }

    private void Fill()
    {
        var before = Memory();
        var watch = Stopwatch.StartNew();
        var none = new Dictionary<Cabin, int>();
        var made = 0L;
        foreach (var flights in world.All().Chunk(5_000))
        {
            var from = Stopwatch.GetTimestamp();
            timetable.Put([.. flights.Select(flight => DatedFlight.Of(flight, none)!)]);
            made += Stopwatch.GetTimestamp() - from;
        }

        var putting = Stopwatch.GetElapsedTime(0, made);
        Say($"timetable: {timetable.Count:N0} flights; put in {putting.TotalSeconds:F1} s, {timetable.Count / putting.TotalSeconds:N0} a second on one core (making them up took {(watch.Elapsed - putting).TotalSeconds:F1} s)");
        Say($"memory: {(Memory() - before) / 1e6:F0} MB for the timetable, {(Memory() - before) / (double)timetable.Count:F0} bytes a flight; process {Environment.WorkingSet / 1e6:F0} MB");
    }

    private static long Memory() => GC.GetTotalMemory(forceFullCollection: true);

    private void Row(string name, string target, Func<FlightSearchRequest> ask, Action<FlightSearchRequest> answer, int? times = null)
    {
        if (options.Only is { } only && !name.Contains(only, StringComparison.Ordinal))
        {
            return;
        }

        found = 0;
        var count = times ?? options.Questions;
        var from = Environment.CpuUsage.TotalTime;
        var (p50, p99) = Measure(ask, answer, count);
        var cpu = Environment.CpuUsage.TotalTime - from;
        Say($"{name,-58}{p50,10:F2}{p99,10:F2}{target,20}{cpu.TotalMilliseconds / count,10:F2}{found / count,10:N0}");
    }

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

        Array.Sort(took);
        return (took[times / 2], took[Math.Min(times - 1, times * 99 / 100)]);
    }

    private static FlightSearchView Answer(TripSearch search, FlightSearchRequest request) =>
        search.Find(request, Now, out var view) is { } problem ? throw new InvalidOperationException(problem.Detail) : view!;

    /// <summary>A thousand changes of seats a second beside the searches: does it show?</summary>
    private void Updates(TripSearch search, Random random)
    {
        void Page(FlightSearchRequest request) => Answer(search, request);
        var (_, quiet) = Measure(() => OneWay(random, 1), Page, options.Questions);
        using var stop = new CancellationTokenSource();
        var changed = 0L;
        var writer = Task.Run(async () =>
        {
            using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
            var chosen = new Random(1);
            try
            {
                while (await tick.WaitForNextTickAsync(stop.Token))
                {
                    timetable.Put([.. Enumerable.Range(0, 10).Select(_ => Changed(chosen))]);
                    changed += 10;
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
        });
        var from = Stopwatch.GetTimestamp();
        var (p50, p99) = Measure(() => OneWay(random, 1), Page, options.Questions);
        var seconds = Stopwatch.GetElapsedTime(from).TotalSeconds;
        stop.Cancel();
        writer.Wait();
        Say($"{"up to 1 stop while seats change, " + (changed / seconds).ToString("F0", CultureInfo.InvariantCulture) + " a second",-58}{p50,10:F2}{p99,10:F2}{$"- / {2 * quiet:F1}",20}");
    }

    private DatedFlight Changed(Random random)
    {
        while (true)
        {
            Stations.TryFind(world.Busiest[random.Next(world.Busiest.Count)], out var station);
            var routes = timetable.From(station);
            if (routes.Length > 0 && routes[random.Next(routes.Length)].Flights is { Length: > 0 } flights)
            {
                var flight = flights[random.Next(flights.Length)];
                var seats = flight.Seats;
                seats[0] = (byte)random.Next(0, 200);
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
        }
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
    private FlightSearchRequest Nonstop(Random random)
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
            var found = search.Find(new([from], [to], day, maxStops)).Where(option => option.Prices[0] >= 0)
                .ToDictionary(option => string.Join(".", Enumerable.Range(0, option.Flights).Select(index => option[index].FlightId)), option => option.Prices[0]);
            compared += expected.Count;
            byStops[maxStops]++;
            if (expected.Count != found.Count || expected.Any(one => !found.TryGetValue(one.Key, out var price) || price != one.Value))
            {
                differences++;
                Say($"DIFFERENT: {origin}-{destination} on {day:O}, up to {maxStops} stops, {seats} seats: {expected.Count} by trying everything, {found.Count} by the search");
            }
        }

        Say($"truth: {options.Truth} questions ({byStops[0]} nonstop, {byStops[1]} up to 1 stop, {byStops[2]} up to 2), {compared:N0} ways and their prices compared with trying every flight, {watch.Elapsed.TotalSeconds:F0} s");
        Say($"{differences} differences");
        return differences == 0;
    }

    private static string Load() => File.Exists("/proc/loadavg") ? $"load {string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3])}" : "load unknown";

    private void Say(string line) => output.WriteLine(line);
}
