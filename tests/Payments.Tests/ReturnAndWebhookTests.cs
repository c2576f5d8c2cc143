using System.Net;
using System.Text;
using Aerona.Contracts.Payments;
using Aerona.Payments.Data;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Payments.Tests;

public sealed class ReturnAndWebhookTests
{
    [Fact]
    public async Task Coming_back_from_PayPal_says_approved_once_and_shows_a_page()
    {
        await using var world = await World.StartAsync();
        await world.OpenAsync();
        await world.ApproveAsync();

        var first = await BackAsync(world, $"/v1/payments/return?token={await world.OrderIdAsync()}&PayerID=X");
        var again = await BackAsync(world, $"/v1/payments/return?token={await world.OrderIdAsync()}&PayerID=X");

        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Contains("R7KX2M", await first.Content.ReadAsStringAsync());
        Assert.Equal(1, await world.CountAsync<PaymentApproved>());
    }

    [Fact]
    public async Task Coming_back_without_an_approval_proves_nothing()
    {
        await using var world = await World.StartAsync();
        await world.OpenAsync();

        var page = await BackAsync(world, $"/v1/payments/return?token={await world.OrderIdAsync()}&PayerID=FORGED");

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Equal(0, await world.CountAsync<PaymentApproved>());
    }

    [Fact]
    public async Task When_PayPal_cannot_be_asked_the_payer_is_told_that_we_check()
    {
        await using var world = await World.StartAsync();
        await world.OpenAsync();
        await world.ApproveAsync();
        await world.NextFailsAsync("orders.get", "errorAfter");

        var page = await BackAsync(world, $"/v1/payments/return?token={await world.OrderIdAsync()}");

        Assert.Contains("checking", await page.Content.ReadAsStringAsync());
        Assert.Equal(0, await world.CountAsync<PaymentApproved>());
    }

    [Theory]
    [InlineData("https://shop.example/done?a=1", "https://shop.example/done?a=1&booking=")]
    [InlineData("javascript:alert(1)", null)]
    [InlineData("//evil.example", null)]
    [InlineData("file:///etc/passwd", null)]
    public async Task A_browser_is_only_sent_to_a_web_address(string returnUrl, string? target)
    {
        await using var world = await World.StartAsync();
        await world.OpenAsync(returnUrl: returnUrl);
        await world.ApproveAsync();

        var back = await BackAsync(world, $"/v1/payments/return?token={await world.OrderIdAsync()}");
        var cancelled = await BackAsync(world, $"/v1/payments/cancelled?token={await world.OrderIdAsync()}");

        Assert.Equal(target is null ? HttpStatusCode.OK : HttpStatusCode.Redirect, back.StatusCode);
        Assert.Equal(target is null, back.Headers.Location is null);
        Assert.StartsWith(target ?? "", back.Headers.Location?.ToString() ?? "");
        Assert.Equal(back.StatusCode, cancelled.StatusCode);
    }

    [Theory]
    [InlineData("/v1/payments/return")]
    [InlineData("/v1/payments/return?token=NOBODYS")]
    [InlineData("/v1/payments/cancelled?token=%3Cscript%3E")]
    public async Task An_unknown_payment_is_a_page_that_says_so(string path)
    {
        await using var world = await World.StartAsync();

        var page = await BackAsync(world, path);

        Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
        Assert.DoesNotContain("<script>", await page.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task An_approval_that_only_the_webhook_tells_is_said_once_however_often_it_is_sent()
    {
        await using var world = await World.StartAsync(webhooks: true);
        await world.OpenAsync();
        await world.ApproveAsync("no-return");
        var letter = await world.WebhookAsync();

        var statuses = await Task.WhenAll(Enumerable.Range(0, 25).Select(_ => world.BringAsync(letter)));
        await world.LookAtAsync(letter.EventId);
        await world.LookAtAsync(letter.EventId);

        Assert.All(statuses, status => Assert.Equal(200, status));
        Assert.Equal(1, await world.CountAsync<ProcessPayPalEvent>());
        Assert.Equal(1, await world.CountAsync<PaymentApproved>());
        Assert.Equal(1, await world.Payments.Query<PaymentsDbContext, int>(db => db.WebhookEvents.CountAsync(one => one.State == WebhookState.Processed)));
        Assert.Equal(Encoding.UTF8.GetString(letter.Body), await world.Payments.Query<PaymentsDbContext, string>(db => db.WebhookEvents.Select(one => one.Body).SingleAsync()));
    }

    [Fact]
    public async Task Events_in_the_wrong_order_change_nothing_that_is_true()
    {
        await using var world = await World.StartAsync(webhooks: true);
        await world.OpenAsync();
        await world.ApproveAsync();
        var approved = await world.WebhookAsync();
        await world.AuthorizeAsync();
        var authorized = await world.WebhookAsync();
        await world.CaptureAsync();
        var captured = await world.WebhookAsync();

        foreach (var letter in new[] { captured, authorized, approved })
        {
            await world.BringAsync(letter);
            await world.LookAtAsync(letter.EventId);
        }

        Assert.Equal("CHECKOUT.ORDER.APPROVED", approved.Type);
        Assert.Equal(PaymentState.Captured, (await world.PaymentAsync())!.State);
        Assert.Equal(0, await world.CountAsync<PaymentApproved>());
        Assert.Equal(1, await world.CountAsync<PaymentCaptured>());
        var (theirs, ours) = await world.TotalsAsync();
        Assert.Equal(theirs, ours);
    }

    [Theory]
    [InlineData("body")]
    [InlineData("signature")]
    [InlineData("transmission")]
    public async Task A_forged_event_is_never_believed_and_does_not_shut_the_real_one_out(string what)
    {
        await using var world = await World.StartAsync(webhooks: true);
        await world.OpenAsync();
        await world.ApproveAsync("no-return");
        var letter = await world.WebhookAsync();
        var forged = what switch
        {
            "body" => letter with { Body = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(letter.Body).Replace("199.90", "199.99", StringComparison.Ordinal)) },
            "signature" => letter with { Headers = With(letter, "PAYPAL-TRANSMISSION-SIG", Convert.ToBase64String(new byte[256])) },
            _ => letter with { Headers = With(letter, "PAYPAL-TRANSMISSION-ID", Guid.NewGuid().ToString()) },
        };

        await world.BringAsync(forged);
        await world.LookAtAsync(letter.EventId);
        var afterForged = await world.CountAsync<PaymentApproved>();
        await world.BringAsync(letter);
        await world.LookAtAsync(letter.EventId);

        Assert.Equal(0, afterForged);
        Assert.Equal(1, await world.CountAsync<PaymentApproved>());
    }

    [Theory]
    [InlineData("{", "webhook.malformed")]
    [InlineData("[]", "webhook.malformed")]
    [InlineData("{\"id\":\"WH-1\"}", "webhook.malformed")]
    public async Task What_is_no_event_is_refused_and_not_kept(string body, string code)
    {
        await using var world = await World.StartAsync();

        using var answer = await world.Payments.Http.PostAsync("/v1/webhooks/paypal", new StringContent(body, Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(code, await answer.Content.ReadAsStringAsync());
        Assert.Equal(0, await world.Payments.Query<PaymentsDbContext, int>(db => db.WebhookEvents.CountAsync()));
    }

    [Fact]
    public async Task An_event_about_nothing_we_know_is_parked_looked_at_again_and_given_up_after_an_hour()
    {
        await using var world = await World.StartAsync(webhooks: true);
        await world.OpenAsync();
        await world.ApproveAsync();
        var letter = await world.WebhookAsync();
        await world.Payments.Query<PaymentsDbContext, int>(db => db.Payments.ExecuteDeleteAsync());   // as if it were somebody else's

        await world.BringAsync(letter);
        await world.LookAtAsync(letter.EventId);
        var parked = await StateAsync();
        var again = (await world.Payments.Published<ProcessPayPalEvent>()).Count;
        world.Payments.Clock.Advance(TimeSpan.FromHours(1));
        await world.LookAtAsync(letter.EventId);

        Assert.Equal(WebhookState.Parked, parked);
        Assert.Equal(2, again);
        Assert.Equal(WebhookState.Unmatched, await StateAsync());

        Task<WebhookState> StateAsync() => world.Payments.Query<PaymentsDbContext, WebhookState>(db => db.WebhookEvents.Select(one => one.State).SingleAsync());
    }

    [Fact]
    public async Task An_authorisation_that_a_webhook_shows_after_the_close_is_voided_by_Payments_itself()
    {
        await using var world = await World.StartAsync(webhooks: true);
        await world.GivenAuthorizedAsync("timeout-after");
        await world.WebhookAsync();
        var letter = await world.WebhookAsync();
        await world.Payments.Query<PaymentsDbContext, int>(db => db.Payments.ExecuteUpdateAsync(set => set.SetProperty(one => one.ClosedAt, World.Now)));

        await world.BringAsync(letter);
        await world.LookAtAsync(letter.EventId);
        await world.Payments.ConsumeAsync(Assert.Single(await world.Payments.Published<VoidPayment>()));

        Assert.Equal("PAYMENT.AUTHORIZATION.CREATED", letter.Type);
        Assert.Equal(World.Price, (await world.SaidAsync<PaymentVoided>()).Voided);
        Assert.Equal("0.00", (await world.BooksAsync()).Open);
    }

    [Fact]
    public async Task Only_support_staff_see_payments()
    {
        await using var world = await World.StartAsync();

        using var nobody = await world.Payments.Http.GetAsync($"/v1/support/payments/{world.BookingId}");

        Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
    }

    private static Dictionary<string, string> With(Letter letter, string name, string value) =>
        letter.Headers.ToDictionary(one => one.Key, one => one.Key.Equals(name, StringComparison.OrdinalIgnoreCase) ? value : one.Value);

    private static async Task<HttpResponseMessage> BackAsync(World world, string path)
    {
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = world.Payments.Http.BaseAddress };
        return await browser.GetAsync(path);
    }
}
