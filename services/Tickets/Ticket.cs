using System.Collections.Frozen;
using System.Text.Json.Serialization;
using Aerona.Contracts;
using Aerona.Contracts.Cancellations;

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

    /// <summary>Why not, in words that name both; null when it may.</summary>
    public static string? Refusal(this CouponStatus from, CouponStatus to) =>
        from.MayBecome(to) ? null
        : from == to ? $"coupon.is_{Code(to)}: it is {Word(to)} already"
        : from.IsFinal() ? $"coupon.{Code(from)}_is_final: a coupon that is {Word(from)} cannot become {Word(to)}"
        : $"coupon.{Code(from)}_not_{Code(to)}: a coupon that is {Word(from)} cannot become {Word(to)} before it is open again";

    private static string Code(CouponStatus status) => status == CouponStatus.CheckedIn ? "checked_in" : status.ToString().ToLowerInvariant();

    private static string Word(CouponStatus status) => Code(status).Replace('_', ' ');

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

    /// <summary>The cancellation that ended it, or null.</summary>
    public Guid? EndedBy { get; private set; }

    /// <summary>UTC, when a cancellation ended it, or null.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>Ends it for a cancellation, if it is open; otherwise changes nothing and says false.</summary>
    public bool End(CouponStatus status, Guid cancellationId, DateTimeOffset now)
    {
        if (Status != CouponStatus.Open || !Become(status))
            return false;

        (EndedBy, EndedAt) = (cancellationId, now);
        return true;
    }

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

    /// <summary>Ends those coupons of it that are open: void when they are the whole document and all are open, else refunded.</summary>
    public void End(IReadOnlyCollection<Coupon> coupons, CouponEnd end, Guid cancellationId, DateTimeOffset now)
    {
        var isVoid = end == CouponEnd.Void && coupons.Count == Coupons.Count && coupons.All(coupon => coupon.Status == CouponStatus.Open);
        foreach (var coupon in coupons)
            coupon.End(isVoid ? CouponStatus.Void : CouponStatus.Refunded, cancellationId, now);
    }

    /// <summary>Whether anything of it can still be flown.</summary>
    public bool IsGood => Coupons.Exists(coupon => !coupon.Status.IsFinal());

    /// <summary>Thirteen digits and nothing else; there is no check digit in them.</summary>
    public static bool IsNumber(string? text) => text is { Length: 13 } && text.All(char.IsAsciiDigit);

    /// <summary>The number of a printed form, hyphens and blanks allowed; null when it is none.</summary>
    public static string? ParseNumber(string text) =>
        text.Replace("-", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal) is var number && IsNumber(number) ? number : null;
}
