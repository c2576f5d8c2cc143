using System.Globalization;
using Aerona.Contracts;
using Aerona.Contracts.Payments;
using Aerona.Payments.Data;
using Aerona.Payments.Ledger;
using CsCheck;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Payments.Tests;

public sealed class LedgerTests
{
    private static readonly string[] Payers =
    [
        "happy", "declined", "review", "timeout-before", "timeout-after", "error-after", "busy", "capture-declined", "capture-pending",
        "timeout-before-capture", "timeout-after-capture", "error-after-capture", "timeout-before-void", "timeout-after-void", "busy-void",
        "timeout-before-refund", "timeout-after-refund", "error-after-refund", "refund-pending", "refund-declined", "happy", "happy", "happy",
        "day-four", "reauthorize-declined", "timeout-before-reauthorize", "timeout-after-reauthorize", "busy-reauthorize",
    ];

    public enum Do { Authorize, LookUp, LookUpClosing, Reauthorize, Capture, CapturePart, Void, Refund, RefundAll, Accept, Deny, PayPalVoids, RefundElsewhere, Dispute, LoseDispute, Event, Events, FourDays }

    [Fact]
    public Task After_any_history_our_ledger_is_PayPals_to_the_cent() => AgreeAsync(60);

    [Fact]
    [Trait("long", "yes")]
    public Task After_any_of_a_thousand_histories_our_ledger_is_PayPals_to_the_cent() => AgreeAsync(1000);

    private static async Task AgreeAsync(int many)
    {
        await using var world = await World.StartAsync();
        Dictionary<Guid, string> payments = [];
        var histories = Gen.Select(OneOf(Payers), OneOf("EUR", "USD", "JPY", "HUF", "TWD"), Gen.Long[2, 500], Gen.OneOf(Gen.Enum<Do>().Array[1, 8], Course()));

        await histories.SampleAsync(
            async history =>
            {
                var (payer, currency, minor, steps) = history;
                await HistoryAsync(world, payer, Price(minor, currency), steps);
                payments[world.PaymentId] = $"{payer} {Price(minor, currency)}: {string.Join(", ", steps)}";
                var (theirs, ours) = await world.FeesAsync();
                await SoundAsync(world);
                return await world.BooksAsync() == await world.LedgerAsync() && theirs == ours;
            },
            iter: many, threads: 1,
            print: history => $"{history.Item1} {Price(history.Item3, history.Item2)}: {string.Join(", ", history.Item4)}");

        if (many >= 1000)
        {
            var kinds = await world.Payments.Query<PaymentsDbContext, List<LedgerKind>>(db => db.Ledger.Select(entry => entry.Kind).Distinct().ToListAsync());
            Assert.Equal(Enum.GetValues<LedgerKind>().Except([LedgerKind.FeeReturned]).Order(), kinds.Order());   // PayPal keeps its fee
        }

        foreach (var payment in payments.Keys)
        {
            world.PaymentId = payment;   // weeks may have gone by since: reservations lapse, reviews end
            await world.SettleAsync();
        }

        var (theirs, ours) = await world.TotalsAsync();
        Assert.Equal(theirs, ours);
        try
        {
            await world.CheckInvariantsAsync();
        }
        catch (InvalidOperationException wrong)
        {
            Assert.Fail($"{wrong.Message}\n{string.Join('\n', payments.Where(payment => wrong.Message.Contains(payment.Key.ToString(), StringComparison.OrdinalIgnoreCase)))}");
        }
    }

    [Fact]
    public async Task An_invariant_that_is_broken_is_told()
    {
        await using var world = await World.StartAsync();
        await HistoryAsync(world, "happy", World.Price, [Do.Authorize, Do.Capture]);
        await world.CheckInvariantsAsync();
        await world.Payments.Query<PaymentsDbContext, int>(db =>
        {
            db.Ledger.Add(new()
            {
                PaymentId = world.PaymentId,
                BookingId = world.BookingId,
                Kind = LedgerKind.Refunded,
                Debit = Account.Customer,
                Credit = Account.PayPal,
                Currency = "EUR",
                AmountMinor = 1,
                Reference = "NOBODYS",
                At = DateTimeOffset.UnixEpoch,
            });
            return db.SaveChangesAsync();
        });

        var problem = await Assert.ThrowsAsync<InvalidOperationException>(world.CheckInvariantsAsync);

        Assert.Contains("I5: something is owed", problem.Message, StringComparison.Ordinal);
        Assert.Contains("I7: refunded in our ledger and not in PayPal's books: NOBODYS EUR 1", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("capture-pending", Do.Authorize, Do.Capture)]
    [InlineData("capture-pending", Do.Authorize, Do.Capture, Do.Accept)]
    [InlineData("capture-pending", Do.Authorize, Do.Capture, Do.Deny)]
    [InlineData("capture-pending", Do.Authorize, Do.Capture, Do.Void)]
    [InlineData("capture-pending", Do.Authorize, Do.Capture, Do.Void, Do.Accept)]
    [InlineData("capture-pending", Do.Authorize, Do.Capture, Do.Void, Do.Deny)]
    [InlineData("capture-pending", Do.Authorize, Do.CapturePart)]
    [InlineData("capture-pending", Do.Authorize, Do.CapturePart, Do.Accept)]
    [InlineData("capture-pending", Do.Authorize, Do.CapturePart, Do.Deny)]
    [InlineData("capture-pending", Do.Authorize, Do.CapturePart, Do.Void, Do.Deny)]
    [InlineData("review", Do.Authorize)]
    [InlineData("review", Do.Authorize, Do.Void)]
    public async Task What_PayPal_has_not_decided_is_in_both_books_alike(string payer, params Do[] steps)
    {
        await using var world = await World.StartAsync();

        await HistoryAsync(world, payer, World.Price, steps);

        Assert.Equal(await world.BooksAsync(), await world.LedgerAsync());
        var (theirs, ours) = await world.TotalsAsync();
        Assert.Equal(theirs, ours);
        await world.CheckInvariantsAsync();
    }

    /// <summary>Opened and approved, then the steps, then whatever goes on by itself.</summary>
    private static async Task HistoryAsync(World world, string payer, Money price, Do[] steps)
    {
        await world.BeginAnewAsync();
        await world.OpenAsync(price);
        await world.ApproveAsync(payer);
        foreach (var step in steps)
        {
            await DoAsync(world, step, price);
        }

        await world.SettleAsync();
        await world.HintAsync();
        await world.SettleAsync();
    }

    /// <summary>What PayPal can express: whole units of what has no decimals there.</summary>
    private static Money Price(long number, string currency) => currency is "HUF" or "TWD" ? new(number * 100, currency) : new(number * 7, currency);

    /// <summary>As far as money is taken: chance alone gets there too seldom.</summary>
    private static Gen<Do[]> Course() => Gen.Select(
        Gen.Enum<Do>().Array[0, 1], Gen.Enum<Do>().Array[0, 1], Gen.Enum<Do>().Array[1, 5],
        (before, between, after) => (Do[])[.. before, Do.Authorize, .. between, Do.Capture, .. after]);

    /// <summary>I5 and I6, from the rows alone.</summary>
    private static async Task SoundAsync(World world)
    {
        var (entries, open) = await world.Payments.Query<PaymentsDbContext, (List<LedgerEntry>, bool)>(async db => (
            await db.Ledger.Where(entry => entry.PaymentId == world.PaymentId).ToListAsync(),
            await db.Refunds.AnyAsync(refund => refund.PaymentId == world.PaymentId && (refund.State == RefundState.Open || refund.State == RefundState.Pending))));
        var balances = new Balances(entries.Select(entry => (entry.Kind, entry.AmountMinor)));
        Assert.Equal(0, Enum.GetValues<Account>().Sum(balances.Of));
        Assert.True(entries.Count(entry => entry.Kind == LedgerKind.Captured) <= 1, "captured twice");
        Assert.True(balances.GivenBack <= balances.Of(LedgerKind.Captured), "more given back than taken");
        Assert.Equal(balances.Of(LedgerKind.Authorised), balances.Of(LedgerKind.Voided) + balances.Of(LedgerKind.Used) + balances.Of(Account.Reserved));
        Assert.True(open || -balances.Of(Account.Customer) == balances.Of(LedgerKind.Lost) - balances.Of(LedgerKind.RefundedElsewhere), "something is owed to the customer and nobody is about to give it back");
    }

    /// <summary>About a third, as PayPal writes it.</summary>
    private static string Part(Money price) => price.Currency switch
    {
        "JPY" => Math.Max(1, price.MinorUnits / 3).ToString(CultureInfo.InvariantCulture),
        "HUF" or "TWD" => Math.Max(1, price.MinorUnits / 300).ToString(CultureInfo.InvariantCulture),
        _ => new Money(Math.Max(1, price.MinorUnits / 3), price.Currency).ToAmountString(),
    };

    private static Gen<string> OneOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(number => values[number]);

    private static async Task DoAsync(World world, Do step, Money price)
    {
        switch (step)
        {
            case Do.Authorize: await world.AuthorizeAsync(); break;
            case Do.LookUp: await world.LookUpAsync(); break;
            case Do.LookUpClosing: await world.LookUpAsync(closeIfAbsent: true); break;
            case Do.Reauthorize: await world.ReauthorizeAsync(); break;
            case Do.FourDays: world.Advance(TimeSpan.FromDays(4)); break;
            case Do.PayPalVoids: await world.TryPayPalVoidsAsync(); break;
            case Do.Capture: await world.CaptureAsync(price); break;
            case Do.Void: await world.VoidAsync(); break;
            case Do.CapturePart: await world.CaptureAsync(price.Currency is "HUF" or "TWD" ? new(price.MinorUnits / 200 * 100, price.Currency) : new(price.MinorUnits / 2, price.Currency)); break;
            case Do.RefundAll: await world.RefundAsync(Guid.NewGuid(), price); break;
            case Do.RefundElsewhere: await world.AtPayPalAsync("refund", new { amount = Part(price) }); break;
            case Do.Dispute: await world.AtPayPalAsync("dispute", new { reason = "UNAUTHORISED", amount = Part(price) }); break;
            case Do.LoseDispute: await world.AtPayPalAsync("dispute-decision", new { lost = true }); break;
            case Do.Event: await world.HintAsync(); break;
            case Do.Events: await world.HintAsync(times: 3); break;
            case Do.Refund: await world.RefundAsync(Guid.NewGuid(), new(Math.Max(1, price.MinorUnits / 2), price.Currency)); break;
            default: await world.TryDecideAsync(step == Do.Accept); break;
        }
    }
}
