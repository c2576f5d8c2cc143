using System.Net;
using System.Text.Json;
using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Payments;

namespace Aerona.Bookings.Tests.Cancellation;

/// <summary>Cancelling what is bought, over HTTP: what would come back, confirm it, follow it.</summary>
public sealed class CancellationTests
{
    private static readonly Money Half = new(25900, "EUR");

    [Fact]
    public async Task A_bought_booking_is_quoted_confirmed_cancelled_and_refunded_and_can_be_followed_all_the_way()
    {
        await using var desk = await CancellationDesk.StartAsync();
        var id = await desk.AskAsync();
        var quoting = await desk.ViewAsync(id);
        var quote = await desk.QuoteAsync(id, Half);
        var quoted = await desk.ViewAsync(id);
        await desk.ConfirmAsync(id, quote);
        await desk.LockAsync(id);
        var cancelling = await desk.ViewAsync(id);
        Assert.Empty(await desk.Service.Published<RefundPayment>());
        await desk.CancelAsync(id, Half);
        var refunding = await desk.ViewAsync(id);
        await desk.RefundAsync(id);
        var done = await desk.ViewAsync(id);

        Assert.Equal(("quoting", JsonValueKind.Null), (State(quoting), quoting.GetProperty("quote").ValueKind));
        Assert.Equal("quoted", State(quoted));
        Assert.Equal(["confirm", "requote", "withdraw"], Texts(quoted.GetProperty("availableActions")));
        Assert.Equal(
            ("259.00", "fareRule", "payPal", quote), (
                Amount(quoted.GetProperty("quote")), quoted.GetProperty("quote").GetProperty("rule").GetString(), quoted.GetProperty("quote").GetProperty("destination").GetString(),
                quoted.GetProperty("quote").GetProperty("id").GetGuid()));
        Assert.Equal(("supplierCancelling", JsonValueKind.Null), (State(cancelling), cancelling.GetProperty("refund").ValueKind));
        Assert.NotEqual(JsonValueKind.Null, cancelling.GetProperty("until").ValueKind);
        Assert.Equal(("refunding", "259.00", "onItsWay"), (State(refunding), Amount(refunding.GetProperty("refund"), "amount"), Place(refunding)));
        Assert.Equal(desk.Desk.Now.AddDays(10), refunding.GetProperty("refund").GetProperty("seenBy").GetDateTimeOffset());
        Assert.Equal(("cancelled", "refunded", JsonValueKind.Null), (State(done), Place(done), done.GetProperty("until").ValueKind));

        var booking = await desk.BookingAsync();
        Assert.Equal("cancelled", State(booking));
        Assert.Equal("259.00", Amount(booking.GetProperty("money"), "refunded"));
        Assert.Equal(Half, Assert.Single(await desk.Service.Published<CreditNoteRequested>()).Amount);
        Assert.Equal([CancellationNewsKind.Cancelled], (await desk.Service.Published<CancellationNews>()).Select(news => news.Kind));
    }

    [Fact]
    public async Task A_quote_confirmed_twice_is_cancelled_and_refunded_once()
    {
        await using var desk = await CancellationDesk.StartAsync();
        var id = await desk.AskAsync();
        var quote = await desk.QuoteAsync(id, Half);
        var both = await Task.WhenAll(
            desk.Desk.PostAsync($"{desk.Path(id)}/confirmations", new { quoteId = quote }, desk.Token),
            desk.Desk.PostAsync($"{desk.Path(id)}/confirmations", new { quoteId = quote }, desk.Token));
        foreach (var confirmed in await desk.Service.Published<CancellationConfirmed>())
        {
            await desk.Service.ConsumeAsync(confirmed);
        }

        await desk.LockAsync(id);
        await desk.CancelAsync(id, Half);
        await desk.RefundAsync(id);
        var again = await desk.Desk.PostAsync($"{desk.Path(id)}/confirmations", new { quoteId = quote }, desk.Token);

        Assert.All(both.Append(again), response => Assert.Equal(HttpStatusCode.Accepted, response.StatusCode));
        Assert.Single(await desk.Service.Published<CancelQuotedOrder>());
        Assert.Single(await desk.Service.Published<RefundPayment>());
    }

    [Fact]
    public async Task A_part_is_given_back_and_the_booking_stays_confirmed_with_the_rest()
    {
        await using var desk = await CancellationDesk.StartAsync();
        CouponKey[] second = [new("p2", 1)];
        var id = await desk.AskAsync(new { coupons = second });
        var quote = await desk.QuoteAsync(id, new Money(10000, "EUR"), second);
        await desk.ConfirmAsync(id, quote);
        await desk.LockAsync(id);
        var busy = await desk.Desk.PostAsync(desk.Path(), null, desk.Token);
        await desk.CancelAsync(id, new Money(10000, "EUR"), second);
        await desk.RefundAsync(id);

        var booking = await desk.BookingAsync();
        Assert.Equal(("confirmed", "100.00"), (State(booking), Amount(booking.GetProperty("money"), "refunded")));
        Assert.Contains("quoteCancellation", Texts(booking.GetProperty("availableActions")));
        Assert.Equal((HttpStatusCode.Conflict, "booking.being_serviced"), (busy.StatusCode, await CodeAsync(busy)));
        Assert.Empty(await desk.Service.Published<BookingCancelled>());
        Assert.Equal(second, Assert.Single(await desk.Service.Published<EndCoupons>()).Coupons);

        // The rest later: never more than is left.
        var twice = await desk.Desk.PostAsync(desk.Path(), new { coupons = second }, desk.Token);
        var rest = await desk.AskAsync();
        await desk.ConfirmAsync(rest, await desk.QuoteAsync(rest, BookingDesk.Price, [new("p1", 1), new("p3", 1)]));
        await desk.LockAsync(rest);
        await desk.CancelAsync(rest, BookingDesk.Price);
        Assert.Equal("cancellation.cancelled_already", await CodeAsync(twice));
        Assert.Equal(new Money(41800, "EUR"), (await desk.Service.Published<RefundPayment>())[^1].Amount);
        Assert.Contains("refund-too-much", (await desk.Service.Published<BookingCaseOpened>()).Select(opened => opened.Kind));
    }

    [Fact]
    public async Task What_nobody_knows_is_shown_as_unknown_has_to_be_accepted_and_is_settled_by_people()
    {
        await using var desk = await CancellationDesk.StartAsync();
        var id = await desk.AskAsync();
        var quote = await desk.QuoteAsync(id, refund: null);
        var view = (await desk.ViewAsync(id)).GetProperty("quote");
        var unaware = await desk.Desk.PostAsync($"{desk.Path(id)}/confirmations", new { quoteId = quote }, desk.Token);
        await desk.ConfirmAsync(id, quote);
        await desk.LockAsync(id);
        await desk.CancelAsync(id, gives: null);
        var waiting = await desk.ViewAsync(id);
        var support = $"/v1/support/cancellations/{id}/decisions";
        var (sue, tom) = (desk.Desk.TokenFor("sue", "support"), desk.Desk.TokenFor("tom", "support"));
        var tooMuch = await desk.Desk.PostAsync(support, new { decision = "setAmount", amount = new Money(51801, "EUR"), reason = "a guess" }, sue);
        var traveller = await desk.Desk.PostAsync(support, new { decision = "setAmount", amount = Half, reason = "mine" }, desk.Token);
        var set = await desk.Desk.PostAsync(support, new { decision = "setAmount", amount = Half, reason = "the airline's mail of today" }, tom);
        await desk.Service.ConsumeAsync(Assert.Single(await desk.Service.Published<CancellationDecided>()));

        Assert.Equal((JsonValueKind.Null, false, "unknown"), (view.GetProperty("refund").ValueKind, view.GetProperty("amountIsKnown").GetBoolean(), view.GetProperty("rule").GetString()));
        Assert.Equal((HttpStatusCode.Conflict, "cancellation.amount_unknown"), (unaware.StatusCode, await CodeAsync(unaware)));
        Assert.Equal(("awaitingAmount", "unknown"), (State(waiting), Place(waiting)));
        Assert.Equal("cancelled", State(await desk.BookingAsync()));
        Assert.Equal((HttpStatusCode.BadRequest, "cancellation.amount_too_much"), (tooMuch.StatusCode, await CodeAsync(tooMuch)));
        Assert.Equal(HttpStatusCode.Forbidden, traveller.StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, set.StatusCode);
        Assert.Equal(Half, Assert.Single(await desk.Service.Published<RefundPayment>()).Amount);
    }

    [Fact]
    public async Task A_large_refund_waits_for_another_person_and_who_agreed_stands_on_the_timeline()
    {
        await using var desk = await CancellationDesk.StartAsync(new Dictionary<string, string?> { ["Cancellation:ApprovalAbove:EUR"] = "258.99" });
        var (sue, tom) = (desk.Desk.TokenFor("sue", "senior-support"), desk.Desk.TokenFor("tom", "finance"));
        var id = await desk.AskAsync(new { cause = "involuntary" }, sue);
        await desk.ConfirmAsync(id, await desk.QuoteAsync(id, Half, rule: RefundRule.Involuntary), sue);
        var waiting = await desk.ViewAsync(id);
        var support = $"/v1/support/cancellations/{id}/decisions";
        var same = await desk.Desk.PostAsync(support, new { decision = "approve", reason = "I know it" }, sue);
        var junior = await desk.Desk.PostAsync(support, new { decision = "approve", reason = "looks good" }, desk.Desk.TokenFor("jim", "support"));
        var offered = await BookingDesk.JsonAsync(await desk.Desk.GetAsync($"/v1/support/cancellations/{id}", desk.Desk.TokenFor("jim", "support")));
        var key = Guid.NewGuid().ToString();
        var other = await desk.Desk.PostAsync(support, new { decision = "approve", reason = "seen the airline's notice" }, tom, key);
        var again = await desk.Desk.PostAsync(support, new { decision = "approve", reason = "seen the airline's notice" }, tom, key);
        await desk.Service.ConsumeAsync(Assert.Single(await desk.Service.Published<CancellationDecided>()));
        await desk.LockAsync(id);

        Assert.Equal("awaitingApproval", State(waiting));
        Assert.Equal((HttpStatusCode.Forbidden, "cancellation.another_person"), (same.StatusCode, await CodeAsync(same)));
        Assert.Equal((HttpStatusCode.Forbidden, "auth.forbidden", 0), (junior.StatusCode, await CodeAsync(junior), offered.GetProperty("possible").GetArrayLength()));
        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted), (other.StatusCode, again.StatusCode));
        Assert.Equal("supplierCancelling", State(await desk.ViewAsync(id)));
        var entries = (await BookingDesk.JsonAsync(await desk.Desk.GetAsync($"/v1/bookings/{desk.BookingId}/timeline", sue))).GetProperty("entries").EnumerateArray();
        var entry = Assert.Single(entries, each => each.GetProperty("kind").GetString() == "staff.cancellation.approve");
        Assert.Equal(("tom", "seen the airline's notice"), (entry.GetProperty("by").GetString(), entry.GetProperty("remark").GetString()));
    }

    [Fact]
    public async Task Finance_sees_a_cancellation_and_steers_none()
    {
        await using var desk = await CancellationDesk.StartAsync();
        var finance = desk.Desk.TokenFor("fay", "finance");
        var id = await desk.AskAsync();
        var quote = await desk.QuoteAsync(id, Half);

        Assert.Equal(HttpStatusCode.OK, (await desk.Desk.GetAsync(desk.Path(id), finance)).StatusCode);
        foreach (var (path, body) in new (string, object?)[]
        {
            ($"/v1/bookings/{desk.BookingId}/cancellations", null),
            ($"/v1/bookings/{desk.BookingId}/payments", null),
            ($"{desk.Path(id)}/confirmations", new { quoteId = quote }),
            ($"{desk.Path(id)}/quotes", null),
            ($"{desk.Path(id)}/withdrawals", null),
        })
        {
            var answer = await desk.Desk.PostAsync(path, body, finance);
            Assert.Equal((path, HttpStatusCode.Forbidden, "auth.forbidden"), (path, answer.StatusCode, await CodeAsync(answer)));
        }
    }

    [Fact]
    public async Task A_quote_of_another_booking_an_older_one_and_an_expired_one_are_refused()
    {
        await using var desk = await CancellationDesk.StartAsync();
        var (other, stranger) = await desk.Desk.BookAsync();
        var id = await desk.AskAsync();
        var first = await desk.QuoteAsync(id, Half);
        var foreign = await desk.Desk.PostAsync($"/v1/bookings/{other}/cancellations/{id}/confirmations", new { quoteId = first }, stranger);
        var strange = await desk.Desk.PostAsync($"{desk.Path(id)}/confirmations", new { quoteId = first }, stranger);
        await desk.Desk.PostAsync($"{desk.Path(id)}/quotes", null, desk.Token);
        await desk.Service.ConsumeAsync(Assert.Single(await desk.Service.Published<CancellationRequoted>()));
        var second = await desk.QuoteAsync(id, Half);
        var older = await desk.Desk.PostAsync($"{desk.Path(id)}/confirmations", new { quoteId = first }, desk.Token);
        desk.Service.Clock.SetUtcNow((await desk.SagaAsync(id)).DeadlineAt!.Value);
        var expired = await desk.Desk.PostAsync($"{desk.Path(id)}/confirmations", new { quoteId = second }, desk.Token);
        await desk.PastDeadlineAsync(id);
        var lapsed = await desk.Desk.PostAsync($"{desk.Path(id)}/confirmations", new { quoteId = second }, desk.Token);

        Assert.Equal((HttpStatusCode.NotFound, "cancellation.not_found"), (foreign.StatusCode, await CodeAsync(foreign)));
        Assert.Equal(HttpStatusCode.NotFound, strange.StatusCode);
        Assert.NotEqual(first, second);
        Assert.Equal((HttpStatusCode.Conflict, "cancellation.quote_not_newest"), (older.StatusCode, await CodeAsync(older)));
        Assert.Equal((HttpStatusCode.Conflict, "cancellation.quote_expired"), (expired.StatusCode, await CodeAsync(expired)));
        Assert.Equal((HttpStatusCode.Conflict, "cancellation.ended"), (lapsed.StatusCode, await CodeAsync(lapsed)));
        Assert.Equal(("lapsed", "confirmed"), (State(await desk.ViewAsync(id)), State(await desk.BookingAsync())));
        Assert.Empty(await desk.Service.Published<CancelQuotedOrder>());
    }

    [Fact]
    public async Task A_refusal_of_the_airline_frees_the_booking_again()
    {
        await using var desk = await CancellationDesk.StartAsync();
        var id = await desk.AskAsync();
        await desk.ConfirmAsync(id, await desk.QuoteAsync(id, Half));
        await desk.LockAsync(id);
        await desk.Service.ConsumeAsync(new CancellationRefused(desk.BookingId, id, "cancellation.refused"));
        await desk.HearAsync(id);

        var view = await desk.ViewAsync(id);
        Assert.Equal(("refused", "cancellation.refused"), (State(view), view.GetProperty("notCancelledBecause").GetString()));
        Assert.Contains("quoteCancellation", Texts((await desk.BookingAsync()).GetProperty("availableActions")));
        Assert.Equal([CancellationNewsKind.NotCancelled], (await desk.Service.Published<CancellationNews>()).Select(news => news.Kind));
        Assert.Empty(await desk.Service.Published<RefundPayment>());
        await desk.AskAsync();
    }

    [Fact]
    public async Task A_newer_wish_takes_the_older_quote_back()
    {
        await using var desk = await CancellationDesk.StartAsync();
        var older = await desk.AskAsync();
        var quote = await desk.QuoteAsync(older, Half);
        var newer = await desk.AskAsync();
        await desk.Service.ConsumeAsync(Assert.Single(await desk.Service.Published<CancellationWithdrawn>()));
        var late = await desk.Desk.PostAsync($"{desk.Path(older)}/confirmations", new { quoteId = quote }, desk.Token);

        Assert.Equal(("lapsed", "quoting"), (State(await desk.ViewAsync(older)), State(await desk.ViewAsync(newer))));
        Assert.Equal("cancellation.ended", await CodeAsync(late));
        var all = (await BookingDesk.JsonAsync(await desk.Desk.GetAsync(desk.Path(), desk.Token))).GetProperty("cancellations").EnumerateArray().Select(view => view.GetProperty("id").GetGuid());
        Assert.Equal([older, newer], all);
    }

    [Theory]
    [InlineData("""{"coupons":[]}""", "cancellation.nothing_named")]
    [InlineData("""{"coupons":[{"passengerId":"p9","segmentOrdinal":1}]}""", "cancellation.passenger_unknown")]
    [InlineData("""{"coupons":[{"passengerId":"p1","segmentOrdinal":2}]}""", "cancellation.segment_unknown")]
    [InlineData("""{"coupons":[{"passengerId":"p1","segmentOrdinal":1},{"passengerId":"p1","segmentOrdinal":1}]}""", "cancellation.named_twice")]
    [InlineData("""{"cause":"involuntary"}""", "cancellation.involuntary_by_staff")]
    [InlineData("""{"amount":{"amount":"999.00","currency":"EUR"}}""", "request.unknown_field")]
    public async Task A_wish_that_makes_no_sense_is_refused_and_says_why(string body, string code)
    {
        await using var desk = await CancellationDesk.StartAsync();

        var response = await desk.Desk.PostAsync(desk.Path(), JsonSerializer.Deserialize<JsonElement>(body), desk.Token);

        Assert.Equal(code, await CodeAsync(response));
        Assert.Empty(await desk.Service.Published<CancellationRequested>());
    }

    [Fact]
    public async Task A_wish_to_cancel_while_the_tickets_are_issued_becomes_a_quote_by_mail_once_the_booking_is_confirmed()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, token) = await desk.BookAsync();
        await desk.UntilPaymentAsync(id);
        await desk.UntilCommitAsync(id);
        var asked = await desk.PostAsync($"/v1/bookings/{id}/cancellations", null, token);
        await desk.Service.ConsumeAsync(Assert.Single(await desk.Service.Published<BookingCancelRequested>()));
        await desk.UntilConfirmedAsync(id);

        var requested = Assert.Single(await desk.Service.Published<CancellationRequested>());
        Assert.Equal((HttpStatusCode.Accepted, true, id), (asked.StatusCode, requested.TellByMail, requested.BookingId));
        var cancellation = new CancellationDesk(desk, id, token);
        await desk.Service.ConsumeAsync(requested);
        await cancellation.QuoteAsync(requested.CancellationId, Half);
        Assert.Equal(CancellationNewsKind.QuoteReady, Assert.Single(await desk.Service.Published<CancellationNews>()).Kind);
        Assert.Equal("quoted", State(await cancellation.ViewAsync(requested.CancellationId)));
    }

    private static string State(JsonElement view) => view.GetProperty("state").GetString()!;

    private static string Place(JsonElement view) => view.GetProperty("refund").GetProperty("place").GetString()!;

    private static string Amount(JsonElement view, string field = "refund") => view.GetProperty(field).GetProperty("amount").GetString()!;

    private static string[] Texts(JsonElement list) => [.. list.EnumerateArray().Select(each => each.GetString()!)];

    private static async Task<string?> CodeAsync(HttpResponseMessage response) => (await BookingDesk.JsonAsync(response)).GetProperty("code").GetString();
}
