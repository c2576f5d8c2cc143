using Aerona.Airlines.Cancelling.Policies;
using Aerona.Airlines.Data;
using Aerona.Airlines.Orders;
using Aerona.Airlines.Outside;
using Aerona.Airlines.Seats;
using Aerona.Contracts;
using Aerona.Contracts.Cancellations;
using Aerona.Messaging;
using Aerona.Persistence;
using Aerona.Suppliers;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Airlines.Cancelling;

/// <summary>
/// Asks the supplier what a cancellation would give back. The house airline says it line by line; another one says a sum or nothing, and cancels whole orders only. Only the
/// newest quote of an order binds.
/// </summary>
internal sealed class QuoteCancellationConsumer(SupplierCalls suppliers, OutsideSuppliers outside, CancellationPolicies policies, TimeProvider clock)
    : EffectConsumer<QuoteCancellation, CancelQuoteAnswer, AirlinesDbContext>
{
    private AirlineOrder? order;
    private SoldOrder? left;

    protected override TimeSpan CallLimit => outside.CallLimit ?? base.CallLimit;

    protected override string Key(QuoteCancellation command) => $"cancel-quote/{command.QuoteId}";

    protected override async Task<Noted<CancelQuoteAnswer>> NoteAsync(AirlinesDbContext db, QuoteCancellation command, CancellationToken cancellationToken)
    {
        if (await db.CancellationQuotes.AnyAsync(row => row.QuoteId == command.QuoteId, cancellationToken))
        {
            return new Noted<CancelQuoteAnswer>.Known(ClosedAnswer(command));   // what was said then is said again
        }

        order = await db.AirlineOrders.AsNoTracking().SingleOrDefaultAsync(row => row.OrderId == command.OrderId, cancellationToken);
        if (WhyNot(command) is { } reason)
        {
            return new Noted<CancelQuoteAnswer>.Known(CancelQuoteAnswer.Refused(reason));
        }

        left = await WithoutPaidBackSeatsAsync(db, order!, cancellationToken);
        return await base.NoteAsync(db, command, cancellationToken);
    }

    /// <summary>What was bought but for chosen seats that other cabins took away: what was paid for those has gone back already.</summary>
    private static async Task<SoldOrder> WithoutPaidBackSeatsAsync(AirlinesDbContext db, AirlineOrder order, CancellationToken cancellationToken)
    {
        var sold = order.Sold!;
        if (sold.BySegment?.Any(one => one.Line.Kind == PriceLineKind.Seat) != true)
        {
            return sold;
        }

        var places = (await db.Holds.AsNoTracking().Where(hold => hold.BookingId == order.BookingId && hold.State == HoldState.Sold).ToListAsync(cancellationToken))
            .SelectMany(hold => hold.Places ?? []);
        var paidBack = places.Where(place => place.Price.MinorUnits == 0).Select(place => (place.PassengerId, place.SegmentOrdinal)).ToHashSet();
        return sold with
        {
            BySegment = [.. sold.BySegment.Where(one => one.Line.Kind != PriceLineKind.Seat || !paidBack.Contains((one.Line.PassengerId, one.SegmentOrdinal)))],
        };
    }

    protected override CancelQuoteAnswer ClosedAnswer(QuoteCancellation command) => CancelQuoteAnswer.Refused("cancellation.refused");

    protected override Task<CancelQuoteAnswer> CallAsync(QuoteCancellation command, EffectIntent intent, CancellationToken cancellationToken) =>
        suppliers.QuoteAsync(order!.Supplier, new(command.CancellationId, order.Known, left!, command.Coupons, command.Cause, command.AskedAt), cancellationToken);

    protected override bool IsFinal(CancelQuoteAnswer answer) => answer.Problem is null or { Kind: SupplierFailure.Refused or SupplierFailure.NotFound };

    protected override async Task RecordAsync(AirlinesDbContext db, QuoteCancellation command, CancelQuoteAnswer answer, CancellationToken cancellationToken)
    {
        if (!IsFinal(answer))
        {
            db.Publish(new CancellationNotQuoted(command.BookingId, command.CancellationId, command.QuoteId, "cancellation.supplier_unavailable"));
            return;
        }

        var quote = await db.TryLockAsync<CancellationQuote>(command.QuoteId, cancellationToken);
        if (quote is null)
        {
            db.CancellationQuotes.Add(quote = await QuoteAsync(db, command, answer, cancellationToken));
        }

        if (quote.Quoted is { } quoted)
        {
            db.Publish(quoted);
        }
        else
        {
            db.Publish(new CancellationNotQuoted(command.BookingId, command.CancellationId, command.QuoteId, quote.Reason!));
        }
    }

    private string? WhyNot(QuoteCancellation command)
    {
        if (order?.Sold is not { Offer: var offer } || order.State is not (AirlineOrderState.Confirmed or AirlineOrderState.Cancelled) || order.BookingId != command.BookingId)
        {
            return "order.not_found";
        }

        if (order.State == AirlineOrderState.Cancelled)
        {
            return "cancellation.nothing_left";
        }

        if (suppliers.CapabilitiesOf(order.Supplier).CancelsInPart)
        {
            return null;   // it judges by itself
        }

        return command.Coupons is { } coupons && !All(offer).ToHashSet().SetEquals(coupons) ? "cancellation.part_not_possible"
            : command.Cause == CancellationCause.Voluntary && offer.Segments.Any(segment => segment.DepartsAt <= command.AskedAt) ? "cancellation.flown"
            : null;
    }

    private async Task<CancellationQuote> QuoteAsync(AirlinesDbContext db, QuoteCancellation command, CancelQuoteAnswer answer, CancellationToken cancellationToken)
    {
        CancellationQuoted? quoted = null;
        var isOld = false;
        if (answer.Problem is null)
        {
            await db.LockAsync<AirlineOrder>(command.OrderId, cancellationToken);
            foreach (var other in await db.CancellationQuotes.Where(row => row.OrderId == command.OrderId && !row.IsSuperseded && row.Quoted != null).ToListAsync(cancellationToken))
            {
                isOld |= other.AskedAt > command.AskedAt;
                other.IsSuperseded |= other.AskedAt <= command.AskedAt;
            }

            var breakdown = answer.Breakdown ?? BySum(answer.Refund, command);
            quoted = new(
                command.BookingId, command.CancellationId, command.QuoteId, breakdown.Coupons, breakdown.Lines, answer.Refund, breakdown.Rule, breakdown.IsVoid,
                answer.ExpiresAt ?? clock.GetUtcNow() + policies.QuoteFor, breakdown.Policies);
        }

        return new()
        {
            QuoteId = command.QuoteId,
            CancellationId = command.CancellationId,
            OrderId = command.OrderId,
            AskedAt = command.AskedAt,
            Cause = command.Cause,
            Quoted = quoted,
            Reference = answer.Reference,
            Reason = answer.Problem is { } problem ? Reason(problem) : null,
            IsSuperseded = isOld,
        };
    }

    /// <summary>
    /// The lines of a sum: where it is all that was paid, every line in full; otherwise nobody says which line it is made of. All of it back while the void window is open
    /// means that the tickets are void.
    /// </summary>
    private QuoteBreakdown BySum(Money? refund, QuoteCancellation command)
    {
        var offer = order!.Sold!.Offer;
        var isAll = refund == offer.Total;
        var rule = refund is null ? RefundRule.Unknown : RefundRule.SupplierQuote;
        var window = policies.VoidWindow(order.Supplier, CancellationPolicies.MarketOf(offer), order.NotedAt);
        var isVoid = isAll && window is { Until: var until } && command.AskedAt < until;
        var said = new AppliedPolicy("supplier.quote", refund is null ? "The supplier does not say before it is done what it gives back." : "The supplier's own quote.");
        return new(
            [.. All(offer)],
            [.. offer.Lines.Select(line => new QuoteLine(line.PassengerId, null, line.Kind, line.Code, line.Amount, isAll ? line.Amount : null, isVoid ? RefundRule.VoidWindow : rule))],
            isVoid ? RefundRule.VoidWindow : rule, isVoid, isVoid ? [said, window!.Value.Policy] : [said]);
    }

    private static IEnumerable<CouponKey> All(OfferSnapshot offer) =>
        from passenger in offer.Passengers from segment in offer.Segments select new CouponKey(passenger.Id, segment.Ordinal);

    private static string Reason(SupplierProblem problem) =>
        problem.Code.StartsWith("cancellation.", StringComparison.Ordinal) || problem.Code.StartsWith("order.", StringComparison.Ordinal) ? problem.Code
        : problem.Kind == SupplierFailure.NotFound ? "order.not_found"
        : "cancellation.refused";
}
