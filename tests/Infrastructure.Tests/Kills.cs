using System.Text.Json;
using Aerona.AllInOne.Commands;
using Aerona.Journeys;
using Aerona.LocalServers;
using Xunit;

namespace Aerona.Infrastructure.Tests;

/// <summary>
/// Everything dies once, by <c>kill -9</c>, while bookings are under way, and comes back. Every booking ends as if nothing had happened: confirmed, paid once,
/// ticketed once, told; no dead letter, nothing left to send.
/// </summary>
public sealed class Kills(RunningCluster cluster)
{
    private const int Bookings = 6;

    private AeronaClient Client => new(cluster.Http);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Several at once in an ordinary run; one by one in a long one (AERONA_ALL).</summary>
    public static TheoryData<string> Victims => Environment.GetEnvironmentVariable("AERONA_ALL") is { Length: > 0 }
        ? [
            "gateway", "operations", "airlines", "search", "one of bookings", "bookings", "one of payments", "payments", "tickets", "notifications", "rabbitmq",
            "postgresql", "redis", "s3", "smtp",
        ]
        : ["gateway, operations, search, redis, s3, smtp", "airlines, one of bookings, one of payments", "bookings, payments, tickets, notifications", "rabbitmq", "postgresql"];

    [Theory]
    [MemberData(nameof(Victims))]
    public async Task Bookings_end_right_when_these_are_killed_meanwhile(string victims)
    {
        var underWay = new CountdownEvent(Bookings / 2);
        var someArePaid = new TaskCompletionSource();
        var bookings = Enumerable.Range(0, Bookings).Select(number => BookAsync(victims, number, () =>
        {
            if (!underWay.IsSet && underWay.Signal())
            {
                someArePaid.TrySetResult();
            }
        })).ToList();

        await someArePaid.Task.WaitAsync(TimeSpan.FromMinutes(3), Stop);
        var killed = victims.Split(", ").SelectMany(Named).ToList();
        await Task.WhenAll(killed.Select(process => process.KillAsync()));
        Assert.All(killed, process => Assert.Null(process.ProcessId));
        await Task.WhenAll(killed.Select(process => process.StartAgainAsync(Stop)));
        var ends = await Task.WhenAll(bookings);

        Assert.All(ends, end => Assert.Equal("confirmed", end.View.State()));
        foreach (var (journey, order, view) in ends)
        {
            Assert.Equal(view.GetProperty("money").Amount("total"), (await Client.PayPalsBooksAsync(order, Stop)).Amount("captured"));
            await UntilAsync($"the mail to {journey.Email}", async () => (await Client.MailsAsync(journey.Email, Stop)).Count > 0);
        }

        var numbers = ends.SelectMany(end => end.View.GetProperty("passengers").EnumerateArray()).Select(passenger => passenger.Text("ticketNumber")).ToList();
        Assert.Equal(Bookings, numbers.Where(number => number.Length == 13).Distinct().Count());
        await AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task A_broker_without_memory_holds_bookings_up_and_loses_none()
    {
        await cluster.Aerona.RabbitMq.ControlAsync(Stop, "set_vm_memory_high_watermark", "0.00001");
        var bookings = new List<(Journey Journey, JsonElement Offer)>();
        try
        {
            for (var number = 0; number < Bookings; number++)
            {
                bookings.Add((await SubmitAsync("alarm", number), default));   // accepted all the same: what is to be sent stands in the outbox
            }
        }
        finally
        {
            await cluster.Aerona.RabbitMq.ControlAsync(Stop, "set_vm_memory_high_watermark", "0.4");
        }

        var ends = await Task.WhenAll(bookings.Select(booking => FinishAsync(booking.Journey, () => { })));

        Assert.All(ends, end => Assert.Equal("confirmed", end.View.State()));
        await AssertNothingIsLeftAsync();
    }

    private List<LocalServer> Named(string victim) => victim switch
    {
        "rabbitmq" => [cluster.Aerona.RabbitMq],
        "postgresql" => [cluster.Aerona.PostgreSql],
        "redis" => [cluster.Aerona.Redis],
        "s3" => [cluster.Aerona.S3],
        "smtp" => [cluster.Aerona.Smtp],
        _ when victim.StartsWith("one of ", StringComparison.Ordinal) => [cluster.Of(victim["one of ".Length..])[0]],
        _ => [.. cluster.Of(victim)],
    };

    private async Task<(Journey Journey, string Order, JsonElement View)> BookAsync(string victim, int number, Action paid) =>
        await FinishAsync(await SubmitAsync(victim, number), paid);

    private async Task<Journey> SubmitAsync(string victim, int number)
    {
        Traveller[] party = [new("adult", $"Kim{(char)('A' + number)}", $"Kill{string.Concat(victim.Where(char.IsAsciiLetter).Take(20))}")];
        var flight = await Persistently.AskAsync(() => Client.AnyFlightAsync("SGN", "HAN", party));
        var offer = await Persistently.AskAsync(() => Client.OfferAsync(flight.Text("flightId"), party, Stop));
        var key = Guid.NewGuid().ToString();
        return (await Persistently.AskAsync(() => Client.BookAsync(offer, party, Stop, key))).Journey;
    }

    private async Task<(Journey Journey, string Order, JsonElement View)> FinishAsync(Journey journey, Action paid)
    {
        var waiting = await Persistently.AskAsync(() => Client.UntilAsync(journey, view => view.IsFinal() || view.Text("approvalLink").Length > 0, seconds: 240));
        Assert.Equal("awaitingPayment", waiting.State());
        var order = AeronaClient.PayPalOrder(waiting);
        await Persistently.AskAsync(async () =>
        {
            await Client.ApproveAsync(order, "happy", Stop);
            return true;
        });
        paid();
        return (journey, order, await Persistently.AskAsync(() => Client.UntilAsync(journey, Answers.IsFinal, seconds: 240)));
    }

    /// <summary>Every message was sent and handled: outboxes hold nothing that is due, and there is no dead letter.</summary>
    private async Task AssertNothingIsLeftAsync()
    {
        foreach (var service in cluster.Aerona.Services.Keys.Where(service => service is not "gateway" and not "sandbox"))
        {
            Assert.Equal(0, await cluster.CountAsync(service, "SELECT count(*) FROM dead_letter"));
            await UntilAsync($"the outbox of {service} to empty", async () =>
                await cluster.CountAsync(service, "SELECT count(*) FROM outbox WHERE available_at < now() - interval '1 second' AND token_id IS NULL") == 0);
        }
    }

    private static async Task UntilAsync(string what, Func<Task<bool>> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        try
        {
            while (!await condition())
            {
                await pause.WaitForNextTickAsync(limit.Token);
            }
        }
        catch (OperationCanceledException) when (!Stop.IsCancellationRequested)
        {
            throw new TimeoutException($"waited two minutes for {what}");
        }
    }
}
