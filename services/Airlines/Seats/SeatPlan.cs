using Aerona.Airlines.Flights;
using Aerona.Contracts;
using Aerona.Pricing;

namespace Aerona.Airlines.Seats;

/// <summary>The seats of a cabin on a flight, as passengers get them.</summary>
internal sealed class SeatPlan
{
    private readonly FlightOnSale flight;
    private readonly Dictionary<string, Seat> byNumber;

    private SeatPlan(FlightOnSale flight, CabinMap map)
    {
        (this.flight, Map) = (flight, map);
        byNumber = map.Seats().ToDictionary(seat => seat.Number);
    }

    public CabinMap Map { get; }

    /// <summary>Row by row from the left, those among them that nobody gets.</summary>
    public IReadOnlyCollection<Seat> Seats => byNumber.Values;

    /// <summary>As Operations published it, else what is usual for the type; null when neither is known.</summary>
    public static SeatPlan? Of(FlightOnSale flight, Cabin cabin) =>
        (flight.SeatMap ?? StandardCabins.Of(flight.Aircraft))?.FirstOrDefault(map => map.Cabin == cabin) is { } map ? new(flight, map) : null;

    /// <summary>The seat of a number; null when there is none that passengers get.</summary>
    public Seat? Find(string number) => byNumber.GetValueOrDefault(number) is { } seat && !IsBlocked(seat) ? seat : null;

    public Money Price(Seat seat, string currency) => SeatTariff.Price(Map, seat, flight.Origin, flight.Destination, currency);

    public static bool IsBlocked(Seat seat) => seat.Characteristics.Contains(SeatCharacteristic.Blocked);

    public static bool IsExitRow(Seat seat) => seat.Characteristics.Contains(SeatCharacteristic.ExitRow);

    /// <summary>Seats nearest to one, that one not among them: by rows, then by places across.</summary>
    public IEnumerable<Seat> NearestTo(string number)
    {
        var (row, letter) = Split(number);
        return Seats.Where(seat => seat.Number != number && !IsBlocked(seat))
            .OrderBy(seat => Math.Abs(seat.Row - row)).ThenBy(seat => Math.Abs(Place(seat.Letter) - Place(letter))).ThenBy(seat => seat.Row).ThenBy(seat => seat.Letter);
    }

    private int Place(char letter) => Map.Letters.IndexOf(letter, StringComparison.Ordinal);

    private static (int Row, char Letter) Split(string number) => (int.TryParse(number.AsSpan(0, number.Length - 1), out var row) ? row : 0, number[^1]);
}
