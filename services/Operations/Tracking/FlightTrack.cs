using System.Globalization;
using System.Text.Json.Serialization;
using Aerona.Contracts;
using Aerona.Contracts.Operations;
using Aerona.Reference;

namespace Aerona.Operations.Tracking;

/// <summary>What can be reported of a flight. Off and on blocks as scheduled are the schedule's.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<FactName>))]
internal enum FactName
{
    EstimatedOffBlock,
    ActualOffBlock,
    ScheduledTakeOff,
    EstimatedTakeOff,
    ActualTakeOff,
    ScheduledLanding,
    EstimatedLanding,
    ActualLanding,
    EstimatedOnBlock,
    ActualOnBlock,
    DepartureTerminal,
    DepartureGate,
    ArrivalTerminal,
    ArrivalGate,
    Belt,
    DelayReason,

    /// <summary>IATA airport.</summary>
    DivertedTo,

    /// <summary>Why it came back to where it left.</summary>
    Returned,

    /// <summary>Recorded with a cancellation, not reported by itself.</summary>
    CancelReason,
}

/// <summary>Who says so. Of two who say different things the later in this list is believed; of one, what it said last.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<FactSource>))]
internal enum FactSource
{
    /// <summary>Worked out from where the airplane is, or from what others did.</summary>
    Forecast,

    /// <summary>The airport's own system.</summary>
    Airport,

    /// <summary>The airplane itself, by data link.</summary>
    Aircraft,

    /// <summary>Somebody at the desk, who corrects the others.</summary>
    Desk,
}

/// <summary>Something reported of a flight; never changed, never deleted.</summary>
internal sealed class FlightFact
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public required string FlightId { get; init; }

    public required FactName Name { get; init; }

    /// <summary>An instant as ISO 8601 in UTC, or text; null: that source takes back what it said.</summary>
    public required string? Value { get; init; }

    public required FactSource Source { get; init; }

    /// <summary>UTC; when the source knew it.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>UTC; when it came here.</summary>
    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary>Subject of whoever sent it.</summary>
    public required string RecordedBy { get; init; }
}

/// <summary>A fact that is believed.</summary>
internal sealed record KnownFact(string Value, FactSource Source, DateTimeOffset At);

/// <summary>What is believed of a flight by now.</summary>
internal sealed class FlightTrack
{
    public required string FlightId { get; init; }

    /// <summary>Grows with every change of what is believed.</summary>
    public long Version { get; set; }

    public Dictionary<FactName, KnownFact> Known { get; set; } = [];

    /// <summary>What is to be believed of all that was reported: by precedence of the source, then by its time.</summary>
    public static Dictionary<FactName, KnownFact> Believed(IEnumerable<FlightFact> facts) => facts
        .GroupBy(fact => (fact.Name, fact.Source))
        .Select(said => said.MaxBy(fact => (fact.At, fact.RecordedAt, fact.Id))!)
        .Where(fact => fact.Value is not null)
        .GroupBy(fact => fact.Name)
        .Select(same => same.MaxBy(fact => fact.Source)!)
        .ToDictionary(fact => fact.Name, fact => new KnownFact(fact.Value!, fact.Source, fact.At));

    public static FlightTrack None(string flightId) => new() { FlightId = flightId };

    public DateTimeOffset? Time(FactName name) => Known.TryGetValue(name, out var fact) ? DateTimeOffset.Parse(fact.Value, CultureInfo.InvariantCulture) : null;

    public string? Text(FactName name) => Known.GetValueOrDefault(name)?.Value;

    /// <summary>The same in the words others know.</summary>
    public FlightStatus Status(DatedFlight flight) => new(
        flight.Id, new(flight.Carrier, flight.Number), flight.Origin, Airports.All[flight.Origin].Zone, flight.Destination, Airports.All[flight.Destination].Zone,
        State(flight), flight.DepartsAt, Time(FactName.EstimatedOffBlock), Time(FactName.ActualOffBlock), flight.ArrivesAt, Time(FactName.EstimatedOnBlock),
        Time(FactName.ActualOnBlock), Text(FactName.DepartureTerminal), Text(FactName.DepartureGate), Text(FactName.ArrivalTerminal), Text(FactName.ArrivalGate),
        Text(FactName.Belt), Text(FactName.CancelReason) ?? Text(FactName.Returned) ?? Text(FactName.DelayReason), Text(FactName.DivertedTo));

    private FlightState State(DatedFlight flight) =>
        flight.IsCancelled ? FlightState.Cancelled
        : Known.ContainsKey(FactName.Returned) ? FlightState.Returned
        : Known.ContainsKey(FactName.DivertedTo) ? FlightState.Diverted
        : Known.ContainsKey(FactName.ActualOnBlock) ? FlightState.Arrived
        : Known.ContainsKey(FactName.ActualLanding) ? FlightState.Landed
        : Known.ContainsKey(FactName.ActualTakeOff) ? FlightState.Airborne
        : Known.ContainsKey(FactName.ActualOffBlock) ? FlightState.OffBlock
        : FlightState.Scheduled;
}
