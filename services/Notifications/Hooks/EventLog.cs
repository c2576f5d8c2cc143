using System.Text.Json;
using System.Text.Json.Nodes;
using Aerona.Contracts.Notifications;
using Aerona.Messaging;
using Aerona.Notifications.Data;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Notifications.Hooks;

/// <summary>
/// Writes events down, for the feed and for every endpoint that asked for them. Numbers are given under lock of the owner's row and the endpoint's, kept until the
/// commit: so they are visible in the order of numbers, and a reader that has seen one has seen all before it.
/// </summary>
internal static class EventLog
{
    /// <summary>Adds them to the context, which is in a transaction. Called once for an owner in a transaction.</summary>
    public static async Task AppendAsync(this NotificationsDbContext db, string owner, IReadOnlyList<NewEvent> events, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await db.TryLockAsync<EventStream>(owner, cancellationToken) is not { } stream)
        {
            db.EventStreams.Add(stream = new() { Owner = owner });   // two at once: the second fails at its key and is done again
        }

        var added = events.Select(each => new ClientEvent
        {
            Owner = owner,
            Sequence = ++stream.LastSequence,
            Id = Guid.CreateVersion7(now),
            Type = each.Type,
            Version = each.Version,
            Data = each.Data,
            At = each.At,
        }).ToList();
        db.ClientEvents.AddRange(added);

        var endpoints = await db.WebhookEndpoints.AsNoTracking().Where(row => row.Owner == owner && row.State == WebhookState.Enabled)
            .OrderBy(row => row.Id).Select(row => row.Id).ToListAsync(cancellationToken);
        foreach (var id in endpoints)
        {
            var endpoint = await db.LockAsync<WebhookEndpoint>(id, cancellationToken);
            var wanted = endpoint.State == WebhookState.Enabled ? added.FindAll(each => endpoint.Types.Count == 0 || endpoint.Types.Contains(each.Type)) : [];
            wanted.ForEach(each => db.WebhookDeliveries.Add(Queue(endpoint, each.Id, each.Type, each.Version, each.Data, each.At, ++endpoint.LastSequence, now)));
            if (wanted.Count > 0 && (endpoint.DriveAt is null || endpoint.DriveAt > now))
            {
                await db.DriveAsync(endpoint, now, now, cancellationToken);
            }
        }
    }

    /// <summary>A delivery of an event: its body is composed once.</summary>
    public static WebhookDelivery Queue(
        WebhookEndpoint endpoint, Guid eventId, string type, int version, string data, DateTimeOffset at, long? sequence, DateTimeOffset now) => new()
        {
            Id = Guid.CreateVersion7(now),
            EndpointId = endpoint.Id,
            EventId = eventId,
            Type = type,
            Sequence = sequence,
            Body = new JsonObject
            {
                ["id"] = eventId,
                ["type"] = type,
                ["version"] = version,
                ["mode"] = endpoint.Mode,
                ["endpointId"] = endpoint.Id,
                ["sequence"] = sequence,
                ["at"] = at.UtcDateTime,
                ["data"] = JsonNode.Parse(data),
            }.ToJsonString(JsonSerializerOptions.Web),
            NextAttemptAt = now,
            RetryUntil = now + RetrySchedule.Lasts,
            CreatedAt = now,
        };

    /// <summary>Has the endpoint looked after at that time, in place of what was planned. The endpoint is locked.</summary>
    public static async Task DriveAsync(this NotificationsDbContext db, WebhookEndpoint endpoint, DateTimeOffset? at, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (endpoint.DriveToken is { } planned)
        {
            await db.CancelAsync(planned, cancellationToken);
        }

        (endpoint.DriveAt, endpoint.DriveToken) = (at, null);
        if (at > now)
        {
            endpoint.DriveToken = endpoint.Failures > 0 ? db.Schedule(new RetryWebhooks(endpoint.Id), at.Value) : db.Schedule(new DeliverWebhooks(endpoint.Id), at.Value);
        }
        else if (at is not null)
        {
            db.PublishDrive(endpoint);
        }
    }

    public static void PublishDrive(this NotificationsDbContext db, WebhookEndpoint endpoint)
    {
        if (endpoint.Failures > 0)
        {
            db.Publish(new RetryWebhooks(endpoint.Id));
        }
        else
        {
            db.Publish(new DeliverWebhooks(endpoint.Id));
        }
    }
}
