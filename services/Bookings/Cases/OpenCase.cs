using System.Security.Claims;
using System.Text.RegularExpressions;
using Aerona.Bookings.Data;
using Aerona.Bookings.Timeline;
using Aerona.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.Cases;

/// <summary>Asks for a case to be opened by hand. The traveller is not told of it.</summary>
/// <param name="BookingId">What it is about.</param>
/// <param name="Detail">What is to be looked at, 1 to 2000 characters.</param>
/// <param name="Kind">A code to find it by: up to 40 lower-case letters and digits in words joined by hyphens. Left out: <c>by-hand</c>.</param>
internal sealed record OpenCaseRequest(Guid BookingId, string Detail, string? Kind = null);

internal static partial class OpenCase
{
    private const string ByHand = "by-hand";
    private const int LongestKind = 40;

    public static void MapOpenCase(this RouteGroupBuilder cases) =>
        cases.MapPost("/", HandleAsync).WithName("OpenCase").WithSummary("Opens a case by hand").Requires(Permission.HandleCases).Idempotent<BookingsDbContext>();

    private static async Task<Results<CreatedAtRoute<SupportCaseView>, ProblemHttpResult>> HandleAsync(
        OpenCaseRequest request, ClaimsPrincipal user, BookingsDbContext db, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (detail, wrong) = StaffText.Check(request.Detail, "/detail");
        List<FieldProblem> problems = wrong is null ? [] : [wrong];
        if (request.Kind is { } kind && (kind.Length > LongestKind || !KindPattern().IsMatch(kind)))
        {
            problems.Add(new("/kind", "case.kind_invalid", $"Up to {LongestKind} lower-case letters and digits in words joined by hyphens: name-correction."));
        }

        if (problems.Count > 0)
        {
            return Problems.Invalid(problems);
        }

        var locator = await db.Bookings.Where(booking => booking.Id == request.BookingId).Select(booking => booking.Locator).SingleOrDefaultAsync(cancellationToken);
        if (locator is null)
        {
            const string unknown = "There is no such booking.";
            return Problems.Refused(404, "booking.not_found", unknown, false, new FieldProblem("/bookingId", "booking.not_found", unknown));
        }

        var now = clock.GetUtcNow();
        var opened = new SupportCase
        {
            Id = Guid.CreateVersion7(now),
            BookingId = request.BookingId,
            Locator = locator,
            Kind = request.Kind ?? ByHand,
            Detail = detail,
            OpenedAt = now,
            OpenedBy = user.Staff(),
        };
        db.Cases.Add(opened);
        db.Note(opened.BookingId, "case.opened", now, user, opened.Reference, detail);
        return TypedResults.CreatedAtRoute((await db.ViewsOfAsync([opened], now, cancellationToken))[0], "GetCase", new { caseId = opened.Id });
    }

    [GeneratedRegex(@"\A[a-z][a-z0-9]*(-[a-z0-9]+)*\z")]
    private static partial Regex KindPattern();
}
