using System.Net;
using System.Text.Json;
using Xunit;
using static Aerona.Sandbox.Tests.PayPal.PlayedPayPal;

namespace Aerona.Sandbox.Tests.PayPal;

public sealed class WebhookTests
{
    [Fact]
    public async Task A_webhook_is_made_listed_and_deleted()
    {
        await using var paypal = await StartAsync();

        var (made, webhook) = await paypal.PostAsync("/v1/notifications/webhooks", Hook("https://shop.example/hook"));
        var (twice, error) = await paypal.PostAsync("/v1/notifications/webhooks", Hook("https://shop.example/hook"));
        var (bad, _) = await paypal.PostAsync("/v1/notifications/webhooks", Hook("ftp://shop.example/hook"));
        var (_, list) = await paypal.GetAsync("/v1/notifications/webhooks");
        var (deleted, _) = await paypal.CallAsync(HttpMethod.Delete, $"/v1/notifications/webhooks/{webhook.GetProperty("id").GetString()}");
        var (gone, _) = await paypal.GetAsync($"/v1/notifications/webhooks/{webhook.GetProperty("id").GetString()}");

        Assert.Equal(HttpStatusCode.Created, made);
        Assert.Equal(HttpStatusCode.BadRequest, twice);
        Assert.Equal("WEBHOOK_URL_ALREADY_EXISTS", error.GetProperty("name").GetString());
        Assert.Equal(HttpStatusCode.BadRequest, bad);
        Assert.Equal(1, list.GetProperty("webhooks").GetArrayLength());
        Assert.Equal(HttpStatusCode.NoContent, deleted);
        Assert.Equal(HttpStatusCode.NotFound, gone);
    }

    [Fact]
    public async Task An_approval_is_told_with_a_signature_that_verifies_and_one_changed_byte_does_not()
    {
        await using var paypal = await StartAsync();
        await using var listener = await Listener.StartAsync();
        var (_, webhook) = await paypal.PostAsync("/v1/notifications/webhooks", Hook(listener.Url));
        var webhookId = webhook.GetProperty("id").GetString()!;

        var order = await paypal.ApprovedAsync();
        var heard = await listener.NextAsync();

        Assert.Equal("CHECKOUT.ORDER.APPROVED", heard.Type);
        Assert.Equal(order, heard.Json.GetProperty("resource").GetProperty("id").GetString());
        Assert.Equal("SUCCESS", await VerifyAsync(paypal, heard, webhookId, heard.Body));
        Assert.Equal("FAILURE", await VerifyAsync(paypal, heard, webhookId, heard.Body.Replace("199.90", "199.91", StringComparison.Ordinal)));
        Assert.Equal("FAILURE", await VerifyAsync(paypal, heard, "0AB12345CD678901E", heard.Body));
    }

    [Fact]
    public async Task An_address_that_fails_is_told_again_until_it_says_thanks()
    {
        await using var paypal = await StartAsync();
        await using var listener = await Listener.StartAsync();
        listener.Answers.Enqueue(500);
        listener.Answers.Enqueue(503);
        await paypal.PostAsync("/v1/notifications/webhooks", Hook(listener.Url));

        await paypal.ApprovedAsync();
        var first = await listener.NextAsync();
        var second = await AdvanceUntilHeardAsync(paypal, listener);
        var third = await AdvanceUntilHeardAsync(paypal, listener);

        Assert.Equal(first.Body, second.Body);
        Assert.Equal(first.Body, third.Body);
        Assert.NotEqual(first.Headers["PAYPAL-TRANSMISSION-ID"], third.Headers["PAYPAL-TRANSMISSION-ID"]);
    }

    [Fact]
    public async Task Duplicates_and_disorder_are_part_of_the_play()
    {
        await using var paypal = await StartAsync();
        await using var listener = await Listener.StartAsync();
        await paypal.PostAsync("/v1/notifications/webhooks", Hook(listener.Url));

        await paypal.ApprovedAsync("duplicate-webhooks");
        var copies = new[] { await listener.NextAsync(), await listener.NextAsync(), await listener.NextAsync() };
        var order = await paypal.ApprovedAsync("shuffled-webhooks");
        var (_, authorized) = await paypal.PostAsync($"/v2/checkout/orders/{order}/authorize");
        await paypal.PostAsync($"/v2/payments/authorizations/{Authorization(authorized).GetProperty("id").GetString()}/capture");
        var types = new List<string>();
        while (types.Count < 3)
        {
            types.Add((await AdvanceUntilHeardAsync(paypal, listener)).Type);
        }

        Assert.Single(copies.Select(copy => copy.Json.GetProperty("id").GetString()).Distinct());
        Assert.Equal(["PAYMENT.CAPTURE.COMPLETED", "PAYMENT.AUTHORIZATION.CREATED", "CHECKOUT.ORDER.APPROVED"], types);
    }

    [Fact]
    public void The_checksum_is_that_of_zip()
    {
        Assert.Equal(0xCBF43926u, Aerona.Sandbox.PayPal.WebhookSigning.Crc32("123456789"u8));
    }

    /// <summary>Moves the clock a second at a time until something is heard; the sender wakes up by that clock.</summary>
    private static async Task<Listener.Heard> AdvanceUntilHeardAsync(PlayedPayPal paypal, Listener listener)
    {
        var next = listener.NextAsync();
        for (var seconds = 0; !next.IsCompleted && seconds < 600; seconds++)
        {
            paypal.Service.Clock.Advance(TimeSpan.FromSeconds(1));
            await paypal.GetAsync("/v1/notifications/webhooks");   // a round trip, so that the sender gets its turn
        }

        return await next;
    }

    private static object Hook(string url) => new { url, event_types = new[] { new { name = "*" } } };

    private static async Task<string?> VerifyAsync(PlayedPayPal paypal, Listener.Heard heard, string webhookId, string body)
    {
        string Header(string name) => JsonSerializer.Serialize(heard.Headers[name].ToString());
        var (_, answer) = await paypal.PostAsync("/v1/notifications/verify-webhook-signature", $$"""
            {"auth_algo":{{Header("PAYPAL-AUTH-ALGO")}},"cert_url":{{Header("PAYPAL-CERT-URL")}},"transmission_id":{{Header("PAYPAL-TRANSMISSION-ID")}},
             "transmission_sig":{{Header("PAYPAL-TRANSMISSION-SIG")}},"transmission_time":{{Header("PAYPAL-TRANSMISSION-TIME")}},"webhook_id":"{{webhookId}}",
             "webhook_event":{{body}}}
            """);
        return answer.GetProperty("verification_status").GetString();
    }
}
