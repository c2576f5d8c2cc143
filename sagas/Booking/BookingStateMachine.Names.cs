using System.Linq.Expressions;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Payments;
using Aerona.Contracts.Tickets;
using MassTransit;

namespace Aerona.Sagas.Booking;

/// <content>States, events and timers, and how an event finds its booking.</content>
public sealed partial class BookingStateMachine
{
    /// <summary>The offer's price is asked for.</summary>
    public State Pricing { get; private set; } = null!;

    /// <summary>The price is another one; the traveller is to take it or not.</summary>
    public State AwaitingPriceDecision { get; private set; } = null!;

    /// <summary>Seats are asked for.</summary>
    public State HoldingSeats { get; private set; } = null!;

    /// <summary>Whether seats are held is not known; the airline is asked.</summary>
    public State HoldUnknown { get; private set; } = null!;

    /// <summary>A payment is being opened.</summary>
    public State OpeningPayment { get; private set; } = null!;

    /// <summary>The payer is to approve.</summary>
    public State AwaitingPayment { get; private set; } = null!;

    /// <summary>The seats are being made safe from lapsing.</summary>
    public State Pinning { get; private set; } = null!;

    /// <summary>The money is being reserved.</summary>
    public State Authorising { get; private set; } = null!;

    /// <summary>Whether the money is reserved is not known; PayPal is asked.</summary>
    public State PaymentUnknown { get; private set; } = null!;

    /// <summary>PayPal examines the payment.</summary>
    public State PaymentReview { get; private set; } = null!;

    /// <summary>The airline order is being made: the pivot.</summary>
    public State Committing { get; private set; } = null!;

    /// <summary>Whether the order was made is not known; the airline is asked, never told again.</summary>
    public State CommitUnknown { get; private set; } = null!;

    /// <summary>Tickets are being issued.</summary>
    public State Ticketing { get; private set; } = null!;

    /// <summary>The money is being taken.</summary>
    public State Capturing { get; private set; } = null!;

    /// <summary>The tickets are issued and the money could not be taken; the traveller is to pay again.</summary>
    public State CaptureRecovery { get; private set; } = null!;

    /// <summary>The tickets are issued and nobody paid in time; while that is free, a cancellation gives them back.</summary>
    public State CancellingUnpaid { get; private set; } = null!;

    /// <summary>The documents are being made.</summary>
    public State Documenting { get; private set; } = null!;

    /// <summary>Bought, ticketed, and paid unless staff let it go on unpaid.</summary>
    public State Confirmed { get; private set; } = null!;

    /// <summary>Nothing more can be done without people; what is heard meanwhile is taken as by the state it was parked from.</summary>
    public State ParkedForStaff { get; private set; } = null!;

    /// <summary>Everything is being undone.</summary>
    public State Compensating { get; private set; } = null!;

    /// <summary>Final: the airline or the price said no.</summary>
    public State Rejected { get; private set; } = null!;

    /// <summary>Final: nobody paid in time.</summary>
    public State Expired { get; private set; } = null!;

    /// <summary>Final: the payment could not be made.</summary>
    public State PaymentFailed { get; private set; } = null!;

    /// <summary>Final: the traveller wanted out.</summary>
    public State CancelledBeforePurchase { get; private set; } = null!;

    /// <summary>Final: flown, or at least over.</summary>
    public State Completed { get; private set; } = null!;

    /// <summary>Final: cancelled after the purchase, as a whole.</summary>
    public State Cancelled { get; private set; } = null!;

    public Event<BookingSubmitted> BookingSubmitted { get; private set; } = null!;
    public Event<BookingCancelRequested> BookingCancelRequested { get; private set; } = null!;
    public Event<BookingCancelled> BookingCancelled { get; private set; } = null!;
    public Event<PaymentRetried> PaymentRetried { get; private set; } = null!;
    public Event<PriceAccepted> PriceAccepted { get; private set; } = null!;
    public Event<PriceDeclined> PriceDeclined { get; private set; } = null!;
    public Event<StaffDecided> StaffDecided { get; private set; } = null!;
    public Event<ServicingRequested> ServicingRequested { get; private set; } = null!;
    public Event<ServicingReleased> ServicingReleased { get; private set; } = null!;
    public Event<ServicingEnded> ServicingEnded { get; private set; } = null!;
    public Event<OfferPriced> OfferPriced { get; private set; } = null!;
    public Event<OfferPriceChanged> OfferPriceChanged { get; private set; } = null!;
    public Event<OfferGone> OfferGone { get; private set; } = null!;
    public Event<SeatsHeld> SeatsHeld { get; private set; } = null!;
    public Event<SeatsRefused> SeatsRefused { get; private set; } = null!;
    public Event<HoldAbsent> HoldAbsent { get; private set; } = null!;
    public Event<SeatsPinned> SeatsPinned { get; private set; } = null!;
    public Event<HoldLapsed> HoldLapsed { get; private set; } = null!;
    public Event<SeatsReleased> SeatsReleased { get; private set; } = null!;
    public Event<AirlineOrderConfirmed> AirlineOrderConfirmed { get; private set; } = null!;
    public Event<AirlineOrderPending> AirlineOrderPending { get; private set; } = null!;
    public Event<AirlineOrderRefused> AirlineOrderRefused { get; private set; } = null!;
    public Event<AirlineOrderAbsent> AirlineOrderAbsent { get; private set; } = null!;
    public Event<AirlineOrderCancelled> AirlineOrderCancelled { get; private set; } = null!;
    public Event<PaymentOpened> PaymentOpened { get; private set; } = null!;
    public Event<PaymentNotPossible> PaymentNotPossible { get; private set; } = null!;
    public Event<PaymentApproved> PaymentApproved { get; private set; } = null!;
    public Event<PaymentAuthorized> PaymentAuthorized { get; private set; } = null!;
    public Event<PaymentDeclined> PaymentDeclined { get; private set; } = null!;
    public Event<PaymentUnderReview> PaymentUnderReview { get; private set; } = null!;
    public Event<PaymentAbsent> PaymentAbsent { get; private set; } = null!;
    public Event<PaymentCaptured> PaymentCaptured { get; private set; } = null!;
    public Event<CapturePending> CapturePending { get; private set; } = null!;
    public Event<CaptureRefused> CaptureRefused { get; private set; } = null!;
    public Event<PaymentVoided> PaymentVoided { get; private set; } = null!;
    public Event<PaymentRefunded> PaymentRefunded { get; private set; } = null!;
    public Event<TicketsIssued> TicketsIssued { get; private set; } = null!;
    public Event<TicketsPending> TicketsPending { get; private set; } = null!;
    public Event<DocumentsStored> DocumentsStored { get; private set; } = null!;

    /// <summary>The end of the current state.</summary>
    public Schedule<BookingState, BookingDeadline> Deadline { get; private set; } = null!;

    /// <summary>The next repeat, look-up or case within the state.</summary>
    public Schedule<BookingState, BookingTick> Tick { get; private set; } = null!;

    private void CorrelateEvents()
    {
        Event(() => BookingSubmitted, e => e.CorrelateById(x => x.Message.BookingId));
        Correlate(() => BookingCancelRequested, x => x.BookingId);
        Correlate(() => BookingCancelled, x => x.BookingId);
        Correlate(() => PaymentRetried, x => x.BookingId);
        Correlate(() => PriceAccepted, x => x.BookingId);
        Correlate(() => PriceDeclined, x => x.BookingId);
        Correlate(() => StaffDecided, x => x.BookingId);
        Correlate(() => ServicingRequested, x => x.BookingId);
        Correlate(() => ServicingReleased, x => x.BookingId);
        Correlate(() => ServicingEnded, x => x.BookingId);
        Correlate(() => OfferPriced, x => x.BookingId);
        Correlate(() => OfferPriceChanged, x => x.BookingId);
        Correlate(() => OfferGone, x => x.BookingId);
        Correlate(() => SeatsHeld, x => x.BookingId);
        Correlate(() => SeatsRefused, x => x.BookingId);
        Correlate(() => HoldAbsent, x => x.BookingId);
        Correlate(() => SeatsPinned, x => x.BookingId);
        Correlate(() => HoldLapsed, x => x.BookingId);
        Correlate(() => SeatsReleased, x => x.BookingId);
        Correlate(() => AirlineOrderConfirmed, x => x.BookingId);
        Correlate(() => AirlineOrderPending, x => x.BookingId);
        Correlate(() => AirlineOrderRefused, x => x.BookingId);
        Correlate(() => AirlineOrderAbsent, x => x.BookingId);
        Correlate(() => AirlineOrderCancelled, x => x.BookingId);
        Correlate(() => PaymentOpened, x => x.BookingId);
        Correlate(() => PaymentNotPossible, x => x.BookingId);
        Correlate(() => PaymentApproved, x => x.BookingId);
        Correlate(() => PaymentAuthorized, x => x.BookingId);
        Correlate(() => PaymentDeclined, x => x.BookingId);
        Correlate(() => PaymentUnderReview, x => x.BookingId);
        Correlate(() => PaymentAbsent, x => x.BookingId);
        Correlate(() => PaymentCaptured, x => x.BookingId);
        Correlate(() => CapturePending, x => x.BookingId);
        Correlate(() => CaptureRefused, x => x.BookingId);
        Correlate(() => PaymentVoided, x => x.BookingId);
        Correlate(() => PaymentRefunded, x => x.BookingId);
        Correlate(() => TicketsIssued, x => x.BookingId);
        Correlate(() => TicketsPending, x => x.BookingId);
        Correlate(() => DocumentsStored, x => x.BookingId);
    }

    // An event that overtook BookingSubmitted faults and is redelivered, never skipped.
    private void Correlate<T>(Expression<Func<Event<T>>> @event, Func<T, Guid> bookingId) where T : class =>
        Event(@event, e =>
        {
            e.CorrelateById(x => bookingId(x.Message));
            e.OnMissingInstance(missing => missing.Fault());
        });
}
