using System.Security.Claims;
using Aerona.Bookings.Data;
using Aerona.Bookings.Timeline;
using Aerona.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.Cases;

/// <summary>Ends a case.</summary>
/// <param name="Resolution">What was found and done, 1 to 2000 characters.</param>
internal sealed record CloseCaseRequest(string Resolution);

internal static class CloseCase
{
    public static void MapCloseCase(this RouteGroupBuilder cases) =>
        cases.MapPost("/{caseId:guid}/closures", HandleAsync).WithName("CloseCase").WithSummary("Closes an open case with what was found and done").Requires(Permission.HandleCases).Idempotent<BookingsDbContext>();

    private static async Task<Results<Ok<SupportCaseView>, ProblemHttpResult>> HandleAsync(
        Guid caseId, CloseCaseRequest request, ClaimsPrincipal user, BookingsDbContext db, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (resolution, problem) = StaffText.Check(request.Resolution, "/resolution");
        if (problem is not null)
        {
            return Problems.Invalid(problem);
        }

        var found = await db.Cases.Include(each => each.Notes).SingleOrDefaultAsync(each => each.Id == caseId, cancellationToken);
        if (found is null)
        {
            return CaseViews.NotFound();
        }

        if (found.ClosedAt is not null)
        {
            return CaseViews.Closed(found);
        }

        var now = clock.GetUtcNow();
        found.Close(resolution, user.Staff(), now);
        db.Note(found.BookingId, "case.closed", now, user, found.Reference, resolution);
        return TypedResults.Ok((await db.ViewsOfAsync([found], now, cancellationToken))[0]);
    }
}
