using System.Text.Json.Serialization;
using Aerona.Contracts;

namespace Aerona.Notifications.Hooks;

[JsonConverter(typeof(CamelCaseEnumConverter<WebhookState>))]
internal enum WebhookState
{
    /// <summary>Gets the events it asked for.</summary>
    Enabled,

    /// <summary>Gets nothing: its owner said so, or it has failed for too long.</summary>
    Disabled,

    /// <summary>Taken away by its owner; shown to nobody.</summary>
    Deleted,
}

/// <summary>Where an API client wants to hear of events.</summary>
internal sealed class WebhookEndpoint
{
    public required Guid Id { get; init; }

    /// <summary>The subject of the token that made it.</summary>
    public required string Owner { get; init; }

    /// <summary><c>live</c> or <c>test</c>, as the token says.</summary>
    public required string Mode { get; init; }

    public required string Url { get; set; }

    public string? Description { get; set; }

    /// <summary>Empty: all.</summary>
    public required IReadOnlyList<string> Types { get; set; }

    public WebhookState State { get; set; }

    /// <summary>Stable code when it is disabled: <c>endpoint.by_owner</c>, <c>endpoint.failing</c>, <c>endpoint.gone</c>.</summary>
    public string? DisabledReason { get; set; }

    /// <summary>The newest first; at most two are active.</summary>
    public required IReadOnlyList<SealedSecret> Secrets { get; set; }

    /// <summary>Of the last event for it; counts from 1 without a gap.</summary>
    public long LastSequence { get; set; }

    /// <summary>Tries that failed since the last one that did not.</summary>
    public int Failures { get; set; }

    /// <summary>UTC; when the first of those was.</summary>
    public DateTimeOffset? FailingSince { get; set; }

    /// <summary>UTC; when it is looked after next, now or past while that is on its way. Null: nothing waits.</summary>
    public DateTimeOffset? DriveAt { get; set; }

    /// <summary>Takes back what is scheduled for then.</summary>
    public Guid? DriveToken { get; set; }

    /// <summary>All that waits is due when it is looked after next.</summary>
    public bool IsResumed { get; set; }

    /// <summary>Changes with everything that its owner changes.</summary>
    public int Revision { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <param name="Secret">See <see cref="WebhookSecrets"/>.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="EndsAt">UTC; from then on nothing is signed with it. Null: no end.</param>
internal sealed record SealedSecret(string Secret, DateTimeOffset CreatedAt, DateTimeOffset? EndsAt);

[JsonConverter(typeof(CamelCaseEnumConverter<WebhookDeliveryState>))]
internal enum WebhookDeliveryState
{
    Pending,

    /// <summary>Answered with 2xx.</summary>
    Delivered,

    /// <summary>Tried for 72 hours.</summary>
    GivenUp,
}

/// <summary>An event for an endpoint: one body, sent until it is taken.</summary>
internal sealed class WebhookDelivery
{
    /// <summary>Later ones have greater ids.</summary>
    public required Guid Id { get; init; }

    public required Guid EndpointId { get; init; }

    public required Guid EventId { get; init; }

    public required string Type { get; init; }

    /// <summary>Null for a ping.</summary>
    public required long? Sequence { get; init; }

    /// <summary>JSON, byte for byte the same at every try.</summary>
    public required string Body { get; init; }

    public WebhookDeliveryState State { get; set; }

    /// <summary>All there were.</summary>
    public int Attempts { get; set; }

    /// <summary>Those that failed since it was queued or sent again.</summary>
    public int Tries { get; set; }

    /// <summary>UTC; null when nothing waits.</summary>
    public DateTimeOffset? NextAttemptAt { get; set; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset RetryUntil { get; set; }

    /// <summary>How often its owner asked for it again.</summary>
    public int Resends { get; set; }

    public int? LastStatus { get; set; }

    public string? LastProblem { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? DoneAt { get; set; }
}

/// <summary>A try to deliver.</summary>
internal sealed class WebhookAttempt
{
    public required Guid DeliveryId { get; init; }

    /// <summary>From 1.</summary>
    public required int Number { get; init; }

    public required DateTimeOffset At { get; init; }

    public required int Milliseconds { get; init; }

    /// <summary>HTTP status; null when none came.</summary>
    public required int? Status { get; init; }

    /// <summary>Stable code when it failed: <c>call.timeout</c>, <c>call.address_refused</c>, <c>answer.redirect</c>, <c>answer.status</c> ….</summary>
    public required string? Problem { get; init; }

    /// <summary>How the answer of one that failed begins.</summary>
    public required string? Answer { get; init; }
}
