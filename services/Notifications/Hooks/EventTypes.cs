using System.Text.Json;
using System.Text.Json.Serialization;
using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Notifications;
using Aerona.Contracts.Operations;
using Aerona.Contracts.Payments;
using Aerona.Contracts.Tickets;

namespace Aerona.Notifications.Hooks;

/// <summary>An event before it has its place in its owner's row.</summary>
internal sealed record NewEvent(string Type, int Version, string Data, DateTimeOffset At);

/// <summary>
/// Types of events and what their bodies say: ids, states, amounts and times. No names, no addresses, no numbers of documents or tickets; whoever needs them asks the
/// API, which checks who asks.
/// </summary>
internal static class EventTypes
{
    public const string Ping = "ping";

    public const string EndpointDisabled = "webhook_endpoint.disabled";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>All that can be subscribed to.</summary>
    public static readonly IReadOnlyList<string> All =
    [
        "booking.submitted", "booking.price_changed", "booking.payment_due", "booking.payment_under_review", "booking.confirming", "booking.ticketed",
        "booking.confirmed", "booking.failed", "booking.cancelled", "booking.cancellation_failed", "booking.refund_delayed", "booking.refunded",
        "booking.schedule_changed", EndpointDisabled,
    ];

    public static NewEvent Of(BookingSubmitted booking) => New("booking.submitted", booking.SubmittedAt, new { booking.BookingId, booking.OfferId, Passengers = booking.Passengers.Count, booking.PayLater });

    public static NewEvent Of(BookingConfirmed booking) => New("booking.confirmed", booking.ConfirmedAt, new { booking.BookingId, Total = booking.Offer.Total, booking.Captured });

    public static NewEvent Of(BookingFailed booking) =>
        New("booking.failed", booking.FailedAt, new { booking.BookingId, State = JsonNamingPolicy.CamelCase.ConvertName(booking.State), booking.Reason, booking.Money });

    public static NewEvent Of(TicketsIssued tickets, DateTimeOffset now) => New("booking.ticketed", now, new { tickets.BookingId, Tickets = tickets.TicketNumbers.Count });

    public static NewEvent Of(PaymentRefunded refund, DateTimeOffset now) => New("booking.refunded", now, new { refund.BookingId, refund.RefundId, refund.Amount });

    public static NewEvent? Of(BookingNews news) => news.Kind switch
    {
        BookingNewsKind.PriceChanged => New("booking.price_changed", news.At, new { news.BookingId, news.OldTotal, news.Total, news.Until }),
        BookingNewsKind.PayLater or BookingNewsKind.PaymentDue or BookingNewsKind.PayAgain =>
            New("booking.payment_due", news.At, new { news.BookingId, Cause = news.Kind, news.Total, news.Until }),
        BookingNewsKind.PaymentUnderReview => New("booking.payment_under_review", news.At, new { news.BookingId }),
        BookingNewsKind.ConfirmingWithAirline => New("booking.confirming", news.At, new { news.BookingId }),
        _ => null,   // a kind that nobody has described to clients yet
    };

    /// <summary>Null for what is only between the traveller and us, such as a quote.</summary>
    public static NewEvent? Of(CancellationNews news) => news.Kind switch
    {
        CancellationNewsKind.Cancelled or CancellationNewsKind.CancelledUnpaid =>
            New("booking.cancelled", news.At, new { news.BookingId, news.CancellationId, news.IsWhole, Coupons = news.IsWhole ? null : news.Coupons, news.Refund }),
        CancellationNewsKind.NotCancelled => New("booking.cancellation_failed", news.At, new { news.BookingId, news.CancellationId, news.Reason }),
        CancellationNewsKind.RefundDelayed => New("booking.refund_delayed", news.At, new { news.BookingId, news.CancellationId, news.Refund }),
        _ => null,
    };

    /// <summary>Whether a flight is otherwise than it was sold: at other times, elsewhere, or not at all. What changes on its day is no change of schedule.</summary>
    public static bool IsChangeOfSchedule(FlightStatusChanged change) =>
        (change.Now.State == FlightState.Cancelled) != (change.Before.State == FlightState.Cancelled)
        || change.Now.ScheduledOffBlock != change.Before.ScheduledOffBlock || change.Now.ScheduledOnBlock != change.Before.ScheduledOnBlock;

    public static NewEvent Of(FlightStatusChanged change, Guid bookingId) => New("booking.schedule_changed", change.At, new
    {
        BookingId = bookingId,
        change.Now.FlightId,
        Cancelled = change.Now.State == FlightState.Cancelled,
        Before = new { DepartsAt = change.Before.ScheduledOffBlock, ArrivesAt = change.Before.ScheduledOnBlock },
        Now = new { DepartsAt = change.Now.ScheduledOffBlock, ArrivesAt = change.Now.ScheduledOnBlock },
    });

    public static NewEvent Of(WebhookEndpointDisabled endpoint) => New(EndpointDisabled, endpoint.At, new { endpoint.EndpointId, endpoint.Reason, endpoint.FailingSince });

    public static NewEvent Pinged(Guid endpointId, DateTimeOffset now) => New(Ping, now, new { EndpointId = endpointId });

    private static NewEvent New(string type, DateTimeOffset at, object data) => new(type, 1, JsonSerializer.Serialize(data, Json), at.ToUniversalTime());
}
