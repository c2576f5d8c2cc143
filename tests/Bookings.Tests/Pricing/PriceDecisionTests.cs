using System.Net;
using System.Text.Json;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;

namespace Aerona.Bookings.Tests.Pricing;

public sealed class PriceDecisionTests
{
    [Fact]
    public async Task A_new_price_is_shown_with_the_old_one_the_difference_and_until_when()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, token) = await desk.BookAsync();
        var offer = await desk.UntilPriceDecisionAsync(id);

        var view = await desk.ViewAsync(id, token);

        Assert.Equal("awaitingPriceDecision", Text(view, "state"));
        var change = view.GetProperty("priceChange");
        Assert.Equal(
            (offer.OfferId.ToString(), "518.00", "560.50", "42.50"), (Text(change, "offerId"), Amount(change, "oldTotal"), Amount(change, "newTotal"), Amount(change, "difference")));
        var until = change.GetProperty("until").GetDateTimeOffset();
        Assert.Equal((await desk.SagaAsync(id)).DeadlineAt, until);
        Assert.Equal(until, view.GetProperty("until").GetDateTimeOffset());
        Assert.Contains("nothing is charged", Text(view, "then"), StringComparison.Ordinal);
        Assert.Equal(["cancel", "decidePrice"], view.GetProperty("availableActions").EnumerateArray().Select(action => action.GetString()));
    }

    [Fact]
    public async Task Who_takes_the_new_price_pays_it()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, token) = await desk.BookAsync();
        var offer = await desk.UntilPriceDecisionAsync(id, 500);
        Assert.Equal("-18.00", Amount((await desk.ViewAsync(id, token)).GetProperty("priceChange"), "difference"));

        var answer = await DecideAsync(desk, id, token, new { offerId = offer.OfferId, decision = "accept" }, "k-1");
        var repeat = await DecideAsync(desk, id, token, new { offerId = offer.OfferId, decision = "accept" }, "k-1");
        await desk.Service.ConsumeAsync(Assert.Single(await desk.Service.Published<PriceAccepted>()));

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted), (answer.StatusCode, repeat.StatusCode));
        var view = await desk.ViewAsync(id, token);
        Assert.Equal(("holdingSeats", "500.00"), (Text(view, "state"), Amount(view.GetProperty("money"), "total")));
        Assert.Equal(JsonValueKind.Null, view.GetProperty("priceChange").ValueKind);
        Assert.Equal(offer.OfferId, Assert.Single(await desk.Service.Published<HoldSeats>()).OfferId);
        Assert.Equal([("price.accepted", offer.OfferId.ToString())], await NotedAsync(desk, id, token, "price."));
    }

    [Fact]
    public async Task Who_leaves_it_ends_the_booking_and_is_charged_nothing()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, token) = await desk.BookAsync();
        var offer = await desk.UntilPriceDecisionAsync(id);

        var answer = await DecideAsync(desk, id, token, new { offerId = offer.OfferId, decision = "decline" });
        await desk.Service.ConsumeAsync(Assert.Single(await desk.Service.Published<PriceDeclined>()));

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var view = await desk.ViewAsync(id, token);
        Assert.Equal(("rejected", "price.changed"), (Text(view, "state"), Text(view.GetProperty("failure"), "reason")));
        Assert.Equal([("price.declined", offer.OfferId.ToString())], await NotedAsync(desk, id, token, "price."));
    }

    [Fact]
    public async Task Another_price_than_the_one_waited_for_is_refused_and_so_is_any_when_none_is()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, token) = await desk.BookAsync();
        var early = await DecideAsync(desk, id, token, new { offerId = desk.Offers.Default.OfferId, decision = "accept" });
        var offer = await desk.UntilPriceDecisionAsync(id);
        var old = await DecideAsync(desk, id, token, new { offerId = desk.Offers.Default.OfferId, decision = "accept" });
        desk.Service.Clock.SetUtcNow((await desk.SagaAsync(id)).DeadlineAt!.Value);
        var late = await DecideAsync(desk, id, token, new { offerId = offer.OfferId, decision = "accept" });

        var changed = await BookingDesk.JsonAsync(old);
        Assert.Equal((HttpStatusCode.Conflict, "booking.price_not_asked"), (early.StatusCode, Text(await BookingDesk.JsonAsync(early), "code")));
        Assert.Equal((HttpStatusCode.Conflict, "booking.price_changed_again"), (old.StatusCode, Text(changed, "code")));
        Assert.Equal((HttpStatusCode.Conflict, "booking.price_not_asked"), (late.StatusCode, Text(await BookingDesk.JsonAsync(late), "code")));
        Assert.Equal("/offerId", Text(changed.GetProperty("errors")[0], "pointer"));
        Assert.Empty(await desk.Service.Published<PriceAccepted>());
        Assert.Empty(await NotedAsync(desk, id, token, "price."));
    }

    [Fact]
    public async Task What_is_not_said_is_asked_for_by_field()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, token) = await desk.BookAsync();
        var offer = await desk.UntilPriceDecisionAsync(id);

        foreach (var (body, pointer) in new (object, string)[]
        {
            (new { offerId = offer.OfferId }, "/decision"), (new { offerId = offer.OfferId, decision = "maybe" }, "/decision"), (new { offerId = "x", decision = "accept" }, "/offerId"),
        })
        {
            var answer = await DecideAsync(desk, id, token, body);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Equal(pointer, Text((await BookingDesk.JsonAsync(answer)).GetProperty("errors")[0], "pointer"));
        }
    }

    [Fact]
    public async Task Nobody_else_decides_and_staff_do_it_in_their_own_name()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, token) = await desk.BookAsync();
        var (_, stranger) = await desk.BookAsync();
        var offer = await desk.UntilPriceDecisionAsync(id);
        var body = new { offerId = offer.OfferId, decision = "accept" };

        Assert.Equal(HttpStatusCode.NotFound, (await DecideAsync(desk, id, stranger, body)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await DecideAsync(desk, id, null, body)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await DecideAsync(desk, Guid.NewGuid(), token, body)).StatusCode);
        Assert.Empty(await desk.Service.Published<PriceAccepted>());
        Assert.Equal(HttpStatusCode.Accepted, (await DecideAsync(desk, id, desk.TokenFor("sue", "support"), body)).StatusCode);
        var timeline = await BookingDesk.JsonAsync(await desk.GetAsync($"/v1/bookings/{id}/timeline", desk.TokenFor("sue", "support")));
        Assert.Equal("sue", Text(timeline.GetProperty("entries").EnumerateArray().Single(entry => Text(entry, "kind") == "price.accepted"), "by"));
    }

    private static Task<HttpResponseMessage> DecideAsync(BookingDesk desk, Guid id, string? token, object body, string? key = null) =>
        desk.PostAsync($"/v1/bookings/{id}/price-decisions", body, token, key);

    private static async Task<IReadOnlyList<(string?, string?)>> NotedAsync(BookingDesk desk, Guid id, string token, string prefix) =>
        [.. (await BookingDesk.JsonAsync(await desk.GetAsync($"/v1/bookings/{id}/timeline", token))).GetProperty("entries").EnumerateArray()
            .Where(entry => Text(entry, "kind")!.StartsWith(prefix, StringComparison.Ordinal)).Select(entry => (Text(entry, "kind"), Text(entry, "reference")))];

    private static string? Text(JsonElement view, string name) => view.GetProperty(name).GetString();

    private static string? Amount(JsonElement view, string name) => Text(view.GetProperty(name), "amount");
}
