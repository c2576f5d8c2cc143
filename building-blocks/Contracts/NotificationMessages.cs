using Aerona.Contracts.Operations;

namespace Aerona.Contracts.Notifications;

/// <summary>Command of Notifications to itself: send a mail that is due.</summary>
/// <param name="MessageId">Its Message-ID without brackets.</param>
/// <param name="Attempt">1 for the first; any but the newest asked for does nothing.</param>
public sealed record SendDueMail(string MessageId, int Attempt) : ICommand;

/// <summary>Command of Notifications to itself: mail a follower what is new of a flight.</summary>
/// <param name="SubscriptionId">Whom.</param>
/// <param name="Told">What the follower was told before; null for the first mail.</param>
/// <param name="Now">What is known now.</param>
/// <param name="Version">Of the flight's status; one mail for each.</param>
/// <param name="At">UTC; when that was reported.</param>
public sealed record SendFlightNews(Guid SubscriptionId, FlightStatus? Told, FlightStatus Now, long Version, DateTimeOffset At) : ICommand;

/// <summary>Command of Notifications to itself: send what is due to an API client's endpoint, which has answered so far.</summary>
/// <param name="EndpointId">The endpoint.</param>
public sealed record DeliverWebhooks(Guid EndpointId) : ICommand;

/// <summary>Command of Notifications to itself: the same for an endpoint that failed last; with a queue of its own, so that those that hang hold up each other and nobody else.</summary>
/// <param name="EndpointId">The endpoint.</param>
public sealed record RetryWebhooks(Guid EndpointId) : ICommand;

/// <summary>Command of Notifications to itself: send a notice to a browser's push service.</summary>
/// <param name="NoticeId">The notice.</param>
/// <param name="Attempt">From 1.</param>
public sealed record SendPush(Guid NoticeId, int Attempt) : ICommand;

/// <summary>Event: an API client's endpoint gets nothing any more until its owner enables it again.</summary>
/// <param name="EndpointId">The endpoint.</param>
/// <param name="Owner">The subject of the token that made it.</param>
/// <param name="Reason">Stable code: <c>endpoint.failing</c>, <c>endpoint.gone</c> (it answered 410).</param>
/// <param name="FailingSince">UTC; its first failure since it last answered.</param>
/// <param name="At">UTC.</param>
public sealed record WebhookEndpointDisabled(Guid EndpointId, string Owner, string Reason, DateTimeOffset? FailingSince, DateTimeOffset At);
