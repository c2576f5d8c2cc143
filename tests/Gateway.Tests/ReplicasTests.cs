using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Http;

namespace Aerona.Gateway.Tests;

public sealed class ReplicasTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task A_service_that_is_not_there_is_a_503_to_be_sent_again(string method)
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var request = new HttpRequestMessage(new(method), "/v1/bookings");

        using var answer = await gateway.Http.SendAsync(request, Stop);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        Assert.Equal("2", answer.Headers.GetValues("Retry-After").Single());
        var problem = await answer.Content.ReadFromJsonAsync<System.Text.Json.Nodes.JsonObject>(Stop);
        Assert.Equal(("gateway.service_unavailable", true, answer.Headers.GetValues("X-Request-Id").Single()), ((string?)problem!["code"], (bool?)problem["retryable"], (string?)problem["requestId"]));
    }

    [Theory]
    [InlineData("GET", "/v1/bookings/1", null, true)]
    [InlineData("POST", "/v1/bookings", "key-1", true)]
    [InlineData("POST", "/v1/booking-lookups", null, true)]    // changes nothing
    [InlineData("POST", "/v1/bookings", null, false)]
    [InlineData("DELETE", "/v1/bookings/1", null, false)]
    public async Task What_may_be_repeated_goes_to_the_next_replica_when_one_breaks_off_and_nothing_else_does(string method, string path, string? key, bool isRepeated)
    {
        var bodies = new List<string>();
        async Task Handle(HttpContext context, bool breaks)
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync();
            lock (bodies)
            {
                bodies.Add(body);
                breaks &= bodies.Count == 1;
            }

            if (breaks)
            {
                context.Abort();
                return;
            }

            await context.Response.WriteAsync("done");
        }

        // Whichever is asked first breaks off.
        await using var one = await RunningService.StartAsync(Routing.Services.Bookings, context => Handle(context, true));
        await using var two = await RunningService.StartAsync(Routing.Services.Bookings, context => Handle(context, true));
        await using var gateway = await RunningGateway.StartAsync([one, two]);
        using var request = new HttpRequestMessage(new(method), path) { Content = method == "GET" ? null : new StringContent("the body") };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        using var answer = await gateway.Http.SendAsync(request, Stop);

        var text = await answer.Content.ReadAsStringAsync(Stop);
        if (isRepeated)
        {
            Assert.Equal((HttpStatusCode.OK, "done"), (answer.StatusCode, text));
            Assert.Equal((1, 1), (one.Requests, two.Requests));
            Assert.Equal(bodies[0], bodies[1]);
        }
        else
        {
            Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
            Assert.Contains("\"code\":\"gateway.no_answer\"", text, StringComparison.Ordinal);
            Assert.Contains("\"retryable\":null", text, StringComparison.Ordinal);
            Assert.Single(bodies);
        }
    }

    [Fact]
    public async Task A_killed_replica_costs_no_request_and_is_asked_again_when_it_is_back()
    {
        await using var one = await RunningService.StartAsync(Routing.Services.Bookings, context => context.Response.WriteAsync("one"));
        await using var two = await RunningService.StartAsync(Routing.Services.Bookings, context => context.Response.WriteAsync("two"));
        await using var gateway = await RunningGateway.StartAsync([one, two], ("Gateway:HealthInterval", "00:00:00.200"), ("Gateway:LeftOutFor", "00:00:00.500"));
        await RunningGateway.EventuallyAsync(async () => await AskAsync(gateway) is "one", "the first is asked");
        await RunningGateway.EventuallyAsync(async () => await AskAsync(gateway) is "two", "the second is asked");

        await one.KillAsync();
        var answers = new List<string>();
        for (var asked = 0; asked < 60; asked++)
        {
            answers.Add(await AskAsync(gateway, HttpMethod.Post));   // without a key: nothing was sent to the dead one, so even this may go elsewhere
        }

        Assert.Equal(["two"], answers.Distinct());
        await RunningGateway.EventuallyAsync(async () => await HealthAsync(gateway, "bookings") is ("degraded", "1 of 2 replicas ready"), "the gateway knows that one is gone");
        await one.StartAsync();
        await RunningGateway.EventuallyAsync(async () => await AskAsync(gateway) is "one", "the first is asked again");
    }

    [Fact]
    public async Task A_replica_that_is_not_ready_is_left_out_but_when_none_is_ready_they_are_asked_all_the_same()
    {
        await using var one = await RunningService.StartAsync(Routing.Services.Bookings, context => context.Response.WriteAsync("one"));
        await using var two = await RunningService.StartAsync(Routing.Services.Bookings, context => context.Response.WriteAsync("two"));
        one.IsReady = false;
        await using var gateway = await RunningGateway.StartAsync([one, two], ("Gateway:HealthInterval", "00:00:00.200"));

        await RunningGateway.EventuallyAsync(async () => await HealthAsync(gateway, "bookings") is ("degraded", "1 of 2 replicas ready"), "the gateway knows that one is not ready");
        var asked = one.Requests;
        for (var each = 0; each < 20; each++)
        {
            Assert.Equal("two", await AskAsync(gateway));
        }

        Assert.Equal(asked, one.Requests);
        two.IsReady = false;
        await RunningGateway.EventuallyAsync(async () => await HealthAsync(gateway, "bookings") is ("degraded", "0 of 2 replicas ready"), "the gateway knows that none is ready");
        Assert.Contains(await AskAsync(gateway), (string[])["one", "two"]);
    }

    [Fact]
    public async Task The_gateway_is_ready_as_soon_as_it_can_route_and_says_which_services_are_not()
    {
        await using var search = await RunningService.StartAsync(Routing.Services.Search, _ => Task.CompletedTask);
        await using var gateway = await RunningGateway.StartAsync([search], ("Gateway:HealthInterval", "00:00:00.200"));

        await RunningGateway.EventuallyAsync(async () => await HealthAsync(gateway, "payments") is ("degraded", "not ready"), "the gateway knows that payments are gone");

        var (status, health) = await gateway.AskAsync(new(HttpMethod.Get, "/health/ready"));
        Assert.Equal((HttpStatusCode.OK, "degraded"), (status, (string?)health!["state"]));
        Assert.Equal(("healthy", null), await HealthAsync(gateway, "search"));
        Assert.Equal(("healthy", "not configured"), await HealthAsync(gateway, "sandbox"));
        Assert.Equal(HttpStatusCode.OK, (await gateway.AskAsync(new(HttpMethod.Get, "/health/live"))).Status);
    }

    private static async Task<string> AskAsync(RunningGateway gateway, HttpMethod? method = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, "/v1/bookings/1");
        using var answer = await gateway.Http.SendAsync(request, Stop);
        return await answer.Content.ReadAsStringAsync(Stop);
    }

    private static async Task<(string? State, string? Reason)> HealthAsync(RunningGateway gateway, string service)
    {
        var (_, health) = await gateway.AskAsync(new(HttpMethod.Get, "/health/ready"));
        var check = health!["checks"]!.AsArray().Single(check => (string?)check!["name"] == service)!;
        return ((string?)check["state"], (string?)check["reason"]);
    }
}
