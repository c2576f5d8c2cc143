using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Aerona.TestKit;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Aerona.Messaging.Tests;

/// <summary>What a message costs the database; a round trip more is a quarter of the throughput.</summary>
public abstract partial class CostTests(Servers? servers, ITestOutputHelper output, params string[] expected) : OnEitherStack(servers)
{
    [Fact]
    public async Task A_message_of_a_saga_costs_no_more_round_trips_than_it_must()
    {
        var ledger = new RoundTrips();
        using var driver = new DriverRoundTrips(Place);
        await using var host = await TestHost.StartAsync(Place, add: builder => builder.Services.AddSingleton<IInterceptor>(ledger));
        var trip = NewId.NextGuid();
        driver.Begin();
        await host.Save<SeatsDbContext>(db => db.Publish(new TripSubmitted(trip, "ok")));
        await host.UntilTripIs(trip, "Confirmed");
        await host.Save<SeatsDbContext>(db => db.Publish(new TripTouched(trip)));
        await host.Until<TripsDbContext>(db => db.Trips.AnyAsync(saga => saga.Touches == 1), "the touch is counted");
        await host.UntilOutboxIsEmpty<TripsDbContext>();

        var shapes = Place.IsEmbedded ? ledger.Of<TripsDbContext>().Select(transaction => string.Join(" | ", transaction)).ToList() : driver.OfTrips;
        shapes.ForEach(output.WriteLine);

        Assert.Equal(expected, shapes);
    }

    /// <summary>What the driver of PostgreSQL sends past EF Core, as it tells in its traces.</summary>
    private sealed partial class DriverRoundTrips : IDisposable
    {
        private readonly ConcurrentQueue<string> _sent = [];
        private readonly ActivityListener _listener;

        public DriverRoundTrips(Place place)
        {
            var database = place.IsEmbedded ? "" : new NpgsqlConnectionStringBuilder(place.Settings["ConnectionStrings:trips"]).Database;
            _listener = new()
            {
                ShouldListenTo = source => source.Name == "Npgsql",
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
                ActivityStopped = command =>
                {
                    if (command.GetTagItem("db.namespace") as string == database && command.GetTagItem("db.query.text") is string sql && OfMessages().IsMatch(sql))
                    {
                        _sent.Enqueue(string.Join(" + ", Statement().Matches(sql).Select(match => match.Value.Replace("\"", "", StringComparison.Ordinal))));
                    }
                },
            };
        }

        /// <summary>What reads or writes an instance or the inbox, in order: all of a round trip's statements.</summary>
        public List<string> OfTrips => [.. _sent];

        public void Begin() => ActivitySource.AddActivityListener(_listener);

        public void Dispose() => _listener.Dispose();

        // Not what the test itself asks, and not the hourly cleaning of the inbox.
        [GeneratedRegex("^(BEGIN|INSERT|UPDATE|WITH|SELECT .*inbox)|FOR UPDATE", RegexOptions.Singleline)]
        private static partial Regex OfMessages();

        [GeneratedRegex("""(?<=INSERT INTO )"?\w+"?|UPDATE "?\w+"?|DELETE FROM "?\w+"?|(?<=FROM )"\w+"|COMMIT""")]
        private static partial Regex Statement();
    }
}

/// <summary>One process, files, the bus in memory: four, and one more with a cancelled timer. No network is between them.</summary>
public sealed class EmbeddedCostTests(ITestOutputHelper output) : CostTests(
    null, output,
    "INSERT inbox | SELECT trip | INSERT outbox+outbox+trip | COMMIT",             // submitted: a command and a deadline
    "INSERT inbox | SELECT trip | DELETE outbox | INSERT outbox+trip | COMMIT",    // held: the deadline is taken back
    "INSERT inbox | SELECT trip | INSERT outbox+trip | COMMIT");                   // touched

/// <summary>PostgreSQL and RabbitMQ: two, and both may be shared with other messages. What is sent together is one transaction.</summary>
public sealed class ServerCostTests(Servers servers, ITestOutputHelper output) : CostTests(
    servers, output,
    "trip", "inbox + trip + outbox",
    "trip", "inbox + UPDATE trip + DELETE FROM outbox + outbox",
    "trip", "inbox + UPDATE trip + outbox");
