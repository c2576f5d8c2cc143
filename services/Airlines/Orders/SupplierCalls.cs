using System.Diagnostics.Metrics;
using Aerona.Airlines.Outside;
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

    public SupplierCalls(IEnumerable<ISupplier> suppliers, IEnumerable<IOutsideSupplier> outside, IMeterFactory meters, TimeProvider clock)
    {
        this.suppliers = [.. suppliers, .. outside];
        this.clock = clock;
        meter = meters.Create("Aerona.Airlines");
        calls = meter.CreateHistogram<double>(
            "aerona.supplier.call.duration", "s", "How long a supplier takes to answer",
            advice: new() { HistogramBucketBoundaries = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] });
    }

    /// <summary>Buys at that supplier.</summary>
    public Task<SupplierAnswer> CommitAsync(string supplier, SupplierOrder order, CancellationToken cancellationToken) =>
        CallAsync(supplier, "commit", named => named.CommitAsync(order, cancellationToken), order.OrderId);

    /// <summary>Asks that supplier what became of an order.</summary>
    public Task<SupplierAnswer> LookUpAsync(AirlineOrder order, CancellationToken cancellationToken) =>
        CallAsync(order.Supplier, "look_up", named => named.LookUpAsync(order.Known, cancellationToken), order.OrderId);

    /// <summary>Cancels at that supplier.</summary>
    public Task<SupplierAnswer> CancelAsync(AirlineOrder order, CancellationToken cancellationToken) =>
        CallAsync(order.Supplier, "cancel", named => named.CancelAsync(order.Known, cancellationToken), order.OrderId);

    /// <summary>Asks that supplier what a cancellation would give back.</summary>
    public Task<CancelQuoteAnswer> QuoteAsync(string supplier, CancelWish wish, CancellationToken cancellationToken) => CallAsync(
        supplier, "quote_cancellation", named => named.QuoteCancellationAsync(wish, cancellationToken), wish.Order.OrderId,
        answer => answer.Problem is null ? "quoted" : answer.Problem.Kind.ToString().ToLowerInvariant(),
        new CancelQuoteAnswer(null, Problem: new(SupplierFailure.Unavailable, "time_out")));

    /// <summary>Cancels what was quoted.</summary>
    public Task<CancelAnswer> CancelQuotedAsync(string supplier, QuotedCancel cancel, CancellationToken cancellationToken) => CallAsync(
        supplier, "cancel_quoted", named => named.CancelQuotedAsync(cancel, cancellationToken), cancel.Order.OrderId, Word, CancelAnswer.Unknown);

    /// <summary>Asks that supplier what became of a cancellation.</summary>
    public Task<CancelAnswer> LookUpCancellationAsync(string supplier, QuotedCancel cancel, CancellationToken cancellationToken) => CallAsync(
        supplier, "look_up_cancellation", named => named.LookUpCancellationAsync(cancel, cancellationToken), cancel.Order.OrderId, Word, CancelAnswer.Unknown);

    /// <summary>What it can do.</summary>
    public SupplierCapabilities CapabilitiesOf(string supplier) => suppliers.Single(one => one.Name == supplier).Capabilities;

    /// <summary>Whether a purchase there may be repeated with our reference and happens once.</summary>
    public bool IsIdempotent(string supplier) => suppliers.Single(one => one.Name == supplier).Capabilities.IsIdempotent;

    /// <summary>Any other call to an outside supplier, told and logged like these.</summary>
    /// <param name="supplier">Whom.</param>
    /// <param name="operation">In our words.</param>
    /// <param name="about">Our reference, for the log.</param>
    /// <param name="call">The call.</param>
    /// <param name="outcome">What its answer comes to, in a word.</param>
    /// <param name="silence">The answer of nobody.</param>
    public async Task<TAnswer> AskAsync<TAnswer>(
        IOutsideSupplier supplier, string operation, object? about, Func<IOutsideSupplier, Task<TAnswer>> call, Func<TAnswer, string> outcome, TAnswer silence)
    {
        using var _ = SupplierLog.About(about);
        var (started, said) = (clock.GetTimestamp(), "error");
        try
        {
            var answer = await call(supplier);
            said = outcome(answer);
            return answer;
        }
        catch (OperationCanceledException)
        {
            said = "unknown";
            return silence;
        }
        finally
        {
            calls.Record(clock.GetElapsedTime(started).TotalSeconds, new(SupplierTag, supplier.Name), new(OperationTag, operation), new(OutcomeTag, said));
        }
    }

    public void Dispose() => meter.Dispose();

    private static string Word(CancelAnswer answer) => answer.Kind.ToString().ToLowerInvariant();

    private Task<SupplierAnswer> CallAsync(string? name, string operation, Func<ISupplier, Task<SupplierAnswer>> call, Guid about) =>
        CallAsync(name, operation, call, about, answer => answer.Kind.ToString().ToLowerInvariant(), new SupplierAnswer(SupplierAnswerKind.Unknown));

    private async Task<TAnswer> CallAsync<TAnswer>(
        string? name, string operation, Func<ISupplier, Task<TAnswer>> call, Guid about, Func<TAnswer, string> word, TAnswer silence)
    {
        using var _ = SupplierLog.About(about);
        var supplier = suppliers.Single(supplier => supplier.Name == name);
        var (started, outcome) = (clock.GetTimestamp(), "error");   // what a supplier throws is a fault of ours: it must not
        try
        {
            var answer = await call(supplier);
            outcome = word(answer);
            return answer;
        }
        catch (OperationCanceledException)
        {
            outcome = "unknown";
            return silence;
        }
        finally
        {
            calls.Record(clock.GetElapsedTime(started).TotalSeconds, new(SupplierTag, supplier.Name), new(OperationTag, operation), new(OutcomeTag, outcome));
        }
    }
}
