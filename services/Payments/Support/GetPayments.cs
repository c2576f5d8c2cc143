using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Payments.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Payments.Support;

/// <summary>A booking's payments, oldest first; empty when there are none.</summary>
internal sealed record PaymentsOfBooking(IReadOnlyList<PaymentView> Payments);

/// <summary>One attempt to pay.</summary>
/// <param name="State">Camel case: <c>opened</c>, <c>authorized</c>, <c>captured</c> …</param>
/// <param name="Reason">Stable code of a refusal, or null.</param>
/// <param name="OrderId">PayPal's ids, null while there are none.</param>
internal sealed record PaymentView(
    Guid PaymentId, string State, string? Reason, Money Price, Money Authorised, Money Voided, Money Captured, Money Refunded, string? OrderId,
    string? AuthorizationId, string? RenewedAuthorizationId, string? CaptureId, DateTimeOffset CreatedAt, DateTimeOffset ChangedAt, DateTimeOffset? ClosedAt,
    IReadOnlyList<PaymentLine> History, IReadOnlyList<LedgerLine> Ledger, IReadOnlyList<RefundView> Refunds);

/// <summary>What happened.</summary>
internal sealed record PaymentLine(DateTimeOffset At, string Kind, string? Reference);

/// <summary>A movement of money.</summary>
internal sealed record LedgerLine(DateTimeOffset At, string Kind, Money Amount, string Reference);

/// <summary>Money asked back.</summary>
internal sealed record RefundView(Guid RefundId, string State, Money Amount, string Why, string? Reason, string? PayPalId, DateTimeOffset AskedAt);

internal static class GetPayments
{
    public static void MapGetPayments(this WebApplication app) => app.MapGet("/v1/support/payments/{bookingId:guid}", GetAsync)
        .WithName("GetPayments").WithTags("Support").WithSummary("A booking's payments with history and ledger").RequireAuthorization(Callers.Support);

    private static async Task<Ok<PaymentsOfBooking>> GetAsync(Guid bookingId, PaymentsDbContext db, CancellationToken cancellationToken)
    {
        var payments = await db.Payments.AsNoTracking().Where(payment => payment.BookingId == bookingId)
            .OrderBy(payment => payment.CreatedAt).ToListAsync(cancellationToken);
        var ids = payments.Select(payment => payment.Id).ToList();
        var changes = (await db.Changes.AsNoTracking().Where(change => ids.Contains(change.PaymentId)).OrderBy(change => change.Id).ToListAsync(cancellationToken))
            .ToLookup(change => change.PaymentId, change => new PaymentLine(change.At, change.Kind, change.Reference));
        var ledger = (await db.Ledger.AsNoTracking().Where(entry => entry.BookingId == bookingId).OrderBy(entry => entry.Id).ToListAsync(cancellationToken))
            .ToLookup(entry => entry.PaymentId, entry => new LedgerLine(entry.At, Camel(entry.Kind), new(entry.AmountMinor, entry.Currency), entry.Reference));
        var refunds = (await db.Refunds.AsNoTracking().Where(refund => ids.Contains(refund.PaymentId)).OrderBy(refund => refund.AskedAt).ToListAsync(cancellationToken))
            .ToLookup(refund => refund.PaymentId, refund => new RefundView(
                refund.Id, Camel(refund.State), refund.Amount, refund.Why, refund.Reason, refund.PayPalId, refund.AskedAt));
        return TypedResults.Ok(new PaymentsOfBooking([.. payments.Select(payment => new PaymentView(
            payment.Id, Camel(payment.State), payment.Reason, payment.Price, payment.Authorized, new(payment.VoidedMinor, payment.Currency), payment.Captured,
            new(payment.RefundedMinor, payment.Currency), payment.OrderId, payment.AuthorizationId, payment.RenewedAuthorizationId, payment.CaptureId, payment.CreatedAt, payment.ChangedAt,
            payment.ClosedAt, [.. changes[payment.Id]], [.. ledger[payment.Id]], [.. refunds[payment.Id]]))]));
    }

    private static string Camel<T>(T value) where T : struct, Enum => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
