using Aerona.Bookings.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.Cases;

internal static class GetCase
{
    public static void MapGetCase(this RouteGroupBuilder cases) =>
        cases.MapGet("/{caseId:guid}", HandleAsync).WithName("GetCase").WithSummary("A case with its notes, and where its booking stands");

    private static async Task<Results<Ok<SupportCaseView>, ProblemHttpResult>> HandleAsync(
        Guid caseId, BookingsDbContext db, TimeProvider clock, CancellationToken cancellationToken) =>
        await db.Cases.AsNoTracking().Include(each => each.Notes).SingleOrDefaultAsync(each => each.Id == caseId, cancellationToken) is { } found
            ? TypedResults.Ok((await db.ViewsOfAsync([found], clock.GetUtcNow(), cancellationToken))[0])
            : CaseViews.NotFound();
}
