using System.Net;
using System.Text.RegularExpressions;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Payments;
using Aerona.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Aerona.Bookings.Tests.Manage;

public sealed partial class ManagePageTests
{
    [Fact]
    public async Task The_page_shows_a_new_price_and_its_button_takes_it()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, _) = await desk.BookAsync();
        await desk.UntilPriceDecisionAsync(id);
        var path = Path(desk, id);

        var (page, _) = await PageAsync(desk, path);
        var address = Forms().Matches(page).Select(match => match.Groups[1].Value).Single(action => action.EndsWith("/accept", StringComparison.Ordinal));
        var pressed = await PressAsync(desk, address);
        var again = await PressAsync(desk, address);
        foreach (var accepted in await desk.Service.Published<PriceAccepted>())
        {
            await desk.Service.ConsumeAsync(accepted);
        }

        Assert.Contains("518.00 EUR", page, StringComparison.Ordinal);
        Assert.Contains("560.50 EUR", page, StringComparison.Ordinal);
        Assert.Contains("Asia/Ho Chi Minh, UTC+7", WebUtility.HtmlDecode(page), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.SeeOther, $"{path}?sent=true"), (pressed.StatusCode, pressed.Headers.Location!.ToString()));
        Assert.Equal(HttpStatusCode.SeeOther, again.StatusCode);
        Assert.Single(await desk.Service.Published<HoldSeats>());
        var sent = (await PageAsync(desk, $"{path}?sent=true")).Page;
        Assert.Contains($"url={path}\"", sent, StringComparison.Ordinal);      // it looks again by itself, and then shows what is true
        Assert.DoesNotContain("<form", sent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_shows_what_cancelling_brings_back_and_its_button_cancels_once()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, token) = await ConfirmedAsync(desk);
        var cancelling = new Cancellation.CancellationDesk(desk, id, token);
        var path = Path(desk, id);
        var ask = Assert.Single(Actions((await PageAsync(desk, path)).Page));
        await PressAsync(desk, ask);
        var cancellation = Assert.Single(await desk.Service.Published<CancellationRequested>());
        await desk.Service.ConsumeAsync(cancellation);
        Assert.Contains("http-equiv=\"refresh\"", (await PageAsync(desk, path)).Page, StringComparison.Ordinal);   // the airline is being asked

        var quote = await cancelling.QuoteAsync(cancellation.CancellationId, new(12300, "EUR"));
        var page = WebUtility.HtmlDecode((await PageAsync(desk, path)).Page);
        var confirm = Actions(page).Single(action => action.EndsWith($"/confirmations/{quote}", StringComparison.Ordinal));
        await PressAsync(desk, confirm.Replace(quote.ToString(), Guid.NewGuid().ToString(), StringComparison.Ordinal));   // of a quote that is not there
        Assert.Empty(await desk.Service.Published<CancellationConfirmed>());
        var pressed = await PressAsync(desk, confirm);
        await PressAsync(desk, confirm);
        foreach (var confirmed in await desk.Service.Published<CancellationConfirmed>())
        {
            await desk.Service.ConsumeAsync(confirmed);
        }

        await PressAsync(desk, confirm);

        Assert.Contains("Hủy và nhận lại 123.00 EUR", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Lê", page, StringComparison.Ordinal);
        Assert.Equal($"{path}?sent=true", pressed.Headers.Location!.ToString());
        Assert.All(await desk.Service.Published<CancellationConfirmed>(), confirmed => Assert.Equal(quote, confirmed.QuoteId));
        Assert.Equal(2, (await desk.Service.Published<CancellationConfirmed>()).Count);      // pressed twice before it was heard; the saga takes the first
        Assert.Single((await desk.Service.Published<ServicingRequested>()).Select(asked => asked.ServicingId).Distinct());
        Assert.DoesNotContain("<form", (await PageAsync(desk, path)).Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_amount_that_nobody_knows_is_shown_so_and_keeping_the_booking_takes_the_wish_back()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, token) = await ConfirmedAsync(desk);
        var cancelling = new Cancellation.CancellationDesk(desk, id, token);
        var path = Path(desk, id);
        var cancellation = await cancelling.AskAsync();
        await cancelling.QuoteAsync(cancellation, null);

        var page = WebUtility.HtmlDecode((await PageAsync(desk, path)).Page);
        await PressAsync(desk, Actions(page).Single(action => action.EndsWith("/withdrawals", StringComparison.Ordinal)));
        await desk.Service.ConsumeAsync(Assert.Single(await desk.Service.Published<CancellationWithdrawn>()));

        Assert.Contains("Hủy dù chưa biết số tiền được hoàn", page, StringComparison.Ordinal);
        Assert.Contains("Chưa có gì bị hủy", WebUtility.HtmlDecode((await PageAsync(desk, path)).Page), StringComparison.Ordinal);
        Assert.Equal("confirmed", (await desk.ViewAsync(id, token)).GetProperty("state").GetString());
    }

    [Fact]
    public async Task The_buttons_of_another_booking_do_nothing_here()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (mine, _) = await ConfirmedAsync(desk);
        var (other, token) = await ConfirmedAsync(desk);
        var cancelling = new Cancellation.CancellationDesk(desk, other, token);
        var cancellation = await cancelling.AskAsync();
        var quote = await cancelling.QuoteAsync(cancellation, new(12300, "EUR"));

        await PressAsync(desk, $"{Path(desk, mine)}/cancellations/{cancellation}/confirmations/{quote}");
        await PressAsync(desk, $"{Path(desk, mine)}/cancellations/{cancellation}/withdrawals");

        Assert.Empty(await desk.Service.Published<CancellationConfirmed>());
        Assert.Empty(await desk.Service.Published<CancellationWithdrawn>());
    }

    private static List<string> Actions(string page) => [.. Forms().Matches(page).Select(match => match.Groups[1].Value)];

    private static async Task<(Guid Id, string Token)> ConfirmedAsync(BookingDesk desk)
    {
        var (id, token) = await desk.BookAsync();
        await desk.UntilPaymentAsync(id);
        await desk.UntilCommitAsync(id);
        await desk.UntilConfirmedAsync(id);
        return (id, token);
    }

    [Fact]
    public async Task The_other_button_leaves_it_and_a_button_of_an_old_page_changes_nothing()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, token) = await desk.BookAsync();
        var offer = await desk.UntilPriceDecisionAsync(id);
        var path = Path(desk, id);

        var old = await PressAsync(desk, $"{path}/price-decisions/{desk.Offers.Default.OfferId}/accept");
        await PressAsync(desk, $"{path}/price-decisions/{offer.OfferId}/decline");
        await desk.Service.ConsumeAsync(Assert.Single(await desk.Service.Published<PriceDeclined>()));

        Assert.Equal((HttpStatusCode.SeeOther, path), (old.StatusCode, old.Headers.Location!.ToString()));
        Assert.Empty(await desk.Service.Published<PriceAccepted>());
        Assert.Equal("rejected", (await desk.ViewAsync(id, token)).GetProperty("state").GetString());
        Assert.Contains("chưa có gì được mua", WebUtility.HtmlDecode((await PageAsync(desk, path)).Page), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_leads_to_paypal_and_asks_for_another_payment_where_the_last_one_failed()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, _) = await desk.BookAsync();
        await desk.UntilPaymentAsync(id);
        var path = Path(desk, id);
        var open = (await PageAsync(desk, path)).Page;
        var saga = await desk.SagaAsync(id);
        await desk.Service.ConsumeAsync(new PaymentApproved(id, saga.Payments[0].PaymentId));
        await desk.Service.ConsumeAsync(new SeatsPinned(id, saga.Holds[0].HoldId, 1));
        await desk.Service.ConsumeAsync(new PaymentDeclined(id, saga.Payments[0].PaymentId, "payment.declined"));

        var failed = (await PageAsync(desk, path)).Page;
        await PressAsync(desk, $"{path}/payments");
        await desk.Service.ConsumeAsync(Assert.Single(await desk.Service.Published<PaymentRetried>()));

        Assert.Contains("href=\"https://pay.example/1\"", open, StringComparison.Ordinal);
        Assert.DoesNotContain("<form", open, StringComparison.Ordinal);
        Assert.Contains($"action=\"{path}/payments\"", failed, StringComparison.Ordinal);
        Assert.Equal(2, (await desk.Service.Published<OpenPayment>()).Select(each => each.PaymentId).Distinct().Count());
    }

    [Fact]
    public async Task Looking_changes_nothing_and_shows_no_names_and_no_address()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, _) = await desk.BookAsync();
        await desk.UntilPriceDecisionAsync(id);

        var (page, answer) = await PageAsync(desk, Path(desk, id));
        await PageAsync(desk, Path(desk, id));

        Assert.Empty(await desk.Service.Published<PriceAccepted>());
        foreach (var secret in new[] { "Nguyễn", "Cúc", "example.org", "+8490", id.ToString() })
        {
            Assert.DoesNotContain(secret, WebUtility.HtmlDecode(page), StringComparison.OrdinalIgnoreCase);
        }

        Assert.Contains("default-src 'none'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("no-referrer", answer.Headers.GetValues("Referrer-Policy").Single());
        Assert.True(answer.Headers.CacheControl!.NoStore);
    }

    [Fact]
    public async Task The_page_speaks_the_travellers_language()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, _) = await desk.BookAsync();                          // whose contact asks for vi
        await desk.UntilPriceDecisionAsync(id);
        var english = await BookingDesk.JsonAsync(await desk.PostAsync("/v1/bookings", desk.Request(contact: new { email = "an@example.org" })));

        Assert.Contains("Chấp nhận giá mới", WebUtility.HtmlDecode((await PageAsync(desk, Path(desk, id))).Page), StringComparison.Ordinal);
        Assert.Contains("One moment, please", (await PageAsync(desk, Path(desk, english.GetProperty("id").GetGuid()))).Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_that_expired_or_was_made_up_shows_a_page_that_says_so_and_its_buttons_do_nothing()
    {
        await using var desk = await BookingDesk.StartAsync();
        var (id, _) = await desk.BookAsync();
        var offer = await desk.UntilPriceDecisionAsync(id);
        var links = desk.Service.Services.GetRequiredService<IBookingLinks>();

        foreach (var code in new[] { links.Code(id, desk.Now), links.Code(Guid.NewGuid(), desk.Now.AddDays(1)), "x", new string('A', 48), "%20" })
        {
            using var look = await desk.Service.Http.GetAsync($"/manage/{code}");
            using var press = await PressAsync(desk, $"/manage/{code}/price-decisions/{offer.OfferId}/accept");
            using var pay = await PressAsync(desk, $"/manage/{code}/payments");
            Assert.All([look, press, pay], answer => Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode));
            Assert.Contains("text/html", look.Content.Headers.ContentType!.ToString(), StringComparison.Ordinal);
        }

        using var odd = await PressAsync(desk, $"{Path(desk, id)}/price-decisions/{offer.OfferId}/perhaps");
        Assert.Equal(HttpStatusCode.NotFound, odd.StatusCode);
        Assert.Empty(await desk.Service.Published<PriceAccepted>());
        Assert.Empty(await desk.Service.Published<PaymentRetried>());
    }

    private static string Path(BookingDesk desk, Guid id) => $"/manage/{desk.Service.Services.GetRequiredService<IBookingLinks>().Code(id, desk.Now.AddDays(7))}";

    private static async Task<(string Page, HttpResponseMessage Answer)> PageAsync(BookingDesk desk, string path)
    {
        var answer = await desk.Service.Http.GetAsync(path);
        Assert.Equal((HttpStatusCode.OK, "text/html"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        return (await answer.Content.ReadAsStringAsync(), answer);
    }

    /// <summary>As a browser sends a form without fields; what it is sent on to is not followed.</summary>
    private static async Task<HttpResponseMessage> PressAsync(BookingDesk desk, string path)
    {
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = desk.Service.Http.BaseAddress };
        return await browser.PostAsync(path, new FormUrlEncodedContent([]));
    }

    [GeneratedRegex(@"<form method=""post"" action=""([^""]+)""")]
    private static partial Regex Forms();
}
