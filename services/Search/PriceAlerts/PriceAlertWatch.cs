using System.Data.Common;
using Aerona.Contracts;
using Aerona.Contracts.Notifications;
using Aerona.Messaging;
using Aerona.Persistence;
using Aerona.Search.Data;
using Aerona.Search.SearchFlights;
using Aerona.Search.Timetables;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Search.PriceAlerts;

/// <summary>Looks at what watched searches cost, each every ten minutes, and asks for a mail when one costs little enough.</summary>
internal sealed class PriceAlertWatch(
    TripSearch trips, TimetableFeed feed, Timetable timetable, IServiceScopeFactory scopes, DatabaseReadiness databases, TimeProvider time, ILogger<PriceAlertWatch> logger)
    : BackgroundService
{
    /// <summary>Between two looks at the same search.</summary>
    public static readonly TimeSpan BetweenChecks = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMinutes(1);

    private const int MostAtOnce = 200;

    /// <summary>The cheapest trip of a search, in minor units; null: nothing is sold.</summary>
    public static long? Lowest(TripSearch trips, FlightSearchRequest search, string currency, DateTimeOffset now) =>
        trips.Run(search with { Sort = FlightSort.Price, Cursor = null }, currency, now).Tabs?.Cheapest.Price.MinorUnits;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await databases.WaitAsync<SearchDbContext>(stoppingToken);
        using var look = new PeriodicTimer(BetweenLooks, time);
        do
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception problem) when (problem is DbException or DbUpdateException || DatabaseErrors.IsUnreachable(problem))
            {
                logger.LogWarning(problem, "Price alerts cannot be looked at; trying again");
            }
        }
        while (await look.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Looks at every alert that is due. Not before all flights are in memory: half of them would have other prices.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        if (!feed.IsBuilt)
        {
            return;
        }

        List<Guid> due;
        do
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<SearchDbContext>();
            var now = time.GetUtcNow();
            due = await db.PriceAlerts.Where(row => row.State == AlertState.Watching && row.CheckAt <= now).OrderBy(row => row.CheckAt).Select(row => row.Id).Take(MostAtOnce)
                .ToListAsync(cancellationToken);
            foreach (var id in due)
            {
                await CheckAsync(db, id, now, cancellationToken);
                db.ChangeTracker.Clear();
            }
        }
        while (due.Count == MostAtOnce);
    }

    private async Task CheckAsync(SearchDbContext db, Guid id, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        if (await db.TryLockAsync<PriceAlert>(id, cancellationToken) is not { State: AlertState.Watching } alert || alert.CheckAt > now
            || await db.SavedSearches.AsNoTracking().SingleOrDefaultAsync(row => row.Id == alert.SavedSearchId, cancellationToken) is not { Search: var search })
        {
            return;   // another process was faster, or it was ended meanwhile
        }

        var rules = SearchRules.Check(search, now, null);
        if (rules.Any(problem => problem.Code == "date.in_past"))
        {
            alert.State = AlertState.Over;
        }
        else
        {
            // A search that this version of the rules refuses for another reason finds nothing, and is tried again.
            var lowest = rules.Count > 0 || timetable.Count == 0 ? null : Lowest(trips, search, alert.Currency, now);
            alert.CheckAt = now + BetweenChecks;
            var today = DateOnly.FromDateTime(now.UtcDateTime);
            if (alert.See(lowest, today))
            {
                db.Publish(Mail(alert, search, lowest!.Value, today, now));
            }
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static SendPriceAlert Mail(PriceAlert alert, FlightSearchRequest search, long lowest, DateOnly today, DateTimeOffset now) => new(
        alert.Id, today, alert.Email, alert.Language, [.. search.AllLegs.Select(leg => new AlertLeg(leg.Origin!, leg.Destination!, leg.DepartsOn!.Value))],
        search.Travellers.Adults + search.Travellers.Children + search.Travellers.Infants, new(lowest, alert.Currency),
        alert.FirstPrice is { } first && first > lowest ? new Money(first, alert.Currency) : null, $"{EndPriceAlert.Path}/{alert.Code}", now);
}
