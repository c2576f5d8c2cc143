using System.Security.Claims;
using Aerona.Bookings.Data;
using Aerona.Bookings.Status;
using Aerona.Hosting;
using Aerona.Sagas.Booking;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.Cases;

/// <summary>A case, and where its booking stands.</summary>
/// <param name="Id">The case.</param>
/// <param name="BookingId">What it is about.</param>
/// <param name="Locator">Our record locator.</param>
/// <param name="Kind">Stable code; new ones may come.</param>
/// <param name="Detail">For people.</param>
/// <param name="OpenedAt">UTC.</param>
/// <param name="AgeSeconds">Whole seconds it has been open, or was.</param>
/// <param name="OpenedBy">Subject of the member of staff; null: the booking's own process.</param>
/// <param name="ClosedAt">UTC; null while it is open.</param>
/// <param name="ClosedBy">Subject of the member of staff; null while it is open.</param>
/// <param name="Resolution">What was found and done; null while it is open.</param>
/// <param name="State">Where the booking stands now.</param>
/// <param name="Until">UTC; until when it waits there. Null when no end is set.</param>
/// <param name="DepartsAt">UTC; the first departure.</param>
/// <param name="Passengers">How many travel, lap infants included.</param>
/// <param name="Money">What is charged, held and taken.</param>
/// <param name="Notes">Oldest first.</param>
internal sealed record SupportCaseView(
    Guid Id, Guid BookingId, string Locator, string Kind, string Detail, DateTimeOffset OpenedAt, long AgeSeconds, string? OpenedBy, DateTimeOffset? ClosedAt,
    string? ClosedBy, string? Resolution, BookingStage State, DateTimeOffset? Until, DateTimeOffset DepartsAt, int Passengers, MoneyView Money,
    IReadOnlyList<CaseNoteView> Notes);

/// <summary>What somebody found out.</summary>
/// <param name="At">UTC.</param>
/// <param name="By">Subject of the member of staff.</param>
/// <param name="Text">In their words.</param>
internal sealed record CaseNoteView(DateTimeOffset At, string By, string Text);

/// <summary>What the case endpoints have in common.</summary>
internal static class CaseViews
{
    public static async Task<IReadOnlyList<SupportCaseView>> ViewsOfAsync(
        this BookingsDbContext db, IReadOnlyList<SupportCase> cases, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var ids = cases.Select(each => each.BookingId).Distinct().ToList();
        var bookings = await db.Bookings.AsNoTracking().Where(booking => ids.Contains(booking.Id)).ToDictionaryAsync(booking => booking.Id, cancellationToken);
        var sagas = await db.Sagas.AsNoTracking().Where(saga => ids.Contains(saga.CorrelationId)).ToDictionaryAsync(saga => saga.CorrelationId, cancellationToken);
        return [.. cases.Select(each => Of(each, bookings[each.BookingId], sagas.GetValueOrDefault(each.BookingId), now))];
    }

    public static ProblemHttpResult NotFound() => Problems.NotFound("case.not_found", "There is no such case.");

    public static ProblemHttpResult Closed(SupportCase closed) =>
        Problems.Refused(409, "case.closed", $"{closed.ClosedBy} closed this case at {closed.ClosedAt:yyyy-MM-dd HH:mm:ss} UTC; open another one if there is more to do.");

    /// <summary>The member of staff who calls.</summary>
    public static string Staff(this ClaimsPrincipal user) => user.Owner() ?? throw new InvalidOperationException("a token for staff has no subject");

    private static SupportCaseView Of(SupportCase each, Booking booking, BookingState? saga, DateTimeOffset now)
    {
        var offer = saga?.Offer ?? booking.Offer;
        return new(
            each.Id, each.BookingId, each.Locator, each.Kind, each.Detail, each.OpenedAt, (long)((each.ClosedAt ?? now) - each.OpenedAt).TotalSeconds, each.OpenedBy,
            each.ClosedAt, each.ClosedBy, each.Resolution, BookingViews.StageOf(saga), saga?.DeadlineAt, offer.Segments[0].DepartsAt, booking.Passengers.Count,
            BookingViews.MoneyOf(saga, offer.Total), [.. each.Notes.OrderBy(note => note.Id == 0).ThenBy(note => note.Id).Select(note => new CaseNoteView(note.At, note.By, note.Text))]);
    }
}

/// <summary>What staff may write.</summary>
internal static class StaffText
{
    /// <summary>Most characters of a note, a reason or a resolution.</summary>
    public const int Longest = 2000;

    /// <summary>The text without blanks around it, and what is wrong with it.</summary>
    /// <param name="text">As typed.</param>
    /// <param name="pointer">The field.</param>
    public static (string Text, FieldProblem? Problem) Check(string text, string pointer)
    {
        var kept = text.Trim().ReplaceLineEndings("\n");
        return (kept, kept.Length switch
        {
            0 => new(pointer, "text.missing", "Say it in words."),
            > Longest => new(pointer, "text.too_long", $"At most {Longest} characters."),
            _ when kept.Any(character => char.IsControl(character) && character is not '\n' and not '\t') => new(pointer, "text.invalid", "Text without control characters."),
            _ => null,
        });
    }
}
