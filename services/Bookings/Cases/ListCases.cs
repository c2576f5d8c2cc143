using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using Aerona.Bookings.Data;
using Aerona.Contracts;
using Aerona.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.Cases;

/// <summary>Cases as staff see them.</summary>
/// <param name="Cases">Oldest first.</param>
/// <param name="NextCursor">For the next page; null on the last.</param>
internal sealed record SupportCaseList(IReadOnlyList<SupportCaseView> Cases, string? NextCursor);

internal static class ListCases
{
    private const int MostOnAPage = 200;

    public static void MapListCases(this RouteGroupBuilder cases) =>
        cases.MapGet("/", HandleAsync).WithName("ListCases").WithSummary("Cases, oldest first: status open (unless said otherwise), closed or all; of a kind, of a booking");

    private static async Task<Results<Ok<SupportCaseList>, ProblemHttpResult>> HandleAsync(
        BookingsDbContext db, TimeProvider clock, CancellationToken cancellationToken, string status = "open", string? kind = null, Guid? bookingId = null, int limit = 50,
        string? cursor = null)
    {
        if (limit is < 1 or > MostOnAPage)
        {
            return Problems.Invalid(new FieldProblem("query:limit", "limit.out_of_range", $"1 to {MostOnAPage}."));
        }

        if (status is not ("open" or "closed" or "all"))
        {
            return Problems.Invalid(new FieldProblem("query:status", "status.unknown", "open, closed or all."));
        }

        if (Parse(cursor) is not var (at, id))
        {
            return Problems.Invalid(new FieldProblem("query:cursor", "cursor.invalid", "A nextCursor as given, or none."));
        }

        var cases = db.Cases.AsNoTracking().Include(each => each.Notes).Where(each => each.OpenedAt > at || (each.OpenedAt == at && each.Id > id));
        cases = status switch
        {
            "open" => cases.Where(each => each.ClosedAt == null),
            "closed" => cases.Where(each => each.ClosedAt != null),
            _ => cases,
        };
        cases = kind is null ? cases : cases.Where(each => each.Kind == kind);
        cases = bookingId is not { } booking ? cases : cases.Where(each => each.BookingId == booking);
        var page = await cases.OrderBy(each => each.OpenedAt).ThenBy(each => each.Id).Take(limit + 1).ToListAsync(cancellationToken);
        return TypedResults.Ok(new SupportCaseList(
            await db.ViewsOfAsync([.. page.Take(limit)], clock.GetUtcNow(), cancellationToken), page.Count > limit ? Cursor(page[limit - 1]) : null));
    }

    private static string Cursor(SupportCase last) => Base64Url.EncodeToString(
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{last.OpenedAt.UtcTicks}.{last.Id:N}")));

    private static (DateTimeOffset At, Guid Id)? Parse(string? cursor)
    {
        if (cursor is null)
        {
            return (DateTimeOffset.MinValue, Guid.Empty);
        }

        if (!Base64Url.IsValid(cursor) || Encoding.ASCII.GetString(Base64Url.DecodeFromChars(cursor)).Split('.') is not [var ticks, var last])
        {
            return null;
        }

        return long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at <= DateTimeOffset.MaxValue.UtcTicks
            && Guid.TryParseExact(last, "N", out var id)
            ? (new DateTimeOffset(at, TimeSpan.Zero), id)
            : null;
    }
}
