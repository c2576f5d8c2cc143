using System.Security.Claims;
using Aerona.Bookings.Data;
using Aerona.Bookings.Status;
using Aerona.Hosting;

namespace Aerona.Bookings.Timeline;

/// <summary>Puts on the timeline what people did, in the transaction that does it.</summary>
internal static class Noting
{
    /// <param name="db">Saved by the caller.</param>
    /// <param name="bookingId">The booking.</param>
    /// <param name="kind">Stable code with words in <see cref="BookingWords.OfNote"/>.</param>
    /// <param name="at">UTC.</param>
    /// <param name="user">Who did it; remembered when that is a member of staff.</param>
    /// <param name="reference">An id to ask somebody about, or null.</param>
    /// <param name="remark">Why, in the words of staff; null when nothing was said.</param>
    public static void Note(
        this BookingsDbContext db, Guid bookingId, string kind, DateTimeOffset at, ClaimsPrincipal user, string? reference = null, string? remark = null) =>
        db.Timeline.Add(new()
        {
            BookingId = bookingId,
            At = at,
            Kind = kind,
            Text = BookingWords.OfNote(kind),
            Reference = reference,
            By = user.May(Permission.SeeAnyBooking) ? user.Owner() : null,
            Remark = remark,
        });
}
