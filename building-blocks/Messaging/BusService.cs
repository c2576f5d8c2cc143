using Aerona.Persistence;
using MassTransit;
using Microsoft.Extensions.Hosting;

namespace Aerona.Messaging;

/// <summary>
/// Starts the bus once every database of the process has its schema: a process that could not handle messages must not take them from another one that can.
/// Stops it with the host, after what is in hand.
/// </summary>
internal sealed class BusService(IBusDepot bus, DatabaseReadiness readiness, IEnumerable<RegisteredDatabase> databases) : BackgroundService
{
    private readonly List<RegisteredDatabase> _databases = [.. databases];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (var database in _databases)
        {
            await readiness.WaitAsync(database.Context, stoppingToken);
        }

        await bus.Start(stoppingToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await bus.Stop(cancellationToken);
    }
}
