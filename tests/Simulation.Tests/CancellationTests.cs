using Aerona.Simulation.Cancelling;

namespace Aerona.Simulation.Tests;

/// <summary>Cancellations of a bought booking: everything within small bounds, histories by chance, and planted bugs that must be found.</summary>
public sealed class CancellationTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Bugs => [.. CancelBugs.All.Select(bug => bug.ToString())];

    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(1, 1, 0)]
    [InlineData(2, 0, 0)]
    public void Whatever_happens_within_the_bounds_nothing_is_violated_and_every_cancellation_ends(int cancellations, int faults, int turns)
    {
        var search = new CancelSearch(new(cancellations, faults, turns), TimeProvider.System);
        var found = search.Everything(cancellationToken: Stop);

        Assert.True(found.Violation is null, $"{found.Violation?.Message}\n{string.Join('\n', found.Trace)}");
        Assert.True(found.Complete);
        Assert.True(found.States > 100, $"{found.States} states");
        Assert.Superset(new HashSet<string> { "Cancelled", "Lapsed", "Refused" }, search.Been);
        if (turns > 0)
        {
            Assert.Equal(14, search.Been.Count);     // every state of the machine
        }
    }

    [Fact]
    public void Histories_by_chance_violate_nothing()
    {
        foreach (var many in new[] { 1, 2 })
        {
            var search = new CancelSearch(new(many, Faults: 5, Turns: 5), TimeProvider.System);
            for (var seed = 1; seed <= 500; seed++)
            {
                var (_, violation, trace) = search.Play(seed);
                Assert.True(violation is null, $"seed {seed}: {violation?.Message}\n{string.Join('\n', trace)}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Bugs))]
    public void A_planted_bug_is_found(string bug)
    {
        var (states, violation, _) = CancelSearch.Hunt(Enum.Parse<CancelBug>(bug), TimeProvider.System, Stop);

        Assert.True(violation is not null, $"not found in {states} states");
        Assert.DoesNotContain("Exception", violation.Message, StringComparison.Ordinal);      // found for what it is
    }
}
