using System.Text.Json;

namespace Aerona.Notifications.Hooks;

/// <summary>Where events are to be sent.</summary>
/// <param name="Url">An https address on the public internet.</param>
/// <param name="Types">Types of events wanted; null or empty for all, those to come included.</param>
/// <param name="Description">For people, up to 200 characters.</param>
internal sealed record MakeWebhookEndpointRequest(string Url, IReadOnlyList<string>? Types = null, string? Description = null);

/// <summary>What is to be otherwise; null leaves it as it is.</summary>
/// <param name="Url">As when it was made.</param>
/// <param name="Types">As when it was made; empty for all.</param>
/// <param name="Description">As when it was made; empty for none.</param>
/// <param name="State">Enabled or disabled. Enabling sends at once all that waited.</param>
internal sealed record ChangeWebhookEndpointRequest(string? Url = null, IReadOnlyList<string>? Types = null, string? Description = null, WebhookState? State = null);

/// <summary>A new secret is wanted.</summary>
/// <param name="OldEndsAfterHours">How long the old one stays active beside it: 0 to 168 hours.</param>
internal sealed record RotateWebhookSecretRequest(int OldEndsAfterHours = 24);

/// <summary>Where events are sent.</summary>
/// <param name="Id">The endpoint.</param>
/// <param name="Mode"><c>live</c> or <c>test</c>.</param>
/// <param name="Types">Empty: all.</param>
/// <param name="DisabledReason">Stable code, when it is disabled: <c>endpoint.by_owner</c>, <c>endpoint.failing</c> (for 72 hours), <c>endpoint.gone</c> (it answered 410).</param>
/// <param name="FailingSince">UTC; null while it answers.</param>
/// <param name="LastSequence">Number of the last event for it.</param>
/// <param name="Secrets">The active ones, the newest first.</param>
/// <param name="CreatedAt">UTC.</param>
internal sealed record WebhookEndpointView(
    Guid Id, string Url, string Mode, IReadOnlyList<string> Types, string? Description, WebhookState State, string? DisabledReason, DateTimeOffset? FailingSince, long LastSequence,
    IReadOnlyList<WebhookSecretView> Secrets, DateTimeOffset CreatedAt)
{
    public static WebhookEndpointView Of(WebhookEndpoint row, DateTimeOffset now) => new(
        row.Id, row.Url, row.Mode, row.Types, row.Description, row.State, row.DisabledReason, row.FailingSince, row.LastSequence,
        [.. row.Secrets.Where(secret => secret.EndsAt is null || secret.EndsAt > now).Select(secret => new WebhookSecretView(secret.CreatedAt, secret.EndsAt))], row.CreatedAt);
}

/// <summary>A secret without the secret.</summary>
/// <param name="CreatedAt">UTC.</param>
/// <param name="EndsAt">UTC; null: no end.</param>
internal sealed record WebhookSecretView(DateTimeOffset CreatedAt, DateTimeOffset? EndsAt);

/// <summary>An endpoint that was made, or got a new secret.</summary>
/// <param name="Endpoint">How it stands.</param>
/// <param name="Secret">Shown this once; the key of the signature is its text, <c>whsec_</c> included.</param>
internal sealed record WebhookEndpointSecret(WebhookEndpointView Endpoint, string Secret);

/// <summary>At most twenty.</summary>
internal sealed record WebhookEndpointList(IReadOnlyList<WebhookEndpointView> Endpoints);

/// <summary>An event on its way to an endpoint, or there.</summary>
/// <param name="Id">The delivery; the same at every try.</param>
/// <param name="EventId">The event.</param>
/// <param name="Sequence">Counts the endpoint's events from 1 without a gap; null for a ping.</param>
/// <param name="Attempts">Tries so far.</param>
/// <param name="NextAttemptAt">UTC; null when nothing waits.</param>
/// <param name="LastStatus">HTTP status of the last try; null when none came.</param>
/// <param name="LastProblem">Stable code of what was wrong with it; null: nothing.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="DoneAt">UTC; when it was taken or given up.</param>
internal sealed record WebhookDeliveryView(
    Guid Id, Guid EventId, string Type, long? Sequence, WebhookDeliveryState State, int Attempts, DateTimeOffset? NextAttemptAt, int? LastStatus, string? LastProblem,
    DateTimeOffset CreatedAt, DateTimeOffset? DoneAt)
{
    public static WebhookDeliveryView Of(WebhookDelivery row) =>
        new(row.Id, row.EventId, row.Type, row.Sequence, row.State, row.Attempts, row.NextAttemptAt, row.LastStatus, row.LastProblem, row.CreatedAt, row.DoneAt);
}

/// <summary>A delivery with all its tries.</summary>
/// <param name="Delivery">How it stands.</param>
/// <param name="Body">What is sent, byte for byte.</param>
/// <param name="Attempts">Oldest first.</param>
internal sealed record WebhookDeliveryDetails(WebhookDeliveryView Delivery, string Body, IReadOnlyList<WebhookAttemptView> Attempts);

/// <summary>A try.</summary>
/// <param name="Number">From 1.</param>
/// <param name="At">UTC.</param>
/// <param name="Status">HTTP status; null when none came.</param>
/// <param name="Problem">
/// Null when it was taken, else <c>answer.status</c>, <c>answer.redirect</c>, <c>call.timeout</c>, <c>call.unreachable</c>, <c>call.name_unknown</c>, <c>call.address_refused</c>,
/// <c>call.tls_failed</c>, <c>secret.unreadable</c>.
/// </param>
/// <param name="Answer">How the answer of one that failed begins.</param>
internal sealed record WebhookAttemptView(int Number, DateTimeOffset At, int Milliseconds, int? Status, string? Problem, string? Answer);

/// <summary>Something that happened.</summary>
/// <param name="Id">The event; the same in webhooks.</param>
/// <param name="Type">Such as <c>booking.confirmed</c>; there will be more.</param>
/// <param name="Version">Of the form of <paramref name="Data"/>, for this type.</param>
/// <param name="Mode"><c>live</c> or <c>test</c>.</param>
/// <param name="At">UTC; when it happened.</param>
/// <param name="Data">See docs/webhooks.md; fields may be added.</param>
internal sealed record ClientEventView(Guid Id, string Type, int Version, string Mode, DateTimeOffset At, JsonElement Data)
{
    public static ClientEventView Of(ClientEvent row, string mode)
    {
        using var data = JsonDocument.Parse(row.Data);
        return new(row.Id, row.Type, row.Version, mode, row.At, data.RootElement.Clone());
    }
}

/// <summary>A part of the feed, oldest first.</summary>
/// <param name="Events">In the order they were written down.</param>
/// <param name="NextCursor">Goes on after the last of them; also at the end, where it brings what comes later.</param>
/// <param name="HasMore">Whether there is more already.</param>
internal sealed record EventPage(IReadOnlyList<ClientEventView> Events, string NextCursor, bool HasMore);
