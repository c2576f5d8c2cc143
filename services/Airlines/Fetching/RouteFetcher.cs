using Aerona.Airlines.Data;
using Aerona.Airlines.Flights;
using Aerona.Airlines.Orders;
using Aerona.Airlines.Outside;
using Aerona.Contracts;
using Aerona.Contracts.Operations;
using Aerona.Messaging;
using Aerona.Persistence;
using Aerona.Suppliers;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Airlines.Fetching;

/// <summary>
/// Fetches the direct flights of each supplier's routes, day by day up to its horizon, and publishes them for searches. Each supplier has a loop of its own; rows remember
/// what was fetched, so a restart goes on where it was. Prices shown are as old as the fetch: an offer asks again.
/// </summary>
internal sealed partial class RouteFetcher(
    IServiceScopeFactory scopes, DatabaseReadiness databases, OutsideSuppliers outside, IServiceProvider services, SupplierCalls calls, TimeProvider clock, ILogger<RouteFetcher> log)
    : BackgroundService
{
    private const int SeatsWhereNobodySays = 9;

    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var fetched = outside.All.Where(supplier => outside.OptionsOf(supplier.Name).Routes.Count > 0).ToList();
        if (fetched.Count == 0)
        {
            return;
        }

        await databases.WaitAsync<AirlinesDbContext>(stoppingToken);
        await Task.WhenAll(fetched.Select(supplier => FollowAsync(supplier, stoppingToken)));
    }

    private async Task FollowAsync(IOutsideSupplier supplier, CancellationToken stoppingToken)
    {
        var options = outside.OptionsOf(supplier.Name);
        var http = services.GetRequiredKeyedService<SupplierHttp>(supplier.Name);
        // The process itself may be the supplier's other end, and whoever starts it waits for it to be ready first.
        await PauseAsync(options.FetchPause, stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = Idle;
            try
            {
                pause = await FetchNextAsync(supplier, stoppingToken) ? options.FetchPause : Idle;
                if (http.ScarceUntil is { } until && until > clock.GetUtcNow() + pause)
                {
                    pause = until - clock.GetUtcNow();
                }
            }
            catch (Exception problem) when (problem is not OperationCanceledException)
            {
                LogFailed(problem, supplier.Name);
            }

            await PauseAsync(pause, stoppingToken);
        }
    }

    /// <summary>Fetches the route and day that is most overdue; false when none is.</summary>
    public async Task<bool> FetchNextAsync(IOutsideSupplier supplier, CancellationToken cancellationToken)
    {
        var options = outside.OptionsOf(supplier.Name);
        if (await ClaimAsync(supplier.Name, options, cancellationToken) is not { } claimed)
        {
            return false;
        }

        var (origin, destination) = (claimed.Route.Split('-')[0], claimed.Route.Split('-')[1]);
        var answer = await calls.AskAsync(
            supplier, "fetch_route", $"{claimed.Route} {claimed.DepartsOn:yyyy-MM-dd}",
            one => one.FetchAsync(new([new(origin, destination, claimed.DepartsOn)], [PassengerType.Adult], Cabin: null, MaxConnections: 0), cancellationToken),
            said => said.Problem is { } problem ? problem.Kind.ToString().ToLowerInvariant() : "success",
            OffersAnswer.Failed(new(SupplierFailure.Unavailable, "time_out")));
        cancellationToken.ThrowIfCancellationRequested();
        await RecordAsync(supplier.Name, claimed, answer, cancellationToken);
        return true;
    }

    /// <summary>The next one, marked as tried now so that another replica takes another.</summary>
    private async Task<FetchedRoute?> ClaimAsync(string supplier, SupplierOptions options, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AirlinesDbContext>();
        var now = clock.GetUtcNow();
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var known = await db.FetchedRoutes.AsNoTracking().Where(row => row.Supplier == supplier && row.DepartsOn >= today)
            .Select(row => new { row.Route, row.DepartsOn, row.TriedAt, Failed = row.Problem != null }).ToListAsync(cancellationToken);
        var tried = known.ToDictionary(row => (row.Route, row.DepartsOn));
        // A failed one is tried again sooner, but after all others had their turn.
        var next = Enumerable.Range(0, options.HorizonDays).SelectMany(day => options.Routes.Select(route => (Route: route, Day: today.AddDays(day))))
            .Select(one => (one.Route, one.Day, TriedAt: tried.GetValueOrDefault((one.Route, one.Day))?.TriedAt, Failed: tried.GetValueOrDefault((one.Route, one.Day))?.Failed == true))
            .Where(one => one.TriedAt is not { } at || at <= now - (one.Failed ? options.FetchEvery / 12 : options.FetchEvery))
            .OrderBy(one => one.TriedAt ?? DateTimeOffset.MinValue).FirstOrDefault();
        if (next.Route is null)
        {
            return null;
        }

        await using var transaction = await db.BeginAsync(cancellationToken);
        await db.UpsertAsync([new FetchedRoute { Supplier = supplier, Route = next.Route, DepartsOn = next.Day }], version: null, cancellationToken);
        var row = await db.FetchedRoutes.SingleAsync(row => row.Supplier == supplier && row.Route == next.Route && row.DepartsOn == next.Day, cancellationToken);
        row.TriedAt = now;
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return row;
    }

    private async Task RecordAsync(string supplier, FetchedRoute claimed, OffersAnswer answer, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AirlinesDbContext>();
        var now = clock.GetUtcNow();
        await using var transaction = await db.BeginAsync(cancellationToken);
        var row = await db.FetchedRoutes.SingleAsync(
            row => row.Supplier == supplier && row.Route == claimed.Route && row.DepartsOn == claimed.DepartsOn, cancellationToken);
        row.Problem = answer.Problem?.Code;
        if (answer.Problem is null)
        {
            var flights = Flights(answer.Offers, supplier, now);
            var known = await db.Flights.AsNoTracking().Where(flight => flight.DepartsOn == claimed.DepartsOn && flight.Origin + "-" + flight.Destination == claimed.Route)
                .ToListAsync(cancellationToken);
            // Somebody else's flight stays theirs: what is sold here twice is sold by whoever had it first.
            flights.RemoveAll(flight => known.Exists(other => other.FlightId == flight.FlightId && other.Supplier != supplier));
            if (!answer.IsPartial)
            {
                flights.AddRange(known.Where(flight => flight.Supplier == supplier && flight.Cabins.Count > 0 && !flights.Exists(one => one.FlightId == flight.FlightId))
                    .Select(gone => Withdrawn(gone, now)).ToList());
            }

            (row.FetchedAt, row.IsPartial, row.Flights, row.Skipped) = (now, answer.IsPartial, flights.Count, answer.Skipped.Count);
            if (flights.Count > 0)
            {
                db.Publish(new FlightsPublished(flights));
            }
        }
        else
        {
            LogNotFetched(supplier, claimed.Route, claimed.DepartsOn, answer.Problem.Code);
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Direct flights with the cheapest offer of each cabin.</summary>
    private static List<PublishedFlight> Flights(IReadOnlyList<SupplierOffer> offers, string supplier, DateTimeOffset now) =>
    [
        .. offers.Where(offer => offer.Snapshot.Segments.Count == 1).GroupBy(offer => offer.Snapshot.Segments[0].FlightId).Select(same =>
        {
            var segment = same.First().Snapshot.Segments[0];
            return new PublishedFlight(
                segment.FlightId, now.ToUnixTimeMilliseconds(), segment.Flight, segment.OperatingCarrier, segment.Origin, segment.Destination, segment.DepartsLocal, segment.DepartsAt,
                segment.ArrivesLocal, segment.ArrivesAt, segment.Aircraft,
                [
                    .. same.GroupBy(offer => offer.Snapshot.Segments[0].Cabin).Select(cabin =>
                    {
                        var cheapest = cabin.MinBy(offer => offer.Snapshot.Total.MinorUnits)!;
                        return new PublishedCabin(
                            cabin.Key, cheapest.Terms.SeatsLeft ?? SeatsWhereNobodySays, cheapest.Snapshot.Segments[0].BookingClass, cheapest.Snapshot.Total);
                    }).OrderBy(cabin => cabin.Cabin),
                ],
                supplier);
        }),
    ];

    private static PublishedFlight Withdrawn(FlightOnSale flight, DateTimeOffset now) => new(
        flight.FlightId, now.ToUnixTimeMilliseconds(), flight.Flight, flight.OperatingCarrier, flight.Origin, flight.Destination, flight.DepartsLocal, flight.DepartsAt,
        flight.ArrivesLocal, flight.ArrivesAt, flight.Aircraft, [], flight.Supplier);

    private async Task PauseAsync(TimeSpan span, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(span > TimeSpan.Zero ? span : TimeSpan.FromMilliseconds(1), clock);
        await timer.WaitForNextTickAsync(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Flights of {Supplier} could not be kept; the next round tries again")]
    private partial void LogFailed(Exception problem, string supplier);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Supplier} did not say what it flies on {Route} on {Day}: {Code}")]
    private partial void LogNotFetched(string supplier, string route, DateOnly day, string code);
}
