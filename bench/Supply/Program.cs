// ./aerona bench import: how fast a file of flights is loaded, until the last one can be found and sold.
// ./aerona bench supplier: whether a supplier that says nothing slows those who ask others.
using Aerona.AllInOne.Commands;
using Aerona.SupplyBench;

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;   // what was started is stopped in order
    stop.Cancel();
};
System.Globalization.CultureInfo.DefaultThreadCurrentCulture = System.Globalization.CultureInfo.CurrentCulture = System.Globalization.CultureInfo.InvariantCulture;
try
{
    return args switch
    {
        ["import", .. var rest] => await ImportBench.RunAsync(rest, Console.Out, stop.Token),
        ["supplier", .. var rest] => await SupplierBench.RunAsync(rest, Console.Out, stop.Token),
        _ => throw new UsageException("say what: import or supplier"),
    };
}
catch (UsageException problem)
{
    await Console.Error.WriteLineAsync($"aerona bench: {problem.Message}");
    return 2;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    await Console.Error.WriteLineAsync("stopped");
    return 130;
}
catch (Exception problem) when (problem is CommandFailedException or InvalidOperationException or HttpRequestException)
{
    await Console.Error.WriteLineAsync($"aerona bench: {problem.Message}");
    return 1;
}
