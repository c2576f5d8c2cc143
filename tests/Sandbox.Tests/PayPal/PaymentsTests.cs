using System.Net;
using System.Net.Http.Json;
using CsCheck;
using Xunit;
using static Aerona.Sandbox.Tests.PayPal.PlayedPayPal;

namespace Aerona.Sandbox.Tests.PayPal;

public sealed class PaymentsTests
{
    [Fact]
    public async Task A_void_gives_everything_back_and_works_once()
    {
        await using var paypal = await StartAsync();
        var (order, authorization) = await paypal.AuthorizedAsync();

        var (status, voided) = await paypal.CallAsync(HttpMethod.Post, $"/v2/payments/authorizations/{authorization}/void", requestId: "v");
        var (again, _) = await paypal.CallAsync(HttpMethod.Post, $"/v2/payments/authorizations/{authorization}/void", requestId: "v");
        var (other, error) = await paypal.CallAsync(HttpMethod.Post, $"/v2/payments/authorizations/{authorization}/void", requestId: "w");
        var (_, capture) = await paypal.PostAsync($"/v2/payments/authorizations/{authorization}/capture");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("VOIDED", voided.GetProperty("status").GetString());
        Assert.Equal(HttpStatusCode.OK, again);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other);
        Assert.Equal("PREVIOUSLY_VOIDED", Issue(error));
        Assert.Equal("AUTHORIZATION_VOIDED", Issue(capture));
        var books = await paypal.BooksAsync(order);
        Assert.Equal("199.90", books.GetProperty("voided").GetProperty("amount").GetString());
        Assert.Equal("0.00", books.GetProperty("open").GetProperty("amount").GetString());
    }

    [Fact]
    public async Task A_void_without_representation_answers_nothing_and_takes_no_body()
    {
        await using var paypal = await StartAsync();
        var (_, authorization) = await paypal.AuthorizedAsync();

        var (bad, _) = await paypal.PostAsync($"/v2/payments/authorizations/{authorization}/void", new { reason = "x" });
        var (status, _) = await paypal.CallAsync(HttpMethod.Post, $"/v2/payments/authorizations/{authorization}/void", representation: false);

        Assert.Equal(HttpStatusCode.BadRequest, bad);
        Assert.Equal(HttpStatusCode.NoContent, status);
    }

    [Fact]
    public async Task Money_is_taken_once_and_given_back_up_to_what_was_taken()
    {
        await using var paypal = await StartAsync();
        var (order, authorization) = await paypal.AuthorizedAsync();

        var (taken, capture) = await paypal.PostAsync(
            $"/v2/payments/authorizations/{authorization}/capture", new { amount = new { currency_code = "EUR", value = "199.90" }, final_capture = true }, "c");
        var (_, twice) = await paypal.PostAsync($"/v2/payments/authorizations/{authorization}/capture", requestId: "d");
        var id = capture.GetProperty("id").GetString();
        var (part, refund) = await paypal.PostAsync($"/v2/payments/captures/{id}/refund", new { amount = new { currency_code = "EUR", value = "50.00" } }, "r");
        var (same, sameRefund) = await paypal.PostAsync($"/v2/payments/captures/{id}/refund", new { amount = new { currency_code = "EUR", value = "50.00" } }, "r");
        var (_, tooMuch) = await paypal.PostAsync($"/v2/payments/captures/{id}/refund", new { amount = new { currency_code = "EUR", value = "149.91" } }, "s");
        var (_, wrongCurrency) = await paypal.PostAsync($"/v2/payments/captures/{id}/refund", new { amount = new { currency_code = "USD", value = "1.00" } }, "t");
        var (rest, _) = await paypal.PostAsync($"/v2/payments/captures/{id}/refund", requestId: "u");
        var (_, empty) = await paypal.PostAsync($"/v2/payments/captures/{id}/refund", requestId: "x");

        Assert.Equal(HttpStatusCode.Created, taken);
        Assert.Equal("AUTHORIZATION_ALREADY_CAPTURED", Issue(twice));
        Assert.Equal(HttpStatusCode.Created, part);
        Assert.Equal(HttpStatusCode.OK, same);
        Assert.Equal(refund.GetProperty("id").GetString(), sameRefund.GetProperty("id").GetString());
        Assert.Equal("REFUND_AMOUNT_EXCEEDED", Issue(tooMuch));
        Assert.Equal("REFUND_CAPTURE_CURRENCY_MISMATCH", Issue(wrongCurrency));
        Assert.Equal(HttpStatusCode.Created, rest);
        Assert.Equal("CAPTURE_FULLY_REFUNDED", Issue(empty));
        var books = await paypal.BooksAsync(order);
        Assert.Equal("199.90", books.GetProperty("captured").GetProperty("amount").GetString());
        Assert.Equal("199.90", books.GetProperty("refunded").GetProperty("amount").GetString());
        Assert.Equal(HttpStatusCode.OK, (await paypal.GetAsync($"/v2/payments/refunds/{refund.GetProperty("id").GetString()}")).Status);
        Assert.Equal("REFUNDED", (await paypal.GetAsync($"/v2/payments/captures/{id}")).Json.GetProperty("status").GetString());
    }

    [Fact]
    public async Task More_than_reserved_cannot_be_taken()
    {
        await using var paypal = await StartAsync();
        var (order, authorization) = await paypal.AuthorizedAsync();

        var (_, tooMuch) = await paypal.PostAsync($"/v2/payments/authorizations/{authorization}/capture", new { amount = new { currency_code = "EUR", value = "199.91" } });

        Assert.Equal("MAX_CAPTURE_AMOUNT_EXCEEDED", Issue(tooMuch));
        Assert.Equal("199.90", (await paypal.BooksAsync(order)).GetProperty("open").GetProperty("amount").GetString());
    }

    [Theory]
    [InlineData("timeout-before", "0.00")]
    [InlineData("timeout-after", "199.90")]
    public async Task A_lost_answer_may_or_may_not_have_reserved_and_the_same_id_tells(string payer, string reservedAtFirst)
    {
        await using var paypal = await StartAsync();
        var id = await paypal.ApprovedAsync(payer);

        await Assert.ThrowsAsync<HttpRequestException>(() => paypal.PostAsync($"/v2/checkout/orders/{id}/authorize", requestId: "a"));
        var books = await paypal.BooksAsync(id);
        var (_, order) = await paypal.PostAsync($"/v2/checkout/orders/{id}/authorize", requestId: "a");

        Assert.Equal(reservedAtFirst, books.GetProperty("authorised").GetProperty("amount").GetString());
        Assert.Equal("CREATED", Authorization(order).GetProperty("status").GetString());
        Assert.Equal("199.90", (await paypal.BooksAsync(id)).GetProperty("authorised").GetProperty("amount").GetString());
    }

    [Theory]
    [InlineData("error-after", HttpStatusCode.InternalServerError, "199.90")]
    [InlineData("busy", HttpStatusCode.TooManyRequests, "0.00")]
    public async Task A_5xx_or_429_says_nothing_of_what_was_done(string payer, HttpStatusCode status, string reserved)
    {
        await using var paypal = await StartAsync();
        var id = await paypal.ApprovedAsync(payer);

        var (first, _) = await paypal.PostAsync($"/v2/checkout/orders/{id}/authorize", requestId: "a");

        Assert.Equal(status, first);
        Assert.Equal(reserved, (await paypal.BooksAsync(id)).GetProperty("authorised").GetProperty("amount").GetString());
        Assert.True((await paypal.PostAsync($"/v2/checkout/orders/{id}/authorize", requestId: "a")).Status is HttpStatusCode.OK or HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_slow_answer_waits_for_the_clock()
    {
        await using var paypal = await StartAsync(("Sandbox:PayPal:SlowAnswer", "00:00:05"));
        var id = await paypal.ApprovedAsync("slow");

        var answer = paypal.PostAsync($"/v2/checkout/orders/{id}/authorize", requestId: "a");
        await BooksShowAsync(paypal, id, "199.90");   // done at once
        var answeredEarly = answer.IsCompleted;
        while (!answer.IsCompleted)
        {
            paypal.Service.Clock.Advance(TimeSpan.FromSeconds(5));   // until the sandbox has begun to wait for it
            await paypal.BooksAsync(id);
        }

        Assert.False(answeredEarly);
        Assert.Equal(HttpStatusCode.Created, (await answer).Status);
    }

    [Fact]
    public async Task A_review_is_decided_later()
    {
        await using var paypal = await StartAsync();
        var (order, authorization) = await paypal.AuthorizedAsync("review");
        var (_, pending) = await paypal.GetAsync($"/v2/payments/authorizations/{authorization}");
        var before = await paypal.BooksAsync(order);

        using var decided = await paypal.Http.PostAsJsonAsync($"/sandbox/paypal/checkout/{order}/decision", new { accept = true });
        using var again = await paypal.Http.PostAsJsonAsync($"/sandbox/paypal/checkout/{order}/decision", new { accept = false });

        Assert.Equal("PENDING", pending.GetProperty("status").GetString());
        Assert.Equal("0.00", before.GetProperty("authorised").GetProperty("amount").GetString());
        Assert.Equal(HttpStatusCode.NoContent, decided.StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        Assert.Equal("CREATED", (await paypal.GetAsync($"/v2/payments/authorizations/{authorization}")).Json.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Books_add_up_after_any_history()
    {
        await using var paypal = await StartAsync();
        var step = Gen.Select(Gen.Int[0, 3], Gen.Int[1, 20000]);

        await Gen.Select(Gen.Int[1, 20000], step.Array[0, 6]).SampleAsync(
            async history =>
            {
                var (total, steps) = history;
                var (order, authorization) = await paypal.AuthorizedAsync(value: Text(total));
                var captures = new List<string>();
                foreach (var (kind, minor) in steps)
                {
                    var amount = new { amount = new { currency_code = "EUR", value = Text(minor) } };
                    var (status, json) = kind switch
                    {
                        0 => await paypal.CallAsync(HttpMethod.Post, $"/v2/payments/authorizations/{authorization}/void"),
                        1 => await paypal.PostAsync($"/v2/payments/authorizations/{authorization}/capture", amount),
                        2 => await paypal.PostAsync($"/v2/payments/authorizations/{authorization}/capture", new { final_capture = true }),
                        _ when captures.Count > 0 => await paypal.PostAsync($"/v2/payments/captures/{captures[minor % captures.Count]}/refund", amount),
                        _ => (HttpStatusCode.NotFound, default),
                    };
                    if (kind is 1 or 2 && status == HttpStatusCode.Created)
                    {
                        captures.Add(json.GetProperty("id").GetString()!);
                    }
                }

                var books = await paypal.BooksAsync(order);
                decimal Of(string name) => decimal.Parse(books.GetProperty(name).GetProperty("amount").GetString()!, System.Globalization.CultureInfo.InvariantCulture);
                return Of("authorised") == Of("open") + Of("voided") + Of("captured") && Of("refunded") <= Of("captured") && Of("open") >= 0
                    && Of("authorised") == total / 100m;
            },
            iter: 40, threads: 1);

        static string Text(int minor) => (minor / 100m).ToString("F2", System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task BooksShowAsync(PlayedPayPal paypal, string order, string authorised)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while ((await paypal.BooksAsync(order)).GetProperty("authorised").GetProperty("amount").GetString() != authorised)
        {
            await timer.WaitForNextTickAsync(deadline.Token);
        }
    }
}
