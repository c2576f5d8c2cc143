using System.Diagnostics.Metrics;
using System.Net.Http.Json;
using System.Text.Json;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.LocalServers;
using Aerona.Search.Caching;
using Aerona.Search.SearchFlights;
using Aerona.Search.Timetables;
using Aerona.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xunit;
using static Aerona.Search.Tests.SearchService;

namespace Aerona.Search.Tests.Caching;

public sealed class SearchCacheTests
{
    private static readonly DateTime Morning = new(2026, 12, 20, 8, 0, 0);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_search_again_is_the_same_answer_and_nothing_is_worked_out()
    {
        await using var service = await StartAsync();
        using var cache = new Figures(service);
        await service.PublishAsync(World());

        var first = await service.Http.PostAsJsonAsync("/v1/flight-searches", Asked(), Stop);
        var again = await service.Http.PostAsJsonAsync("/v1/flight-searches", Asked(), Stop);

        Assert.Equal((1, 1), (cache.Misses, cache.Hits));
        Assert.Equal("application/json; charset=utf-8", again.Content.Headers.ContentType?.ToString());
        Assert.Equal(await first.Content.ReadAsStringAsync(Stop), await again.Content.ReadAsStringAsync(Stop));
        await service.SearchAsync(Question("JFK", "LHR", "2026-12-20", limit: 1, maxStops: 1));
        Assert.Equal(2, cache.Misses);   // another page
    }

    [Fact]
    public async Task A_search_that_finds_nothing_is_remembered_until_there_is_a_flight()
    {
        await using var service = await StartAsync();
        using var cache = new Figures(service);
        await service.PublishAsync(Flight("AA9", "JFK", "LAX", Morning.AddDays(9)));

        Assert.Empty((await service.SearchAsync(Asked())).Ids());
        Assert.Empty((await service.SearchAsync(Asked())).Ids());
        Assert.Equal((1, 1), (cache.Misses, cache.Hits));

        await service.PublishAsync(Flight("AA1", "JFK", "LHR", Morning));
        Assert.Equal(["AA1-20261220"], (await service.SearchAsync(Asked())).Ids());
    }

    [Fact]
    public async Task A_change_shows_at_once_and_only_searches_that_it_matters_to_are_worked_out_again()
    {
        await using var service = await StartAsync();
        using var cache = new Figures(service);
        await service.PublishAsync(World());
        await service.SearchAsync(Asked());

        await service.ChangeSeatsAsync(new SeatAvailabilityChanged("AA7-20261220", Cabin.Economy, 50, 1));   // nine and more, as before
        await service.ChangeSeatsAsync(new SeatAvailabilityChanged("AA5-20261220", Cabin.Economy, 3, 1));   // another route
        await service.PublishAsync(Flight("AA1", "JFK", "LHR", Morning.AddDays(8)));   // another day
        await service.SearchAsync(Asked());
        Assert.Equal((1, 1), (cache.Misses, cache.Hits));

        await service.ChangeSeatsAsync(new SeatAvailabilityChanged("AA7-20261220", Cabin.Economy, 4, 2));   // the second flight of a connection
        var found = await service.SearchAsync(Asked());
        Assert.Equal(2, cache.Misses);
        Assert.Contains(4, found.GetProperty("trips").EnumerateArray().Select(trip => trip.GetProperty("seatsLeft").GetInt32()));

        await service.ChangeSeatsAsync(new SeatAvailabilityChanged("AA7-20261220", Cabin.Economy, 60, 3));   // as it was: what was found then is right again
        Assert.DoesNotContain(4, (await service.SearchAsync(Asked())).GetProperty("trips").EnumerateArray().Select(trip => trip.GetProperty("seatsLeft").GetInt32()));
        Assert.Equal((2, 2), (cache.Misses, cache.Hits));
    }

    [Fact]
    public async Task An_answer_ends_with_its_lifetime_which_is_shorter_the_sooner_one_leaves()
    {
        await using var service = await StartAsync();
        using var cache = new Figures(service);
        await service.PublishAsync(Flight("AA1", "JFK", "LHR", Morning), Flight("AA1", "JFK", "LHR", new(2026, 11, 30, 22, 0, 0)));
        await service.SearchAsync(Asked());
        service.Clock.Advance(TimeSpan.FromMinutes(15));
        await service.SearchAsync(Asked());
        Assert.Equal((2, 0), (cache.Misses, cache.Hits));

        var tonight = Question("JFK", "LHR", "2026-11-30");
        Assert.Single((await service.SearchAsync(tonight)).Ids());
        service.Clock.Advance(TimeSpan.FromHours(3));   // it has left: no change of a flight says so, the clock does
        Assert.Empty((await service.SearchAsync(tonight)).Ids());
    }

    [Fact]
    public async Task A_day_of_a_calendar_is_worked_out_once_until_a_flight_of_it_changes()
    {
        await using var service = await StartAsync();
        using var cache = new Figures(service);
        await service.PublishAsync([.. World(), Flight("AA1", "JFK", "LHR", Morning.AddDays(1), fare: 500), Flight("AA1", "JFK", "LHR", Morning.AddDays(9), fare: 500)]);
        object Calendar(string day, bool month = false, string? back = null) =>
            new { origin = "JFK", destination = "LHR", departsOn = day, returnsOn = back, travellers = new { adults = 1 }, month };
        async Task<List<string?>> PricesAsync(object calendar)
        {
            using var answer = await service.Http.PostAsJsonAsync("/v1/flight-searches/calendar", calendar, Stop);
            answer.EnsureSuccessStatusCode();
            return [.. (await answer.Content.ReadFromJsonAsync<JsonElement>(Stop)).GetProperty("days").EnumerateArray().Select(day =>
                day.GetProperty("price") is { ValueKind: JsonValueKind.Object } price ? price.GetProperty("amount").GetString() : null)];
        }

        var first = await PricesAsync(Calendar("2026-12-20"));
        Assert.Equal((7, 0, 2), (cache.Misses, cache.Hits, first.Count(price => price is not null)));
        Assert.Equal(first[1..], (await PricesAsync(Calendar("2026-12-21")))[..6]);
        Assert.Equal((8, 6), (cache.Misses, cache.Hits));

        await service.PublishAsync(Flight("AA1", "JFK", "LHR", Morning.AddDays(1), fare: 20, version: 2));
        var after = await PricesAsync(Calendar("2026-12-20"));
        Assert.True(after[4] != first[4] && after.Where((_, day) => day != 4).SequenceEqual(first.Where((_, day) => day != 4)));
        Assert.Equal((9, 12), (cache.Misses, cache.Hits));

        await service.PublishAsync(Flight("AA2", "LHR", "JFK", Morning.AddDays(5)));
        var pairs = await PricesAsync(Calendar("2026-12-20", back: "2026-12-25"));
        Assert.Equal(pairs, await PricesAsync(Calendar("2026-12-20", back: "2026-12-25")));
        Assert.Equal((10, 13), (cache.Misses, cache.Hits));
        Assert.Equal(2, pairs.Count(price => price is not null));
    }

    [Fact]
    public async Task Switched_off_everything_is_worked_out_each_time()
    {
        await using var service = await TestService.StartAsync(
            builder => builder.AddSearch(), bus => bus.AddSearchConsumers(), app => app.MapSearch(), new Dictionary<string, string?> { ["Search:Cache:Enabled"] = "false" });
        using var cache = new Figures(service);
        await service.PublishAsync(World());

        await service.SearchAsync(Asked());
        Assert.Equal(2, (await service.SearchAsync(Asked())).Ids().Count);

        Assert.Equal((0, 0), (cache.Misses, cache.Hits));
    }

    [Fact]
    public async Task Many_who_ask_the_same_at_once_have_it_worked_out_once()
    {
        await using var service = await StartAsync();
        var cache = service.Services.GetRequiredService<SearchCache>();
        using var begun = new SemaphoreSlim(0);
        using var goOn = new ManualResetEventSlim();
        var made = 0;
        Task<byte[]> AskAsync() => cache.AnswerAsync("test", "same", [TripSearch.Plan(new("JFK", "LHR", new(2026, 12, 20)), 1)], service.Clock.GetUtcNow(), () =>
        {
            begun.Release();
            goOn.Wait(TimeSpan.FromMinutes(2));
            return Interlocked.Increment(ref made);
        }, Stop).AsTask();

        var first = Task.Run(AskAsync, Stop);
        Assert.True(await begun.WaitAsync(TimeSpan.FromMinutes(2), Stop));
        var others = Enumerable.Range(0, 20).Select(_ => AskAsync()).ToList();
        goOn.Set();
        var answers = await Task.WhenAll([first, .. others]);

        Assert.Equal(1, made);
        Assert.All(answers, answer => Assert.Equal("1"u8.ToArray(), answer));
    }

    [Fact]
    public async Task What_was_worked_out_while_flights_changed_is_shown_to_nobody_else()
    {
        await using var service = await StartAsync();
        await service.PublishAsync(World());
        var (cache, timetable) = (service.Services.GetRequiredService<SearchCache>(), service.Services.GetRequiredService<Timetable>());
        var (version, made) = (0, 0);
        ValueTask<byte[]> AskAsync(bool isChanging) => cache.AnswerAsync("test", "changing", [TripSearch.Plan(new("JFK", "LHR", new(2026, 12, 20)), 1)], service.Clock.GetUtcNow(), () =>
        {
            made++;
            if (isChanging)
            {
                // A flight changes and is as it was again: the stamp is the same, the answer need not be.
                timetable.Put([DatedFlight.Of(Flight("AA1", "JFK", "LHR", Morning, fare: 700), new Dictionary<Cabin, int> { [Cabin.Economy] = ++version % 2 })!]);
                timetable.Put([DatedFlight.Of(Flight("AA1", "JFK", "LHR", Morning, fare: 700), new Dictionary<Cabin, int>())!]);
            }

            return made;
        }, Stop);

        await AskAsync(isChanging: true);
        var before = made;
        var sure = await AskAsync(isChanging: false);
        var again = await AskAsync(isChanging: false);

        Assert.Equal(before + 1, made);
        Assert.Equal(JsonSerializer.SerializeToUtf8Bytes(made), sure);
        Assert.Equal(sure, again);
    }

    [Fact]
    public async Task Another_process_need_not_work_it_out_again_and_neither_is_wrong_without_redis()
    {
        var folder = Directory.CreateTempSubdirectory("aerona-redis-");
        try
        {
            await using var redis = await Redis.StartAsync(folder.FullName, Stop);
            await using var one = await WithAsync($"{redis.ConnectionString},asyncTimeout=60000");
            await using var two = await WithAsync($"{redis.ConnectionString},asyncTimeout=60000");
            await one.PublishAsync(World());
            await two.PublishAsync([.. World().Reverse()]);   // met in another order
            foreach (var service in new[] { one, two })
            {
                await ConnectedAsync(service);
            }

            using var cache = new Figures(two);
            var answer = (await one.SearchAsync(Asked())).GetRawText();
            Assert.Equal(answer, (await two.SearchAsync(Asked())).GetRawText());
            Assert.Equal((0, 1), (cache.Misses, cache.Hits));

            await two.ChangeSeatsAsync(new SeatAvailabilityChanged("AA7-20261220", Cabin.Economy, 4, 2));
            Assert.NotEqual(answer, (await two.SearchAsync(Asked())).GetRawText());
            Assert.Equal(answer, (await one.SearchAsync(Asked())).GetRawText());   // which has not heard of it

            await redis.KillAsync();
            await one.ChangeSeatsAsync(new SeatAvailabilityChanged("AA7-20261220", Cabin.Economy, 0, 3));
            Assert.Equal(["AA1-20261220"], (await one.SearchAsync(Asked())).Ids());
            Assert.Equal(["AA1-20261220"], (await one.SearchAsync(Asked())).Ids());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static object Asked() => Question("JFK", "LHR", "2026-12-20", maxStops: 1);

    /// <summary>A nonstop flight, a connection over Boston, and a route that has nothing to do with them.</summary>
    private static Contracts.Operations.PublishedFlight[] World() =>
    [
        Flight("AA1", "JFK", "LHR", Morning, fare: 700),
        Flight("AA3", "JFK", "BOS", Morning, 80, fare: 60), Flight("AA7", "BOS", "LHR", Morning.AddHours(4), 390, fare: 300),
        Flight("AA5", "LAX", "SFO", Morning, 90, fare: 60),
    ];

    private static Task<TestService> WithAsync(string redis) => TestService.StartAsync(
        builder => builder.AddSearch(), bus => bus.AddSearchConsumers(), app => app.MapSearch(), new Dictionary<string, string?> { ["ConnectionStrings:redis"] = redis });

    private static async Task ConnectedAsync(TestService service)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(TimeSpan.FromSeconds(90));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while ((await service.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(limit.Token)).Entries["redis"].Status != HealthStatus.Healthy)
        {
            await look.WaitForNextTickAsync(limit.Token);
        }
    }

    /// <summary>What the service counts of its cache.</summary>
    private sealed class Figures : IDisposable
    {
        private readonly MeterListener listener = new();

        private int hits;

        private int misses;

        public Figures(TestService service)
        {
            var meters = service.Services.GetRequiredService<IMeterFactory>();
            listener.InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Name == "aerona.search.cache.requests" && ReferenceEquals(instrument.Meter.Scope, meters))
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            };
            listener.SetMeasurementEventCallback<long>((_, _, tags, _) => Count(tags));
            listener.Start();
        }

        public int Hits => Volatile.Read(ref hits);

        public int Misses => Volatile.Read(ref misses);

        public void Dispose() => listener.Dispose();

        private void Count(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            foreach (var tag in tags)
            {
                _ = tag.Value switch { "hit" => Interlocked.Increment(ref hits), "miss" => Interlocked.Increment(ref misses), _ => 0 };
            }
        }
    }
}
