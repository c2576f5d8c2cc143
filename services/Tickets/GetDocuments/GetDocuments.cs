using System.Security.Claims;
using Aerona.Contracts;
using Aerona.Files;
using Aerona.Hosting;
using Aerona.Tickets.Data;
using Aerona.Tickets.Storing;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Tickets.GetDocuments;

/// <summary>A document of a booking.</summary>
/// <param name="Id">Within the booking: <c>itinerary-receipt</c>, <c>passenger-receipt.p2</c>.</param>
/// <param name="Kind"><c>itinerary-receipt</c>, <c>passenger-receipt</c>, <c>invoice</c>, <c>credit-note</c>, <c>calendar</c>; more may come.</param>
/// <param name="FileName">What a browser saves it as.</param>
/// <param name="ContentType">Media type, such as <c>application/pdf</c> or <c>text/calendar</c>.</param>
/// <param name="Number">Of an invoice or credit note, else null.</param>
/// <param name="PassengerId">Whose receipt it is; null: everybody's.</param>
/// <param name="CancellationId">The cancellation that brought it, else null.</param>
/// <param name="StoredAt">UTC.</param>
/// <param name="Href">Where a link to the file is made, for who may see the booking; it can be kept and shown again.</param>
internal sealed record DocumentEntry(
    string Id, string Kind, string FileName, string ContentType, string? Number, string? PassengerId, Guid? CancellationId, DateTimeOffset StoredAt, string Href);

/// <summary>Receipts, invoice, credit notes, calendars, each oldest first; empty while none is made.</summary>
internal sealed record DocumentList(IReadOnlyList<DocumentEntry> Documents);

/// <summary>A way to a file.</summary>
/// <param name="Kind">As in the list.</param>
/// <param name="FileName">What a browser saves it as.</param>
/// <param name="Href">Anybody who has it may fetch the file until it expires: follow it at once, show it to the caller alone.</param>
/// <param name="ExpiresAt">UTC; ask again for a fresh link.</param>
internal sealed record DocumentLink(string Kind, string FileName, Uri Href, DateTimeOffset ExpiresAt);

internal static class GetDocuments
{
    private static readonly TimeSpan ValidFor = TimeSpan.FromMinutes(5);

    // In the order in which people look for them.
    private static readonly string[] Order = [DocumentKinds.ItineraryReceipt, DocumentKinds.PassengerReceipt, DocumentKinds.Invoice, DocumentKinds.CreditNote, DocumentKinds.Calendar];

    public static void MapGetDocuments(this RouteGroupBuilder v1)
    {
        v1.MapGet("/bookings/{bookingId:guid}/documents", ListDocuments).WithName("GetDocuments")
            .WithSummary("A booking's documents, each with the address at which a link to it is made; empty while none is made. For its owner, a guest of that booking, or support")
            .ProducesProblem(404);
        v1.MapGet("/bookings/{bookingId:guid}/documents/{documentId}", LinkDocument).WithName("LinkDocument")
            .WithSummary("A link to one document, good for five minutes. For the booking's owner, a guest of that booking, or support")
            .ProducesProblem(404);
    }

    private static async Task<Results<Ok<DocumentList>, ProblemHttpResult>> ListDocuments(
        Guid bookingId, ClaimsPrincipal user, TicketsDbContext db, HttpResponse response, CancellationToken cancellationToken)
    {
        if (await RefusalAsync(bookingId, user, db, cancellationToken) is { } refusal)
            return refusal;

        response.Headers.CacheControl = "no-store";
        var documents = await db.Documents.AsNoTracking().Where(document => document.BookingId == bookingId).ToListAsync(cancellationToken);
        return TypedResults.Ok(new DocumentList([.. documents.OrderBy(document => Array.IndexOf(Order, document.Kind)).ThenBy(document => document.StoredAt).ThenBy(document => document.Part, StringComparer.Ordinal)
            .Select(document => new DocumentEntry(
                document.Id, document.Kind, document.FileName, DocumentStore.MediaType(document.ContentType), document.Number,
                document.Kind == DocumentKinds.PassengerReceipt ? document.Part : null, Guid.TryParseExact(document.Part, "n", out var cancellation) ? cancellation : null, document.StoredAt,
                $"/v1/bookings/{bookingId}/documents/{document.Id}"))]));
    }

    private static async Task<Results<Ok<DocumentLink>, ProblemHttpResult>> LinkDocument(
        Guid bookingId, string documentId, ClaimsPrincipal user, TicketsDbContext db, IFileStore files, TimeProvider clock, HttpResponse response, CancellationToken cancellationToken)
    {
        if (await RefusalAsync(bookingId, user, db, cancellationToken) is { } refusal)
            return refusal;

        response.Headers.CacheControl = "no-store";
        var (kind, part) = documentId.Split('.', 2) is [var first, var second] ? (first, second) : (documentId, "");
        var document = await db.Documents.AsNoTracking().Where(document => document.BookingId == bookingId && document.Kind == kind && document.Part == part)
            .OrderByDescending(document => document.StoredAt).FirstOrDefaultAsync(cancellationToken);
        return document is null
            ? Problems.NotFound("document.not_found", "The booking has no such document, or not yet.")
            : TypedResults.Ok(new DocumentLink(document.Kind, document.FileName, files.Link(document.Key, document.FileName, ValidFor), clock.GetUtcNow() + ValidFor));
    }

    private static async Task<ProblemHttpResult?> RefusalAsync(Guid bookingId, ClaimsPrincipal user, TicketsDbContext db, CancellationToken cancellationToken)
    {
        var order = await db.Orders.AsNoTracking().Where(order => order.BookingId == bookingId).Select(order => new { order.Owner }).FirstOrDefaultAsync(cancellationToken);
        return order is not null && user.MaySee(bookingId, order.Owner)
            ? null
            : Problems.NotFound("booking.not_found", "There is no such booking with tickets, or it is somebody else's.");
    }
}
