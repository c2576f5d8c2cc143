using Aerona.Contracts;
using Aerona.Contracts.Operations;

namespace Aerona.Bookings.Seats;

/// <summary>How far a refund for seats has got.</summary>
internal enum SeatRefundState
{
    /// <summary>Owed; it waits for the money to be taken, or for the booking's lock.</summary>
    Owed,

    /// <summary>Asked of Payments.</summary>
    Asked,

    /// <summary>It went back.</summary>
    Made,

    /// <summary>Nothing was ever paid for these seats.</summary>
    NotOwed,

    /// <summary>It cannot go back by itself: a person has a case.</summary>
    WithStaff,
}

/// <summary>
/// What is owed back for chosen seats that other cabins took away. One for each time that cabins changed; the money paid for a seat is owed back once, however often
/// the seat becomes another.
/// </summary>
internal sealed class SeatRefund
{
    /// <summary>The refund at Payments, and the servicing by which the booking lets it be made.</summary>
    public required Guid Id { get; init; }

    public required Guid BookingId { get; init; }

    /// <summary>The seats that were not what was paid for any more, each with what was paid for it.</summary>
    public required IReadOnlyList<MovedSeat> Seats { get; init; }

    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>Minor units, more than nothing.</summary>
    public required long AmountMinor { get; init; }

    public SeatRefundState State { get; set; }

    /// <summary>Tries to have the booking's lock, or looks whether the money has been taken.</summary>
    public int Tries { get; set; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset OwedAt { get; init; }

    public Money Amount => new(AmountMinor, Currency);

    public bool IsSettled => State is SeatRefundState.Made or SeatRefundState.NotOwed or SeatRefundState.WithStaff;
}
