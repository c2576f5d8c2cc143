using System.Net;
using System.Text.Json.Nodes;

namespace Aerona.Gateway.Tests.Hosts;

/// <summary>Every service as a process of its own.</summary>
public sealed class HostsTests
{
    private static readonly (string, string?)[] PayPal = [("PayPal__BaseUrl", RunningGateway.Nowhere), ("PayPal__ClientId", "id"), ("PayPal__ClientSecret", "secret")];

    private static readonly (string, string?)[] Services = [.. Routing.Services.WithApi.Select(service => ($"Services__{service}", (string?)RunningGateway.Nowhere))];

    [Theory]
    [InlineData(Routing.Services.Operations)]
    [InlineData(Routing.Services.Airlines)]
    [InlineData(Routing.Services.Search)]
    [InlineData(Routing.Services.Bookings)]
    [InlineData(Routing.Services.Payments)]
    [InlineData(Routing.Services.Tickets)]
    [InlineData(Routing.Services.Notifications)]
    [InlineData(Routing.Services.Users)]
    [InlineData(Routing.Services.Sandbox)]
    [InlineData("Gateway")]
    public async Task Every_service_starts_alone_is_live_and_ready_and_ends_with_0_when_told_to(string service)
    {
        await using var process = ServiceProcess.Start(service, [.. PayPal, .. Services]);

        await process.AnswersAsync("/health/live");
        var ready = await process.AnswersAsync("/health/ready");
        process.Terminate();

        Assert.Equal(0, await process.ExitCodeAsync());
        Assert.Contains("\"state\":", ready, StringComparison.Ordinal);
        Assert.DoesNotContain(process.Output.Split('\n'), line => line.Contains(" ERROR ", StringComparison.Ordinal) || line.Contains(" FATAL ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Routing.Services.Payments, "PayPal__ClientSecret", null, "Aerona.Payments: PayPal:ClientSecret: ")]
    [InlineData(Routing.Services.Airlines, "PublicBaseUrl", "localhost", "Aerona.Airlines: Tokens:PublicAddress or PublicBaseUrl: ")]
    [InlineData(Routing.Services.Search, "ForwardedHeaders__KnownProxies", "everybody", "Aerona.Search: ForwardedHeaders:KnownProxies: 'everybody' is no address")]
    [InlineData(Routing.Services.Tickets, "Tokens__SigningKeyFile", "/nowhere.pem", "Aerona.Tickets: Tokens:SigningKeyFile: /nowhere.pem ")]
    [InlineData(Routing.Services.Notifications, "Messaging__BatchSize", "many", "Aerona.Notifications: Failed to convert configuration value 'many' at 'Messaging:BatchSize'")]
    [InlineData(Routing.Services.Sandbox, "ASPNETCORE_ENVIRONMENT", "Production", "Aerona.Sandbox: ASPNETCORE_ENVIRONMENT: ")]
    [InlineData("Gateway", "Services__Bookings", "booking-service:8080", "Aerona.Gateway: Services:Bookings: must be an absolute http or https address")]
    [InlineData(Routing.Services.Airlines, "Plugins__0", "/nowhere.dll", "Aerona.Airlines: Plugins:0: there is no file /nowhere.dll")]
    public async Task A_wrong_setting_is_named_in_one_line_and_the_process_ends(string service, string key, string? value, string line)
    {
        await using var process = ServiceProcess.Start(service, [.. PayPal, .. Services, (key, value)]);

        var code = await process.ExitCodeAsync();

        Assert.Equal(2, code);
        await RunningGateway.EventuallyAsync(() => Task.FromResult(process.Output.Contains(line, StringComparison.Ordinal)), $"it says {line}; it said {process.Output}");
        Assert.DoesNotContain("   at ", process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_production_tickets_wants_a_bucket_and_notifications_a_mail_server_too()
    {
        await using var tickets = ServiceProcess.Start(Routing.Services.Tickets, ("ASPNETCORE_ENVIRONMENT", "Production"));
        await using var notifications = ServiceProcess.Start(Routing.Services.Notifications, ("ASPNETCORE_ENVIRONMENT", "Production"));

        Assert.NotEqual(0, await tickets.ExitCodeAsync());
        Assert.NotEqual(0, await notifications.ExitCodeAsync());

        foreach (var key in (string[])["S3:Bucket", "Tokens:SigningKeyFile", "PublicBaseUrl"])
        {
            Assert.Contains($"Aerona.Tickets: {key}: must be set in environment Production", tickets.Output, StringComparison.Ordinal);
        }

        Assert.Contains("Aerona.Notifications: Smtp:Host: must be set in environment Production", notifications.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Airlines_plays_the_sandboxs_failures_when_it_is_plugged_in_and_not_otherwise()
    {
        await using var process = ServiceProcess.Start(Routing.Services.Airlines, ("ASPNETCORE_ENVIRONMENT", "Sandbox"), ("Plugins__0", ServiceProcess.Assembly("Sandbox")));
        await using var production = ServiceProcess.Start(Routing.Services.Airlines, ("ASPNETCORE_ENVIRONMENT", "Production"), ("Plugins__0", ServiceProcess.Assembly("Sandbox")));
        await using var empty = ServiceProcess.Start(Routing.Services.Airlines, ("Plugins__0", ServiceProcess.Assembly("Search")));

        await process.AnswersAsync("/health/ready");
        Assert.Contains("Plug-in Aerona.Sandbox", process.Output, StringComparison.Ordinal);
        Assert.Equal(2, await production.ExitCodeAsync());
        Assert.Contains("failure scenarios of the house airline do not start in environment Production", production.Output, StringComparison.Ordinal);
        Assert.Equal(2, await empty.ExitCodeAsync());
        Assert.Contains("Aerona.Search.dll has no [assembly: SupplierPlugin<", empty.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_in_hand_is_answered_before_the_process_ends()
    {
        // The gateway holds a request until the service behind it answers; that is long enough to be told to stop in between.
        var arrived = new TaskCompletionSource();
        var answer = new TaskCompletionSource();
        await using var search = await RunningService.StartAsync(Routing.Services.Search, async context =>
        {
            arrived.TrySetResult();
            await answer.Task;
            context.Response.StatusCode = 201;
        });
        await using var gateway = ServiceProcess.Start("Gateway", [.. Services, ("Services__Search", search.Address.ToString())]);
        await gateway.AnswersAsync("/health/live");

        var request = gateway.Http.GetAsync(new Uri("/v1/places", UriKind.Relative), TestContext.Current.CancellationToken);
        await arrived.Task;
        gateway.Terminate();
        await RunningGateway.EventuallyAsync(() => Task.FromResult(gateway.Output.Contains("Application is shutting down", StringComparison.Ordinal)), "it is shutting down");
        answer.SetResult();

        using var answered = await request;
        Assert.Equal(HttpStatusCode.Created, answered.StatusCode);
        Assert.Equal(0, await gateway.ExitCodeAsync());
    }

    [Fact]
    public async Task With_bus_and_database_out_of_reach_a_service_lives_says_what_is_missing_and_answers_503()
    {
        await using var process = ServiceProcess.Start(
            Routing.Services.Operations, ("ConnectionStrings__operations", "Host=127.0.0.1;Port=1;Database=operations;Username=operations;Password=x;Timeout=2"),
            ("RabbitMq__Host", "127.0.0.1"), ("RabbitMq__Port", "1"), ("RabbitMq__Username", "operations"), ("RabbitMq__Password", "x"));

        await process.AnswersAsync("/health/live");
        using var ready = await process.Http.GetAsync(new Uri("/health/ready", UriKind.Relative), TestContext.Current.CancellationToken);
        var health = JsonNode.Parse(await ready.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        using var answer = await process.Http.GetAsync(new Uri("/v1/operations/flights/AA1-20261205", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal(["bus", "database-operations"], health["checks"]!.AsArray().Where(check => (string?)check!["state"] != "healthy").Select(check => (string?)check!["name"]));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("\"code\":\"database.unavailable\"", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        process.Terminate();
        Assert.Equal(0, await process.ExitCodeAsync());
    }
}
