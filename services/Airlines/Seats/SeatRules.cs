using Aerona.Contracts;

namespace Aerona.Airlines.Seats;

/// <summary>Who may sit where.</summary>
internal static class SeatRules
{
    private const int AdultAge = 12;

    /// <summary>Why somebody of that type may not have a seat; null when they may. Who is known to have a baby on the lap is asked below.</summary>
    public static (string Code, string Detail)? WhyNot(PassengerType type, Seat seat) => (type, SeatPlan.IsExitRow(seat)) switch
    {
        (PassengerType.Infant, _) => ("seat.infant", "A lap infant has no seat of its own."),
        (PassengerType.Child, true) => ("seat.exit_row", "At an emergency exit sit adults only, who can help others out."),
        _ => null,
    };

    /// <summary>The same once it is known who travels: how old on the day, and with a baby on the lap or not.</summary>
    public static bool MayHave(Passenger passenger, IReadOnlyList<Passenger> party, DateOnly day, Seat seat) =>
        passenger.Type != PassengerType.Infant
        && (!SeatPlan.IsExitRow(seat) || (passenger.BirthDate.AddYears(AdultAge) <= day && !party.Any(other => other.AccompaniedBy == passenger.Id)));
}
