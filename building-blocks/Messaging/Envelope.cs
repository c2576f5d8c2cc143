using System.Buffers;
using System.Text.Json;
using MassTransit;
using MassTransit.Serialization;

namespace Aerona.Messaging;

/// <summary>
/// MassTransit's JSON envelope with what somebody reads: a message is stored, logged, sent and parsed as a whole, and who sent it on which machine is more than
/// half of a small one. Absent: addresses, host, what is null; and of the types all but the message's own, as nobody takes messages by another.
/// </summary>
internal static class Envelope
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    /// <summary>Whether the message goes out in this form; else the serializer's own body is taken.</summary>
    public static bool Fits(SendContext context) => Equals(context.Serializer.ContentType, SystemTextJsonMessageSerializer.JsonContentType);

    public static byte[] Write<T>(SendContext<T> context, IReadOnlyDictionary<string, object?> headers) where T : class
    {
        var options = SystemTextJsonMessageSerializer.Options;
        var buffer = _buffer ??= new(1024);
        var json = _writer ??= new(buffer, new() { Encoder = options.Encoder, SkipValidation = true });
        buffer.ResetWrittenCount();
        json.Reset(buffer);

        json.WriteStartObject();
        Write(json, "messageId"u8, context.MessageId);
        Write(json, "requestId"u8, context.RequestId);
        Write(json, "correlationId"u8, context.CorrelationId);
        Write(json, "conversationId"u8, context.ConversationId);
        Write(json, "initiatorId"u8, context.InitiatorId);
        Write(json, "responseAddress"u8, context.ResponseAddress);
        Write(json, "faultAddress"u8, context.FaultAddress);
        json.WriteStartArray("messageType"u8);
        json.WriteStringValue(context.SupportedMessageTypes[0]);
        json.WriteEndArray();
        json.WritePropertyName("message"u8);
        JsonSerializer.Serialize(json, context.Message, context.Message.GetType(), options);
        if (context.TimeToLive is { } life)
        {
            json.WriteString("expirationTime"u8, (context.SentTime ?? DateTime.UnixEpoch) + life);
        }

        if (context.SentTime is { } sent)
        {
            json.WriteString("sentTime"u8, sent);
        }

        if (headers.Count > 0)
        {
            json.WritePropertyName("headers"u8);
            JsonSerializer.Serialize(json, headers, options);
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, Guid? id)
    {
        if (id is { } known)
        {
            json.WriteString(name, known);
        }
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, Uri? address)
    {
        if (address is not null)
        {
            json.WriteString(name, address.ToString());
        }
    }
}
