using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Payments;
using Aerona.Contracts.Tickets;
using Aerona.Sagas.Booking;
using Aerona.Simulation.Services;

namespace Aerona.Simulation;

/// <summary>Who handles messages.</summary>
internal enum Party
{
    Saga,
    Airlines,
    Payments,
    Tickets,

    /// <summary>The saga that gives back tickets which nobody pays for; simulated in detail on its own.</summary>
    Cancellation,

    /// <summary>Travellers, staff, the timeline: told and done with.</summary>
    Nobody,
}

/// <summary>A message on its way.</summary>
/// <param name="Id">Its MessageId; a copy has the same.</param>
/// <param name="Body">What it says.</param>
/// <param name="To">Who handles it.</param>
/// <param name="BookingId">What it is about.</param>
/// <param name="Due">UTC; not before. Null: now.</param>
/// <param name="Token">Of a timer; else null.</param>
/// <param name="Slow">Stuck somewhere: time may pass it by.</param>
/// <param name="Again">A copy: of something that was handled before, or beside it.</param>
internal sealed record Letter(int Id, object Body, Party To, Guid BookingId, DateTimeOffset? Due = null, Guid? Token = null, bool Slow = false, bool Again = false)
{
    /// <summary>The attempt it is about: a hold, a payment, an order; else the booking.</summary>
    public Guid Attempt { get; } = Body switch
    {
        HoldSeats x => x.HoldId,
        LookUpHold x => x.HoldId,
        PinSeats x => x.HoldId,
        ReleaseSeats x => x.HoldId,
        SeatsHeld x => x.HoldId,
        SeatsRefused x => x.HoldId,
        HoldAbsent x => x.HoldId,
        SeatsPinned x => x.HoldId,
        HoldLapsed x => x.HoldId,
        SeatsReleased x => x.HoldId,
        OpenPayment x => x.PaymentId,
        AuthorizePayment x => x.PaymentId,
        LookUpPayment x => x.PaymentId,
        CapturePayment x => x.PaymentId,
        VoidPayment x => x.PaymentId,
        RefundPayment x => x.PaymentId,
        PayPalEvent x => x.PaymentId,
        PaymentOpened x => x.PaymentId,
        PaymentApproved x => x.PaymentId,
        PaymentAuthorized x => x.PaymentId,
        PaymentDeclined x => x.PaymentId,
        PaymentCaptured x => x.PaymentId,
        PaymentVoided x => x.PaymentId,
        CommitAirlineOrder x => x.OrderId,
        LookUpAirlineOrder x => x.OrderId,
        CancelAirlineOrder x => x.OrderId,
        AirlineOrderConfirmed x => x.OrderId,
        AirlineOrderPending x => x.OrderId,
        AirlineOrderRefused x => x.OrderId,
        AirlineOrderAbsent x => x.OrderId,
        AirlineOrderCancelled x => x.OrderId,
        ReauthorizePayment x => x.PaymentId,
        PaymentNotPossible x => x.PaymentId,
        PaymentUnderReview x => x.PaymentId,
        PaymentAbsent x => x.PaymentId,
        CapturePending x => x.PaymentId,
        CaptureRefused x => x.PaymentId,
        PaymentRefunded x => x.PaymentId,
        RefundPending x => x.PaymentId,
        RefundRefused x => x.PaymentId,
        _ => BookingId,
    };

    public bool IsTimer => Token is not null;

    public static Party PartyOf(object body) => body switch
    {
        PriceOffer or HoldSeats or LookUpHold or PinSeats or ReleaseSeats or CommitAirlineOrder or LookUpAirlineOrder or CancelAirlineOrder => Party.Airlines,
        OpenPayment or AuthorizePayment or ReauthorizePayment or LookUpPayment or CapturePayment or VoidPayment or RefundPayment or PayPalEvent => Party.Payments,
        IssueTickets or StoreDocuments => Party.Tickets,
        CancellationRequested { Unpaid: true } => Party.Cancellation,
        BookingConfirmed or BookingFailed or BookingCaseOpened or BookingNoted or BookingNews or CancellationRequested or ServicingGranted or ServicingDenied => Party.Nobody,
        _ => Party.Saga,
    };

    public static Guid BookingOf(object body) => BookingOfs.Of(body);

    /// <summary>For traces: <c>HoldSeats</c>, or with what tells it from others, <c>LookUpPayment 2 (7f3a)</c>.</summary>
    public override string ToString()
    {
        var number = Body switch
        {
            LookUpHold x => x.LookUp,
            LookUpPayment x => x.LookUp,
            LookUpAirlineOrder x => x.LookUp,
            HoldAbsent x => x.LookUp,
            PaymentAbsent x => x.LookUp,
            AirlineOrderAbsent x => x.LookUp,
            AirlineOrderPending x => x.LookUp,
            _ => 0,
        };
        return $"{Body.GetType().Name}{(number > 0 ? $" {number}" : "")} ({Attempt.ToString("N")[^4..]})";
    }

    private static class BookingOfs
    {
        private static readonly System.Collections.Concurrent.ConcurrentDictionary<Type, Func<object, Guid>> Known = [];

        public static Guid Of(object body) => Known.GetOrAdd(body.GetType(), static type =>
        {
            var property = type.GetProperty("BookingId") ?? throw new ArgumentException($"{type.Name} is about no booking");
            var thing = System.Linq.Expressions.Expression.Parameter(typeof(object));
            return System.Linq.Expressions.Expression.Lambda<Func<object, Guid>>(
                System.Linq.Expressions.Expression.Property(System.Linq.Expressions.Expression.Convert(thing, type), property), thing).Compile();
        })(body);
    }
}

/// <summary>A call outside that is under way; it lives in the memory of a process.</summary>
/// <param name="Letter">What is being handled.</param>
/// <param name="Plan">The service's note.</param>
/// <param name="LimitAt">UTC; by then it has ended one way or another.</param>
internal sealed record Call(Letter Letter, object Plan, DateTimeOffset LimitAt);
