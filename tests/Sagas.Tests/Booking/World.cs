using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Payments;
using Aerona.Contracts.Tickets;
using Aerona.Sagas.Booking;
using Aerona.Simulation.Saga;
using static Aerona.Sagas.Tests.Booking.Facts;

namespace Aerona.Sagas.Tests.Booking;

/// <summary>
/// An airline, a PayPal, a traveller, staff and a ticket office that keep books and answer truthfully, but late, twice, in any order, and sometimes not before they are
/// asked what happened. Chance decides by seed.
/// </summary>
internal sealed class World(Random chance, HandClock clock)
{
    private readonly Dictionary<Guid, HoldBook> holds = [];
    private readonly Dictionary<Guid, OrderBook> orders = [];
    private readonly Dictionary<Guid, PaymentBook> payments = [];
    private readonly Dictionary<Guid, Money> prices = [];
    private readonly Dictionary<Guid, OfferSnapshot> offers = new() { [OfferId] = Offer };
    private readonly Dictionary<Guid, bool> unpaidCancellations = [];
    private int actions;

    /// <summary>Whether tickets that nobody paid for were given back.</summary>
    public bool GaveBackUnpaid => unpaidCancellations.ContainsValue(true);

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
        CaptureUndecided,
        CaptureRefused,
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
    public int Reserved => payments.Values.Count(x => x is PaymentBook.Authorised or PaymentBook.Undecided or PaymentBook.CaptureUndecided or PaymentBook.CaptureRefused);

    /// <summary>Each amount taken and not given back.</summary>
    public IReadOnlyList<Money> Captured => [.. payments.Where(x => x.Value == PaymentBook.Captured).Select(x => prices[x.Key])];


    /// <summary>What travellers and staff do on their own.</summary>
    public IEnumerable<object> People(BookingStateMachine machine, BookingState saga)
    {
        if (chance.Next(60) == 0)
        {
            yield return CancelRequested;
        }

        if ((saga.CurrentState == "AwaitingPayment" || machine.MayRetryPayment(saga)) && chance.Next(3) == 0)
        {
            yield return Retried;
        }

        if (saga is { CurrentState: "AwaitingPriceDecision", NewPrice: { } price } && chance.Next(3) == 0)
        {
            yield return chance.Next(3) == 0 ? new PriceDeclined(BookingId, price.Offer.OfferId, clock.Now) : new PriceAccepted(BookingId, price.Offer.OfferId, clock.Now);
        }

        if (saga.CurrentState == "ParkedForStaff" && chance.Next(3) == 0)
        {
            yield return Decided((StaffDecision)chance.Next(3), ++actions);
        }

        if (saga.CurrentState == "Confirmed" && chance.Next(8) == 0)
        {
            yield return new BookingCancelled(BookingId, clock.Now);
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
        PriceOffer price => [Ask(price.OfferId)],
        HoldSeats hold => Hold(hold.HoldId),
        LookUpHold look => LookUp(look),
        PinSeats pin => Pin(pin.HoldId),
        ReleaseSeats release => Release(release.HoldId),
        OpenPayment open => Open(open),
        AuthorizePayment authorize => Authorize(authorize.PaymentId),
        ReauthorizePayment renew => Renew(renew.PaymentId),
        LookUpPayment look => LookUp(look),
        CapturePayment capture => Capture(capture.PaymentId),
        VoidPayment undo => Void(undo.PaymentId),
        RefundPayment refund => Refund(refund),
        CommitAirlineOrder commit => Commit(commit),
        LookUpAirlineOrder look => LookUp(look),
        CancelAirlineOrder cancel => Cancel(cancel.OrderId),
        IssueTickets => Issue(),
        StoreDocuments => [Stored],
        CancellationRequested { Unpaid: true } unpaid => GiveBack(unpaid),
        BookingConfirmed or BookingFailed or BookingCaseOpened or BookingNews or CancellationRequested or ServicingGranted or ServicingDenied => [],
        _ => throw new ArgumentOutOfRangeException(nameof(command), command, "is nobody's"),
    };

    // The cancellation that the booking asks for itself: done, or not possible for nothing.
    private IEnumerable<object> GiveBack(CancellationRequested unpaid)
    {
        if (!unpaidCancellations.TryGetValue(unpaid.CancellationId, out var done))
        {
            unpaidCancellations[unpaid.CancellationId] = done = chance.Next(3) == 0;
        }

        return done
            ? [new ServicingEnded(BookingId, unpaid.CancellationId, [], null, true, clock.Now), new BookingCancelled(BookingId, clock.Now)]
            : [new ServicingReleased(BookingId, unpaid.CancellationId, "cancellation.not_free")];
    }

    private object Ask(Guid offerId)
    {
        var known = offers[offerId] = offers[offerId] with { ExpiresAt = clock.Now.AddMinutes(30) };
        if (chance.Next(40) == 0)
        {
            return new OfferGone(BookingId, offerId, "offer.expired");
        }

        if (chance.Next(8) > 0)
        {
            return new OfferPriced(BookingId, offerId, known);
        }

        var dearer = known with { OfferId = BookingState.AttemptId(BookingId, "offer", offers.Count), Total = known.Total + new Money(1000, "EUR") };
        offers[dearer.OfferId] = dearer;
        return new OfferPriceChanged(BookingId, offerId, known.Total, dearer);
    }

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

    private IEnumerable<object> Open(OpenPayment open)
    {
        var id = open.PaymentId;
        payments.TryAdd(id, PaymentBook.Open);
        prices.TryAdd(id, open.Price);
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

    private IEnumerable<object> Renew(Guid id)
    {
        if (payments[id] == PaymentBook.Authorised && chance.Next(3) == 0)
        {
            payments[id] = PaymentBook.Closed;
        }

        return Stand(id);
    }

    private IEnumerable<object> LookUp(LookUpPayment look)
    {
        payments.TryAdd(look.PaymentId, PaymentBook.Open);
        payments[look.PaymentId] = (payments[look.PaymentId], chance.Next(3)) switch
        {
            (PaymentBook.Undecided, 0) => PaymentBook.Closed,
            (PaymentBook.Undecided, 1) => PaymentBook.Authorised,
            (PaymentBook.CaptureUndecided, 0) => PaymentBook.CaptureRefused,
            (PaymentBook.CaptureUndecided, 1) => PaymentBook.Captured,
            var (now, _) => now,
        };
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
            PaymentBook.Authorised => new PaymentAuthorized(BookingId, id, prices[id], "AUTH", clock.Now.AddDays(3), clock.Now.AddDays(29)),
            PaymentBook.CaptureUndecided => new CapturePending(BookingId, id),
            PaymentBook.CaptureRefused => new CaptureRefused(BookingId, id, "x"),
            PaymentBook.Captured => new PaymentCaptured(BookingId, id, prices[id], "CAP"),
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
                case 0: payments[id] = PaymentBook.CaptureUndecided; break;
                case 1: payments[id] = PaymentBook.CaptureRefused; break;
                case 2: return [];                                             // it never got there
                case 3: payments[id] = PaymentBook.Captured; return [];        // the answer is lost
                default: payments[id] = PaymentBook.Captured; break;
            }
        }

        return Stand(id);
    }

    // What was taken is not reserved any more; it can only be sent back.
    private IEnumerable<object> Void(Guid id)
    {
        var now = payments.GetValueOrDefault(id);
        return now is PaymentBook.Captured or PaymentBook.Refunded
            ? Stand(id)
            : Closed(id, new PaymentVoided(BookingId, id, now is PaymentBook.Authorised or PaymentBook.CaptureRefused ? prices[id] : null));
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
