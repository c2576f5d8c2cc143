using System.Security.Cryptography;
using System.Text;
using Aerona.Contracts;
using Aerona.Files;
using Aerona.Tickets.Data;
using Aerona.Tickets.Documents;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Tickets.Storing;

/// <summary>A document in the file store, and which part of its kind it is.</summary>
internal sealed record WrittenDocument(StoredDocument Document, string Part);

/// <summary>Puts documents into the file store under keys that nobody can guess, and writes them down.</summary>
internal sealed class DocumentStore(IFileStore files, LinkSigner signer, TimeProvider clock)
{
    /// <summary>What keys begin with: all that lies below is ours.</summary>
    public static readonly IReadOnlyList<string> Prefixes = ["receipts/", "invoices/", "calendars/", "passengers/"];

    /// <summary>Stores it. Repeated with the same intent it is the same file under the same key.</summary>
    public async Task<WrittenDocument> PutAsync(MadeDocument made, Guid requestId, CancellationToken cancellationToken)
    {
        var (prefix, ending) = made.Kind switch
        {
            DocumentKinds.Calendar => (Prefixes[2], "ics"),
            DocumentKinds.Invoice or DocumentKinds.CreditNote => (Prefixes[1], "pdf"),
            DocumentKinds.PassengerReceipt => (Prefixes[3], "pdf"),
            _ => (Prefixes[0], "pdf"),
        };
        var document = new StoredDocument(
            made.Kind, $"{prefix}{Unguessable($"{requestId}/{made.Kind}/{made.Part}")}.{ending}", made.FileName, Hash(made.Content), made.ContentType, made.Number);
        await files.PutAsync(document.Key, made.Content, MediaType(made.ContentType), cancellationToken);
        return new(document, made.Part);
    }

    /// <summary>Writes down what is not yet.</summary>
    public async Task RecordAsync(TicketsDbContext db, Guid bookingId, Guid orderId, IEnumerable<WrittenDocument> written, CancellationToken cancellationToken)
    {
        foreach (var (document, part) in written)
        {
            if (await db.Documents.FindAsync([orderId, document.Kind, part], cancellationToken) is null)
            {
                db.Documents.Add(new()
                {
                    OrderId = orderId,
                    Kind = document.Kind,
                    Part = part,
                    BookingId = bookingId,
                    Key = document.Key,
                    FileName = document.FileName,
                    ContentType = document.ContentType,
                    Number = document.Number,
                    Sha256 = document.Sha256,
                    StoredAt = clock.GetUtcNow(),
                });
            }
        }
    }

    public static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>Without its parameters, as the file store keeps it.</summary>
    public static string MediaType(string contentType) => contentType.Split(';')[0];

    // Request ids follow one another; a digest under our key does not, and is the same again when the call is repeated.
    private string Unguessable(string what) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(signer.Sign("document-key", what))))[..32];
}
