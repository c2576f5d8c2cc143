using System.Text.Json;
using System.Text.Json.Nodes;
using Aerona.Bookings.Data;
using Aerona.Sagas.Booking;
using Aerona.Simulation;
using Aerona.Simulation.Search;
using Aerona.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Aerona.Bookings.Tests;

/// <summary>
/// Histories recorded in the simulator, replayed through the bus on the saga as it is hosted: its repository, its inbox and outbox, its timers. Nothing that it
/// sends is delivered by itself, so one message at a time is on its way, in the recorded order.
/// </summary>
public sealed class ReplayTests
{
    private const int Some = 50;
    private const int Many = 500;

    [Fact]
    public Task Recorded_histories_end_on_the_bus_as_they_did_without_it() => ReplayAsync(Some);

    [Fact]
    [Trait("long", "yes")]
    public Task Five_hundred_recorded_histories_end_on_the_bus_as_they_did_without_it() => ReplayAsync(Many);

    [Fact]
    public async Task A_saga_with_one_time_changed_is_told_from_the_recorded_one()
    {
        var times = new BookingTimes();
        await using var host = await Host.StartAsync(new() { GiveUp = times.GiveUp + TimeSpan.FromSeconds(1) });

        var different = 0;
        for (var seed = 1; seed <= 5; seed++)
        {
            different += await host.ReplayAsync(Record(seed, times)) is null ? 0 : 1;
        }

        Assert.NotEqual(0, different);
    }

    private static async Task ReplayAsync(int traces)
    {
        await using var shortly = await Host.StartAsync(Scenario.ShortTimes);
        await using var inFull = await Host.StartAsync(new());
        var messages = 0;
        for (var seed = 1; seed <= traces; seed++)
        {
            // What may happen is the seed's; how long everything takes alternates.
            var host = seed % 4 == 0 ? inFull : shortly;
            var trace = Record(seed, host.Times);
            messages += trace.Count;

            var difference = await host.ReplayAsync(trace);

            Assert.True(difference is null, $"seed {seed}: {difference}");
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{traces} histories, {messages} messages");
        // Worth something only while they go nearly everywhere.
        var states = shortly.States.Union(inFull.States).Order(StringComparer.Ordinal).ToList();
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", states));
        Assert.True(states.Count >= 15 && states.Contains("Confirmed") && states.Contains("Rejected"), string.Join(", ", states));
    }

    private static List<Heard> Record(int seed, BookingTimes times)
    {
        var machine = new Machine(times);
        List<Heard> trace = [];
        machine.Listener = trace.Add;
        var walk = Walk.Play(seed, Walk.Scenario(seed) with { Times = times }, machine);
        Assert.Null(walk.Violation);
        return trace;
    }

    /// <summary>The booking service, silent and with times of its own.</summary>
    private sealed class Host(TestService service, BookingTimes times) : IAsyncDisposable
    {
        private readonly Dictionary<Guid, Guid> tokens = [];
        private readonly HashSet<Guid> pending = [];
        private long seen;

        public BookingTimes Times => times;

        /// <summary>States that were ever reached.</summary>
        public HashSet<string> States { get; } = [];

        public static async Task<Host> StartAsync(BookingTimes times) => new(
            await TestService.StartAsync(
                builder =>
                {
                    builder.AddBookings();
                    builder.Services.Replace(ServiceDescriptor.Singleton(times));
                },
                bus => bus.AddBookingsConsumers(), app => app.MapBookings(), new Dictionary<string, string?> { ["Logging:LogLevel:Default"] = "None" }),
            times);

        public ValueTask DisposeAsync() => service.DisposeAsync();

        /// <summary>Where the bus and the recording part, or null. Bookings of a recording have the same ids as those of another, so the books are cleared.</summary>
        public async Task<string?> ReplayAsync(IReadOnlyList<Heard> trace)
        {
            await service.Query<BookingsDbContext, int>(async db =>
            {
                await db.Sagas.ExecuteDeleteAsync();
                await db.Timeline.ExecuteDeleteAsync();
                await db.Cases.ExecuteDeleteAsync();
                return await db.Database.ExecuteSqlRawAsync("DELETE FROM outbox; DELETE FROM inbox");
            });
            seen = await service.LastOutgoingAsync();
            tokens.Clear();
            pending.Clear();
            for (var at = 0; at < trace.Count; at++)
            {
                if (await HearAsync(trace[at], again: at % 8 == 7) is { } difference)
                {
                    return $"message {at + 1} of {trace.Count}, {trace[at].Message}: {difference}";
                }
            }

            var kept = (await service.OutgoingAsync(0)).Where(row => row.Token is not null).Select(row => row.Token!.Value);
            return pending.SetEquals(kept) ? null : "timers that were taken back are there, or others are gone";
        }

        private async Task<string?> HearAsync(Heard heard, bool again)
        {
            service.Clock.AdjustTime(heard.At);
            var id = Guid.CreateVersion7();
            Guid? token = heard.Token is { } recorded ? tokens[recorded] : null;
            await service.ConsumeAsync(heard.Message, token, id);
            if (again)
            {
                await service.ConsumeAsync(heard.Message, token, id);
            }

            var rows = await service.OutgoingAsync(seen);
            seen = rows.Count > 0 ? rows[^1].Id : seen;
            var timers = heard.Effects.Where(effect => effect.Due is not null && !heard.Effects.Any(other => other.Message is null && other.Token == effect.Token)).ToList();
            var expected = heard.Effects.Where(effect => effect is { Message: not null, Due: null }).Select(effect => Text(effect.Message!))
                .Concat(timers.Select(effect => $"{Text(effect.Message!)} at {effect.Due:O}"));
            var actual = rows.Where(row => row.Token is null).Select(row => Text(row.Message))
                .Concat(rows.Where(row => row.Token is not null).Select(row => $"{Text(row.Message)} at {row.DueAt:O}"));
            if (!expected.SequenceEqual(actual))
            {
                return $"sent without the bus\n  {string.Join("\n  ", expected)}\non it\n  {string.Join("\n  ", actual)}";
            }

            foreach (var (timer, row) in timers.Zip(rows.Where(row => row.Token is not null)))
            {
                tokens[timer.Token!.Value] = row.Token!.Value;
                pending.Add(row.Token.Value);
            }

            foreach (var gone in heard.Effects.Where(effect => effect.Message is null && tokens.ContainsKey(effect.Token!.Value)))
            {
                pending.Remove(tokens[gone.Token!.Value]);
            }

            var saga = await service.Query<BookingsDbContext, BookingState>(db => db.Sagas.AsNoTracking().SingleAsync(row => row.CorrelationId == heard.After.CorrelationId));
            States.Add(saga.CurrentState);
            var (without, on) = (StateOf(heard.After, token => tokens[token]), StateOf(saga, token => token));
            return without == on ? null : $"kept without the bus\n  {without}\non it\n  {on}";
        }

        private static string Text(object message) => $"{message.GetType().Name} {JsonSerializer.Serialize(message, message.GetType())}";

        private static string StateOf(BookingState saga, Func<Guid, Guid> tokenOf)
        {
            var state = JsonSerializer.SerializeToNode(saga)!.AsObject();
            foreach (var name in (string[])[nameof(BookingState.DeadlineToken), nameof(BookingState.TickToken)])
            {
                state[name] = state[name] is JsonValue token ? JsonValue.Create(tokenOf(token.GetValue<Guid>())) : null;
            }

            return state.ToJsonString();
        }
    }
}
