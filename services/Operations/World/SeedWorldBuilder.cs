using Aerona.Contracts.Operations;
using Aerona.Messaging;
using Aerona.Operations.Data;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Aerona.Operations.World;

/// <summary>Builds the seed world on first start and keeps its horizon: looks every hour whether a day is missing at its end.</summary>
internal sealed class SeedWorldBuilder(
    IServiceScopeFactory scopes, PlainReads<OperationsDbContext> reads, DatabaseReadiness databases, IOptions<WorldOptions> options, TimeProvider time, ILogger<SeedWorldBuilder> logger) : BackgroundService
{
    private const int FlightsAMessage = 500;

    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource built = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the world has reached its horizon for the first time since the process started.</summary>
    public Task Built => built.Task;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Days == 0)
        {
            logger.LogInformation("No seed world: World:Days is 0");
            built.TrySetResult();
            return;
        }

        await databases.WaitAsync<OperationsDbContext>(stoppingToken);
        using var hourly = new PeriodicTimer(TimeSpan.FromHours(1), time);
        do
        {
            await ExtendUntilDoneAsync(stoppingToken);
            built.TrySetResult();
        }
        while (await hourly.WaitForNextTickAsync(stoppingToken));
    }

    private async Task ExtendUntilDoneAsync(CancellationToken stoppingToken)
    {
        using var again = new PeriodicTimer(TimeSpan.FromSeconds(5), time);
        do
        {
            try
            {
                await ExtendAsync(stoppingToken);
                return;
            }
            catch (Exception problem) when (DatabaseErrors.IsUnreachable(problem) || DatabaseErrors.IsDuplicate(problem))
            {
                // Each batch is saved with where to go on; another process that began the same world at the same moment was first.
                logger.LogWarning(problem, "Seed world: the database took no more flights; it goes on in 5 s");
            }
        }
        while (await again.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Publishes what is missing up to the horizon, in messages of at most 500 flights, each saved with where to go on.</summary>
    public Task ExtendAsync(CancellationToken cancellationToken) => ExtendAsync(Today(time), cancellationToken);

    /// <summary>The same, seen from that day.</summary>
    public async Task ExtendAsync(DateOnly today, CancellationToken cancellationToken)
    {
        if (await IsCompleteAsync(today, cancellationToken))
        {
            return;
        }

        var (schedule, missing) = await BeginAsync(today, cancellationToken);
        if (missing == 0)
        {
            return;
        }

        logger.LogInformation("Seed world: {Missing} flights to publish up to {Day}", missing, today.AddDays(options.Value.Days));
        var (began, line, done) = (time.GetTimestamp(), time.GetTimestamp(), 0);
        while (await PublishNextAsync(schedule, today.AddDays(options.Value.Days), cancellationToken) is > 0 and var count)
        {
            done += count;
            if (done >= missing || time.GetElapsedTime(line) >= BetweenLines)
            {
                line = time.GetTimestamp();
                var rate = done / Math.Max(time.GetElapsedTime(began).TotalSeconds, 0.001);
                logger.LogInformation(
                    "Seed world: {Done} of {Missing} flights published, {Rate:F0} a second, {Left:F0} s left", done, missing, rate, (missing - done) / rate);
            }
        }
    }

    /// <summary>Local dates of a world that turns: the builder's today is that of UTC.</summary>
    public static DateOnly Today(TimeProvider time) => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    /// <summary>Flights still to be published up to the horizon.</summary>
    public static int Missing(SeedSchedule schedule, DateOnly nextDay, int nextOrdinal, DateOnly last) =>
        Enumerable.Range(0, Math.Max(0, last.DayNumber - nextDay.DayNumber + 1)).Sum(day => schedule.CountOn(nextDay.AddDays(day))) - nextOrdinal;

    /// <summary>As it is at most starts and in most hours.</summary>
    private async Task<bool> IsCompleteAsync(DateOnly today, CancellationToken cancellationToken)
    {
        var worlds = await reads.ListAsync(
            "SELECT seed, next_day, next_ordinal FROM seed_world", row => (Seed: row.GetInt64(0), NextDay: row.GetFieldValue<DateOnly>(1), NextOrdinal: row.GetInt32(2)), cancellationToken);
        return worlds is [var world] && world.NextDay >= today
            && Missing(new SeedSchedule(world.Seed), world.NextDay, world.NextOrdinal, today.AddDays(options.Value.Days)) == 0;
    }

    private async Task<(SeedSchedule Schedule, int Missing)> BeginAsync(DateOnly today, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OperationsDbContext>();
        await using var transaction = await db.BeginAsync(cancellationToken);
        var world = await db.TryLockAsync<SeedWorld>(SeedWorld.TheOne, cancellationToken);
        if (world is null)
        {
            db.Worlds.Add(world = new() { Seed = options.Value.Seed, NextDay = today });
        }
        else if (world.NextDay < today)
        {
            (world.NextDay, world.NextOrdinal) = (today, 0);   // nobody needs flights of days gone by while the process was off
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        var schedule = new SeedSchedule(world.Seed);
        return (schedule, Missing(schedule, world.NextDay, world.NextOrdinal, today.AddDays(options.Value.Days)));
    }

    private async Task<int> PublishNextAsync(SeedSchedule schedule, DateOnly last, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OperationsDbContext>();
        await using var transaction = await db.BeginAsync(cancellationToken);
        var world = await db.LockAsync<SeedWorld>(SeedWorld.TheOne, cancellationToken);   // another process may be building too

        var batch = new List<DatedFlight>(FlightsAMessage);
        while (batch.Count < FlightsAMessage && world.NextDay <= last)
        {
            var taken = schedule.On(world.NextDay, world.NextOrdinal).Take(FlightsAMessage - batch.Count).ToList();
            batch.AddRange(taken);
            world.NextOrdinal += taken.Count;
            if (world.NextOrdinal >= schedule.CountOn(world.NextDay))
            {
                (world.NextDay, world.NextOrdinal) = (world.NextDay.AddDays(1), 0);
            }
        }

        if (batch.Count > 0)
        {
            world.Published += batch.Count;
            db.Flights.AddRange(batch);
            db.Publish(new FlightsPublished([.. batch.Select(flight => flight.Published())]));
            await db.SaveChangesAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return batch.Count;
    }
}
