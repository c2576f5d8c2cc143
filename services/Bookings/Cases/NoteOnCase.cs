using System.Security.Claims;
using Aerona.Bookings.Data;
using Aerona.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.Cases;

/// <summary>What somebody found out.</summary>
/// <param name="Text">1 to 2000 characters; never changed afterwards.</param>
internal sealed record NoteOnCaseRequest(string Text);

internal static class NoteOnCase
{
    public static void MapNoteOnCase(this RouteGroupBuilder cases) =>
        cases.MapPost("/{caseId:guid}/notes", HandleAsync).WithName("NoteOnCase").WithSummary("Writes down what was found out about an open case").Requires(Permission.HandleCases).Idempotent<BookingsDbContext>();

    private static async Task<Results<Ok<SupportCaseView>, ProblemHttpResult>> HandleAsync(
        Guid caseId, NoteOnCaseRequest request, ClaimsPrincipal user, BookingsDbContext db, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (text, problem) = StaffText.Check(request.Text, "/text");
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
        found.Note(text, user.Staff(), now);
        return TypedResults.Ok((await db.ViewsOfAsync([found], now, cancellationToken))[0]);
    }
}
