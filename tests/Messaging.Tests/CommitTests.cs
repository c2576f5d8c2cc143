using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace Aerona.Messaging.Tests;

/// <summary>On PostgreSQL the commit travels with the save, past EF Core: what fails there must not pass for done.</summary>
public sealed class CommitTests(Servers servers) : OnEitherStack(servers)
{
    private readonly FakeTimeProvider _clock = new(new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task What_the_server_refuses_at_the_commit_leaves_nothing_and_comes_again()
    {
        await using var host = await TestHost.StartAsync(Place, _clock);
        await Execute(host, """
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not at the insert, at the commit'; END $$;
            CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON note DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse();
            """);
        var trip = NewTrip();

        await host.Save<SeatsDbContext>(db => db.Publish(new NoteTaken(trip, "late")));
        await host.Until<SeatsDbContext>(
            db => db.Set<OutboxRow>().AnyAsync(row => row.Destination == "exchange:tests-take-note-consumer"), "the message is put off");

        Assert.Equal(0, await host.Query<SeatsDbContext, int>(db => db.Notes.CountAsync()));
        Assert.Equal(0, await host.Query<SeatsDbContext, int>(db => db.Set<InboxRow>().CountAsync()));
        Assert.Single(await host.Outbox<SeatsDbContext>());   // the message itself; what the consumer published with the note is gone

        await Execute(host, "DROP TRIGGER refuse ON note");
        _clock.Advance(TimeSpan.FromSeconds(2));
        await host.Until<SeatsDbContext>(db => db.Notes.AnyAsync(note => note.Key == trip && note.Text == "late"), "the note is taken");
    }

    [Fact]
    public async Task What_the_outbox_refuses_takes_the_save_with_it()
    {
        await using var host = await TestHost.StartAsync(Place, _clock);
        await Execute(host, "ALTER TABLE outbox ADD CONSTRAINT refuse CHECK (types NOT LIKE '%TripTouched%')");
        var trip = NewTrip();

        await host.Save<SeatsDbContext>(db => db.Publish(new NoteTaken(trip, "unheard")));
        await host.Until<SeatsDbContext>(
            db => db.Set<OutboxRow>().AnyAsync(row => row.Destination == "exchange:tests-take-note-consumer"), "the message is put off");

        Assert.Equal(0, await host.Query<SeatsDbContext, int>(db => db.Notes.CountAsync()));
        Assert.Equal(0, await host.Query<SeatsDbContext, int>(db => db.Set<InboxRow>().CountAsync()));
    }

    private static Guid NewTrip() => Guid.CreateVersion7();

    private static Task<int> Execute(TestHost host, string sql) => host.Query<SeatsDbContext, int>(db => db.Database.ExecuteSqlRawAsync(sql));
}
