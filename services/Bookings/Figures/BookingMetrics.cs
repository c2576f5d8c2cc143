using System.Diagnostics.Metrics;
using System.Text.Json;
using Aerona.Bookings.Cancellation;
using Aerona.Bookings.Data;
using Aerona.Bookings.Status;
using Aerona.Contracts.Cancellations;
using Aerona.Persistence;
using Aerona.Sagas.Booking;
using Aerona.Sagas.Cancellation;
using MassTransit;

namespace Aerona.Bookings.Figures;

/// <summary>
/// Where bookings and their cancellations stand, how they end and how long each step takes: the meter <c>Aerona.Bookings</c>; docs/observability.md says what is normal. A transition
/// counts once it is durable: one rolled back and done again counts once.
/// </summary>
internal sealed class BookingMetrics : IStateObserver<BookingState>, IStateObserver<CancellationState>, IDisposable
{
    public const string StateTag = "aerona.booking.state";
    public const string OutcomeTag = "aerona.booking.outcome";
    public const string ReasonTag = "aerona.booking.reason";
    public const string CancellationStateTag = "aerona.cancellation.state";
    public const string CancellationOutcomeTag = "aerona.cancellation.outcome";
    public const string CancellationReasonTag = "aerona.cancellation.reason";

    /// <summary>Those a booking ends in.</summary>
    private static readonly BookingStage[] Ends =
        [BookingStage.Confirmed, BookingStage.Rejected, BookingStage.Expired, BookingStage.PaymentFailed, BookingStage.CancelledBeforePurchase];

    /// <summary>What comes after a purchase, months later: no end of a booking, and not on its way either.</summary>
    private static readonly BookingStage[] Past = [BookingStage.Completed, BookingStage.Cancelled];

    private readonly TimeProvider clock;
    private readonly Meter meter;
    private readonly Counter<long> transitions;
    private readonly Counter<long> ended;
    private readonly Histogram<double> steps;
    private readonly Histogram<double> whole;
    private readonly Counter<long> cancellationTransitions;
    private readonly Counter<long> cancellationsEnded;
    private readonly Histogram<double> cancellationDuration;
    private IReadOnlyDictionary<string, long> open = new Dictionary<string, long>();

    public BookingMetrics(IMeterFactory meters, TimeProvider clock)
    {
        this.clock = clock;
        meter = meters.Create("Aerona.Bookings");
        transitions = meter.CreateCounter<long>("aerona.booking.transitions", "{transition}", "Bookings that entered a state");
        ended = meter.CreateCounter<long>("aerona.booking.ended", "{booking}", "Bookings that came to their end");
        steps = meter.CreateHistogram<double>(
            "aerona.booking.step.duration", "s", "How long bookings stayed in a state",
            advice: new() { HistogramBucketBoundaries = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600] });
        whole = meter.CreateHistogram<double>(
            "aerona.booking.duration", "s", "How long bookings took from their submission to their end",
            advice: new() { HistogramBucketBoundaries = [0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 86400] });
        cancellationTransitions = meter.CreateCounter<long>("aerona.cancellation.transitions", "{transition}", "Cancellations that entered a state");
        cancellationsEnded = meter.CreateCounter<long>("aerona.cancellation.ended", "{cancellation}", "Cancellations that came to their end");
        cancellationDuration = meter.CreateHistogram<double>(
            "aerona.cancellation.duration", "s", "How long cancellations took from their confirmation to their end",
            advice: new() { HistogramBucketBoundaries = [0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14400, 86400, 432000] });
        meter.CreateObservableGauge(
            "aerona.booking.open", () => open.Select(state => new Measurement<long>(state.Value, new KeyValuePair<string, object?>(StateTag, state.Key))), "{booking}",
            "Bookings on their way, by the state they are in");
    }

    /// <summary>States that a booking on its way can be in, by their names in the database and in the figures.</summary>
    public static IReadOnlyDictionary<string, string> OnTheWay { get; } = Enum.GetValues<BookingStage>()
        .Where(stage => stage != BookingStage.Submitted && !Ends.Contains(stage) && !Past.Contains(stage)).ToDictionary(stage => stage.ToString(), stage => Named(stage.ToString()));

    public Task StateChanged(BehaviorContext<BookingState> context, State currentState, State? previousState)
    {
        if (Enum.TryParse<BookingStage>(currentState.Name, out var stage))
        {
            var (saga, now) = (context.Saga, clock.GetUtcNow());
            var (entered, submitted, because) = (saga.EnteredAt, saga.SubmittedAt, saga.FailedBecause);   // as they are now: entering comes next
            var left = previousState is { } previous && OnTheWay.ContainsKey(previous.Name) ? previous.Name : null;
            context.GetPayload<BookingsDbContext>().AfterCommit(() => Count(stage, left, now - entered, now - submitted, because));
        }

        return Task.CompletedTask;
    }

    public Task StateChanged(BehaviorContext<CancellationState> context, State currentState, State? previousState)
    {
        if (Enum.TryParse<CancellationStage>(currentState.Name, out var stage))
        {
            var saga = context.Saga;
            var (because, rule, since) = (saga.EndedBecause, saga.Quotes is [.., { Answer: { } answer }] ? answer.Rule : (RefundRule?)null, clock.GetUtcNow() - saga.ConfirmedAt);
            context.GetPayload<BookingsDbContext>().AfterCommit(() => Count(stage, because, rule, since));
        }

        return Task.CompletedTask;
    }

    /// <summary>A cancellation's transition that is durable.</summary>
    /// <param name="stage">Entered.</param>
    /// <param name="because">Why nothing was cancelled; null: it was.</param>
    /// <param name="rule">What decided how much comes back; null while there is no quote.</param>
    /// <param name="since">How long ago it was confirmed; null: it was not.</param>
    public void Count(CancellationStage stage, string? because, RefundRule? rule, TimeSpan? since)
    {
        cancellationTransitions.Add(1, Tag(CancellationStateTag, stage.ToString()));
        if (stage is CancellationStage.Cancelled or CancellationStage.Lapsed or CancellationStage.Refused)
        {
            cancellationsEnded.Add(1, Tag(CancellationOutcomeTag, stage.ToString()), new(CancellationReasonTag, because ?? Named(rule?.ToString() ?? "none")));
            if (since is { } confirmed)
            {
                cancellationDuration.Record(confirmed.TotalSeconds, Tag(CancellationOutcomeTag, stage.ToString()));
            }
        }
    }

    /// <summary>A transition that is durable.</summary>
    /// <param name="stage">Entered.</param>
    /// <param name="left">The state left; null for a booking that begins.</param>
    /// <param name="stayed">How long it was in that.</param>
    /// <param name="since">How long ago the booking was submitted.</param>
    /// <param name="because">One of <see cref="Because"/>; null: nothing failed.</param>
    public void Count(BookingStage stage, string? left, TimeSpan stayed, TimeSpan since, string? because)
    {
        transitions.Add(1, Tag(StateTag, stage.ToString()));
        if (left is not null)
        {
            steps.Record(stayed.TotalSeconds, Tag(StateTag, left));
        }

        if (Ends.Contains(stage))
        {
            ended.Add(1, Tag(OutcomeTag, stage.ToString()), new(ReasonTag, because ?? "none"));
            whole.Record(since.TotalSeconds, Tag(OutcomeTag, stage.ToString()));
        }
    }

    /// <summary>How many bookings are in each state now; a state that is not named has none.</summary>
    public void Found(IReadOnlyDictionary<string, long> states) =>
        open = OnTheWay.ToDictionary(state => state.Value, state => states.GetValueOrDefault(state.Key));

    public void Dispose() => meter.Dispose();

    private static KeyValuePair<string, object?> Tag(string key, string state) => new(key, Named(state));

    private static string Named(string state) => JsonNamingPolicy.SnakeCaseLower.ConvertName(state);
}
