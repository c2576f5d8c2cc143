// ./aerona bench inventory: holds a second on one hot flight and over many, through the product's own handler and beside the least SQL that does the same.
using Aerona.InventoryBench;

if (InventoryOptions.Read(args, Console.Error) is not { } options)
{
    return 2;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;   // the server is stopped in order
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
