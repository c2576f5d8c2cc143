using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Aerona.Contracts.Notifications;
using Aerona.Notifications.Data;
using Aerona.Notifications.Hooks;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Aerona.Notifications.Tests.Hooks;

public sealed class WebhookTests
{
    [Fact]
    public async Task Events_reach_the_endpoints_that_asked_for_them_signed_and_numbered_and_name_nobody()
    {
        await using var hook = await Receiver.StartAsync();
        await using var place = await Place.StartAsync();
        var (_, secret) = await place.EndpointAsync($"{hook.Url}/all");
        await place.EndpointAsync($"{hook.Url}/confirmed", null, "booking.confirmed");
        await place.EndpointAsync($"{hook.Url}/other", place.Token("live-other"));

        var booking = await place.BookAsync();
        await place.Service.ConsumeAsync(Place.Order.Ticketed(booking));
        await place.BookAsync(owner: null);
        await place.SettleAsync();

        var all = hook.All.Where(each => each.Path == "/all").OrderBy(each => each.Headers["Aerona-Sequence"], StringComparer.Ordinal).ToList();
        Assert.Equal(["booking.submitted", "booking.confirmed", "booking.ticketed"], all.Select(each => each.Headers["Aerona-Event-Type"]));
        Assert.Equal(["1", "2", "3"], all.Select(each => each.Headers["Aerona-Sequence"]));
        Assert.Equal("1", Assert.Single(hook.All, each => each.Path == "/confirmed").Headers["Aerona-Sequence"]);
        Assert.DoesNotContain(hook.All, each => each.Path == "/other");
        foreach (var request in all)
        {
            var (t, signatures) = Signatures(request);
            Assert.Equal([Expected(request, t, secret)], signatures);
            Assert.Equal(place.Service.Clock.GetUtcNow(), DateTimeOffset.FromUnixTimeSeconds(long.Parse(t, CultureInfo.InvariantCulture)));
            var body = JsonSerializer.Deserialize<JsonElement>(request.Body);
            Assert.Equal((request.Headers["Aerona-Event-Id"], 1, "live"), (body.GetProperty("id").GetString(), body.GetProperty("version").GetInt32(), body.GetProperty("mode").GetString()));
            Assert.Equal(booking, body.GetProperty("data").GetProperty("bookingId").GetGuid());
            Assert.All(Place.Order.Personal, personal => Assert.DoesNotContain(personal, request.Text, StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public async Task What_fails_is_tried_again_with_growing_pauses_for_72_hours_then_the_endpoint_is_disabled_and_its_owner_can_read_why()
    {
        await using var hook = await Receiver.StartAsync();
        hook.Answer = Status(500);
        await using var place = await Place.StartAsync();
        var (id, _) = await place.EndpointAsync(hook.Url, null, "booking.confirmed");
        var began = place.Service.Clock.GetUtcNow();
        await place.BookAsync();
        await place.SettleAsync();

        var pauses = new List<TimeSpan>();
        while ((await DeliveriesAsync(place)).Single() is { State: WebhookDeliveryState.Pending, NextAttemptAt: { } next })
        {
            pauses.Add(next - place.Service.Clock.GetUtcNow());
            await place.AdvanceAsync(pauses[^1]);
        }

        var (delivery, endpoint) = ((await DeliveriesAsync(place)).Single(), await EndpointAsync(place));
        Assert.Equal((WebhookDeliveryState.GivenUp, pauses.Count + 1, hook.All.Count), (delivery.State, delivery.Attempts, delivery.Attempts));
        Assert.Equal(TimeSpan.FromHours(72), delivery.DoneAt - began);
        foreach (var (tries, pause) in pauses.SkipLast(1).Index())
        {
            var expected = TimeSpan.FromSeconds(Math.Min(10 * Math.Pow(3, tries), 6 * 3600));
            Assert.InRange(pause, expected * 0.8, expected * 1.2);
        }

        Assert.Equal((WebhookState.Disabled, "endpoint.failing"), (endpoint.State, endpoint.DisabledReason));
        Assert.Single(hook.All.Select(each => each.Text).Distinct());   // byte for byte the same
        Assert.True(hook.All.Select(each => each.Headers["Aerona-Signature"]).Distinct().Count() > 1);
        var feed = await place.GetAsync("/v1/events?type=webhook_endpoint.disabled");
        Assert.Equal(id, feed.GetProperty("events")[0].GetProperty("data").GetProperty("endpointId").GetString());
        var shown = await place.GetAsync($"/v1/webhook-endpoints/{id}/deliveries/{delivery.Id}");
        Assert.Equal(pauses.Count + 1, shown.GetProperty("attempts").GetArrayLength());
        Assert.Equal((500, "answer.status"), (shown.GetProperty("attempts")[0].GetProperty("status").GetInt32(), shown.GetProperty("attempts")[0].GetProperty("problem").GetString()));
    }

    [Fact]
    public async Task A_disabled_endpoint_gets_nothing_and_when_it_is_enabled_again_what_had_waited()
    {
        await using var hook = await Receiver.StartAsync();
        hook.Answer = Status(503);
        await using var place = await Place.StartAsync();
        var (id, _) = await place.EndpointAsync(hook.Url, null, "booking.confirmed");
        await place.BookAsync();
        await place.SettleAsync();

        await place.AskAsync(HttpMethod.Patch, $"/v1/webhook-endpoints/{id}", new { state = "disabled" });
        await place.BookAsync();
        await place.AdvanceAsync(TimeSpan.FromHours(1));
        Assert.Single(hook.All);
        Assert.Equal("webhook.disabled", await place.RefusedAsync(HttpStatusCode.Conflict, HttpMethod.Post, $"/v1/webhook-endpoints/{id}/pings"));

        hook.Answer = Status(200);
        var enabled = await place.AskAsync(HttpMethod.Patch, $"/v1/webhook-endpoints/{id}", new { state = "enabled" });
        await place.SettleAsync();

        Assert.Equal(JsonValueKind.Null, enabled.GetProperty("disabledReason").ValueKind);
        Assert.Equal(["1", "1"], hook.All.Select(each => each.Headers["Aerona-Sequence"]));
        Assert.Equal(WebhookDeliveryState.Delivered, (await DeliveriesAsync(place)).Single().State);
    }

    [Fact]
    public async Task An_endpoint_that_answers_again_after_trouble_gets_all_that_waits_at_once()
    {
        await using var hook = await Receiver.StartAsync();
        hook.Answer = Status(500);
        await using var place = await Place.StartAsync();
        await place.EndpointAsync(hook.Url, null, "booking.confirmed");
        for (var booking = 0; booking < 5; booking++)
        {
            await place.BookAsync();
        }

        await place.SettleAsync();
        await place.AdvanceAsync(TimeSpan.FromMinutes(30));
        await place.AdvanceAsync(TimeSpan.FromMinutes(30));
        Assert.All(await DeliveriesAsync(place), delivery => Assert.Equal(WebhookDeliveryState.Pending, delivery.State));

        hook.Answer = Status(204);
        var first = (await DeliveriesAsync(place)).Min(delivery => delivery.NextAttemptAt)!.Value;
        await place.AdvanceAsync(first - place.Service.Clock.GetUtcNow());

        Assert.All(await DeliveriesAsync(place), delivery => Assert.Equal(WebhookDeliveryState.Delivered, delivery.State));
        Assert.Equal((0, null), await EndpointAsync(place) is var endpoint ? (endpoint.Failures, endpoint.FailingSince) : default);
    }

    [Fact]
    public async Task An_endpoint_that_asks_for_time_gets_it_and_one_that_is_gone_is_left_alone()
    {
        await using var hook = await Receiver.StartAsync();
        hook.Answer = context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "1800";
            return Task.CompletedTask;
        };
        await using var place = await Place.StartAsync();
        await place.EndpointAsync(hook.Url, null, "booking.confirmed");
        await place.BookAsync();
        await place.SettleAsync();
        Assert.Equal(TimeSpan.FromMinutes(30), (await DeliveriesAsync(place)).Single().NextAttemptAt - place.Service.Clock.GetUtcNow());

        hook.Answer = Status(410);
        await place.AdvanceAsync(TimeSpan.FromMinutes(30));

        Assert.Equal((WebhookState.Disabled, "endpoint.gone"), await EndpointAsync(place) is var endpoint ? (endpoint.State, endpoint.DisabledReason) : default);
        Assert.Equal(2, hook.All.Count);
    }

    [Fact]
    public async Task While_one_secret_replaces_another_both_sign_and_then_the_new_one_alone()
    {
        await using var hook = await Receiver.StartAsync();
        await using var place = await Place.StartAsync();
        var (id, old) = await place.EndpointAsync(hook.Url, null, "booking.confirmed");

        var rotated = await place.AskAsync(HttpMethod.Post, $"/v1/webhook-endpoints/{id}/secrets", new { oldEndsAfterHours = 12 });
        var secret = rotated.GetProperty("secret").GetString()!;
        await place.BookAsync();
        await place.SettleAsync();
        await place.AdvanceAsync(TimeSpan.FromHours(12));
        await place.BookAsync();
        await place.SettleAsync();

        Assert.NotEqual(old, secret);
        Assert.Equal(2, rotated.GetProperty("endpoint").GetProperty("secrets").GetArrayLength());
        var (t, both) = Signatures(hook.All[0]);
        Assert.Equal([Expected(hook.All[0], t, secret), Expected(hook.All[0], t, old)], both);
        (t, var one) = Signatures(hook.All[1]);
        Assert.Equal([Expected(hook.All[1], t, secret)], one);

        var third = await place.AskAsync(HttpMethod.Post, $"/v1/webhook-endpoints/{id}/secrets", new { });
        var fourth = await place.AskAsync(HttpMethod.Post, $"/v1/webhook-endpoints/{id}/secrets", new { });
        Assert.Equal((2, 2), (third.GetProperty("endpoint").GetProperty("secrets").GetArrayLength(), fourth.GetProperty("endpoint").GetProperty("secrets").GetArrayLength()));
        var stored = (await EndpointAsync(place)).Secrets;
        Assert.All(stored, kept => Assert.DoesNotContain("whsec", kept.Secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_hook_that_hangs_holds_up_nobody_else_is_tried_by_one_at_a_time_and_goes_on_in_the_queue_of_those_that_fail()
    {
        await using var hanging = await Receiver.StartAsync();
        await using var well = await Receiver.StartAsync();
        hanging.Answer = context => new TaskCompletionSource().Task.WaitAsync(context.RequestAborted);
        await using var place = await Place.StartAsync();
        await place.EndpointAsync(hanging.Url, null, "booking.confirmed");
        await place.EndpointAsync(well.Url, place.Token("live-other"), "booking.confirmed");

        await place.BookAsync();
        var due = await place.DueAsync();
        var stuck = place.DeliverAsync(due.Single());
        await hanging.NextAsync();
        await place.Service.ConsumeAsync(due.Single().Message);   // a second time, while the first is under way: put off, nothing is sent
        await place.BookAsync("live-other");
        foreach (var message in (await place.DueAsync()).Where(message => message.Message is DeliverWebhooks))
        {
            await place.DeliverAsync(message);
        }

        Assert.Single(well.All);
        Assert.Single(hanging.All);
        Assert.False(stuck.IsCompleted);

        place.Service.Clock.Advance(TimeSpan.FromSeconds(11));
        await stuck;
        var delivery = (await DeliveriesAsync(place)).Single(row => row.State == WebhookDeliveryState.Pending);
        Assert.Equal((null, "call.timeout"), (delivery.LastStatus, delivery.LastProblem));
        Assert.IsType<RetryWebhooks>((await place.Service.OutgoingAsync(0))[^1].Message);
    }

    [Fact]
    public async Task A_redirect_is_a_failure_and_is_not_followed()
    {
        await using var hook = await Receiver.StartAsync();
        hook.Answer = context =>
        {
            context.Response.Redirect($"{hook.Url}/inside", permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        };
        await using var place = await Place.StartAsync();
        await place.EndpointAsync($"{hook.Url}/outside", null, "booking.confirmed");
        await place.BookAsync();
        await place.SettleAsync();

        Assert.Equal("/outside", Assert.Single(hook.All).Path);
        Assert.Equal((307, "answer.redirect"), (await DeliveriesAsync(place)).Single() is var delivery ? (delivery.LastStatus, delivery.LastProblem) : default);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(500)]
    public async Task Of_an_answer_without_end_only_its_beginning_is_read(int status)
    {
        await using var hook = await Receiver.StartAsync();
        var cutOff = new TaskCompletionSource();
        hook.Answer = async context =>
        {
            context.Response.StatusCode = status;
            var megabyte = Encoding.ASCII.GetBytes(new string('x', 1 << 20));
            using var aborted = context.RequestAborted.Register(() => cutOff.TrySetResult());
            while (!cutOff.Task.IsCompleted)
            {
                await context.Response.Body.WriteAsync(megabyte);
            }
        };
        await using var place = await Place.StartAsync();
        await place.EndpointAsync(hook.Url, null, "booking.confirmed");
        await place.BookAsync();
        await place.SettleAsync();

        await cutOff.Task.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
        var attempt = await place.Service.Query<NotificationsDbContext, WebhookAttempt>(db => db.WebhookAttempts.AsNoTracking().SingleAsync());
        Assert.Equal((status, status == 200 ? null : new string('x', 300)), (attempt.Status, attempt.Answer));
    }

    [Fact]
    public async Task A_host_that_resolves_to_loopback_is_not_connected_to_not_even_beside_a_public_address()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var names = new Names(new() { ["inside.example"] = [[IPAddress.Loopback]], ["both.example"] = [[IPAddress.Parse("93.184.215.14"), IPAddress.Parse("::ffff:127.0.0.1")]] });
        await using var place = await Place.StartAsync(allowPrivate: false, builder => builder.Services.AddSingleton<INames>(names));
        foreach (var host in new[] { "inside.example", "both.example" })
        {
            await place.EndpointAsync($"https://{host}:{port}/hook", null, "booking.confirmed");
        }

        await place.BookAsync();
        await place.SettleAsync();

        Assert.Equal(["call.address_refused", "call.address_refused"], (await DeliveriesAsync(place)).Select(delivery => delivery.LastProblem));
        Assert.False(listener.Pending());
    }

    [Fact]
    public async Task A_ping_is_sent_once_a_delivery_can_be_sent_again_and_all_of_it_stands_in_the_log()
    {
        await using var hook = await Receiver.StartAsync();
        await using var place = await Place.StartAsync();
        var (id, _) = await place.EndpointAsync(hook.Url, null, "booking.confirmed");
        await place.BookAsync();
        await place.SettleAsync();
        var sent = (await place.GetAsync($"/v1/webhook-endpoints/{id}/deliveries")).GetProperty("items")[0];

        await place.AskAsync(HttpMethod.Post, $"/v1/webhook-endpoints/{id}/deliveries/{sent.GetProperty("id").GetString()}/resends", expected: HttpStatusCode.Accepted);
        hook.Answer = context =>
        {
            context.Response.StatusCode = context.Request.Headers["Aerona-Event-Type"] == "ping" ? 500 : 200;
            return Task.CompletedTask;
        };
        await place.AdvanceAsync(TimeSpan.FromSeconds(1));   // newer, so that it stands first in the log
        await place.AskAsync(HttpMethod.Post, $"/v1/webhook-endpoints/{id}/pings", expected: HttpStatusCode.Accepted);
        await place.SettleAsync();
        await place.AdvanceAsync(TimeSpan.FromHours(1));

        Assert.Equal(["booking.confirmed", "booking.confirmed", "ping"], hook.All.Select(each => each.Headers["Aerona-Event-Type"]));
        Assert.Equal((hook.All[0].Text, hook.All[0].Headers["Aerona-Delivery-Id"]), (hook.All[1].Text, hook.All[1].Headers["Aerona-Delivery-Id"]));
        var log = (await place.GetAsync($"/v1/webhook-endpoints/{id}/deliveries?limit=1"));
        Assert.Equal(("ping", "givenUp"), log.GetProperty("items")[0] is var ping ? (ping.GetProperty("type").GetString(), ping.GetProperty("state").GetString()) : default);
        var next = await place.GetAsync($"/v1/webhook-endpoints/{id}/deliveries?limit=1&cursor={log.GetProperty("nextCursor").GetString()}");
        Assert.Equal(("booking.confirmed", 2), next.GetProperty("items")[0] is var delivery ? (delivery.GetProperty("type").GetString(), delivery.GetProperty("attempts").GetInt32()) : default);
        Assert.Equal(JsonValueKind.Null, next.GetProperty("nextCursor").ValueKind);
        Assert.Equal(1, (await place.GetAsync($"/v1/webhook-endpoints/{id}/deliveries?state=delivered")).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task A_message_that_was_lost_is_raised_again_by_the_sweep()
    {
        await using var hook = await Receiver.StartAsync();
        await using var place = await Place.StartAsync();
        await place.EndpointAsync(hook.Url, null, "booking.confirmed");
        await place.BookAsync();
        var keep = place.Service.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<KeepHooks>().Single();

        Assert.Equal(0, await keep.RaiseAsync(TestContext.Current.CancellationToken));
        await place.Service.Query<NotificationsDbContext, int>(db => db.Database.ExecuteSqlAsync($"DELETE FROM outbox"));
        place.Jump(TimeSpan.FromMinutes(3));
        Assert.Equal(1, await keep.RaiseAsync(TestContext.Current.CancellationToken));
        await place.SettleAsync();

        Assert.Single(hook.All);
    }

    private static Func<HttpContext, Task> Status(int status) => context =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    };

    private static Task<List<WebhookDelivery>> DeliveriesAsync(Place place) =>
        place.Service.Query<NotificationsDbContext, List<WebhookDelivery>>(db => db.WebhookDeliveries.AsNoTracking().OrderBy(row => row.Sequence).ToListAsync());

    private static Task<WebhookEndpoint> EndpointAsync(Place place) =>
        place.Service.Query<NotificationsDbContext, WebhookEndpoint>(db => db.WebhookEndpoints.AsNoTracking().SingleAsync());

    private static (string T, string[] Signatures) Signatures(Received request)
    {
        var parts = request.Headers["Aerona-Signature"].Split(',').Select(part => part.Split('=')).ToList();
        return (parts.Single(part => part[0] == "t")[1], [.. parts.Where(part => part[0] == "v1").Select(part => part[1])]);
    }

    /// <summary>As docs/webhooks.md tells receivers to compute it.</summary>
    private static string Expected(Received request, string t, string secret)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        hmac.AppendData(Encoding.UTF8.GetBytes($"{t}."));
        hmac.AppendData(request.Body);
        return Convert.ToHexStringLower(hmac.GetHashAndReset());
    }
}

/// <summary>Names whose addresses change from one look to the next; the last ones stay.</summary>
internal sealed class Names(Dictionary<string, IPAddress[][]> answers) : INames
{
    public List<string> Asked { get; } = [];

    public Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        lock (Asked)
        {
            Asked.Add(host);
            var all = answers[host];
            return Task.FromResult<IReadOnlyList<IPAddress>>(all[Math.Min(Asked.Count(asked => asked == host), all.Length) - 1]);
        }
    }
}
