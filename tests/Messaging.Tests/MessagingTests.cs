using System.Diagnostics;
using Aerona.Persistence;
using MassTransit;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Aerona.Messaging.Tests;

/// <summary>What is saved is sent, once; what is not saved is not; what fails comes again.</summary>
public abstract class MessagingTests(Servers? servers) : OnEitherStack(servers)
{
    private const string NoteQueue = "tests-take-note-consumer";
    private const string TripQueue = "tests-trip-state-machine";

    private readonly FakeTimeProvider _clock = new(new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task A_message_saved_with_data_goes_through_saga_and_consumer_and_leaves_the_outboxes_empty()
    {
        await using var host = await TestHost.StartAsync(Place);
        var trip = NewId.NextGuid();

        await host.Save<SeatsDbContext>(db => db.Publish(new TripSubmitted(trip, "ok")));

        await host.UntilTripIs(trip, "Confirmed");
        await UntilNoted(host, trip, "confirmed");
        await host.UntilOutboxIsEmpty<SeatsDbContext>();
        await host.UntilOutboxIsEmpty<TripsDbContext>();   // the deadline too: it was taken back with the transition
        Assert.Equal(1, await host.Query<SeatsDbContext, int>(db => db.Seats.CountAsync(seat => seat.TripId == trip)));
    }

    [Fact]
    public async Task A_deadline_is_a_row_until_the_clock_reaches_it()
    {
        await using var host = await TestHost.StartAsync(Place, _clock);
        var trip = NewId.NextGuid();

        await host.Save<SeatsDbContext>(db => db.Publish(new TripSubmitted(trip, "stall")));
        await host.UntilTripIs(trip, "Holding");
        var row = (await host.Outbox<TripsDbContext>()).Single(row => row.TokenId is not null);
        Assert.Equal(_clock.GetUtcNow() + TripStateMachine.HoldTime, row.AvailableAt);
        _clock.Advance(TripStateMachine.HoldTime - TimeSpan.FromSeconds(1));
        Assert.True(await host.Query<TripsDbContext, bool>(db => db.Trips.AnyAsync(saga => saga.CurrentState == "Holding")));
        _clock.Advance(TimeSpan.FromSeconds(1));

        await host.UntilTripIs(trip, "Expired");
        await host.UntilOutboxIsEmpty<TripsDbContext>();
    }

    [Fact]
    public async Task What_is_scheduled_through_the_context_comes_when_due_and_not_when_cancelled()
    {
        await using var host = await TestHost.StartAsync(Place, _clock);
        var (wanted, cancelled, never) = (NewId.NextGuid(), NewId.NextGuid(), NewId.NextGuid());
        var due = _clock.GetUtcNow() + TimeSpan.FromMinutes(10);

        var token = await host.Query<SeatsDbContext, Guid>(async db =>
        {
            db.Schedule(new NoteTaken(wanted, "wanted"), due);
            var token = db.Schedule(new NoteTaken(cancelled, "cancelled"), due);
            await db.CancelAsync(db.Schedule(new NoteTaken(never, "never saved"), due), CancellationToken.None);
            await db.SaveChangesAsync();
            return token;
        });
        Assert.Equal(2, (await host.Outbox<SeatsDbContext>()).Count);
        await host.Query<SeatsDbContext, int>(async db =>
        {
            await db.CancelAsync(token, CancellationToken.None);
            return 0;
        });
        Assert.Empty(host.World.Seen);
        _clock.Advance(TimeSpan.FromMinutes(10));

        await UntilNoted(host, wanted, "wanted");
        await host.UntilOutboxIsEmpty<SeatsDbContext>();
        Assert.Equal(["note wanted"], host.World.Seen);
    }

    [Fact]
    public async Task A_timer_raised_again_with_the_sagas_token_is_taken_and_with_another_is_not()
    {
        await using var host = await TestHost.StartAsync(Place, _clock);
        var trip = NewId.NextGuid();
        await host.Save<SeatsDbContext>(db => db.Publish(new TripSubmitted(trip, "stall")));
        await host.UntilTripIs(trip, "Holding");
        var token = await host.Query<TripsDbContext, Guid?>(db => db.Trips.Select(saga => saga.HoldToken).SingleAsync());

        await host.Save<TripsDbContext>(db => db.Publish(new HoldExpired(trip), NewId.NextGuid()));
        await host.Until<TripsDbContext>(async db => await db.Set<OutboxRow>().CountAsync() == 1, "only the true timer is left");
        Assert.True(await host.Query<TripsDbContext, bool>(db => db.Trips.AnyAsync(saga => saga.CurrentState == "Holding")));
        await host.Save<TripsDbContext>(db => db.Publish(new HoldExpired(trip), token));

        await host.UntilTripIs(trip, "Expired");
    }

    [Fact]
    public async Task A_message_delivered_three_times_is_handled_once()
    {
        await using var host = await TestHost.StartAsync(Place);
        var (key, messageId) = (NewId.NextGuid(), NewId.NextGuid());

        for (var delivery = 0; delivery < 3; delivery++)
        {
            await host.Bus.Publish(new NoteTaken(key, "repeated"), context => context.MessageId = messageId);
        }

        await host.Until(() => host.Received(messageId, NoteQueue) == 3, "three deliveries are acknowledged");
        Assert.Equal(["note repeated"], host.World.Seen);
        Assert.Equal(1, await host.Query<SeatsDbContext, int>(db => db.Notes.CountAsync()));
    }

    [Fact]
    public async Task A_transition_that_throws_leaks_nothing_and_its_fault_is_told_when_it_is_given_up()
    {
        await using var host = await TestHost.StartAsync(
            Place, _clock, consumers: bus =>
            {
                TestHost.AddAll(bus);
                bus.AddConsumer<HearFaultConsumer, SeatsDbContext>();
            },
            settings: ("Messaging:RedeliveryIntervals:0", "00:00:30"));
        var trip = NewId.NextGuid();

        await host.Save<SeatsDbContext>(db => db.Publish(new TripSubmitted(trip, "boom")));

        await host.UntilOutboxIsEmpty<SeatsDbContext>();
        await host.Until<TripsDbContext>(db => db.Set<OutboxRow>().AnyAsync(), "the message is put off");
        var again = Assert.Single(await host.Outbox<TripsDbContext>());   // the message itself, for later: neither its command nor its deadline
        Assert.Equal("exchange:" + TripQueue, again.Destination);
        Assert.Equal(0, await host.Query<TripsDbContext, int>(db => db.Trips.CountAsync()));
        Assert.Equal(0, await host.Query<TripsDbContext, int>(db => db.Set<InboxRow>().CountAsync()));
        Assert.Equal(0, await host.Query<SeatsDbContext, int>(db => db.Notes.CountAsync()));

        _clock.Advance(TimeSpan.FromSeconds(30));
        await host.Until<TripsDbContext>(db => db.Set<DeadLetter>().AnyAsync(), "it is given up");
        await UntilNoted(host, trip, "fault");
        Assert.DoesNotContain($"hold {trip}", host.World.Seen);
    }

    [Fact]
    public async Task A_process_killed_between_commit_and_send_loses_nothing()
    {
        var trip = NewId.NextGuid();
        await using (var silent = await TestHost.StartAsync(Place, settings: ("Messaging:RelayEnabled", "false")))
        {
            await silent.Save<SeatsDbContext>(db => db.Publish(new TripSubmitted(trip, "ok")));
        }

        await using var host = await TestHost.StartAsync(Place);

        await host.UntilTripIs(trip, "Confirmed");
        await host.UntilOutboxIsEmpty<SeatsDbContext>();
    }

    [Fact]
    public async Task Thirty_events_at_once_on_one_saga_all_count()
    {
        await using var host = await TestHost.StartAsync(Place);
        var trip = NewId.NextGuid();
        await host.Save<SeatsDbContext>(db => db.Publish(new TripSubmitted(trip, "stall")));
        await host.UntilTripIs(trip, "Holding");

        await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => host.Save<SeatsDbContext>(db => db.Publish(new TripTouched(trip)))));

        await host.Until<TripsDbContext>(db => db.Trips.AnyAsync(saga => saga.Touches == 30), "thirty touches are counted");
        await host.UntilOutboxIsEmpty<SeatsDbContext>();
        Assert.Empty(await host.DeadLetters<TripsDbContext>());
    }

    [Fact]
    public async Task A_consumer_that_fails_gets_the_message_again_later_and_what_it_published_before_is_gone()
    {
        await using var host = await TestHost.StartAsync(Place, _clock);
        var trip = await HoldingTrip(host);
        host.World.Failures["flaky"] = 2;

        await host.Save<SeatsDbContext>(db => db.Publish(new NoteTaken(trip, "flaky")));

        await UntilDue(host, TimeSpan.FromSeconds(2));
        await UntilDue(host, TimeSpan.FromSeconds(10));
        await UntilNoted(host, trip, "flaky");
        await host.Until<TripsDbContext>(db => db.Trips.AnyAsync(saga => saga.Touches == 1), "the touch of the successful attempt arrives");
        await host.UntilOutboxIsEmpty<SeatsDbContext>();
        Assert.Equal(3, host.World.Seen.Count(seen => seen == "note flaky"));
        Assert.Empty(await host.DeadLetters<SeatsDbContext>());
        Assert.Equal(1, await host.Query<TripsDbContext, int>(db => db.Trips.Select(saga => saga.Touches).SingleAsync()));
    }

    [Fact]
    public async Task What_is_published_and_not_saved_is_not_sent()
    {
        await using var host = await TestHost.StartAsync(Place);
        var (lost, saved) = (NewId.NextGuid(), NewId.NextGuid());

        await host.Query<SeatsDbContext, int>(db =>
        {
            db.Publish(new NoteTaken(lost, "lost"));
            return Task.FromResult(0);
        });
        await host.Save<SeatsDbContext>(db => db.Publish(new NoteTaken(saved, "saved")));

        await UntilNoted(host, saved, "saved");
        await host.UntilOutboxIsEmpty<SeatsDbContext>();
        Assert.Equal(["note saved"], host.World.Seen);
    }

    [Fact]
    public async Task What_is_published_in_a_transaction_is_sent_at_its_commit_and_never_after_a_rollback()
    {
        await using var host = await TestHost.StartAsync(Place);
        var (kept, rolledBack) = (NewId.NextGuid(), NewId.NextGuid());

        await host.Query<SeatsDbContext, int>(async db =>
        {
            await using (var transaction = await db.BeginAsync(CancellationToken.None))
            {
                db.Publish(new NoteTaken(rolledBack, "rolled back"));
                await db.SaveChangesAsync();
            }

            db.ChangeTracker.Clear();
            await using (var transaction = await db.BeginAsync(CancellationToken.None))
            {
                db.Publish(new NoteTaken(kept, "kept"));
                await db.SaveChangesAsync();
                Assert.Empty(host.World.Seen);
                await transaction.CommitAsync(CancellationToken.None);
            }

            return 0;
        });

        await UntilNoted(host, kept, "kept");
        await host.UntilOutboxIsEmpty<SeatsDbContext>();
        Assert.Equal(["note kept"], host.World.Seen);
    }

    [Fact]
    public async Task Saving_messages_synchronously_is_refused()
    {
        await using var host = await TestHost.StartAsync(Place);

        await host.Query<SeatsDbContext, int>(db =>
        {
            db.Publish(new NoteTaken(NewId.NextGuid(), "sync"));
            Assert.Throws<InvalidOperationException>(() => db.SaveChanges());
            return Task.FromResult(0);
        });

        Assert.Empty(await host.Outbox<SeatsDbContext>());
    }

    [Fact]
    public async Task Two_contexts_with_the_same_row_ids_do_not_take_each_others_rows()
    {
        var (one, other) = (NewId.NextGuid(), NewId.NextGuid());
        await using (var silent = await TestHost.StartAsync(Place, settings: ("Messaging:RelayEnabled", "false")))
        {
            await silent.Save<SeatsDbContext>(db => db.Publish(new NoteTaken(one, "from seats")));
            await silent.Save<TripsDbContext>(db => db.Publish(new NoteTaken(other, "from trips")));
            Assert.Equal(Assert.Single(await silent.Outbox<SeatsDbContext>()).Id, Assert.Single(await silent.Outbox<TripsDbContext>()).Id);
        }

        await using var host = await TestHost.StartAsync(Place);

        await UntilNoted(host, one, "from seats");
        await UntilNoted(host, other, "from trips");
        await host.UntilOutboxIsEmpty<SeatsDbContext>();
        await host.Until<TripsDbContext>(db => db.Set<OutboxRow>().AllAsync(row => row.Destination == "exchange:" + TripQueue), "its own row is gone");
        Assert.Equal(2, await host.Query<SeatsDbContext, int>(db => db.Notes.CountAsync()));
    }

    [Theory]
    [InlineData("pigeon:post")]
    [InlineData("no address at all")]
    public async Task A_poison_row_starves_no_other_and_becomes_a_dead_letter(string destination)
    {
        await using var host = await TestHost.StartAsync(Place, _clock, settings: ("Messaging:SendAttempts", "2"));
        var poison = NewId.NextGuid();
        await host.Save<SeatsDbContext>(db => db.Add(new OutboxRow
        {
            MessageId = poison,
            Destination = destination,
            ContentType = "application/json",
            Types = "urn:message:Nobody:Knows",
            Body = [1, 2, 3],
            AvailableAt = _clock.GetUtcNow(),
        }));
        var keys = Enumerable.Range(0, 20).Select(_ => NewId.NextGuid()).ToList();

        await host.Save<SeatsDbContext>(db => keys.ForEach(key => db.Publish(new NoteTaken(key, "healthy"))));

        await host.Until<SeatsDbContext>(async db => await db.Notes.CountAsync() == 20, "the healthy ones are through");
        await host.Until<SeatsDbContext>(db => db.Set<OutboxRow>().AllAsync(row => row.MessageId == poison && row.Attempts == 1), "only the poison is left, tried once");
        _clock.Advance(TimeSpan.FromSeconds(5));
        await host.UntilOutboxIsEmpty<SeatsDbContext>();
        var letter = Assert.Single(await host.DeadLetters<SeatsDbContext>());
        Assert.Equal((poison, (string?)null), (letter.MessageId, letter.Queue));
    }

    [Fact]
    public async Task A_command_without_a_consumer_keeps_its_row_until_there_is_one()
    {
        await using (var host = await TestHost.StartAsync(Place, _clock))
        {
            var key = NewId.NextGuid();
            await host.Save<SeatsDbContext>(db =>
            {
                db.Publish(new FeedCat("Tom"));
                db.Publish(new NoteTaken(key, "beside"));
            });
            await UntilNoted(host, key, "beside");
            await host.Until<SeatsDbContext>(async db => await db.Set<OutboxRow>().CountAsync() == 1, "only the command is left");
            for (var minute = 0; minute < 10; minute++)
            {
                _clock.Advance(TimeSpan.FromMinutes(1));
                var probe = NewId.NextGuid();
                await host.Save<SeatsDbContext>(db => db.Publish(new NoteTaken(probe, "still alive")));
                await UntilNoted(host, probe, "still alive");
                await host.Until<SeatsDbContext>(async db => await db.Set<OutboxRow>().CountAsync() == 1, "only the command is left");
            }

            var row = Assert.Single(await host.Outbox<SeatsDbContext>());
            Assert.True(row.Mandatory);
            Assert.Equal(0, row.Attempts);
            Assert.Empty(await host.DeadLetters<SeatsDbContext>());
        }

        _clock.Advance(TimeSpan.FromMinutes(1));
        await using var later = await TestHost.StartAsync(Place, _clock, consumers: bus =>
        {
            TestHost.AddAll(bus);
            bus.AddConsumer<FeedCatConsumer, SeatsDbContext>();
        });
        await later.Until<SeatsDbContext>(db => db.Notes.AnyAsync(note => note.Text == "fed Tom"), "the cat is fed");
    }

    [Fact]
    public async Task A_message_given_up_is_a_row_of_its_service_and_its_replay_reaches_that_queue_alone()
    {
        await using var host = await TestHost.StartAsync(
            Place, _clock, consumers: bus =>
            {
                TestHost.AddAll(bus);
                bus.AddConsumer<CountNotesConsumer, SeatsDbContext>();
            },
            settings: ("Messaging:RedeliveryIntervals:0", "00:00:30"));
        var trip = await HoldingTrip(host);
        host.World.Failures["hopeless"] = 2;

        await host.Save<SeatsDbContext>(db => db.Publish(new NoteTaken(trip, "hopeless")));
        await UntilDue(host, TimeSpan.FromSeconds(30));
        await host.Until<SeatsDbContext>(db => db.Set<DeadLetter>().AnyAsync(), "it is given up");

        var letters = host.Services.GetRequiredService<DeadLetters>();
        var letter = Assert.Single(await letters.ListAsync(includeReplayed: false, 10, CancellationToken.None));
        Assert.Equal(("seats", NoteQueue, "Aerona.Contracts.Trips.NoteTaken", "note hopeless fails"), (letter.Service, letter.Queue, letter.MessageType, letter.Reason));
        Assert.True(await letters.ReplayAsync("seats", letter.Id, CancellationToken.None));
        await UntilNoted(host, trip, "hopeless");
        await host.UntilOutboxIsEmpty<SeatsDbContext>();

        Assert.Equal(3, host.Received(letter.MessageId, NoteQueue));
        Assert.Equal(1, host.Received(letter.MessageId, "tests-count-notes-consumer"));
        Assert.Empty(await letters.ListAsync(includeReplayed: false, 10, CancellationToken.None));
        Assert.Equal(_clock.GetUtcNow(), Assert.Single(await letters.ListAsync(includeReplayed: true, 10, CancellationToken.None)).ReplayedAt);
        Assert.False(await letters.ReplayAsync("seats", letter.Id + 1, CancellationToken.None));
    }

    [Fact]
    public async Task A_message_that_its_queue_does_not_know_becomes_a_dead_letter()
    {
        await using var host = await TestHost.StartAsync(Place);

        var endpoint = await host.Bus.GetSendEndpoint(new("exchange:" + NoteQueue));
        await endpoint.Send(new TripTouched(NewId.NextGuid()));

        await host.Until<SeatsDbContext>(db => db.Set<DeadLetter>().AnyAsync(letter => letter.Queue == NoteQueue), "the stray message is kept");
    }

    [Fact]
    public async Task An_event_that_comes_before_its_saga_waits_for_it()
    {
        await using var host = await TestHost.StartAsync(Place, _clock);
        var trip = NewId.NextGuid();

        await host.Save<SeatsDbContext>(db => db.Publish(new TripCancelled(trip)));
        await host.Until<TripsDbContext>(db => db.Set<OutboxRow>().AnyAsync(row => row.Destination == "exchange:" + TripQueue), "it is put off");
        await host.Save<SeatsDbContext>(db => db.Publish(new TripSubmitted(trip, "stall")));
        await host.UntilTripIs(trip, "Holding");
        _clock.Advance(TimeSpan.FromSeconds(2));

        await host.UntilTripIs(trip, "Cancelled");
    }

    [Fact]
    public async Task An_event_that_the_machine_does_not_take_in_its_state_is_a_dead_letter_at_once()
    {
        await using var host = await TestHost.StartAsync(Place, _clock);
        var trip = await HoldingTrip(host);

        await host.Save<SeatsDbContext>(db => db.Publish(new TripSubmitted(trip, "again")));

        await host.Until<TripsDbContext>(db => db.Set<DeadLetter>().AnyAsync(), "it is given up");
        await host.UntilOutboxIsEmpty<SeatsDbContext>();
    }

    [Fact]
    public async Task A_message_whose_dead_letter_could_not_be_written_is_not_finished()
    {
        var disk = new Trouble(command => command.StartsWith("INSERT", StringComparison.Ordinal) && command.Contains("dead_letter", StringComparison.Ordinal), times: 1, () => new InvalidOperationException("no"));
        var again = new Trouble(command => command.Contains("\"sent_at\" = NULL", StringComparison.Ordinal) && !command.Contains("NOT NULL", StringComparison.Ordinal), times: 1, null);
        await using var host = await TestHost.StartAsync(
            Place, _clock, builder => builder.Services.AddSingleton<IInterceptor>(disk).AddSingleton<IInterceptor>(again), settings: ("Messaging:RedeliveryIntervals:0", "00:00:30"));
        var trip = await HoldingTrip(host);
        host.World.Failures["hopeless"] = 3;

        await host.Save<SeatsDbContext>(db => db.Publish(new NoteTaken(trip, "hopeless")));
        await UntilDue(host, TimeSpan.FromSeconds(30));
        await host.Until(() => disk.Left == 0 && (again.Left == 0 || !Place.IsEmbedded), "the dead letter could not be written, the row is to be sent again");

        // Whoever waits for the lease may not wait yet, so time goes on with every look.
        await host.Until<SeatsDbContext>(
            async db =>
            {
                _clock.Advance(TimeSpan.FromSeconds(5));
                return await db.Set<DeadLetter>().AnyAsync();
            },
            "it comes again, and is given up in writing");
        await host.UntilOutboxIsEmpty<SeatsDbContext>();
        Assert.Equal(3, host.World.Seen.Count(seen => seen == "note hopeless"));
    }

    [Fact]
    public async Task A_database_that_cannot_be_reached_is_waited_for_and_counts_as_nobodys_failure()
    {
        var disk = new Trouble(command => command == "BEGIN", times: 3, () => new SqliteException("disk I/O error", 10));
        await using var host = await TestHost.StartAsync(Place, add: builder => builder.Services.AddSingleton<IInterceptor>(disk));
        var key = NewId.NextGuid();

        await host.Save<SeatsDbContext>(db => db.Publish(new NoteTaken(key, "patient")));

        await UntilNoted(host, key, "patient");
        await host.UntilOutboxIsEmpty<SeatsDbContext>();
        Assert.Equal(0, disk.Left);
        Assert.Equal(["note patient"], host.World.Seen);
        Assert.Empty(await host.DeadLetters<SeatsDbContext>());
    }

    [Fact]
    public async Task Two_hundred_trips_at_once_are_all_confirmed_and_every_outbox_ends_empty()
    {
        await using var host = await TestHost.StartAsync(Place);
        var (started, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);

        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(() => host.Save<SeatsDbContext>(db => db.Publish(new TripSubmitted(NewId.NextGuid(), "ok"))))));

        await host.Until<SeatsDbContext>(async db => await db.Notes.CountAsync(note => note.Text == "confirmed") == 200, "all are confirmed");
        await host.UntilOutboxIsEmpty<SeatsDbContext>();
        await host.UntilOutboxIsEmpty<TripsDbContext>();
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"200 trips (800 messages) in {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s, {(Environment.CpuUsage.TotalTime - cpu).TotalSeconds:F1} s of processor");
        Assert.Equal(200, await host.Query<SeatsDbContext, int>(db => db.Seats.CountAsync()));
        Assert.Empty(await host.DeadLetters<TripsDbContext>());
        Assert.Empty(await host.DeadLetters<SeatsDbContext>());
    }

    [Fact]
    public async Task A_trace_that_is_not_sampled_is_stored_with_the_message_too()
    {
        await using var host = await TestHost.StartAsync(Place, settings: ("Messaging:RelayEnabled", "false"));

        // Of no source, so that what other tests listen to cannot make it sampled.
        using var activity = new Activity("request").SetParentId(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.None).Start();
        await host.Save<SeatsDbContext>(db => db.Publish(new NoteTaken(NewId.NextGuid(), "traced")));

        Assert.False(activity.Recorded);
        Assert.Contains(activity.TraceId.ToString(), Assert.Single(await host.Outbox<SeatsDbContext>()).Headers, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ActivitySamplingResult.AllDataAndRecorded)]
    [InlineData(ActivitySamplingResult.PropagationData)]   // not sampled
    public async Task Trace_and_baggage_reach_the_last_consumer(ActivitySamplingResult sampling)
    {
        using var listener = new ActivityListener { ShouldListenTo = _ => true, Sample = (ref ActivityCreationOptions<ActivityContext> _) => sampling };
        ActivitySource.AddActivityListener(listener);
        using var source = new ActivitySource(nameof(Trace_and_baggage_reach_the_last_consumer));
        await using var host = await TestHost.StartAsync(Place);
        var trip = NewId.NextGuid();

        ActivityTraceId trace;
        using (var activity = source.StartActivity("request")!)
        {
            activity.SetBaggage("who", "traveller");
            trace = activity.TraceId;
            await host.Save<SeatsDbContext>(db => db.Publish(new TripSubmitted(trip, "ok")));
        }

        await UntilNoted(host, trip, "confirmed");
        Assert.Equal((trace, "traveller"), host.World.Traces[trip.ToString()]);
    }

    private protected static Task UntilNoted(TestHost host, Guid key, string text) =>
        host.Until<SeatsDbContext>(db => db.Notes.AnyAsync(note => note.Key == key && note.Text == text), $"'{text}' is noted");

    private protected static async Task<Guid> HoldingTrip(TestHost host)
    {
        var trip = NewId.NextGuid();
        await host.Save<SeatsDbContext>(db => db.Publish(new TripSubmitted(trip, "stall")));
        await host.UntilTripIs(trip, "Holding");
        await host.UntilOutboxIsEmpty<SeatsDbContext>();
        return trip;
    }

    /// <summary>Waits for the one row put off by that time, and moves the clock there.</summary>
    private async Task UntilDue(TestHost host, TimeSpan delay)
    {
        var due = _clock.GetUtcNow() + delay;
        await host.Until<SeatsDbContext>(db => db.Set<OutboxRow>().AnyAsync(row => row.AvailableAt == due && row.Destination == "exchange:" + NoteQueue), $"it comes again after {delay}");
        _clock.Advance(delay);
    }
}

/// <summary>One process, files, the bus in memory.</summary>
public sealed class EmbeddedMessagingTests() : MessagingTests(null)
{
    [Fact]
    public async Task A_process_killed_while_a_consumer_works_sends_the_message_again_and_who_was_done_does_not_repeat()
    {
        await using var killed = await TestHost.StartAsync(Place, consumers: WithBothListeners);
        var trip = await HoldingTrip(killed);
        killed.World.Doors["slow"] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await killed.Save<TripsDbContext>(db => db.Publish(new NoteTaken(trip, "slow")));
        await killed.Until<TripsDbContext>(db => db.Trips.AnyAsync(saga => saga.Touches == 100), "one listener is done");
        await killed.Until<TripsDbContext>(db => db.Set<OutboxRow>().AnyAsync(row => row.SentAt != null && row.TokenId == null), "the row waits for the other");
        await using var image = Place.CrashImage();

        await using var host = await TestHost.StartAsync(image, consumers: WithBothListeners);

        await UntilNoted(host, trip, "slow");
        await host.Until<TripsDbContext>(db => db.Set<OutboxRow>().AllAsync(row => row.TokenId != null), "the row is gone");
        await host.Until<TripsDbContext>(db => db.Trips.AnyAsync(saga => saga.Touches == 101), "the slow one's touch arrives");
        killed.World.Doors["slow"].SetResult();

        static void WithBothListeners(BusRegistration bus)
        {
            TestHost.AddAll(bus);
            bus.AddConsumer<TouchTripConsumer, TripsDbContext>();
        }
    }
}

/// <summary>PostgreSQL and RabbitMQ.</summary>
public sealed class ServerMessagingTests(Servers servers) : MessagingTests(servers);
