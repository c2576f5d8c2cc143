using Aerona.Contracts;
using Aerona.Contracts.Payments;
using CsCheck;

namespace Aerona.Payments.Tests;

public sealed class LedgerTests
{
    private static readonly string[] Payers =
    [
        "happy", "declined", "review", "timeout-before", "timeout-after", "error-after", "busy", "capture-declined", "capture-pending",
        "timeout-before-capture", "timeout-after-capture", "error-after-capture", "timeout-before-void", "timeout-after-void", "busy-void",
        "timeout-before-refund", "timeout-after-refund",
        "day-four", "reauthorize-declined", "timeout-before-reauthorize", "timeout-after-reauthorize", "busy-reauthorize",
    ];

    private const int Histories = 60;

    public enum Do { Authorize, LookUp, LookUpClosing, Reauthorize, Capture, Void, Refund, Accept, Deny, PayPalVoids, FourDays }

    [Fact]
    public async Task After_any_history_our_ledger_is_PayPals_to_the_cent()
    {
        await using var world = await World.StartAsync();
        List<Guid> payments = [];
        var histories = Gen.Select(OneOf(Payers), OneOf("EUR", "USD", "JPY"), Gen.Long[1, 500_00], Gen.Enum<Do>().Array[1, 8]);

        await histories.SampleAsync(
            async history =>
            {
                var (payer, currency, minor, steps) = history;
                await HistoryAsync(world, payer, new(minor, currency), steps);
                payments.Add(world.PaymentId);
                return await world.BooksAsync() == await world.LedgerAsync() && await world.FeesAsync() is var (theirs, ours) && theirs == ours;
            },
            iter: Histories, threads: 1,
            print: history => $"{history.Item1} {new Money(history.Item3, history.Item2)}: {string.Join(", ", history.Item4)}");

        foreach (var payment in payments)
        {
            world.PaymentId = payment;   // weeks may have gone by since, and reservations lapse
            await world.LookUpAsync();
        }

        var (theirs, ours) = await world.TotalsAsync();
        Assert.Equal(theirs, ours);
    }

    [Theory]
    [InlineData("capture-pending", Do.Authorize, Do.Capture)]
    [InlineData("capture-pending", Do.Authorize, Do.Capture, Do.Accept)]
    [InlineData("capture-pending", Do.Authorize, Do.Capture, Do.Deny)]
    [InlineData("capture-pending", Do.Authorize, Do.Capture, Do.Void)]
    [InlineData("review", Do.Authorize)]
    [InlineData("review", Do.Authorize, Do.Void)]
    public async Task What_PayPal_has_not_decided_is_in_both_books_alike(string payer, params Do[] steps)
    {
        await using var world = await World.StartAsync();

        await HistoryAsync(world, payer, World.Price, steps);

        Assert.Equal(await world.BooksAsync(), await world.LedgerAsync());
        var (theirs, ours) = await world.TotalsAsync();
        Assert.Equal(theirs, ours);
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
    }

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
            case Do.Refund: await world.RefundAsync(Guid.NewGuid(), new(Math.Max(1, price.MinorUnits / 2), price.Currency)); break;
            default: await world.TryDecideAsync(step == Do.Accept); break;
        }
    }
}
