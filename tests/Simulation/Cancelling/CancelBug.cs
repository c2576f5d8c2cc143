using System.ComponentModel;
using System.Reflection;

namespace Aerona.Simulation.Cancelling;

/// <summary>Faults of design that can be planted into a simulated cancellation, never into the product.</summary>
internal enum CancelBug
{
    [Description("none")] None,
    [Description("refund before the airline confirmed")] RefundBeforeTheAirline,
    [Description("lock not released when nothing was cancelled")] LockNotReleased,
    [Description("a second confirmation refunds twice")] SecondConfirmRefunds,
    [Description("a look-up denies without closing the id")] LookUpDoesNotClose,
    [Description("told again instead of looked up")] ToldAgain,
    [Description("a new refund id for each repeat")] NewRefundId,
    [Description("an older quote's confirmation is taken for the newest")] OlderQuoteTaken,
    [Description("a refund ends the tickets")] RefundEndsTickets,
}

internal static class CancelBugs
{
    public static IReadOnlyList<CancelBug> All { get; } = [.. Enum.GetValues<CancelBug>().Where(bug => bug != CancelBug.None)];

    /// <summary>In words.</summary>
    public static string Words(this CancelBug bug) => typeof(CancelBug).GetField(bug.ToString())!.GetCustomAttribute<DescriptionAttribute>()!.Description;
}
