using System.Globalization;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Aerona.Bookings.Data;
using Aerona.Bookings.Names;
using Aerona.Bookings.Status;
using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.Support;

/// <summary>What was found for a text.</summary>
/// <param name="Found">What is the very thing first, then names by likeness; within each the newest first.</param>
/// <param name="More">Whether there are others; a longer text finds fewer.</param>
internal sealed record FoundBookings(IReadOnlyList<FoundBooking> Found, bool More);

/// <summary>A booking that was found; with as little of its people as tells them apart.</summary>
/// <param name="Id">The booking.</param>
/// <param name="Locator">Our record locator.</param>
/// <param name="State">Where it stands.</param>
/// <param name="By">What the text was found as.</param>
/// <param name="Names">Surname and first letter of each passenger: <c>NGUYEN T</c>.</param>
/// <param name="Flights">Designators in the order flown.</param>
/// <param name="From">IATA airport of the first departure.</param>
/// <param name="To">IATA airport of the last arrival.</param>
/// <param name="DepartsAt">UTC; the first departure.</param>
/// <param name="Total">The price.</param>
/// <param name="SubmittedAt">UTC.</param>
internal sealed record FoundBooking(
    Guid Id, string Locator, BookingStage State, FoundBy By, IReadOnlyList<string> Names, IReadOnlyList<FlightDesignator> Flights, string From, string To,
    DateTimeOffset DepartsAt, Money Total, DateTimeOffset SubmittedAt);

/// <summary>What a text was found as.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<FoundBy>))]
internal enum FoundBy
{
    Id,
    Locator,
    Ticket,
    Email,
    Phone,
    Flight,

    /// <summary>PayPal's id, an attempt's, a message's, or the client's own.</summary>
    Reference,
    Name,

    /// <summary>A name that is like it.</summary>
    LikeName,
}

/// <summary>One box for all that a caller may read out: locators, tickets, addresses, numbers, flights of a day, references, names that are nearly right.</summary>
internal static partial class FindBookings
{
    private const int Shortest = 2;
    private const int Longest = 100;
    private const int Most = 20;

    public static void MapFindBookings(this IEndpointRouteBuilder app) =>
        app.MapGet("/v1/support/booking-search", HandleAsync).WithName("FindBookings").WithTags("Support")
            .WithSummary("Bookings by locator, ticket, e-mail, telephone, flight and day, reference or name").Requires(Permission.SeeAnyBooking);

    private static async Task<Results<Ok<FoundBookings>, ProblemHttpResult>> HandleAsync(string q, BookingsDbContext db, CancellationToken cancellationToken)
    {
        var text = q.Trim();
        if (text.Length is < Shortest or > Longest)
        {
            return Problems.Invalid(new FieldProblem("query:q", "q.length", $"{Shortest} to {Longest} characters."));
        }

        Dictionary<Guid, FoundBy> found = [];
        foreach (var (by, ids) in Lookups(db, text))
        {
            foreach (var id in await ids.Take(Most + 1).ToListAsync(cancellationToken))
            {
                found.TryAdd(id, by);
            }
        }

        if (TicketName.Of(text.Replace('/', ' ').Replace(',', ' ')).Name is { } name)
        {
            foreach (var (id, by) in await NamesAsync(db, name, cancellationToken))
            {
                found.TryAdd(id, by);
            }
        }

        var wanted = found.Keys.ToList();
        var rows = await db.Bookings.AsNoTracking().Where(booking => wanted.Contains(booking.Id))
            .LeftJoin(db.Sagas.AsNoTracking(), booking => booking.Id, saga => saga.CorrelationId, (booking, saga) => new { booking, State = saga!.CurrentState })
            .ToListAsync(cancellationToken);
        var order = wanted.Select((id, place) => (id, place)).ToDictionary(each => each.id, each => each.place);
        var views = rows
            .OrderBy(row => found[row.booking.Id]).ThenBy(row => found[row.booking.Id] == FoundBy.LikeName ? order[row.booking.Id] : 0)
            .ThenByDescending(row => row.booking.SubmittedAt)
            .Select(row => Of(row.booking, row.State, found[row.booking.Id]));
        return TypedResults.Ok(new FoundBookings([.. views.Take(Most)], rows.Count > Most));
    }

    private static IEnumerable<(FoundBy By, IQueryable<Guid> Ids)> Lookups(BookingsDbContext db, string text)
    {
        if (Guid.TryParse(text, out var id))
        {
            yield return (FoundBy.Id, db.Bookings.Where(booking => booking.Id == id).Select(booking => booking.Id));
        }

        if (RecordLocator.Parse(text) is { } locator)
        {
            yield return (FoundBy.Locator, db.Bookings.Where(booking => booking.Locator == locator).Select(booking => booking.Id));
        }

        var capitals = text.ToUpperInvariant();
        if (capitals.All(char.IsAsciiLetterOrDigit))
        {
            yield return (FoundBy.Locator, Keyed(db, SearchKeyKind.Locator, capitals));
        }

        var digits = text.Replace("-", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
        if (digits.Length == 13 && digits.All(char.IsAsciiDigit))
        {
            yield return (FoundBy.Ticket, Keyed(db, SearchKeyKind.Ticket, digits));
        }

        if (text.Contains('@', StringComparison.Ordinal))
        {
            yield return (FoundBy.Email, Keyed(db, SearchKeyKind.Email, SearchKey.OfEmail(text)));
        }

        if (digits.StartsWith('+') && digits.Length > 7 && digits.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0)
        {
            yield return (FoundBy.Phone, Keyed(db, SearchKeyKind.Phone, digits));
        }

        if (FlightAndDay().Match(capitals) is { Success: true } match && FlightDesignator.Parse(match.Groups["flight"].Value) is { } flight
            && DateOnly.TryParseExact(match.Groups["day"].Value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            yield return (FoundBy.Flight, Keyed(db, SearchKeyKind.Flight, SearchKey.OfFlight(flight, day)));
        }

        yield return (FoundBy.Reference, db.Timeline.Where(entry => entry.Reference == text).Select(entry => entry.BookingId).Distinct());
        yield return (FoundBy.Reference, db.Bookings.Where(booking => booking.ClientReference == text).Select(booking => booking.Id));
    }

    private static IQueryable<Guid> Keyed(BookingsDbContext db, SearchKeyKind kind, string key) =>
        db.SearchKeys.Where(row => row.Key == key && row.Kind == kind).OrderByDescending(row => row.Id).Select(row => row.BookingId).Distinct();

    /// <summary>Names that hold the text, then names that are like it or hold a word that is.</summary>
    private static async Task<List<(Guid Id, FoundBy By)>> NamesAsync(BookingsDbContext db, string name, CancellationToken cancellationToken)
    {
        var names = db.SearchKeys.AsNoTracking().Where(row => row.Kind == SearchKeyKind.Name);
        if (db.IsOnServer())
        {
            await using var transaction = await db.BeginAsync(cancellationToken);   // for its setting alone
            await db.Database.ExecuteSqlRawAsync(string.Create(CultureInfo.InvariantCulture, $"SET LOCAL pg_trgm.word_similarity_threshold = {Trigrams.Alike}"), cancellationToken);
            var holding = await names.Where(row => EF.Functions.Like(row.Key, $"%{name}%")).OrderByDescending(row => row.Id).Take(Most + 1)
                .Select(row => row.BookingId).ToListAsync(cancellationToken);
            var like = await names.Where(row => EF.Functions.TrigramsAreWordSimilar(name, row.Key))
                .OrderByDescending(row => EF.Functions.TrigramsWordSimilarity(name, row.Key)).ThenByDescending(row => row.Id).Take(Most + 1)
                .Select(row => row.BookingId).ToListAsync(cancellationToken);
            return [.. holding.Select(id => (id, FoundBy.Name)), .. like.Select(id => (id, FoundBy.LikeName))];
        }

        // SQLite holds what one machine booked: its names fit in memory, and it knows no trigrams.
        List<(Guid Id, long Row, double Likeness)> all = [];
        await foreach (var row in names.Select(row => new { row.Id, row.BookingId, row.Key }).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            var likeness = row.Key.Contains(name, StringComparison.Ordinal) ? 2 : Trigrams.WordLikeness(name, row.Key);
            if (likeness >= Trigrams.Alike)
            {
                all.Add((row.BookingId, row.Id, likeness));
            }
        }

        return
        [
            .. all.OrderByDescending(each => each.Likeness).ThenByDescending(each => each.Row).Take(Most + 1)
                .Select(each => (each.Id, each.Likeness > 1 ? FoundBy.Name : FoundBy.LikeName)),
        ];
    }

    private static FoundBooking Of(Booking booking, string? state, FoundBy by) => new(
        booking.Id, booking.Locator, state is null ? BookingStage.Submitted : Enum.Parse<BookingStage>(state), by,
        [.. booking.Passengers.Select(passenger => $"{passenger.TicketSurname} {passenger.TicketGivenName[..1]}")],
        [.. booking.Offer.Segments.Select(segment => segment.Flight)], booking.Offer.Segments[0].Origin, booking.Offer.Segments[^1].Destination,
        booking.Offer.Segments[0].DepartsAt, booking.Offer.Total, booking.SubmittedAt);

    [GeneratedRegex(@"^(?<flight>[A-Z0-9]{2} ?\d{1,4}[A-Z]?)[ /,]+(?<day>\d{4}-\d{2}-\d{2})$")]
    private static partial Regex FlightAndDay();
}

/// <summary>Likeness of texts by their runs of three letters, as PostgreSQL's <c>pg_trgm</c> counts it for words.</summary>
internal static class Trigrams
{
    /// <summary>From here on two are alike: two letters changed round in a name of six are 0.57.</summary>
    public const double Alike = 0.5;

    /// <summary>The greatest likeness of the text and any run of as many words of the name; 0 to 1.</summary>
    public static double WordLikeness(string text, string name)
    {
        var wanted = Of(text);
        var count = text.Split(' ').Length;
        var words = name.Split(' ');
        var best = 0.0;
        for (var first = 0; first + count <= Math.Max(words.Length, count); first++)
        {
            var there = Of(string.Join(' ', words.Skip(first).Take(count)));
            var shared = wanted.Count(there.Contains);
            best = Math.Max(best, (double)shared / wanted.Count);
        }

        return best;
    }

    private static HashSet<string> Of(string text) =>
        [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => $"  {word} ").SelectMany(word => Enumerable.Range(0, word.Length - 2).Select(at => word.Substring(at, 3)))];
}
