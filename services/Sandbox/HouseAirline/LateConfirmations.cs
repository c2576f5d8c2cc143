using Aerona.Suppliers;
using Microsoft.Extensions.Options;

namespace Aerona.Sandbox.HouseAirline;

/// <summary>Confirms, unasked, the orders that look-ups denied: <see cref="Scenario.ConfirmsLate"/>.</summary>
internal sealed partial class LateConfirmations(
    ISupplier house, ISupplierNews news, PlayedOrders played, TimeProvider clock, IOptions<HouseAirlineSandboxOptions> options, ILogger<LateConfirmations> log)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await ConfirmAsync(stoppingToken);
            }
            catch (Exception problem) when (problem is not OperationCanceledException)
            {
                LogFailed(problem);   // a database that is away; the order is still remembered
            }
        }
    }

    /// <summary>Confirms what is due.</summary>
    public async Task ConfirmAsync(CancellationToken cancellationToken)
    {
        var due = clock.GetUtcNow() - options.Value.LateConfirmationAfter;
        foreach (var (orderId, order) in played.Where(one => one.Value.DeniedAt <= due).ToList())
        {
            played.TryRemove(orderId, out _);   // what is not played is told as it is, from the books
            try
            {
                await news.TakeAsync(orderId, await house.LookUpAsync(orderId, cancellationToken), cancellationToken);
            }
            catch
            {
                played.TryAdd(orderId, order);
                throw;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A late confirmation could not be told; it is tried again")]
    private partial void LogFailed(Exception problem);
}
