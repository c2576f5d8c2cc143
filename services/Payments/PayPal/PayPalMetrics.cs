using System.Diagnostics.Metrics;

namespace Aerona.Payments.PayPal;

/// <summary>How PayPal answers: the meter <c>Aerona.Payments</c>; docs/observability.md says what is normal.</summary>
internal sealed class PayPalMetrics : IDisposable
{
    public const string OperationTag = "aerona.paypal.operation";
    public const string OutcomeTag = "aerona.outcome";

    private readonly Meter meter;
    private readonly Histogram<double> requests;
    private readonly TimeProvider time;

    public PayPalMetrics(IMeterFactory meters, TimeProvider time)
    {
        this.time = time;
        meter = meters.Create("Aerona.Payments");
        requests = meter.CreateHistogram<double>(
            "aerona.paypal.request.duration", "s", "How long PayPal takes to answer, repeats of a connection that did not come about included",
            advice: new() { HistogramBucketBoundaries = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] });
    }

    /// <summary>What an answer comes to.</summary>
    public enum Answer
    {
        Success,
        Refused,

        /// <summary>PayPal knows no such thing.</summary>
        Absent,

        /// <summary>Silence, a 5xx or something not understood: neither yes nor no.</summary>
        Unknown,
    }

    /// <summary>When a request begins.</summary>
    public long Start() => time.GetTimestamp();

    /// <param name="started">From <see cref="Start"/>.</param>
    /// <param name="operation">What PayPal was asked to do, in a few words of ours: never anything of the request.</param>
    /// <param name="answer">What came.</param>
    public void Answered(long started, string operation, Answer answer) => requests.Record(
        time.GetElapsedTime(started).TotalSeconds,
        new KeyValuePair<string, object?>(OperationTag, operation.Replace(' ', '_')), new KeyValuePair<string, object?>(OutcomeTag, answer.ToString().ToLowerInvariant()));

    public void Dispose() => meter.Dispose();
}
