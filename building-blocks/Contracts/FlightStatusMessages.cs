using System.Text.Json.Serialization;

namespace Aerona.Contracts.Operations;

/// <summary>How far a flight is; in JSON camelCase. New ones may be added.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<FlightState>))]
public enum FlightState
{
    /// <summary>Not off its blocks yet.</summary>
    Scheduled,
    OffBlock,
    Airborne,
    Landed,

    /// <summary>On its blocks.</summary>
    Arrived,

    /// <summary>Goes, or went, to another airport.</summary>
    Diverted,

    /// <summary>Came back to where it left.</summary>
    Returned,
    Cancelled,
}

/// <summary>What is known of a flight on its day. Times are UTC, to the second; null is not known.</summary>
/// <param name="FlightId"><see cref="FlightDesignator.OnDate"/>.</param>
/// <param name="Flight">Marketing designator.</param>
/// <param name="Origin">IATA airport.</param>
/// <param name="DepartureZone">IANA zone there.</param>
/// <param name="Destination">IATA airport as sold; where it went instead is <paramref name="DivertedTo"/>.</param>
/// <param name="ArrivalZone">IANA zone there.</param>
/// <param name="State">How far it is.</param>
/// <param name="ScheduledOffBlock">As sold.</param>
/// <param name="EstimatedOffBlock">As expected now.</param>
/// <param name="ActualOffBlock">As it was.</param>
/// <param name="ScheduledOnBlock">As sold.</param>
/// <param name="EstimatedOnBlock">As expected now.</param>
/// <param name="ActualOnBlock">As it was.</param>
/// <param name="DepartureTerminal">As signposted.</param>
/// <param name="DepartureGate">As signposted.</param>
/// <param name="ArrivalTerminal">As signposted.</param>
/// <param name="ArrivalGate">As signposted.</param>
/// <param name="Belt">Where bags come.</param>
/// <param name="Reason">Of the delay or cancellation, for people.</param>
/// <param name="DivertedTo">IATA airport.</param>
public sealed record FlightStatus(
    string FlightId, FlightDesignator Flight, string Origin, string DepartureZone, string Destination, string ArrivalZone, FlightState State,
    DateTimeOffset ScheduledOffBlock, DateTimeOffset? EstimatedOffBlock, DateTimeOffset? ActualOffBlock, DateTimeOffset ScheduledOnBlock,
    DateTimeOffset? EstimatedOnBlock, DateTimeOffset? ActualOnBlock, string? DepartureTerminal = null, string? DepartureGate = null, string? ArrivalTerminal = null,
    string? ArrivalGate = null, string? Belt = null, string? Reason = null, string? DivertedTo = null);

/// <summary>Event: something of a flight's day is known that was not, or is otherwise than it was.</summary>
/// <param name="Before">What was known; its scheduled times are those sold before.</param>
/// <param name="Now">What is known.</param>
/// <param name="Version">Grows with every change of that flight's status.</param>
/// <param name="At">UTC; when it was reported.</param>
public sealed record FlightStatusChanged(FlightStatus Before, FlightStatus Now, long Version, DateTimeOffset At);

/// <summary>Command to Operations: say what is known of a flight, to somebody who begins to follow it.</summary>
/// <param name="SubscriptionId">Whose question it is; comes back with the answer.</param>
/// <param name="FlightId"><see cref="FlightDesignator.OnDate"/>.</param>
public sealed record TellFlightStatus(Guid SubscriptionId, string FlightId) : ICommand;

/// <summary>Event: the answer to <see cref="TellFlightStatus"/>.</summary>
/// <param name="SubscriptionId">As asked.</param>
/// <param name="Status">Null when there is no such flight, or it is over.</param>
/// <param name="Version">As of <see cref="FlightStatusChanged"/>; 0 before the first change.</param>
/// <param name="At">UTC.</param>
public sealed record FlightStatusTold(Guid SubscriptionId, FlightStatus? Status, long Version, DateTimeOffset At);
