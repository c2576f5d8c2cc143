using System.Net;
using System.Text.Json;
using Aerona.AllInOne.Commands;
using Xunit;

namespace Aerona.Infrastructure.Tests;

/// <summary>A service says what it waits for, and goes on by itself when it is there.</summary>
public sealed class Readiness(RunningCluster cluster)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_service_that_starts_without_its_servers_lives_says_why_it_is_not_ready_and_recovers_one_by_one()
    {
        var service = cluster.Of("tickets").Single();
        await Task.WhenAll(service.KillAsync(), cluster.Aerona.PostgreSql.KillAsync(), cluster.Aerona.RabbitMq.KillAsync());

        await service.LaunchAgainAsync(Stop);
        using var http = new HttpClient { BaseAddress = service.Address };
        await UntilAsync(async () => await StatusAsync(http, "/health/live") == HttpStatusCode.OK);
        await UntilAsync(async () => await ReasonAsync(http, "database-tickets") is { Length: > 0 } && await ReasonAsync(http, "bus") is { Length: > 0 });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(http, "/health/ready"));

        await cluster.Aerona.PostgreSql.StartAgainAsync(Stop);
        await UntilAsync(async () => await ReasonAsync(http, "database-tickets") is null);
        Assert.NotNull(await ReasonAsync(http, "bus"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(http, "/health/ready"));

        await cluster.Aerona.RabbitMq.StartAgainAsync(Stop);
        await UntilAsync(async () => await StatusAsync(http, "/health/ready") == HttpStatusCode.OK);
        foreach (var process in cluster.Aerona.Services.Values.SelectMany(each => each))
        {
            await UntilAsync(() => process.IsReadyAsync(Stop));   // the others come back as well
        }
    }

    private static async Task<HttpStatusCode?> StatusAsync(HttpClient http, string path)
    {
        try
        {
            using var answer = await http.GetAsync(path, Stop);
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>What an unhealthy check says; null while it is well.</summary>
    private static async Task<string?> ReasonAsync(HttpClient http, string check)
    {
        using var answer = await http.GetAsync("/health/ready", Stop);
        var checks = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Stop)).RootElement.GetProperty("checks").EnumerateArray();
        return checks.Where(each => each.Text("name").Contains(check, StringComparison.Ordinal) && each.Text("state") != "healthy").Select(each => each.Text("reason")).FirstOrDefault();
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (!await condition())
        {
            await pause.WaitForNextTickAsync(limit.Token);
        }
    }
}
