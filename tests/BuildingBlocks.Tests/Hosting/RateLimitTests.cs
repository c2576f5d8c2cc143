using System.Net;
using System.Text.Json.Nodes;
using Aerona.Hosting;
using Aerona.LocalServers;
using CsCheck;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Aerona.BuildingBlocks.Tests.Hosting;

public sealed class RateLimitTests
{
    private static readonly Budget TenAMinute = new(10, TimeSpan.FromMinutes(1));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_budget_is_there_at_once_and_comes_back_evenly()
    {
        var clock = new FakeTimeProvider();
        var counters = new RateCounters(clock);

        var taken = new List<Taken>();
        for (var i = 0; i < 11; i++)
        {
            taken.Add(await counters.TakeAsync("a", TenAMinute, Stop));
        }

        Assert.Equal([9, 8, 7, 6, 5, 4, 3, 2, 1, 0], taken.Take(10).Select(each => each.Remaining));
        Assert.Equal(new(false, 0, TimeSpan.FromSeconds(6), TimeSpan.FromMinutes(1)), taken[10]);
        Assert.True((await counters.TakeAsync("b", TenAMinute, Stop)).IsAllowed);
        clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal((true, false), ((await counters.TakeAsync("a", TenAMinute, Stop)).IsAllowed, (await counters.TakeAsync("a", TenAMinute, Stop)).IsAllowed));
        await counters.GiveBackAsync("a", TenAMinute, 2, Stop);
        Assert.Equal(1, (await counters.TakeAsync("a", TenAMinute, Stop)).Remaining);
    }

    [Fact]
    public void Whenever_somebody_asks_he_gets_no_more_than_the_burst_and_what_came_back()
    {
        var asks = Gen.Select(Gen.Int[1, 20], Gen.Int[1, 3600], Gen.Int[0, 90].Array[1, 200]);

        asks.Sample((limit, window, pauses) =>
        {
            var clock = new FakeTimeProvider();
            var counters = new RateCounters(clock);
            var budget = new Budget(limit, TimeSpan.FromSeconds(window));
            var (allowed, passed) = (0, 0L);
            foreach (var pause in pauses)
            {
                clock.Advance(TimeSpan.FromSeconds(pause));
                passed += pause;
                var taken = counters.TakeAsync("a", budget, Stop).AsTask().Result;
                allowed += taken.IsAllowed ? 1 : 0;
                Assert.True(allowed <= limit + (passed * limit / (double)window) + 0.001, $"{allowed} after {passed} s of {limit} in {window} s");
                Assert.True(taken.IsAllowed || taken.RetryAfter > TimeSpan.Zero);
                Assert.InRange(taken.Remaining, 0, limit - 1);
            }
        }, iter: 300);
    }

    [Fact]
    public async Task Who_finds_no_place_shares_one_budget_and_places_come_free()
    {
        var clock = new FakeTimeProvider();
        var counters = new RateCounters(clock, mostKeys: 3);
        foreach (var known in (string[])["a", "b", "others"])
        {
            Assert.True((await counters.TakeAsync(known, TenAMinute, Stop)).IsAllowed);
        }

        var strangers = 0;
        for (var i = 0; i < 100; i++)
        {
            strangers += (await counters.TakeAsync($"stranger {i}", TenAMinute, Stop)).IsAllowed ? 1 : 0;
        }

        Assert.Equal(9, strangers);
        Assert.Equal(8, (await counters.TakeAsync("a", TenAMinute, Stop)).Remaining);
        clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(9, (await counters.TakeAsync("stranger 1", TenAMinute, Stop)).Remaining);
    }

    [Fact]
    public async Task Two_processes_share_budgets_through_redis_and_without_it_each_counts_for_itself()
    {
        var anHour = new Budget(10, TimeSpan.FromHours(10));
        var folder = Directory.CreateTempSubdirectory("aerona-budgets-");
        try
        {
            await using var redis = await Redis.StartAsync(folder.FullName, Stop);
            var patient = $"{redis.ConnectionString},asyncTimeout=60000";   // on a loaded machine it is slow, not gone
            await using var one = await ConnectedAsync(patient);
            await using var two = await ConnectedAsync(patient);
            var (first, second) = (one.Services.GetRequiredService<IRateCounters>(), two.Services.GetRequiredService<IRateCounters>());

            var remaining = new List<int>();
            for (var i = 0; i < 5; i++)
            {
                remaining.Add((await first.TakeAsync("a", anHour, Stop)).Remaining);
                remaining.Add((await second.TakeAsync("a", anHour, Stop)).Remaining);
            }

            Assert.Equal([9, 8, 7, 6, 5, 4, 3, 2, 1, 0], remaining);
            var refused = await first.TakeAsync("a", anHour, Stop);
            Assert.False(refused.IsAllowed);
            Assert.InRange(refused.RetryAfter, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
            await second.GiveBackAsync("a", anHour, 1, Stop);
            Assert.True((await first.TakeAsync("a", anHour, Stop)).IsAllowed);
            Assert.False((await second.TakeAsync("a", anHour, Stop)).IsAllowed);

            await redis.KillAsync();
            var (alone, asked) = (0, 0);
            while ((await first.TakeAsync("a", anHour, Stop)).IsAllowed)
            {
                alone++;
                Assert.True(++asked <= 10, "without Redis there is no limit");
            }

            Assert.Equal(10, alone);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Beyond_its_budget_an_address_is_told_when_to_come_back_and_others_are_not_held_up()
    {
        await using var door = await DoorAsync(("RateLimits:Search:PerAddress", "3"));

        var answers = new List<HttpResponseMessage>();
        foreach (var path in (string[])["/v1/flight-searches", "/V1/Flight-Searches", "/v1/flight-searches/", "/v1/flight-searches"])
        {
            answers.Add(await door.AskAsync(path, from: "203.0.113.7"));
        }

        Assert.Equal([200, 200, 200, 429], answers.Select(answer => (int)answer.StatusCode));
        Assert.Equal(["2", "1", "0", "0"], answers.Select(answer => answer.Headers.GetValues("RateLimit-Remaining").Single()));
        Assert.Equal(("3", "3;w=60"), (answers[0].Headers.GetValues("RateLimit-Limit").Single(), answers[0].Headers.GetValues("RateLimit-Policy").Single()));
        Assert.Equal(TimeSpan.FromSeconds(20), answers[3].Headers.RetryAfter!.Delta);
        var problem = JsonNode.Parse(await answers[3].Content.ReadAsStringAsync(Stop))!;
        Assert.Equal(("request.too_many", true), ((string?)problem["code"], (bool?)problem["retryable"]));
        Assert.Equal(HttpStatusCode.OK, (await door.AskAsync("/v1/flight-searches", from: "203.0.113.8")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await door.AskAsync("/v1/places", from: "203.0.113.7")).StatusCode);   // another class
        door.Clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(HttpStatusCode.OK, (await door.AskAsync("/v1/flight-searches", from: "203.0.113.7")).StatusCode);
    }

    [Fact]
    public async Task A_made_up_token_or_forwarded_address_opens_no_budget()
    {
        await using var door = await DoorAsync(("RateLimits:LookUp:PerAddress", "3"), ("ForwardedHeaders:KnownProxies", "10.0.0.1"));

        var statuses = new List<int>();
        for (var i = 0; i < 5; i++)
        {
            statuses.Add((int)(await door.AskAsync("/v1/booking-lookups", from: $"203.0.113.{i}", token: $"made-up-{i}")).StatusCode);
        }

        Assert.Equal([200, 200, 200, 429, 429], statuses);
    }

    [Fact]
    public async Task A_user_has_one_budget_wherever_he_asks_from()
    {
        await using var door = await DoorAsync(("RateLimits:Pay:PerUser", "2"));

        var statuses = new List<int>();
        for (var i = 0; i < 3; i++)
        {
            statuses.Add((int)(await door.AskAsync("/v1/bookings", from: $"2001:db8:{i}::7", token: "somebody")).StatusCode);
        }

        Assert.Equal([200, 200, 429], statuses);
        Assert.Equal(HttpStatusCode.OK, (await door.AskAsync("/v1/bookings", from: "2001:db8:2::9", token: "somebody else")).StatusCode);
    }

    [Theory]
    [InlineData("203.0.113.7", "4:cb007107")]
    [InlineData("::ffff:203.0.113.7", "4:cb007107")]
    [InlineData("2001:db8:1:2:3:4:5:6", "6:20010db800010002")]
    [InlineData("2001:db8:1:2:ffff::", "6:20010db800010002")]
    public void An_address_is_itself_in_ipv4_and_its_network_in_ipv6(string address, string counted) => Assert.Equal(counted, Networks.Of(IPAddress.Parse(address), 32));

    [Fact]
    public async Task Health_is_never_counted_and_a_page_elsewhere_reads_answers_only_where_it_may()
    {
        await using var door = await DoorAsync(("RateLimits:Other:PerAddress", "1"), ("Cors:Origins:0", "https://shop.example"));
        for (var i = 0; i < 3; i++)
        {
            using var health = await door.AskAsync("/health/live", from: "203.0.113.7");
            Assert.Equal(HttpStatusCode.OK, health.StatusCode);
            Assert.False(health.Headers.Contains("RateLimit-Limit"));
        }

        using var mine = await door.AskAsync("/v1/places", from: "203.0.113.7", origin: "https://shop.example");
        using var refused = await door.AskAsync("/v1/places", from: "203.0.113.7", origin: "https://shop.example");
        using var theirs = await door.AskAsync("/v1/places", from: "203.0.113.8", origin: "https://evil.example");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.TooManyRequests), (mine.StatusCode, refused.StatusCode));
        Assert.All([mine, refused], answer => Assert.Equal("https://shop.example", answer.Headers.GetValues("Access-Control-Allow-Origin").Single()));
        Assert.Contains("RateLimit-Remaining", string.Join(',', mine.Headers.GetValues("Access-Control-Expose-Headers")), StringComparison.Ordinal);
        Assert.False(theirs.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.False(mine.Headers.Contains("Access-Control-Allow-Credentials"));
        Assert.Equal("default-src 'none'; frame-ancestors 'none'", mine.Headers.GetValues("Content-Security-Policy").Single());
    }

    [Theory]
    [InlineData("RateLimits:Search:PerUser", "0", "RateLimits: PerAddress and PerUser of each class are at least 1, Window at least a second")]
    [InlineData("RateLimits:Factor", "0", "RateLimits:Factor: The field Factor must be between 0.001 and 1000000.")]
    [InlineData("Cors:Origins:0", "*", "Cors:Origins: '*' is no origin such as https://shop.example, without a slash at its end")]
    [InlineData("Cors:Origins:0", "https://shop.example/", "Cors:Origins: 'https://shop.example/' is no origin such as https://shop.example, without a slash at its end")]
    public async Task A_limit_or_origin_that_is_none_stops_the_host_and_is_named(string key, string value, string line)
    {
        var builder = Builder((key, value));
        using var lines = new StringWriter();

        Assert.Equal(AeronaHost.WrongSetting, await AeronaHost.RunAsync(builder, host => host.AddFrontDoor(), _ => { }, lines));

        Assert.Contains(line, lines.ToString(), StringComparison.Ordinal);
    }

    private static WebApplicationBuilder Builder(params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["ForwardedHeaders:KnownProxies"] = "127.0.0.1" });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.Services.AddSingleton<TimeProvider>(new FakeTimeProvider(new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero)));
        builder.AddAeronaBasics();
        builder.Logging.ClearProviders();
        return builder;
    }

    private static async Task<Door> DoorAsync(params (string Key, string Value)[] settings)
    {
        var builder = Builder(settings);
        builder.AddFrontDoor();
        var app = builder.Build();
        app.MapAeronaBasics();
        app.Map("/{**rest}", () => Results.Ok());
        await app.StartAsync(Stop);
        return new(app);
    }

    private static async Task<WebApplication> ConnectedAsync(string redis)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Configuration["ConnectionStrings:redis"] = redis;
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Logging.ClearProviders();
        builder.AddRateCounters();
        var app = builder.Build();
        await app.StartAsync(Stop);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(TimeSpan.FromSeconds(90));
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!app.Services.GetRequiredService<RedisConnection>().IsConnected)
        {
            await ticks.WaitForNextTickAsync(limit.Token);
        }

        return app;
    }

    private sealed class Door(WebApplication app) : IAsyncDisposable
    {
        private readonly HttpClient http = new() { BaseAddress = new(app.Urls.Single()) };

        public FakeTimeProvider Clock => (FakeTimeProvider)app.Services.GetRequiredService<TimeProvider>();

        public async Task<HttpResponseMessage> AskAsync(string path, string from, string? token = null, string? origin = null)
        {
            using var request = new HttpRequestMessage(path.StartsWith("/health", StringComparison.Ordinal) || origin is not null ? HttpMethod.Get : HttpMethod.Post, path);
            request.Headers.Add("X-Forwarded-For", from);
            request.Headers.Authorization = token is null ? null : new("Bearer", token);
            if (origin is not null)
            {
                request.Headers.Add("Origin", origin);
            }

            return await http.SendAsync(request, Stop);
        }

        public async ValueTask DisposeAsync()
        {
            http.Dispose();
            await app.StopAsync(CancellationToken.None);
            await app.DisposeAsync();
        }
    }
}
