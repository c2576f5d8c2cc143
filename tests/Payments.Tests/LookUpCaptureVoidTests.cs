using Aerona.Contracts;
using Aerona.Contracts.Payments;

namespace Aerona.Payments.Tests;

public sealed class LookUpCaptureVoidTests
{
    [Fact]
    public async Task A_look_up_says_whatever_is_true()
    {
        await using var world = await World.StartAsync();
        await world.OpenAsync();

        await world.LookUpAsync(1);
        await world.ApproveAsync();
        await world.LookUpAsync(2);
        await world.AuthorizeAsync();
        await world.LookUpAsync(3);
        await world.CaptureAsync();
        await world.LookUpAsync(4);

        Assert.Equal(2, await world.CountAsync<PaymentOpened>());
        Assert.Equal(1, await world.CountAsync<PaymentApproved>());
        Assert.Equal(2, await world.CountAsync<PaymentAuthorized>());
        Assert.Equal(2, await world.CountAsync<PaymentCaptured>());
    }

    [Fact]
    public async Task A_look_up_of_a_payment_that_PayPal_has_no_order_of_yet_says_nothing_and_leaves_it_to_be_opened()
    {
        await using var world = await World.StartAsync();
        await world.NextFailsAsync("orders.create", "timeoutBefore");
        await world.OpenAsync();

        await world.LookUpAsync();

        Assert.Equal((0, PaymentState.Opening), (await world.CountAsync<PaymentApproved>(), (await world.PaymentAsync())!.State));
        await world.OpenAsync();
        Assert.Equal(1, await world.CountAsync<PaymentOpened>());
    }

    [Fact]
    public async Task A_look_up_that_finds_no_authorisation_asked_for_denies_it_for_good()
    {
        await using var world = await World.StartAsync();
        await world.OpenAsync();
        await world.ApproveAsync();

        await world.LookUpAsync(7, closeIfAbsent: true);
        await world.AuthorizeAsync();   // crossed on the way

        Assert.Equal(7, (await world.SaidAsync<PaymentAbsent>()).LookUp);
        Assert.Equal("payment.closed", (await world.SaidAsync<PaymentDeclined>()).Reason);
        Assert.Equal("0.00", (await world.BooksAsync()).Authorised);
    }

    [Fact]
    public async Task A_look_up_that_gets_no_answer_says_nothing_and_changes_nothing()
    {
        await using var world = await World.StartAsync();
        await world.OpenAsync();
        await world.NextFailsAsync("orders.get", "timeoutBefore");

        await world.LookUpAsync();

        Assert.Equal(1, await world.CountAsync<PaymentOpened>());
        Assert.Equal(PaymentState.Opened, (await world.PaymentAsync())!.State);
    }

    [Theory]
    [InlineData("happy")]
    [InlineData("timeout-before-capture")]
    [InlineData("timeout-after-capture")]
    [InlineData("error-after-capture")]
    [InlineData("busy-capture")]
    public async Task Money_is_taken_once_however_often_it_is_asked_for(string payer)
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync(payer);

        await world.CaptureAsync();
        await world.CaptureAsync();
        await world.CaptureAsync();

        Assert.Equal(World.Price, (await world.SaidAsync<PaymentCaptured>()).Amount);
        Assert.Equal(("199.90", "0.00", "199.90", "0.00", "0.00"), await world.BooksAsync());
        var (theirs, ours) = await world.TotalsAsync();
        Assert.Equal(theirs, ours);
    }

    [Theory]
    [InlineData("timeout-before-capture")]
    [InlineData("timeout-after-capture")]
    public async Task A_capture_whose_answer_is_lost_is_found_by_a_look_up_too(string payer)
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync(payer);

        await world.CaptureAsync();
        var silent = await world.CountAsync<PaymentCaptured>();
        await world.LookUpAsync();

        Assert.Equal(0, silent);
        Assert.Equal(1, await world.CountAsync<PaymentCaptured>());
        Assert.Equal("199.90", (await world.BooksAsync()).Captured);
    }

    [Fact]
    public async Task A_capture_that_PayPal_has_not_decided_is_found_when_it_is()
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync("capture-pending");

        await world.CaptureAsync();
        var pending = await world.CountAsync<CapturePending>();
        await world.DecideAsync(accept: true);
        await world.LookUpAsync();

        Assert.Equal(1, pending);
        Assert.Equal(1, await world.CountAsync<PaymentCaptured>());
        var (theirs, ours) = await world.TotalsAsync();
        Assert.Equal(theirs, ours);
    }

    [Fact]
    public async Task A_refused_capture_is_said_and_leaves_the_reservation()
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync("capture-declined");

        await world.CaptureAsync();

        Assert.Equal("payment.capture_refused", (await world.SaidAsync<CaptureRefused>()).Reason);
        Assert.Equal("199.90", (await world.BooksAsync()).Open);
    }

    [Fact]
    public async Task Another_amount_than_reserved_is_not_taken()
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync();

        await world.CaptureAsync(new Money(20000, "EUR"));

        Assert.Equal("payment.amount_mismatch", (await world.SaidAsync<CaptureRefused>()).Reason);
        Assert.Equal("0.00", (await world.BooksAsync()).Captured);
    }

    [Theory]
    [InlineData("happy")]
    [InlineData("timeout-before-void")]
    [InlineData("timeout-after-void")]
    [InlineData("error-after-void")]
    [InlineData("busy-void")]
    public async Task What_was_reserved_is_given_back_and_only_then_is_it_said(string payer)
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync(payer);

        await world.VoidAsync();
        if (payer != "happy")
        {
            Assert.Equal(0, await world.CountAsync<PaymentVoided>());
            Assert.Equal(1, await world.CountAsync<VoidPayment>());   // Payments goes on by itself
            await world.VoidAsync();
        }

        await world.VoidAsync();

        Assert.All(await world.Payments.Published<PaymentVoided>(), voided => Assert.Equal(World.Price, voided.Voided));
        Assert.Equal(2, await world.CountAsync<PaymentVoided>());
        Assert.Equal(("199.90", "199.90", "0.00", "0.00", "0.00"), await world.BooksAsync());
        var (theirs, ours) = await world.TotalsAsync();
        Assert.Equal(theirs, ours);
    }

    [Fact]
    public async Task A_void_before_anything_closes_the_id_for_whatever_comes_late()
    {
        await using var world = await World.StartAsync();

        await world.VoidAsync();
        await world.OpenAsync();
        await world.AuthorizeAsync();
        await world.CaptureAsync();

        Assert.Null((await world.SaidAsync<PaymentVoided>()).Voided);
        Assert.Equal("payment.closed", (await world.SaidAsync<PaymentNotPossible>()).Reason);
        Assert.Equal("payment.closed", (await world.SaidAsync<PaymentDeclined>()).Reason);
        Assert.Equal("payment.closed", (await world.SaidAsync<CaptureRefused>()).Reason);
    }

    [Fact]
    public async Task A_void_after_the_approval_reserves_nothing_any_more()
    {
        await using var world = await World.StartAsync();
        await world.OpenAsync();
        await world.ApproveAsync();

        await world.VoidAsync();
        await world.AuthorizeAsync();

        Assert.Null((await world.SaidAsync<PaymentVoided>()).Voided);
        Assert.Equal("payment.closed", (await world.SaidAsync<PaymentDeclined>()).Reason);
        Assert.Equal("0.00", (await world.BooksAsync()).Authorised);
    }

    [Theory]
    [InlineData("timeout-after", "199.90")]
    [InlineData("timeout-before", null)]
    public async Task A_void_after_a_lost_authorisation_gives_back_what_PayPal_shows(string payer, string? voided)
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync(payer);

        await world.VoidAsync();

        Assert.Equal(voided, (await world.SaidAsync<PaymentVoided>()).Voided?.ToAmountString());
        Assert.Equal("0.00", (await world.BooksAsync()).Open);
        var (theirs, ours) = await world.TotalsAsync();
        Assert.Equal(theirs, ours);
    }

    [Fact]
    public async Task An_authorisation_that_comes_after_the_void_was_answered_is_found_and_voided_by_Payments_itself()
    {
        await using var world = await World.StartAsync();
        await world.OpenAsync();
        await world.ApproveAsync();
        var requestId = Guid.NewGuid();
        await world.NotedAsync(Effects.Authorize(world.PaymentId), requestId, TimeSpan.Zero);   // asked for, never answered
        await world.VoidAsync();
        var answered = await world.SaidAsync<PaymentVoided>();
        await LateAuthorisationAsync(world, requestId);                            // and now PayPal does it

        var again = Assert.Single(await world.Payments.Published<VoidPayment>());  // the look after it, waiting in the outbox
        await world.Payments.ConsumeAsync(again);

        Assert.Null(answered.Voided);
        Assert.Equal(World.Price, (await world.SaidAsync<PaymentVoided>()).Voided);
        Assert.Equal(("199.90", "199.90", "0.00", "0.00", "0.00"), await world.BooksAsync());
    }

    [Fact]
    public async Task Money_that_was_taken_is_not_voided_but_said()
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync();
        await world.CaptureAsync();

        await world.VoidAsync();

        Assert.Equal(0, await world.CountAsync<PaymentVoided>());
        Assert.Equal(2, await world.CountAsync<PaymentCaptured>());
        Assert.Equal("199.90", (await world.BooksAsync()).Captured);
    }

    private static async Task LateAuthorisationAsync(World world, Guid requestId)
    {
        await using var scope = Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions.CreateAsyncScope(world.Payments.Services);
        var payPal = Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions.GetRequiredService<PayPal.PayPalClient>(scope.ServiceProvider);
        await payPal.AuthorizeAsync(world.PaymentId, await world.OrderIdAsync(), requestId.ToString(), CancellationToken.None);
    }
}
