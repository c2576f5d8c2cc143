using System.Globalization;
using System.Net;
using System.Text.Json;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Operations;
using Aerona.Hosting;
using Aerona.Notifications.Data;
using Aerona.Notifications.Push;
using Aerona.Notifications.Tests.Hooks;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Aerona.Notifications.Tests.Push;

/// <summary>Against a push service played on loopback and browsers played by others' libraries.</summary>
public sealed class PushTests(Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task A_confirmed_booking_wakes_the_browsers_of_who_booked_with_nothing_but_a_kind_and_a_link()
    {
        await using var service = await PushServiceAsync();
        await using var place = await Place.StartAsync();
        var subscribed = await SubscribeAsync(place, $"{service.Url}/mine?token=a");
        await SubscribeAsync(place, $"{service.Url}/stranger", place.Token("somebody"));

        await place.BookAsync();
        await place.SettleAsync();

        var sent = Assert.Single(service.All);
        Assert.Equal("/mine", sent.Path);
        Assert.Equal(("aes128gcm", "normal", "application/octet-stream"), (sent.Headers["Content-Encoding"], sent.Headers["Urgency"], sent.Headers["Content-Type"]));
        Assert.Equal(TimeSpan.FromDays(1).TotalSeconds, double.Parse(sent.Headers["TTL"], CultureInfo.InvariantCulture));
        Assert.Matches("^[A-Za-z0-9_-]{32}$", sent.Headers["Topic"]);

        var text = await browser.DecryptAsync(subscribed.P256dh, sent.Body);
        var message = JsonSerializer.Deserialize<JsonElement>(text);
        Assert.Equal(["v", "kind", "id", "link"], message.EnumerateObject().Select(field => field.Name));
        Assert.Equal("booking.confirmed", message.GetProperty("kind").GetString());
        Assert.All(Place.Order.Personal, personal => Assert.DoesNotContain(personal, text, StringComparison.OrdinalIgnoreCase));

        var notice = await place.GetAsync(message.GetProperty("link").GetString()!, token: "");
        Assert.Equal("Your booking is confirmed", notice.GetProperty("title").GetString());
        Assert.StartsWith("/manage/", notice.GetProperty("path").GetString(), StringComparison.Ordinal);
        Assert.All(Place.Order.Personal, personal => Assert.DoesNotContain(personal, notice.ToString(), StringComparison.OrdinalIgnoreCase));
        Assert.Equal("push.notice_unknown", await place.RefusedAsync(HttpStatusCode.NotFound, HttpMethod.Get, "/v1/push-notices/AAAAAAAAAAAAAAAAAAAAAAAA", token: ""));
    }

    [Fact]
    public async Task The_push_service_can_tell_who_sends_by_the_key_that_browsers_subscribe_with()
    {
        await using var service = await PushServiceAsync();
        await using var place = await Place.StartAsync(settings: [("Push:Contact", "mailto:push@aerona.example"), ("Push:PrivateKey", "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")]);
        await SubscribeAsync(place, $"{service.Url}/mine");

        await place.BookAsync();
        await place.SettleAsync();

        var verified = await browser.VerifyAsync(service.All.Single().Headers["Authorization"], service.Url, place.Service.Clock.GetUtcNow());
        var shown = (await place.GetAsync("/v1/push-subscriptions/public-key", token: "")).GetProperty("publicKey").GetString();
        Assert.Equal("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", shown);   // RFC 8291, section 5
        Assert.Equal(shown, verified["key"]!.GetValue<string>());
        Assert.Equal(("JWT", "ES256"), (verified["header"]!["typ"]!.GetValue<string>(), verified["header"]!["alg"]!.GetValue<string>()));
        Assert.Equal("mailto:push@aerona.example", verified["payload"]!["sub"]!.GetValue<string>());
        Assert.InRange(verified["payload"]!["exp"]!.GetValue<long>() - place.Service.Clock.GetUtcNow().ToUnixTimeSeconds(), 1, 86_400);
    }

    [Fact]
    public async Task Of_two_gate_changes_that_wait_only_the_newer_is_sent_and_both_have_one_topic()
    {
        await using var service = await PushServiceAsync();
        await using var place = await Place.StartAsync();
        var subscribed = await SubscribeAsync(place, $"{service.Url}/mine", locale: "vi-VN");
        await place.BookAsync();
        await place.SettleAsync();
        place.Jump(Place.Order.Flight.DepartsAt.AddHours(-3) - place.Service.Clock.GetUtcNow());

        await place.Service.ConsumeAsync(Changed(1, Place.Order.Status with { DepartureGate = "B14" }, place));
        await place.SettleAsync();
        await place.Service.ConsumeAsync(Changed(2, Place.Order.Status with { DepartureGate = "C01" }, place));
        place.Jump(TimeSpan.FromMinutes(1));
        await place.Service.ConsumeAsync(Changed(3, Place.Order.Status with { DepartureGate = "C07" }, place));
        await place.SettleAsync();
        await place.Service.ConsumeAsync(Changed(2, Place.Order.Status with { DepartureGate = "C01" }, place));   // late: it is known better
        await place.SettleAsync();

        var flights = service.All.Skip(1).ToList();
        Assert.Equal(2, flights.Count);
        Assert.Single(flights.Select(sent => sent.Headers["Topic"]).Distinct());
        Assert.All(flights, sent => Assert.Equal("high", sent.Headers["Urgency"]));
        Assert.Equal(TimeSpan.FromMinutes(179).TotalSeconds, double.Parse(flights[1].Headers["TTL"], CultureInfo.InvariantCulture));
        var message = JsonSerializer.Deserialize<JsonElement>(await browser.DecryptAsync(subscribed.P256dh, flights[1].Body));
        Assert.Equal("flight.gate_changed", message.GetProperty("kind").GetString());
        var notice = await place.GetAsync(message.GetProperty("link").GetString()!, token: "");
        Assert.Equal(("vi", "Đổi cửa ra máy bay"), (notice.GetProperty("language").GetString(), notice.GetProperty("title").GetString()));
        Assert.Contains("C07", notice.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal(["push.superseded"], (await NoticesAsync(place)).Select(row => row.Problem).OfType<string>());
    }

    [Theory]
    [InlineData(404)]
    [InlineData(410)]
    public async Task A_browser_that_is_gone_is_forgotten_for_all_it_had_subscribed_for(int status)
    {
        await using var service = await PushServiceAsync(status);
        await using var place = await Place.StartAsync();
        var booking = await place.BookAsync();
        var keys = await browser.SubscribeAsync();
        await SubscribeAsync(place, $"{service.Url}/mine", keys: keys);
        await SubscribeAsync(place, $"{service.Url}/mine", place.GuestToken(booking), bookingId: booking, keys: keys);
        await SubscribeAsync(place, $"{service.Url}/other", place.Token("somebody"));

        await place.Service.ConsumeAsync(Place.Order.Confirmed(booking, "en", place.Service.Clock.GetUtcNow()));
        await place.SettleAsync();

        Assert.Single(service.All);   // once, though it had subscribed twice
        var left = await place.Service.Query<NotificationsDbContext, List<string>>(db => db.PushSubscriptions.Select(row => row.Endpoint).ToListAsync());
        Assert.Equal([$"{service.Url}/other"], left);
        await place.BookAsync();
        await place.SettleAsync();
        Assert.Single(service.All);
    }

    [Fact]
    public async Task A_push_service_that_asks_for_time_gets_it_for_all_its_browsers()
    {
        await using var service = await PushServiceAsync(429, "600");
        await using var place = await Place.StartAsync();
        await SubscribeAsync(place, $"{service.Url}/one");
        await SubscribeAsync(place, $"{service.Url}/two", place.Token("somebody"));

        await place.BookAsync();
        await place.SettleAsync();
        await place.BookAsync("somebody");
        await place.SettleAsync();
        Assert.Equal("/one", Assert.Single(service.All).Path);

        service.Answer = _ => Task.CompletedTask;
        await place.AdvanceAsync(TimeSpan.FromMinutes(9));
        Assert.Single(service.All);
        await place.AdvanceAsync(TimeSpan.FromMinutes(2));

        Assert.Equal(["/one", "/one", "/two"], service.All.Select(sent => sent.Path).Order(StringComparer.Ordinal));
        Assert.All(await NoticesAsync(place), notice => Assert.Equal(PushNoticeState.Sent, notice.State));
    }

    [Fact]
    public async Task What_is_too_large_is_sent_once_more_without_padding_and_what_fails_until_it_is_of_no_use_is_given_up()
    {
        await using var service = await PushServiceAsync(413);
        await using var place = await Place.StartAsync();
        await SubscribeAsync(place, $"{service.Url}/mine");
        await place.BookAsync();
        await place.SettleAsync();
        await place.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(2, service.All.Count);
        Assert.True(service.All[1].Body.Length < service.All[0].Body.Length);
        Assert.Equal((PushNoticeState.Dropped, "push.too_large"), (await NoticesAsync(place)).Single() is var large ? (large.State, large.Problem) : default);

        service.Answer = Status(500, null);
        await place.BookAsync();
        for (var hours = 0; hours <= 24; hours += 4)
        {
            await place.AdvanceAsync(TimeSpan.FromHours(4));
        }

        Assert.Equal((PushNoticeState.Dropped, "push.expired"), (await NoticesAsync(place))[^1] is var failed ? (failed.State, failed.Problem) : default);
        Assert.InRange(service.All.Count, 6, 20);
    }

    [Fact]
    public async Task Whoever_has_the_link_of_a_mail_or_a_guests_token_hears_of_that_booking_alone_and_can_end_it()
    {
        await using var service = await PushServiceAsync();
        await using var place = await Place.StartAsync();
        var booking = await place.BookAsync(owner: null);
        var code = place.Service.Services.GetRequiredService<IBookingLinks>().Code(booking, place.Service.Clock.GetUtcNow().AddDays(7));
        var byLink = await SubscribeAsync(place, $"{service.Url}/link", token: "", code: code);
        var byToken = await SubscribeAsync(place, $"{service.Url}/guest", place.GuestToken(booking), bookingId: booking);

        await place.Service.ConsumeAsync(new BookingFailed(booking, "K7QM2P", "Rejected", "seats.lost", null, MoneyState.NotCharged, new(TicketMessage.Email, null, "en"), place.Service.Clock.GetUtcNow()));
        await place.BookAsync(owner: null);
        await place.SettleAsync();
        Assert.Equal(["/guest", "/link"], service.All.Select(sent => sent.Path).Order(StringComparer.Ordinal));

        Assert.Equal("push.unknown", await place.RefusedAsync(HttpStatusCode.NotFound, HttpMethod.Delete, $"/v1/push-subscriptions/{byLink.Id}", token: place.Token("somebody")));
        Assert.Equal("push.unknown", await place.RefusedAsync(HttpStatusCode.NotFound, HttpMethod.Delete, $"/v1/push-subscriptions/{byLink.Id}", token: ""));
        await place.AskAsync(HttpMethod.Delete, $"/v1/push-subscriptions/{byLink.Id}?code={code}", token: "", expected: HttpStatusCode.NoContent);
        await place.AskAsync(HttpMethod.Delete, $"/v1/push-subscriptions/{byToken.Id}", token: place.GuestToken(booking), expected: HttpStatusCode.NoContent);
        Assert.Equal(0, await place.Service.Query<NotificationsDbContext, int>(db => db.PushSubscriptions.CountAsync()));
    }

    [Fact]
    public async Task A_subscription_that_cannot_be_is_refused_with_its_field()
    {
        await using var place = await Place.StartAsync(allowPrivate: false);
        var (p256dh, auth) = await browser.SubscribeAsync();
        object Body(string? endpoint = null, string? key = null, string? secret = null, string? code = null, Guid? bookingId = null) =>
            new { endpoint = endpoint ?? "https://push.example/1", keys = new { p256dh = key ?? p256dh, auth = secret ?? auth }, code, bookingId };

        foreach (var (body, code) in new[]
        {
            (Body(endpoint: "http://push.example/1"), "push.endpoint_refused"), (Body(endpoint: "https://127.0.0.1/1"), "push.endpoint_refused"),
            (Body(endpoint: "https://[::1]/1"), "push.endpoint_refused"), (Body(endpoint: "nonsense"), "push.endpoint_refused"),
            (Body(key: "BA"), "push.key_invalid"), (Body(key: new string('A', 87)), "push.key_invalid"), (Body(key: "é"), "push.key_invalid"),
            (Body(secret: "AAAA"), "push.auth_invalid"), (Body(code: "no-code"), "push.code_unknown"), (Body(bookingId: Guid.NewGuid()), "push.booking_not_needed"),
        })
        {
            Assert.Equal(code, await place.RefusedAsync(HttpStatusCode.BadRequest, HttpMethod.Post, "/v1/push-subscriptions", body));
        }

        Assert.Equal("auth.required", await place.RefusedAsync(HttpStatusCode.Unauthorized, HttpMethod.Post, "/v1/push-subscriptions", Body(), token: ""));
        Assert.Equal("auth.required", await place.RefusedAsync(HttpStatusCode.Unauthorized, HttpMethod.Post, "/v1/push-subscriptions", Body(bookingId: Guid.NewGuid()), place.GuestToken(Guid.NewGuid())));
        await SubscribeAsync(place, "https://push.example/1");
        await SubscribeAsync(place, "https://push.example/1");
        for (var more = 0; more < 12; more++)
        {
            await SubscribeAsync(place, $"https://push.example/more{more}");
        }

        Assert.Equal(10, await place.Service.Query<NotificationsDbContext, int>(db => db.PushSubscriptions.CountAsync()));
    }

    [Fact]
    public async Task The_page_and_its_worker_are_served_under_a_policy_that_lets_nothing_else_in()
    {
        await using var place = await Place.StartAsync();
        foreach (var (path, type) in new[] { ("/push", "text/html"), ("/push/some-code", "text/html"), ("/push/push.js", "text/javascript"), ("/push/worker.js", "text/javascript"), ("/push/push.css", "text/css") })
        {
            using var answer = await place.SendAsync(HttpMethod.Get, path, token: "");
            Assert.Equal((HttpStatusCode.OK, type), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
            var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
            Assert.Contains("default-src 'none'; script-src 'self'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        }
    }

    private async Task<(string Id, string P256dh)> SubscribeAsync(
        Place place, string endpoint, string? token = null, string? code = null, Guid? bookingId = null, string locale = "en", (string P256dh, string Auth)? keys = null)
    {
        var (p256dh, auth) = keys ?? await browser.SubscribeAsync();
        var made = await place.AskAsync(
            HttpMethod.Post, "/v1/push-subscriptions", new { endpoint, expirationTime = (double?)null, keys = new { p256dh, auth }, code, bookingId, locale }, token, HttpStatusCode.Created);
        return (made.GetProperty("id").GetString()!, p256dh);
    }

    private static async Task<Receiver> PushServiceAsync(int status = 201, string? retryAfter = null)
    {
        var service = await Receiver.StartAsync();
        service.Answer = Status(status, retryAfter);
        return service;
    }

    private static Func<HttpContext, Task> Status(int status, string? retryAfter) => context =>
    {
        context.Response.StatusCode = status;
        context.Response.Headers.RetryAfter = retryAfter;
        return Task.CompletedTask;
    };

    private static FlightStatusChanged Changed(long version, FlightStatus now, Place place) => new(Place.Order.Status, now, version, place.Service.Clock.GetUtcNow());

    private static Task<List<PushNotice>> NoticesAsync(Place place) =>
        place.Service.Query<NotificationsDbContext, List<PushNotice>>(db => db.PushNotices.AsNoTracking().OrderBy(row => row.At).ToListAsync());
}
