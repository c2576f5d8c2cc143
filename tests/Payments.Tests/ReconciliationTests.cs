using System.Net.Http.Json;
using System.Text.Json;
using Aerona.Contracts.Payments;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aerona.Payments.Tests;

/// <summary>The books beside each other: each difference that is planted is found under its reason, once, and is gone by itself.</summary>
public sealed class ReconciliationTests
{
    [Fact]
    public async Task Books_that_agree_show_nothing()
    {
        await using var others = await Others.StartAsync();
        await using var world = await World.StartAsync(settings: others.Settings);
        await GivenSoldAsync(world, others);
        await world.RefundAsync(Guid.NewGuid(), new(5000, "EUR"));

        var view = await CompareAsync(world);

        Assert.Empty(Differences(view));
        var run = view.GetProperty("lastRun");
        Assert.Equal((2, 1, 1, 0), (run.GetProperty("transactions").GetInt32(), run.GetProperty("payments").GetInt32(), run.GetProperty("bookings").GetInt32(), run.GetProperty("notAsked").GetArrayLength()));
    }

    [Fact]
    public async Task Every_planted_difference_is_found_under_its_reason_once_and_closed_when_it_is_gone()
    {
        await using var others = await Others.StartAsync();
        await using var world = await World.StartAsync(settings: others.Settings);
        await GivenSoldAsync(world, others);
        var capture = await world.TakenByNobodyAsync("12.34");
        Assert.True(await world.AtPayPalAsync("refund", new { amount = "10.00" }));   // and no event tells of it
        var (strange, hold, order) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        others.Tickets.Add(new("0012400000199", strange, world.Payments.Clock.GetUtcNow(), 1, 0, 0));
        others.Orders.Add(new(order, Guid.NewGuid(), "zz", "confirmed", world.Payments.Clock.GetUtcNow()));
        others.Seats.Add(new(hold, Guid.NewGuid(), 2));

        var first = Differences(await CompareAsync(world));
        var again = Differences(await CompareAsync(world));

        Assert.Equal(
            ["reconciliation.capture_unknown_to_us", "reconciliation.order_without_ticket", "reconciliation.refund_unknown_to_us", "reconciliation.seat_without_order", "reconciliation.ticket_without_money"],
            first.Select(one => one.Reason).Order(StringComparer.Ordinal));
        Assert.Equal(capture, first.Single(one => one.Reason == "reconciliation.capture_unknown_to_us").Subject);
        Assert.Equal(world.BookingId, first.Single(one => one.Reason == "reconciliation.refund_unknown_to_us").BookingId);
        Assert.Equal(first.Select(one => one.Id), again.Select(one => one.Id));

        await world.HintAsync();   // the refund is learnt: known, and still nobody's
        others.Tickets.RemoveAll(ticket => ticket.BookingId == strange);
        others.Orders.RemoveAll(one => one.OrderId == order);
        others.Seats.Clear();
        Assert.Equal(
            ["reconciliation.capture_unknown_to_us", "reconciliation.refund_not_asked_for"], Differences(await CompareAsync(world)).Select(one => one.Reason).Order(StringComparer.Ordinal));
        var all = await ReadAsync(world, "?all=true");
        Assert.Equal(4, all.GetProperty("differences").EnumerateArray().Count(one => one.GetProperty("closedAt").ValueKind != JsonValueKind.Null));
    }

    [Fact]
    public async Task Money_without_a_ticket_and_void_tickets_without_a_refund_are_found()
    {
        await using var others = await Others.StartAsync();
        await using var world = await World.StartAsync(settings: others.Settings);
        await GivenSoldAsync(world, others);
        var ticket = others.Tickets[0];
        others.Tickets.Clear();
        others.Orders.Clear();
        Assert.Equal("reconciliation.money_without_ticket", Assert.Single(Differences(await CompareAsync(world))).Reason);

        others.Tickets.Add(ticket with { Good = 0, Void = 1 });
        Assert.Equal("reconciliation.refund_missing", Assert.Single(Differences(await CompareAsync(world))).Reason);

        await world.RefundAsync(Guid.NewGuid(), World.Price);
        Assert.Empty(Differences(await CompareAsync(world)));
    }

    [Fact]
    public async Task A_refund_that_PayPal_does_not_make_for_days_is_found()
    {
        await using var others = await Others.StartAsync();
        await using var world = await World.StartAsync(settings: others.Settings);
        await GivenSoldAsync(world, others, "refund-pending");
        await world.RefundAsync(Guid.NewGuid(), World.Price);
        others.Tickets[0] = others.Tickets[0] with { Good = 0, Refunded = 1 };
        world.Advance(TimeSpan.FromDays(6));

        Assert.Equal("reconciliation.refund_overdue", Assert.Single(Differences(await CompareAsync(world))).Reason);
    }

    [Fact]
    public async Task Who_does_not_answer_proves_nothing()
    {
        await using var others = await Others.StartAsync();
        await using var world = await World.StartAsync(settings: others.Settings);
        await GivenSoldAsync(world, others);
        others.Tickets.Clear();
        others.Orders.Clear();
        var found = Assert.Single(Differences(await CompareAsync(world)));
        others.AreSilent = true;
        await world.NextFailsAsync("transactions.list", "busy");

        var view = await CompareAsync(world);

        Assert.Equal(["paypal", "tickets", "airlines"], view.GetProperty("lastRun").GetProperty("notAsked").EnumerateArray().Select(one => one.GetString()));
        Assert.Equal(found.Id, Assert.Single(Differences(view)).Id);
    }

    [Fact]
    public async Task What_is_young_is_no_difference_yet_and_the_schedule_finds_it_later()
    {
        await using var others = await Others.StartAsync();
        await using var world = await World.StartAsync(settings: others.Settings);
        await GivenSoldAsync(world, others);
        others.Tickets.Clear();
        others.Orders.Clear();
        using (var answer = await world.AsStaffAsync(HttpMethod.Post, "/v1/support/reconciliation/runs", new { }))
        {
            Assert.Empty(Differences(await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()));
        }

        world.Payments.Clock.Advance(TimeSpan.FromDays(1));

        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        IReadOnlyList<Difference> found = [];
        while (found.Count == 0 && await pause.WaitForNextTickAsync(patience.Token))
        {
            found = Differences(await ReadAsync(world));
        }

        Assert.Equal("reconciliation.money_without_ticket", Assert.Single(found).Reason);
    }

    [Fact]
    public async Task The_list_can_be_had_as_CSV_and_is_for_staff_alone()
    {
        await using var others = await Others.StartAsync();
        await using var world = await World.StartAsync(settings: others.Settings);
        await GivenSoldAsync(world, others);
        others.Tickets[0] = others.Tickets[0] with { Number = "=1+1,\"x\"", BookingId = Guid.NewGuid() };
        others.Orders.Clear();
        await CompareAsync(world);

        using var answer = await world.AsStaffAsync(HttpMethod.Get, "/v1/support/reconciliation/export");
        using var stranger = await world.Payments.Http.GetAsync("/v1/support/reconciliation");

        Assert.Equal("text/csv", answer.Content.Headers.ContentType!.MediaType);
        var lines = (await answer.Content.ReadAsStringAsync()).TrimEnd().Split("\r\n");
        Assert.Equal("reason,subject,booking_id,payment_id,currency,amount,detail,found_at,seen_at,closed_at", lines[0]);
        Assert.Equal(3, lines.Length);
        Assert.Contains(lines, line => line.StartsWith("reconciliation.money_without_ticket,", StringComparison.Ordinal) && line.Contains(",EUR,199.90,", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("\"Good tickets and no money for them: =1+1,\"\"x\"\".\"", StringComparison.Ordinal));
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, stranger.StatusCode);
    }

    private static async Task GivenSoldAsync(World world, Others others, string payer = "happy")
    {
        await world.GivenAuthorizedAsync(payer);
        await world.CaptureAsync();
        others.Orders.Add(new(Guid.NewGuid(), world.BookingId, "house", "confirmed", world.Payments.Clock.GetUtcNow()));
        others.Tickets.Add(new("0012400000017", world.BookingId, world.Payments.Clock.GetUtcNow(), 1, 0, 0));
    }

    private static async Task<JsonElement> CompareAsync(World world)
    {
        using var answer = await world.AsStaffAsync(HttpMethod.Post, "/v1/support/reconciliation/runs", new { graceSeconds = 0 });
        return await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
    }

    private static async Task<JsonElement> ReadAsync(World world, string query = "")
    {
        using var answer = await world.AsStaffAsync(HttpMethod.Get, "/v1/support/reconciliation" + query);
        return await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
    }

    private sealed record Difference(Guid Id, string Reason, string Subject, Guid? BookingId);

    private static IReadOnlyList<Difference> Differences(JsonElement view) => [.. view.GetProperty("differences").EnumerateArray().Select(one => new Difference(
        one.GetProperty("id").GetGuid(), one.GetProperty("reason").GetString()!, one.GetProperty("subject").GetString()!,
        one.GetProperty("bookingId").ValueKind == JsonValueKind.Null ? null : one.GetProperty("bookingId").GetGuid()))];

    private sealed record Ticket(string Number, Guid BookingId, DateTimeOffset IssuedAt, int Good, int Void, int Refunded);

    private sealed record Order(Guid OrderId, Guid BookingId, string Supplier, string State, DateTimeOffset NotedAt);

    private sealed record Seat(Guid HoldId, Guid BookingId, int Seats);

    /// <summary>Tickets and Airlines, as far as they are asked.</summary>
    private sealed class Others(WebApplication app) : IAsyncDisposable
    {
        public List<Ticket> Tickets { get; } = [];

        public List<Order> Orders { get; } = [];

        public List<Seat> Seats { get; } = [];

        public bool AreSilent { get; set; }

        public Dictionary<string, string?> Settings { get; } = [];

        public static async Task<Others> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var others = new Others(builder.Build());
            await others.MapAsync();
            return others;
        }

        private async Task MapAsync()
        {
            app.MapGet("/v1/support/tickets/issued", (HttpContext http) => Answer(http, new { tickets = Tickets, next = (string?)null }));
            app.MapGet("/v1/support/airline-orders", (HttpContext http) => Answer(http, new { orders = Orders, seatsWithoutOrder = Seats, isLast = true }));
            await app.StartAsync();
            var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
            Settings["Services:Tickets"] = Settings["Services:Airlines"] = address;
        }

        private IResult Answer(HttpContext http, object body) =>
            AreSilent || !http.Request.Headers.Authorization.ToString().StartsWith("Bearer ", StringComparison.Ordinal) ? Results.StatusCode(503) : Results.Ok(body);

        public ValueTask DisposeAsync() => app.DisposeAsync();
    }
}
