using Aerona.Contracts.Operations;

namespace Aerona.Contracts.Notifications;

/// <summary>Command of Notifications to itself: mail a follower what is new of a flight.</summary>
/// <param name="SubscriptionId">Whom.</param>
/// <param name="Told">What the follower was told before; null for the first mail.</param>
/// <param name="Now">What is known now.</param>
/// <param name="Version">Of the flight's status; one mail for each.</param>
/// <param name="At">UTC; when that was reported.</param>
public sealed record SendFlightNews(Guid SubscriptionId, FlightStatus? Told, FlightStatus Now, long Version, DateTimeOffset At) : ICommand;
