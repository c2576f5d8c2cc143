using Aerona.Simulation.Search;

namespace Aerona.Simulation.Tests;

/// <summary>A simulation that finds nothing proves nothing.</summary>
public sealed class PlantedBugTests
{
    [Theory]
    [InlineData("commit-without-pin")]
    [InlineData("new-request-id")]
    [InlineData("commit-again")]
    [InlineData("release-without-tombstone")]
    [InlineData("first-undo-ends")]
    [InlineData("acknowledged-before-commit")]
    [InlineData("forgetful-inbox")]
    [InlineData("void-without-ledger")]
    [InlineData("cancel-during-commit-unknown")]
    [InlineData("second-cancel-takes-back")]
    [InlineData("approval-closes-another")]
    [InlineData("decisions-forgotten")]
    [InlineData("decisions-taken-anywhere")]
    public void A_planted_bug_is_found_and_its_trace_shows_it_again(string name) => Find(name, mostSeeds: 500, mostStates: 100_000);

    [Theory]
    [Trait("long", "yes")]
    [InlineData("availability-by-time")]
    [InlineData("late-authorisation-ignored")]
    [InlineData("no-minute-sweep")]
    [InlineData("pinned-hold-lapses")]
    [InlineData("look-up-does-not-close")]
    [InlineData("reprice-holds-twice")]
    [InlineData("void-during-authorise")]
    [InlineData("older-capture-ignored")]
    public void A_planted_bug_that_hides_is_found_too(string name) => Find(name, mostSeeds: 40_000, mostStates: 400_000);

    [Fact]
    public void There_are_seventeen_and_each_is_looked_for()
    {
        var looked = typeof(PlantedBugTests).GetMethods().SelectMany(method => method.GetCustomAttributes(typeof(InlineDataAttribute), inherit: false))
            .Select(data => (string)((InlineDataAttribute)data).Data[0]!).ToHashSet();

        Assert.Equal(17, Bugs.All.Count);
        Assert.Equal(Bugs.All.Concat(Bugs.OfChecks).Select(bug => bug.Name()).Order(), looked.Order());
    }

    private static void Find(string name, int mostSeeds, long mostStates)
    {
        var bug = Bugs.Find(name)!.Value;

        var caught = Hunt.For(bug, mostSeeds, mostStates, TestContext.Current.CancellationToken);

        Assert.True(caught.Violation is not null, $"{bug.Words()} was not found in {caught.Seeds} seeds and {caught.States} states");
        TestContext.Current.TestOutputHelper?.WriteLine($"{bug.Words()}: {caught.Seeds} seeds, {caught.States} states\n{caught.Violation.Message}\n{caught.Trace}");
        Assert.Equal(caught.Violation.Invariant, Trace.Parse(caught.Trace!.ToString()).Play(new(Scenario.ShortTimes)).Violation?.Invariant);

        // It is the bug that does it.
        var without = caught.Trace with { Scenario = caught.Trace.Scenario with { Bug = Bug.None } };
        Assert.Null(without.Play(new(Scenario.ShortTimes)).Violation);
    }
}
