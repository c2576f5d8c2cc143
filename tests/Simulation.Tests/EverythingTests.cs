using Aerona.Simulation.Search;

namespace Aerona.Simulation.Tests;

/// <summary>Every world within small bounds; the larger ones are for <c>./aerona simulate</c> and <c>./aerona test --all</c>.</summary>
public sealed class EverythingTests
{
    public static TheoryData<int, int, int, bool, bool> Small { get; } = new()
    {
        // bookings, faults, turns, paid later, I10 compared in every world
        { 1, 0, 1, false, true },
        { 1, 0, 0, true, true },
        { 1, 1, 0, false, false },
        { 2, 0, 0, false, false },
    };

    public static TheoryData<int, int, int, bool, bool> Large { get; } = new()
    {
        { 1, 0, 2, false, false },
        { 1, 0, 1, true, false },
        { 1, 1, 0, false, true },
        { 2, 0, 0, false, true },
        { 1, 2, 0, false, false },
        { 2, 1, 0, false, false },
    };

    [Theory]
    [MemberData(nameof(Small))]
    public void Whatever_happens_within_the_bounds_nothing_is_violated_and_everything_comes_to_rest(int bookings, int faults, int turns, bool later, bool compared) =>
        Explore(bookings, faults, turns, later, compared);

    [Theory]
    [Trait("long", "yes")]
    [MemberData(nameof(Large))]
    public void Whatever_happens_within_larger_bounds_nothing_is_violated_and_everything_comes_to_rest(int bookings, int faults, int turns, bool later, bool compared) =>
        Explore(bookings, faults, turns, later, compared);

    private static void Explore(int bookings, int faults, int turns, bool later, bool compared)
    {
        var scenario = new Scenario(Bookings: bookings, Seats: bookings == 1 ? 2 : 1, Faults: faults, Turns: turns, PayLater: later, Compared: compared);

        var explorer = new Explorer(scenario, TimeProvider.System);
        var found = explorer.Run(null, TestContext.Current.CancellationToken);

        Assert.True(found.Violation is null, found.Violation is null
            ? ""
            : $"{found.Violation.Message}\n{new Trace(scenario, found.Trace).Shrink(new(scenario.TimesOrShort), found.Violation)}");
        Assert.True(found.Complete);
        Assert.True(found.States > 100, $"{found.States} states");
        Assert.True(!compared || explorer.Comparison is { Pairs: > 0, Repeats: > 0 }, "nothing was compared");
        Assert.Superset(new HashSet<string> { "Confirmed", "Completed", "Expired", "Rejected" }.Take(turns + faults > 0 ? 3 : 0).ToHashSet(), explorer.Been);
    }
}
