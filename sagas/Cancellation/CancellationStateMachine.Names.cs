using System.Linq.Expressions;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Payments;
using MassTransit;

namespace Aerona.Sagas.Cancellation;

/// <content>States, events and timers, and how an event finds its cancellation.</content>
public sealed partial class CancellationStateMachine
{
    /// <summary>The airline is asked what would come back.</summary>
    public State Quoting { get; private set; } = null!;

    /// <summary>The traveller knows, and may confirm while the quote binds.</summary>
    public State Quoted { get; private set; } = null!;

    /// <summary>Confirmed; the refund is so large that a second person has to agree.</summary>
    public State AwaitingApproval { get; private set; } = null!;

    /// <summary>The booking's lock is asked for.</summary>
    public State Locking { get; private set; } = null!;

    /// <summary>The airline is told to cancel: the pivot.</summary>
    public State SupplierCancelling { get; private set; } = null!;

    /// <summary>Whether the airline cancelled is not known; it is asked, never told again.</summary>
    public State CancelUnknown { get; private set; } = null!;

    /// <summary>Cancelled at the airline; the tickets' coupons are being ended.</summary>
    public State EndingCoupons { get; private set; } = null!;

    /// <summary>Cancelled; people have to say how much comes back, or to agree to it.</summary>
    public State AwaitingAmount { get; private set; } = null!;

    /// <summary>Cancelled; the money is being given back.</summary>
    public State Refunding { get; private set; } = null!;

    /// <summary>Cancelled; the money could not be given back that way, and finance staff look for another.</summary>
    public State RefundDelayed { get; private set; } = null!;

    /// <summary>Only people can find out whether the airline cancelled; what is heard meanwhile is taken as while it was unknown.</summary>
    public State ParkedForStaff { get; private set; } = null!;

    /// <summary>Final: cancelled, and what is due was given back.</summary>
    public State Cancelled { get; private set; } = null!;

    /// <summary>Final: nobody confirmed, or agreed, in time; nothing was changed.</summary>
    public State Lapsed { get; private set; } = null!;

    /// <summary>Final: it cannot be cancelled, or not so; nothing was changed.</summary>
    public State Refused { get; private set; } = null!;

    public Event<CancellationRequested> CancellationRequested { get; private set; } = null!;
    public Event<CancellationRequoted> CancellationRequoted { get; private set; } = null!;
    public Event<CancellationConfirmed> CancellationConfirmed { get; private set; } = null!;
    public Event<CancellationWithdrawn> CancellationWithdrawn { get; private set; } = null!;
    public Event<CancellationDecided> CancellationDecided { get; private set; } = null!;
    public Event<CancellationQuoted> CancellationQuoted { get; private set; } = null!;
    public Event<CancellationNotQuoted> CancellationNotQuoted { get; private set; } = null!;
    public Event<ServicingGranted> ServicingGranted { get; private set; } = null!;
    public Event<ServicingDenied> ServicingDenied { get; private set; } = null!;
    public Event<QuotedOrderCancelled> QuotedOrderCancelled { get; private set; } = null!;
    public Event<CancellationPending> CancellationPending { get; private set; } = null!;
    public Event<CancellationRefused> CancellationRefused { get; private set; } = null!;
    public Event<CancellationAbsent> CancellationAbsent { get; private set; } = null!;
    public Event<CouponsEnded> CouponsEnded { get; private set; } = null!;
    public Event<PaymentRefunded> PaymentRefunded { get; private set; } = null!;
    public Event<RefundPending> RefundPending { get; private set; } = null!;
    public Event<RefundRefused> RefundRefused { get; private set; } = null!;

    /// <summary>The end of the current state.</summary>
    public Schedule<CancellationState, CancellationDeadline> Deadline { get; private set; } = null!;

    /// <summary>The next repeat, look-up or case within the state.</summary>
    public Schedule<CancellationState, CancellationTick> Tick { get; private set; } = null!;

    /// <summary>
    /// What is not about a cancellation alone: a booking gives money back too, which was taken too late or paid for lost seats, and lets others service it. A cancellation
    /// that asked is there before anybody answers, so without one these are about something else.
    /// </summary>
    public static IReadOnlyCollection<Type> OthersEvents { get; } =
        [typeof(ServicingGranted), typeof(ServicingDenied), typeof(PaymentRefunded), typeof(RefundPending), typeof(RefundRefused)];

    private void CorrelateEvents()
    {
        Event(() => CancellationRequested, e => e.CorrelateById(x => x.Message.CancellationId));
        Correlate(() => CancellationRequoted, x => x.CancellationId);
        Correlate(() => CancellationConfirmed, x => x.CancellationId);
        Correlate(() => CancellationWithdrawn, x => x.CancellationId);
        Correlate(() => CancellationDecided, x => x.CancellationId);
        Correlate(() => CancellationQuoted, x => x.CancellationId);
        Correlate(() => CancellationNotQuoted, x => x.CancellationId);
        CorrelateAnswer(() => ServicingGranted, x => x.ServicingId);
        CorrelateAnswer(() => ServicingDenied, x => x.ServicingId);
        Correlate(() => QuotedOrderCancelled, x => x.CancellationId);
        Correlate(() => CancellationPending, x => x.CancellationId);
        Correlate(() => CancellationRefused, x => x.CancellationId);
        Correlate(() => CancellationAbsent, x => x.CancellationId);
        Correlate(() => CouponsEnded, x => x.CancellationId);
        CorrelateAnswer(() => PaymentRefunded, x => CancellationIds.OfRefund(x.RefundId));
        CorrelateAnswer(() => RefundPending, x => CancellationIds.OfRefund(x.RefundId));
        CorrelateAnswer(() => RefundRefused, x => CancellationIds.OfRefund(x.RefundId));
    }

    // An event that overtook CancellationRequested faults and is redelivered, never skipped.
    private void Correlate<T>(Expression<Func<Event<T>>> @event, Func<T, Guid> cancellationId) where T : class =>
        Event(@event, e =>
        {
            e.CorrelateById(x => cancellationId(x.Message));
            e.OnMissingInstance(missing => missing.Fault());
        });

    // See OthersEvents.
    private void CorrelateAnswer<T>(Expression<Func<Event<T>>> @event, Func<T, Guid> cancellationId) where T : class =>
        Event(@event, e =>
        {
            e.CorrelateById(x => cancellationId(x.Message));
            e.OnMissingInstance(missing => missing.Discard());
        });
}
