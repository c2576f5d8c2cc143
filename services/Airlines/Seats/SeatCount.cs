using Aerona.Airlines.Flights;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;

namespace Aerona.Airlines.Seats;

/// <summary>
/// What is counted of a flight: the seats of a cabin, or its lap infants, for whom the aircraft has a limited number of masks and vests. Opened at the
/// first hold. Whoever changes one locks it first, several in the order of their keys, and before any hold.
/// </summary>
internal sealed class SeatCount
{
    /// <summary><c>VN55-20261201/Economy</c>, or <c>VN55-20261201/LapInfants</c>.</summary>
    public required string Key { get; init; }

    public required string FlightId { get; init; }

    /// <summary>Null for lap infants.</summary>
    public required Cabin? Cabin { get; init; }

    /// <summary>How many may be sold: not the seats built in. May fall below <see cref="Occupied"/>; then the flight is oversold and sells no more.</summary>
    public required int Authorised { get; set; }

    /// <summary>Held, pinned and sold.</summary>
    public int Occupied { get; private set; }

    /// <summary>Grows with every move.</summary>
    public long Version { get; private set; }

    /// <summary>What can still be sold, never negative.</summary>
    public int Left => Math.Max(0, Authorised - Occupied);

    public static string KeyOf(string flightId, Cabin? cabin) => $"{flightId}/{cabin?.ToString() ?? "LapInfants"}";

    public static SeatCount Open(FlightOnSale flight, Cabin? cabin) => new()
    {
        Key = KeyOf(flight.FlightId, cabin),
        FlightId = flight.FlightId,
        Cabin = cabin,
        Authorised = AuthorisedOn(flight, cabin),
    };

    public static int AuthorisedOn(FlightOnSale flight, Cabin? cabin) => cabin is { } sold ? flight.Find(sold)?.Authorised ?? 0 : flight.LapInfants;

    public void Take(int seats) => Move(seats);

    public void GiveBack(int seats) => Move(-seats);

    public void Authorise(int seats)
    {
        Authorised = seats;
        Version++;
    }

    public SeatAvailabilityChanged? Changed() => Cabin is { } cabin ? new(FlightId, cabin, Left, Version) : null;

    private void Move(int seats)
    {
        if (Occupied + seats < 0)
        {
            throw new InvalidOperationException($"{Key} would have {Occupied + seats} seats occupied");
        }

        Occupied += seats;
        Version++;
    }
}
