using System.Globalization;
using System.Text.Json;
using Aerona.Contracts;
using Aerona.Contracts.Payments;
using Aerona.Payments.Data;
using Aerona.Payments.Ledger;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Payments.Tests;

/// <summary>What the ledger is written with, and what the database itself refuses. The same on PostgreSQL: MigrationTests.</summary>
public sealed class LedgerRuleTests
{
    [Theory]
    [InlineData("UPDATE ledger_entry SET amount_minor = amount_minor + 1")]
    [InlineData("UPDATE ledger_entry SET debit = 'Losses'")]
    [InlineData("DELETE FROM ledger_entry")]
    [InlineData("INSERT INTO ledger_entry (payment_id, booking_id, kind, debit, credit, currency, amount_minor, reference, at) VALUES ('a', 'b', 'Captured', 'PayPal', 'PayPal', 'EUR', 1, 'x', 1)")]
    [InlineData("INSERT INTO ledger_entry (payment_id, booking_id, kind, debit, credit, currency, amount_minor, reference, at) VALUES ('a', 'b', 'Captured', 'PayPal', 'Customer', 'EUR', 0, 'x', 1)")]
    [InlineData("INSERT INTO ledger_entry (payment_id, booking_id, kind, debit, credit, currency, amount_minor, reference, at) VALUES ('a', 'b', 'Captured', 'PayPal', 'Customer', 'EUR', -5, 'x', 1)")]
    [InlineData("INSERT INTO ledger_entry (payment_id, booking_id, kind, debit, credit, currency, amount_minor, reference, at) VALUES ('a', 'b', 'Captured', 'PayPal', 'Customer', '', 5, 'x', 1)")]
    [InlineData("INSERT INTO ledger_entry (payment_id, booking_id, kind, debit, credit, currency, amount_minor, reference, at) SELECT payment_id, booking_id, kind, debit, credit, currency, amount_minor, reference, at FROM ledger_entry")]
    public async Task The_database_refuses_what_would_make_the_ledger_lie(string sql)
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync();
        await world.CaptureAsync();

        await Assert.ThrowsAsync<Microsoft.Data.Sqlite.SqliteException>(() => world.Payments.Query<PaymentsDbContext, int>(db => db.Database.ExecuteSqlRawAsync(sql)));

        Assert.Equal(await world.BooksAsync(), await world.LedgerAsync());
    }

    [Fact]
    public async Task A_booking_that_is_paid_refunded_in_part_and_charged_back_leaves_its_whole_story_in_the_accounts()
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync();
        await world.CaptureAsync();
        await world.RefundAsync(Guid.NewGuid(), new(5000, "EUR"));
        Assert.True(await world.AtPayPalAsync("dispute", new { reason = "UNAUTHORISED", amount = "100.00" }));
        Assert.True(await world.AtPayPalAsync("dispute-decision", new { lost = true }));
        await world.HintAsync(times: 2);

        var balances = await world.Payments.Query<PaymentsDbContext, Balances>(db => db.BalancesAsync(world.PaymentId, CancellationToken.None));
        var fee = balances.Of(Account.Fees);

        Assert.Equal(747, fee);   // 3.49 % and 0.49
        Assert.Equal((19990 - 5000 - 10000 - fee, 0, -14990, 10000, 0), (
            balances.Of(Account.PayPal), balances.Of(Account.Customer), balances.Of(Account.Supplier), balances.Of(Account.Losses), balances.Of(Account.Reserved)));
        Assert.Equal(4990, balances.Refundable);
        Assert.Equal(await world.BooksAsync(), await world.LedgerAsync());
    }

    [Fact]
    public async Task Less_can_be_taken_than_was_reserved_and_the_rest_goes_back()
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync("timeout-after-capture");

        await world.CaptureAsync(new(15000, "EUR"));
        await world.LookUpAsync();   // repeats the call: with what was asked for, not with all
        await world.CaptureAsync(new(15000, "EUR"));

        Assert.Equal(new Money(15000, "EUR"), (await world.SaidAsync<PaymentCaptured>()).Amount);
        Assert.Equal(("199.90", "49.90", "150.00", "0.00", "0.00"), await world.LedgerAsync());
        Assert.Equal(await world.BooksAsync(), await world.LedgerAsync());
    }

    [Theory]
    [InlineData(19991, "EUR")]
    [InlineData(19990, "USD")]
    public async Task More_than_was_reserved_is_never_taken(long minor, string currency)
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync();

        await world.CaptureAsync(new(minor, currency));

        Assert.Equal("payment.amount_mismatch", (await world.SaidAsync<CaptureRefused>()).Reason);
        Assert.Equal("0.00", (await world.BooksAsync()).Captured);
    }

    [Fact]
    public async Task Half_a_year_after_it_was_taken_money_cannot_be_refunded_at_PayPal_any_more()
    {
        await using var world = await World.StartAsync();
        await world.GivenAuthorizedAsync();
        await world.CaptureAsync();
        world.Advance(TimeSpan.FromDays(180.1));

        await world.RefundAsync(Guid.NewGuid(), World.Price);

        Assert.Equal("refund.window_over", (await world.SaidAsync<RefundRefused>()).Reason);
        Assert.Equal("0.00", (await world.BooksAsync()).Refunded);
    }

    [Fact]
    public async Task A_refund_made_in_PayPals_own_pages_is_learnt_and_leaves_less_to_give_back()
    {
        await using var world = await World.StartAsync(webhooks: true);
        await world.GivenAuthorizedAsync();
        await world.CaptureAsync();
        Assert.True(await world.AtPayPalAsync("refund", new { amount = "150.00" }));

        var letter = await LetterAsync(world, "PAYMENT.CAPTURE.REFUNDED");
        Assert.Equal(200, await world.BringAsync(letter));
        await world.LookAtAsync(letter.EventId);
        await world.RefundAsync(Guid.NewGuid(), new(5000, "EUR"));

        Assert.Equal("refund.too_much", (await world.SaidAsync<RefundRefused>()).Reason);
        Assert.Equal(0, await world.CountAsync<PaymentRefunded>());   // nobody here asked for it
        Assert.Equal("150.00", (await world.LedgerAsync()).Refunded);
        Assert.Equal(await world.BooksAsync(), await world.LedgerAsync());
    }

    [Theory]
    [InlineData(true, DisputeStanding.Lost)]
    [InlineData(false, DisputeStanding.Won)]
    public async Task A_dispute_is_told_when_it_opens_and_when_it_ends_and_an_older_word_is_ignored(bool lost, DisputeStanding end)
    {
        await using var world = await World.StartAsync(webhooks: true);
        await world.GivenAuthorizedAsync();
        await world.CaptureAsync();
        Assert.True(await world.AtPayPalAsync("dispute", new { reason = "UNAUTHORISED" }));
        var opened = await LetterAsync(world, "CUSTOMER.DISPUTE.CREATED");
        await world.BringAsync(opened);
        await world.LookAtAsync(opened.EventId);
        Assert.Equal((DisputeStanding.Open, World.Price, "UNAUTHORISED"), (await world.SaidAsync<PaymentDisputed>()) is var told ? (told.Standing, told.Amount, told.Reason) : default);
        world.Advance(TimeSpan.FromDays(1));
        Assert.True(await world.AtPayPalAsync("dispute-decision", new { lost }));

        var resolved = await LetterAsync(world, "CUSTOMER.DISPUTE.RESOLVED");
        await world.BringAsync(resolved);
        await world.LookAtAsync(resolved.EventId);
        await world.Payments.Query<PaymentsDbContext, int>(db => db.WebhookEvents.ExecuteUpdateAsync(set => set.SetProperty(one => one.State, WebhookState.Genuine)));
        await world.LookAtAsync(opened.EventId);

        Assert.Equal([DisputeStanding.Open, end], (await world.Payments.Published<PaymentDisputed>()).Select(disputed => disputed.Standing));
        var balances = await world.Payments.Query<PaymentsDbContext, Balances>(db => db.BalancesAsync(world.PaymentId, CancellationToken.None));
        Assert.Equal(lost ? 19990 : 0, balances.Of(Account.Losses));
        Assert.Equal(await world.BooksAsync(), await world.LedgerAsync());
    }

    private static async Task<Letter> LetterAsync(World world, string type)
    {
        for (var letter = await world.WebhookAsync(); ; letter = await world.WebhookAsync())
        {
            if (letter.Type == type)
            {
                return letter;
            }
        }
    }
}
