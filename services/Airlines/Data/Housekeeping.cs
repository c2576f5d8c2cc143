using Aerona.Airlines.House;
using Aerona.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Aerona.Airlines.Data;

/// <summary>
/// Deletes what nobody asks for any more: many offers are made for each one booked, and flights leave. Holds, orders and tickets are books and stay. What suppliers
/// said and sent goes with the offers.
/// </summary>
internal sealed partial class Housekeeping(
    IServiceScopeFactory scopes, DatabaseReadiness databases, TimeProvider clock, IOptions<HouseAirlineOptions> options, ILogger<Housekeeping> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await databases.WaitAsync<AirlinesDbContext>(stoppingToken);
        using var timer = new PeriodicTimer(TimeSpan.FromHours(1), clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await TidyAsync(stoppingToken);
            }
            catch (Exception problem) when (problem is not OperationCanceledException)
            {
                LogFailed(problem);
            }
        }
    }

    /// <summary>One round.</summary>
    public async Task TidyAsync(CancellationToken cancellationToken)
    {
        var past = clock.GetUtcNow() - options.Value.KeepPast;
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AirlinesDbContext>();
        await db.Offers.Where(offer => offer.ExpiresAt < past).ExecuteDeleteAsync(cancellationToken);
        await db.SupplierLog.Where(entry => entry.At < past).ExecuteDeleteAsync(cancellationToken);
        await db.SupplierEvents.Where(received => received.ReceivedAt < past).ExecuteDeleteAsync(cancellationToken);
        var day = DateOnly.FromDateTime(past.UtcDateTime);
        await db.FetchedRoutes.Where(row => row.DepartsOn < day).ExecuteDeleteAsync(cancellationToken);
        await db.Flights.Where(flight => flight.DepartsAt < past).ExecuteDeleteAsync(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Old offers and flights could not be deleted; the next round tries again")]
    private partial void LogFailed(Exception problem);
}
