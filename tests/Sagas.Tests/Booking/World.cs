using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Payments;
using Aerona.Contracts.Tickets;
using Aerona.Sagas.Booking;
using static Aerona.Sagas.Tests.Booking.Facts;

namespace Aerona.Sagas.Tests.Booking;

/// <summary>
/// An airline, a PayPal, a payer and a ticket office that keep books and answer truthfully, but late, twice, in any order, and sometimes not before they are
/// asked what happened. Chance decides by seed.
/// </summary>
internal sealed class World(Random chance, HandClock clock)
{
    private readonly Dictionary<Guid, HoldBook> holds = [];
    private readonly Dictionary<Guid, OrderBook> orders = [];
    private readonly Dictionary<Guid, PaymentBook> payments = [];

    private enum HoldBook
    {
        Held,
        Pinned,
        Sold,
        Released,
    }

    private enum OrderBook
    {
        Undecided,
        Bought,
        Closed,
        Cancelled,
    }

    private enum PaymentBook
    {
        Open,
        Approved,
        Undecided,
        Authorised,
        Captured,
        Closed,
        Refunded,
    }

    public bool TicketsIssued { get; private set; }

    public bool CapturedBeforeTickets { get; private set; }

    /// <summary>Seats not given back and not sold.</summary>
    public int SeatsHeld => holds.Values.Count(x => x is HoldBook.Held or HoldBook.Pinned);

    public int SeatsSold => holds.Values.Count(x => x == HoldBook.Sold);

    public int OrdersBought => orders.Values.Count(x => x is OrderBook.Bought or OrderBook.Undecided);

    /// <summary>Money reserved and not given back, or perhaps so.</summary>
    public int Reserved => payments.Values.Count(x => x is PaymentBook.Authorised or PaymentBook.Undecided);

    public int Captured => payments.Values.Count(x => x == PaymentBook.Captured);

    /// <summary>What the payer does on his own.</summary>
    public IEnumerable<object> Payer(BookingState saga)
    {
        if (chance.Next(40) == 0)
        {
            yield return CancelRequested;
        }

        if (saga.CurrentState == "AwaitingPayment" && chance.Next(3) == 0)
        {
            yield return Retried;
        }

        foreach (var id in payments.Where(x => x.Value == PaymentBook.Open).Select(x => x.Key).ToList())
        {
            if (chance.Next(3) == 0)
            {
                payments[id] = PaymentBook.Approved;
                yield return new PaymentApproved(BookingId, id);
            }
        }
    }

    /// <summary>Does what a command says, or what a repeat of it may, and answers.</summary>
    public IEnumerable<object> Answer(object command) => command switch
    {
        PriceOffer => [chance.Next(30) switch { 0 => new OfferGone(BookingId, OfferId, "offer.expired"), 1 => Dearer, _ => Priced }],
        HoldSeats hold => Hold(hold.HoldId),
        LookUpHold look => LookUp(look),
        PinSeats pin => Pin(pin.HoldId),
        ReleaseSeats release => Release(release.HoldId),
        OpenPayment open => Open(open.PaymentId),
        AuthorizePayment authorize => Authorize(authorize.PaymentId),
        LookUpPayment look => LookUp(look),
        CapturePayment capture => Capture(capture.PaymentId),
        VoidPayment undo => Void(undo.PaymentId),
        RefundPayment refund => Refund(refund),
        CommitAirlineOrder commit => Commit(commit),
        LookUpAirlineOrder look => LookUp(look),
        CancelAirlineOrder cancel => Cancel(cancel.OrderId),
        IssueTickets => Issue(),
        StoreDocuments => [Stored],
        BookingConfirmed or BookingFailed or BookingCaseOpened => [],
        _ => throw new ArgumentOutOfRangeException(nameof(command), command, "is nobody's"),
    };

    private SeatsHeld Held(Guid id) => new(BookingId, id, 7, clock.Now.AddMinutes(20), clock.Now.AddMinutes(chance.Next(4) == 0 ? 1 : 20));

    private IEnumerable<object> Hold(Guid id)
    {
        if (!holds.ContainsKey(id))
        {
            holds[id] = chance.Next(12) == 0 ? HoldBook.Released : HoldBook.Held;
        }

        return [holds[id] == HoldBook.Released ? new SeatsRefused(BookingId, id, "seats.sold_out", []) : Held(id)];
    }

    private IEnumerable<object> LookUp(LookUpHold look)
    {
        if (holds.TryAdd(look.HoldId, HoldBook.Released))
        {
            return [new HoldAbsent(BookingId, look.HoldId, look.LookUp)];
        }

        return [holds[look.HoldId] == HoldBook.Released ? new HoldAbsent(BookingId, look.HoldId, look.LookUp) : Held(look.HoldId)];
    }

    private IEnumerable<object> Pin(Guid id)
    {
        if (holds[id] == HoldBook.Held)
        {
            holds[id] = chance.Next(12) == 0 ? HoldBook.Released : HoldBook.Pinned;
        }

        return [holds[id] == HoldBook.Released ? new HoldLapsed(BookingId, id) : new SeatsPinned(BookingId, id, 7)];
    }

    private IEnumerable<object> Release(Guid id)
    {
        if (holds.GetValueOrDefault(id) != HoldBook.Sold)
        {
            holds[id] = HoldBook.Released;
        }

        return [new SeatsReleased(BookingId, id)];
    }

    private IEnumerable<object> Open(Guid id)
    {
        payments.TryAdd(id, PaymentBook.Open);
        return payments[id] == PaymentBook.Closed || chance.Next(60) == 0 ? Closed(id, new PaymentNotPossible(BookingId, id, "payment.closed")) : [OpenedAs(id)];
    }

    private IEnumerable<object> Authorize(Guid id)
    {
        if (payments[id] == PaymentBook.Approved)
        {
            switch (chance.Next(8))
            {
                case 0: return Closed(id, new PaymentDeclined(BookingId, id, "payment.declined"));
                case 1: payments[id] = PaymentBook.Undecided; return [new PaymentUnderReview(BookingId, id)];
                case 2: payments[id] = PaymentBook.Undecided; return [];
                case 3: payments[id] = PaymentBook.Authorised; return [];       // the answer is lost
                default: payments[id] = PaymentBook.Authorised; break;
            }
        }

        return Stand(id);
    }

    private IEnumerable<object> LookUp(LookUpPayment look)
    {
        payments.TryAdd(look.PaymentId, PaymentBook.Open);
        if (payments[look.PaymentId] == PaymentBook.Undecided)
        {
            payments[look.PaymentId] = chance.Next(3) switch { 0 => PaymentBook.Closed, 1 => PaymentBook.Authorised, _ => PaymentBook.Undecided };
        }

        return look.CloseIfAbsent && payments[look.PaymentId] is PaymentBook.Open or PaymentBook.Approved
            ? look.CloseIfAbsent ? Closed(look.PaymentId, new PaymentAbsent(BookingId, look.PaymentId, look.LookUp)) : Stand(look.PaymentId)
            : Stand(look.PaymentId);
    }

    private IEnumerable<object> Stand(Guid id) =>
    [
        payments[id] switch
        {
            PaymentBook.Open => OpenedAs(id),
            PaymentBook.Approved => new PaymentApproved(BookingId, id),
            PaymentBook.Undecided => new PaymentUnderReview(BookingId, id),
            PaymentBook.Authorised => AuthorizedAs(id),
            PaymentBook.Captured => new PaymentCaptured(BookingId, id, Price, "CAP"),
            _ => new PaymentDeclined(BookingId, id, "payment.closed"),
        },
    ];

    private IEnumerable<object> Capture(Guid id)
    {
        CapturedBeforeTickets |= !TicketsIssued;
        if (payments[id] == PaymentBook.Authorised)
        {
            switch (chance.Next(8))
            {
                case 0: return [new CapturePending(BookingId, id)];
                case 1: return [new CaptureRefused(BookingId, id, "x")];
                case 2: return [];
                default: payments[id] = PaymentBook.Captured; break;
            }
        }

        return Stand(id);
    }

    private IEnumerable<object> Void(Guid id)
    {
        var reserved = payments.GetValueOrDefault(id) is PaymentBook.Authorised;
        return Closed(id, new PaymentVoided(BookingId, id, reserved ? Price : null));
    }

    private IEnumerable<object> Refund(RefundPayment refund)
    {
        payments[refund.PaymentId] = PaymentBook.Refunded;
        return [new PaymentRefunded(BookingId, refund.PaymentId, refund.RefundId, refund.Amount)];
    }

    private IEnumerable<object> Commit(CommitAirlineOrder commit)
    {
        if (orders.ContainsKey(commit.OrderId))
        {
            return Stand(commit.OrderId, 0);
        }

        switch (chance.Next(6))
        {
            case 0: orders[commit.OrderId] = OrderBook.Closed; break;
            case 1: orders[commit.OrderId] = OrderBook.Undecided; break;
            case 2: Buy(commit.OrderId); return [];                            // the answer is lost
            case 3: return [];                                                // it never got there
            default: Buy(commit.OrderId); break;
        }

        return Stand(commit.OrderId, 0);
    }

    private IEnumerable<object> LookUp(LookUpAirlineOrder look)
    {
        if (orders.TryAdd(look.OrderId, OrderBook.Closed))
        {
            return [new AirlineOrderAbsent(BookingId, look.OrderId, look.LookUp)];
        }

        if (orders[look.OrderId] == OrderBook.Undecided && chance.Next(3) is var how and < 2)
        {
            if (how == 0)
            {
                Buy(look.OrderId);
            }
            else
            {
                orders[look.OrderId] = OrderBook.Closed;
            }
        }

        return Stand(look.OrderId, look.LookUp);
    }

    private void Buy(Guid orderId)
    {
        orders[orderId] = OrderBook.Bought;
        foreach (var id in holds.Where(x => x.Value == HoldBook.Pinned).Select(x => x.Key).ToList())
        {
            holds[id] = HoldBook.Sold;
        }
    }

    private IEnumerable<object> Stand(Guid orderId, int lookUp) =>
    [
        orders[orderId] switch
        {
            OrderBook.Bought => chance.Next(4) == 0 ? BoughtWithoutNumbers with { OrderId = orderId } : Bought with { OrderId = orderId },
            OrderBook.Undecided => new AirlineOrderPending(BookingId, orderId, lookUp),
            _ => new AirlineOrderRefused(BookingId, orderId, chance.Next(2) == 0 ? "order.sold_out" : "order.refused"),
        },
    ];

    private IEnumerable<object> Cancel(Guid orderId)
    {
        orders[orderId] = OrderBook.Cancelled;
        foreach (var id in holds.Where(x => x.Value == HoldBook.Sold).Select(x => x.Key).ToList())
        {
            holds[id] = HoldBook.Released;
        }

        return [new AirlineOrderCancelled(BookingId, orderId)];
    }

    private IEnumerable<object> Issue()
    {
        TicketsIssued = true;
        return [chance.Next(8) == 0 ? new TicketsPending(BookingId, OrderId) : Ticketed];
    }

    private IEnumerable<object> Closed(Guid paymentId, object answer)
    {
        payments[paymentId] = PaymentBook.Closed;
        return [answer];
    }
}
