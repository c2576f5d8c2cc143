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
    ];

    private enum Do { Authorize, LookUp, LookUpClosing, Capture, Void, Refund, Accept, Deny }

    [Fact]
    public async Task After_any_history_our_ledger_is_PayPals_to_the_cent()
    {
        await using var world = await World.StartAsync();
        var histories = Gen.Select(OneOf(Payers), OneOf("EUR", "USD", "JPY"), Gen.Long[1, 500_00], Gen.Enum<Do>().Array[1, 8]);

        await histories.SampleAsync(
            async history =>
            {
                var (payer, currency, minor, steps) = history;
                var price = new Money(minor, currency);
                world.PaymentId = Guid.NewGuid();
                await world.OpenAsync(price);
                await world.ApproveAsync(payer);
                foreach (var step in steps)
                {
                    await DoAsync(world, step, price);
                }

                return await SettleAsync(world);
            },
            iter: 60, threads: 1);
    }

    private static Gen<string> OneOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(number => values[number]);

    private static async Task DoAsync(World world, Do step, Money price)
    {
        switch (step)
        {
            case Do.Authorize: await world.AuthorizeAsync(); break;
            case Do.LookUp: await world.LookUpAsync(); break;
            case Do.LookUpClosing: await world.LookUpAsync(closeIfAbsent: true); break;
            case Do.Capture: await world.CaptureAsync(price); break;
            case Do.Void: await world.VoidAsync(); break;
            case Do.Refund: await world.RefundAsync(Guid.NewGuid(), new(Math.Max(1, price.MinorUnits / 2), price.Currency)); break;
            default: await world.TryDecideAsync(step == Do.Accept); break;
        }
    }

    /// <summary>
    /// What the saga and Payments itself would go on doing: whatever waits in the outbox, and looks until nothing is open. On a busy machine a call may run into its
    /// real limit here too, so it goes on for some rounds more when the books differ; false when they still do.
    /// </summary>
    private static async Task<bool> SettleAsync(World world)
    {
        for (var round = 0; round < 10; round++)
        {
            if (round >= 3 && await world.TotalsAsync() is var (theirs, ours) && theirs == ours)
            {
                return true;
            }

            foreach (var refund in (await world.Payments.Published<RefundPayment>()).Where(one => one.PaymentId == world.PaymentId).DistinctBy(one => one.RefundId))
            {
                await world.Payments.ConsumeAsync(refund);
            }

            foreach (var undo in (await world.Payments.Published<VoidPayment>()).Where(one => one.PaymentId == world.PaymentId).Take(1))
            {
                await world.Payments.ConsumeAsync(undo);
            }

            await world.LookUpAsync(100 + round);
        }

        return false;
    }
}
