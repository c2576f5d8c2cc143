using Aerona.Contracts;

namespace Aerona.Sandbox.HouseAirline;

/// <summary>What the house airline does to a booking: the surname of any passenger, as sent to the airline, picks it.</summary>
internal static class Scenario
{
    /// <summary>The order is refused.</summary>
    public const string SoldOut = "SOLDOUT";

    /// <summary>No answer to the order and nothing bought; look-ups tell the truth.</summary>
    public const string TimeoutBefore = "TIMEOUTBEFORE";

    /// <summary>Bought, but the answer is lost; look-ups tell the truth.</summary>
    public const string TimeoutAfter = "TIMEOUTAFTER";

    /// <summary>The order is being worked on for some look-ups, then confirmed.</summary>
    public const string Pending = "PENDING";

    /// <summary>The order is being worked on for some look-ups, then refused.</summary>
    public const string PendingRefused = "PENDINGREFUSED";

    /// <summary>Bought, but for very many look-ups the airline does not say so.</summary>
    public const string Silent = "SILENT";

    /// <summary>Bought at once; the ticket numbers come some look-ups later.</summary>
    public const string NumbersLater = "NUMBERSLATER";

    /// <summary>Bought, but look-ups deny it; a while after the first of them the airline confirms, unasked.</summary>
    public const string ConfirmsLate = "CONFIRMSLATE";

    /// <summary>No answer to the wish for seats and nothing held; the look-up tells the truth.</summary>
    public const string HoldTimeoutBefore = "HOLDTIMEOUTBEFORE";

    /// <summary>Seats held, but the answer is lost; the look-up tells the truth.</summary>
    public const string HoldTimeoutAfter = "HOLDTIMEOUTAFTER";

    /// <summary>The airline gives the first seats it held away before they are pinned; those it holds next stay.</summary>
    public const string HoldLapses = "HOLDLAPSES";

    /// <summary>Once seats are held every fare is a tenth higher than published.</summary>
    public const string FareRises = "FARERISES";

    /// <summary>A quote for a cancellation takes a while.</summary>
    public const string QuoteSlow = "QUOTESLOW";

    /// <summary>A quote for a cancellation has expired when it is given.</summary>
    public const string QuoteExpires = "QUOTEEXPIRES";

    /// <summary>No answer to a cancellation and nothing cancelled; look-ups tell the truth.</summary>
    public const string CancelTimeoutBefore = "CANCELTIMEOUTBEFORE";

    /// <summary>Cancelled, but the answer is lost; look-ups tell the truth.</summary>
    public const string CancelTimeoutAfter = "CANCELTIMEOUTAFTER";

    /// <summary>What was quoted is refused.</summary>
    public const string CancelRefused = "CANCELREFUSED";

    /// <summary>Cancelled, and a tenth less comes back than was quoted.</summary>
    public const string RefundLess = "REFUNDLESS";

    /// <summary>Cancelled, and the airline does not say what comes back.</summary>
    public const string RefundUnknown = "REFUNDUNKNOWN";

    /// <summary>The scenarios that one of these passengers asks for.</summary>
    public static bool IsAskedFor(this IEnumerable<Passenger> passengers, string scenario) => passengers.Any(passenger => passenger.TicketSurname == scenario);
}
