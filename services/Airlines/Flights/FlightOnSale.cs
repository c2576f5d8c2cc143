using Aerona.Contracts;
using Aerona.Contracts.Operations;
using Aerona.Reference;

namespace Aerona.Airlines.Flights;

/// <summary>This service's copy of a dated flight, as last published by Operations.</summary>
internal sealed class FlightOnSale
{
    /// <summary><see cref="FlightDesignator.OnDate"/>.</summary>
    public required string FlightId { get; init; }

    public required long Version { get; init; }

    public required FlightDesignator Flight { get; init; }

    public required string OperatingCarrier { get; init; }

    public required string Origin { get; init; }

    public required string Destination { get; init; }

    /// <summary>Local day of departure.</summary>
    public required DateOnly DepartsOn { get; init; }

    public required DateTime DepartsLocal { get; init; }

    public required DateTimeOffset DepartsAt { get; init; }

    public required DateTime ArrivesLocal { get; init; }

    public required DateTimeOffset ArrivesAt { get; init; }

    public required string Aircraft { get; init; }

    public required IReadOnlyList<PublishedCabin> Cabins { get; init; }

    /// <summary>The outside supplier that sells it; null: the house airline.</summary>
    public string? Supplier { get; init; }

    /// <summary>The cabins built in; null where only the type is known.</summary>
    public IReadOnlyList<CabinMap>? SeatMap { get; private set; }

    public static FlightOnSale Of(PublishedFlight flight) => new()
    {
        FlightId = flight.FlightId,
        Version = flight.Version,
        Flight = flight.Flight,
        OperatingCarrier = flight.OperatingCarrier,
        Origin = flight.Origin,
        Destination = flight.Destination,
        DepartsOn = DateOnly.FromDateTime(flight.DepartsLocal),
        DepartsLocal = flight.DepartsLocal,
        DepartsAt = flight.DepartsAt,
        ArrivesLocal = flight.ArrivesLocal,
        ArrivesAt = flight.ArrivesAt,
        Aircraft = flight.Aircraft,
        Cabins = flight.Cabins,
        Supplier = flight.Supplier,
        SeatMap = flight.SeatMap,
    };

    /// <summary>The same flight with other cabins built in; not saved.</summary>
    public FlightOnSale With(IReadOnlyList<CabinMap> seatMap)
    {
        var other = (FlightOnSale)MemberwiseClone();
        other.SeatMap = seatMap;
        return other;
    }

    /// <summary>What is sold of that cabin, or null when nothing is.</summary>
    public PublishedCabin? Find(Cabin cabin) => Cabins.FirstOrDefault(sold => sold.Cabin == cabin);

    /// <summary>Lap infants the aircraft may carry; an unknown type carries none.</summary>
    public int LapInfants => AircraftTypes.Find(Aircraft)?.LapInfants ?? 0;
}
