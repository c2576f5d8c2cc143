using System.Globalization;
using Aerona.Bookings.Data;
using Aerona.Bookings.Figures;
using Aerona.Bookings.Status;
using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Sagas.Booking;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Bookings.Support;

/// <summary>What staff have before them now.</summary>
/// <param name="AsOf">UTC.</param>
/// <param name="States">How many bookings are in each state on their way; a state without any is left out.</param>
/// <param name="Queue">Bookings that need a person, the one that would harm most first.</param>
/// <param name="Waiting">How many need a person; more than the queue shows when it is long.</param>
/// <param name="MoneyAtRisk">By currency: money that stands behind bookings in the queue.</param>
/// <param name="OldestSubmittedAt">UTC; the oldest booking still on its way. Null: none is.</param>
internal sealed record WorkView(
    DateTimeOffset AsOf, IReadOnlyList<StateCount> States, IReadOnlyList<WorkItem> Queue, int Waiting, IReadOnlyList<MoneyAtRisk> MoneyAtRisk, DateTimeOffset? OldestSubmittedAt);

/// <summary>How many bookings are in a state.</summary>
internal sealed record StateCount(BookingStage State, int Count);

/// <summary>Money behind bookings that need a person.</summary>
/// <param name="Currency">ISO 4217.</param>
/// <param name="ChargedWithoutTicket">Taken from travellers who have no ticket.</param>
/// <param name="Held">Reserved at payers' and not taken.</param>
internal sealed record MoneyAtRisk(string Currency, Money ChargedWithoutTicket, Money Held);

/// <summary>A booking that needs a person.</summary>
/// <param name="Id">The booking.</param>
/// <param name="Locator">Our record locator.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Why">In words: parked, late, a case is open.</param>
/// <param name="Harm">What it is ordered by: the product of the factors.</param>
/// <param name="Factors">Where the harm comes from.</param>
/// <param name="Passengers">How many travel.</param>
/// <param name="DepartsAt">UTC; the first departure.</param>
/// <param name="Money">What is charged, held and taken.</param>
/// <param name="EnteredAt">UTC; since when it stands there.</param>
/// <param name="Deadline">UTC; the end of the state, or null.</param>
/// <param name="Cases">Codes of the cases that are open.</param>
internal sealed record WorkItem(
    Guid Id, string Locator, BookingStage State, string Why, double Harm, HarmFactors Factors, int Passengers, DateTimeOffset DepartsAt, MoneyView Money, DateTimeOffset EnteredAt,
    DateTimeOffset? Deadline, IReadOnlyList<string> Cases);

/// <summary>What makes a booking that hangs harmful.</summary>
/// <param name="Passengers">How many travel.</param>
/// <param name="Departure">1 for a departure far ahead, 2 a day before, 13 two hours before and later.</param>
/// <param name="Money">1 when nothing is reserved, 2 when money is, 4 when it is taken, 10 when it is taken and there is no ticket.</param>
/// <param name="Age">1 within its time, and 1 more for each hour past it or parked, to 25.</param>
internal sealed record HarmFactors(int Passengers, double Departure, int Money, double Age)
{
    public double Product => Math.Round(Passengers * Departure * Money * Age, 1);

    /// <param name="saga">How it goes.</param>
    /// <param name="offer">What is booked.</param>
    /// <param name="money">What is charged, held and taken.</param>
    /// <param name="now">UTC.</param>
    public static HarmFactors Of(BookingState saga, OfferSnapshot offer, MoneyView money, DateTimeOffset now)
    {
        var hours = (offer.Segments[0].DepartsAt - now).TotalHours;
        var late = saga.CurrentState == nameof(BookingStage.ParkedForStaff) ? (now - saga.EnteredAt).TotalHours : saga.DeadlineAt is { } deadline ? (now - deadline).TotalHours : 0;
        return new(
            saga.Passengers.Count,
            Math.Round(1 + (24 / Math.Max(2, hours)), 2),
            IsChargedWithoutTicket(saga, money) ? 10 : money.Captured > money.Refunded ? 4 : money.Held.MinorUnits > 0 ? 2 : 1,
            Math.Round(1 + Math.Clamp(late, 0, 24), 2));
    }

    public static bool IsChargedWithoutTicket(BookingState saga, MoneyView money) => money.Captured > money.Refunded && saga.TicketNumbers.Count < saga.Passengers.Count;
}

/// <summary>What staff see first: how much is on its way, and what cannot wait.</summary>
internal static class ShowWork
{
    private const int MostLookedAt = 2000;
    private const int MostOnAPage = 200;

    public static void MapShowWork(this IEndpointRouteBuilder app) =>
        app.MapGet("/v1/support/work", HandleAsync).WithName("ShowWork").WithTags("Support")
            .WithSummary("Bookings that need a person, the most harmful first; counts by state; money at risk").Requires(Permission.SeeAnyBooking);

    private static async Task<Results<Ok<WorkView>, ProblemHttpResult>> HandleAsync(
        BookingsDbContext db, TimeProvider clock, CancellationToken cancellationToken, int limit = 50)
    {
        if (limit is < 1 or > MostOnAPage)
        {
            return Problems.Invalid(new FieldProblem("query:limit", "limit.out_of_range", $"1 to {MostOnAPage}."));
        }

        var now = clock.GetUtcNow();
        var onTheWay = BookingMetrics.OnTheWay.Keys.ToList();
        var states = await db.Sagas.Where(saga => onTheWay.Contains(saga.CurrentState)).GroupBy(saga => saga.CurrentState)
            .Select(group => new { State = group.Key, Count = group.Count(), Oldest = group.Min(saga => saga.SubmittedAt) }).ToListAsync(cancellationToken);
        var parked = nameof(BookingStage.ParkedForStaff);
        var openCases = await db.Cases.AsNoTracking().Where(found => found.ClosedAt == null).OrderBy(found => found.OpenedAt).Take(MostLookedAt)
            .Select(found => new { found.BookingId, found.Kind }).ToListAsync(cancellationToken);
        var cases = openCases.ToLookup(found => found.BookingId, found => found.Kind);
        var withCases = cases.Select(group => group.Key).ToList();
        var waiting = await db.Sagas.AsNoTracking()
            .Where(saga => saga.CurrentState == parked || (onTheWay.Contains(saga.CurrentState) && saga.DeadlineAt < now) || withCases.Contains(saga.CorrelationId))
            .OrderBy(saga => saga.DeadlineAt).Take(MostLookedAt)
            .Join(db.Bookings.AsNoTracking(), saga => saga.CorrelationId, booking => booking.Id, (saga, booking) => new { saga, booking.Offer }).ToListAsync(cancellationToken);
        var items = waiting
            .Select(row => (Saga: row.saga, Item: ItemOf(row.saga, row.saga.Offer ?? row.Offer, [.. cases[row.saga.CorrelationId].Distinct()], now)))
            .OrderByDescending(each => each.Item.Harm).ThenBy(each => each.Item.EnteredAt).ThenBy(each => each.Item.Locator, StringComparer.Ordinal).ToList();
        return TypedResults.Ok(new WorkView(
            now,
            [.. states.Select(state => new StateCount(Enum.Parse<BookingStage>(state.State), state.Count)).OrderBy(state => state.State)],
            [.. items.Take(limit).Select(each => each.Item)], items.Count,
            [.. items.GroupBy(each => each.Item.Money.Total.Currency).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => new MoneyAtRisk(
                group.Key,
                group.Where(each => HarmFactors.IsChargedWithoutTicket(each.Saga, each.Item.Money)).Select(each => each.Item.Money.Captured - each.Item.Money.Refunded).Sum(group.Key),
                group.Select(each => each.Item.Money.Held).Sum(group.Key)))],
            states.Count > 0 ? states.Min(state => state.Oldest) : null));
    }

    private static WorkItem ItemOf(BookingState saga, OfferSnapshot offer, IReadOnlyList<string> cases, DateTimeOffset now)
    {
        var money = BookingViews.MoneyOf(saga, offer.Total);
        var factors = HarmFactors.Of(saga, offer, money, now);
        return new(
            saga.CorrelationId, saga.Locator, BookingViews.StageOf(saga), Why(saga, money, cases, now), factors.Product, factors, saga.Passengers.Count,
            offer.Segments[0].DepartsAt, money, saga.EnteredAt, saga.DeadlineAt, cases);
    }

    private static string Why(BookingState saga, MoneyView money, IReadOnlyList<string> cases, DateTimeOffset now)
    {
        List<string> reasons = [];
        if (HarmFactors.IsChargedWithoutTicket(saga, money))
        {
            reasons.Add("charged, no ticket");
        }

        if (BookingViews.StageOf(saga) == BookingStage.ParkedForStaff)
        {
            reasons.Add("parked: somebody has to decide");
        }
        else if (saga.DeadlineAt < now)
        {
            reasons.Add(string.Create(CultureInfo.InvariantCulture, $"{(now - saga.DeadlineAt.Value).TotalMinutes:0} min past its time"));
        }

        if (cases.Count > 0)
        {
            reasons.Add($"open: {string.Join(", ", cases)}");
        }

        return string.Join("; ", reasons);
    }
}
