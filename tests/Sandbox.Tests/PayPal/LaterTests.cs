using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Xunit;
using static Aerona.Sandbox.Tests.PayPal.PlayedPayPal;

namespace Aerona.Sandbox.Tests.PayPal;

/// <summary>What becomes of a reservation later: renewals, decisions, and what PayPal does by itself.</summary>
public sealed class LaterTests
{
    private static readonly object Whole = new { amount = new { currency_code = "EUR", value = "199.90" } };

    [Fact]
    public async Task After_three_days_a_reservation_is_renewed_once_with_an_id_of_its_own_and_the_same_money()
    {
        await using var paypal = await StartAsync();
        var (order, authorization) = await paypal.AuthorizedAsync();
        var (_, early) = await RenewAsync(paypal, authorization, "a");
        paypal.Leap(TimeSpan.FromDays(3));

        var (made, renewal) = await RenewAsync(paypal, authorization, "b");
        var (same, again) = await RenewAsync(paypal, authorization, "b");
        var (_, twice) = await RenewAsync(paypal, authorization, "c");
        var (_, ofRenewal) = await RenewAsync(paypal, Id(renewal), "d");
        var (_, unvoidable) = await paypal.CallAsync(HttpMethod.Post, $"/v2/payments/authorizations/{Id(renewal)}/void");
        var (captured, _) = await paypal.PostAsync($"/v2/payments/authorizations/{Id(renewal)}/capture", new { final_capture = true });
        var (_, parent) = await paypal.PostAsync($"/v2/payments/authorizations/{authorization}/capture");

        Assert.Equal("REAUTHORIZATION_TOO_SOON", Issue(early));
        Assert.Equal(HttpStatusCode.Created, made);
        Assert.Equal(HttpStatusCode.OK, same);
        Assert.Equal(renewal.GetRawText(), again.GetRawText());
        Assert.NotEqual(authorization, Id(renewal));
        Assert.Equal("2026-12-04T00:00:00Z", renewal.GetProperty("create_time").GetString());
        Assert.Equal("2026-12-30T00:00:00Z", renewal.GetProperty("expiration_time").GetString());   // as the first one
        Assert.Equal("REAUTHORIZATION_NOT_SUPPORTED", Issue(twice));
        Assert.Equal("REAUTHORIZATION_NOT_SUPPORTED", Issue(ofRenewal));
        Assert.Equal("CANNOT_BE_VOIDED", Issue(unvoidable));
        Assert.Equal(HttpStatusCode.Created, captured);
        Assert.Equal("AUTHORIZATION_ALREADY_CAPTURED", Issue(parent));
        await BooksAreAsync(paypal, order, authorised: "199.90", voided: "0.00", captured: "199.90", open: "0.00");
    }

    [Fact]
    public async Task The_honour_period_is_a_setting()
    {
        await using var paypal = await StartAsync(("Sandbox:PayPal:HonourPeriod", "00:00:05"));
        var (_, authorization) = await paypal.AuthorizedAsync();
        var (_, early) = await RenewAsync(paypal, authorization, "a");
        paypal.Service.Clock.Advance(TimeSpan.FromSeconds(5));

        var (made, _) = await RenewAsync(paypal, authorization, "b");

        Assert.Equal("REAUTHORIZATION_TOO_SOON", Issue(early));
        Assert.Equal(HttpStatusCode.Created, made);
        Assert.Contains("00:00:05", await paypal.Http.GetStringAsync("/sandbox/paypal"));
    }

    [Fact]
    public async Task A_voided_reservation_takes_its_renewal_with_it_and_cannot_be_renewed()
    {
        await using var paypal = await StartAsync();
        var (order, authorization) = await paypal.AuthorizedAsync("day-four");
        var (_, renewal) = await RenewAsync(paypal, authorization, "a");
        var (_, other) = await paypal.AuthorizedAsync("day-four");
        await paypal.CallAsync(HttpMethod.Post, $"/v2/payments/authorizations/{other}/void");

        var (voided, _) = await paypal.CallAsync(HttpMethod.Post, $"/v2/payments/authorizations/{authorization}/void");
        var (_, capture) = await paypal.PostAsync($"/v2/payments/authorizations/{Id(renewal)}/capture");
        var (_, late) = await RenewAsync(paypal, other, "b");

        Assert.Equal(HttpStatusCode.OK, voided);
        Assert.Equal("AUTHORIZATION_VOIDED", Issue(capture));
        Assert.Equal("AUTHORIZATION_VOIDED", Issue(late));
        await BooksAreAsync(paypal, order, authorised: "199.90", voided: "199.90", captured: "0.00", open: "0.00");
    }

    [Fact]
    public async Task On_day_four_the_money_can_be_taken_only_after_a_renewal()
    {
        await using var paypal = await StartAsync();
        var (order, authorization) = await paypal.AuthorizedAsync("day-four");

        var (_, refused) = await paypal.PostAsync($"/v2/payments/authorizations/{authorization}/capture", requestId: "a");
        var (_, renewal) = await RenewAsync(paypal, authorization, "b");
        var (taken, _) = await paypal.PostAsync($"/v2/payments/authorizations/{Id(renewal)}/capture", requestId: "c");

        Assert.Equal("TRANSACTION_REFUSED", Issue(refused));
        Assert.Equal(HttpStatusCode.Created, taken);
        await BooksAreAsync(paypal, order, authorised: "199.90", voided: "0.00", captured: "199.90", open: "0.00");
    }

    [Theory]
    [InlineData("timeout-before-reauthorize", 0)]
    [InlineData("timeout-after-reauthorize", 1)]
    public async Task A_renewal_whose_answer_is_lost_may_or_may_not_be_there_and_the_same_id_tells(string payer, int before)
    {
        await using var paypal = await StartAsync();
        var (order, authorization) = await paypal.AuthorizedAsync(payer);

        await Assert.ThrowsAsync<HttpRequestException>(() => RenewAsync(paypal, authorization, "a"));
        var renewals = await RenewalsAsync();
        var (_, renewal) = await RenewAsync(paypal, authorization, "a");

        Assert.Equal(before, renewals);
        Assert.Equal("CREATED", renewal.GetProperty("status").GetString());
        Assert.Equal(1, await RenewalsAsync());

        async Task<int> RenewalsAsync() => (await paypal.GetAsync($"/v2/checkout/orders/{order}")).Json
            .GetProperty("purchase_units")[0].GetProperty("payments").GetProperty("authorizations").GetArrayLength() - 1;
    }

    [Fact]
    public async Task A_renewal_can_be_refused_and_another_currency_or_amount_is()
    {
        await using var paypal = await StartAsync();
        var (order, authorization) = await paypal.AuthorizedAsync("reauthorize-declined");
        var (_, other) = await paypal.AuthorizedAsync("day-four");

        var (status, refused) = await RenewAsync(paypal, authorization, "a");
        var (_, currency) = await paypal.PostAsync($"/v2/payments/authorizations/{other}/reauthorize", new { amount = new { currency_code = "USD", value = "199.90" } });
        var (_, more) = await paypal.PostAsync($"/v2/payments/authorizations/{other}/reauthorize", new { amount = new { currency_code = "EUR", value = "199.91" } });

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Equal("PAYER_CANNOT_PAY", Issue(refused));
        Assert.Equal("AUTH_CURRENCY_MISMATCH", Issue(currency));
        Assert.Equal("TRANSACTION_REFUSED", Issue(more));
        await BooksAreAsync(paypal, order, authorised: "199.90", voided: "0.00", captured: "0.00", open: "199.90");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PayPal_voids_by_itself_by_a_click_or_a_script_and_tells(bool byClick)
    {
        await using var paypal = await StartAsync();
        await using var listener = await Listener.StartAsync();
        await paypal.PostAsync("/v1/notifications/webhooks", new { url = listener.Url, event_types = new[] { new { name = "PAYMENT.AUTHORIZATION.VOIDED" } } });
        var (order, authorization) = await paypal.AuthorizedAsync();
        var page = await paypal.Http.GetStringAsync($"/sandbox/paypal/orders/{order}");

        using var done = await ActAsync();
        using var twice = await ActAsync();
        var heard = await listener.NextAsync();

        Assert.Contains("value=\"void\"", page);
        Assert.True(done.IsSuccessStatusCode);
        Assert.Equal(HttpStatusCode.Conflict, twice.StatusCode);
        Assert.Equal(authorization, heard.Json.GetProperty("resource").GetProperty("id").GetString());
        Assert.Equal("VOIDED", (await paypal.GetAsync($"/v2/payments/authorizations/{authorization}")).Json.GetProperty("status").GetString());
        Assert.DoesNotContain("value=\"void\"", await paypal.Http.GetStringAsync($"/sandbox/paypal/orders/{order}"));
        await BooksAreAsync(paypal, order, authorised: "199.90", voided: "199.90", captured: "0.00", open: "0.00");

        Task<HttpResponseMessage> ActAsync() => byClick
            ? paypal.Http.PostAsync("/sandbox/paypal/decision", new FormUrlEncodedContent([new("token", order), new("decision", "void")]))
            : paypal.Http.PostAsync($"/sandbox/paypal/checkout/{order}/void", null);
    }

    [Fact]
    public async Task A_reservation_that_nobody_takes_lapses_after_29_days_and_PayPal_tells()
    {
        await using var paypal = await StartAsync();
        await using var listener = await Listener.StartAsync();
        await paypal.PostAsync("/v1/notifications/webhooks", new { url = listener.Url, event_types = new[] { new { name = "PAYMENT.AUTHORIZATION.VOIDED" } } });
        var (order, authorization) = await paypal.AuthorizedAsync();

        paypal.Leap(TimeSpan.FromDays(29));
        await BooksAreAsync(paypal, order, authorised: "199.90", voided: "199.90", captured: "0.00", open: "0.00");

        Assert.Equal("PAYMENT.AUTHORIZATION.VOIDED", (await listener.NextAsync()).Type);
        Assert.Equal("VOIDED", (await paypal.GetAsync($"/v2/payments/authorizations/{authorization}")).Json.GetProperty("status").GetString());
    }

    [Theory]
    [InlineData(true, "COMPLETED", "PAYMENT.CAPTURE.COMPLETED", "199.90", "0.00")]
    [InlineData(false, "DECLINED", "PAYMENT.CAPTURE.DENIED", "0.00", "199.90")]
    public async Task A_pending_capture_keeps_the_money_reserved_until_it_is_decided(bool accept, string status, string type, string captured, string open)
    {
        await using var paypal = await StartAsync();
        await using var listener = await Listener.StartAsync();
        await paypal.PostAsync("/v1/notifications/webhooks", new { url = listener.Url, event_types = new[] { new { name = type } } });
        var (order, authorization) = await paypal.AuthorizedAsync("capture-pending");
        var (_, capture) = await paypal.PostAsync($"/v2/payments/authorizations/{authorization}/capture", new { final_capture = true });
        await BooksAreAsync(paypal, order, authorised: "199.90", voided: "0.00", captured: "0.00", open: "199.90");

        using var decided = await paypal.Http.PostAsJsonAsync($"/sandbox/paypal/checkout/{order}/decision", new { accept });

        Assert.Equal(type, (await listener.NextAsync()).Type);
        Assert.Equal(status, (await paypal.GetAsync($"/v2/payments/captures/{Id(capture)}")).Json.GetProperty("status").GetString());
        await BooksAreAsync(paypal, order, authorised: "199.90", voided: "0.00", captured, open);
        var sums = (await paypal.Http.GetFromJsonAsync<JsonElement>("/sandbox/paypal/books")).GetProperty("currencies")[0];
        Assert.Equal(open, sums.GetProperty("open").GetProperty("amount").GetString());
    }

    [Fact]
    public async Task Every_scenario_is_told_on_the_page()
    {
        await using var paypal = await StartAsync();

        var page = await paypal.Http.GetStringAsync("/sandbox/paypal");

        Assert.All(
            ["day-four", "reauthorize-declined", "timeout-after-reauthorize", "review", "capture-pending", "capture-declined", "/void", "/decision", "/faults", "three days"],
            word => Assert.Contains(word, page));
    }

    private static Task<(HttpStatusCode Status, JsonElement Json)> RenewAsync(PlayedPayPal paypal, string authorization, string requestId) =>
        paypal.PostAsync($"/v2/payments/authorizations/{authorization}/reauthorize", Whole, requestId);

    private static string Id(JsonElement json) => json.GetProperty("id").GetString()!;

    private static async Task BooksAreAsync(PlayedPayPal paypal, string order, string authorised, string voided, string captured, string open)
    {
        var books = await paypal.BooksAsync(order);
        string Of(string name) => books.GetProperty(name).GetProperty("amount").GetString()!;
        Assert.Equal((authorised, voided, captured, open), (Of("authorised"), Of("voided"), Of("captured"), Of("open")));
    }
}
