using System.Collections.Concurrent;
using System.Diagnostics;
using Aerona.Persistence;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Messaging.Tests;

public sealed class Trip : SagaStateMachineInstance
{
    public Guid CorrelationId { get; set; }

    public string CurrentState { get; set; } = "";

    public Guid? HoldToken { get; set; }

    public int Touches { get; set; }
}

public sealed class TripStateMachine : MassTransitStateMachine<Trip>
{
    public static readonly TimeSpan HoldTime = TimeSpan.FromMinutes(20);

    public TripStateMachine(TimeProvider time)
    {
        InstanceState(trip => trip.CurrentState);
        Event(() => Submitted, e => e.CorrelateById(context => context.Message.TripId));
        Event(() => Held, e => e.CorrelateById(context => context.Message.TripId));
        Event(() => Touched, e => e.CorrelateById(context => context.Message.TripId));
        Event(() => CancelAsked, e => e.CorrelateById(context => context.Message.TripId));
        Schedule(() => Hold, trip => trip.HoldToken, hold => hold.Received = e => e.CorrelateById(context => context.Message.TripId));

        Initially(
            When(Submitted)
                .Schedule(Hold, context => new HoldExpired(context.Saga.CorrelationId), _ => time.GetUtcNow().UtcDateTime + HoldTime)
                .Publish(context => new HoldSeat(context.Saga.CorrelationId, context.Message.Mode))
                .Then(context => ThrowIf(context.Message.Mode == "boom"))
                .TransitionTo(Holding));
        During(
            Holding,
            When(Held).Unschedule(Hold).Publish(context => new TripConfirmed(context.Saga.CorrelationId)).TransitionTo(Confirmed),
            When(Hold.Received).TransitionTo(Expired),
            When(Touched).Then(context => context.Saga.Touches++),
            When(CancelAsked).TransitionTo(Cancelled));
        During(Confirmed, When(Touched).Then(context => context.Saga.Touches++).Publish(context => new TripConfirmed(context.Saga.CorrelationId)));
    }

    public State Holding { get; } = null!;

    public State Confirmed { get; } = null!;

    public State Expired { get; } = null!;

    public State Cancelled { get; } = null!;

    public Event<TripSubmitted> Submitted { get; } = null!;

    public Event<SeatHeld> Held { get; } = null!;

    public Event<TripTouched> Touched { get; } = null!;

    public Event<TripCancelled> CancelAsked { get; } = null!;

    public Schedule<Trip, HoldExpired> Hold { get; } = null!;

    private static void ThrowIf(bool broken)
    {
        if (broken)
        {
            throw new InvalidOperationException("the transition fails");
        }
    }
}

public sealed class TripsDbContext(DbContextOptions<TripsDbContext> options) : DbContext(options)
{
    public DbSet<Trip> Trips => Set<Trip>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.UseAeronaConventions();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddMessaging();
        modelBuilder.Entity<Trip>().HasKey(trip => trip.CorrelationId);
    }
}

public sealed class Seat
{
    public int Id { get; init; }

    public Guid TripId { get; init; }
}

public sealed class Note
{
    public int Id { get; init; }

    public Guid Key { get; init; }

    public string Text { get; init; } = "";
}

public sealed class SeatsDbContext(DbContextOptions<SeatsDbContext> options) : DbContext(options)
{
    public DbSet<Seat> Seats => Set<Seat>();

    public DbSet<Note> Notes => Set<Note>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.UseAeronaConventions();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.AddMessaging();
}

/// <summary>What the consumers were doing, and how a test makes them fail or wait: the world around them.</summary>
public sealed class World
{
    public ConcurrentQueue<string> Seen { get; } = [];

    /// <summary>How often a note of that text still fails.</summary>
    public ConcurrentDictionary<string, int> Failures { get; } = [];

    /// <summary>A note of this text waits for it.</summary>
    public ConcurrentDictionary<string, TaskCompletionSource> Doors { get; } = [];

    public ConcurrentDictionary<string, (ActivityTraceId Trace, string? Baggage)> Traces { get; } = [];
}

public sealed class HoldSeatConsumer(SeatsDbContext db, World world) : IConsumer<HoldSeat>
{
    public async Task Consume(ConsumeContext<HoldSeat> context)
    {
        world.Seen.Enqueue($"hold {context.Message.TripId}");
        if (context.Message.Mode == "ok")
        {
            db.Add(new Seat { TripId = context.Message.TripId });
            await context.Publish(new SeatHeld(context.Message.TripId));
        }
    }
}

public sealed class TakeNoteConsumer(SeatsDbContext db, World world) : IConsumer<NoteTaken>
{
    public async Task Consume(ConsumeContext<NoteTaken> context)
    {
        var text = context.Message.Text;
        world.Seen.Enqueue($"note {text}");
        db.Add(new Note { Key = context.Message.Id, Text = text });
        await context.Publish(new TripTouched(context.Message.Id));
        if (world.Doors.TryGetValue(text, out var door))
        {
            await door.Task.WaitAsync(context.CancellationToken);
        }

        if (world.Failures.TryGetValue(text, out var left) && left > 0)
        {
            world.Failures[text] = left - 1;
            throw new InvalidOperationException($"note {text} fails");
        }
    }
}

public sealed class ListenForConfirmationConsumer(SeatsDbContext db, World world) : IConsumer<TripConfirmed>
{
    public Task Consume(ConsumeContext<TripConfirmed> context)
    {
        world.Traces[context.Message.TripId.ToString()] = (Activity.Current?.TraceId ?? default, Activity.Current?.GetBaggageItem("who"));
        db.Add(new Note { Key = context.Message.TripId, Text = "confirmed" });
        return Task.CompletedTask;
    }
}

/// <summary>A second listener to the same event.</summary>
public sealed class CountNotesConsumer(SeatsDbContext db, World world) : IConsumer<NoteTaken>
{
    public Task Consume(ConsumeContext<NoteTaken> context)
    {
        world.Seen.Enqueue($"count {context.Message.Text}");
        db.Add(new Note { Key = context.Message.Id, Text = $"counted {context.Message.Text}" });
        return Task.CompletedTask;
    }
}

public sealed class HearFaultConsumer(SeatsDbContext db) : IConsumer<Fault<TripSubmitted>>
{
    public Task Consume(ConsumeContext<Fault<TripSubmitted>> context)
    {
        db.Add(new Note { Key = context.Message.Message.TripId, Text = "fault" });
        return Task.CompletedTask;
    }
}

public sealed class FeedCatConsumer(SeatsDbContext db) : IConsumer<FeedCat>
{
    public Task Consume(ConsumeContext<FeedCat> context)
    {
        db.Add(new Note { Text = $"fed {context.Message.Name}" });
        return Task.CompletedTask;
    }
}

/// <summary>A listener in the other service; doing it twice shows.</summary>
public sealed class TouchTripConsumer(TripsDbContext db) : IConsumer<NoteTaken>
{
    public async Task Consume(ConsumeContext<NoteTaken> context)
    {
        var trip = await db.LockAsync<Trip>(context.Message.Id, context.CancellationToken);
        trip.Touches += 100;
    }
}
