using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Aerona.Hosting;
using Xunit;
using static Aerona.Sandbox.Tests.PayPal.PlayedPayPal;

namespace Aerona.Sandbox.Tests.PayPal;

public sealed class OrdersTests
{
    [Fact]
    public async Task Without_a_token_nothing_is_answered()
    {
        await using var paypal = await StartAsync();

        using var none = await paypal.Http.GetAsync("/sandbox/paypal/v2/checkout/orders/5O190127TN364715T");
        using var wrong = new HttpRequestMessage(HttpMethod.Get, "/sandbox/paypal/v2/checkout/orders/5O190127TN364715T") { Headers = { Authorization = new("Bearer", "A21AAnobodys") } };
        using var refused = await paypal.Http.SendAsync(wrong);

        Assert.Equal(HttpStatusCode.Unauthorized, none.StatusCode);
        Assert.Equal("AUTHENTICATION_FAILURE", (await none.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("name").GetString());
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task A_token_needs_the_right_secret_and_ends_after_nine_hours()
    {
        await using var paypal = await StartAsync();
        using var wrong = new HttpRequestMessage(HttpMethod.Post, "/sandbox/paypal/v1/oauth2/token")
        {
            Content = new FormUrlEncodedContent([new("grant_type", "client_credentials")]),
            Headers = { Authorization = Basic("aerona-sandbox", "guessed") },
        };
        using var refused = await paypal.Http.SendAsync(wrong);
        var (before, _) = await paypal.GetAsync("/v1/notifications/webhooks");

        paypal.Service.Clock.Advance(TimeSpan.FromHours(9));
        var (after, _) = await paypal.GetAsync("/v1/notifications/webhooks");

        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal("invalid_client", (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetString());
        Assert.Equal(HttpStatusCode.OK, before);
        Assert.Equal(HttpStatusCode.Unauthorized, after);
    }

    [Fact]
    public async Task An_order_of_the_wallet_wants_the_payer_and_says_where()
    {
        await using var paypal = await StartAsync();

        var (status, order) = await paypal.PostAsync("/v2/checkout/orders", Order());

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("PAYER_ACTION_REQUIRED", order.GetProperty("status").GetString());
        var link = order.GetProperty("links").EnumerateArray().Single(link => link.GetProperty("rel").GetString() == "payer-action").GetProperty("href").GetString()!;
        Assert.EndsWith("/sandbox/paypal/checkoutnow?token=" + order.GetProperty("id").GetString(), link);
        var page = await paypal.Http.GetStringAsync(link);
        Assert.Contains("199.90 EUR", page);
        Assert.Contains("timeout-after", page);
    }

    [Fact]
    public async Task An_order_without_a_payment_source_is_created_with_an_approve_link()
    {
        await using var paypal = await StartAsync();

        var (status, order) = await paypal.PostAsync(
            "/v2/checkout/orders", new { intent = "AUTHORIZE", purchase_units = new[] { new { amount = new { currency_code = "JPY", value = "1300" } } } },
            representation: false);

        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal("CREATED", order.GetProperty("status").GetString());
        Assert.Contains(order.GetProperty("links").EnumerateArray(), link => link.GetProperty("rel").GetString() == "approve");
        Assert.False(order.TryGetProperty("purchase_units", out _), "the default answer is minimal");
    }

    [Theory]
    [InlineData("""{"purchase_units":[]}""", 400, "MISSING_REQUIRED_PARAMETER")]
    [InlineData("""{"intent":"STEAL","purchase_units":[{"amount":{"currency_code":"EUR","value":"1.00"}}]}""", 400, "INVALID_PARAMETER_VALUE")]
    [InlineData("""{"intent":"AUTHORIZE","purchase_units":[]}""", 400, "INVALID_ARRAY_MIN_ITEMS")]
    [InlineData("""{"intent":"AUTHORIZE","purchase_units":[{}]}""", 400, "MISSING_REQUIRED_PARAMETER")]
    [InlineData("""{"intent":"AUTHORIZE","purchase_units":[{"amount":{"currency_code":"EUR","value":"1,00"}}]}""", 400, "INVALID_PARAMETER_SYNTAX")]
    [InlineData("""{"intent":"AUTHORIZE","purchase_units":[{"amount":{"currency_code":"EUR","value":1.00}}]}""", 400, "INVALID_PARAMETER_SYNTAX")]
    [InlineData("""{"intent":"AUTHORIZE","purchase_units":[{"amount":{"currency_code":"VND","value":"100000"}}]}""", 422, "INVALID_CURRENCY_CODE")]
    [InlineData("""{"intent":"AUTHORIZE","purchase_units":[{"amount":{"currency_code":"JPY","value":"100.50"}}]}""", 422, "DECIMAL_PRECISION")]
    [InlineData("""{"intent":"AUTHORIZE","purchase_units":[{"amount":{"currency_code":"HUF","value":"100.50"}}]}""", 422, "DECIMAL_PRECISION")]
    [InlineData("""{"intent":"AUTHORIZE","purchase_units":[{"amount":{"currency_code":"EUR","value":"0.00"}}]}""", 422, "CANNOT_BE_ZERO_OR_NEGATIVE")]
    [InlineData("""{"intent":"AUTHORIZE","purchase_units":[{"amount":{"currency_code":"EUR","value":"1"}},{"amount":{"currency_code":"EUR","value":"1"}}]}""", 422, "UNSUPPORTED_INTENT")]
    [InlineData("""{"intent":"AUTHORIZE",""", 400, "MALFORMED_REQUEST_JSON")]
    public async Task A_bad_order_is_refused_in_PayPals_words(string body, int status, string issue)
    {
        await using var paypal = await StartAsync();

        var (got, error) = await paypal.PostAsync("/v2/checkout/orders", body);

        Assert.Equal(status, (int)got);
        Assert.Equal(issue, Issue(error));
        Assert.NotEmpty(error.GetProperty("debug_id").GetString()!);
        Assert.Equal(status == 400 ? "INVALID_REQUEST" : "UNPROCESSABLE_ENTITY", error.GetProperty("name").GetString());
    }

    [Fact]
    public async Task Authorize_wants_JSON_even_without_a_body()
    {
        await using var paypal = await StartAsync();
        var id = await paypal.ApprovedAsync();

        var (status, _) = await paypal.CallAsync(HttpMethod.Post, $"/v2/checkout/orders/{id}/authorize");

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, status);
    }

    [Fact]
    public async Task The_approved_amount_is_reserved_and_nothing_is_taken()
    {
        await using var paypal = await StartAsync();
        var id = await paypal.ApprovedAsync();

        var (status, order) = await paypal.PostAsync($"/v2/checkout/orders/{id}/authorize");

        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal("COMPLETED", order.GetProperty("status").GetString());
        var authorization = Authorization(order);
        Assert.Equal("CREATED", authorization.GetProperty("status").GetString());
        Assert.Equal("199.90", authorization.GetProperty("amount").GetProperty("value").GetString());
        Assert.Equal("2026-12-30T00:00:00Z", authorization.GetProperty("expiration_time").GetString());
        var books = await paypal.BooksAsync(id);
        Assert.Equal("199.90", books.GetProperty("open").GetProperty("amount").GetString());
        Assert.Equal("0.00", books.GetProperty("captured").GetProperty("amount").GetString());
    }

    [Fact]
    public async Task Before_the_payer_approves_nothing_can_be_reserved()
    {
        await using var paypal = await StartAsync();
        var (_, order) = await paypal.PostAsync("/v2/checkout/orders", Order());

        var (status, error) = await paypal.PostAsync($"/v2/checkout/orders/{order.GetProperty("id").GetString()}/authorize");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Equal("ORDER_NOT_APPROVED", Issue(error));
    }

    [Fact]
    public async Task The_same_request_id_gets_the_first_answer_and_another_one_is_refused()
    {
        await using var paypal = await StartAsync();
        var id = await paypal.ApprovedAsync();
        var (first, made) = await paypal.PostAsync($"/v2/checkout/orders/{id}/authorize", requestId: "once");

        var (again, same) = await paypal.PostAsync($"/v2/checkout/orders/{id}/authorize", requestId: "once");
        var (other, error) = await paypal.PostAsync($"/v2/checkout/orders/{id}/authorize", requestId: "twice");
        var (none, _) = await paypal.PostAsync($"/v2/checkout/orders/{id}/authorize");

        Assert.Equal(HttpStatusCode.Created, first);
        Assert.Equal(HttpStatusCode.OK, again);
        Assert.Equal(made.GetRawText(), same.GetRawText());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other);
        Assert.Equal("ORDER_ALREADY_AUTHORIZED", Issue(error));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, none);
    }

    [Fact]
    public async Task Fifty_authorizes_at_once_reserve_once()
    {
        await using var paypal = await StartAsync();
        var id = await paypal.ApprovedAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(number => paypal.PostAsync($"/v2/checkout/orders/{id}/authorize", requestId: $"r{number % 5}")));

        Assert.Single(answers, answer => answer.Status == HttpStatusCode.Created);
        Assert.Equal(9, answers.Count(answer => answer.Status == HttpStatusCode.OK));
        Assert.Equal("199.90", (await paypal.BooksAsync(id)).GetProperty("authorised").GetProperty("amount").GetString());
    }

    [Fact]
    public async Task A_declined_payer_is_declined_again_with_the_same_id()
    {
        await using var paypal = await StartAsync();
        var id = await paypal.ApprovedAsync("declined");

        var (status, error) = await paypal.PostAsync($"/v2/checkout/orders/{id}/authorize", requestId: "a");
        var (again, same) = await paypal.PostAsync($"/v2/checkout/orders/{id}/authorize", requestId: "a");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Equal("INSTRUMENT_DECLINED", Issue(error));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, again);
        Assert.Equal(error.GetRawText(), same.GetRawText());
        Assert.Equal("0.00", (await paypal.BooksAsync(id)).GetProperty("authorised").GetProperty("amount").GetString());
    }

    [Fact]
    public async Task An_order_with_intent_capture_takes_the_money_at_once()
    {
        await using var paypal = await StartAsync();
        var id = await paypal.ApprovedAsync(intent: "CAPTURE");

        var (mismatch, error) = await paypal.PostAsync($"/v2/checkout/orders/{id}/authorize");
        var (status, order) = await paypal.PostAsync($"/v2/checkout/orders/{id}/capture");

        Assert.Equal("ACTION_DOES_NOT_MATCH_INTENT", Issue(error));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, mismatch);
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal("COMPLETED", order.GetProperty("purchase_units")[0].GetProperty("payments").GetProperty("captures")[0].GetProperty("status").GetString());
        Assert.Equal("199.90", (await paypal.BooksAsync(id)).GetProperty("captured").GetProperty("amount").GetString());
    }

    [Fact]
    public async Task Who_approved_and_did_not_hear_of_it_is_told_again_even_when_the_money_is_reserved_by_now_and_nobody_else_approves()
    {
        await using var paypal = await StartAsync();
        var (order, _) = await paypal.AuthorizedAsync();

        using var again = await paypal.ApproveAsync(order, "happy");
        using var other = await paypal.ApproveAsync(order, "declined");

        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, other.StatusCode);
    }

    [Fact]
    public async Task An_order_that_nobody_approves_for_three_hours_lapses()
    {
        await using var paypal = await StartAsync();
        var (_, order) = await paypal.PostAsync("/v2/checkout/orders", Order());
        var id = order.GetProperty("id").GetString()!;

        paypal.Service.Clock.Advance(TimeSpan.FromHours(3) + TimeSpan.FromSeconds(1));

        using var approval = await paypal.ApproveAsync(id, "happy");
        var (_, error) = await paypal.PostAsync($"/v2/checkout/orders/{id}/authorize");
        Assert.Equal(HttpStatusCode.Conflict, approval.StatusCode);
        Assert.Equal("ORDER_EXPIRED", Issue(error));
    }

    [Fact]
    public async Task Clicking_approve_sends_the_browser_back_with_token_and_payer()
    {
        await using var paypal = await StartAsync();
        var (_, order) = await paypal.PostAsync("/v2/checkout/orders", Order(returnUrl: "https://shop.example/return?x=1"));
        var id = order.GetProperty("id").GetString()!;
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = paypal.Http.BaseAddress };

        using var approved = await browser.PostAsync(
            "/sandbox/paypal/checkoutnow", new FormUrlEncodedContent([new("token", id), new("payer", "happy"), new("decision", "approve")]));

        Assert.Equal(HttpStatusCode.SeeOther, approved.StatusCode);
        Assert.Equal($"https://shop.example/return?x=1&token={id}&PayerID=PAYERHAPPYXXX", approved.Headers.Location!.ToString());
        Assert.Equal("APPROVED", (await paypal.GetAsync($"/v2/checkout/orders/{id}")).Json.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Giving_up_leaves_the_order_and_goes_to_the_cancel_address()
    {
        await using var paypal = await StartAsync();
        var (_, order) = await paypal.PostAsync("/v2/checkout/orders", Order());
        var id = order.GetProperty("id").GetString()!;
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = paypal.Http.BaseAddress };

        using var gone = await browser.PostAsync("/sandbox/paypal/checkoutnow", new FormUrlEncodedContent([new("token", id), new("decision", "cancel")]));

        Assert.Equal($"https://shop.example/cancelled?token={id}", gone.Headers.Location!.ToString());
        Assert.Equal("PAYER_ACTION_REQUIRED", (await paypal.GetAsync($"/v2/checkout/orders/{id}")).Json.GetProperty("status").GetString());
    }

    [Fact]
    public async Task What_a_merchant_writes_is_shown_harmlessly()
    {
        await using var paypal = await StartAsync();
        var (_, order) = await paypal.PostAsync("/v2/checkout/orders", new
        {
            intent = "AUTHORIZE",
            purchase_units = new[] { new { reference_id = "<b>R</b>", description = "<script>alert(1)</script>", amount = new { currency_code = "EUR", value = "1.00" } } },
        });
        var id = order.GetProperty("id").GetString();

        foreach (var path in new[] { $"/sandbox/paypal/checkoutnow?token={id}", $"/sandbox/paypal/orders/{id}", "/sandbox/paypal" })
        {
            var page = await paypal.Http.GetStringAsync(path);
            Assert.DoesNotContain("<script>", page);
            Assert.DoesNotContain("<b>R</b>", page);
        }
    }

    [Fact]
    public void The_sandbox_does_not_start_in_production()
    {
        var builder = Microsoft.AspNetCore.Builder.WebApplication.CreateBuilder(new Microsoft.AspNetCore.Builder.WebApplicationOptions { EnvironmentName = "Production" });

        Assert.Contains("Production", Assert.Throws<SettingException>(builder.AddSandbox).Message, StringComparison.Ordinal);
    }
}
