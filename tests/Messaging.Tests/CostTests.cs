using Aerona.TestKit;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Aerona.Messaging.Tests;

/// <summary>What a message costs the database; a round trip more is a quarter of the throughput.</summary>
public abstract class CostTests(Servers? servers, ITestOutputHelper output, params string[] expected) : OnEitherStack(servers)
{
    [Fact]
    public async Task A_message_of_a_saga_costs_no_more_round_trips_than_it_must()
    {
        var ledger = new RoundTrips();
        await using var host = await TestHost.StartAsync(Place, add: builder => builder.Services.AddSingleton<IInterceptor>(ledger));
        var trip = NewId.NextGuid();
        await host.Save<SeatsDbContext>(db => db.Publish(new TripSubmitted(trip, "ok")));
        await host.UntilTripIs(trip, "Confirmed");
        await host.Save<SeatsDbContext>(db => db.Publish(new TripTouched(trip)));
        await host.Until<TripsDbContext>(db => db.Trips.AnyAsync(saga => saga.Touches == 1), "the touch is counted");
        await host.UntilOutboxIsEmpty<TripsDbContext>();

        var shapes = ledger.Of<TripsDbContext>().Select(transaction => string.Join(" | ", transaction)).ToList();
        shapes.ForEach(output.WriteLine);

        Assert.Equal(expected, shapes);
    }
}

/// <summary>One process, files, the bus in memory: four, and one more with a cancelled timer. No network is between them.</summary>
public sealed class EmbeddedCostTests(ITestOutputHelper output) : CostTests(
    null, output,
    "INSERT inbox | SELECT trip | INSERT outbox+outbox+trip | COMMIT",             // submitted: a command and a deadline
    "INSERT inbox | SELECT trip | DELETE outbox | INSERT outbox+trip | COMMIT",    // held: the deadline is taken back
    "INSERT inbox | SELECT trip | INSERT outbox+trip | COMMIT");                   // touched

/// <summary>PostgreSQL and RabbitMQ: two. The inbox row travels with the lock, what happens to the outbox and the commit with the save; unseen here, but for the end of it.</summary>
public sealed class ServerCostTests(Servers servers, ITestOutputHelper output) : CostTests(
    servers, output,
    "SELECT trip | INSERT trip | COMMIT",
    "SELECT trip | UPDATE trip | COMMIT",
    "SELECT trip | UPDATE trip | COMMIT");
