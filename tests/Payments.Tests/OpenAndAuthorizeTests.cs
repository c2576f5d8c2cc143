using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Payments;
using Aerona.Payments.Data;
using Aerona.Payments.Ledger;
using Aerona.Payments.PayPal;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Aerona.Payments.Tests;

public sealed class OpenAndAuthorizeTests
{
    [Fact]
    public async Task An_opened_payment_has_a_link_that_shows_the_price_and_a_repeat_gets_the_same()
    {
        await using var world = await World.StartAsync();

        await world.OpenAsync();
        await world.OpenAsync();

        var opened = await world.Payments.Published<PaymentOpened>();
        Assert.Equal(2, opened.Count);
        Assert.Equal(opened[0], opened[1]);
        using var browser = new HttpClient();
        Assert.Contains("199.90 EUR", await browser.GetStringAsync(opened[0].ApprovalLink));
    }

    [Theory]
    [InlineData("VND", 2500000, "payment.currency_not_taken")]
    [InlineData("HUF", 1990050, "payment.amount_not_payable")]
    public async Task What_PayPal_cannot_take_is_refused_without_asking_it(string currency, long minor, string reason)
    {
        await using var world = await World.StartAsync();

        await world.OpenAsync(new Money(minor, currency));

        Assert.Equal(reason, (await world.SaidAsync<PaymentNotPossible>()).Reason);
        Assert.Null((await world.PaymentAsync())!.OrderId);
    }

    [Theory]
    [InlineData("JPY", 13000)]
    [InlineData("HUF", 1990000)]
    [InlineData("TWD", 500000)]
    [InlineData("USD", 1)]
    public async Task Currencies_without_decimals_at_PayPal_are_reserved_to_the_last_unit(string currency, long minor)
    {
        await using var world = await World.StartAsync();
        var price = new Money(minor, currency);

        await world.GivenAuthorizedAsync(price: price);

        Assert.Equal(price, (await world.SaidAsync<PaymentAuthorized>()).Amount);
        Assert.Equal(price.ToAmountString(), (await world.BooksAsync()).Authorised);
    }

    [Theory]
    [InlineData("timeoutBefore")]
    [InlineData("timeoutAfter")]
    [InlineData("errorAfter")]
    [InlineData("busy")]
    public async Task An_order_whose_answer_is_lost_is_opened_once_by_the_repeat(string fault)
    {
        await using var world = await World.StartAsync();
        await world.NextFailsAsync("orders.create", fault);

        await world.OpenAsync();
        var silent = await world.CountAsync<PaymentOpened>();
        await world.OpenAsync();

        Assert.Equal(0, silent);
        Assert.Equal(1, await world.CountAsync<PaymentOpened>());
        await world.ApproveAsync();
    }

    [Fact]
    public async Task A_token_that_cannot_be_had_leaves_the_payment_open_for_the_next_try()
    {
        await using var world = await World.StartAsync(settings: new Dictionary<string, string?>());   // of its own: it has no token yet
        await world.NextFailsAsync("oauth2.token", "errorAfter");

        await world.OpenAsync();
        await world.OpenAsync();

        Assert.Equal(1, await world.CountAsync<PaymentOpened>());
    }

    [Fact]
    public async Task The_approved_amount_is_reserved_and_every_repeat_says_so_again()
    {
        await using var world = await World.StartAsync();
        await world.OpenAsync();
        await world.ApproveAsync();

        await world.AuthorizeAsync();
        await world.AuthorizeAsync();

        var said = await world.Payments.Published<PaymentAuthorized>();
        Assert.Equal(2, said.Count);
        Assert.Equal(said[0], said[1]);
        Assert.Equal(World.Price, said[0].Amount);
        Assert.Equal(said[0].HonouredUntil.AddDays(26), said[0].ExpiresAt);
        Assert.Equal(("199.90", "0.00", "0.00", "0.00", "199.90"), await world.BooksAsync());
        Assert.Single(await world.Payments.Query<PaymentsDbContext, List<LedgerEntry>>(db => db.Ledger.ToListAsync()));
        Assert.Contains(await world.Payments.Published<BookingNoted>(), note => note.Kind == "payment.authorized" && note.Reference == said[0].AuthorizationId);
    }

    [Fact]
    public async Task A_declined_payer_is_told_and_the_attempt_is_over()
    {
        await using var world = await World.StartAsync();

        await world.GivenAuthorizedAsync("declined");
        await world.AuthorizeAsync();

        Assert.All(await world.Payments.Published<PaymentDeclined>(), declined => Assert.Equal("payment.declined", declined.Reason));
        Assert.Equal(2, await world.CountAsync<PaymentDeclined>());
        Assert.True((await world.PaymentAsync())!.IsClosed);
        Assert.Equal("0.00", (await world.BooksAsync()).Authorised);
    }

    [Fact]
    public async Task An_order_nobody_approved_is_declined_as_such()
    {
        await using var world = await World.StartAsync();
        await world.OpenAsync();

        await world.AuthorizeAsync();

        Assert.Equal("payment.not_approved", (await world.SaidAsync<PaymentDeclined>()).Reason);
    }

    [Fact]
    public async Task A_payment_never_opened_cannot_be_reserved()
    {
        await using var world = await World.StartAsync();

        await world.AuthorizeAsync();

        Assert.Equal("payment.closed", (await world.SaidAsync<PaymentDeclined>()).Reason);
    }

    [Theory]
    [InlineData("timeout-before")]
    [InlineData("timeout-after")]
    [InlineData("error-after")]
    [InlineData("busy")]
    public async Task A_lost_answer_is_neither_yes_nor_no_and_the_look_up_finds_one_reservation(string payer)
    {
        await using var world = await World.StartAsync();

        await world.GivenAuthorizedAsync(payer);
        var silent = await world.CountAsync<PaymentAuthorized>() + await world.CountAsync<PaymentDeclined>();
        await world.LookUpAsync(closeIfAbsent: true);

        Assert.Equal(0, silent);
        Assert.Equal(World.Price, (await world.SaidAsync<PaymentAuthorized>()).Amount);
        Assert.Equal(("199.90", "0.00", "0.00", "0.00", "199.90"), await world.BooksAsync());
    }

    [Fact]
    public async Task Killed_between_note_and_call_the_redelivered_command_reserves()
    {
        await using var world = await World.StartAsync();
        await world.OpenAsync();
        await world.ApproveAsync();
        await world.NotedAsync(Effects.Authorize(world.PaymentId), Guid.NewGuid(), leaseLeft: TimeSpan.Zero);

        await world.AuthorizeAsync();

        Assert.Equal(1, await world.CountAsync<PaymentAuthorized>());
    }

    [Fact]
    public async Task Killed_between_call_and_record_the_redelivered_command_finds_what_was_reserved()
    {
        await using var world = await World.StartAsync();
        await world.OpenAsync();
        await world.ApproveAsync();
        var requestId = Guid.NewGuid();
        await world.NotedAsync(Effects.Authorize(world.PaymentId), requestId, leaseLeft: TimeSpan.Zero);
        await using (var scope = world.Payments.Services.CreateAsyncScope())
        {
            var lost = await scope.ServiceProvider.GetRequiredService<PayPalClient>()
                .AuthorizeAsync(world.PaymentId, await world.OrderIdAsync(), requestId.ToString(), CancellationToken.None);
            Assert.Equal(Standing.Authorized, lost.Standing);
        }

        await world.AuthorizeAsync();

        Assert.Equal(1, await world.CountAsync<PaymentAuthorized>());
        Assert.Equal("199.90", (await world.BooksAsync()).Authorised);
    }

    [Fact]
    public async Task While_somebody_may_still_be_calling_nobody_else_does()
    {
        await using var world = await World.StartAsync();
        await world.OpenAsync();
        await world.ApproveAsync();
        await world.NotedAsync(Effects.Authorize(world.PaymentId), Guid.NewGuid(), leaseLeft: TimeSpan.FromSeconds(30));

        await world.AuthorizeAsync();
        await world.LookUpAsync(closeIfAbsent: true);
        await world.VoidAsync();

        Assert.Equal(0, await world.CountAsync<PaymentAuthorized>());
        Assert.Equal(0, await world.CountAsync<PaymentAbsent>());
        Assert.Equal(0, await world.CountAsync<PaymentVoided>());
        Assert.Equal("0.00", (await world.BooksAsync()).Authorised);
    }

    [Fact]
    public async Task A_review_is_said_and_its_end_is_found_by_looking()
    {
        await using var world = await World.StartAsync();

        await world.GivenAuthorizedAsync("review");
        var examined = await world.CountAsync<PaymentUnderReview>();
        await world.LookUpAsync(1);
        await world.DecideAsync(accept: true);
        await world.LookUpAsync(2);

        Assert.Equal(1, examined);
        Assert.Equal(2, await world.CountAsync<PaymentUnderReview>());
        Assert.Equal(1, await world.CountAsync<PaymentAuthorized>());
        Assert.Equal(("199.90", "0.00", "0.00", "0.00", "199.90"), await world.BooksAsync());
    }

    [Fact]
    public async Task A_review_that_ends_badly_declines()
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync("review");

        await world.DecideAsync(accept: false);
        await world.LookUpAsync();

        Assert.Equal("payment.declined", (await world.SaidAsync<PaymentDeclined>()).Reason);
        var (theirs, ours) = await world.TotalsAsync();
        Assert.Equal(theirs, ours);
    }
}
