using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Aerona.Contracts;
using MassTransit;
using MassTransit.Context;
using MassTransit.Logging;

namespace Aerona.Messaging;

/// <summary>A message to be sent: now (then it is leased to the process that wrote it) or when due.</summary>
internal sealed class OutboxRow
{
    public long Id { get; set; }

    /// <summary>Lease, due time and time of the next try in one: nobody sends it before.</summary>
    public DateTimeOffset AvailableAt { get; set; }

    /// <summary>Set while the transport has it but forgets it on a crash: kept until every consumer is done.</summary>
    public DateTimeOffset? SentAt { get; set; }

    /// <summary>Cancels a scheduled row.</summary>
    public Guid? TokenId { get; set; }

    /// <summary>A command: must have a queue.</summary>
    public bool Mandatory { get; set; }

    /// <summary>Failures that were the row's own.</summary>
    public int Attempts { get; set; }

    public Guid MessageId { get; set; }

    public Guid? RequestId { get; set; }

    public Guid? CorrelationId { get; set; }

    public Guid? ConversationId { get; set; }

    public Guid? InitiatorId { get; set; }

    public string Destination { get; set; } = "";

    public string? Source { get; set; }

    public string? Response { get; set; }

    public string? Fault { get; set; }

    public string ContentType { get; set; } = "";

    /// <summary>Message URNs with semicolons between them; the message's own, or what a message that came back names.</summary>
    public string Types { get; set; } = "";

    public byte[] Body { get; set; } = [];

    public string? Headers { get; set; }

    public string? Properties { get; set; }

    public DateTimeOffset? ExpiresAt { get; set; }

    /// <summary>What <see cref="Outbox.Publish{T}"/> was given; null once it is serialised. Not stored.</summary>
    public object? Message { get; set; }

    /// <summary>The due time of a scheduled row; null when it goes at once. Not stored.</summary>
    public DateTimeOffset? DueAt { get; set; }

    /// <summary>The saga's token, when a timer is raised again. Not stored.</summary>
    public Guid? RaisedToken { get; set; }

    /// <summary>The trace that <see cref="Outbox.Publish{T}"/> was called in (W3C traceparent); null: that of the save. Not stored.</summary>
    public string? Trace { get; set; }

    /// <summary>Takes over what the bus would have sent.</summary>
    public void Fill<T>(SendContext<T> context, DateTimeOffset now, TimeSpan lease) where T : class
    {
        var due = DueAt ?? (context.TryGetPayload(out DueAt? at) ? at.At : context.Delay is { } delay && delay > TimeSpan.Zero ? now + delay : null);
        if (Activity.Current?.Id is { } activity && !context.Headers.TryGetHeader(DiagnosticHeaders.ActivityId, out _))
        {
            context.Headers.Set(DiagnosticHeaders.ActivityId, activity);   // a trace that is not sampled goes on all the same
        }

        context.Delay = null;   // RabbitMQ would take a stored delay for an exchange type it does not have, and close the connection

        var properties = new Dictionary<string, object>();
        (context as TransportSendContext)?.WritePropertiesTo(properties);
        var headers = context.Headers.GetAll().Where(header => header.Value is not null).ToDictionary(header => header.Key, header => (object?)header.Value);

        MessageId = context.MessageId ?? throw new InvalidOperationException($"A {typeof(T).Name} without MessageId cannot be told from its repeats");
        RequestId = context.RequestId;
        CorrelationId = context.CorrelationId;
        ConversationId = context.ConversationId;
        InitiatorId = context.InitiatorId;
        Destination = context.DestinationAddress is { } destination ? Endpoints.AddressWithin(destination) : throw new InvalidOperationException($"A {typeof(T).Name} without destination cannot be sent");
        Response = context.ResponseAddress?.ToString();
        Fault = context.FaultAddress?.ToString();
        Body = Envelope.Fits(context) ? Envelope.Write(context, headers) : context.Serializer.GetMessageBody(context).GetBytes();
        ContentType = context.Serializer.ContentType.ToString();
        Types = context.SupportedMessageTypes[0];
        Headers = headers.Count > 0 ? JsonSerializer.Serialize(headers) : null;
        Properties = properties.Count > 0 ? JsonSerializer.Serialize(properties) : null;
        ExpiresAt = now + context.TimeToLive;
        TokenId ??= context.ScheduledMessageId;
        Mandatory = context.Message is ICommand;
        DueAt = due;
        AvailableAt = due ?? now + lease;
        Message = null;
    }

    /// <summary>A copy of a received message, for one queue.</summary>
    public static OutboxRow Again(ReceivedMessage received, string queue, DateTimeOffset dueAt, IReadOnlyDictionary<string, object> headers) => new()
    {
        MessageId = received.MessageId,
        Destination = Endpoints.AddressOf(queue),
        Mandatory = true,   // nobody else has it
        ContentType = received.ContentType,
        Types = received.Types,
        Body = received.Body,
        Headers = JsonSerializer.Serialize(headers),
        DueAt = dueAt,
        AvailableAt = dueAt,
    };
}

/// <summary>On a send context: when the message is due.</summary>
internal sealed record DueAt(DateTimeOffset At);

/// <summary>A message that a consumer of this service has handled: it is handled once.</summary>
internal sealed class InboxRow
{
    public Guid ConsumerId { get; init; }

    public Guid MessageId { get; init; }

    public DateTimeOffset At { get; init; }
}

/// <summary>What came over the transport, as it came.</summary>
internal sealed record ReceivedMessage(Guid MessageId, string ContentType, string Types, byte[] Body, IReadOnlyDictionary<string, object> Headers)
{
    public static ReceivedMessage From(ReceiveContext context)
    {
        var body = context.Body.GetBytes();
        return new(
            context.GetMessageId() ?? NewId.NextGuid(),
            context.ContentType?.ToString() ?? "application/vnd.masstransit+json",
            TypesIn(body),
            body,
            context.TransportHeaders.GetAll().Where(header => header.Value is not null).ToDictionary(header => header.Key, header => Text(header.Value)));
    }

    /// <summary>The types an envelope names; none when this is no envelope, which is why it may be here.</summary>
    private static string TypesIn(byte[] body)
    {
        try
        {
            using var envelope = JsonDocument.Parse(body);
            return envelope.RootElement.ValueKind == JsonValueKind.Object && envelope.RootElement.TryGetProperty("messageType", out var types)
                ? string.Join(';', types.EnumerateArray().Select(type => type.GetString()))
                : "";
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)
        {
            return "";
        }
    }

    private static object Text(object value) => value is string or bool or long or int ? value : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
}
