using Aerona.Contracts;
using Aerona.Contracts.Cancellations;

namespace Aerona.Simulation.Services;

internal enum CancelState
{
    None,
    Cancelled,
    Refused,
    Absent,
}

/// <summary>What a supplier says of a cancellation; none: nobody knows.</summary>
internal sealed record CancelSaid(CancelState State, Money? Refund = null, string? Reason = null)
{
    public static CancelSaid Unknown { get; } = new(CancelState.None);
}

/// <summary>A quote as given, or why there is none.</summary>
/// <param name="Asking">Intent of the question.</param>
/// <param name="Said">What was answered; null while it was not.</param>
/// <param name="AskedAt">UTC.</param>
/// <param name="IsSuperseded">Whether a newer one was given for the order.</param>
internal sealed record QuoteRow(Guid QuoteId, Guid CancellationId, Guid OrderId, DateTimeOffset AskedAt, Intent Asking = default, object? Said = null, bool IsSuperseded = false);

/// <summary>A cancellation that was wanted: our intents, and the airline's own book.</summary>
/// <param name="Noted">Whether our row of it was written.</param>
/// <param name="Cancelling">Intent of it.</param>
/// <param name="LookUps">Intents of look-ups.</param>
/// <param name="Service">What our row says; none while nothing is known.</param>
/// <param name="Book">What stands at the airline.</param>
/// <param name="Done">How often the airline did it.</param>
internal sealed record CancellationRow(
    Guid CancellationId, Guid BookingId, Guid OrderId = default, Guid QuoteId = default, bool Noted = false, Intent Cancelling = default, LookUpRow[]? LookUps = null,
    CancelState Service = CancelState.None, string? Reason = null, Money? Refund = null, CancelState Book = CancelState.None, string? BookReason = null, int Done = 0)
{
    public Intent LookUp(int number) => Array.Find(LookUps ?? [], row => row.LookUpNumber == number)?.Intent ?? default;

    public CancellationRow With(int number, Intent intent, DateTimeOffset now)
    {
        var rest = (LookUps ?? []).Where(row => row.LookUpNumber != number);
        return this with { LookUps = [.. intent.State == IntentState.Done || intent.IsBusy(now) ? rest.Append(new(BookingId, number, intent)) : rest] };
    }
}

/// <content>Cancelling what was quoted: one passenger and one flight, so an order is given up whole.</content>
internal sealed partial class Airlines
{
    private static readonly TimeSpan QuoteFor = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan VoidWindow = TimeSpan.FromHours(24);

    public QuoteRow[] Quotes { get; private set; } = [];

    public CancellationRow[] Cancellations { get; private set; } = [];

    // --- quotes

    private Taken Quote(QuoteCancellation quote, DateTimeOffset now)
    {
        var row = Quote(quote.QuoteId) ?? new(quote.QuoteId, quote.CancellationId, quote.OrderId, quote.AskedAt);
        if (row.Said is not null)
        {
            return new Taken.Done([new(row.Said)]);
        }

        var order = Order(quote.OrderId);
        if (!order.Noted || order.BookingId != quote.BookingId || order.Service is not (OrderState.Confirmed or OrderState.Cancelled))
        {
            return new Taken.Done(Give(row, NotQuoted(quote, "order.not_found")));
        }

        if (order.Service == OrderState.Cancelled)
        {
            return new Taken.Done(Give(row, NotQuoted(quote, "cancellation.nothing_left")));
        }

        if (row.Asking.IsBusy(now))
        {
            return new Taken.Later(row.Asking.LeaseUntil);
        }

        Put(row with { Asking = row.Asking.Note(now, Lease) });
        return new Taken.Calls("quote", CallLimit);
    }

    private object Say(QuoteCancellation quote)
    {
        var order = Order(quote.OrderId);
        if (order.Book != OrderState.Confirmed)
        {
            return NotQuoted(quote, order.Book == OrderState.Cancelled ? "cancellation.nothing_left" : "order.not_found");
        }

        var offer = Offers.First(row => row.Snapshot.OfferId == order.OfferId).Snapshot;
        var departsAt = offer.Segments[0].DepartsAt;
        if (departsAt <= quote.AskedAt && (quote.Cause == CancellationCause.Voluntary || quote.Coupons is null))
        {
            return NotQuoted(quote, "cancellation.flown");
        }

        var voidUntil = order.TicketingLimitAt.AddDays(-1) + VoidWindow;
        var isVoid = quote.Cause == CancellationCause.Voluntary && quote.AskedAt < voidUntil;
        var taxes = offer.Lines.Where(line => line is { Kind: PriceLineKind.Tax, Refundable: true }).Select(line => line.Amount).Sum(offer.Total.Currency);
        var (refund, rule) = quote.Cause == CancellationCause.Involuntary ? (offer.Total, RefundRule.Involuntary)
            : isVoid ? (offer.Total, RefundRule.VoidWindow)
            : offer.Conditions.Refundable is null ? ((Money?)null, RefundRule.Unknown)
            : (taxes, taxes.MinorUnits > 0 ? RefundRule.RefundableTax : RefundRule.FareRule);
        var ends = new[] { quote.AskedAt + QuoteFor, departsAt > quote.AskedAt ? departsAt : DateTimeOffset.MaxValue, isVoid ? voidUntil : DateTimeOffset.MaxValue }.Min();
        return new CancellationQuoted(quote.BookingId, quote.CancellationId, quote.QuoteId, [Coupon], [], refund, rule, isVoid, ends);
    }

    /// <summary>Null: no answer came, and the question may be asked again.</summary>
    private IReadOnlyList<Sent> Record(QuoteCancellation quote, object? said, DateTimeOffset now)
    {
        var row = Quote(quote.QuoteId)!;
        row = row with { Asking = row.Asking.Free(now, said) };
        Put(row);
        return said is null ? [new(NotQuoted(quote, "cancellation.supplier_unavailable"))] : Give(row, said);
    }

    private Sent[] Give(QuoteRow row, object said)
    {
        var isOld = false;
        if (said is CancellationQuoted)
        {
            foreach (var other in Quotes.Where(other => other.OrderId == row.OrderId && other is { Said: CancellationQuoted, IsSuperseded: false }))
            {
                isOld |= other.AskedAt > row.AskedAt;
                Put(other with { IsSuperseded = other.AskedAt <= row.AskedAt });
            }
        }

        Put(row with { Said = said, IsSuperseded = isOld });
        return [new(said)];
    }

    private static CancellationNotQuoted NotQuoted(QuoteCancellation quote, string reason) => new(quote.BookingId, quote.CancellationId, quote.QuoteId, reason);

    // --- cancelling: noted, called, recorded

    private Taken Cancel(CancelQuotedOrder cancel, DateTimeOffset now)
    {
        var row = Cancellation(cancel.CancellationId, cancel.BookingId);
        switch (row.Cancelling)
        {
            case { State: IntentState.Closed }:
                return new Taken.Done(Record(cancel, new(CancelState.Refused, Reason: row.Reason ?? "cancellation.refused"), now, called: false));
            case { State: IntentState.Done } done:
                return new Taken.Done(Record(cancel, (CancelSaid)done.Answer!, now, called: false));
            case { State: IntentState.Open } open when open.IsBusy(now):
                return new Taken.Later(open.LeaseUntil);
            case { State: IntentState.Open } open:
                Put(row with { Cancelling = open.Note(now, Lease) });
                return new Taken.Calls("cancel", CallLimit);
        }

        row = row with { Noted = true, OrderId = cancel.OrderId, QuoteId = cancel.QuoteId };
        var reason = !Order(cancel.OrderId).Noted || Quote(cancel.QuoteId) is not { IsSuperseded: false, Said: CancellationQuoted quoted } quote
            || (quote.CancellationId, quote.OrderId, quoted.BookingId) != (cancel.CancellationId, cancel.OrderId, cancel.BookingId) ? "cancellation.quote_changed"
            : quoted.ExpiresAt <= now ? "cancellation.quote_expired"
            : null;
        if (reason is not null)
        {
            Put(row with { Cancelling = row.Cancelling.CloseIfAbsent(now), Service = CancelState.Refused, Reason = reason });
            return new Taken.Done([new(new CancellationRefused(cancel.BookingId, cancel.CancellationId, reason))]);
        }

        Put(row with { Cancelling = row.Cancelling.Note(now, Lease) });
        return new Taken.Calls("cancel", CallLimit);
    }

    private CancelSaid Call(CancelQuotedOrder cancel, Outcome outcome, DateTimeOffset now)
    {
        var row = Cancellation(cancel.CancellationId);
        if (outcome == Outcome.LostBefore)
        {
            return CancelSaid.Unknown;
        }

        if (outcome == Outcome.Denied)
        {
            return new(CancelState.Refused, Reason: "cancellation.refused");
        }

        if (row.Book == CancelState.None)
        {
            var order = Order(row.OrderId);
            var quoted = (CancellationQuoted)Quote(row.QuoteId)!.Said!;
            var departsAt = Offers.First(offer => offer.Snapshot.OfferId == order.OfferId).Snapshot.Segments[0].DepartsAt;
            var reason = order.Book != OrderState.Confirmed ? "cancellation.quote_changed"
                : departsAt <= now && quoted.Rule != RefundRule.Involuntary ? "cancellation.flown"
                : null;
            if (reason is null)
            {
                GiveBack(Find(order.HoldId));
                Put(order with { Book = OrderState.Cancelled });
                row = row with { Book = CancelState.Cancelled, Done = row.Done + 1 };
            }
            else
            {
                row = row with { Book = CancelState.Refused, BookReason = reason };
            }

            Put(row);
        }

        // Closed by a look-up before it came: to who asks that means that it was not done.
        return outcome == Outcome.LostAfter ? CancelSaid.Unknown : Stand(row) is { State: not CancelState.Absent } said ? said : new(CancelState.Refused, Reason: "cancellation.refused");
    }

    private IReadOnlyList<Sent> Record(CancelQuotedOrder cancel, CancelSaid said, DateTimeOffset now, bool called)
    {
        var row = Cancellation(cancel.CancellationId, cancel.BookingId);
        return Record(called ? row with { Cancelling = Settle(row.Cancelling, said, now) } : row, said, 0);
    }

    private Taken LookUp(LookUpCancellation look, DateTimeOffset now)
    {
        var row = Cancellation(look.CancellationId, look.BookingId);
        if (row.Cancelling.State == IntentState.None)
        {
            if (bug != Bug.LookUpDoesNotClose)
            {
                Put(row = row with { Cancelling = row.Cancelling.CloseIfAbsent(now) });
            }

            return new Taken.Done(Record(row, new(CancelState.Absent), look.LookUp));
        }

        if (row.Cancelling.State == IntentState.Closed)
        {
            return new Taken.Done(Record(row, new(CancelState.Absent), look.LookUp));
        }

        if (row.Cancelling.Answer is CancelSaid answer)
        {
            return new Taken.Done(Record(row, answer, look.LookUp));
        }

        if (row.Cancelling.IsBusy(now))
        {
            return new Taken.Done(Record(row, CancelSaid.Unknown, look.LookUp));
        }

        switch (row.LookUp(look.LookUp))
        {
            case { State: IntentState.Done, Answer: CancelSaid said }:
                return new Taken.Done(Record(look, said, now, called: false));
            case var busy when busy.IsBusy(now):
                return new Taken.Later(busy.LeaseUntil);
            case var intent:
                Put(row.With(look.LookUp, intent.Note(now, Lease), now));
                return new Taken.Calls("look-up", CallLimit);
        }
    }

    private CancelSaid Look(LookUpCancellation look)
    {
        var row = Cancellation(look.CancellationId);
        if (row.Book == CancelState.None && bug != Bug.LookUpDoesNotClose)
        {
            Put(row = row with { Book = CancelState.Absent });
        }

        return row.Book == CancelState.None ? new(CancelState.Absent) : Stand(row);
    }

    private IReadOnlyList<Sent> Record(LookUpCancellation look, CancelSaid said, DateTimeOffset now, bool called)
    {
        var row = Cancellation(look.CancellationId, look.BookingId);
        if (called)
        {
            row = row.With(look.LookUp, Settle(row.LookUp(look.LookUp), said, now), now);
        }

        return Record(
            said.State == CancelState.Absent && row.Cancelling.State == IntentState.Open && bug != Bug.LookUpDoesNotClose
                ? row with { Cancelling = row.Cancelling with { State = IntentState.Closed } }
                : row,
            said, look.LookUp);
    }

    /// <summary>The first end stays, but that it was done after all.</summary>
    private IReadOnlyList<Sent> Record(CancellationRow row, CancelSaid said, int lookUp)
    {
        if (row.Noted && said.State != CancelState.None && row.Service != CancelState.Cancelled && (row.Service == CancelState.None || said.State == CancelState.Cancelled))
        {
            row = row with { Service = said.State, Reason = said.Reason, Refund = said.Refund };
        }

        Put(row);
        if (row.Service == CancelState.Cancelled)
        {
            Put(Learn(Order(row.OrderId), new(OrderState.Cancelled)));
            return [new(new QuotedOrderCancelled(row.BookingId, row.CancellationId, [Coupon], row.Refund, IsWhole: true))];
        }

        return
        [
            new(said.State switch
            {
                CancelState.None => new CancellationPending(row.BookingId, row.CancellationId, lookUp),
                CancelState.Absent when lookUp > 0 => new CancellationAbsent(row.BookingId, row.CancellationId, lookUp),
                _ => new CancellationRefused(row.BookingId, row.CancellationId, said.Reason ?? "cancellation.refused"),
            }),
        ];
    }

    private static readonly CouponKey Coupon = new("p1", 1);

    private CancelSaid Stand(CancellationRow row) =>
        new(row.Book, row.Book == CancelState.Cancelled ? ((CancellationQuoted)Quote(row.QuoteId)!.Said!).Refund : null, row.BookReason);

    private static Intent Settle(Intent intent, CancelSaid said, DateTimeOffset now) => said.State == CancelState.None ? intent.Free(now) : intent.Free(now, said);

    private QuoteRow? Quote(Guid quoteId) => Array.Find(Quotes, row => row.QuoteId == quoteId);

    private void Put(QuoteRow row)
    {
        var at = Array.FindIndex(Quotes, known => known.QuoteId == row.QuoteId);
        Quotes = at < 0 ? Quotes.Plus(row) : Quotes.With(at, row);
    }

    private CancellationRow Cancellation(Guid cancellationId, Guid bookingId = default) =>
        Array.Find(Cancellations, row => row.CancellationId == cancellationId) ?? new(cancellationId, bookingId);

    private void Put(CancellationRow row)
    {
        var at = Array.FindIndex(Cancellations, known => known.CancellationId == row.CancellationId);
        Cancellations = at < 0 ? Cancellations.Plus(row) : Cancellations.With(at, row);
    }
}
