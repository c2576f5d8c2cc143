using Aerona.Fuzz;
using Xunit;

namespace Aerona.AllInOne.Tests;

/// <summary>What <c>./aerona fuzz</c> does, on the Aerona of the journeys.</summary>
public sealed class FuzzTests(RunningAerona aerona)
{
    [Fact]
    [Trait("long", "yes")]
    public async Task No_call_however_broken_is_answered_in_a_way_that_may_not_be()
    {
        var report = await new Fuzzer(aerona.Http, aerona.Token, seed: 4711).RunAsync(TimeSpan.FromMinutes(2), workers: 4, TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper?.WriteLine($"{report.Calls} calls, {report.Reached} of {report.Operations} operations reached with success, {report.Pairs} operations by status");
        Assert.Empty(report.Findings.Select(finding => $"{finding.Operation} {finding.What}\n  {finding.Curl}\n  {finding.Answer}"));
        Assert.True(report.Calls > report.Operations && report.Reached > report.Operations / 4, "too little was reached to mean anything");
    }
}
