using Aerona.Airlines.Data;
using Aerona.Airlines.Orders;
using Aerona.Airlines.Outside;
using Aerona.Persistence;
using Aerona.Suppliers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Aerona.Airlines.Webhooks;

/// <summary>Asks now and then how bought orders stand: webhooks get lost, and some suppliers send none. Each supplier at its own pace.</summary>
internal sealed partial class Reconciliation(
    IServiceScopeFactory scopes, PlainReads<AirlinesDbContext> reads, DatabaseReadiness databases, OutsideSuppliers outside, IServiceProvider services, OrderNews news, TimeProvider clock, ILogger<Reconciliation> log)
    : BackgroundService
{
    private const string Due = $"""
        SELECT order_id FROM airline_order
        WHERE supplier = @supplier AND state = '{nameof(AirlineOrderState.Confirmed)}' AND (departs_at IS NULL OR departs_at > @now) AND COALESCE(synced_at, noted_at) <= @before
        ORDER BY COALESCE(synced_at, noted_at) LIMIT 20
        """;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (outside.All.Count == 0)
        {
            return;
        }

        await databases.WaitAsync<AirlinesDbContext>(stoppingToken);
        await Task.WhenAll(outside.All.Select(supplier => FollowAsync(supplier, stoppingToken)));
    }

    private async Task FollowAsync(IOutsideSupplier supplier, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(20), clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RunAsync(supplier.Name, stoppingToken);
            }
            catch (Exception problem) when (problem is not OperationCanceledException)
            {
                LogFailed(problem, supplier.Name);
            }
        }
    }

    /// <summary>One round at one supplier: those not asked about for the longest time.</summary>
    public async Task RunAsync(string supplier, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var ids = await reads.ListAsync(
            Due, row => row.GetGuid(0), cancellationToken, ("supplier", supplier), ("now", now), ("before", now - outside.OptionsOf(supplier).ReconcileEvery));
        if (ids.Count == 0)
        {
            return;
        }

        List<AirlineOrder> due;
        await using (var scope = scopes.CreateAsyncScope())
        {
            due = await scope.ServiceProvider.GetRequiredService<AirlinesDbContext>().AirlineOrders.AsNoTracking()
                .Where(order => ids.Contains(order.OrderId)).ToListAsync(cancellationToken);
        }

        var http = services.GetRequiredKeyedService<SupplierHttp>(supplier);
        foreach (var order in due.OrderBy(order => order.SyncedAt ?? order.NotedAt))
        {
            if (http.ScarceUntil is not null)
            {
                return;   // calls of people who wait come first
            }

            var standing = await news.AskAsync(order, cancellationToken);
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<AirlinesDbContext>();
            await using var transaction = await db.BeginAsync(cancellationToken);
            await news.RecordAsync(db, order.OrderId, standing, cancellationToken);
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Orders at {Supplier} could not be compared; the next round tries again")]
    private partial void LogFailed(Exception problem, string supplier);
}
