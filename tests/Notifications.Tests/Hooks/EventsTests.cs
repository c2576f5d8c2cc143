using System.Net;
using System.Text.Json;
using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Operations;
using Aerona.Contracts.Payments;
using Aerona.LocalServers;
using Aerona.Notifications.Data;
using Aerona.Notifications.Hooks;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace Aerona.Notifications.Tests.Hooks;

public sealed class EventsTests
{
    [Fact]
    public async Task The_feed_tells_a_bookings_story_by_type_and_from_any_cursor()
    {
        await using var place = await Place.StartAsync();
        var booking = await place.BookAsync();
        var now = place.Service.Clock.GetUtcNow();
        await place.Service.ConsumeAsync(Place.Order.Ticketed(booking));
        await place.Service.ConsumeAsync(new CancellationNews(
            booking, Guid.NewGuid(), "K7QM2P", CancellationNewsKind.Cancelled, Money.Of(40, "USD"), true, [], null, null, new(TicketMessage.Email, null, "en"), [], now));
        await place.Service.ConsumeAsync(new PaymentRefunded(booking, Guid.NewGuid(), Guid.NewGuid(), Money.Of(40, "USD")));
        await place.Service.ConsumeAsync(new FlightStatusChanged(
            Place.Order.Status, Place.Order.Status with { ScheduledOffBlock = Place.Order.Flight.DepartsAt.AddHours(2), ScheduledOnBlock = Place.Order.Flight.ArrivesAt.AddHours(2) }, 1, now));
        await place.Service.ConsumeAsync(new FlightStatusChanged(Place.Order.Status, Place.Order.Status with { DepartureGate = "B14" }, 2, now));   // no change of schedule

        var (all, end) = await ReadAsync(place, "/v1/events?limit=2");
        Assert.Equal(["booking.submitted", "booking.confirmed", "booking.ticketed", "booking.cancelled", "booking.refunded", "booking.schedule_changed"], all.Select(Type));
        Assert.All(all, each => Assert.Equal(booking, each.GetProperty("data").GetProperty("bookingId").GetGuid()));
        Assert.Equal("40.00", all[4].GetProperty("data").GetProperty("amount").GetProperty("amount").GetString());
        Assert.All(Place.Order.Personal, personal => Assert.DoesNotContain(personal, string.Concat(all), StringComparison.OrdinalIgnoreCase));

        var (some, _) = await ReadAsync(place, "/v1/events?type=booking.refunded,booking.failed&limit=1");
        Assert.Equal(["booking.refunded"], some.Select(Type));
        Assert.Empty((await ReadAsync(place, $"/v1/events?cursor={end}")).Events);
        await place.Service.ConsumeAsync(new BookingNews(booking, "K7QM2P", BookingNewsKind.PayAgain, Money.Of(40, "USD"), null, now.AddDays(1), new(TicketMessage.Email, null, "en"), now));
        Assert.Equal(["booking.payment_due"], (await ReadAsync(place, $"/v1/events?cursor={end}")).Events.Select(Type));
        Assert.Equal(Type(all[0]), Type(await place.GetAsync($"/v1/events/{all[0].GetProperty("id").GetString()}")));
    }

    [Fact]
    public async Task Others_events_and_endpoints_are_unknown_and_guests_have_none()
    {
        await using var place = await Place.StartAsync();
        var booking = await place.BookAsync();
        var (id, _) = await place.EndpointAsync("https://hook.example/");
        var @event = (await ReadAsync(place, "/v1/events")).Events[0].GetProperty("id").GetString();
        var other = place.Token("live-other");

        Assert.Empty((await place.GetAsync("/v1/events", other)).GetProperty("events").EnumerateArray());
        Assert.Equal("event.unknown", await place.RefusedAsync(HttpStatusCode.NotFound, HttpMethod.Get, $"/v1/events/{@event}", token: other));
        Assert.Empty((await place.GetAsync("/v1/webhook-endpoints", other)).GetProperty("endpoints").EnumerateArray());
        foreach (var (method, path) in new[]
        {
            (HttpMethod.Get, ""), (HttpMethod.Patch, ""), (HttpMethod.Delete, ""), (HttpMethod.Post, "/pings"), (HttpMethod.Post, "/secrets"), (HttpMethod.Get, "/deliveries"),
        })
        {
            object? body = method == HttpMethod.Patch || path == "/secrets" ? new { } : null;
            Assert.Equal("webhook.unknown", await place.RefusedAsync(HttpStatusCode.NotFound, method, $"/v1/webhook-endpoints/{id}{path}", body, other));
        }

        Assert.Equal("auth.forbidden", await place.RefusedAsync(HttpStatusCode.Forbidden, HttpMethod.Get, "/v1/events", token: place.GuestToken(booking)));
        Assert.Equal("auth.forbidden", await place.RefusedAsync(HttpStatusCode.Forbidden, HttpMethod.Get, "/v1/webhook-endpoints", token: place.GuestToken(booking)));
        Assert.Equal("auth.required", await place.RefusedAsync(HttpStatusCode.Unauthorized, HttpMethod.Get, "/v1/events", token: ""));
    }

    [Fact]
    public async Task What_cannot_be_is_refused_with_its_field_and_a_repeated_call_makes_one_endpoint()
    {
        await using var place = await Place.StartAsync(allowPrivate: false);
        foreach (var (body, code) in new (object, string)[]
        {
            (new { url = "http://hook.example/" }, "webhook.url_refused"), (new { url = "https://10.0.0.1/" }, "webhook.url_refused"),
            (new { url = "https://hook.example/", types = new[] { "booking.eaten" } }, "webhook.type_unknown"),
            (new { url = "https://hook.example/", description = "a\nb" }, "webhook.description_invalid"), (new { }, "request.missing_field"),
        })
        {
            Assert.Equal(code, await place.RefusedAsync(HttpStatusCode.BadRequest, HttpMethod.Post, "/v1/webhook-endpoints", body));
        }

        foreach (var (path, code) in new[]
        {
            ("/v1/events?type=nothing", "event.type_unknown"), ("/v1/events?limit=0", "limit.out_of_range"), ("/v1/events?cursor=%21", "cursor.invalid"), ("/v1/events?cursor=YQ", "cursor.invalid"),
        })
        {
            Assert.Equal(code, await place.RefusedAsync(HttpStatusCode.BadRequest, HttpMethod.Get, path));
        }

        using var first = await place.SendAsync(HttpMethod.Post, "/v1/webhook-endpoints", new { url = "https://hook.example/" }, key: "the-same");
        using var again = await place.SendAsync(HttpMethod.Post, "/v1/webhook-endpoints", new { url = "https://hook.example/" }, key: "the-same");
        Assert.Equal(await first.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), await again.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var id = (await place.GetAsync("/v1/webhook-endpoints")).GetProperty("endpoints").EnumerateArray().Single().GetProperty("id").GetString();
        Assert.Equal("webhook.state_invalid", await place.RefusedAsync(HttpStatusCode.BadRequest, HttpMethod.Patch, $"/v1/webhook-endpoints/{id}", new { state = "deleted" }));
        Assert.Equal("webhook.hours_out_of_range", await place.RefusedAsync(HttpStatusCode.BadRequest, HttpMethod.Post, $"/v1/webhook-endpoints/{id}/secrets", new { oldEndsAfterHours = 200 }));
        Assert.Equal("webhook.state_invalid", await place.RefusedAsync(HttpStatusCode.BadRequest, HttpMethod.Get, $"/v1/webhook-endpoints/{id}/deliveries?state=lost"));
        for (var more = 1; more < 20; more++)
        {
            await place.EndpointAsync("https://hook.example/");
        }

        Assert.Equal("webhook.too_many", await place.RefusedAsync(HttpStatusCode.Conflict, HttpMethod.Post, "/v1/webhook-endpoints", new { url = "https://hook.example/" }));
        await place.AskAsync(HttpMethod.Delete, $"/v1/webhook-endpoints/{id}", expected: HttpStatusCode.NoContent);
        Assert.Equal("webhook.unknown", await place.RefusedAsync(HttpStatusCode.NotFound, HttpMethod.Get, $"/v1/webhook-endpoints/{id}"));
        await place.EndpointAsync("https://hook.example/");
    }

    [Fact]
    public async Task An_event_that_overtakes_its_booking_waits_for_it_and_a_booking_without_an_owner_has_none()
    {
        await using var place = await Place.StartAsync();
        var (owned, guests) = (Guid.NewGuid(), Guid.NewGuid());
        foreach (var (id, owner) in new[] { (owned, Place.Client), (guests, null) })
        {
            await place.Service.ConsumeAsync(Place.Order.Ticketed(id));
            await place.Service.ConsumeAsync(Place.Order.Confirmed(id, "en", place.Service.Clock.GetUtcNow()));
            await place.Service.ConsumeAsync(Place.Order.Submitted(id, owner, "en", place.Service.Clock.GetUtcNow()));
        }

        var (all, _) = await ReadAsync(place, "/v1/events");

        Assert.Equal(["booking.submitted", "booking.ticketed", "booking.confirmed"], all.Select(Type));
        Assert.Equal(3, await place.Service.Query<NotificationsDbContext, int>(db => db.ClientEvents.CountAsync()));
    }

    [Fact]
    public async Task After_thirty_days_events_are_gone_and_a_cursor_from_before_says_so()
    {
        await using var place = await Place.StartAsync();
        await place.BookAsync();
        var first = (await place.GetAsync("/v1/events?limit=1")).GetProperty("nextCursor").GetString();
        var keep = place.Service.Services.GetServices<IHostedService>().OfType<KeepHooks>().Single();
        var last = (await ReadAsync(place, "/v1/events")).Cursor;
        place.Jump(TimeSpan.FromDays(31));
        await place.BookAsync();

        await keep.ForgetAsync(TestContext.Current.CancellationToken);

        Assert.Equal(2, (await ReadAsync(place, "/v1/events")).Events.Count);
        Assert.Equal(2, (await ReadAsync(place, $"/v1/events?cursor={last}")).Events.Count);
        Assert.Equal("cursor.expired", await place.RefusedAsync(HttpStatusCode.Gone, HttpMethod.Get, $"/v1/events?cursor={first}"));
    }

    [Fact]
    public async Task A_reader_who_follows_the_feed_while_many_write_gets_every_event_once_and_in_order()
    {
        await using var place = await Place.StartAsync();
        await using var hook = await Receiver.StartAsync();
        await place.EndpointAsync(hook.Url);

        await ReadWhileWritingAsync(place, writers: 4, each: 10);

        var sequences = await place.Service.Query<NotificationsDbContext, List<long?>>(db => db.WebhookDeliveries.Select(row => row.Sequence).ToListAsync());
        Assert.Equal(Enumerable.Range(1, 40).Select(number => (long?)number), sequences.Order());
    }

    [Fact, Trait("long", "yes")]
    public async Task On_PostgreSQL_numbers_become_visible_in_their_order_whoever_commits_first()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var folder = Directory.CreateTempSubdirectory("aerona-events-");
        await using var server = await PostgreSql.StartAsync(folder.FullName, cancellationToken);
        var connection = await server.AddDatabaseAsync("notifications", "notifications", "secret", cancellationToken);
        await using (var place = await Place.StartAsync(settings: [("ConnectionStrings:notifications", connection + ";Maximum Pool Size=20")]))
        {
            await place.Service.Services.GetRequiredService<DatabaseReadiness>().WaitAsync<NotificationsDbContext>(cancellationToken);
            await using var one = place.Service.Services.CreateAsyncScope();
            var db = one.ServiceProvider.GetRequiredService<NotificationsDbContext>();
            var now = place.Service.Clock.GetUtcNow();
            await AppendAsync(place, "first of all");   // the row of numbers is there
            var reader = (await ReadAsync(place, "/v1/events")).Cursor;

            await using var transaction = await db.BeginAsync(cancellationToken);
            await db.AppendAsync(Place.Client, [new("booking.failed", 1, "{}", now)], now, cancellationToken);
            await db.SaveChangesAsync(cancellationToken);
            var second = AppendAsync(place, "second");   // a later number, which must not be seen before the earlier one is
            Assert.Empty((await ReadAsync(place, $"/v1/events?cursor={reader}")).Events);
            Assert.False(second.IsCompleted);
            await transaction.CommitAsync(cancellationToken);
            await second;

            var (both, end) = await ReadAsync(place, $"/v1/events?cursor={reader}");
            Assert.Equal(["booking.failed", "booking.confirmed"], both.Select(Type));
            await ReadWhileWritingAsync(place, writers: 8, each: 25, from: end);
        }

        await server.DisposeAsync();
        folder.Delete(recursive: true);
    }

    private static async Task ReadWhileWritingAsync(Place place, int writers, int each, string? from = null)
    {
        var writing = Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
        {
            for (var number = 0; number < each; number++)
            {
                await AppendAsync(place, $"{writer}-{number}");
            }
        })));

        var seen = new List<string>();
        var cursor = from;
        for (var isOver = false; !isOver;)
        {
            isOver = writing.IsCompleted;
            var (events, next) = await ReadAsync(place, $"/v1/events?limit=7{(cursor is null ? "" : $"&cursor={cursor}")}");
            seen.AddRange(events.Select(one => one.GetProperty("data").GetProperty("mark").GetString()!));
            cursor = next;
        }

        await writing;
        Assert.Equal(writers * each, seen.Count);
        Assert.Equal(seen.Count, seen.Distinct().Count());
        for (var writer = 0; writer < writers; writer++)
        {
            Assert.Equal(Enumerable.Range(0, each).Select(number => $"{writer}-{number}"), seen.Where(mark => mark.StartsWith($"{writer}-", StringComparison.Ordinal)));
        }
    }

    private static async Task AppendAsync(Place place, string mark)
    {
        await using var scope = place.Service.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<NotificationsDbContext>();
        var now = place.Service.Clock.GetUtcNow();
        for (var isDone = false; !isDone;)
        {
            await using var transaction = await db.BeginAsync(CancellationToken.None);
            await db.AppendAsync(Place.Client, [new("booking.confirmed", 1, JsonSerializer.Serialize(new { mark }), now)], now, CancellationToken.None);
            try
            {
                await db.SaveChangesAsync();
                await transaction.CommitAsync(CancellationToken.None);
                isDone = true;
            }
            catch (DbUpdateException)
            {
                db.ChangeTracker.Clear();   // the first two of all at once: consumers are called again too
            }
        }
    }

    /// <summary>All there is from there on, and the cursor after it.</summary>
    private static async Task<(List<JsonElement> Events, string Cursor)> ReadAsync(Place place, string path)
    {
        List<JsonElement> all = [];
        var page = await place.GetAsync(path);
        while (true)
        {
            all.AddRange(page.GetProperty("events").EnumerateArray());
            var cursor = page.GetProperty("nextCursor").GetString()!;
            if (!page.GetProperty("hasMore").GetBoolean())
            {
                return (all, cursor);
            }

            page = await place.GetAsync($"{path.Split("&cursor=")[0].Split("?cursor=")[0]}{(path.Contains("limit", StringComparison.Ordinal) ? "&" : "?")}cursor={cursor}");
        }
    }

    private static string? Type(JsonElement @event) => @event.GetProperty("type").GetString();
}
