using System.Text.Json.Serialization;
using Aerona.Contracts;
using Aerona.Contracts.Operations;

namespace Aerona.Operations.Equipment;

[JsonConverter(typeof(CamelCaseEnumConverter<EquipmentChangeState>))]
internal enum EquipmentChangeState
{
    /// <summary>Airlines is asked who would lose a seat.</summary>
    Checking,

    /// <summary>The flight is sold with the other cabins.</summary>
    Applied,

    /// <summary>Nothing has changed; the reason says why.</summary>
    Refused,
}

/// <summary>A wish to fly a flight with another model or other cabins.</summary>
internal sealed class EquipmentChange
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public required string FlightId { get; init; }

    /// <summary>Null where only the type was known.</summary>
    public required string? FromModel { get; init; }

    public required string? FromConfiguration { get; init; }

    public required string ToModel { get; init; }

    public required string ToConfiguration { get; init; }

    /// <summary>Made even if it has fewer seats than are taken.</summary>
    public required bool AcceptsTooFewSeats { get; init; }

    public EquipmentChangeState State { get; set; }

    /// <summary>Stable code; null unless refused.</summary>
    public string? Reason { get; set; }

    /// <summary>Seats taken by cabin, as Airlines said.</summary>
    public List<SeatsInCabin> Occupied { get; set; } = [];

    /// <summary>Bookings that find no seat.</summary>
    public List<AffectedBooking> Affected { get; set; } = [];

    /// <summary>Chosen seats that become others, as Airlines said; null: not asked.</summary>
    public IReadOnlyList<MovedSeat>? Moved { get; set; }

    /// <summary>The airplane that was taken off because it is built otherwise; null when none was.</summary>
    public string? FreedAirplane { get; set; }

    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>Grows with every change.</summary>
    public int Version { get; set; }
}
