using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Aerona.Bookings.Data;
using Aerona.Bookings.Status;
using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Sagas.Booking;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.Support;

/// <summary>Bookings as staff see them.</summary>
/// <param name="Bookings">Newest first.</param>
/// <param name="NextCursor">For the next page; null on the last.</param>
internal sealed record BookingListView(IReadOnlyList<BookingListEntry> Bookings, string? NextCursor);

/// <summary>A booking in a list.</summary>
/// <param name="Id">The booking.</param>
/// <param name="Locator">Our record locator.</param>
/// <param name="State">Where it stands.</param>
/// <param name="SubmittedAt">UTC.</param>
/// <param name="EnteredAt">UTC; since when it stands there.</param>
/// <param name="AgeSeconds">Whole seconds since then.</param>
/// <param name="Deadline">UTC; the end of the state, or null.</param>
/// <param name="NextTick">UTC; the next repeat or look-up, or null.</param>
/// <param name="Money">What is charged, held and taken; null until priced.</param>
/// <param name="Cases">Codes of the cases opened.</param>
internal sealed record BookingListEntry(
    Guid Id, string Locator, BookingStage State, DateTimeOffset SubmittedAt, DateTimeOffset EnteredAt, long AgeSeconds, DateTimeOffset? Deadline,
    DateTimeOffset? NextTick, MoneyView? Money, IReadOnlyList<string> Cases);

internal static class ListBookings
{
    private const int MostOnAPage = 200;

    public static void MapListBookings(this IEndpointRouteBuilder app) =>
        app.MapGet("/v1/support/bookings", HandleAsync).WithName("ListBookings").WithTags("Support").WithSummary("Bookings by state, newest first")
            .Requires(Permission.SeeAnyBooking);

    private static async Task<Results<Ok<BookingListView>, ProblemHttpResult>> HandleAsync(
        BookingsDbContext db, TimeProvider clock, CancellationToken cancellationToken, string? state = null, int limit = 50, string? cursor = null)
    {
        if (limit is < 1 or > MostOnAPage)
        {
            return Problems.Invalid(new FieldProblem("query:limit", "limit.out_of_range", $"1 to {MostOnAPage}."));
        }

        BookingStage? stage = null;
        if (state is not null)
        {
            if (!Enum.TryParse<BookingStage>(state, ignoreCase: true, out var known) || !Enum.IsDefined(known) || !state.All(char.IsAsciiLetter))
            {
                return Problems.Invalid(new FieldProblem("query:state", "state.unknown", "The name of a state, such as awaitingPayment."));
            }

            stage = known;
        }

        if (Parse(cursor) is not var (at, locator))
        {
            return Problems.Invalid(new FieldProblem("query:cursor", "cursor.invalid", "A nextCursor as given, or none."));
        }

        var name = stage?.ToString();
        var page = await db.Sagas.AsNoTracking()
            .Where(saga => (name == null || saga.CurrentState == name)
                && (saga.SubmittedAt < at || (saga.SubmittedAt == at && string.Compare(saga.Locator, locator) > 0)))
            .OrderByDescending(saga => saga.SubmittedAt).ThenBy(saga => saga.Locator)
            .Take(limit + 1)
            .ToListAsync(cancellationToken);
        var now = clock.GetUtcNow();
        return TypedResults.Ok(new BookingListView(
            [.. page.Take(limit).Select(saga => EntryOf(saga, now))],
            page.Count > limit ? Cursor(page[limit - 1]) : null));
    }

    private static BookingListEntry EntryOf(BookingState saga, DateTimeOffset now) => new(
        saga.CorrelationId, saga.Locator, BookingViews.StageOf(saga), saga.SubmittedAt, saga.EnteredAt, (long)(now - saga.EnteredAt).TotalSeconds, saga.DeadlineAt,
        saga.TickAt, saga.Offer is { } offer ? BookingViews.MoneyOf(saga, offer.Total) : null, [.. saga.Cases.Select(opened => opened.Kind)]);

    private static string Cursor(BookingState last) => Base64Url.EncodeToString(
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{last.SubmittedAt.UtcTicks}.{last.Locator}")));

    private static (DateTimeOffset At, string Locator)? Parse(string? cursor)
    {
        if (cursor is null)
        {
            return (DateTimeOffset.MaxValue, "");
        }

        if (!Base64Url.IsValid(cursor) || Encoding.ASCII.GetString(Base64Url.DecodeFromChars(cursor)).Split('.') is not [var ticks, var text])
        {
            return null;
        }

        return long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at <= DateTimeOffset.MaxValue.UtcTicks && RecordLocator.Parse(text) is { } locator
            ? (new DateTimeOffset(at, TimeSpan.Zero), locator)
            : null;
    }
}
