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
/// <param name="Dispute">What PayPal says of the dispute now, if it is about one.</param>
internal sealed record WebhookAnswer(WebhookState State, PaymentFacts? Facts = null, DisputeSeen? Dispute = null);

/// <summary>Looks at a stored event: is it PayPal's, what payment is it about, and where does that stand now? An event is a hint, in no order.</summary>
internal sealed class ProcessPayPalEventConsumer(
    PayPalClient payPal, OurWebhook webhook, WebhookSignatures signatures, PayPalOptions options, TimeProvider time, ILogger<ProcessPayPalEventConsumer> log)
    : EffectConsumer<ProcessPayPalEvent, WebhookAnswer, PaymentsDbContext>
{
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    /// <summary>As long as PayPal itself would go on sending it.</summary>
    private static readonly TimeSpan PayPalsPatience = TimeSpan.FromDays(3);
    private WebhookEvent? received;
    private (Guid Id, string OrderId)? about;
    private Subject subject = new(null, null, null, null, null, false);

    protected override TimeSpan CallLimit => PayPalRegistration.CallLimit(options, calls: 6);

    protected override string Key(ProcessPayPalEvent command) => Effects.Webhook(command.EventId);

    protected override async Task<Noted<WebhookAnswer>> NoteAsync(PaymentsDbContext db, ProcessPayPalEvent command, CancellationToken cancellationToken)
    {
        received = await db.TryLockAsync<WebhookEvent>(command.EventId, cancellationToken);
        if (received is not { IsOpen: true })
        {
            return new Noted<WebhookAnswer>.Known(new(received?.State ?? WebhookState.Processed));
        }

        subject = Subject.Of(received.Body);
        about = await FindAsync(db, subject, cancellationToken);
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

            var genuine = await signatures.CheckAsync(received, webhookId, cancellationToken);
            if (genuine == Genuineness.Unknown)
            {
                genuine = await AskPayPalAsync(received, webhookId, cancellationToken);
            }

            if (genuine != Genuineness.Genuine)
            {
                return new(genuine == Genuineness.Forged ? WebhookState.Forged : WebhookState.Received);
            }
        }

        if (about is not { } payment)
        {
            return new(WebhookState.Parked);
        }

        var facts = await payPal.ShowAsync(payment.Id, payment.OrderId, cancellationToken);
        if (facts.Standing == Standing.Unknown)
        {
            return new(received.State == WebhookState.Received ? WebhookState.Genuine : received.State);
        }

        if (subject.RefundId is { } refundId && facts.Refunds?.Any(refund => refund.Id == refundId) == false)
        {
            // The order does not list it (a reversal): it is looked at by itself.
            facts = await payPal.SeeRefundAsync(refundId, cancellationToken) is { } seen ? facts with { Refunds = [.. facts.Refunds, seen] } : facts;
        }

        if (subject.DisputeId is not { } disputeId)
        {
            return new(WebhookState.Processed, facts);
        }

        return await payPal.SeeDisputeAsync(disputeId, cancellationToken) is { } dispute
            ? new(WebhookState.Processed, facts, dispute)
            : new(received.State == WebhookState.Received ? WebhookState.Genuine : received.State);
    }

    /// <summary>Where the certificate cannot be had PayPal checks its own signature.</summary>
    private async Task<Genuineness> AskPayPalAsync(WebhookEvent sent, string webhookId, CancellationToken cancellationToken) =>
        await payPal.VerifyAsync(
            new(sent.AuthAlgo, sent.CertUrl, sent.TransmissionId, sent.TransmissionSig, sent.TransmissionTime, webhookId, sent.Body), cancellationToken) switch
        {
            true => Genuineness.Genuine,
            false => Genuineness.Forged,
            null => Genuineness.Unknown,
        };

    protected override bool IsFinal(WebhookAnswer answer) => answer.State == WebhookState.Processed;

    protected override async Task RecordAsync(PaymentsDbContext db, ProcessPayPalEvent command, WebhookAnswer answer, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (await db.TryLockAsync<WebhookEvent>(command.EventId, cancellationToken) is not { IsOpen: true } stored)
        {
            return;
        }

        stored.State = answer.State;
        switch (answer.State)
        {
            case WebhookState.Processed when answer.Facts is { } facts && about is { } found:
                var payment = await db.LockPaymentAsync(found.Id, cancellationToken);
                payment.LearnAndTell(db, facts, now);
                if (subject is { RefundId: { } reversed, IsReversal: true })
                {
                    payment.LearnOfReversal(db, refund => refund.PayPalId == reversed, now);
                }

                if (answer.Dispute is { } dispute)
                {
                    await payment.LearnOfDisputeAsync(db, dispute, now, cancellationToken);
                }

                break;
            case WebhookState.Forged:
                log.LogWarning("Event {EventId} ({EventType}) was not sent by PayPal: ignored", stored.EventId, stored.EventType);
                break;
            case WebhookState.Parked when now - stored.ReceivedAt >= Patience:
                stored.State = WebhookState.Unmatched;
                log.LogError("PayPal's event {EventId} ({EventType}) is about nothing that is known here, for an hour", stored.EventId, stored.EventType);
                break;
            case WebhookState.Received or WebhookState.Genuine when now - stored.ReceivedAt >= PayPalsPatience:
                stored.State = WebhookState.Unmatched;
                log.LogError("PayPal's event {EventId} ({EventType}) could not be looked at for three days", stored.EventId, stored.EventType);
                break;
            case WebhookState.Parked or WebhookState.Received or WebhookState.Genuine:
                stored.Tries++;
                db.Schedule(command, now.AddSeconds(Math.Min(5 * Math.Pow(2, stored.Tries - 1), 600)));
                break;
        }
    }

    /// <summary>What an event is about, by PayPal's ids and ours on it.</summary>
    /// <param name="OrderId">PayPal's order.</param>
    /// <param name="CaptureId">The capture that was given back, or is disputed.</param>
    /// <param name="OurId">Our id of a payment or a refund.</param>
    /// <param name="RefundId">PayPal's id of a refund or a reversal.</param>
    private sealed record Subject(string? OrderId, string? CaptureId, Guid? OurId, string? RefundId, string? DisputeId, bool IsReversal)
    {
        public static Subject Of(string body)
        {
            using var json = JsonDocument.Parse(body);
            var (type, kind, resource) = (Text(json.RootElement, "event_type") ?? "", Text(json.RootElement, "resource_type"), Child(json.RootElement, "resource"));
            return new(
                kind == "checkout-order" ? Text(resource, "id") : Text(Child(Child(resource, "supplementary_data"), "related_ids"), "order_id"),
                Up(resource) ?? Disputed(resource), Guid.TryParse(Text(resource, "custom_id"), out var custom) ? custom : null,
                kind == "refund" ? Text(resource, "id") : null, kind == "dispute" ? Text(resource, "dispute_id") : null, type == "PAYMENT.CAPTURE.REVERSED");
        }
    }

    private static async Task<(Guid, string)?> FindAsync(PaymentsDbContext db, Subject of, CancellationToken cancellationToken)
    {
        var (orderId, captureId, ours) = (of.OrderId, of.CaptureId, of.OurId);
        var payment = await db.Payments.AsNoTracking()
            .Where(payment => payment.OrderId != null
                && (payment.OrderId == orderId || payment.Id == ours || db.Captures.Any(capture => capture.Id == captureId && capture.PaymentId == payment.Id)
                    || db.Refunds.Any(refund => refund.Id == ours && refund.PaymentId == payment.Id)))
            .Select(payment => new { payment.Id, payment.OrderId }).FirstOrDefaultAsync(cancellationToken);
        return payment is null ? null : (payment.Id, payment.OrderId!);
    }

    private static string? Disputed(JsonElement resource) =>
        Child(resource, "disputed_transactions") is { ValueKind: JsonValueKind.Array } all ? all.EnumerateArray().Select(one => Text(one, "seller_transaction_id")).FirstOrDefault() : null;

    private static string? Up(JsonElement resource) =>
        Child(resource, "links") is { ValueKind: JsonValueKind.Array } links
            ? links.EnumerateArray().Where(link => Text(link, "rel") == "up").Select(link => Text(link, "href"))
                .Where(href => href?.Contains("/captures/", StringComparison.Ordinal) == true).Select(href => href!.Split('/')[^1]).FirstOrDefault()
            : null;

    private static JsonElement Child(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var child) ? child : default;

    private static string? Text(JsonElement parent, string name) => Child(parent, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
