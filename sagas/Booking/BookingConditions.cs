using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Payments;
using Aerona.Contracts.Tickets;
using MassTransit;

namespace Aerona.Sagas.Booking;

/// <summary>What <see cref="BookingStateMachine"/> asks of an event: whether it is about the current attempt, answers the open question, or holds what nobody wants.</summary>
internal static class BookingConditions
{
    internal static bool SeatsAreHeld<T>(BehaviorContext<BookingState, T> x) where T : class => x.Saga.Hold?.Standing is HoldStanding.Held or HoldStanding.Pinned;

    internal static bool PayerApproved<T>(BehaviorContext<BookingState, T> x) where T : class => x.Saga.Payment?.Standing is PaymentStanding.Approved;

    internal static bool CancelWasAsked<T>(BehaviorContext<BookingState, T> x) where T : class => x.Saga.CancelRequestedAt is not null;

    internal static bool CostsTheSame(BehaviorContext<BookingState, OfferPriced> x) => x.Saga.Offer is not { } known || known.Total == x.Message.Offer.Total;

    internal static bool IsTheNewPrice(BehaviorContext<BookingState, PriceAccepted> x) => x.Message.OfferId == x.Saga.NewPrice?.Offer.OfferId;

    internal static bool IsTheNewPrice(BehaviorContext<BookingState, PriceDeclined> x) => x.Message.OfferId == x.Saga.NewPrice?.Offer.OfferId;

    /// <summary>A servicing that is done asks no more; its repeated question is none.</summary>
    internal static bool IsNotDone(BehaviorContext<BookingState, ServicingRequested> x) => x.Saga.Servicings.All(known => known.ServicingId != x.Message.ServicingId);

    internal static bool IsNew(BehaviorContext<BookingState, StaffDecided> x) => x.Saga.StaffActions.All(known => known.ActionId != x.Message.ActionId);

    internal static bool IsCurrent(BehaviorContext<BookingState, OfferGone> x) => x.Message.OfferId == x.Saga.OfferId;

    internal static bool IsCurrent(BehaviorContext<BookingState, SeatsHeld> x) => x.Message.HoldId == x.Saga.Hold?.HoldId;

    internal static bool IsCurrent(BehaviorContext<BookingState, SeatsRefused> x) => x.Message.HoldId == x.Saga.Hold?.HoldId;

    internal static bool IsCurrent(BehaviorContext<BookingState, SeatsPinned> x) => x.Message.HoldId == x.Saga.Hold?.HoldId;

    internal static bool IsCurrent(BehaviorContext<BookingState, HoldLapsed> x) => x.Message.HoldId == x.Saga.Hold?.HoldId;

    internal static bool IsHeld(BehaviorContext<BookingState, HoldLapsed> x) => IsCurrent(x) && x.Saga.Hold!.Standing is HoldStanding.Held;

    internal static bool IsPinned(BehaviorContext<BookingState, HoldLapsed> x) => IsCurrent(x) && x.Saga.Hold!.Standing is HoldStanding.Pinned;

    internal static bool CanBeApproved(BehaviorContext<BookingState, PaymentApproved> x) => WaitsForTheApprovalOf(x.Saga, x.Message.PaymentId);

    internal static bool CanBeApproved(BehaviorContext<BookingState, PaymentOpened> x) => WaitsForTheApprovalOf(x.Saga, x.Message.PaymentId);

    internal static bool CanBeApproved(BehaviorContext<BookingState, PaymentNotPossible> x) => WaitsForTheApprovalOf(x.Saga, x.Message.PaymentId);

    internal static bool CanBeApproved(BehaviorContext<BookingState, PaymentDeclined> x) => WaitsForTheApprovalOf(x.Saga, x.Message.PaymentId);

    internal static bool IsBeingAuthorised(BehaviorContext<BookingState, PaymentAuthorized> x) => WaitsForTheAuthorisationOf(x.Saga, x.Message.PaymentId);

    internal static bool IsBeingAuthorised(BehaviorContext<BookingState, PaymentDeclined> x) => WaitsForTheAuthorisationOf(x.Saga, x.Message.PaymentId);

    internal static bool IsBeingAuthorised(BehaviorContext<BookingState, PaymentUnderReview> x) => WaitsForTheAuthorisationOf(x.Saga, x.Message.PaymentId);

    internal static bool IsBeingBought(BehaviorContext<BookingState, AirlineOrderConfirmed> x) => Stands(x.Saga, x.Message.OrderId, OrderStanding.Asked);

    internal static bool IsBeingBought(BehaviorContext<BookingState, AirlineOrderRefused> x) => Stands(x.Saga, x.Message.OrderId, OrderStanding.Asked);

    internal static bool IsBeingBought(BehaviorContext<BookingState, AirlineOrderPending> x) => Stands(x.Saga, x.Message.OrderId, OrderStanding.Asked);

    internal static bool IsBought(BehaviorContext<BookingState, AirlineOrderRefused> x) => Stands(x.Saga, x.Message.OrderId, OrderStanding.Bought);

    internal static bool BringsTheNumbers(BehaviorContext<BookingState, AirlineOrderConfirmed> x) =>
        Stands(x.Saga, x.Message.OrderId, OrderStanding.Bought) && x.Saga.TicketNumbers.Count == 0 && x.Message.TicketNumbers is { Count: > 0 };

    internal static bool IsTheOrder(BehaviorContext<BookingState, TicketsIssued> x) => x.Message.OrderId == x.Saga.Order?.OrderId;

    internal static bool IsTheOrder(BehaviorContext<BookingState, TicketsPending> x) => x.Message.OrderId == x.Saga.Order?.OrderId;

    internal static bool IsTheOrder(BehaviorContext<BookingState, DocumentsStored> x) => x.Message.OrderId == x.Saga.Order?.OrderId;

    internal static bool IsBeingCaptured(BehaviorContext<BookingState, PaymentCaptured> x) => WaitsForTheCaptureOf(x.Saga, x.Message.PaymentId);

    internal static bool IsReserved(BehaviorContext<BookingState, PaymentCaptured> x) =>
        x.Saga.Payment is { Standing: PaymentStanding.Authorised } payment && payment.PaymentId == x.Message.PaymentId;

    internal static bool IsBeingCaptured(BehaviorContext<BookingState, CapturePending> x) => WaitsForTheCaptureOf(x.Saga, x.Message.PaymentId);

    internal static bool IsBeingCaptured(BehaviorContext<BookingState, CaptureRefused> x) => WaitsForTheCaptureOf(x.Saga, x.Message.PaymentId);

    internal static bool IsBeingCaptured(BehaviorContext<BookingState, PaymentAuthorized> x) => WaitsForTheCaptureOf(x.Saga, x.Message.PaymentId);

    internal static bool IsBeingCaptured(BehaviorContext<BookingState, PaymentDeclined> x) => WaitsForTheCaptureOf(x.Saga, x.Message.PaymentId);

    internal static bool IsBeingCaptured(BehaviorContext<BookingState, PaymentVoided> x) => WaitsForTheCaptureOf(x.Saga, x.Message.PaymentId);

    internal static bool IsBeingAuthorisedOrCaptured(BehaviorContext<BookingState, PaymentAuthorized> x) => IsBeingAuthorised(x) || IsBeingCaptured(x);

    internal static bool IsUnderWay(BehaviorContext<BookingState, PaymentDeclined> x) => IsUnderWay(x.Saga, x.Message.PaymentId);

    internal static bool IsUnderWay(BehaviorContext<BookingState, PaymentVoided> x) => IsUnderWay(x.Saga, x.Message.PaymentId);

    // One question is open at a time; an answer to an older one says nothing any more.
    internal static bool AnswersTheLookUp(BehaviorContext<BookingState, HoldAbsent> x) =>
        x.Message.HoldId == x.Saga.Hold?.HoldId && x.Message.LookUp == x.Saga.LookUp;

    internal static bool AnswersTheLookUp(BehaviorContext<BookingState, PaymentAbsent> x) =>
        WaitsForTheAuthorisationOf(x.Saga, x.Message.PaymentId) && x.Message.LookUp == x.Saga.LookUp;

    internal static bool AnswersTheLookUp(BehaviorContext<BookingState, AirlineOrderPending> x) =>
        x.Message.OrderId == x.Saga.Order?.OrderId && x.Message.LookUp == x.Saga.LookUp;

    internal static bool AnswersTheLookUp(BehaviorContext<BookingState, AirlineOrderAbsent> x) =>
        x.Message.OrderId == x.Saga.Order?.OrderId && x.Message.LookUp == x.Saga.LookUp;

    internal static bool IsUnwanted(BehaviorContext<BookingState, SeatsHeld> x) => !HoldsSeatsUnder(x.Saga, x.Message.HoldId);

    internal static bool IsUnwanted(BehaviorContext<BookingState, SeatsPinned> x) => !HoldsSeatsUnder(x.Saga, x.Message.HoldId);

    internal static bool IsUnwanted(BehaviorContext<BookingState, PaymentAuthorized> x) => !(x.Saga.Payment is { } payment
        && payment.PaymentId == x.Message.PaymentId
        && payment.Standing is PaymentStanding.Authorising or PaymentStanding.Authorised or PaymentStanding.Capturing or PaymentStanding.CapturePending
            or PaymentStanding.CaptureRefused or PaymentStanding.Captured);

    internal static bool IsUnwanted(BehaviorContext<BookingState, PaymentCaptured> x) =>
        !WaitsForTheCaptureOf(x.Saga, x.Message.PaymentId)
        && !(x.Saga.Payment is { Standing: PaymentStanding.Authorised or PaymentStanding.Captured } payment && payment.PaymentId == x.Message.PaymentId);

    internal static bool IsUnwanted(BehaviorContext<BookingState, AirlineOrderConfirmed> x) =>
        !Stands(x.Saga, x.Message.OrderId, OrderStanding.Asked) && !Stands(x.Saga, x.Message.OrderId, OrderStanding.Bought);

    private static bool WaitsForTheApprovalOf(BookingState saga, Guid paymentId) =>
        saga.Payment is { Standing: PaymentStanding.Asked or PaymentStanding.Open } payment && payment.PaymentId == paymentId;

    private static bool WaitsForTheAuthorisationOf(BookingState saga, Guid paymentId) =>
        saga.Payment is { Standing: PaymentStanding.Authorising } payment && payment.PaymentId == paymentId;

    private static bool WaitsForTheCaptureOf(BookingState saga, Guid paymentId) =>
        saga.Payment is { Standing: PaymentStanding.Capturing or PaymentStanding.CapturePending or PaymentStanding.CaptureRefused } payment && payment.PaymentId == paymentId;

    private static bool IsUnderWay(BookingState saga, Guid paymentId) =>
        WaitsForTheApprovalOf(saga, paymentId) || WaitsForTheAuthorisationOf(saga, paymentId) || WaitsForTheCaptureOf(saga, paymentId);

    private static bool HoldsSeatsUnder(BookingState saga, Guid holdId) =>
        saga.Hold is { Standing: HoldStanding.Asked or HoldStanding.Held or HoldStanding.Pinned or HoldStanding.Sold } hold && hold.HoldId == holdId;

    private static bool Stands(BookingState saga, Guid orderId, OrderStanding standing) =>
        saga.Order is { } order && order.OrderId == orderId && order.Standing == standing;
}
