using System.Net.Mime;
using System.Text.Json;
using MassTransit;
using MassTransit.Context;
using MassTransit.Serialization;

namespace Aerona.Messaging;

/// <summary>Puts a stored row back on the wire, its body byte for byte. Throws at once when the row makes no sense.</summary>
internal sealed class RowPipe : IPipe<SendContext>
{
    private readonly OutboxRow _row;
    private readonly DateTimeOffset _now;
    private readonly CopyBodySerializer _serializer;
    private readonly Dictionary<string, object?> _headers;
    private readonly Dictionary<string, object?> _properties;

    public RowPipe(OutboxRow row, DateTimeOffset now)
    {
        _row = row;
        _now = now;
        _serializer = new(new ContentType(row.ContentType), new BytesMessageBody(row.Body));
        _headers = Values(row.Headers);
        _properties = Values(row.Properties);
    }

    public Task Send(SendContext context)
    {
        context.MessageId = _row.MessageId;
        context.RequestId = _row.RequestId;
        context.CorrelationId = _row.CorrelationId;
        context.ConversationId = _row.ConversationId;
        context.InitiatorId = _row.InitiatorId;
        context.SourceAddress = Address(_row.Source);
        context.ResponseAddress = Address(_row.Response);
        context.FaultAddress = Address(_row.Fault);
        context.SupportedMessageTypes = _row.Types.Split(';', StringSplitOptions.RemoveEmptyEntries);
        context.TimeToLive = _row.ExpiresAt - _now;
        foreach (var (name, value) in _headers)
        {
            context.Headers.Set(name, value);
        }

        if (_properties.Count > 0 && context is TransportSendContext transport)
        {
            transport.ReadPropertiesFrom(_properties!);
        }

        if (_row.Mandatory && context is RabbitMqSendContext rabbitMq)
        {
            rabbitMq.Mandatory = true;   // one that no queue takes comes back as a failure of its destination
        }

        context.Serializer = _serializer;
        return Task.CompletedTask;
    }

    public void Probe(ProbeContext context)
    {
    }

    private static Uri? Address(string? text) => text is null ? null : new(text);

    private static Dictionary<string, object?> Values(string? json) => json is null
        ? []
        : JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json)!.ToDictionary(pair => pair.Key, pair => Value(pair.Value));

    private static object? Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.TryGetInt64(out var whole) ? whole : value.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Null => null,
        _ => value.GetRawText(),
    };
}
