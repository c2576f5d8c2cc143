using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace Aerona.Messaging.Tests;

/// <summary>On PostgreSQL messages are committed together with others: none may suffer for another's fault, and none may be handled twice.</summary>
public sealed class GroupTests(Servers servers) : OnEitherStack(servers)
{
    private readonly FakeTimeProvider _clock = new(new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task One_that_the_database_refuses_does_not_take_the_others_with_it()
    {
        await using var host = await TestHost.StartAsync(Place, _clock);
        await host.Query<SeatsDbContext, int>(db => db.Database.ExecuteSqlRawAsync("ALTER TABLE note ADD CONSTRAINT refuse CHECK (text <> 'bad')"));
        var ids = Enumerable.Range(0, 60).Select(_ => NewId.NextGuid()).ToList();

        // All wait at a door, so that they come to the database at once.
        host.World.Doors["good"] = host.World.Doors["bad"] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await host.Save<SeatsDbContext>(db => ids.Index().ToList().ForEach(note => db.Publish(new NoteTaken(note.Item, note.Index % 10 == 3 ? "bad" : "good"))));
        await host.Until(() => host.World.Seen.Count >= 8, "some stand there");
        host.World.Doors["good"].SetResult();

        await host.Until<SeatsDbContext>(async db => await db.Notes.CountAsync() == 54, "the good ones are taken");
        await host.Until<SeatsDbContext>(
            async db => await db.Set<OutboxRow>().CountAsync(row => row.Destination == "exchange:tests-take-note-consumer" && row.AvailableAt > _clock.GetUtcNow()) == 6,
            "the bad ones are put off");
        Assert.Equal(54, await host.Query<SeatsDbContext, int>(db => db.Set<InboxRow>().CountAsync()));
        Assert.Empty(await host.DeadLetters<SeatsDbContext>());
    }

    [Fact]
    public async Task Two_processes_that_handle_events_of_one_saga_lose_none()
    {
        await using var one = await TestHost.StartAsync(Place);
        await using var other = await TestHost.StartAsync(Place);
        var trip = NewId.NextGuid();
        await one.Save<SeatsDbContext>(db => db.Publish(new TripSubmitted(trip, "stall")));
        await one.UntilTripIs(trip, "Holding");

        await Task.WhenAll(Enumerable.Range(0, 100).Select(at => (at % 2 == 0 ? one : other).Save<SeatsDbContext>(db => db.Publish(new TripTouched(trip)))));

        await one.Until<TripsDbContext>(db => db.Trips.AnyAsync(saga => saga.Touches == 100), "a hundred touches are counted");
        await one.UntilOutboxIsEmpty<SeatsDbContext>();
        Assert.Equal(101, await one.Query<TripsDbContext, int>(db => db.Set<InboxRow>().CountAsync()));
        Assert.Empty(await one.DeadLetters<TripsDbContext>());
    }

    [Fact]
    public async Task A_message_that_another_process_has_handled_changes_nothing()
    {
        var (trip, note, touch) = (NewId.NextGuid(), NewId.NextGuid(), NewId.NextGuid());
        await BeforeAsync();

        await using var host = await TestHost.StartAsync(Place);
        await host.Bus.Publish(new TripTouched(trip), context => context.MessageId = touch);   // in a state that takes no touches any more
        await host.Bus.Publish(new NoteTaken(trip, "once"), context => context.MessageId = note);
        await host.Until(() => host.Received(touch, "tests-trip-state-machine") == 1 && host.Received(note, "tests-take-note-consumer") == 1, "both are acknowledged");

        Assert.Equal(2, await host.Query<TripsDbContext, int>(db => db.Trips.Select(saga => saga.Touches).SingleAsync()));
        Assert.Equal(1, await host.Query<SeatsDbContext, int>(db => db.Notes.CountAsync()));
        Assert.Empty(await host.DeadLetters<TripsDbContext>());
        await host.Until<TripsDbContext>(db => db.Set<OutboxRow>().AllAsync(row => row.TokenId != null), "only the trip's timer is left to be sent");

        // In a flow of its own, in which MassTransit keeps what it logs to.
        async Task BeforeAsync()
        {
            await using var before = await TestHost.StartAsync(Place);
            await before.Save<SeatsDbContext>(db => db.Publish(new TripSubmitted(trip, "stall")));
            await before.UntilTripIs(trip, "Holding");
            await before.Bus.Publish(new TripTouched(trip), context => context.MessageId = touch);
            await before.Bus.Publish(new NoteTaken(trip, "once"), context => context.MessageId = note);
            await before.Until<TripsDbContext>(db => db.Trips.AnyAsync(saga => saga.Touches == 2), "the touch is counted, and the one that the note sets going");
            await before.Bus.Publish(new TripCancelled(trip));
            await before.UntilTripIs(trip, "Cancelled");
            await before.UntilOutboxIsEmpty<SeatsDbContext>();
        }
    }

    [Fact]
    public async Task A_consumer_that_reads_gets_a_transaction_of_its_own_and_its_message_is_still_handled_once()
    {
        await using var host = await TestHost.StartAsync(Place, consumers: bus =>
        {
            TestHost.AddAll(bus);
            bus.AddConsumer<TouchTripConsumer, TripsDbContext>();
        });
        var trip = NewId.NextGuid();
        await host.Save<SeatsDbContext>(db => db.Publish(new TripSubmitted(trip, "stall")));
        await host.UntilTripIs(trip, "Holding");

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => host.Save<SeatsDbContext>(db => db.Publish(new NoteTaken(trip, "read")))));

        // A hundred from the consumer and one from the saga for each.
        await host.Until<TripsDbContext>(db => db.Trips.AnyAsync(saga => saga.Touches == 20 * 101), "all are counted");
        await host.UntilOutboxIsEmpty<SeatsDbContext>();
        Assert.Empty(await host.DeadLetters<TripsDbContext>());
    }
}
