using System.Collections.Concurrent;
using System.Text.Json;
using Aerona.AllInOne.Commands;
using Xunit;

namespace Aerona.Journeys;

/// <summary>
/// 200 bookings at once for a flight with 50 seats left. Each client repeats a post that was not answered, with the same key, as a client must.
/// </summary>
public abstract class CrowdJourneys(IAerona aerona) : IAsyncDisposable
{
    private const int Seats = 50;
    private const int Clients = 200;

    private AeronaClient Client => new(aerona.Http);

    /// <summary>After every journey.</summary>
    public async ValueTask DisposeAsync()
    {
        await aerona.MoneyIsRightAsync();
        GC.SuppressFinalize(this);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Everybody books at once and pays; exactly as many are confirmed as there are seats.</summary>
    protected async Task CrowdAsync()
    {
        var flightId = await FlightWithSeatsLeftAsync("DAD", "HAN");

        var ends = await Task.WhenAll(Enumerable.Range(0, Clients).Select(number => BookAsync(flightId, number)));

        await AssertFiftyConfirmedAsync(ends);
    }

    /// <summary>The same, and what drives bookings is killed when a third of the seats are paid.</summary>
    protected async Task CrowdWithAKillAsync()
    {
        var flightId = await FlightWithSeatsLeftAsync("DAD", "SGN");
        var paid = new ConcurrentBag<int>();
        var halfPaid = new TaskCompletionSource();

        var bookings = Enumerable.Range(0, Clients).Select(number => BookAsync(flightId, number, () =>
        {
            paid.Add(number);
            if (paid.Count >= Seats / 3)
            {
                halfPaid.TrySetResult();
            }
        })).ToList();
        await halfPaid.Task.WaitAsync(TimeSpan.FromMinutes(3), Stop);
        await aerona.KillAndRestartAsync();
        var ends = await Task.WhenAll(bookings);

        await AssertFiftyConfirmedAsync(ends);
    }

    /// <summary>Sells a flight down to <see cref="Seats"/> in groups of nine.</summary>
    private async Task<string> FlightWithSeatsLeftAsync(string origin, string destination)
    {
        var flightId = (await Client.AnyFlightAsync(origin, destination, Journeys.Adult)).Text("flightId");
        var surplus = (int)await LeftAsync(flightId) - Seats;
        await Task.WhenAll(Enumerable.Range(0, Math.Max(0, surplus)).Chunk(9).Select(async seats =>
        {
            var party = seats.Select((_, number) => new Traveller("adult", $"Early{(char)('A' + number)}", "Bird")).ToArray();
            var (journey, _) = await Client.BookAsync(await Client.OfferAsync(flightId, party, Stop), party, Stop);
            await Client.PayAsync(journey, "happy");
            Assert.Equal("confirmed", (await Client.UntilAsync(journey, Answers.IsFinal)).State());
        }));

        Assert.Equal(Seats, await LeftAsync(flightId));
        return flightId;
    }

    private async Task<long> LeftAsync(string flightId)
    {
        var flight = await Client.GetAsync($"/v1/operations/flights/{flightId}", null, Stop);
        var authorised = flight.GetProperty("flight").GetProperty("cabins").EnumerateArray().Single(cabin => cabin.Text("cabin") == "economy").GetProperty("authorised").GetInt32();
        var taken = await aerona.CountAsync(
            "airlines", $"SELECT coalesce(sum(occupied), 0) FROM seat_count WHERE flight_id = '{flightId}' AND cabin = 'Economy'");
        return authorised - taken;
    }

    /// <summary>Books until the end, whatever it is; lost answers are asked for again.</summary>
    private async Task<JsonElement> BookAsync(string flightId, int number, Action? paid = null)
    {
        Traveller[] party = [new("adult", $"Client{(char)('A' + (number / 26))}{(char)('A' + (number % 26))}", "Crowd")];
        var offer = await Persistently.AskAsync(() => Client.OfferAsync(flightId, party, Stop));
        var key = Guid.NewGuid().ToString();
        var (journey, _) = await Persistently.AskAsync(() => Client.BookAsync(offer, party, Stop, key));
        var waiting = await Persistently.AskAsync(() => Client.UntilAsync(journey, view => view.IsFinal() || view.Text("approvalLink").Length > 0, seconds: 280));
        if (!waiting.IsFinal())
        {
            await Persistently.AskAsync(async () =>
            {
                await Client.ApproveAsync(AeronaClient.PayPalOrder(waiting), "happy", Stop);
                return true;
            });
            paid?.Invoke();
        }

        return await Persistently.AskAsync(() => Client.UntilAsync(journey, Answers.IsFinal, seconds: 280));
    }

    private async Task AssertFiftyConfirmedAsync(JsonElement[] ends)
    {
        Assert.Equal(Seats, ends.Count(view => view.State() == "confirmed"));
        Assert.All(ends.Where(view => view.State() != "confirmed"), view =>
        {
            Assert.Equal("rejected", view.State());
            Assert.NotEqual("", view.GetProperty("failure").Text("reason"));
        });
        Assert.Equal(Seats, ends.SelectMany(view => view.GetProperty("passengers").EnumerateArray()).Select(passenger => passenger.Text("ticketNumber")).Where(number => number != "").Distinct().Count());

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(TimeSpan.FromMinutes(5));
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        while (await aerona.CountAsync("airlines", "SELECT count(*) FROM hold WHERE state IN ('Held', 'Pinned')") > await OpenBookingsAsync())
        {
            await pause.WaitForNextTickAsync(limit.Token);
        }

        Assert.Equal(0, await aerona.CountAsync("bookings", $"SELECT count(*) FROM booking_state WHERE deadline_at < {aerona.Instant(TimeProvider.System.GetUtcNow().AddMinutes(-2))}"));
        var staff = aerona.Token("finance", "staff@aerona.example");
        var ours = await Client.GetAsync("/v1/support/payments/totals", staff, Stop);
        var theirs = await Client.GetAsync("/sandbox/paypal/books", null, Stop);
        Assert.Equal(Figures(theirs), Figures(ours));
    }

    /// <summary>Bookings that other journeys left waiting for their payer: they hold seats by right.</summary>
    private Task<long> OpenBookingsAsync() => aerona.CountAsync(
        "bookings", "SELECT count(*) FROM booking_state WHERE current_state NOT IN ('Confirmed', 'Rejected', 'Expired', 'PaymentFailed', 'CancelledBeforePurchase')");

    /// <summary>authorised, voided, captured and refunded a currency, as text that compares.</summary>
    private static string Figures(JsonElement books) => string.Join("; ", books.GetProperty("currencies").EnumerateArray().Select(sums =>
        $"{sums.MoneyText("authorised")} {sums.Amount("voided")} {sums.Amount("captured")} {sums.Amount("refunded")}"));
}
