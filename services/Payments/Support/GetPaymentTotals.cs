using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Payments.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Payments.Support;

/// <summary>Sums of the ledger, a line for each currency in order of its code.</summary>
internal sealed record PaymentTotals(IReadOnlyList<CurrencyTotals> Currencies);

/// <summary>One currency.</summary>
/// <param name="Authorised">Reserved, ever.</param>
/// <param name="Voided">Reserved and given back.</param>
/// <param name="Captured">Taken, ever.</param>
/// <param name="Refunded">Taken and given back.</param>
/// <param name="Open">Reserved now: authorised − voided − captured.</param>
internal sealed record CurrencyTotals(Money Authorised, Money Voided, Money Captured, Money Refunded, Money Open);

internal static class GetPaymentTotals
{
    public static void MapGetPaymentTotals(this WebApplication app) => app.MapGet("/v1/support/payments/totals", GetAsync)
        .WithName("GetPaymentTotals").WithTags("Support").WithSummary("Sums of the payment ledger by currency").RequireAuthorization(Callers.Support);

    private static async Task<Ok<PaymentTotals>> GetAsync(PaymentsDbContext db, CancellationToken cancellationToken)
    {
        var sums = await db.Ledger.GroupBy(entry => new { entry.Currency, entry.Kind })
            .Select(group => new { group.Key.Currency, group.Key.Kind, Minor = group.Sum(entry => entry.AmountMinor) })
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(new PaymentTotals([.. sums.GroupBy(sum => sum.Currency).OrderBy(group => group.Key, StringComparer.Ordinal).Select(currency =>
        {
            Money Of(LedgerKind kind) => new(currency.Where(sum => sum.Kind == kind).Sum(sum => sum.Minor), currency.Key);
            var (authorised, voided, captured) = (Of(LedgerKind.Authorised), Of(LedgerKind.Voided), Of(LedgerKind.Captured));
            return new CurrencyTotals(authorised, voided, captured, Of(LedgerKind.Refunded), authorised - voided - captured);
        })]));
    }
}
