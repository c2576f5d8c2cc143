using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Payments.Data;
using Aerona.Payments.Ledger;
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
    IReadOnlyList<PaymentLine> History, IReadOnlyList<LedgerLine> Ledger, IReadOnlyList<RefundView> Refunds, IReadOnlyList<AuthorizationView> Authorizations,
    IReadOnlyList<CaptureView> Captures, Money Fee, Money OwedToCustomer);

/// <summary>What happened.</summary>
internal sealed record PaymentLine(DateTimeOffset At, string Kind, string? Reference);

/// <summary>A movement of money from one account to another.</summary>
internal sealed record LedgerLine(DateTimeOffset At, string Kind, string Debit, string Credit, Money Amount, string Reference);

/// <summary>Money reserved; a renewal names what it renews.</summary>
internal sealed record AuthorizationView(string Id, string? RenewsId, string State, Money Amount, DateTimeOffset? HonouredUntil, DateTimeOffset? ExpiresAt);

/// <summary>Money taken.</summary>
/// <param name="Fee">What PayPal keeps; null while it has not said.</param>
internal sealed record CaptureView(string Id, string State, Money Amount, Money? Fee, DateTimeOffset TakenAt);

/// <summary>Money asked back, or gone back.</summary>
/// <param name="Origin"><c>ours</c>, <c>elsewhere</c> (somebody in PayPal's own pages) or <c>reversal</c> (the payer's bank, a dispute).</param>
internal sealed record RefundView(Guid RefundId, string Origin, string State, Money Amount, string Why, string? Reason, string? PayPalId, DateTimeOffset AskedAt);

internal static class GetPayments
{
    public static void MapGetPayments(this WebApplication app) => app.MapGet("/v1/support/payments/{bookingId:guid}", GetAsync)
        .WithName("GetPayments").WithTags("Support").WithSummary("A booking's payments with history and ledger").Requires(Permission.SeeAnyBooking);

    private static async Task<Ok<PaymentsOfBooking>> GetAsync(Guid bookingId, PaymentsDbContext db, CancellationToken cancellationToken)
    {
        var payments = await db.Payments.AsNoTracking().Where(payment => payment.BookingId == bookingId)
            .OrderBy(payment => payment.CreatedAt).ToListAsync(cancellationToken);
        var ids = payments.Select(payment => payment.Id).ToList();
        var changes = (await db.Changes.AsNoTracking().Where(change => ids.Contains(change.PaymentId)).OrderBy(change => change.Id).ToListAsync(cancellationToken))
            .ToLookup(change => change.PaymentId, change => new PaymentLine(change.At, change.Kind, change.Reference));
        var entries = await db.Ledger.AsNoTracking().Where(entry => entry.BookingId == bookingId).OrderBy(entry => entry.Id).ToListAsync(cancellationToken);
        var ledger = entries.ToLookup(
            entry => entry.PaymentId, entry => new LedgerLine(entry.At, Camel(entry.Kind), Camel(entry.Debit), Camel(entry.Credit), new(entry.AmountMinor, entry.Currency), entry.Reference));
        var refunds = (await db.Refunds.AsNoTracking().Where(refund => ids.Contains(refund.PaymentId)).OrderBy(refund => refund.AskedAt).ToListAsync(cancellationToken))
            .ToLookup(refund => refund.PaymentId, refund => new RefundView(
                refund.Id, Camel(refund.Origin), Camel(refund.State), refund.Amount, refund.Why, refund.Reason, refund.PayPalId, refund.AskedAt));
        foreach (var one in await db.Authorizations.AsNoTracking().Where(one => ids.Contains(one.PaymentId)).ToListAsync(cancellationToken))
        {
            payments.Find(payment => payment.Id == one.PaymentId)!.Authorizations.Add(one);
        }

        foreach (var one in await db.Captures.AsNoTracking().Where(one => ids.Contains(one.PaymentId)).OrderBy(one => one.LearntAt).ToListAsync(cancellationToken))
        {
            payments.Find(payment => payment.Id == one.PaymentId)!.Captures.Add(one);
        }

        return TypedResults.Ok(new PaymentsOfBooking([.. payments.Select(payment =>
        {
            var balances = new Balances(entries.Where(entry => entry.PaymentId == payment.Id).Select(entry => (entry.Kind, entry.AmountMinor)));
            Money Of(long minor) => new(minor, payment.Currency);
            return new PaymentView(
                payment.Id, Camel(payment.State), payment.Reason, payment.Price, Of(balances.Of(LedgerKind.Authorised)), Of(balances.Of(LedgerKind.Voided)),
                Of(balances.Of(LedgerKind.Captured)), Of(balances.GivenBack), payment.OrderId, payment.AuthorizationId, payment.RenewedAuthorizationId, payment.CaptureId,
                payment.CreatedAt, payment.ChangedAt, payment.ClosedAt, [.. changes[payment.Id]], [.. ledger[payment.Id]], [.. refunds[payment.Id]],
                [.. payment.Authorizations.Select(one => new AuthorizationView(one.Id, one.RenewsId, Camel(one.State), Of(one.AmountMinor), one.HonouredUntil, one.ExpiresAt))],
                [.. payment.Captures.Select(one => new CaptureView(one.Id, Camel(one.State), Of(one.AmountMinor), one.FeeMinor is { } fee ? Of(fee) : null, one.TakenAt))],
                Of(balances.Of(Account.Fees)), Of(-balances.Of(Account.Customer)));
        })]));
    }

    private static string Camel<T>(T value) where T : struct, Enum => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
