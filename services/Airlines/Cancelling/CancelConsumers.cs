using Aerona.Airlines.Cancelling.Policies;
using Aerona.Airlines.Data;
using Aerona.Airlines.Orders;
using Aerona.Airlines.Outside;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Cancellations;
using Aerona.Messaging;
using Aerona.Persistence;
using Aerona.Suppliers;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Airlines.Cancelling;

/// <summary>What cancelling and looking up have in common: whose it is, what was quoted, and what is told of its end.</summary>
internal sealed class CancellationDesk(SupplierCalls suppliers, OutsideSuppliers outside, CancellationPolicies policies, TimeProvider clock)
{
    private AirlineOrder? order;
    private CancellationQuote? quote;
    private OrderCancellation? cancellation;

    public TimeSpan? CallLimit => outside.CallLimit;

    public bool IsIdempotent => suppliers.IsIdempotent(order!.Supplier);

    public async Task LoadAsync(AirlinesDbContext db, Guid cancellationId, CancellationToken cancellationToken)
    {
        cancellation = await db.OrderCancellations.AsNoTracking().SingleOrDefaultAsync(row => row.CancellationId == cancellationId, cancellationToken);
        Load(
            cancellation is null ? null : await db.AirlineOrders.AsNoTracking().SingleOrDefaultAsync(row => row.OrderId == cancellation.OrderId, cancellationToken),
            cancellation is null ? null : await db.CancellationQuotes.AsNoTracking().SingleOrDefaultAsync(row => row.QuoteId == cancellation.QuoteId, cancellationToken), cancellation);
    }

    public void Load(AirlineOrder? order, CancellationQuote? quote, OrderCancellation? cancellation) =>
        (this.order, this.quote, this.cancellation) = (order, quote, cancellation);

    public string? Reason => cancellation?.Reason;

    public Task<CancelAnswer> CancelAsync(CancellationToken cancellationToken) => suppliers.CancelQuotedAsync(order!.Supplier, Quoted(), cancellationToken);

    public Task<CancelAnswer> LookUpAsync(CancellationToken cancellationToken) => suppliers.LookUpCancellationAsync(order!.Supplier, Quoted(), cancellationToken);

    /// <summary>Keeps an answer and tells it; the number is that of the question.</summary>
    public async Task RecordAsync(AirlinesDbContext db, Guid bookingId, Guid cancellationId, CancelAnswer answer, int lookUp, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (await db.TryLockAsync<OrderCancellation>(cancellationId, cancellationToken) is not { } row)
        {
            Tell(db, bookingId, cancellationId, answer, lookUp);
            return;
        }

        if (row.Record(answer, now) is { } noted)
        {
            db.Publish(noted);
        }

        if (row is not { State: OrderCancellationState.Cancelled, Answer: { } done })
        {
            Tell(db, bookingId, cancellationId, answer, lookUp);
            return;
        }

        var (sold, quoted) = (await db.LockAsync<AirlineOrder>(row.OrderId, cancellationToken), (await db.CancellationQuotes.AsNoTracking()
            .SingleAsync(one => one.QuoteId == row.QuoteId, cancellationToken)).Quoted!);
        if (done.IsWhole && sold.Record(new(SupplierAnswerKind.Cancelled), now) is { } over)
        {
            db.Publish(over);
        }

        if (row.EndedAt == now && done.Refund is { } refund && quoted.Refund is { } promised && refund != promised)
        {
            db.Publish(new BookingNoted(bookingId, "airline.refund_differs", now, $"quoted {promised}, gives {refund}"));
        }

        var clockRow = policies.RefundClock(sold.Supplier, sold.Sold is { } what ? CancellationPolicies.MarketOf(what.Offer) : null, row.EndedAt!.Value);
        db.Publish(new QuotedOrderCancelled(bookingId, cancellationId, quoted.Coupons, done.Refund, done.IsWhole, clockRow?.DueOn, clockRow?.Policy));
    }

    private static void Tell(AirlinesDbContext db, Guid bookingId, Guid cancellationId, CancelAnswer answer, int lookUp)
    {
        switch (answer.Kind)
        {
            case CancelAnswerKind.Unknown:
                db.Publish(new CancellationPending(bookingId, cancellationId, lookUp));
                break;
            case CancelAnswerKind.Absent when lookUp > 0:
                db.Publish(new CancellationAbsent(bookingId, cancellationId, lookUp));
                break;
            default:
                db.Publish(new CancellationRefused(bookingId, cancellationId, answer.Reason ?? "cancellation.refused"));
                break;
        }
    }

    private QuotedCancel Quoted() => new(
        cancellation!.CancellationId, cancellation.BookingId, order!.Known, order.Sold!, quote!.Reference, quote.Quoted!.Coupons, quote.Quoted.Lines, quote.Quoted.Refund,
        quote.Quoted.IsVoid, quote.Cause, cancellation.NotedAt);
}

/// <summary>Cancels what was quoted: the newest quote of the order, not expired. Any other closes the id.</summary>
internal sealed class CancelQuotedOrderConsumer(CancellationDesk desk, TimeProvider clock) : EffectConsumer<CancelQuotedOrder, CancelAnswer, AirlinesDbContext>
{
    protected override TimeSpan CallLimit => desk.CallLimit ?? base.CallLimit;

    protected override string Key(CancelQuotedOrder command) => OrderCancellation.Key(command.CancellationId);

    protected override async Task<Noted<CancelAnswer>> NoteAsync(AirlinesDbContext db, CancelQuotedOrder command, CancellationToken cancellationToken)
    {
        var key = Key(command);
        if (await db.Set<EffectIntent>().AnyAsync(intent => intent.Key == key, cancellationToken))
        {
            await desk.LoadAsync(db, command.CancellationId, cancellationToken);
            return await base.NoteAsync(db, command, cancellationToken);
        }

        var order = await db.TryLockAsync<AirlineOrder>(command.OrderId, cancellationToken);
        var quote = await db.CancellationQuotes.AsNoTracking().SingleOrDefaultAsync(row => row.QuoteId == command.QuoteId, cancellationToken);
        var now = clock.GetUtcNow();
        var cancellation = new OrderCancellation
        {
            CancellationId = command.CancellationId,
            OrderId = command.OrderId,
            BookingId = command.BookingId,
            QuoteId = command.QuoteId,
            NotedAt = now,
        };
        db.OrderCancellations.Add(cancellation);
        desk.Load(order, quote, cancellation);
        if ((order is null || quote is null ? "cancellation.quote_changed" : quote.WhyNot(command, now)) is { } reason)
        {
            await db.CloseIfAbsentAsync(key, cancellationToken);
            cancellation.Record(CancelAnswer.Refused(reason), now);
            return new Noted<CancelAnswer>.Known(CancelAnswer.Refused(reason));
        }

        return await base.NoteAsync(db, command, cancellationToken);
    }

    // Refused before, for a reason that is known; or denied by a look-up.
    protected override CancelAnswer ClosedAnswer(CancelQuotedOrder command) => CancelAnswer.Refused(desk.Reason ?? "cancellation.refused");

    protected override Task<CancelAnswer> CallAsync(CancelQuotedOrder command, EffectIntent intent, CancellationToken cancellationToken) => desk.CancelAsync(cancellationToken);

    // Repeated where our id is the idempotency key; elsewhere what became of it is looked up, and done again only where it is certain that nothing was.
    protected override async Task<CancelAnswer> RecoverAsync(CancelQuotedOrder command, EffectIntent intent, CancellationToken cancellationToken)
    {
        if (desk.IsIdempotent)
        {
            return await desk.CancelAsync(cancellationToken);
        }

        var found = await desk.LookUpAsync(cancellationToken);
        return found.Kind == CancelAnswerKind.Absent ? await desk.CancelAsync(cancellationToken) : found;
    }

    protected override bool IsFinal(CancelAnswer answer) => answer.Kind != CancelAnswerKind.Unknown;

    protected override Task RecordAsync(AirlinesDbContext db, CancelQuotedOrder command, CancelAnswer answer, CancellationToken cancellationToken) =>
        desk.RecordAsync(db, command.BookingId, command.CancellationId, answer, lookUp: 0, cancellationToken);
}

/// <summary>
/// Says what became of a cancellation. One that was never begun is closed; while somebody may still be cancelling the answer is pending; after that the supplier is asked.
/// </summary>
internal sealed class LookUpCancellationConsumer(CancellationDesk desk, TimeProvider clock) : EffectConsumer<LookUpCancellation, CancelAnswer, AirlinesDbContext>
{
    protected override TimeSpan CallLimit => desk.CallLimit ?? base.CallLimit;

    protected override string Key(LookUpCancellation command) => $"cancel-look-up/{command.CancellationId}/{command.LookUp}";

    protected override async Task<Noted<CancelAnswer>> NoteAsync(AirlinesDbContext db, LookUpCancellation command, CancellationToken cancellationToken)
    {
        var cancelling = await db.CloseIfAbsentAsync(OrderCancellation.Key(command.CancellationId), cancellationToken);
        if (cancelling is null or { Closed: true })
        {
            return new Noted<CancelAnswer>.Known(new(CancelAnswerKind.Absent));
        }

        if (cancelling.AnswerAs<CancelAnswer>() is { } answer)
        {
            return new Noted<CancelAnswer>.Known(answer);
        }

        if (cancelling.LeaseUntil > clock.GetUtcNow())
        {
            return new Noted<CancelAnswer>.Known(CancelAnswer.Unknown);
        }

        await desk.LoadAsync(db, command.CancellationId, cancellationToken);
        return await base.NoteAsync(db, command, cancellationToken);
    }

    protected override CancelAnswer ClosedAnswer(LookUpCancellation command) => CancelAnswer.Unknown;

    protected override Task<CancelAnswer> CallAsync(LookUpCancellation command, EffectIntent intent, CancellationToken cancellationToken) => desk.LookUpAsync(cancellationToken);

    protected override bool IsFinal(CancelAnswer answer) => answer.Kind != CancelAnswerKind.Unknown;

    protected override async Task RecordAsync(AirlinesDbContext db, LookUpCancellation command, CancelAnswer answer, CancellationToken cancellationToken)
    {
        if (answer.Kind == CancelAnswerKind.Absent
            && await db.FindIntentAsync(OrderCancellation.Key(command.CancellationId), cancellationToken) is { Answer: null } cancelling)
        {
            cancelling.Closed = true;
        }

        await desk.RecordAsync(db, command.BookingId, command.CancellationId, answer, command.LookUp, cancellationToken);
    }
}
