using Aerona.Sagas.Booking;
using Aerona.Simulation.Search;

namespace Aerona.Simulation.Tests;

public sealed class ChanceTests
{
    private static readonly int Seeds = Environment.GetEnvironmentVariable("AERONA_ALL") is null ? 2_000 : 20_000;

    [Fact]
    public void Histories_by_chance_violate_nothing_come_to_rest_and_reach_every_end()
    {
        var machines = new Dictionary<BookingTimes, Machine>();
        var ends = new HashSet<string>();
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var scenario = Walk.Scenario(seed);
            if (!machines.TryGetValue(scenario.TimesOrShort, out var machine))
            {
                machines[scenario.TimesOrShort] = machine = new(scenario.TimesOrShort);
            }

            var walk = Walk.Play(seed, scenario, machine);

            Assert.True(walk.Violation is null, walk.Violation is null ? "" : $"seed {seed}: {walk.Violation.Message}\n{walk.Trace.Shrink(machine, walk.Violation)}");
            ends.UnionWith(walk.World.Sagas.Select(saga => saga.CurrentState));
        }

        // They are worth something only while they go everywhere.
        Assert.Superset(new HashSet<string> { "CancelledBeforePurchase", "Confirmed", "Expired", "ParkedForStaff", "PaymentFailed", "Rejected" }, ends);
    }

    [Fact]
    public void A_seed_plays_the_same_history_every_time_and_so_does_its_trace()
    {
        var scenario = Walk.Scenario(7) with { Times = null };
        var machine = new Machine(scenario.TimesOrShort);

        var (one, other) = (Walk.Play(7, scenario, machine), Walk.Play(7, scenario, machine));
        var replayed = Trace.Parse(one.Trace.ToString()).Play(machine);

        Assert.Equal(one.Trace.Steps, other.Trace.Steps);
        Assert.Equal(one.Trace.Steps, replayed.Played);
        Assert.Null(replayed.Violation);
    }
}
