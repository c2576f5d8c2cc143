using System.Buffers.Text;
using System.Globalization;
using System.Security.Claims;
using System.Text;
using Aerona.Hosting;
using Aerona.Notifications.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Notifications.Hooks;

/// <summary><c>/v1/events</c>: what webhooks tell, to be read again by whoever missed it.</summary>
internal static class ReadEvents
{
    public static void MapReadEvents(this RouteGroupBuilder v1)
    {
        var events = v1.MapGroup("/events").RequireAuthorization().AddEndpointFilter(ManageWebhooks.NeedOwner);
        events.MapGet("/", List).WithName("ListEvents").WithSummary("The caller's events of 30 days, oldest first; a cursor leaves none out and brings none twice").ProducesProblem(400).ProducesProblem(410);
        events.MapGet("/{id:guid}", Get).WithName("GetEvent").WithSummary("An event").ProducesProblem(404);
    }

    /// <param name="type">Types wanted, separated by commas; null: all.</param>
    private static async Task<Results<Ok<EventPage>, ProblemHttpResult>> List(
        ClaimsPrincipal user, NotificationsDbContext db, CancellationToken cancellationToken, string? type = null, int limit = Paging.Usual, string? cursor = null)
    {
        var (problem, key) = Paging.Read(limit, cursor);
        long after = 0;
        problem ??= key.Length > 0 && !long.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out after) ? new("query:cursor", "cursor.invalid", "A nextCursor as given, or none.") : null;
        var types = type?.Split(',') ?? [];
        problem ??= types.Any(each => !EventTypes.All.Contains(each)) ? new("query:type", "event.type_unknown", $"One or more of {string.Join(", ", EventTypes.All)}, separated by commas.") : null;
        if (problem is not null)
        {
            return Problems.Invalid(problem);
        }

        // First how far the row goes, then the events: what is committed in between is read now or next time, and never passed over.
        var owner = user.Owner()!;
        var stream = await db.EventStreams.AsNoTracking().SingleOrDefaultAsync(row => row.Owner == owner, cancellationToken) ?? new() { Owner = owner };
        if (cursor is not null && after < stream.ForgottenThrough)
        {
            return Problems.Refused(410, "cursor.expired", "Events after this cursor are past retention and gone. Begin without a cursor, and ask for bookings how they stand.", false,
                new FieldProblem("query:cursor", "cursor.expired", "A cursor of the last 30 days, or none."));
        }

        var rows = await db.ClientEvents.AsNoTracking()
            .Where(row => row.Owner == owner && row.Sequence > after && (types.Length == 0 || types.Contains(row.Type)))
            .OrderBy(row => row.Sequence).Take(limit + 1).ToListAsync(cancellationToken);
        var (hasMore, shown) = (rows.Count > limit, rows.Take(limit).ToList());
        var last = hasMore ? shown[^1].Sequence : Math.Max(Math.Max(after, stream.LastSequence), shown.Count > 0 ? shown[^1].Sequence : 0);
        var mode = user.Mode();
        return TypedResults.Ok(new EventPage(
            [.. shown.Select(row => ClientEventView.Of(row, mode))], Base64Url.EncodeToString(Encoding.UTF8.GetBytes(last.ToString(CultureInfo.InvariantCulture))), hasMore));
    }

    private static async Task<Results<Ok<ClientEventView>, ProblemHttpResult>> Get(Guid id, ClaimsPrincipal user, NotificationsDbContext db, CancellationToken cancellationToken)
    {
        var owner = user.Owner();
        return await db.ClientEvents.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id && row.Owner == owner, cancellationToken) is { } row
            ? TypedResults.Ok(ClientEventView.Of(row, user.Mode()))
            : Problems.NotFound("event.unknown", $"There is no event {id}, or it is past retention.");
    }
}
