using System.Text.Json.Serialization;
using Aerona.Contracts;

namespace Aerona.Operations.Fleet;

/// <summary>An airplane of the house.</summary>
internal sealed class Airplane
{
    /// <summary>As painted on it: <c>VN-A899</c>.</summary>
    public required string Registration { get; init; }

    public required string Model { get; init; }

    public required string Configuration { get; set; }

    /// <summary>Where it stands when it enters service; IATA airport.</summary>
    public required string StandsAt { get; init; }

    /// <summary>UTC; nothing is planned before.</summary>
    public required DateTimeOffset InServiceFrom { get; init; }

    /// <summary>Grows with every change of the plan. Whoever plans reads it first and saves it last, so that of two at once one is told to look again.</summary>
    public int PlanVersion { get; set; }

    public static bool IsRegistration(string text) => text.Length is >= 2 and <= 10 && text.All(letter => char.IsAsciiLetterUpper(letter) || char.IsAsciiDigit(letter) || letter == '-');
}

[JsonConverter(typeof(CamelCaseEnumConverter<UseKind>))]
internal enum UseKind
{
    /// <summary>Begin of service: it stands there.</summary>
    EntersService,
    Flight,
    Maintenance,
}

/// <summary>What an airplane does from one moment to another. A flight never overlaps anything; a maintenance window that overruns may reach into the next one.</summary>
internal sealed class AirplaneUse
{
    /// <summary>Of a maintenance window its id.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public required string Registration { get; init; }

    public required UseKind Kind { get; init; }

    /// <summary>Null unless it flies; a flight has one airplane at most.</summary>
    public string? FlightId { get; init; }

    /// <summary>Where it is when that begins.</summary>
    public required string FromAirport { get; init; }

    /// <summary>Where it is when that ends.</summary>
    public required string ToAirport { get; init; }

    /// <summary>UTC: off blocks, or when the hangar takes it.</summary>
    public required DateTimeOffset StartsAt { get; set; }

    /// <summary>UTC: on blocks, or when the hangar gives it back.</summary>
    public required DateTimeOffset EndsAt { get; set; }

    public static AirplaneUse Of(Airplane airplane, DatedFlight flight) => new()
    {
        Registration = airplane.Registration,
        Kind = UseKind.Flight,
        FlightId = flight.Id,
        FromAirport = flight.Origin,
        ToAirport = flight.Destination,
        StartsAt = flight.DepartsAt,
        EndsAt = flight.ArrivesAt,
    };

    /// <summary>The begin of the airplane's service as a use of no length.</summary>
    public static AirplaneUse Entry(Airplane airplane) => new()
    {
        Registration = airplane.Registration,
        Kind = UseKind.EntersService,
        FromAirport = airplane.StandsAt,
        ToAirport = airplane.StandsAt,
        StartsAt = airplane.InServiceFrom,
        EndsAt = airplane.InServiceFrom,
    };
}

/// <summary>Time in the hangar.</summary>
internal sealed class MaintenanceWindow
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public required string Registration { get; init; }

    public required string Airport { get; init; }

    /// <summary>What is done: <c>A check</c>.</summary>
    public required string Work { get; init; }

    public required DateTimeOffset PlannedFrom { get; init; }

    public required DateTimeOffset PlannedUntil { get; init; }

    /// <summary>When it is expected to end, or ended; later than planned is an overrun.</summary>
    public required DateTimeOffset Until { get; set; }

    /// <summary>When the airplane was given back; null before.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>Grows with every change.</summary>
    public int Version { get; set; }
}
