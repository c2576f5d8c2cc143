// ./aerona bench start: how long each service takes until it is ready, started alone on its real servers, and what memory it holds.
using Aerona.StartBench;

if (StartOptions.Read(args, Console.Error) is not { } options)
{
    return 2;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;   // the servers are stopped in order
    stop.Cancel();
};
try
{
    await Starts.MeasureAsync(options, Console.Out, stop.Token);
    return 0;
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
