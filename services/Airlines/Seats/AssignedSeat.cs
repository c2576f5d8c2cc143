using Aerona.Contracts;

namespace Aerona.Airlines.Seats;

/// <summary>
/// A seat that a hold has: the row is there as long as the hold is live, and its key lets no second one be. Written and deleted under the lock of the cabin's
/// <see cref="SeatCount"/>.
/// </summary>
internal sealed class AssignedSeat
{
    public required string FlightId { get; init; }

    /// <summary>Row and letter: <c>12A</c>.</summary>
    public required string Number { get; init; }

    public required Guid HoldId { get; init; }
}

/// <summary>A seat chosen by a passenger, in the hold that has it.</summary>
/// <param name="PassengerId"><see cref="OfferPassenger.Id"/>.</param>
/// <param name="SegmentOrdinal"><see cref="Segment.Ordinal"/>.</param>
/// <param name="FlightId">The dated flight.</param>
/// <param name="Cabin">Where it is.</param>
/// <param name="Number">Null: other cabins had none left, the airport gives one.</param>
/// <param name="Characteristics">What the seat chosen had, and what it is replaced by should have.</param>
/// <param name="Price">What is paid for it; nothing any more once that went back because other cabins took it away.</param>
internal sealed record HeldSeat(
    string PassengerId, int SegmentOrdinal, string FlightId, Cabin Cabin, string? Number, IReadOnlyList<SeatCharacteristic> Characteristics, Money Price)
{
    public static HeldSeat Of(ChosenSeat chosen, Segment segment) =>
        new(chosen.PassengerId, chosen.SegmentOrdinal, segment.FlightId, segment.Cabin, chosen.Seat, chosen.Characteristics, chosen.Price);
}
