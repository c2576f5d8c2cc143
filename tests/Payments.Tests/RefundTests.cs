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
    [InlineData(19991, "EUR")]
    [InlineData(100, "USD")]
    [InlineData(0, "EUR")]
    public async Task More_than_was_taken_or_another_currency_is_not_given_back(long minor, string currency)
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync();
        await world.CaptureAsync();

        await world.RefundAsync(Guid.NewGuid(), new Money(minor, currency));

        Assert.Equal(0, await world.CountAsync<PaymentRefunded>());
        Assert.Contains(await world.Payments.Published<BookingNoted>(), note => note.Kind == "payment.refund_refused");
        Assert.Equal("0.00", (await world.BooksAsync()).Refunded);
    }

    [Fact]
    public async Task Two_refunds_together_do_not_exceed_what_was_taken()
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync();
        await world.CaptureAsync();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => world.RefundAsync(Guid.NewGuid(), new Money(9995, "EUR"))));

        Assert.Equal(2, await world.CountAsync<PaymentRefunded>());
        Assert.Equal("199.90", (await world.BooksAsync()).Refunded);
    }
}
