using System.Data.Common;
using Aerona.Contracts;
using Aerona.Persistence;
using Aerona.Pricing;
using Aerona.Search.Data;
using Aerona.Search.Timetables;

namespace Aerona.Search.PriceHistory;

/// <summary>
/// Writes down what routes cost by day whenever that has changed: looks every few seconds at the routes and days whose flights did. After a restart it goes on with
/// what has changed since the highest version in its table.
/// </summary>
internal sealed class PriceObserver(
    TimetableFeed feed, IServiceScopeFactory scopes, DatabaseReadiness databases, TimeProvider time,
    ILogger<PriceObserver> logger) : BackgroundService
{
    private const int RowsAtOnce = 1_000;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim turn = new(1);

    private readonly Dictionary<(AirRoute Route, int Day), long?> last = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await databases.WaitAsync<SearchDbContext>(stoppingToken);
        using var look = new PeriodicTimer(BetweenLooks, time);
        do
        {
            try
            {
                await ObserveAsync(stoppingToken);
            }
            catch (Exception problem) when (problem is DbException || DatabaseErrors.IsUnreachable(problem))
            {
                logger.LogWarning(problem, "Prices cannot be written down; trying again");
            }
        }
        while (await look.WaitForNextTickAsync(stoppingToken));
    }

    public override void Dispose()
    {
        turn.Dispose();
        base.Dispose();
    }

    /// <summary>Writes down every price that has changed by now.</summary>
    public async Task ObserveAsync(CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            var (changed, version) = feed.TakeChanged();
            foreach (var some in changed.Chunk(RowsAtOnce))
            {
                await WriteAsync(some, version, cancellationToken);
            }
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task WriteAsync((AirRoute Route, int Day)[] changed, long version, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var rows = new List<PriceObservation>();
        var prices = new List<((AirRoute Route, int Day) Key, long? Price)>();
        foreach (var (route, day) in changed)
        {
            var (price, currency) = Lowest(route, day, Clock.Minute(now));
            if (!last.TryGetValue((route, day), out var before) ? price is null : before == price)
            {
                continue;   // as it was, or never sold
            }

            prices.Add(((route, day), price));
            rows.Add(new()
            {
                Origin = Stations.All[route.From].Code,
                Destination = Stations.All[route.To].Code,
                DepartsOn = DateOnly.FromDayNumber(day),
                ObservedOn = DateOnly.FromDateTime(now.UtcDateTime),
                Currency = currency,
                Lowest = price,
                Version = version,
            });
        }

        if (rows.Count == 0)
        {
            return;
        }

        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<SearchDbContext>();
            await using var transaction = await db.BeginAsync(cancellationToken);
            await db.UpsertAsync(rows, nameof(PriceObservation.Version), cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        catch
        {
            feed.ChangedAgain(changed);
            throw;
        }

        prices.ForEach(one => last[one.Key] = one.Price);
    }

    /// <summary>The cheapest seat of an adult in economy on a flight of that route and day that has not left; the house's flights come first where currencies differ.</summary>
    private static (long? Price, string Currency) Lowest(AirRoute route, int day, int now)
    {
        var (lowest, currency) = ((long?)null, "");
        var midnight = Clock.Midnight(DateOnly.FromDayNumber(day));
        var flights = route.Flights;
        for (var index = Timetable.FirstFrom(flights, midnight - Clock.Day); index < flights.Length && flights[index].DepartsAt < midnight + (2 * Clock.Day); index++)
        {
            var flight = flights[index];
            var own = Names.Of(flight.Currency);
            currency = currency.Length == 0 ? own : currency;
            if (flight.DepartsLocal < midnight || flight.DepartsLocal >= midnight + Clock.Day || flight.DepartsAt <= now || flight.Seats[0] == 0 || flight.Fares[0] < 0 || !HouseTariff.SellsIn(own))
            {
                continue;
            }

            var price = flight.Supplier == 0 ? route.Tariff(flight.Currency, PassengerType.Adult).Total(flight.Fares[0]) : flight.Fares[0];
            if (lowest is null || (own == currency && price < lowest))
            {
                (lowest, currency) = (price, own);
            }
        }

        return (lowest, currency);
    }
}
