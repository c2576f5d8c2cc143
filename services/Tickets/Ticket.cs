using System.Collections.Frozen;
using System.Text.Json.Serialization;
using Aerona.Contracts;

namespace Aerona.Tickets;

/// <summary>Where a coupon stands in its life. Its right to fly is gone in the last four.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<CouponStatus>))]
internal enum CouponStatus
{
    Open,
    CheckedIn,
    Flown,
    Exchanged,
    Refunded,
    Void,
}

/// <summary>What may follow what. Final: flown, exchanged, refunded, void.</summary>
internal static class CouponLife
{
    public static readonly FrozenDictionary<CouponStatus, CouponStatus[]> Next = new Dictionary<CouponStatus, CouponStatus[]>
    {
        // Uplift is reported without a check-in when that message was lost on the way.
        [CouponStatus.Open] = [CouponStatus.CheckedIn, CouponStatus.Flown, CouponStatus.Exchanged, CouponStatus.Refunded, CouponStatus.Void],
        // Off-loaded passengers get their coupon back open; until then it can be neither exchanged nor refunded.
        [CouponStatus.CheckedIn] = [CouponStatus.Open, CouponStatus.Flown],
        [CouponStatus.Flown] = [],
        [CouponStatus.Exchanged] = [],
        [CouponStatus.Refunded] = [],
        [CouponStatus.Void] = [],
    }.ToFrozenDictionary();

    public static bool MayBecome(this CouponStatus from, CouponStatus to) => Next[from].Contains(to);

    public static bool IsFinal(this CouponStatus status) => Next[status].Length == 0;
}

/// <summary>The right of one passenger to fly one segment.</summary>
internal sealed class Coupon
{
    public required string TicketNumber { get; init; }

    /// <summary>1 to 4: its place in this ticket document.</summary>
    public required int Number { get; init; }

    /// <summary>The segment's place in the journey.</summary>
    public required int SegmentOrdinal { get; init; }

    public required string FlightId { get; init; }

    /// <summary>Marketing designator: <c>AA101</c>.</summary>
    public required string Flight { get; init; }

    public required string Origin { get; init; }

    public required string Destination { get; init; }

    /// <summary>Wall clock at the origin.</summary>
    public required DateTime DepartsLocal { get; init; }

    public required string BookingClass { get; init; }

    public required string FareBasis { get; init; }

    public required string BaggageAllowance { get; init; }

    public CouponStatus Status { get; private set; } = CouponStatus.Open;

    /// <summary>Moves on if <see cref="CouponLife.Next"/> allows it; otherwise changes nothing and says false.</summary>
    public bool Become(CouponStatus status)
    {
        if (!Status.MayBecome(status))
            return false;

        Status = status;
        return true;
    }
}

/// <summary>
/// An electronic ticket document: up to four coupons of one passenger. A longer journey has several with numbers in conjunction. Numbers come from the
/// airline's stock and are never used again.
/// </summary>
internal sealed class Ticket
{
    public const int MostCoupons = 4;

    /// <summary>13 digits, leading zeros kept.</summary>
    public required string Number { get; init; }

    public required Guid OrderId { get; init; }

    public required Guid BookingId { get; init; }

    /// <summary>Subject of who booked; null for a guest.</summary>
    public required string? Owner { get; init; }

    public required string Locator { get; init; }

    public required string PassengerId { get; init; }

    public required PassengerType PassengerType { get; init; }

    /// <summary>As printed: <c>SMITH/JOHN</c>.</summary>
    public required string PassengerName { get; init; }

    /// <summary>The first document's number, also on itself: the same for all documents of a passenger's journey.</summary>
    public required string PrimaryNumber { get; init; }

    /// <summary>IATA designator of whose ticket it is.</summary>
    public required string ValidatingCarrier { get; init; }

    public required DateTimeOffset IssuedAt { get; init; }

    public List<Coupon> Coupons { get; init; } = [];

    /// <summary>Voids every coupon; false, and nothing changed, unless all are open.</summary>
    public bool Void()
    {
        if (Coupons.Any(coupon => coupon.Status != CouponStatus.Open))
            return false;

        Coupons.ForEach(coupon => coupon.Become(CouponStatus.Void));
        return true;
    }

    /// <summary>Thirteen digits and nothing else; there is no check digit in them.</summary>
    public static bool IsNumber(string? text) => text is { Length: 13 } && text.All(char.IsAsciiDigit);

    /// <summary>The number of a printed form, hyphens and blanks allowed; null when it is none.</summary>
    public static string? ParseNumber(string text) =>
        text.Replace("-", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal) is var number && IsNumber(number) ? number : null;
}
