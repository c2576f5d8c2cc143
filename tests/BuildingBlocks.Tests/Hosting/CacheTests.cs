using Aerona.Hosting;
using Aerona.LocalServers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Aerona.BuildingBlocks.Tests.Hosting;

public sealed class CacheTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_redis_it_caches_in_process_and_nothing_is_amiss()
    {
        await using var host = await StartAsync(null);

        Assert.Equal((1, 1), (await host.GetAsync("a"), await host.GetAsync("a")));
        Assert.Equal(1, host.Made);
        Assert.DoesNotContain("redis", (await host.HealthAsync()).Entries.Keys);
    }

    [Fact]
    public async Task Redis_is_shared_and_while_it_is_gone_everything_is_still_answered()
    {
        var folder = Directory.CreateTempSubdirectory("aerona-redis-");
        try
        {
            await using var redis = await Redis.StartAsync(folder.FullName, Stop);
            var patient = $"{redis.ConnectionString},asyncTimeout=60000";   // on a loaded machine it is slow, not gone
            await using var one = await StartAsync(patient);
            await using var two = await StartAsync(patient);
            await EventuallyAsync(async () => await StateAsync(one) == HealthStatus.Healthy && await StateAsync(two) == HealthStatus.Healthy, "both are connected");

            await one.Cache.SetAsync("shared", 4711, cancellationToken: Stop);
            Assert.Equal((4711, 0), (await two.GetAsync("shared"), two.Made));   // the other process need not make it

            await redis.KillAsync();
            await EventuallyAsync(async () => await StateAsync(one) == HealthStatus.Degraded && await StateAsync(two) == HealthStatus.Degraded, "health says that it is gone");
            Assert.Equal(4711, await two.GetAsync("shared"));   // known in this process
            Assert.Equal((1, 1), (await one.GetAsync("made meanwhile"), await one.GetAsync("made meanwhile")));   // made, kept here, no error
            await one.Cache.SetAsync("set meanwhile", 4712, cancellationToken: Stop);
            Assert.Equal(4712, await one.GetAsync("set meanwhile"));

            await redis.StartAgainAsync(Stop);
            await EventuallyAsync(async () => await StateAsync(one) == HealthStatus.Healthy && await StateAsync(two) == HealthStatus.Healthy, "both are connected again");
            await one.Cache.SetAsync("after", 4713, cancellationToken: Stop);
            Assert.Equal((4713, 0), (await two.GetAsync("after"), two.Made));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Redis_that_was_never_there_is_no_error_either()
    {
        await using var host = await StartAsync("127.0.0.1:1");

        Assert.Equal(1, await host.GetAsync("a"));
        await EventuallyAsync(async () => await StateAsync(host) == HealthStatus.Degraded, "health says that it is not there");

        // The cache asks Redis once what was invalidated; while the failure of that is awaited, what it has may be made anew.
        await EventuallyAsync(async () => await host.GetAsync("a") == await host.GetAsync("a"), "it keeps what was made");
        var made = host.Made;
        Assert.Equal((made, made, 1), (await host.GetAsync("a"), await host.GetAsync("a"), await host.GetAsync("b") - made));
    }

    [Theory]
    [InlineData("localhost:6379,nonsense=1")]
    [InlineData(",password=x")]
    public void A_wrong_connection_string_is_named(string text)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration["ConnectionStrings:redis"] = text;

        Assert.StartsWith("ConnectionStrings:redis: must be", Assert.Throws<SettingException>(() => builder.AddCache()).Message, StringComparison.Ordinal);
    }

    private static async Task<HealthStatus> StateAsync(Host host) => (await host.HealthAsync()).Entries["redis"].Status;

    private static async Task EventuallyAsync(Func<Task<bool>> isSo, string what)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(TimeSpan.FromSeconds(90));
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!await isSo())
        {
            Assert.True(await ticks.WaitForNextTickAsync(CancellationToken.None) && !limit.IsCancellationRequested, $"not within 90 s: {what}");
        }
    }

    private static async Task<Host> StartAsync(string? redis)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["ConnectionStrings:redis"] = redis });
        builder.AddAeronaBasics();
        builder.AddCache();
        builder.AddCache();   // two modules of a process do
        var app = builder.Build();
        await app.StartAsync(Stop);
        return new(app);
    }

    /// <summary>Counts what it had to make.</summary>
    private sealed class Host(WebApplication app) : IAsyncDisposable
    {
        private int made;

        public int Made => made;

        public HybridCache Cache => app.Services.GetRequiredService<HybridCache>();

        public async Task<int> GetAsync(string key) => await Cache.GetOrCreateAsync(key, _ => ValueTask.FromResult(Interlocked.Increment(ref made)), cancellationToken: Stop);

        public Task<HealthReport> HealthAsync() => app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Stop);

        public async ValueTask DisposeAsync()
        {
            await app.StopAsync(CancellationToken.None);
            await app.DisposeAsync();
        }
    }
}
