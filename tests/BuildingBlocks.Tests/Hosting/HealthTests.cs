using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aerona.BuildingBlocks.Tests.Hosting;

public sealed class HealthTests
{
    [Fact]
    public async Task Ready_tells_every_check_with_its_state_and_reason_and_live_asks_none()
    {
        await using var shop = await Shop.StartAsync(also: services => services.AddHealthChecks()
            .AddCheck("printer", () => HealthCheckResult.Unhealthy("out of paper"))
            .AddCheck("disk", () => throw new IOException("secret place"))
            .AddCheck("clock", () => HealthCheckResult.Healthy())
            .AddCheck("stock", () => HealthCheckResult.Degraded("nearly empty")));

        var ready = await shop.GetAsync("/health/ready");
        var live = await shop.GetAsync("/health/live");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal(
            """{"state":"unhealthy","checks":[{"name":"clock","state":"healthy","reason":null},{"name":"disk","state":"unhealthy","reason":"The check failed; the log says how."},{"name":"printer","state":"unhealthy","reason":"out of paper"},{"name":"stock","state":"degraded","reason":"nearly empty"}]}""",
            await ready.Content.ReadAsStringAsync());
        Assert.Equal((HttpStatusCode.OK, """{"state":"healthy","checks":[]}"""), (live.StatusCode, await live.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task A_host_with_nothing_to_complain_of_is_ready()
    {
        await using var shop = await Shop.StartAsync();

        Assert.Equal(HttpStatusCode.OK, (await shop.GetAsync("/health/ready")).StatusCode);
    }
}
