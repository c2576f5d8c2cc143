namespace Aerona.Contracts.Operations;

/// <summary>Seats of a cabin.</summary>
public sealed record SeatsInCabin(Cabin Cabin, int Seats);

/// <summary>Command to Airlines: say who would lose a seat if a flight had so many.</summary>
/// <param name="ChangeId">The wish; comes back with the answer.</param>
/// <param name="FlightId"><see cref="FlightDesignator.OnDate"/>.</param>
/// <param name="BuiltIn">Seats of the other configuration; a cabin that is not named has none.</param>
public sealed record CheckEquipment(Guid ChangeId, string FlightId, IReadOnlyList<SeatsInCabin> BuiltIn) : ICommand;

/// <summary>Event: the answer to <see cref="CheckEquipment"/>.</summary>
/// <param name="ChangeId">As asked.</param>
/// <param name="Occupied">Seats held, pinned and sold, of cabins that have any.</param>
/// <param name="Affected">Bookings that would find no seat, the last to come first; none when all fit.</param>
public sealed record EquipmentChecked(Guid ChangeId, IReadOnlyList<SeatsInCabin> Occupied, IReadOnlyList<AffectedBooking> Affected);

/// <summary>A booking that does not fit into a cabin any more.</summary>
/// <param name="BookingId">The booking.</param>
/// <param name="Cabin">Where it has seats.</param>
/// <param name="Seats">How many it has there; all of them are counted, so that nobody is parted.</param>
public sealed record AffectedBooking(Guid BookingId, Cabin Cabin, int Seats);
