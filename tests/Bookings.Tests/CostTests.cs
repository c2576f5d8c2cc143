using Aerona.Bookings.Data;
using Aerona.TestKit;
using Xunit;

namespace Aerona.Bookings.Tests;

/// <summary>What the booking saga costs the database, from submitted to confirmed, the timeline included.</summary>
public sealed class CostTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_message_of_the_booking_saga_costs_four_round_trips_and_one_commit_and_one_more_when_timers_are_taken_back()
    {
        var ledger = new RoundTrips();
        await using var desk = await BookingDesk.StartAsync(roundTrips: ledger);
        var (id, _) = await desk.BookAsync();
        await desk.UntilPaymentAsync(id);
        await desk.UntilCommitAsync(id);
        await desk.UntilConfirmedAsync(id);

        var messages = ledger.Of<BookingsDbContext>().Where(transaction => transaction.Any(command => command == "SELECT booking_state")).ToList();
        messages.ForEach(transaction => output.WriteLine($"{transaction.Count}: {string.Join(" | ", transaction)}"));

        Assert.Equal(11, messages.Count);   // submitted, priced, held, opened, approved, pinned, authorised, bought, ticketed, captured, documented
        Assert.All(messages, transaction => Assert.InRange(transaction.Count, 4, transaction.Contains("DELETE outbox") ? 5 : 4));
        Assert.All(messages, transaction => Assert.Single(transaction, "COMMIT"));
    }
}
