using System.Net;
using System.Net.Http.Json;
using System.Text;
using Aerona.Contracts;
using Aerona.Payments.PayPal;
using Aerona.PayPalSpecs;
using Aerona.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aerona.Payments.Tests;

/// <summary>Every call the client can make, held against PayPal's own descriptions.</summary>
public sealed class SpecTests
{
    [Fact]
    public async Task Every_call_is_as_PayPals_descriptions_want_it()
    {
        var examples = await ExamplesAsync();
        await using var orders = await SpecMock.StartAsync("paypal/checkout_orders_v2.json", examples);
        await using var payments = await SpecMock.StartAsync("paypal/payments_payment_v2.json", examples);
        await using var notifications = await SpecMock.StartAsync("paypal/notifications_webhooks_v1.json", examples);
        SpecMock[] mocks = [orders, payments, notifications];
        await MustBeRefusedAsync(orders, "/v2/checkout/orders", """{"intent":"STEAL","purchase_units":[{"amount":{"currency_code":"EUR","value":"1.00"}}]}""");
        await MustBeRefusedAsync(payments, "/v2/payments/authorizations/0AW2184448108334S/capture", """{"amount":{"currency_code":"EUR","value":1.00}}""");
        await MustBeRefusedAsync(payments, "/v2/payments/authorizations/0AW2184448108334S/reauthorize", """{"amount":{"currency_code":"EUR"}}""");
        await MustBeRefusedAsync(payments, "/v2/payments/captures/2GG279541U471931P/refund", """{"amount":{"currency_code":"EURO","value":"1.00"}}""");
        await MustBeRefusedAsync(notifications, "/v1/notifications/webhooks", """{"url":"https://aerona.example/hook"}""");
        foreach (var mock in mocks)
        {
            await mock.ForgetAsync();
        }

        await using var front = await FrontAsync(path => path.StartsWith("/v2/checkout", StringComparison.Ordinal) ? orders
            : path.StartsWith("/v2/payments", StringComparison.Ordinal) ? payments : notifications);
        await using var service = await TestService.StartAsync(
            builder => builder.AddPayments(), bus => bus.AddPaymentsConsumers(), app => app.MapPayments(),
            new Dictionary<string, string?>
            {
                ["PayPal:BaseUrl"] = front.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First(),
                ["PayPal:ClientId"] = "client",
                ["PayPal:ClientSecret"] = "secret",
                ["PublicBaseUrl"] = "https://aerona.example",
            });
        await using var scope = service.Services.CreateAsyncScope();

        await AskEverythingAsync(scope.ServiceProvider.GetRequiredService<PayPalClient>(), scope.ServiceProvider.GetRequiredService<IPayPal>());

        var verdicts = (await Task.WhenAll(mocks.Select(mock => mock.VerdictsAsync()))).SelectMany(some => some).ToList();
        Assert.All(verdicts, verdict => Assert.True(verdict.Violations.Count == 0, $"{verdict.Operation}: {string.Join("; ", verdict.Violations)}"));
        Assert.Equal(
            [
                "authorizations.capture", "authorizations.get", "authorizations.reauthorize", "authorizations.void", "captures.get", "captures.refund", "orders.authorize", "orders.create",
                "orders.get", "refunds.get", "verify-webhook-signature.post", "webhooks.list", "webhooks.post",
                "webhooks.update",
            ],
            verdicts.Select(verdict => verdict.Operation).Distinct().Order(StringComparer.Ordinal));
        string[] notDescribed = [nameof(IPayPal.GetDisputeAsync), nameof(IPayPal.ListTransactionsAsync)];   // Disputes v1 and Transaction Search v1 are not among the descriptions
        Assert.Equal(typeof(IPayPal).GetMethods().Count(method => !notDescribed.Contains(method.Name)), verdicts.Select(verdict => verdict.Operation).Distinct().Count());
        Directory.Delete(examples, recursive: true);
    }

    private static async Task AskEverythingAsync(PayPalClient client, IPayPal payPal)
    {
        const string Order = "5O190127TN364715T", Authorization = "0AW2184448108334S", Renewal = "8AA831015G517922L", Capture = "2GG279541U471931P", Refund = "1JU08902781691411";
        var (payment, never) = (Guid.NewGuid(), CancellationToken.None);
        foreach (var price in new[] { new Money(19990, "USD"), new Money(1300, "JPY"), new Money(1990000, "HUF") })
        {
            var opened = await client.OpenAsync(new(payment, price, "R7KX2M", "HAN-SGN, 5 December 2026 · Ünïcode"), Guid.NewGuid().ToString(), never);
            Assert.Equal((Standing.Opened, Order), (opened.Standing, opened.OrderId));
        }

        Assert.Equal(Standing.Approved, (await client.ShowAsync(payment, Order, never)).Standing);
        var authorized = await client.AuthorizeAsync(payment, Order, Guid.NewGuid().ToString(), never);
        Assert.Equal((Standing.Authorized, Authorization, new Money(19990, "USD")), (authorized.Standing, authorized.AuthorizationId, authorized.Authorized!.Value));
        var captured = await client.CaptureAsync(payment, Order, Authorization, new(19990, "USD"), Guid.NewGuid().ToString(), never);
        Assert.Equal((Standing.Captured, Capture), (captured.Standing, captured.CaptureId));
        var renewed = await client.ReauthorizeAsync(payment, Order, Authorization, new(19990, "USD"), Guid.NewGuid().ToString(), never);
        Assert.Equal((Standing.Authorized, Authorization, Renewal), (renewed.Standing, renewed.AuthorizationId, renewed.RenewedAuthorizationId));
        Assert.Equal(new DateTimeOffset(2026, 11, 28, 10, 0, 0, TimeSpan.Zero), renewed.HonouredUntil);
        Assert.Equal(Standing.Voided, (await client.VoidAsync(payment, Order, Authorization, Guid.NewGuid().ToString(), never)).Standing);
        Assert.Equal(Refund, (await client.RefundAsync(Capture, new(5000, "USD"), Guid.NewGuid(), Guid.NewGuid().ToString(), never)).PayPalId);
        foreach (var part in new[] { new Money(1, "USD"), new Money(1300, "JPY"), new Money(1990000, "HUF") })
        {
            Assert.Equal(Capture, (await client.CaptureAsync(payment, Order, Renewal, part, Guid.NewGuid().ToString(), never)).CaptureId);
            Assert.Equal(RefundStanding.Done, (await client.RefundAsync(Capture, part, Guid.NewGuid(), Guid.NewGuid().ToString(), never)).Standing);
        }

        Assert.Equal((RefundStanding.Done, Refund), ((await client.ShowRefundAsync(Refund, never)).Standing, (await client.SeeRefundAsync(Refund, never))?.Id));
        using var updated = await payPal.UpdateWebhookAsync("0EH40505U7160970P", [new("replace", "/event_types", [new("PAYMENT.CAPTURE.REVERSED"), new("CUSTOMER.DISPUTE.CREATED")])], never);
        Assert.True(await client.VerifyAsync(
            new(
                "SHA256withRSA", "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-1d93a270", "69cd13f0-d67a-11e5-baa3-778b53f4ae55",
                "lmI95Jx3Y9nhR5SJWlHVIWpg4AgFk7n9bCHSRxbrd8A9zrhdu2rMyFrmz+Zjh3s3boXB07VXCXUZy/UFzUlnGJn0wDugt7FlSvdKeIJenLRemUxYCPVoEZzg9VFNqOa48gMkvF+XTpxBeUx/kWy6B5cp7GkT2+pOowfRK7OaynuxUoKW3JcMWw272VKjLTtTAShncla7tGF+55rxyt2KNZIIqxNMJ48RDZheGU5w1npu9dZHnPgTXB9iomeVRoD8O/jhRpnKsGrDschyNdkeh81BJJMH4Ctc6lnCCquoP/GzCzz33MMsNdid7vL/NIWaCsekQpW26FpWPi/tfj8nLA==",
                "2016-02-18T20:01:35Z", "1JE4291016473214C", """{"id":"WH-1","event_type":"CHECKOUT.ORDER.APPROVED","resource":{"id":"5O190127TN364715T"}}"""),
            never));
        await client.EnsureWebhookAsync("https://aerona.example/v1/webhooks/paypal", ["CHECKOUT.ORDER.APPROVED", "PAYMENT.CAPTURE.COMPLETED"], never);
        using var authorization = await payPal.GetAuthorizationAsync(Authorization, never);
        using var capture = await payPal.GetCaptureAsync(Capture, never);
        using var refund = await payPal.GetRefundAsync(Refund, never);
        Assert.Equal((Authorization, Capture, Refund), (authorization.Content!.Id, capture.Content!.Id, refund.Content!.Id));
    }

    /// <summary>The answers that lie beside the descriptions, and one that is missing there; the mock holds each against the description before it starts.</summary>
    private static async Task<string> ExamplesAsync()
    {
        var examples = Directory.CreateTempSubdirectory("aerona-paypal-examples-").FullName;
        foreach (var file in Directory.GetFiles(Path.Combine(SpecMock.Folder(), "paypal", "examples")))
        {
            File.Copy(file, Path.Combine(examples, Path.GetFileName(file)));
        }

        await File.WriteAllTextAsync(Path.Combine(examples, "authorizations.reauthorize.201.json"), """
            {
              "id": "8AA831015G517922L", "status": "CREATED", "amount": { "currency_code": "USD", "value": "199.90" },
              "create_time": "2026-11-25T10:00:00Z", "update_time": "2026-11-25T10:00:00Z", "expiration_time": "2026-12-20T10:00:00Z",
              "links": [{ "href": "https://api-m.sandbox.paypal.com/v2/payments/authorizations/8AA831015G517922L", "rel": "self", "method": "GET" }]
            }
            """);
        return examples;
    }

    private static async Task MustBeRefusedAsync(SpecMock mock, string path, string body)
    {
        using var answer = await mock.Http.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.NotEmpty((await mock.VerdictsAsync())[^1].Violations);
    }

    /// <summary>The three descriptions under one address, with the token call that none of them has.</summary>
    private static async Task<WebApplication> FrontAsync(Func<string, SpecMock> mockOf)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapPost("/v1/oauth2/token", () => new Dictionary<string, object> { ["access_token"] = "token", ["expires_in"] = 32400 });
        app.MapFallback(async (HttpContext http) =>
        {
            var path = http.Request.Path.Value!;
            using var request = new HttpRequestMessage(new(http.Request.Method), path + http.Request.QueryString);
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            if (body.Length > 0 || http.Request.ContentType is not null)
            {
                request.Content = new ByteArrayContent(body.ToArray());
            }

            foreach (var (name, value) in http.Request.Headers.Where(one => one.Key is not ("Host" or "Content-Length" or "Transfer-Encoding")))
            {
                _ = request.Headers.TryAddWithoutValidation(name, value.ToArray()) || request.Content?.Headers.TryAddWithoutValidation(name, value.ToArray()) == true;
            }

            using var answer = await mockOf(path).Http.SendAsync(request);
            return Results.Content(await answer.Content.ReadAsStringAsync(), "application/json", statusCode: (int)answer.StatusCode);
        });
        await app.StartAsync();
        return app;
    }
}
