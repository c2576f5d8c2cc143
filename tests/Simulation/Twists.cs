using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Payments;
using Aerona.Sagas.Booking;

namespace Aerona.Simulation;

/// <content>How a planted bug twists what the saga hears and says; without one, nothing is twisted.</content>
internal sealed partial class World
{
    /// <summary>What the saga hears; null for what it is made deaf to.</summary>
    private object? Twisted(object message, BookingState saga)
    {
        var failed = HasFailed(saga);
        switch (Scenario.Bug)
        {
            case Bug.LateAuthorisationIgnored when message is PaymentAuthorized && failed:
                return null;
            case Bug.OlderCaptureIgnored when message is PaymentCaptured captured
                && saga.Payments.Any(payment => payment.PaymentId == captured.PaymentId && (payment != saga.Payments[^1] || payment.Standing is PaymentStanding.Closed or PaymentStanding.Voiding)):
                return null;
            case Bug.FirstUndoEnds when message is SeatsReleased or PaymentVoided && saga.CurrentState == "Compensating":
                saga.Holds = [.. saga.Holds.Select(hold => hold with { Standing = HoldStanding.Gone })];
                saga.Payments = [.. saga.Payments.Select(payment => payment with { Standing = PaymentStanding.Closed })];
                return message;
            case Bug.CancelDuringCommitUnknown when message is BookingCancelRequested && saga.CurrentState == "CommitUnknown":
                return new AirlineOrderAbsent(saga.CorrelationId, saga.Orders[^1].OrderId, saga.LookUp);
            case Bug.RepriceHoldsTwice when message is OfferPriced && saga.CurrentState == "Pricing" && saga.Holds.Count > 0:
                saga.Holds = [.. saga.Holds.Select(hold => hold with { Standing = HoldStanding.Asked })];
                return message;
            case Bug.SecondCancelTakesBack when message is BookingCancelRequested && saga.CancelRequestedAt is not null:
                saga.CancelRequestedAt = null;
                return null;
            case Bug.ApprovalClosesAnother when message is PaymentApproved approved && Sagas.Any(other => other.CorrelationId != saga.CorrelationId && other.CurrentState == "Pinning" && other.EnteredAt == Now):
                return new PaymentDeclined(saga.CorrelationId, approved.PaymentId, "payment.closed");
            case Bug.DecisionsForgotten when message is StaffDecided:
                saga.StaffActions = [];
                return message;
            case Bug.DecisionsTakenAnywhere when message is StaffDecided && saga.CurrentState != "ParkedForStaff" && saga.ParkedFrom is not null:
                saga.CurrentState = "ParkedForStaff";
                return message;
            default:
                return message;
        }
    }

    /// <summary>What the saga says.</summary>
    private IEnumerable<object> Twisted(object published)
    {
        switch (Scenario.Bug)
        {
            case Bug.CommitWithoutPin when published is PinSeats pin:
                yield return new SeatsPinned(pin.BookingId, pin.HoldId, pin.Token);
                break;
            case Bug.CommitAgain when published is LookUpAirlineOrder look && Find(look.BookingId) is { } saga:
                yield return new CommitAirlineOrder(
                    look.BookingId, look.OrderId, saga.Holds[^1].HoldId, saga.Holds[^1].Token ?? 0, saga.OfferId, saga.Locator, saga.Passengers, saga.Contact);
                break;
            default:
                yield return published;
                break;
        }
    }
}
