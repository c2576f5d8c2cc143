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

/// <summary>Command to Notifications: tell somebody that a search he watches costs little. One mail for an alert and day, however often it is sent.</summary>
/// <param name="AlertId">Whose.</param>
/// <param name="On">UTC day of the mail.</param>
/// <param name="Email">Whom.</param>
/// <param name="Locale">BCP 47.</param>
/// <param name="Legs">What is searched.</param>
/// <param name="Travellers">How many fly.</param>
/// <param name="Price">The lowest for all of them; indicative.</param>
/// <param name="Was">What it cost when the alert began, where that was more.</param>
/// <param name="EndPath">Of the page that ends it, below our own address.</param>
/// <param name="At">UTC; when the price was seen.</param>
public sealed record SendPriceAlert(
    Guid AlertId, DateOnly On, string Email, string Locale, IReadOnlyList<AlertLeg> Legs, int Travellers, Money Price, Money? Was, string EndPath, DateTimeOffset At) : ICommand;

/// <summary>A leg of a search.</summary>
/// <param name="Origin">IATA airport or city.</param>
/// <param name="Destination">IATA airport or city.</param>
/// <param name="DepartsOn">Local date at the origin.</param>
public sealed record AlertLeg(string Origin, string Destination, DateOnly DepartsOn);
