using System.Security.Cryptography;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Cancellations;

namespace Aerona.Simulation.Services;

internal enum SeatState
{
    Held,
    Pinned,
    Sold,
    Released,
}

/// <summary>An attempt to hold seats.</summary>
internal sealed record HoldRow(
    Guid HoldId, Guid BookingId, SeatState State, long Token, DateTimeOffset SpaceUntil, DateTimeOffset PriceUntil, string? Reason, int Seats = 1);

internal enum OrderState
{
    None,

    /// <summary>The airline has the order and has not decided.</summary>
    Undecided,
    Confirmed,
    Refused,
    Absent,
    Cancelled,
}

/// <summary>What a supplier says of an order.</summary>
internal sealed record OrderAnswer(OrderState State, string? Reason = null, bool Numbers = true, DateTimeOffset TicketingLimitAt = default);

/// <summary>A question about an order that is being asked, or was answered for good.</summary>
internal sealed record LookUpRow(Guid BookingId, int LookUpNumber, Intent Intent);

/// <summary>An attempt to buy: our intents, and the airline's own book.</summary>
/// <param name="Noted">Whether our row of it was written.</param>
/// <param name="Purchase">Intent of the purchase.</param>
/// <param name="Cancel">Intent of the cancellation.</param>
/// <param name="LookUps">Intents of look-ups.</param>
/// <param name="Service">What our row says; none while nothing is known.</param>
/// <param name="Book">Where the order stands at the airline.</param>
/// <param name="HoldId">What it bought, or is to buy.</param>
/// <param name="NumbersKnown">Whether the airline has issued ticket numbers.</param>
/// <param name="Made">How often the airline made it.</param>
/// <param name="TicketingLimitAt">UTC; a day after it was made, and so is the end of the time to cancel for nothing.</param>
/// <param name="Untold">Whether the airline decided it and has not said so unasked.</param>
/// <param name="Denied">Whether the airline once said that there is no such order, and there was.</param>
/// <param name="OfferId">What was bought.</param>
internal sealed record OrderRow(
    Guid OrderId, Guid BookingId, bool Noted = false, Intent Purchase = default, Intent Cancel = default, LookUpRow[]? LookUps = null,
    OrderState Service = OrderState.None, OrderState Book = OrderState.None, string? Reason = null, Guid HoldId = default, long Token = 0, bool NumbersKnown = true, int Made = 0,
    DateTimeOffset TicketingLimitAt = default, bool Untold = false, bool Denied = false, Guid OfferId = default)
{
    public Intent LookUp(int number) => Array.Find(LookUps ?? [], row => row.LookUpNumber == number)?.Intent ?? default;

    /// <summary>One that is open and that nobody asks any more is as good as none.</summary>
    public OrderRow With(int number, Intent intent, DateTimeOffset now)
    {
        var rest = (LookUps ?? []).Where(row => row.LookUpNumber != number);
        return this with { LookUps = [.. intent.State == IntentState.Done || intent.IsBusy(now) ? rest.Append(new(BookingId, number, intent)) : rest] };
    }
}

/// <summary>An offer as stored.</summary>
internal sealed record OfferRow(OfferSnapshot Snapshot);

/// <summary>
/// Airlines and its house airline (services/Airlines): one flight with a few seats, holds, orders. Only what the consumers say and keep; how they do it is
/// theirs, and a test compares the two.
/// </summary>
internal sealed partial class Airlines(int seats, Bug bug) : IService
{
    private static readonly TimeSpan HoldFor = TimeSpan.FromMinutes(20);
    private static readonly TimeSpan PayLaterFor = TimeSpan.FromHours(24);
    private static readonly TimeSpan PayLaterPriceFor = TimeSpan.FromHours(2);
    private static readonly TimeSpan OfferLifetime = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Lease = CallLimit + TimeSpan.FromSeconds(10);

    public int Seats => seats;

    public HoldRow[] Holds { get; private set; } = [];

    public OrderRow[] Orders { get; private set; } = [];

    public OfferRow[] Offers { get; private set; } = [];

    /// <summary>What the flight costs today.</summary>
    public Money Fare { get; set; }

    /// <summary>Whether the airline may deny an order that it made.</summary>
    public bool MayDeny { get; init; }

    /// <summary>Grows with every move of the seats; a hold's token.</summary>
    public long Version { get; private set; }

    public int Occupied => Holds.Where(hold => hold.State != SeatState.Released).Sum(hold => hold.Seats);

    public Airlines Clone() => (Airlines)MemberwiseClone();

    public void Add(OfferSnapshot offer) => Offers = Offers.Plus(new(offer));

    public Taken Take(object message, DateTimeOffset now) => message switch
    {
        PriceOffer price => Now(Price(price, now)),
        HoldSeats hold => Now(Hold(hold, now)),
        LookUpHold look => Now(LookUp(look)),
        PinSeats pin => Now(Pin(pin)),
        ReleaseSeats release => Now(Release(release)),
        CommitAirlineOrder commit => Commit(commit, now),
        LookUpAirlineOrder look => LookUp(look, now),
        CancelAirlineOrder cancel => Cancel(cancel, now),
        QuoteCancellation quote => Quote(quote, now),
        CancelQuotedOrder cancel => Cancel(cancel, now),
        LookUpCancellation look => LookUp(look, now),
        _ => throw new ArgumentOutOfRangeException(nameof(message), message, "is not for Airlines"),
    };

    public IReadOnlyList<Outcome> Answers(object message, object plan) => message switch
    {
        CommitAirlineOrder commit when Order(commit.OrderId).Book == OrderState.None =>
            [Outcome.Ok, Outcome.Denied, Outcome.Pending, Outcome.NumbersLater, Outcome.LostAfter, Outcome.LostBefore],
        LookUpAirlineOrder look when MayDeny && Order(look.OrderId) is { Book: OrderState.Confirmed, Denied: false, Service: not OrderState.Confirmed } =>
            [Outcome.Ok, Outcome.LostBefore, Outcome.Wrong],
        CancelQuotedOrder cancel when Cancellation(cancel.CancellationId).Book == CancelState.None => [Outcome.Ok, Outcome.Denied, Outcome.LostAfter, Outcome.LostBefore],
        CancelQuotedOrder => [Outcome.Ok, Outcome.LostAfter, Outcome.LostBefore],
        _ => [Outcome.Ok, Outcome.LostBefore],
    };

    public IReadOnlyList<Sent> Finish(object message, object plan, Outcome outcome, DateTimeOffset now)
    {
        switch (message)
        {
            case CommitAirlineOrder commit:
                return Record(commit, Call(commit, outcome, now), now, called: true);
            case LookUpAirlineOrder look:
                return Record(look, outcome switch
                {
                    Outcome.Ok => Look(look.OrderId),
                    Outcome.Wrong => Deny(look.OrderId),
                    _ => new(OrderState.Undecided),
                }, now, called: true);
            case CancelAirlineOrder cancel:
                return Record(cancel, outcome == Outcome.Ok ? TakeBack(cancel.OrderId) : new(OrderState.Undecided), now, called: true);
            case QuoteCancellation quote:
                return Record(quote, outcome == Outcome.Ok ? Say(quote) : null, now);
            case CancelQuotedOrder cancel:
                return Record(cancel, Call(cancel, outcome, now), now, called: true);
            case LookUpCancellation look:
                return Record(look, outcome == Outcome.Ok ? Look(look) : CancelSaid.Unknown, now, called: true);
            default:
                throw new ArgumentOutOfRangeException(nameof(message), message, "calls nobody");
        }
    }

    public void Die(object message, object plan, bool reached, DateTimeOffset now)
    {
        switch (message)
        {
            case CommitAirlineOrder commit when reached:
                Call(commit, Outcome.Ok, now);
                break;
            case LookUpAirlineOrder look when reached:
                Look(look.OrderId);
                break;
            case CancelAirlineOrder cancel when reached:
                TakeBack(cancel.OrderId);
                break;
            case CancelQuotedOrder cancel when reached:
                Call(cancel, Outcome.Ok, now);
                break;
            case LookUpCancellation look when reached:
                Look(look);
                break;
        }
    }

    /// <summary>Whether the sweeper would find something.</summary>
    public bool HasLapsed(DateTimeOffset now) => Holds.Any(hold => Lapsed(hold, now));

    /// <summary>What the sweeper does.</summary>
    public void Sweep(DateTimeOffset now)
    {
        for (var at = 0; at < Holds.Length; at++)
        {
            if (Lapsed(Holds[at], now))
            {
                GiveBack(at);
            }
        }
    }

    /// <summary>The airline makes up its mind about an order it left undecided.</summary>
    public void Decide(Guid orderId, bool buy, DateTimeOffset now)
    {
        var order = Order(orderId);
        Put((buy ? Sell(order, now) : order with { Book = OrderState.Refused, Reason = "order.refused" }) with { Untold = true });
    }

    /// <summary>The airline says, unasked, what became of an order.</summary>
    public IReadOnlyList<Sent> Tell(Guid orderId)
    {
        var order = Order(orderId) with { Untold = false };
        Put(order);
        if (!order.Noted || order.Service == OrderState.Cancelled)
        {
            return [];
        }

        var answer = Stand(order);
        Put(Learn(order, answer));
        return answer.State switch
        {
            OrderState.Confirmed => [new(Confirmed(order.BookingId, orderId, answer))],
            OrderState.Refused => [new(new AirlineOrderRefused(order.BookingId, orderId, answer.Reason ?? "order.refused"))],
            _ => [],
        };
    }

    /// <summary>The airline issues the numbers of an order that it made without them.</summary>
    public void IssueNumbers(Guid orderId) => Put(Order(orderId) with { NumbersKnown = true });

    private static Taken Now(object answer) => new Taken.Done([new(answer)]);

    // --- prices and seats: one transaction each

    private object Price(PriceOffer price, DateTimeOffset now)
    {
        var found = Offers.FirstOrDefault(row => row.Snapshot.OfferId == price.OfferId);
        if (found is null)
        {
            return new OfferGone(price.BookingId, price.OfferId, "offer.not_found");
        }

        var offer = found.Snapshot;
        // An expired one is gone, unless its booking holds seats: those stay, and the offer gets time anew.
        var expired = offer.ExpiresAt <= now;
        if (expired && !Array.Exists(Holds, hold => hold.BookingId == price.BookingId && hold.State is SeatState.Held or SeatState.Pinned))
        {
            return new OfferGone(price.BookingId, price.OfferId, "offer.expired");
        }

        if (offer.Total == Fare)
        {
            if (expired)
            {
                offer = offer with { ExpiresAt = now + OfferLifetime };
                Offers = Offers.With(Array.IndexOf(Offers, found), new(offer));
            }

            return new OfferPriced(price.BookingId, price.OfferId, offer);
        }

        var today = offer with
        {
            OfferId = new(SHA256.HashData([.. offer.OfferId.ToByteArray(), (byte)Offers.Length]).AsSpan(..16)),
            Total = Fare,
            ExpiresAt = now + OfferLifetime,
        };
        Add(today);
        return new OfferPriceChanged(price.BookingId, price.OfferId, offer.Total, today);
    }

    private object Hold(HoldSeats command, DateTimeOffset now)
    {
        if (Find(command.HoldId) is var known and >= 0)
        {
            if (bug != Bug.ForgetfulInbox || Holds[known].State == SeatState.Released)
            {
                return Answer(Holds[known]);
            }

            // Without the business key a repeat is another hold; the first one is remembered by nobody.
            Move(1);
            Holds = Holds.With(known, Holds[known] with { Seats = Holds[known].Seats + 1 });
            return Answer(Holds[known]);
        }

        if (Offers.All(row => row.Snapshot.OfferId != command.OfferId))
        {
            return Answer(Refuse(command, "offer.not_found"));
        }

        if (bug != Bug.AvailabilityByTime)
        {
            Sweep(now);
        }

        var occupied = bug == Bug.AvailabilityByTime
            ? Holds.Where(hold => hold.State != SeatState.Released && !(hold.State == SeatState.Held && hold.SpaceUntil <= now)).Sum(hold => hold.Seats)
            : Occupied;
        if (occupied + 1 > seats)
        {
            return Answer(Refuse(command, "seats.sold_out"));
        }

        Move(1);
        var spaceUntil = now + (command.PayLater ? PayLaterFor : HoldFor);
        var priceUntil = command.PayLater ? now + PayLaterPriceFor : Offers.First(row => row.Snapshot.OfferId == command.OfferId).Snapshot.ExpiresAt;
        var held = new HoldRow(command.HoldId, command.BookingId, SeatState.Held, Version, spaceUntil, priceUntil < spaceUntil ? priceUntil : spaceUntil, null);
        Holds = Holds.Plus(held);
        return Answer(held);
    }

    private object LookUp(LookUpHold look)
    {
        var at = Find(look.HoldId);
        if (at >= 0 && Holds[at].State != SeatState.Released)
        {
            return Answer(Holds[at]);
        }

        if (at < 0 && bug != Bug.LookUpDoesNotClose)
        {
            Close(look.BookingId, look.HoldId);
        }

        return new HoldAbsent(look.BookingId, look.HoldId, look.LookUp);
    }

    private object Pin(PinSeats pin)
    {
        var at = Find(pin.HoldId);
        if (at < 0)
        {
            Close(pin.BookingId, pin.HoldId);
            return new HoldLapsed(pin.BookingId, pin.HoldId);
        }

        if (Holds[at].State == SeatState.Released || Holds[at].Token != pin.Token)
        {
            return new HoldLapsed(pin.BookingId, pin.HoldId);
        }

        if (Holds[at].State == SeatState.Held)
        {
            Holds = Holds.With(at, Holds[at] with { State = SeatState.Pinned });
        }

        return new SeatsPinned(pin.BookingId, pin.HoldId, pin.Token);
    }

    private object Release(ReleaseSeats release)
    {
        var at = Find(release.HoldId);
        if (at < 0)
        {
            if (bug != Bug.ReleaseWithoutTombstone)
            {
                Close(release.BookingId, release.HoldId);
            }
        }
        else if (Holds[at].State is SeatState.Held or SeatState.Pinned)
        {
            GiveBack(at);
        }

        return new SeatsReleased(release.BookingId, release.HoldId);
    }

    // --- orders: noted, called, recorded

    private Taken Commit(CommitAirlineOrder commit, DateTimeOffset now)
    {
        if (Offers.All(row => row.Snapshot.OfferId != commit.OfferId))
        {
            return new Taken.Done(Record(commit, new(OrderState.Refused, "order.refused"), now, called: false));
        }

        var order = Order(commit.OrderId, commit.BookingId);
        switch (order.Purchase)
        {
            case { State: IntentState.Closed }:
                return new Taken.Done(Record(commit, new(OrderState.Refused, "order.refused"), now, called: false));
            case { State: IntentState.Done } done when bug != Bug.CommitAgain:
                return new Taken.Done(Record(commit, (OrderAnswer)done.Answer!, now, called: false));
            case { State: IntentState.Open } open when open.IsBusy(now):
                return new Taken.Later(open.LeaseUntil);
        }

        // Our row is written with the intent, so a recovered one finds it.
        Put(order with { Noted = true, Purchase = order.Purchase.Note(now, Lease), HoldId = commit.HoldId, Token = commit.Token, OfferId = commit.OfferId });
        return new Taken.Calls("commit", CallLimit);
    }

    private OrderAnswer Call(CommitAirlineOrder commit, Outcome outcome, DateTimeOffset now)
    {
        var order = Order(commit.OrderId);
        if (bug == Bug.CommitAgain && order.Book == OrderState.Confirmed && outcome != Outcome.LostBefore)
        {
            // A supplier that does not know our reference: what is sent again is bought again.
            Put(order with { Made = order.Made + 1 });
            return outcome == Outcome.LostAfter ? new(OrderState.Undecided) : Stand(order);
        }

        if (order.Book != OrderState.None || outcome == Outcome.LostBefore)
        {
            return outcome == Outcome.LostBefore ? new(OrderState.Undecided) : Stand(order) is { State: OrderState.Absent or OrderState.Cancelled }
                ? new(OrderState.Refused, "order.refused")
                : Stand(order);
        }

        switch (outcome)
        {
            case Outcome.Denied:
                return new(OrderState.Refused, "order.sold_out");
            case Outcome.Pending:
                Put(order with { Book = OrderState.Undecided });
                return new(OrderState.Undecided);
            default:
                var sold = Sell(order, now);
                Put(outcome == Outcome.NumbersLater ? sold with { NumbersKnown = false } : sold);
                return outcome == Outcome.LostAfter ? new(OrderState.Undecided) : Stand(Order(commit.OrderId));
        }
    }

    private IReadOnlyList<Sent> Record(CommitAirlineOrder commit, OrderAnswer answer, DateTimeOffset now, bool called)
    {
        var order = Order(commit.OrderId, commit.BookingId);
        if (called)
        {
            order = order with { Purchase = Settle(order.Purchase, answer, now) };
        }

        Put(Learn(order, answer));
        return
        [
            new(answer.State switch
            {
                OrderState.Confirmed => Confirmed(commit.BookingId, commit.OrderId, answer),
                OrderState.Undecided => new AirlineOrderPending(commit.BookingId, commit.OrderId, 0),
                _ => new AirlineOrderRefused(commit.BookingId, commit.OrderId, answer.Reason ?? "order.refused"),
            }),
        ];
    }

    private Taken LookUp(LookUpAirlineOrder look, DateTimeOffset now)
    {
        var order = Order(look.OrderId, look.BookingId);
        if (order.Purchase.State == IntentState.None && bug != Bug.LookUpDoesNotClose)
        {
            Put(order with { Purchase = order.Purchase.CloseIfAbsent(now) });
        }

        if (order.Purchase.State == IntentState.None || !order.Noted || order.Service is OrderState.Cancelled or OrderState.Absent)
        {
            return new Taken.Done(Record(look, new(OrderState.Absent), now, called: false));
        }

        // An answer without the ticket numbers is not the last word.
        if (order.Purchase.Answer is OrderAnswer answer && answer is not { State: OrderState.Confirmed, Numbers: false })
        {
            return new Taken.Done(Record(look, answer, now, called: false));
        }

        if (order.Purchase.Answer is null && order.Purchase.LeaseUntil > now)
        {
            return new Taken.Done(Record(look, new(OrderState.Undecided), now, called: false));
        }

        var intent = order.LookUp(look.LookUp);
        if (intent.IsBusy(now))
        {
            return new Taken.Later(intent.LeaseUntil);
        }

        if (intent is { State: IntentState.Done, Answer: OrderAnswer said })
        {
            return new Taken.Done(Record(look, said, now, called: false));
        }

        Put(order.With(look.LookUp, intent.Note(now, Lease), now));
        return new Taken.Calls("look-up", CallLimit);
    }

    private OrderAnswer Look(Guid orderId)
    {
        var order = Order(orderId);
        if (order.Book == OrderState.None && bug != Bug.LookUpDoesNotClose)
        {
            order = order with { Book = OrderState.Absent };
            Put(order);
        }

        return order.Book == OrderState.None ? new(OrderState.Absent) : Stand(order);
    }

    private OrderAnswer Deny(Guid orderId)
    {
        Put(Order(orderId) with { Untold = true, Denied = true });
        return new(OrderState.Absent);
    }

    private IReadOnlyList<Sent> Record(LookUpAirlineOrder look, OrderAnswer answer, DateTimeOffset now, bool called)
    {
        var order = Order(look.OrderId, look.BookingId);
        if (called)
        {
            var intent = order.LookUp(look.LookUp);
            order = order.With(look.LookUp, answer is { State: OrderState.Confirmed, Numbers: false } ? intent.Free(now) : Settle(intent, answer, now), now);
        }

        order = Learn(order, answer);

        switch (answer.State)
        {
            case OrderState.Confirmed:
                Put(order);
                return [new(Confirmed(look.BookingId, look.OrderId, answer))];
            case OrderState.Refused:
                Put(order);
                return [new(new AirlineOrderRefused(look.BookingId, look.OrderId, answer.Reason ?? "order.refused"))];
            case OrderState.Undecided:
                Put(order);
                return [new(new AirlineOrderPending(look.BookingId, look.OrderId, look.LookUp))];
            default:
                Put(order.Purchase.State == IntentState.Open && bug != Bug.LookUpDoesNotClose
                    ? order with { Purchase = order.Purchase with { State = IntentState.Closed } }
                    : order);
                return [new(new AirlineOrderAbsent(look.BookingId, look.OrderId, look.LookUp))];
        }
    }

    private Taken Cancel(CancelAirlineOrder cancel, DateTimeOffset now)
    {
        var order = Order(cancel.OrderId, cancel.BookingId);
        if (order.Purchase.State == IntentState.None || !order.Noted)
        {
            Put(order with { Purchase = order.Purchase.CloseIfAbsent(now) });
            return new Taken.Done(Record(cancel, new(OrderState.Cancelled), now, called: false));
        }

        // A purchase that was begun is cancelled at the supplier, even one that a look-up denied.
        if (order.Purchase.Answer is null && order.Purchase.LeaseUntil > now)
        {
            return new Taken.Later(order.Purchase.LeaseUntil);
        }

        switch (order.Cancel)
        {
            case { State: IntentState.Done } done:
                return new Taken.Done(Record(cancel, (OrderAnswer)done.Answer!, now, called: false));
            case var open when open.IsBusy(now):
                return new Taken.Later(open.LeaseUntil);
        }

        Put(order with { Cancel = order.Cancel.Note(now, Lease) });
        return new Taken.Calls("cancel", CallLimit);
    }

    private OrderAnswer TakeBack(Guid orderId)
    {
        var order = Order(orderId);
        if (order.Book == OrderState.Confirmed && Find(order.HoldId) is var at and >= 0 && Holds[at].State == SeatState.Sold)
        {
            GiveBack(at);
        }

        if (order.Book is OrderState.None or OrderState.Confirmed or OrderState.Undecided)
        {
            Put(order with { Book = OrderState.Cancelled });
        }

        return new(OrderState.Cancelled);
    }

    private IReadOnlyList<Sent> Record(CancelAirlineOrder cancel, OrderAnswer answer, DateTimeOffset now, bool called)
    {
        var order = Order(cancel.OrderId, cancel.BookingId);
        if (called)
        {
            order = order with { Cancel = answer.State == OrderState.Cancelled ? order.Cancel.Free(now, answer) : order.Cancel.Free(now) };
        }

        if (answer.State == OrderState.Cancelled)
        {
            Put(Learn(order, answer));
            return [new(new AirlineOrderCancelled(cancel.BookingId, cancel.OrderId))];
        }

        Put(order);
        return [new(cancel, now + TimeSpan.FromMinutes(1))];
    }

    // --- the airline's books

    private OrderRow Sell(OrderRow order, DateTimeOffset now)
    {
        var at = Find(order.HoldId);
        if (at < 0 || (Holds[at].State != SeatState.Pinned && bug != Bug.CommitWithoutPin) || Holds[at].Token != order.Token)
        {
            return order with { Book = OrderState.Refused, Reason = "order.hold_lost" };
        }

        Holds = Holds.With(at, Holds[at] with { State = SeatState.Sold });
        return order with { Book = OrderState.Confirmed, Made = order.Made + 1, TicketingLimitAt = now.AddDays(1) };
    }

    // Cancelled is the end; and an answer that got lost does not make unknown what was known.
    private static OrderRow Learn(OrderRow order, OrderAnswer answer) =>
        !order.Noted || order.Service == OrderState.Cancelled || answer.State == OrderState.Undecided ? order : order with { Service = answer.State };

    private static OrderAnswer Stand(OrderRow order) => new(order.Book, order.Reason, order.NumbersKnown, order.TicketingLimitAt);

    private static Intent Settle(Intent intent, OrderAnswer answer, DateTimeOffset now) =>
        answer.State == OrderState.Undecided ? intent.Free(now) : intent.Free(now, answer);

    private static AirlineOrderConfirmed Confirmed(Guid bookingId, Guid orderId, OrderAnswer answer) => new(
        bookingId, orderId, [new("house", "ABC234")], answer.Numbers ? [new("p1", Number(orderId))] : null, answer.TicketingLimitAt, answer.TicketingLimitAt);

    private static string Number(Guid orderId) => $"738{BitConverter.ToUInt32(orderId.ToByteArray()):0000000000}";

    private HoldRow Refuse(HoldSeats command, string reason)
    {
        var refused = new HoldRow(command.HoldId, command.BookingId, SeatState.Released, 0, default, default, reason);
        Holds = Holds.Plus(refused);
        return refused;
    }

    private void Close(Guid bookingId, Guid holdId) => Holds = Holds.Plus(new(holdId, bookingId, SeatState.Released, 0, default, default, null));

    private static object Answer(HoldRow hold) => hold.State == SeatState.Released
        ? new SeatsRefused(hold.BookingId, hold.HoldId, hold.Reason ?? "hold.closed", [])
        : new SeatsHeld(hold.BookingId, hold.HoldId, hold.Token, hold.SpaceUntil, hold.PriceUntil);

    private bool Lapsed(HoldRow hold, DateTimeOffset now) =>
        (hold.State == SeatState.Held || (hold.State == SeatState.Pinned && bug == Bug.PinnedHoldLapses)) && hold.SpaceUntil <= now;

    private void GiveBack(int at)
    {
        Move(-1);
        Holds = Holds.With(at, Holds[at] with { State = SeatState.Released });
    }

    private void Move(int by) => Version += Math.Abs(by);

    private int Find(Guid holdId) => Array.FindIndex(Holds, hold => hold.HoldId == holdId);

    private OrderRow Order(Guid orderId, Guid bookingId = default) => Array.Find(Orders, order => order.OrderId == orderId) ?? new(orderId, bookingId);

    private void Put(OrderRow order)
    {
        var at = Array.FindIndex(Orders, known => known.OrderId == order.OrderId);
        Orders = at < 0 ? Orders.Plus(order) : Orders.With(at, order);
    }
}
