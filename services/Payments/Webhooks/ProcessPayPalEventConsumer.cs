using System.Text.Json;
using Aerona.Contracts.Payments;
using Aerona.Messaging;
using Aerona.Payments.Data;
using Aerona.Payments.PayPal;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Payments.Webhooks;

/// <summary>What looking at an event gave.</summary>
/// <param name="State">Processed with <paramref name="Facts"/>; Forged; Parked: no such payment yet; Received: no usable answer.</param>
/// <param name="Facts">What PayPal says of the payment now, whatever the event said.</param>
internal sealed record WebhookAnswer(WebhookState State, PaymentFacts? Facts = null);

/// <summary>Looks at a stored event: is it PayPal's, what payment is it about, and where does that stand now? An event is a hint, in no order.</summary>
internal sealed class ProcessPayPalEventConsumer(
    PayPalClient payPal, OurWebhook webhook, PayPalOptions options, TimeProvider time, ILogger<ProcessPayPalEventConsumer> log)
    : EffectConsumer<ProcessPayPalEvent, WebhookAnswer, PaymentsDbContext>
{
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    /// <summary>As long as PayPal itself would go on sending it.</summary>
    private static readonly TimeSpan PayPalsPatience = TimeSpan.FromDays(3);
    private WebhookEvent? received;
    private (Guid Id, string OrderId)? about;

    protected override TimeSpan CallLimit => PayPalRegistration.CallLimit(options, calls: 4);

    protected override string Key(ProcessPayPalEvent command) => Effects.Webhook(command.EventId);

    protected override async Task<Noted<WebhookAnswer>> NoteAsync(PaymentsDbContext db, ProcessPayPalEvent command, CancellationToken cancellationToken)
    {
        received = await db.TryLockAsync<WebhookEvent>(command.EventId, cancellationToken);
        if (received is not { State: WebhookState.Received or WebhookState.Parked })
        {
            return new Noted<WebhookAnswer>.Known(new(received?.State ?? WebhookState.Processed));
        }

        about = await FindAsync(db, received.Body, cancellationToken);
        return await base.NoteAsync(db, command, cancellationToken);
    }

    protected override WebhookAnswer ClosedAnswer(ProcessPayPalEvent command) => new(WebhookState.Processed);

    protected override async Task<WebhookAnswer> CallAsync(ProcessPayPalEvent command, EffectIntent intent, CancellationToken cancellationToken)
    {
        if (received!.State == WebhookState.Received)
        {
            if (await webhook.IdAsync(cancellationToken) is not { } webhookId)
            {
                return new(WebhookState.Received);
            }

            var genuine = await payPal.VerifyAsync(
                new(
                    received.AuthAlgo, received.CertUrl, received.TransmissionId, received.TransmissionSig, received.TransmissionTime, webhookId, received.Body),
                cancellationToken);
            if (genuine is not true)
            {
                return new(genuine is null ? WebhookState.Received : WebhookState.Forged);
            }
        }

        if (about is not { } payment)
        {
            return new(WebhookState.Parked);
        }

        var facts = await payPal.ShowAsync(payment.Id, payment.OrderId, cancellationToken);
        return facts.Standing == Standing.Unknown ? new(received.State) : new(WebhookState.Processed, facts);
    }

    protected override bool IsFinal(WebhookAnswer answer) => answer.State == WebhookState.Processed;

    protected override async Task RecordAsync(PaymentsDbContext db, ProcessPayPalEvent command, WebhookAnswer answer, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (await db.TryLockAsync<WebhookEvent>(command.EventId, cancellationToken) is not { State: WebhookState.Received or WebhookState.Parked } stored)
        {
            return;
        }

        stored.State = answer.State;
        switch (answer.State)
        {
            case WebhookState.Processed when answer.Facts is { } facts && about is { } found:
                (await db.LockAsync<Payment>(found.Id, cancellationToken)).LearnAndTell(db, facts, now);
                break;
            case WebhookState.Forged:
                log.LogWarning("Event {EventId} ({EventType}) was not sent by PayPal: ignored", stored.EventId, stored.EventType);
                break;
            case WebhookState.Parked when now - stored.ReceivedAt >= Patience:
                stored.State = WebhookState.Unmatched;
                log.LogError("PayPal's event {EventId} ({EventType}) is about nothing that is known here, for an hour", stored.EventId, stored.EventType);
                break;
            case WebhookState.Received when now - stored.ReceivedAt >= PayPalsPatience:
                stored.State = WebhookState.Unmatched;
                log.LogError("PayPal's event {EventId} ({EventType}) could not be verified for three days", stored.EventId, stored.EventType);
                break;
            case WebhookState.Parked or WebhookState.Received:
                stored.Tries++;
                db.Schedule(command, now.AddSeconds(Math.Min(5 * Math.Pow(2, stored.Tries - 1), 600)));
                break;
        }
    }

    /// <summary>The payment an event is about: by PayPal's order, by our id on it, or by the capture that a refund belongs to.</summary>
    private static async Task<(Guid, string)?> FindAsync(PaymentsDbContext db, string body, CancellationToken cancellationToken)
    {
        using var json = JsonDocument.Parse(body);
        if (!json.RootElement.TryGetProperty("resource", out var resource) || resource.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var orderId = Text(json.RootElement, "resource_type") == "checkout-order"
            ? Text(resource, "id")
            : Text(Child(Child(resource, "supplementary_data"), "related_ids"), "order_id");
        Guid? ours = Guid.TryParse(Text(resource, "custom_id"), out var custom) ? custom : null;
        var captureId = Up(resource);
        var payment = await db.Payments.AsNoTracking()
            .Where(payment => payment.OrderId != null && (payment.OrderId == orderId || payment.Id == ours || payment.CaptureId == captureId))
            .Select(payment => new { payment.Id, payment.OrderId }).FirstOrDefaultAsync(cancellationToken);
        return payment is null ? null : (payment.Id, payment.OrderId!);
    }

    private static string? Up(JsonElement resource) =>
        resource.TryGetProperty("links", out var links) && links.ValueKind == JsonValueKind.Array
            ? links.EnumerateArray().Where(link => Text(link, "rel") == "up").Select(link => Text(link, "href"))
                .Where(href => href?.Contains("/captures/", StringComparison.Ordinal) == true).Select(href => href!.Split('/')[^1]).FirstOrDefault()
            : null;

    private static JsonElement Child(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var child) ? child : default;

    private static string? Text(JsonElement parent, string name) => Child(parent, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
