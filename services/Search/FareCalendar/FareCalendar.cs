using System.Text.Json;
using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Search.Caching;
using Aerona.Search.Connections;
using Aerona.Search.SearchFlights;
using Aerona.Search.Timetables;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aerona.Search.FareCalendar;

/// <summary>Lowest prices around the days of a journey.</summary>
/// <param name="Travellers">At most nine with a seat.</param>
/// <param name="Origin">IATA airport or city.</param>
/// <param name="Destination">IATA airport or city.</param>
/// <param name="DepartsOn">Local date at the origin; the middle of the days, or any day of the month.</param>
/// <param name="ReturnsOn">Local date at the destination; null: one way. Not for a month.</param>
/// <param name="Month">Every day of the month of <paramref name="DepartsOn"/> instead of three days before and after.</param>
/// <param name="Cabin">Cabin to sit in.</param>
/// <param name="MaxStops">0 to 2.</param>
/// <param name="Currency">As of a search.</param>
internal sealed record FareCalendarRequest(
    Travellers Travellers, string? Origin, string? Destination, DateOnly? DepartsOn, DateOnly? ReturnsOn = null, bool Month = false, Cabin Cabin = Cabin.Economy,
    int MaxStops = 1, string? Currency = null);

/// <summary>The cheapest trip of a day, or of a pair of days.</summary>
/// <param name="DepartsOn">Local at the origin.</param>
/// <param name="ReturnsOn">Local at the destination; null one way.</param>
/// <param name="Price">What the party pays; null: nothing is sold.</param>
/// <param name="IsCheapest">Whether nothing in the calendar is cheaper.</param>
internal sealed record FareDay(DateOnly DepartsOn, DateOnly? ReturnsOn, Money? Price, bool IsCheapest);

/// <summary>A calendar.</summary>
/// <param name="Currency">Of every price.</param>
/// <param name="Days">By day of departure, then of return. Days that are over or not on sale yet are left out.</param>
internal sealed record FareCalendarView(string Currency, IReadOnlyList<FareDay> Days);

/// <summary><c>POST /v1/flight-searches/calendar</c>.</summary>
internal static class FareCalendar
{
    /// <summary>Days before and after.</summary>
    private const int Around = 3;

    public static void MapFareCalendar(this RouteGroupBuilder api) =>
        api.MapPost("/flight-searches/calendar", Calendar).WithName("GetFareCalendar")
            .WithSummary("The lowest price of each day around a journey, 7 x 7 for a return, or of each day of a month").ProducesProblem(400);

    private static async Task<Results<Ok<FareCalendarView>, FileContentHttpResult, ProblemHttpResult>> Calendar(
        FareCalendarRequest request, CalendarSearch search, SearchCache cache, Timetable timetable, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var asked = new FlightSearchRequest(
            request.Travellers, request.Origin, request.Destination, request.DepartsOn, request.ReturnsOn, Cabin: request.Cabin, MaxStops: request.MaxStops, Currency: request.Currency);
        IReadOnlyList<FieldProblem> problems = SearchRules.Check(asked, now, timetable.LastDay);
        if (problems.Count == 0 && request is { Month: true, ReturnsOn: not null })
        {
            problems = [new("/returnsOn", "month.one_way", "A month is of one way; leave returnsOn out.")];
        }

        if (problems.Count > 0)
        {
            return Problems.Invalid(problems);
        }

        var lastDay = timetable.LastDay;
        if (!cache.IsEnabled || search.Legs(request, asked, now, lastDay) is not { Count: > 0 } legs)
        {
            return TypedResults.Ok(search.Find(request, asked, now, lastDay));
        }

        request = request with { Currency = search.CurrencyOf(request, asked) };
        if (request.ReturnsOn is not null)
        {
            // Pairs of days depend on both: the whole is remembered.
            var question = $"{SearchCursor.Fingerprint(asked)}:{request.Currency}:{legs[0].Day:yyyyMMdd}:{legs[^1].Day:yyyyMMdd}";
            return TypedResults.Bytes(
                await cache.AnswerAsync("calendar", question, legs, now, () => search.Find(request, asked, now, lastDay), cancellationToken), "application/json; charset=utf-8");
        }

        // One way each day by itself: a change matters to its own day only, and the month finds what the days around one have found.
        var prices = new List<(DateOnly Day, DateOnly? Back, long Price)>();
        foreach (var leg in legs)
        {
            var question = $"{SearchCursor.Fingerprint(asked with { DepartsOn = leg.Day })}:{request.Currency}";
            var price = await cache.AnswerAsync("day", question, [leg], now, () => search.LowestOn(request, leg, now), cancellationToken);
            prices.Add((leg.Day, null, JsonSerializer.Deserialize<long>(price)));
        }

        return TypedResults.Ok(CalendarSearch.View(prices, request.Currency));
    }

    /// <summary>The days that count: on sale, and not over everywhere at the origin.</summary>
    internal static List<DateOnly> Days(DateOnly middle, bool month, DateTimeOffset now, DateOnly? lastDay)
    {
        var (first, last) = month
            ? (new DateOnly(middle.Year, middle.Month, 1), new DateOnly(middle.Year, middle.Month, DateTime.DaysInMonth(middle.Year, middle.Month)))
            : (middle.AddDays(-Around), middle.AddDays(Around));
        var earliest = DateOnly.FromDateTime(now.UtcDateTime).AddDays(-1);
        return [.. Enumerable.Range(0, last.DayNumber - first.DayNumber + 1).Select(first.AddDays).Where(day => day >= earliest && !(day > lastDay))];
    }
}

/// <summary>Works calendars out: each day's leg is built once, and pairs of days are put together by their cheapest sums.</summary>
internal sealed class CalendarSearch(Timetable timetable, ConnectionRules rules, TripSearch trips)
{
    /// <summary>What prices of the calendar are in.</summary>
    public string CurrencyOf(FareCalendarRequest request, FlightSearchRequest asked) => request.Currency ?? trips.OwnCurrency(asked);

    /// <summary>Every leg that is looked at, on each of its days.</summary>
    public List<Leg> Legs(FareCalendarRequest request, FlightSearchRequest asked, DateTimeOffset now, DateOnly? lastDay) =>
    [
        .. asked.AllLegs.SelectMany((leg, index) => FareCalendar.Days(leg.DepartsOn!.Value, request.Month && index == 0, now, lastDay)
            .Select(day => TripSearch.Plan(leg with { DepartsOn = day }, request.MaxStops))),
    ];

    public FareCalendarView Find(FareCalendarRequest request, FlightSearchRequest asked, DateTimeOffset now, DateOnly? lastDay)
    {
        using var space = Workspace.Rent();
        var (cabin, legs) = ((int)request.Cabin, asked.AllLegs);
        var currency = CurrencyOf(request, asked);
        var search = new LegSearch(timetable, rules, new(request.Travellers, currency), Clock.Minute(now), space);
        List<LegOption> On(LegRequest leg, DateOnly day) => search.Find(TripSearch.Plan(leg with { DepartsOn = day }, request.MaxStops));

        var outbound = FareCalendar.Days(request.DepartsOn!.Value, request.Month, now, lastDay).ConvertAll(day => (Day: day, Options: On(legs[0], day)));
        List<(DateOnly Day, DateOnly? Back, long Price)> found = [];
        if (request.ReturnsOn is { } returns)
        {
            var back = FareCalendar.Days(returns, false, now, lastDay)
                .ConvertAll(day => (Day: day, Options: new CheapestBeside(On(legs[1], day), null, cabin, 1, static (_, _) => true, space, byArrival: false)));
            foreach (var there in outbound)
            {
                foreach (var home in back.Where(home => home.Day >= there.Day.AddDays(-1)))
                {
                    found.Add((there.Day, home.Day, Lowest(there.Options, cabin, option => home.Options.From(option.ArrivesAt + Throughs.TurnAround))));
                }
            }
        }
        else
        {
            found.AddRange(outbound.Select(there => (there.Day, (DateOnly?)null, Lowest(there.Options, cabin, static _ => 0))));
        }

        return View(found, currency);
    }

    /// <summary>What the cheapest trip of one way costs on the leg's day, in minor units of the request's currency; <see cref="long.MaxValue"/>: nothing is sold.</summary>
    public long LowestOn(FareCalendarRequest request, Leg leg, DateTimeOffset now)
    {
        using var space = Workspace.Rent();
        return Lowest(new LegSearch(timetable, rules, new(request.Travellers, request.Currency!), Clock.Minute(now), space).Find(leg), (int)request.Cabin, static _ => 0);
    }

    /// <summary>The calendar of these days; a price of <see cref="long.MaxValue"/> is none.</summary>
    public static FareCalendarView View(List<(DateOnly Day, DateOnly? Back, long Price)> found, string currency)
    {
        var lowest = found.Select(one => one.Price).DefaultIfEmpty(long.MaxValue).Min();
        return new(
            currency,
            [.. found.Select(one => new FareDay(
                one.Day, one.Back, one.Price == long.MaxValue ? null : new Money(one.Price, currency), one.Price != long.MaxValue && one.Price == lowest))]);
    }

    private static long Lowest(List<LegOption> options, int cabin, Func<LegOption, long> beside)
    {
        var lowest = long.MaxValue;
        foreach (var option in options)
        {
            if (option.Prices[cabin] is >= 0 and var price && price < lowest && beside(option) is < long.MaxValue and var more)
            {
                lowest = Math.Min(lowest, price + more);
            }
        }

        return lowest;
    }
}
