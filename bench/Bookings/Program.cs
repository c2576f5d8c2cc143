// ./aerona bench bookings: the driver, which starts itself again as the two processes of Aerona's contestant; with --product the whole product instead.
using Aerona.BookingsBench.Driver;
using Aerona.BookingsBench.Flow;
using Aerona.BookingsBench.Product;

switch (args)
{
    case ["orchestrator"]:
        await FlowProcesses.OrchestrateAsync();
        return 0;
    case ["workers"]:
        await FlowProcesses.WorkAsync();
        return 0;
    default:
        Func<CancellationToken, Task<bool>>? run = null;
        if (args.Contains("--product"))
        {
            run = ProductOptions.Read(args, Console.Error) is { } product ? stop => ProductBench.RunAsync(product, Console.Out, stop) : null;
        }
        else if (BenchOptions.Read(args, Console.Error) is { } options)
        {
            run = stop => Bench.RunAsync(options, Console.Out, stop);
        }

        if (run is null)
        {
            return 2;
        }

        using (var stop = new CancellationTokenSource())
        {
            Console.CancelKeyPress += (_, pressed) =>
            {
                pressed.Cancel = true;   // the servers are stopped in order
                stop.Cancel();
            };
            try
            {
                return await run(stop.Token) ? 0 : 1;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                await Console.Error.WriteLineAsync("stopped");
                return 130;
            }
            catch (InvalidOperationException problem)
            {
                await Console.Error.WriteLineAsync($"aerona bench: {problem.Message}");
                return 1;
            }
        }
}
