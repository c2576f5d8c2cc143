using System.ComponentModel;
using System.Reflection;

namespace Aerona.Simulation;

/// <summary>Faults of design that can be planted into a simulated world, never into the product: a simulation that misses one of them proves nothing.</summary>
internal enum Bug
{
    [Description("none")] None,
    [Description("commit without the pin")] CommitWithoutPin,
    [Description("pinned hold released on expiry")] PinnedHoldLapses,
    [Description("availability by time while pin tests state")] AvailabilityByTime,
    [Description("new request id on retry")] NewRequestId,
    [Description("commit sent again instead of looked up")] CommitAgain,
    [Description("look-up that denies without closing the id")] LookUpDoesNotClose,
    [Description("release before hold without tombstone")] ReleaseWithoutTombstone,
    [Description("void answered while an authorise is in flight")] VoidDuringAuthorise,
    [Description("late PaymentAuthorized ignored in a final state")] LateAuthorisationIgnored,
    [Description("older attempt's capture ignored")] OlderCaptureIgnored,
    [Description("Compensating left after the first undo")] FirstUndoEnds,
    [Description("cancel during CommitUnknown compensates at once")] CancelDuringCommitUnknown,
    [Description("timer lost and never raised again")] NoMinuteSweep,
    [Description("acknowledged before commit")] AcknowledgedBeforeCommit,
    [Description("inbox forgets after 30 minutes and business keys are off")] ForgetfulInbox,
    [Description("void without ledger line")] VoidWithoutLedger,
    [Description("re-price holds the seats twice")] RepriceHoldsTwice,

    // What shows that a check can fail; nothing but that check sees them.
    [Description("a second wish to cancel takes back the first")] SecondCancelTakesBack,
    [Description("an approval closes another booking's of the same moment")] ApprovalClosesAnother,
    [Description("staff's decisions are forgotten")] DecisionsForgotten,
    [Description("staff's decisions are taken in any state")] DecisionsTakenAnywhere,
}

internal static class Bugs
{
    /// <summary>The seventeen.</summary>
    public static IReadOnlyList<Bug> All { get; } = [.. Enum.GetValues<Bug>().Where(bug => bug is > Bug.None and <= Bug.RepriceHoldsTwice)];

    /// <summary>Twists that show that the checks of I10 and I16 can fail.</summary>
    public static IReadOnlyList<Bug> OfChecks { get; } = [.. Enum.GetValues<Bug>().Where(bug => bug > Bug.RepriceHoldsTwice)];

    /// <summary>In words.</summary>
    public static string Words(this Bug bug) => typeof(Bug).GetField(bug.ToString())!.GetCustomAttribute<DescriptionAttribute>()!.Description;

    /// <summary>As an option's value: <c>commit-without-pin</c>.</summary>
    public static string Name(this Bug bug) => string.Concat(bug.ToString().Select((letter, at) => char.IsUpper(letter) ? (at == 0 ? "" : "-") + char.ToLowerInvariant(letter) : letter.ToString()));

    /// <summary>By its name, or null.</summary>
    public static Bug? Find(string name) => All.Concat(OfChecks).Cast<Bug?>().FirstOrDefault(bug => bug!.Value.Name() == name);
}
