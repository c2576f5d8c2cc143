using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Aerona.Airlines.Webhooks;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Aerona.Airlines.Tests.Outside;

/// <summary>Events of suppliers: who may send them, what becomes of them, and what is found when they are lost.</summary>
public sealed class SupplierWebhookTests(ZzWorld zz) : IClassFixture<ZzWorld>
{
    private static string Event(string id, string type = "order.updated", string? order = "ord_0000unknown") => $$$"""
        {"id":"{{{id}}}","api_version":"v2","type":"{{{type}}}","live_mode":false,"idempotency_key":"k","something_new":[1],"data":{"object":{{{(order is null ? "{}" : $$"""{"id":"{{order}}"}""")}}}}}
        """;

    [Fact]
    public async Task What_is_not_signed_just_now_with_a_secret_of_ours_is_refused_and_not_kept()
    {
        var (id, now) = ($"wev_{Guid.NewGuid():N}", zz.Airlines.Clock.GetUtcNow());
        var body = Event(id);
        (string Why, string? Header)[] wrong =
        [
            ("no signature", null), ("nonsense", "v1=00"), ("no time", $"v1={Sign(body, now)[^64..]}"), ("another secret", Sign(body, now, "somebody-elses-secret")),
            ("another body", Sign(body + " ", now)), ("too old", Sign(body, now.AddMinutes(-5).AddSeconds(-1))), ("from the future", Sign(body, now.AddMinutes(5).AddSeconds(1))),
            ("one bit flipped", Sign(body, now)[..^1] + (Sign(body, now)[^1] == '0' ? '1' : '0')),
        ];

        foreach (var (why, header) in wrong)
        {
            Assert.True(await PostAsync(body, header) == HttpStatusCode.Unauthorized, why);
        }

        Assert.Equal(HttpStatusCode.NotFound, await PostAsync(body, Sign(body, now), "nobody"));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await PostAsync(new string(' ', ReceiveSupplierEvent.LargestBody + 1), Sign("", now)));
        Assert.Null(await StoredAsync(id));
    }

    [Fact]
    public async Task The_edges_of_the_window_and_both_secrets_are_good_and_a_repeat_is_taken_once()
    {
        var (id, now) = ($"wev_{Guid.NewGuid():N}", zz.Airlines.Clock.GetUtcNow());
        var body = Event(id);

        Assert.Equal(HttpStatusCode.OK, await PostAsync(body, Sign(body, now.AddMinutes(-5), ZzWorld.OldSecret)));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(body, Sign(body, now.AddMinutes(5))));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(body, $"t={now.ToUnixTimeSeconds()},v1={new string('0', 64)},v1={Sign(body, now)[^64..]}"));

        Assert.Equal(body, (await StoredAsync(id))!.Body);
        Assert.Single(await zz.Airlines.Published<ProcessSupplierEvent>(), command => command.EventKey == $"zz/{id}");
    }

    [Fact]
    public async Task An_event_about_nothing_known_is_parked_and_looked_at_again_for_an_hour()
    {
        var (id, ping) = ($"wev_{Guid.NewGuid():N}", $"wev_{Guid.NewGuid():N}");
        await SendAsync(Event(id));
        await SendAsync(Event(ping, "ping.triggered", null));

        await zz.Airlines.ConsumeAsync(new ProcessSupplierEvent($"zz/{id}"));
        await zz.Airlines.ConsumeAsync(new ProcessSupplierEvent($"zz/{ping}"));
        Assert.Equal((SupplierEventState.Parked, 1), await StateAsync(id));
        Assert.Equal((SupplierEventState.Processed, 0), await StateAsync(ping));
        Assert.Equal(2, (await zz.Airlines.Published<ProcessSupplierEvent>()).Count(command => command.EventKey == $"zz/{id}"));   // received, and scheduled
        zz.Pass(TimeSpan.FromHours(1));
        await zz.Airlines.ConsumeAsync(new ProcessSupplierEvent($"zz/{id}"));

        Assert.Equal(SupplierEventState.Unmatched, (await StateAsync(id)).State);
    }

    [Fact]
    public async Task A_change_made_by_the_airline_comes_by_webhook_and_stands_on_the_timeline_once()
    {
        await zz.CallZzAsync(HttpMethod.Post, "/air/webhooks", new
        {
            url = new Uri(zz.Airlines.Http.BaseAddress!, "/v1/webhooks/airlines/zz").ToString(),
            events = new[] { "order.airline_initiated_change_detected" },
        });
        var (order, reference) = await zz.BoughtAsync(await zz.OfferAsync("CDG", "NCE"));

        zz.Pass(TimeSpan.FromSeconds(5));
        await ZzWorld.UntilAsync(async () => await zz.QueryAsync(db => db.SupplierEvents.AnyAsync(row => row.OrderReference == reference)), "ZZ's event");
        var received = await zz.QueryAsync(db => db.SupplierEvents.SingleAsync(row => row.OrderReference == reference));
        await zz.Airlines.ConsumeAsync(new ProcessSupplierEvent(received.Key));
        await zz.Airlines.ConsumeAsync(new ProcessSupplierEvent(received.Key));

        var noted = Assert.Single(await zz.SaidAsync<BookingNoted>(order.BookingId), note => note.Kind == "airline.schedule_changed");
        var change = await zz.QueryAsync(db => db.SupplierChanges.SingleAsync(row => row.OrderId == order.OrderId));
        Assert.Equal(noted.Reference, change.Reference);
        Assert.Equal(("ZZ986 CDG-NCE 2026-12-21 07:05-08:35", "ZZ986 CDG-NCE 2026-12-21 08:40-10:10"), (change.Removed[0], change.Added[0]));
    }

    [Fact]
    public async Task What_no_webhook_told_is_found_by_asking()
    {
        var (silent, _) = await zz.BoughtAsync(await zz.OfferAsync("CDG", "MRS"));
        var (cancelled, _) = await zz.BoughtAsync(await zz.OfferAsync("CDG", "LYS"));
        var later = await zz.PinnedAsync(await zz.OfferAsync("BCN", "MAD"));
        await zz.SendAsync(later);
        Assert.Null(Assert.Single(await zz.SaidAsync<AirlineOrderConfirmed>(later.BookingId)).TicketNumbers);

        zz.Pass(TimeSpan.FromDays(8));
        await ZzWorld.UntilAsync(async () => (await zz.BooksAsync(later.HoldId)).GetProperty("tickets").GetArrayLength() == 1, "ZZ's tickets");
        await zz.Airlines.Services.GetRequiredService<Reconciliation>().RunAsync("zz", CancellationToken.None);

        Assert.Single(await zz.SaidAsync<BookingNoted>(silent.BookingId), note => note.Kind == "airline.schedule_changed");
        Assert.Single(await zz.SaidAsync<BookingNoted>(cancelled.BookingId), note => note.Kind == "airline.flights_cancelled");
        Assert.Single((await zz.SaidAsync<AirlineOrderConfirmed>(later.BookingId))[^1].TicketNumbers!);
        Assert.Equal(2, (await zz.SaidAsync<AirlineOrderConfirmed>(later.BookingId)).Count);

        // Asked again, nothing is told twice.
        zz.Pass(TimeSpan.FromDays(8));
        await zz.Airlines.Services.GetRequiredService<Reconciliation>().RunAsync("zz", CancellationToken.None);
        Assert.Single(await zz.SaidAsync<BookingNoted>(silent.BookingId), note => note.Kind == "airline.schedule_changed");
        Assert.Equal(2, (await zz.SaidAsync<AirlineOrderConfirmed>(later.BookingId)).Count);
    }

    private static string Sign(string body, DateTimeOffset at, string secret = ZzWorld.Secret)
    {
        var t = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"t={t},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{t}.{body}")))}";
    }

    private async Task SendAsync(string body) => Assert.Equal(HttpStatusCode.OK, await PostAsync(body, Sign(body, zz.Airlines.Clock.GetUtcNow())));

    private async Task<HttpStatusCode> PostAsync(string body, string? signature, string supplier = "zz")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/webhooks/airlines/{supplier}")
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        if (signature is not null)
        {
            request.Headers.TryAddWithoutValidation(SupplierSignature.Header, signature);
        }

        using var answer = await zz.Airlines.Http.SendAsync(request);
        return answer.StatusCode;
    }

    private Task<SupplierEvent?> StoredAsync(string id) => zz.QueryAsync(db => db.SupplierEvents.SingleOrDefaultAsync(row => row.Key == $"zz/{id}"));

    private async Task<(SupplierEventState State, int Tries)> StateAsync(string id) => (await StoredAsync(id))! is var stored ? (stored.State, stored.Tries) : default;
}
