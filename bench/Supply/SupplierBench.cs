namespace Aerona.SupplyBench;

internal static class SupplierBench
{
    public static Task<int> RunAsync(string[] args, TextWriter output, CancellationToken cancellationToken) => throw new InvalidOperationException("to come");
}
