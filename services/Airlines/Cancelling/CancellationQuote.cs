using Aerona.Airlines.Data;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Messaging;
using Aerona.Suppliers;

namespace Aerona.Airlines.Cancelling;

/// <summary>A quote as it was given; or why there was none.</summary>
internal sealed class CancellationQuote
{
    public required Guid QuoteId { get; init; }

    public required Guid CancellationId { get; init; }

    public required Guid OrderId { get; init; }

    /// <summary>UTC, when it was asked for: of two for one order the one asked for later holds.</summary>
    public required DateTimeOffset AskedAt { get; init; }

    public required CancellationCause Cause { get; init; }

    /// <summary>What was said; null: there is no quote.</summary>
    public CancellationQuoted? Quoted { get; init; }

    /// <summary>The supplier's id of it, or null.</summary>
    public string? Reference { get; init; }

    /// <summary>Stable code why there is none, or null.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether a newer one was given for the order.</summary>
    public bool IsSuperseded { get; set; }

    /// <summary>Why it cannot be taken up now; null: it can.</summary>
    public string? WhyNot(CancelQuotedOrder command, DateTimeOffset now) =>
        Quoted is null || IsSuperseded || CancellationId != command.CancellationId || OrderId != command.OrderId || Quoted.BookingId != command.BookingId
            ? "cancellation.quote_changed"
            : Quoted.ExpiresAt <= now ? "cancellation.quote_expired" : null;
}

internal enum OrderCancellationState
{
    /// <summary>Sent or about to be; the supplier's answer is not known.</summary>
    Open,
    Cancelled,
    Refused,

    /// <summary>Never done and never will be.</summary>
    Absent,
}

/// <summary>A cancellation that was wanted, as this service knows it: written before the supplier is called.</summary>
internal sealed class OrderCancellation
{
    public required Guid CancellationId { get; init; }

    public required Guid OrderId { get; init; }

    public required Guid BookingId { get; init; }

    public required Guid QuoteId { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset NotedAt { get; init; }

    public OrderCancellationState State { get; private set; }

    /// <summary>UTC, when its end was heard of; the money is owed since then. Null while open.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>Stable code of a refusal, or null.</summary>
    public string? Reason { get; private set; }

    /// <summary>What the supplier said at its end, or null.</summary>
    public CancelAnswer? Answer { get; private set; }

    /// <summary>Whether the timeline was told that the answer is not known.</summary>
    public bool UnknownNoted { get; private set; }

    /// <summary>Intent key of the cancelling.</summary>
    public static string Key(Guid cancellationId) => $"cancel-quoted/{cancellationId}";

    /// <summary>Takes in what the supplier said; the first end stays. Returns what that is for the timeline, or null when it is nothing new.</summary>
    public BookingNoted? Record(CancelAnswer answer, DateTimeOffset now)
    {
        if (State == OrderCancellationState.Cancelled || (State != OrderCancellationState.Open && answer.Kind != CancelAnswerKind.Cancelled))
        {
            return null;
        }

        if (answer.Kind == CancelAnswerKind.Unknown)
        {
            var isNew = !UnknownNoted;
            UnknownNoted = true;
            return isNew ? new(BookingId, "airline.cancellation_unknown", now, CancellationId.ToString()) : null;
        }

        (State, EndedAt, Reason, Answer) = (answer.Kind switch
        {
            CancelAnswerKind.Cancelled => OrderCancellationState.Cancelled,
            CancelAnswerKind.Refused => OrderCancellationState.Refused,
            _ => OrderCancellationState.Absent,
        }, now, answer.Reason, answer);
        return answer.Kind switch
        {
            CancelAnswerKind.Cancelled when answer.IsWhole => null,   // the order tells that
            CancelAnswerKind.Cancelled => new(BookingId, "airline.partly_cancelled", now, CancellationId.ToString()),
            _ => new(BookingId, "airline.cancellation_refused", now, answer.Reason),
        };
    }
}
