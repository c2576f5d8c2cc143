using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Payments;

namespace Aerona.Payments.Tests;

public sealed class RefundTests
{
    [Theory]
    [InlineData("happy")]
    [InlineData("timeout-before-refund")]
    [InlineData("timeout-after-refund")]
    [InlineData("error-after-refund")]
    [InlineData("busy-refund")]
    public async Task A_refund_goes_back_once_and_goes_on_by_itself_when_the_answer_is_lost(string payer)
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync(payer);
        await world.CaptureAsync();
        var refundId = Guid.NewGuid();

        await world.RefundAsync(refundId, new Money(5000, "EUR"));
        if (payer != "happy")
        {
            Assert.Equal(0, await world.CountAsync<PaymentRefunded>());
            await world.Payments.ConsumeAsync(Assert.Single(await world.Payments.Published<RefundPayment>()));
        }

        await world.RefundAsync(refundId, new Money(5000, "EUR"));

        Assert.Equal(2, await world.CountAsync<PaymentRefunded>());
        Assert.Equal("50.00", (await world.BooksAsync()).Refunded);
        var (theirs, ours) = await world.TotalsAsync();
        Assert.Equal(theirs, ours);
    }

    [Theory]
    [InlineData(19991, "EUR", "refund.too_much")]
    [InlineData(100, "USD", "refund.refused")]
    [InlineData(0, "EUR", "refund.refused")]
    public async Task More_than_was_taken_or_another_currency_is_refused_for_good(long minor, string currency, string reason)
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync();
        await world.CaptureAsync();
        var refundId = Guid.NewGuid();

        await world.RefundAsync(refundId, new Money(minor, currency));
        await world.RefundAsync(refundId, new Money(minor, currency));

        Assert.Equal(
            [new(world.BookingId, world.PaymentId, refundId, reason), new(world.BookingId, world.PaymentId, refundId, reason)], await world.Payments.Published<RefundRefused>());
        Assert.Contains(await world.Payments.Published<BookingNoted>(), note => note.Kind == "payment.refund_refused");
        Assert.Equal("0.00", (await world.BooksAsync()).Refunded);
    }

    [Fact]
    public async Task What_was_not_taken_is_not_given_back_and_a_refused_id_stays_refused()
    {
        await using var world = await World.StartAsync();
        var refundId = Guid.NewGuid();
        await world.RefundAsync(refundId, World.Price);
        await world.GivenAuthorizedAsync();
        await world.CaptureAsync();

        await world.RefundAsync(refundId, World.Price);

        Assert.Equal(["refund.not_captured", "refund.not_captured"], (await world.Payments.Published<RefundRefused>()).Select(refused => refused.Reason));
        Assert.Equal("0.00", (await world.BooksAsync()).Refunded);
    }

    [Fact]
    public async Task PayPals_no_is_told_with_our_reason_and_the_money_can_be_given_back_under_another_id()
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync("refund-declined");
        await world.CaptureAsync();

        await world.RefundAsync(Guid.NewGuid(), World.Price);
        await world.RefundAsync(Guid.NewGuid(), World.Price);

        Assert.Equal(["refund.refused", "refund.refused"], (await world.Payments.Published<RefundRefused>()).Select(refused => refused.Reason));   // asked each time: nothing counts as gone
        Assert.Contains(await world.Payments.Published<BookingNoted>(), note => note is { Kind: "payment.refund_refused", Reference: "TRANSACTION_REFUSED" });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_refund_that_waits_at_PayPal_is_told_and_followed_to_its_end(bool accept)
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync("refund-pending");
        await world.CaptureAsync();
        var refundId = Guid.NewGuid();
        await world.RefundAsync(refundId, new(5000, "EUR"));
        Assert.Equal(new(world.BookingId, world.PaymentId, refundId), Assert.Single(await world.Payments.Published<RefundPending>()));
        Assert.Equal(("0.00", "0.00"), ((await world.BooksAsync()).Refunded, (await world.LedgerAsync()).Refunded));
        await world.DecideAsync(accept);

        await world.Payments.ConsumeAsync(Assert.Single(await world.Payments.Published<RefundPayment>()));

        Assert.Equal(accept ? 1 : 0, await world.CountAsync<PaymentRefunded>());
        Assert.Equal(accept ? [] : ["refund.failed"], (await world.Payments.Published<RefundRefused>()).Select(refused => refused.Reason));
        Assert.Equal(accept ? "50.00" : "0.00", (await world.LedgerAsync()).Refunded);
        Assert.Equal(await world.BooksAsync(), await world.LedgerAsync());
    }

    [Fact]
    public async Task Two_refunds_together_do_not_exceed_what_was_taken()
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync();
        await world.CaptureAsync();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => world.RefundAsync(Guid.NewGuid(), new Money(9995, "EUR"))));

        Assert.Equal((2, 2), (await world.CountAsync<PaymentRefunded>(), await world.CountAsync<RefundRefused>()));
        Assert.Equal("199.90", (await world.BooksAsync()).Refunded);
    }
}
