using System.Runtime;
using Microsoft.Extensions.Hosting;

namespace Aerona.Hosting;

/// <summary>
/// Collects once, when the start is over: it leaves more garbage than an idle service makes in hours, so no collection would come to give that memory back.
/// Some tens of milliseconds of a process that has little to do yet.
/// </summary>
internal sealed class AfterStart(IHostApplicationLifetime lifetime, TimeProvider clock) : BackgroundService
{
    /// <summary>By then the bus is connected and the first timers and probes have run.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var settled = new PeriodicTimer(Settled, clock);
        do
        {
            await settled.WaitForNextTickAsync(stoppingToken);
        }
        while (!lifetime.ApplicationStarted.IsCancellationRequested);

        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
