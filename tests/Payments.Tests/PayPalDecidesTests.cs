using Aerona.Contracts.Payments;

namespace Aerona.Payments.Tests;

/// <summary>What PayPal does after the call: reviews, pending captures, voids; learnt by a look-up or by a webhook, whichever comes first.</summary>
public sealed class PayPalDecidesTests
{
    [Theory]
    [InlineData(true, "PAYMENT.AUTHORIZATION.CREATED")]
    [InlineData(false, "PAYMENT.AUTHORIZATION.DENIED")]
    public async Task A_review_ends_by_its_webhook(bool cleared, string type)
    {
        await using var world = await World.StartAsync(webhooks: true);
        await world.GivenAuthorizedAsync("review");
        await world.WebhookAsync();   // the approval

        await world.DecideAsync(cleared);
        var letter = await BroughtAsync(world);

        Assert.Equal(type, letter.Type);
        Assert.Equal(cleared ? 1 : 0, await world.CountAsync<PaymentAuthorized>());
        Assert.Equal(cleared ? 0 : 1, await world.CountAsync<PaymentDeclined>());
        Assert.Equal(await world.BooksAsync(), await world.LedgerAsync());
    }

    [Fact]
    public async Task A_review_cleared_says_until_when_the_money_is_honoured()
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync("review");
        await world.DecideAsync(accept: true);

        await world.LookUpAsync();

        var authorized = await world.SaidAsync<PaymentAuthorized>();
        Assert.Equal(World.Now!.Value.AddDays(3), authorized.HonouredUntil);
        Assert.Equal(World.Now!.Value.AddDays(29), authorized.ExpiresAt);
    }

    [Fact]
    public async Task A_review_of_a_closed_payment_that_is_cleared_is_given_back()
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync("review");
        await world.NextFailsAsync("authorizations.void", "timeoutBefore");
        await world.VoidAsync();
        await world.DecideAsync(accept: true);

        await world.SettleAsync();

        Assert.Equal(World.Price, (await world.SaidAsync<PaymentVoided>()).Voided);
        Assert.Equal("0.00", (await world.BooksAsync()).Open);
        Assert.Equal(await world.BooksAsync(), await world.LedgerAsync());
    }

    [Theory]
    [InlineData(true, "PAYMENT.CAPTURE.COMPLETED")]
    [InlineData(false, "PAYMENT.CAPTURE.DENIED")]
    public async Task A_pending_capture_ends_by_its_webhook(bool taken, string type)
    {
        await using var world = await World.StartAsync(webhooks: true);
        await world.GivenAuthorizedAsync("capture-pending");
        await world.CaptureAsync();
        await world.WebhookAsync();
        await world.WebhookAsync();
        var pending = await BroughtAsync(world);

        await world.DecideAsync(taken);
        var letter = await BroughtAsync(world);
        await world.LookUpAsync();

        Assert.Equal("PAYMENT.CAPTURE.PENDING", pending.Type);
        Assert.Equal(type, letter.Type);
        Assert.Equal(1, await world.CountAsync<CapturePending>());   // the webhook told nothing new
        Assert.Equal(taken ? 2 : 0, await world.CountAsync<PaymentCaptured>());
        Assert.Equal(taken ? 0 : 2, await world.CountAsync<CaptureRefused>());
        Assert.Equal(await world.BooksAsync(), await world.LedgerAsync());
    }

    [Fact]
    public async Task A_capture_denied_after_it_was_pending_leaves_a_reservation_that_can_be_given_back()
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync("capture-pending");
        await world.CaptureAsync();
        await world.DecideAsync(accept: false);
        await world.LookUpAsync();

        await world.VoidAsync();

        Assert.Equal("payment.capture_refused", (await world.SaidAsync<CaptureRefused>()).Reason);
        Assert.Equal(World.Price, (await world.SaidAsync<PaymentVoided>()).Voided);
        Assert.Equal(("199.90", "199.90", "0.00", "0.00", "0.00"), await world.BooksAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_void_while_a_capture_is_pending_waits_for_its_end(bool taken)
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync("capture-pending");
        await world.CaptureAsync();

        await world.VoidAsync();
        var early = await world.CountAsync<PaymentVoided>();
        await world.DecideAsync(taken);
        await world.SettleAsync();

        Assert.Equal(0, early);
        Assert.Equal(2, await world.CountAsync<CapturePending>());
        Assert.Equal(!taken, await world.CountAsync<PaymentVoided>() > 0);
        Assert.Equal(taken, await world.CountAsync<PaymentCaptured>() > 0);
        Assert.Equal("0.00", (await world.BooksAsync()).Open);
        Assert.Equal(await world.BooksAsync(), await world.LedgerAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_PayPal_voids_by_itself_is_said_to_whoever_waits(bool byWebhook)
    {
        await using var world = await World.StartAsync(webhooks: true);
        await world.GivenAuthorizedAsync();
        await world.WebhookAsync();
        await world.WebhookAsync();

        await world.PayPalVoidsAsync();
        var letter = byWebhook ? await BroughtAsync(world) : null;
        if (!byWebhook)
        {
            await world.LookUpAsync();
        }

        await world.CaptureAsync();

        Assert.True(letter is null or { Type: "PAYMENT.AUTHORIZATION.VOIDED" });
        Assert.Equal("payment.voided", (await world.SaidAsync<PaymentDeclined>()).Reason);
        Assert.Equal(World.Price, (await world.SaidAsync<PaymentVoided>()).Voided);
        Assert.Equal("payment.closed", (await world.SaidAsync<CaptureRefused>()).Reason);
        Assert.Equal(await world.BooksAsync(), await world.LedgerAsync());
    }

    [Fact]
    public async Task A_capture_of_what_PayPal_voided_unheard_is_refused_and_the_look_up_says_why()
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync();
        await world.PayPalVoidsAsync();

        await world.CaptureAsync();
        await world.LookUpAsync();

        Assert.Equal(1, await world.CountAsync<CaptureRefused>());
        Assert.Equal(World.Price, (await world.SaidAsync<PaymentVoided>()).Voided);
        Assert.Equal(await world.BooksAsync(), await world.LedgerAsync());
    }

    [Fact]
    public async Task A_look_up_of_what_was_given_back_says_so()
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync();
        await world.VoidAsync();

        await world.LookUpAsync();

        Assert.Equal(2, await world.CountAsync<PaymentVoided>());
        Assert.Equal("payment.closed", (await world.SaidAsync<PaymentDeclined>()).Reason);
    }

    /// <summary>The next event PayPal sends, brought and looked at.</summary>
    private static async Task<Letter> BroughtAsync(World world)
    {
        var letter = await world.WebhookAsync();
        await world.BringAsync(letter);
        await world.LookAtAsync(letter.EventId);
        return letter;
    }
}
