using System.Security.Claims;
using Aerona.Files;
using Aerona.Hosting;
using Aerona.Tickets.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Tickets.GetDocuments;

/// <summary>A document to fetch.</summary>
/// <param name="Kind"><c>itinerary-receipt</c>.</param>
/// <param name="FileName">What a browser saves it as.</param>
/// <param name="Href">Anybody who has it may fetch the file until it expires: show it to the caller alone.</param>
/// <param name="ExpiresAt">UTC; ask again for a fresh link.</param>
internal sealed record DocumentLink(string Kind, string FileName, Uri Href, DateTimeOffset ExpiresAt);

/// <summary>Oldest first; empty while none is made.</summary>
internal sealed record DocumentList(IReadOnlyList<DocumentLink> Documents);

internal static class GetDocuments
{
    private static readonly TimeSpan ValidFor = TimeSpan.FromMinutes(5);

    public static void MapGetDocuments(this RouteGroupBuilder v1) => v1.MapGet("/bookings/{bookingId:guid}/documents", LinkDocuments).WithName("GetDocuments")
        .WithSummary("Links to a booking's documents, good for five minutes; empty while none is made. For its owner, a guest of that booking, or support")
        .ProducesProblem(404);

    private static async Task<Results<Ok<DocumentList>, ProblemHttpResult>> LinkDocuments(
        Guid bookingId, ClaimsPrincipal user, TicketsDbContext db, IFileStore files, TimeProvider clock, HttpResponse response, CancellationToken cancellationToken)
    {
        var order = await db.Orders.AsNoTracking().Where(order => order.BookingId == bookingId).Select(order => new { order.Owner }).FirstOrDefaultAsync(cancellationToken);
        if (order is null || !user.MaySee(bookingId, order.Owner))
            return Problems.NotFound("booking.not_found", "There is no such booking with tickets, or it is somebody else's.");

        response.Headers.CacheControl = "no-store";
        var documents = await db.Documents.AsNoTracking().Where(document => document.BookingId == bookingId).ToListAsync(cancellationToken);
        var expires = clock.GetUtcNow() + ValidFor;
        return TypedResults.Ok(new DocumentList([.. documents.OrderBy(document => document.StoredAt)
            .Select(document => new DocumentLink(document.Kind, document.FileName, files.Link(document.Key, document.FileName, ValidFor), expires))]));
    }
}
