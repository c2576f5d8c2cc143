using System.Security.Cryptography;
using System.Text;
using Aerona.Contracts;
using Aerona.Contracts.Tickets;
using Aerona.Files;
using Aerona.Messaging;
using Aerona.Tickets.Data;
using Aerona.Tickets.Documents;
using Aerona.Tickets.Receipt;
using Aerona.Tickets.VerifyTicket;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Tickets.Storing;

/// <summary>What was put into the file store.</summary>
internal sealed record DocumentsWritten(IReadOnlyList<StoredDocument> Documents);

/// <summary>
/// Makes the itinerary receipt and puts it into the file store. Killed anywhere it is simply made again: the same bytes under the same key. A store that does
/// not answer is thrown, so that the command comes again.
/// </summary>
internal sealed class StoreDocumentsConsumer(TicketsDbContext tickets, IFileStore files, DocumentFonts fonts, Verification verification, LinkSigner signer, TimeProvider clock)
    : EffectConsumer<StoreDocuments, DocumentsWritten, TicketsDbContext>
{
    public const string ReceiptKind = "itinerary-receipt";

    protected override string Key(StoreDocuments command) => $"documents/{command.OrderId}";

    // Nothing closes these intents: documents are never undone, only replaced by a credit note.
    protected override DocumentsWritten ClosedAnswer(StoreDocuments command) => new([]);

    protected override async Task<DocumentsWritten> CallAsync(StoreDocuments command, EffectIntent intent, CancellationToken cancellationToken)
    {
        var order = await tickets.Orders.AsNoTracking().SingleOrDefaultAsync(order => order.OrderId == command.OrderId, cancellationToken)
            ?? throw new InvalidOperationException($"order {command.OrderId} has no tickets yet, so it can have no documents");
        var pdf = ReceiptPdf.Render(new(order, command.Paid, verification.Address(order)), fonts);
        var receipt = new StoredDocument(
            ReceiptKind, $"receipts/{Unguessable(intent.RequestId)}.pdf", $"Aerona-itinerary-receipt-{order.Locator}.pdf", Convert.ToHexStringLower(SHA256.HashData(pdf)));
        await files.PutAsync(receipt.Key, pdf, "application/pdf", cancellationToken);
        return new([receipt]);
    }

    // Request ids follow one another; a digest under our key does not, and is the same again when the call is repeated.
    private string Unguessable(Guid requestId) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(signer.Sign("document-key", requestId.ToString()))))[..32];

    protected override bool IsFinal(DocumentsWritten answer) => true;

    protected override async Task RecordAsync(TicketsDbContext db, StoreDocuments command, DocumentsWritten answer, CancellationToken cancellationToken)
    {
        foreach (var document in answer.Documents)
        {
            if (await db.Documents.FindAsync([command.OrderId, document.Kind], cancellationToken) is null)
            {
                db.Documents.Add(new()
                {
                    OrderId = command.OrderId,
                    Kind = document.Kind,
                    BookingId = command.BookingId,
                    Key = document.Key,
                    FileName = document.FileName,
                    Sha256 = document.Sha256,
                    StoredAt = clock.GetUtcNow(),
                });
            }
        }

        db.Publish(new DocumentsStored(command.BookingId, command.OrderId, answer.Documents));
    }
}
