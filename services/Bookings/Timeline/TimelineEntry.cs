namespace Aerona.Bookings.Timeline;

/// <summary>Something that happened to a booking.</summary>
internal sealed class TimelineEntry
{
    public long Id { get; init; }

    public required Guid BookingId { get; init; }

    /// <summary>UTC, when it happened.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Stable code: <c>state.awaiting_payment</c>, <c>late.payment_authorized</c>, or what a service noted: <c>mail.sent</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>For people.</summary>
    public required string Text { get; init; }

    /// <summary>The other side's id for it, or the attempt's; null when there is none.</summary>
    public string? Reference { get; init; }

    /// <summary>Subject of the member of staff who did it, for staff alone; null when it was not one.</summary>
    public string? By { get; init; }

    /// <summary>In their words, for staff alone; null when nothing was said.</summary>
    public string? Remark { get; init; }
}
