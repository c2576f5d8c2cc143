using System.Collections.Concurrent;
using System.Diagnostics;
using Aerona.AllInOne.Commands;

namespace Aerona.BookingsBench.Product;

/// <summary>A booking that was confirmed.</summary>
/// <param name="At">When its booker saw that, by <see cref="Stopwatch"/>.</param>
/// <param name="Took">Since just before it was submitted.</param>
internal sealed record Confirmed(long At, TimeSpan Took);

/// <summary>
/// People who book one trip after the other through the public HTTP API alone, as the demo does: search, offer, submission, the payer's approval at the sandbox's
/// PayPal, and a look at the booking every 100 ms until it is confirmed. They spread over routes, days and flights, so that no flight sells out.
/// </summary>
internal sealed class Bookers(AeronaClient client, DateOnly today)
{
    private const int FirstDay = 3;
    private const int Days = 25;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    // Of the seed world, each both ways, with three flights a day or more.
    private static readonly (string, string)[] Routes =
    [
        ("SGN", "HAN"), ("HAN", "DAD"), ("SGN", "DAD"), ("JFK", "LAX"), ("LAX", "SFO"), ("ORD", "LAX"), ("ATL", "MCO"), ("DEN", "LAX"), ("LGA", "BOS"), ("JFK", "LHR"),
    ];

    private readonly ConcurrentQueue<Confirmed> _confirmed = new();
    private readonly ConcurrentQueue<string> _failures = new();
    private int _last = -1;

    public IReadOnlyCollection<Confirmed> Confirmed => _confirmed;

    /// <summary>Bookings that did not get there, and why.</summary>
    public IReadOnlyCollection<string> Failures => _failures;

    /// <summary>So many bookers book until it is enough, and finish what they have begun.</summary>
    public Task BookAsync(int bookers, CancellationToken enough, CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, bookers).Select(_ => BookOneAfterTheOtherAsync(enough, cancellationToken)));

    private async Task BookOneAfterTheOtherAsync(CancellationToken enough, CancellationToken cancellationToken)
    {
        while (!enough.IsCancellationRequested)
        {
            var number = Interlocked.Increment(ref _last);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(Patience);
            try
            {
                _confirmed.Enqueue(await BookAsync(number, limit.Token));
            }
            catch (Exception problem) when (problem is CommandFailedException or HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                _failures.Enqueue(problem is OperationCanceledException ? $"booking {number} was not confirmed within {Patience.TotalSeconds:0} s" : problem.Message);
                using var pause = new PeriodicTimer(AfterFailure);
                await pause.WaitForNextTickAsync(cancellationToken);
            }
        }
    }

    private async Task<Confirmed> BookAsync(int number, CancellationToken cancellationToken)
    {
        Traveller[] party = [new("adult", GivenName(number), "Booker")];
        var offer = await client.OfferAsync(await FindFlightAsync(number, party, cancellationToken), party, cancellationToken);

        var submitted = Stopwatch.GetTimestamp();
        var (journey, _) = await client.BookAsync(offer, party, cancellationToken);
        var waiting = await client.FollowAsync(journey, view => view.IsFinal() || view.Text("approvalLink").Length > 0, cancellationToken);
        if (!waiting.IsFinal())
        {
            await client.ApproveAsync(AeronaClient.PayPalOrder(waiting), "happy", cancellationToken);
            waiting = await client.FollowAsync(journey, Answers.IsFinal, cancellationToken);
        }

        var now = Stopwatch.GetTimestamp();
        return waiting.State() == "confirmed"
            ? new(now, Stopwatch.GetElapsedTime(submitted, now))
            : throw new CommandFailedException($"booking {journey.Locator} ended {waiting.State()}: {waiting}");
    }

    private async Task<string> FindFlightAsync(int number, Traveller[] party, CancellationToken cancellationToken)
    {
        var way = number % (2 * Routes.Length);
        var (from, to) = Routes[way / 2];
        var (origin, destination) = way % 2 == 0 ? (from, to) : (to, from);
        var turn = number / (2 * Routes.Length);
        var day = today.AddDays(FirstDay + (turn % Days));
        var flights = (await client.SearchAsync(origin, destination, day, party, cancellationToken)).GetProperty("flights");
        return flights.GetArrayLength() is > 0 and var count
            ? flights[turn / Days % count].Text("flightId")
            : throw new CommandFailedException($"no seat from {origin} to {destination} on {day:O}");
    }

    /// <summary>Everybody is called something else: names have letters only.</summary>
    private static string GivenName(int number)
    {
        var name = "";
        do
        {
            name = (char)('a' + (number % 26)) + name;
            number /= 26;
        }
        while (number > 0);

        return $"Client{name}";
    }
}
