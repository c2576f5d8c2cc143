using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Aerona.Messaging.Tests;

/// <summary>What the bus tells about itself, on either stack.</summary>
public abstract class MetricsTests(Servers? servers) : OnEitherStack(servers)
{
    private const string NoteQueue = "tests-take-note-consumer";

    private readonly FakeTimeProvider _clock = new(new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task Messages_sent_and_their_repeats_are_counted()
    {
        await using var host = await TestHost.StartAsync(Place);
        var trip = await HoldingTrip(host);
        using var meter = new Reading(host);
        var messageId = NewId.NextGuid();

        await host.Save<SeatsDbContext>(db => db.Publish(new NoteTaken(trip, "one")));
        for (var delivery = 0; delivery < 3; delivery++)
        {
            await host.Bus.Publish(new NoteTaken(trip, "repeated"), context => context.MessageId = messageId);
        }

        await host.Until(() => host.Received(messageId, NoteQueue) == 3, "three deliveries are acknowledged");
        await host.Until<TripsDbContext>(db => db.Trips.AnyAsync(saga => saga.Touches == 2), "what the two notes set going arrives");
        await host.UntilOutboxIsEmpty<SeatsDbContext>();
        Assert.Equal(3, meter.Of("aerona.outbox.sent").Count(one => one.Tag == "seats"));   // a note, and a touch for each of two
        Assert.Equal(2, meter.Sum("aerona.inbox.duplicates"));
        Assert.Equal(0, meter.Sum("aerona.redeliveries") + meter.Sum("aerona.dead_letters") + meter.Sum("aerona.retries"));
    }

    [Fact]
    public async Task A_message_that_fails_is_counted_each_time_it_is_put_off_and_once_when_it_is_given_up()
    {
        await using var host = await TestHost.StartAsync(Place, _clock, settings: ("Messaging:RedeliveryIntervals:0", "00:00:30"));
        using var meter = new Reading(host);
        host.World.Failures["hopeless"] = 2;

        await host.Save<SeatsDbContext>(db => db.Publish(new NoteTaken(NewId.NextGuid(), "hopeless")));
        await host.Until<SeatsDbContext>(db => db.Set<OutboxRow>().AnyAsync(row => row.Destination == "exchange:" + NoteQueue), "it is put off");
        await host.Until(() => meter.Sum("aerona.redeliveries") == 1, "and counted");
        Assert.Equal(0, meter.Sum("aerona.dead_letters"));
        _clock.Advance(TimeSpan.FromSeconds(30));
        await host.Until<SeatsDbContext>(db => db.Set<DeadLetter>().AnyAsync(), "it is given up");
        await host.Until(() => meter.Sum("aerona.dead_letters") == 1, "and counted as well");

        Assert.Equal(1, meter.Sum("aerona.redeliveries"));
    }

    [Fact]
    public async Task What_the_database_refuses_when_the_consumer_is_done_is_tried_again_at_once()
    {
        await using var host = await TestHost.StartAsync(
            Place, add: Place.IsEmbedded ? builder => builder.Services.AddSingleton<IInterceptor>(new RefuseOnce("contended")) : null);
        if (!Place.IsEmbedded)
        {
            await host.Query<SeatsDbContext, int>(db => db.Database.ExecuteSqlRawAsync(RefuseOnServer));
        }

        var trip = await HoldingTrip(host);
        using var meter = new Reading(host);

        await host.Save<SeatsDbContext>(db => db.Publish(new NoteTaken(trip, "contended")));
        await host.Until<SeatsDbContext>(db => db.Notes.AnyAsync(note => note.Text == "contended"), "the second attempt is saved");

        Assert.Equal(2, host.World.Seen.Count(seen => seen == "note contended"));
        Assert.Equal((1, 0), (meter.Sum("aerona.retries"), meter.Sum("aerona.redeliveries")));
    }

    [Fact]
    public async Task The_oldest_row_grows_old_while_its_destination_takes_nothing_and_is_forgotten_when_it_is_sent()
    {
        await using (var host = await TestHost.StartAsync(Place, _clock))
        {
            var trip = await HoldingTrip(host);
            using var meter = new Reading(host);
            await host.Save<SeatsDbContext>(db => db.Publish(new FeedCat("Tom")));   // nobody consumes it
            _clock.Advance(TimeSpan.FromSeconds(10));   // past the lease of whoever saved it
            await host.Until(() => meter.Observed("aerona.outbox.oldest_age", "seats") > 0, "it is seen to wait");

            // Its age counts from the first failure, which a slow machine may see some of these minutes late.
            for (var minute = 0; minute < 5 || (meter.Observed("aerona.outbox.oldest_age", "seats") < 300 && minute < 20); minute++)
            {
                _clock.Advance(TimeSpan.FromMinutes(1));
                var probe = $"still alive after {minute}";
                await host.Save<SeatsDbContext>(db => db.Publish(new NoteTaken(trip, probe)));
                await host.Until<SeatsDbContext>(db => db.Notes.AnyAsync(note => note.Text == probe), "others are sent meanwhile");
            }

            await host.Until(() => meter.Observed("aerona.outbox.oldest_age", "seats") >= 300, "it is five minutes old, however often it was tried");
        }

        _clock.Advance(TimeSpan.FromMinutes(1));
        await using var later = await TestHost.StartAsync(Place, _clock, consumers: bus =>
        {
            TestHost.AddAll(bus);
            bus.AddConsumer<FeedCatConsumer, SeatsDbContext>();
        });
        using var then = new Reading(later);
        await later.UntilOutboxIsEmpty<SeatsDbContext>();
        _clock.Advance(TimeSpan.FromSeconds(1));
        await later.Until(() => then.Observed("aerona.outbox.oldest_age", "seats") == 0, "nothing waits any more");
    }

    /// <summary>A saga that is there, for what notes set going.</summary>
    private static async Task<Guid> HoldingTrip(TestHost host)
    {
        var trip = NewId.NextGuid();
        await host.Save<SeatsDbContext>(db => db.Publish(new TripSubmitted(trip, "stall")));
        await host.UntilTripIs(trip, "Holding");
        await host.UntilOutboxIsEmpty<SeatsDbContext>();
        return trip;
    }

    // A sequence does not go back with what was refused.
    private const string RefuseOnServer = """
        CREATE SEQUENCE refused;
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.text = 'contended' AND nextval('refused') = 1 THEN RAISE EXCEPTION 'somebody else was faster' USING ERRCODE = '40001'; END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER refuse BEFORE INSERT ON note FOR EACH ROW EXECUTE FUNCTION refuse();
        """;

    /// <summary>Somebody else is faster, the first time that a note of that text is saved. In a file: the server is not asked through EF Core.</summary>
    private sealed class RefuseOnce(string text) : SaveChangesInterceptor
    {
        private int _refused;

        public override ValueTask<InterceptionResult<int>> SavingChangesAsync(
            DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default) =>
            eventData.Context is SeatsDbContext db && db.ChangeTracker.Entries<Note>().Any(note => note.Entity.Text == text) && Interlocked.Exchange(ref _refused, 1) == 0
                ? throw new DbUpdateException("somebody else was faster")
                : new(result);
    }

    /// <summary>What that host's own meter says.</summary>
    private sealed class Reading : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentQueue<(string Name, double Value, string Tag)> _all = [];

        public Reading(TestHost host)
        {
            var meters = host.Services.GetRequiredService<IMeterFactory>();
            _listener.InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Meter.Scope == meters && instrument.Meter.Name == "Aerona.Messaging")
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
            _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
            _listener.Start();
        }

        public double Sum(string name) => _all.Where(one => one.Name == name).Sum(one => one.Value);

        public IReadOnlyList<(string Name, double Value, string Tag)> Of(string name) => [.. _all.Where(one => one.Name == name)];

        /// <summary>A gauge now; -1 when it does not speak of that database.</summary>
        public double Observed(string name, string database)
        {
            _listener.RecordObservableInstruments();
            return _all.LastOrDefault(one => one.Name == name && one.Tag == database, ("", -1, "")).Item2;
        }

        public void Dispose() => _listener.Dispose();

        private void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
            _all.Enqueue((instrument.Name, value, tags[0].Value?.ToString() ?? ""));
    }
}

/// <summary>One process, files, the bus in memory.</summary>
public sealed class EmbeddedMetricsTests() : MetricsTests(null);

/// <summary>PostgreSQL and RabbitMQ.</summary>
public sealed class ServerMetricsTests(Servers servers) : MetricsTests(servers);
