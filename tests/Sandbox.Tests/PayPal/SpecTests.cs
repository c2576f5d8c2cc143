using System.Text.Json;
using Aerona.PayPalSpecs;
using Xunit;
using static Aerona.Sandbox.Tests.PayPal.PlayedPayPal;

namespace Aerona.Sandbox.Tests.PayPal;

/// <summary>What the sandbox answers, held against PayPal's own descriptions: a mock that is given it as examples does not start with a wrong one.</summary>
public sealed class SpecTests
{
    [Fact]
    public async Task Every_answer_is_one_that_PayPals_descriptions_allow()
    {
        _ = SpecMock.Folder();
        var answers = Directory.CreateTempSubdirectory("aerona-sandbox-answers-").FullName;
        await using var paypal = await StartAsync();
        async Task KeepAsync(string operation, Task<(System.Net.HttpStatusCode Status, JsonElement Json)> call)
        {
            var (status, json) = await call;
            await File.WriteAllTextAsync(Path.Combine(answers, $"{operation}.{(int)status}.json"), json.GetRawText());
        }

        await KeepAsync("orders.create", paypal.PostAsync("/v2/checkout/orders", Order()));
        await KeepAsync("orders.create", paypal.PostAsync(
            "/v2/checkout/orders", new { intent = "AUTHORIZE", purchase_units = new[] { new { amount = new { currency_code = "JPY", value = "1300" } } } }));
        var approved = await paypal.ApprovedAsync();
        await KeepAsync("orders.get", paypal.GetAsync($"/v2/checkout/orders/{approved}"));
        await KeepAsync("orders.authorize", paypal.PostAsync($"/v2/checkout/orders/{approved}/authorize", requestId: "a"));
        await KeepAsync("orders.authorize", paypal.PostAsync($"/v2/checkout/orders/{approved}/authorize", requestId: "a"));
        await KeepAsync("orders.capture", paypal.PostAsync($"/v2/checkout/orders/{await paypal.ApprovedAsync(intent: "CAPTURE")}/capture"));
        var (_, dayFour) = await paypal.AuthorizedAsync("day-four");
        await KeepAsync("authorizations.reauthorize", paypal.PostAsync(
            $"/v2/payments/authorizations/{dayFour}/reauthorize", new { amount = new { currency_code = "EUR", value = "199.90" } }));
        var (_, voided) = await paypal.AuthorizedAsync();
        await KeepAsync("authorizations.void", paypal.CallAsync(HttpMethod.Post, $"/v2/payments/authorizations/{voided}/void"));
        var (order, authorization) = await paypal.AuthorizedAsync();
        await KeepAsync("authorizations.get", paypal.GetAsync($"/v2/payments/authorizations/{authorization}"));
        var (status, capture) = await paypal.PostAsync($"/v2/payments/authorizations/{authorization}/capture", new { final_capture = true });
        await KeepAsync("authorizations.capture", Task.FromResult((status, capture)));
        var captureId = capture.GetProperty("id").GetString();
        var (refunded, refund) = await paypal.PostAsync($"/v2/payments/captures/{captureId}/refund");
        await KeepAsync("captures.refund", Task.FromResult((refunded, refund)));
        await KeepAsync("captures.get", paypal.GetAsync($"/v2/payments/captures/{captureId}"));
        await KeepAsync("refunds.get", paypal.GetAsync($"/v2/payments/refunds/{refund.GetProperty("id").GetString()}"));
        await KeepAsync("orders.get", paypal.GetAsync($"/v2/checkout/orders/{order}"));
        await KeepAsync("webhooks.post", paypal.PostAsync("/v1/notifications/webhooks", new { url = "https://shop.example/hook", event_types = new[] { new { name = "*" } } }));
        await KeepAsync("webhooks.list", paypal.GetAsync("/v1/notifications/webhooks"));

        await using var orders = await SpecMock.StartAsync("paypal/checkout_orders_v2.json", answers);
        await using var payments = await SpecMock.StartAsync("paypal/payments_payment_v2.json", answers);
        await using var notifications = await SpecMock.StartAsync("paypal/notifications_webhooks_v1.json", answers);

        // The canary: an answer that the description does not know stops the mock.
        await File.WriteAllTextAsync(Path.Combine(answers, "captures.get.200.json"), """{"id":"2GG279541U471931P","status":"STOLEN"}""");
        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => SpecMock.StartAsync("paypal/payments_payment_v2.json", answers));
        Assert.Equal(15, Directory.GetFiles(answers).Length);
        Directory.Delete(answers, recursive: true);
    }
}
