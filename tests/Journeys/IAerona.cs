using System.Data.Common;
using System.Text.Json;
using Aerona.AllInOne.Commands;
using Xunit;

namespace Aerona.Journeys;

/// <summary>A whole Aerona in environment <c>Sandbox</c>, however it runs: one process, or one a service.</summary>
public interface IAerona
{
    /// <summary>Speaks to its public address; redirects are not followed.</summary>
    HttpClient Http { get; }

    /// <summary>A token of somebody who has that role there; at most three subjects of each.</summary>
    string Token(string role, string subject);

    /// <summary>A number from a service's own database, read beside the running processes. The statement must suit SQLite and PostgreSQL.</summary>
    Task<long> CountAsync(string service, string sql);

    /// <summary>A service's own database, beside the running processes; SQLite or PostgreSQL.</summary>
    Task<DbConnection> OpenAsync(string service);

    /// <summary>An instant as a literal for <see cref="CountAsync"/>.</summary>
    string Instant(DateTimeOffset at);

    /// <summary>Kills what drives bookings without a word and starts it again on the same data.</summary>
    Task KillAndRestartAsync();

    /// <summary>Stops it in order and starts it again on the same data.</summary>
    Task RestartAsync();
}

/// <summary>What journeys have in common.</summary>
internal static class Journeys
{
    public static readonly Traveller Adult = new("adult", "Ada", "Lovelace");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>A flight between the two with room for the party, some days ahead.</summary>
    public static async Task<JsonElement> AnyFlightAsync(this AeronaClient client, string origin, string destination, params Traveller[] party)
    {
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        for (var day = 3; day < 28; day++)
        {
            var flights = (await client.SearchAsync(origin, destination, today.AddDays(day), party, Stop)).GetProperty("flights");
            if (flights.GetArrayLength() > 0)
            {
                return flights[0];
            }
        }

        throw new InvalidOperationException($"no flight from {origin} to {destination}");
    }

    /// <summary>Searches, prices and submits.</summary>
    public static async Task<Journey> BookAsync(this AeronaClient client, params Traveller[] party)
    {
        var flight = await client.AnyFlightAsync("SGN", "HAN", party);
        var offer = await client.OfferAsync(flight.Text("flightId"), party, Stop);
        return (await client.BookAsync(offer, party, Stop)).Journey;
    }

    /// <summary>Follows it until the condition holds, a minute at the most.</summary>
    public static async Task<JsonElement> UntilAsync(this AeronaClient client, Journey journey, Func<JsonElement, bool> condition, int seconds = 60)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(TimeSpan.FromSeconds(seconds));
        try
        {
            return await client.FollowAsync(journey, condition, limit.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !Stop.IsCancellationRequested)
        {
            var timeline = string.Join("\n", (await client.TimelineAsync(journey, Stop)).Select(entry => $"{entry.Text("at")} {entry.Text("kind")} {entry.Text("text")}"));
            throw new TimeoutException($"not reached within {seconds} s; the booking says {await client.ViewAsync(journey, Stop)}\n{timeline}");
        }
    }

    /// <summary>Waits for the approval link and approves as that payer; returns PayPal's order.</summary>
    public static async Task<string> PayAsync(this AeronaClient client, Journey journey, string payer, string? notOrder = null)
    {
        var waiting = await client.UntilAsync(journey, view => view.IsFinal() || (view.Text("approvalLink") is { Length: > 0 } && AeronaClient.PayPalOrder(view) != notOrder));
        Assert.Equal("awaitingPayment", waiting.State());
        var order = AeronaClient.PayPalOrder(waiting);
        await client.ApproveAsync(order, payer, Stop);
        return order;
    }

    /// <summary>Asserts that the sandbox shows nothing taken and nothing still reserved for an order.</summary>
    public static async Task<JsonElement> AssertNothingLeftAtPayPalAsync(this AeronaClient client, string order)
    {
        var books = await client.PayPalsBooksAsync(order, Stop);
        Assert.Equal(0, books.Amount("captured"));
        Assert.Equal(books.Amount("authorised"), books.Amount("voided"));
        return books;
    }
}

/// <summary>A client that asks again while nobody answers, as a client must.</summary>
internal static class Persistently
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Asks until somebody answers; what is answered, good or bad, stands. A gateway that says that a service is away has not answered.</summary>
    public static async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (Exception unanswered) when (IsNoAnswer(unanswered) && !Stop.IsCancellationRequested)
            {
                await pause.WaitForNextTickAsync(Stop);   // down or restarting: the same again
            }
        }
    }

    // 409 with Retry-After: the first call, whose answer was lost, is still at work.
    private static bool IsNoAnswer(Exception problem) => problem is HttpRequestException or OperationCanceledException or ObjectDisposedException or IOException
        || problem is CommandFailedException { Status: 502 or 503 or 504 } || (problem is CommandFailedException { Status: 409 } && problem.Message.Contains("idempotency.in_progress", StringComparison.Ordinal));
}
