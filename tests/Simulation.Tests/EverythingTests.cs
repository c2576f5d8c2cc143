using Aerona.Simulation.Search;

namespace Aerona.Simulation.Tests;

/// <summary>Every world within small bounds; the larger ones are for <c>./aerona simulate</c> and <c>./aerona test --all</c>.</summary>
public sealed class EverythingTests
{
    public static TheoryData<int, int, int, bool> Small { get; } = new()
    {
        // bookings, faults, turns, paid later
        { 1, 0, 1, false },
        { 1, 0, 0, true },
        { 1, 1, 0, false },
        { 2, 0, 0, false },
    };

    public static TheoryData<int, int, int, bool> Large { get; } = new()
    {
        { 1, 0, 2, false },
        { 1, 0, 1, true },
        { 1, 1, 1, false },
        { 2, 1, 0, false },
    };

    [Theory]
    [MemberData(nameof(Small))]
    public void Whatever_happens_within_the_bounds_nothing_is_violated_and_everything_comes_to_rest(int bookings, int faults, int turns, bool later) =>
        Explore(bookings, faults, turns, later);

    [Theory]
    [Trait("long", "yes")]
    [MemberData(nameof(Large))]
    public void Whatever_happens_within_larger_bounds_nothing_is_violated_and_everything_comes_to_rest(int bookings, int faults, int turns, bool later) =>
        Explore(bookings, faults, turns, later);

    private static void Explore(int bookings, int faults, int turns, bool later)
    {
        var scenario = new Scenario(Bookings: bookings, Seats: bookings == 1 ? 2 : 1, Faults: faults, Turns: turns, PayLater: later);

        var found = new Explorer(scenario, TimeProvider.System).Run(null, TestContext.Current.CancellationToken);

        Assert.True(found.Violation is null, found.Violation is null
            ? ""
            : $"{found.Violation.Message}\n{new Trace(scenario, found.Trace).Shrink(new(scenario.TimesOrShort), found.Violation)}");
        Assert.True(found.Complete);
        Assert.True(found.States > 100, $"{found.States} states");
    }
}
