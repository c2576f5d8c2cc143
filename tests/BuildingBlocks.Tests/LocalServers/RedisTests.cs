using Aerona.LocalServers;
using StackExchange.Redis;

namespace Aerona.BuildingBlocks.Tests.LocalServers;

public sealed class RedisTests
{
    private const string Patient = "connectTimeout=60000,asyncTimeout=60000";   // milliseconds

    [Fact]
    public async Task A_killed_cache_comes_back_on_its_port_with_what_it_held_and_asks_for_the_password()
    {
        using var folder = new TemporaryFolder();
        await using var server = await Redis.StartAsync(folder.Path, TestContext.Current.CancellationToken);
        var address = server.ConnectionString;
        await using (var redis = await ConnectionMultiplexer.ConnectAsync($"{address},{Patient}"))
        {
            Assert.True(await redis.GetDatabase().StringSetAsync("fare", "129.50"));
        }

        await server.KillAsync();
        await Assert.ThrowsAsync<RedisConnectionException>(() => ConnectionMultiplexer.ConnectAsync($"{address},connectRetry=1"));
        await server.StartAgainAsync(TestContext.Current.CancellationToken);

        Assert.Equal(address, server.ConnectionString);
        await using var again = await ConnectionMultiplexer.ConnectAsync($"{address},{Patient}");
        Assert.Equal("129.50", await again.GetDatabase().StringGetAsync("fare"));
        await Assert.ThrowsAsync<RedisConnectionException>(() => ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{server.Port},connectRetry=1"));
    }
}
