using System.Diagnostics.Metrics;
using Aerona.Suppliers;

namespace Aerona.Airlines.Orders;

/// <summary>
/// Calls the suppliers by name, and tells how they answer: the meter <c>Aerona.Airlines</c> (docs/observability.md). A call cut off by its limit is an answer
/// too: nobody knows.
/// </summary>
internal sealed class SupplierCalls : IDisposable
{
    public const string SupplierTag = "aerona.supplier";
    public const string OperationTag = "aerona.supplier.operation";
    public const string OutcomeTag = "aerona.outcome";

    private readonly IReadOnlyList<ISupplier> suppliers;
    private readonly TimeProvider clock;
    private readonly Meter meter;
    private readonly Histogram<double> calls;

    public SupplierCalls(IEnumerable<ISupplier> suppliers, IMeterFactory meters, TimeProvider clock)
    {
        this.suppliers = [.. suppliers];
        this.clock = clock;
        meter = meters.Create("Aerona.Airlines");
        calls = meter.CreateHistogram<double>(
            "aerona.supplier.call.duration", "s", "How long a supplier takes to answer",
            advice: new() { HistogramBucketBoundaries = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] });
    }

    /// <summary>Buys at that supplier.</summary>
    public Task<SupplierAnswer> CommitAsync(string supplier, SupplierOrder order, CancellationToken cancellationToken) =>
        CallAsync(supplier, "commit", named => named.CommitAsync(order, cancellationToken));

    /// <summary>Asks that supplier what became of an order.</summary>
    public Task<SupplierAnswer> LookUpAsync(string? supplier, Guid orderId, CancellationToken cancellationToken) =>
        CallAsync(supplier, "look_up", named => named.LookUpAsync(orderId, cancellationToken));

    /// <summary>Cancels at that supplier.</summary>
    public Task<SupplierAnswer> CancelAsync(string? supplier, Guid orderId, CancellationToken cancellationToken) =>
        CallAsync(supplier, "cancel", named => named.CancelAsync(orderId, cancellationToken));

    public void Dispose() => meter.Dispose();

    private async Task<SupplierAnswer> CallAsync(string? name, string operation, Func<ISupplier, Task<SupplierAnswer>> call)
    {
        var supplier = suppliers.Single(supplier => supplier.Name == name);
        var (started, outcome) = (clock.GetTimestamp(), "error");   // what a supplier throws is a fault of ours: it must not
        try
        {
            var answer = await call(supplier);
            outcome = answer.Kind.ToString().ToLowerInvariant();
            return answer;
        }
        catch (OperationCanceledException)
        {
            outcome = "unknown";
            return new(SupplierAnswerKind.Unknown);
        }
        finally
        {
            calls.Record(clock.GetElapsedTime(started).TotalSeconds, new(SupplierTag, supplier.Name), new(OperationTag, operation), new(OutcomeTag, outcome));
        }
    }
}
