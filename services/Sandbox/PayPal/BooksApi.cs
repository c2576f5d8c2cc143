using Aerona.Contracts;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Sandbox.PayPal;

/// <summary>
/// Money of one order or currency. What was reserved is open, captured or given back, and stays open while a capture of it is pending; what was captured is kept
/// or refunded.
/// </summary>
/// <param name="Authorised">Reserved, ever. A denied reservation never was one.</param>
/// <param name="Captured">Taken; pending and declined captures do not count.</param>
/// <param name="Voided">Reserved and given back unused.</param>
/// <param name="Refunded">Taken and given back; pending and failed refunds do not count.</param>
/// <param name="Open">Reserved now.</param>
/// <param name="Fees">Kept by PayPal of what was taken.</param>
internal sealed record Books(Money Authorised, Money Captured, Money Voided, Money Refunded, Money Open, Money Fees);

/// <summary>One order's money.</summary>
internal sealed record OrderBooks(
    string OrderId, string Status, string? Payer, string? CustomId, Money Amount, string? AuthorizationId, string? AuthorizationStatus,
    string? RenewalId, IReadOnlyList<string> CaptureIds, IReadOnlyList<string> RefundIds, IReadOnlyList<string> ReversalIds, Books Books);

/// <summary>The witness: what PayPal's own books say.</summary>
internal static class BooksApi
{
    public static void MapBooks(this RouteGroupBuilder paypal)
    {
        paypal.MapGet("/books", async (SandboxDbContext db, Lapses lapses, CancellationToken cancellationToken) =>
        {
            await lapses.SweepAsync(cancellationToken);
            return Results.Ok(new { currencies = await SumsAsync(db, cancellationToken) });
        });
        paypal.MapGet("/books/orders/{orderId}", async (string orderId, SandboxDbContext db, Lapses lapses, CancellationToken cancellationToken) =>
        {
            await lapses.SweepAsync(cancellationToken);
            return await OfOrderAsync(db, orderId, cancellationToken) is { } books ? Results.Ok(books) : Results.NotFound(new { error = "no such order" });
        });
    }

    /// <summary>By currency, in order of its code.</summary>
    public static async Task<IReadOnlyList<Books>> SumsAsync(SandboxDbContext db, CancellationToken cancellationToken)
    {
        var reserved = await db.Authorizations.Where(authorization => authorization.ParentId == null && authorization.Status != "DENIED" && authorization.Status != "PENDING")
            .GroupBy(authorization => authorization.Currency)
            .Select(group => new { Currency = group.Key, Amount = group.Sum(one => one.AmountMinor), Released = group.Sum(one => one.ReleasedMinor), InCapture = group.Sum(one => one.CapturedMinor) })
            .ToDictionaryAsync(sums => sums.Currency, cancellationToken);
        var taken = await db.Captures.Where(capture => capture.Status != "PENDING" && capture.Status != "DECLINED")
            .GroupBy(capture => capture.Currency)
            .Select(group => new { Currency = group.Key, Amount = group.Sum(one => one.AmountMinor), Refunded = group.Sum(one => one.RefundedMinor) })
            .ToDictionaryAsync(sums => sums.Currency, cancellationToken);
        var pending = await db.Captures.Where(capture => capture.Status == "PENDING" && capture.AuthorizationId != null)
            .GroupBy(capture => capture.Currency).Select(group => new { Currency = group.Key, Amount = group.Sum(one => one.AmountMinor) })
            .ToDictionaryAsync(sums => sums.Currency, sums => sums.Amount, cancellationToken);
        var fees = (await db.Captures.AsNoTracking().Where(capture => capture.Status != "PENDING" && capture.Status != "DECLINED").ToListAsync(cancellationToken))
            .GroupBy(capture => capture.Currency).ToDictionary(captures => captures.Key, captures => captures.Sum(capture => capture.Fee.MinorUnits));
        var givingBack = await db.Refunds.Where(refund => refund.Status == "PENDING")
            .GroupBy(refund => refund.Currency).Select(group => new { Currency = group.Key, Amount = group.Sum(one => one.AmountMinor) })
            .ToDictionaryAsync(sums => sums.Currency, sums => sums.Amount, cancellationToken);
        return [.. reserved.Keys.Union(taken.Keys).Order(StringComparer.Ordinal).Select(currency =>
        {
            var (holds, takes) = (reserved.GetValueOrDefault(currency), taken.GetValueOrDefault(currency));
            return Of(currency, holds?.Amount ?? 0, (holds?.InCapture ?? 0) - pending.GetValueOrDefault(currency), takes?.Amount ?? 0, holds?.Released ?? 0, (takes?.Refunded ?? 0) - givingBack.GetValueOrDefault(currency),
                fees.GetValueOrDefault(currency));
        })];
    }

    /// <summary>One order's, or null.</summary>
    public static async Task<OrderBooks?> OfOrderAsync(SandboxDbContext db, string orderId, CancellationToken cancellationToken)
    {
        if (await db.Orders.AsNoTracking().SingleOrDefaultAsync(order => order.Id == orderId, cancellationToken) is not { } order)
        {
            return null;
        }

        var authorizations = await db.Authorizations.AsNoTracking().Where(authorization => authorization.OrderId == orderId).ToListAsync(cancellationToken);
        var authorization = authorizations.SingleOrDefault(authorization => authorization.ParentId is null);
        var captures = await db.Captures.AsNoTracking().Where(capture => capture.OrderId == orderId).ToListAsync(cancellationToken);
        var ids = captures.Select(capture => capture.Id).ToList();
        var refunds = await db.Refunds.AsNoTracking().Where(refund => ids.Contains(refund.CaptureId)).ToListAsync(cancellationToken);
        var reserved = authorization is { Status: not ("DENIED" or "PENDING") } ? authorization : null;
        var taken = captures.Where(capture => capture.Status is not ("PENDING" or "DECLINED")).ToList();
        var waiting = captures.Where(capture => capture is { Status: "PENDING", AuthorizationId: not null }).Sum(capture => capture.AmountMinor);
        return new(
            order.Id, order.Status, order.Payer, order.CustomId, order.Amount, authorization?.Id, authorization?.Status,
            authorizations.SingleOrDefault(authorization => authorization.ParentId is not null)?.Id, ids, [.. refunds.Where(refund => refund.Kind is null).Select(refund => refund.Id)],
            [.. refunds.Where(refund => refund.Kind is not null).Select(refund => refund.Id)],
            Of(order.Currency, reserved?.AmountMinor ?? 0, (reserved?.CapturedMinor ?? 0) - waiting, taken.Sum(capture => capture.AmountMinor), reserved?.ReleasedMinor ?? 0,
                taken.Sum(capture => capture.RefundedMinor) - refunds.Where(refund => refund.Status == "PENDING").Sum(refund => refund.AmountMinor),
                taken.Sum(capture => capture.Fee.MinorUnits)));
    }

    private static Books Of(string currency, long authorised, long taken, long captured, long released, long refunded, long fees) => new(
        new(authorised, currency), new(captured, currency), new(released, currency), new(refunded, currency),
        new(authorised - taken - released, currency), new(fees, currency));
}
