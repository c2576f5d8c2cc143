using System.Collections.Immutable;
using Aerona.Contracts;
using Aerona.Contracts.Cancellations;
using Aerona.Contracts.Payments;

namespace Aerona.Simulation.Cancelling;

/// <summary>How somebody outside answers.</summary>
internal enum Reply
{
    Ok,

    /// <summary>It says no.</summary>
    Refused,

    /// <summary>Done, and its answer is lost.</summary>
    LostAfter,

    /// <summary>Not done, and no answer.</summary>
    LostBefore,

    /// <summary>It has not decided.</summary>
    Undecided,

    /// <summary>Nobody can say how much.</summary>
    Unknown,
}

/// <summary>What a quote of the airline promised.</summary>
internal sealed record QuoteRow(ImmutableArray<CouponKey> Coupons, Money? Refund, int Version, DateTimeOffset ExpiresAt);

/// <summary>How a cancellation stands at the airline.</summary>
internal enum AtAirline
{
    Undecided,
    NotDone,
    Cancelled,
    Closed,
}

/// <summary>A cancellation in the airline's books.</summary>
internal sealed record CancelRow(AtAirline State, ImmutableArray<CouponKey> Coupons, Money? Refund, bool IsWhole, string Reason = "cancellation.refused");

/// <summary>A refund in PayPal's books.</summary>
internal sealed record RefundRow(Guid RefundId, Money Amount, bool? Made);

/// <summary>The airline: quotes bind until they expire or the order changes; an id is decided once, and a look-up closes what it denies.</summary>
internal sealed record AirlineBooks(ImmutableHashSet<CouponKey> Open, ImmutableDictionary<Guid, QuoteRow> Quotes, ImmutableDictionary<Guid, CancelRow> Cancels, int Version)
{
    public static AirlineBooks New(IEnumerable<CouponKey> coupons) =>
        new([.. coupons], ImmutableDictionary<Guid, QuoteRow>.Empty, ImmutableDictionary<Guid, CancelRow>.Empty, 0);

    public (AirlineBooks Books, object Answer) Quote(QuoteCancellation asked, Reply reply, DateTimeOffset now)
    {
        if (!Quotes.TryGetValue(asked.QuoteId, out var row))
        {
            var coupons = (asked.Coupons ?? [.. Open]).Where(Open.Contains).OrderBy(coupon => coupon.SegmentOrdinal).ToImmutableArray();
            if (coupons.IsEmpty || reply == Reply.Refused)
            {
                return (this, new CancellationNotQuoted(asked.BookingId, asked.CancellationId, asked.QuoteId, "cancellation.nothing_left"));
            }

            row = new(coupons, reply == Reply.Unknown ? null : new Money(CancelWorld.EachCoupon * coupons.Length, "EUR"), Version, now.AddMinutes(15));
            return (this with { Quotes = Quotes.Add(asked.QuoteId, row) }, Say(asked, row));
        }

        return (this, Say(asked, row));
    }

    public (AirlineBooks Books, object Answer) Cancel(CancelQuotedOrder cancel, Reply reply, DateTimeOffset now)
    {
        if (Cancels.TryGetValue(cancel.CancellationId, out var known) && known.State != AtAirline.NotDone)
        {
            return (this, Say(cancel.BookingId, cancel.CancellationId, known, 0));
        }

        var quote = Quotes[cancel.QuoteId];
        var refusal = now >= quote.ExpiresAt ? "cancellation.quote_expired" : quote.Version != Version ? "cancellation.quote_changed" : reply == Reply.Refused ? "cancellation.refused" : null;
        var row = new CancelRow(
            refusal is not null ? AtAirline.Closed : reply switch { Reply.LostBefore => AtAirline.NotDone, Reply.Undecided => AtAirline.Undecided, _ => AtAirline.Cancelled },
            quote.Coupons, quote.Refund ?? (reply == Reply.Unknown ? null : new Money(CancelWorld.EachCoupon * quote.Coupons.Length, "EUR")), Open.Except(quote.Coupons).IsEmpty,
            refusal ?? "cancellation.refused");
        var books = Put(cancel.CancellationId, row);
        return (books, reply is Reply.LostAfter or Reply.LostBefore ? new CancellationPending(cancel.BookingId, cancel.CancellationId, 0) : Say(cancel.BookingId, cancel.CancellationId, row, 0));
    }

    public (AirlineBooks Books, object Answer) LookUp(LookUpCancellation look, bool closes)
    {
        if (!Cancels.TryGetValue(look.CancellationId, out var row) || row.State == AtAirline.NotDone)
        {
            var closed = new CancelRow(AtAirline.Closed, [], null, false);
            return (closes ? this with { Cancels = Cancels.SetItem(look.CancellationId, closed) } : this, new CancellationAbsent(look.BookingId, look.CancellationId, look.LookUp));
        }

        return (this, Say(look.BookingId, look.CancellationId, row, look.LookUp));
    }

    public AirlineBooks Decide(Guid cancellationId, bool yes) =>
        Put(cancellationId, Cancels[cancellationId] with { State = yes ? AtAirline.Cancelled : AtAirline.Closed });

    private AirlineBooks Put(Guid cancellationId, CancelRow row) => this with
    {
        Cancels = Cancels.SetItem(cancellationId, row),
        Open = row.State == AtAirline.Cancelled ? Open.Except(row.Coupons) : Open,
        Version = row.State == AtAirline.Cancelled ? Version + 1 : Version,
    };

    private static CancellationQuoted Say(QuoteCancellation asked, QuoteRow row) => new(
        asked.BookingId, asked.CancellationId, asked.QuoteId, row.Coupons, [], row.Refund, row.Refund is null ? RefundRule.Unknown : RefundRule.FareRule, false, row.ExpiresAt);

    private static object Say(Guid bookingId, Guid cancellationId, CancelRow row, int lookUp) => row.State switch
    {
        AtAirline.Cancelled => new QuotedOrderCancelled(bookingId, cancellationId, row.Coupons, row.Refund, row.IsWhole),
        AtAirline.Closed => new CancellationRefused(bookingId, cancellationId, row.Reason),
        _ => new CancellationPending(bookingId, cancellationId, lookUp),
    };
}

/// <summary>Payments with PayPal: a refund's id is decided once, and never more goes back than was taken.</summary>
internal sealed record RefundBooks(ImmutableArray<RefundRow> Refunds)
{
    public long Total => Refunds.Where(refund => refund.Made == true).Sum(refund => refund.Amount.MinorUnits);

    public (RefundBooks Books, object Answer) Refund(RefundPayment asked, Reply reply)
    {
        if (Refunds.FirstOrDefault(refund => refund.RefundId == asked.RefundId) is { } known)
        {
            return (this, Say(asked.BookingId, asked.PaymentId, known));
        }

        var promised = Refunds.Where(refund => refund.Made != false).Sum(refund => refund.Amount.MinorUnits);
        bool? made = promised + asked.Amount.MinorUnits > CancelWorld.Paid.MinorUnits || reply == Reply.Refused ? false : reply == Reply.Undecided ? null : true;
        var row = new RefundRow(asked.RefundId, asked.Amount, made);
        return (new([.. Refunds, row]), Say(asked.BookingId, asked.PaymentId, row));
    }

    public (RefundBooks Books, object Answer) Decide(int at, bool yes, Guid bookingId, Guid paymentId)
    {
        var row = Refunds[at] with { Made = yes };
        return (new(Refunds.SetItem(at, row)), Say(bookingId, paymentId, row));
    }

    private static object Say(Guid bookingId, Guid paymentId, RefundRow row) => row.Made switch
    {
        true => new PaymentRefunded(bookingId, paymentId, row.RefundId, row.Amount),
        false => new RefundRefused(bookingId, paymentId, row.RefundId, "refund.refused"),
        null => new RefundPending(bookingId, paymentId, row.RefundId),
    };
}
