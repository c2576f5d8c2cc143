using Aerona.Contracts;
using Aerona.Contracts.Operations;
using Aerona.Reference;

namespace Aerona.Operations;

/// <summary>A flight on a date, as the house sells it. Operations owns it; everybody else knows it from <see cref="FlightsPublished"/>.</summary>
internal sealed class DatedFlight
{
    /// <summary><see cref="FlightDesignator.OnDate"/>.</summary>
    public required string Id { get; init; }

    /// <summary>Grows with every change; 1 when it was made.</summary>
    public long Version { get; set; } = 1;

    /// <summary>Marketing airline.</summary>
    public required string Carrier { get; init; }

    /// <summary>Flight number, 1 to 9999.</summary>
    public required int Number { get; init; }

    /// <summary>Who flies it.</summary>
    public required string OperatingCarrier { get; init; }

    public required string Origin { get; init; }

    public required string Destination { get; init; }

    /// <summary>Local date at the origin.</summary>
    public required DateOnly DepartsOn { get; init; }

    /// <summary>Wall clock at the origin.</summary>
    public required DateTime DepartsLocal { get; set; }

    /// <summary>The same moment in UTC.</summary>
    public required DateTimeOffset DepartsAt { get; set; }

    /// <summary>Wall clock at the destination.</summary>
    public required DateTime ArrivesLocal { get; set; }

    /// <summary>The same moment in UTC.</summary>
    public required DateTimeOffset ArrivesAt { get; set; }

    /// <summary>IATA type code.</summary>
    public required string Aircraft { get; set; }

    public required IReadOnlyList<PublishedCabin> Cabins { get; set; }

    /// <summary>The import it came with; null for the seed world and for schedules.</summary>
    public Guid? ImportId { get; init; }

    /// <summary>The schedule it was made from; null for the seed world and for imports.</summary>
    public Guid? ScheduleId { get; init; }

    /// <summary>The model of airplane and its cabin configuration; null where only the type is known.</summary>
    public string? Model { get; set; }

    /// <summary>See <see cref="Model"/>.</summary>
    public string? Configuration { get; set; }

    /// <summary>Published and not withdrawn.</summary>
    public bool IsOnSale { get; set; } = true;

    /// <summary>It was on sale once, so others know it and seats may be sold on it.</summary>
    public bool WasOnSale { get; set; } = true;

    /// <summary>Who took it off; null while it is to be flown.</summary>
    public CancelledBy? CancelledBy { get; set; }

    public bool IsCancelled => CancelledBy is not null;

    /// <summary>A new flight; its date is that of the local departure after daylight saving had its say.</summary>
    public static DatedFlight New(
        FlightDesignator flight, Airport origin, Airport destination, DateTime departsLocal, TimeSpan block, AircraftType aircraft,
        IReadOnlyList<PublishedCabin> cabins, Guid? importId = null)
    {
        var (local, departsAt) = FlightRules.Moment(departsLocal, origin.TimeZone);
        var departsOn = DateOnly.FromDateTime(local);
        return new()
        {
            Id = flight.OnDate(departsOn),
            Carrier = flight.Carrier,
            Number = flight.Number,
            OperatingCarrier = flight.Carrier,
            Origin = origin.Code,
            Destination = destination.Code,
            DepartsOn = departsOn,
            DepartsLocal = local,
            DepartsAt = departsAt,
            ArrivesLocal = FlightRules.LocalTime(departsAt + block, destination.TimeZone),
            ArrivesAt = departsAt + block,
            Aircraft = aircraft.Code,
            Cabins = cabins,
            ImportId = importId,
        };
    }

    /// <summary>As the others hear of it: one that is not sold has no cabins.</summary>
    /// <param name="seatMap">The cabins built in; null where only the type is known.</param>
    public PublishedFlight Published(IReadOnlyList<CabinMap>? seatMap = null) => new(
        Id, Version, new(Carrier, Number), OperatingCarrier, Origin, Destination, DepartsLocal, DepartsAt, ArrivesLocal, ArrivesAt, Aircraft,
        IsOnSale && !IsCancelled ? Cabins : [], SeatMap: seatMap);
}

internal enum CancelledBy
{
    /// <summary>The schedule it was made from does not have that day any more; it comes back when the schedule has it again.</summary>
    Schedule,

    /// <summary>Somebody at the desk; for good.</summary>
    Desk,
}
