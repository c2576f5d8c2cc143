using System.Security.Cryptography;
using System.Text;
using Aerona.Airlines.Data;
using Aerona.Airlines.Outside;
using Aerona.Contracts.Airlines;
using Aerona.Hosting;
using Aerona.Messaging;
using Aerona.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aerona.Airlines.Webhooks;

/// <summary>
/// Takes suppliers' events: stores what is signed as it came, and says thanks; looked at afterwards. What is not signed is not stored: anybody could fill the database
/// with it.
/// </summary>
internal static class ReceiveSupplierEvent
{
    /// <summary>Bytes; read before anything is computed from them.</summary>
    public const int LargestBody = 256 * 1024;

    private const int LongestText = 100;

    public static void MapReceiveSupplierEvent(this WebApplication app) => app.MapPost("/v1/webhooks/airlines/{supplier}", HandleAsync)
        .WithName("SupplierWebhook").WithTags("Airlines").WithSummary("A supplier reports an event, signed").WithForeignAuthorization().WithBodyLimit(LargestBody);

    private static async Task<Results<Ok, ProblemHttpResult>> HandleAsync(
        string supplier, HttpRequest request, OutsideSuppliers outside, AirlinesDbContext db, TimeProvider clock, ILogger<SupplierEvent> log, CancellationToken cancellationToken)
    {
        if (outside.Find(supplier) is not { Capabilities.PushesEvents: true } sender)
        {
            return Problems.NotFound("supplier.unknown", "No supplier of that name sends events here.");
        }

        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, cancellationToken);
        var body = buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
        var now = clock.GetUtcNow();
        var verdict = SupplierSignature.Verify(request.Headers[SupplierSignature.Header].FirstOrDefault(), body.Span, outside.OptionsOf(supplier).WebhookSecrets, now);
        if (verdict != SignatureVerdict.Genuine)
        {
            log.LogWarning("An event for {Supplier} was refused: its signature is {Verdict}", supplier, verdict);
            return Problems.Refused(401, verdict == SignatureVerdict.Stale ? "webhook.stale" : "webhook.not_signed", "Events are signed with the secret agreed on, just before they are sent.");
        }

        var text = Encoding.UTF8.GetString(body.Span);
        var facts = sender.ReadEvent(text);
        var key = SupplierEvent.KeyOf(supplier, facts is null ? $"sha256-{Convert.ToHexStringLower(SHA256.HashData(body.Span))}" : Short(facts.EventId));
        await using var transaction = await db.BeginAsync(cancellationToken);
        if (await db.TryLockAsync<SupplierEvent>(key, cancellationToken) is null)
        {
            db.SupplierEvents.Add(new()
            {
                Key = key,
                Supplier = supplier,
                Type = Short(facts?.Type ?? "not understood"),
                OrderReference = facts?.OrderReference is { } reference ? Short(reference) : null,
                Body = text,
                ReceivedAt = now,
                State = facts is null ? SupplierEventState.Unmatched : SupplierEventState.Received,
            });
            if (facts is not null)
            {
                db.Publish(new ProcessSupplierEvent(key));
            }
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok();
    }

    private static string Short(string text) => text.Length <= LongestText ? text : text[..LongestText];
}
