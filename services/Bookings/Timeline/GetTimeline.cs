using System.Security.Claims;
using System.Text.Json.Serialization;
using Aerona.Bookings.Data;
using Aerona.Bookings.Status;
using Aerona.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.Timeline;

/// <summary>What happened to a booking.</summary>
/// <param name="Entries">Oldest first.</param>
internal sealed record TimelineView(IReadOnlyList<TimelineEntryView> Entries);

/// <summary>Something that happened.</summary>
/// <param name="At">UTC.</param>
/// <param name="Kind">Stable code; new ones may come.</param>
/// <param name="Text">For people.</param>
/// <param name="Reference">An id to ask somebody about, or null.</param>
/// <param name="By">For staff alone: subject of the member of staff who did it. Left out when it was not one.</param>
/// <param name="Remark">For staff alone: why, in their words. Left out when nothing was said.</param>
internal sealed record TimelineEntryView(
    DateTimeOffset At, string Kind, string Text, string? Reference, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? By = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Remark = null);

internal static class GetTimeline
{
    public static void MapGetTimeline(this RouteGroupBuilder bookings) =>
        bookings.MapGet("/{bookingId:guid}/timeline", HandleAsync).WithName("GetTimeline").WithSummary("What happened to a booking, oldest first");

    private static async Task<Results<Ok<TimelineView>, ProblemHttpResult>> HandleAsync(
        Guid bookingId, ClaimsPrincipal user, BookingsDbContext db, CancellationToken cancellationToken)
    {
        if (await GetBooking.FindAsync(db, bookingId, user, cancellationToken) is not { Booking: var booking })
        {
            return GetBooking.NotFound();
        }

        var forStaff = user.May(Permission.SeeAnyBooking);
        var entries = await db.Timeline.AsNoTracking().Where(entry => entry.BookingId == bookingId)
            .OrderBy(entry => entry.At).ThenBy(entry => entry.Id)
            .Select(entry => new TimelineEntryView(entry.At, entry.Kind, entry.Text, entry.Reference, forStaff ? entry.By : null, forStaff ? entry.Remark : null))
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(new TimelineView(
            [new(booking.SubmittedAt, "booking.submitted", BookingWords.Of(BookingStage.Submitted).Begun, booking.ClientReference), .. entries]));
    }
}
