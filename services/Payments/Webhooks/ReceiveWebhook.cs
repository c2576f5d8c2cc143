using System.Text;
using System.Text.Json;
using Aerona.Contracts.Payments;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Payments.Data;
using Aerona.Payments.PayPal;
using Aerona.Persistence;

namespace Aerona.Payments.Webhooks;

/// <summary>
/// Takes PayPal's events: stores them as they came, by event id, and says thanks. Looked at afterwards; only the signature is, at once, where the certificate is at
/// hand: so that nobody who guesses an id can shut PayPal's own event out.
/// </summary>
internal static class ReceiveWebhook
{
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    private const int LongestId = 100;
    private const int LongestHeader = 500;

    public static void MapReceiveWebhook(this WebApplication app) => app.MapPost("/v1/webhooks/paypal", ReceiveAsync)
        .WithName("PayPalWebhook").WithTags("Payments").WithSummary("PayPal reports an event").WithForeignAuthorization();

    private static async Task<IResult> ReceiveAsync(
        HttpRequest request, PaymentsDbContext db, OurWebhook webhook, WebhookSignatures signatures, TimeProvider time, CancellationToken cancellationToken)
    {
        var fields = new List<FieldProblem>();
        string Header(string name)
        {
            var value = request.Headers[name].ToString();
            if (value.Length is 0 or > LongestHeader)
            {
                fields.Add(new($"header:{name}", "webhook.header_missing", $"PayPal sends {name}, at most {LongestHeader} characters."));
            }

            return value;
        }

        var (body, id, type) = await ReadAsync(request, fields, cancellationToken);
        var received = new WebhookEvent
        {
            EventId = id,
            EventType = type,
            Body = body,
            ReceivedAt = time.GetUtcNow(),
            AuthAlgo = Header("PAYPAL-AUTH-ALGO"),
            CertUrl = Header("PAYPAL-CERT-URL"),
            TransmissionId = Header("PAYPAL-TRANSMISSION-ID"),
            TransmissionSig = Header("PAYPAL-TRANSMISSION-SIG"),
            TransmissionTime = Header("PAYPAL-TRANSMISSION-TIME"),
        };
        if (fields.Count > 0)
        {
            return Problems.Invalid(fields);
        }

        var genuineness = webhook.KnownId is { } webhookId ? signatures.CheckAtOnce(received, webhookId) : Genuineness.Unknown;
        received.State = genuineness switch
        {
            Genuineness.Genuine => WebhookState.Genuine,
            Genuineness.Forged => WebhookState.Forged,
            _ => WebhookState.Received,
        };
        await using var transaction = await db.BeginAsync(cancellationToken);
        switch (await db.TryLockAsync<WebhookEvent>(id, cancellationToken))
        {
            case null:
                db.WebhookEvents.Add(received);
                break;
            case { State: WebhookState.Forged } forged when genuineness != Genuineness.Forged:   // somebody used the id before PayPal did: the real one must not be shut out
                Replace(forged, received);
                break;
            case { State: WebhookState.Received } doubtful when genuineness == Genuineness.Genuine:
                Replace(doubtful, received);
                break;
            case { State: WebhookState.Received } doubtful when genuineness == Genuineness.Unknown && doubtful.Body != received.Body:   // one of the two is a lie: PayPal comes again
                return Problems.Refused(503, "webhook.later", "Another event with this id is being looked at; send it again.", retryable: true);
            default:
                return TypedResults.Ok();
        }

        if (received.State != WebhookState.Forged)
        {
            db.Publish(new ProcessPayPalEvent(id));
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok();
    }

    private static async Task<(string Body, string Id, string Type)> ReadAsync(HttpRequest request, List<FieldProblem> fields, CancellationToken cancellationToken)
    {
        var body = "";
        try
        {
            using var bytes = new MemoryStream();
            await request.Body.CopyToAsync(bytes, cancellationToken);   // the host refuses what is too long for any call
            body = Utf8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);   // byte for byte: it is signed
            using var json = JsonDocument.Parse(body);
            return (body, Text(json.RootElement, "id", fields), Text(json.RootElement, "event_type", fields));
        }
        catch (Exception problem) when (problem is JsonException or DecoderFallbackException)
        {
            fields.Add(new("", "webhook.malformed", "An event is a JSON object in UTF-8."));
            return (body, "", "");
        }
    }

    private static string Text(JsonElement json, string name, List<FieldProblem> fields)
    {
        var text = json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()! : "";
        if (text.Length is 0 or > LongestId)
        {
            fields.Add(new("/" + name, "webhook.malformed", $"An event has {name}, at most {LongestId} characters."));
        }

        return text;
    }

    private static void Replace(WebhookEvent forged, WebhookEvent received)
    {
        (forged.EventType, forged.Body, forged.ReceivedAt) = (received.EventType, received.Body, received.ReceivedAt);
        (forged.AuthAlgo, forged.CertUrl, forged.TransmissionId) = (received.AuthAlgo, received.CertUrl, received.TransmissionId);
        (forged.TransmissionSig, forged.TransmissionTime) = (received.TransmissionSig, received.TransmissionTime);
        (forged.State, forged.Tries) = (received.State, 0);
    }
}
