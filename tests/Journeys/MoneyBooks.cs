using System.Data.Common;
using System.Runtime.CompilerServices;
using Aerona.TestKit;
using Xunit;

namespace Aerona.Journeys;

/// <summary>
/// What every journey ends with: whatever became of it, money is as it should be (<see cref="MoneyInvariants"/>: I2, I5, I6, I7), by SQL against Aerona's own
/// databases and the books of the played PayPal. What is still on its way may take a moment to agree.
/// </summary>
internal static class MoneyBooks
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    // Where the books were wrong once they stay wrong: the journeys after that one need not wait to say so.
    private static readonly ConditionalWeakTable<IAerona, object> Wrong = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Throws with what is still wrong after a while.</summary>
    /// <param name="aerona">Where.</param>
    /// <param name="booking">This booking alone, while others are under way; null: all of them.</param>
    public static async Task MoneyIsRightAsync(this IAerona aerona, Guid? booking = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(Wrong.TryGetValue(aerona, out _) ? TimeSpan.Zero : Patience);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        while (await WrongAsync(aerona, booking) is { Count: > 0 } wrong)
        {
            try
            {
                await pause.WaitForNextTickAsync(limit.Token);
            }
            catch (OperationCanceledException) when (!Stop.IsCancellationRequested)
            {
                if (booking is null)
                {
                    Wrong.TryAdd(aerona, wrong);
                }

                throw new InvalidOperationException($"Money is not as it should be:\n{string.Join('\n', wrong)}");
            }
        }
    }

    private static async Task<IReadOnlyList<string>> WrongAsync(IAerona aerona, Guid? booking)
    {
        await using var payments = await aerona.OpenAsync("payments");
        await using var sandbox = await aerona.OpenAsync("sandbox");
        await using var tickets = await aerona.OpenAsync("tickets");
        return await MoneyInvariants.ViolationsAsync(payments, sandbox, tickets, await WithCasesAsync(aerona), booking);
    }

    /// <summary>Bookings that a person is called to.</summary>
    private static async Task<HashSet<Guid>> WithCasesAsync(IAerona aerona)
    {
        await using var bookings = await aerona.OpenAsync("bookings");
        await using var command = bookings.CreateCommand();
        command.CommandText = "SELECT DISTINCT CAST(booking_id AS TEXT) FROM support_case WHERE closed_at IS NULL";
        await using var reader = await command.ExecuteReaderAsync(Stop);
        HashSet<Guid> found = [];
        while (await reader.ReadAsync(Stop))
        {
            found.Add(Guid.Parse(reader.GetString(0)));
        }

        return found;
    }
}
