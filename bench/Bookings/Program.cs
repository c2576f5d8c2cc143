// ./aerona bench bookings: the driver, which starts itself again as the two processes of Aerona's contestant.
using Aerona.BookingsBench.Driver;
using Aerona.BookingsBench.Flow;

switch (args)
{
    case ["orchestrator"]:
        await FlowProcesses.OrchestrateAsync();
        return 0;
    case ["workers"]:
        await FlowProcesses.WorkAsync();
        return 0;
    default:
        if (BenchOptions.Read(args, Console.Error) is not { } options)
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
                return await Bench.RunAsync(options, Console.Out, stop.Token) ? 0 : 1;
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
