using Aerona.Contracts;
using Aerona.Hosting;
using Aerona.Payments.Data;
using Aerona.Payments.Ledger;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Payments.Support;

/// <summary>Sums of the ledger, a line for each currency in order of its code.</summary>
internal sealed record PaymentTotals(IReadOnlyList<CurrencyTotals> Currencies);

/// <summary>One currency.</summary>
/// <param name="Authorised">Reserved, ever.</param>
/// <param name="Voided">Reserved and given back.</param>
/// <param name="Captured">Taken, ever.</param>
/// <param name="Refunded">Taken and given back, whoever asked for it.</param>
/// <param name="Open">Reserved now: the balance of the account of reservations.</param>
/// <param name="Fees">Kept by PayPal.</param>
/// <param name="AtPayPal">Our money at PayPal: captured − fees − refunded.</param>
/// <param name="OwedToCustomers">To be given back.</param>
/// <param name="OwedToSuppliers">What was sold and not given back.</param>
/// <param name="Losses">What disputes and chargebacks took.</param>
internal sealed record CurrencyTotals(
    Money Authorised, Money Voided, Money Captured, Money Refunded, Money Open, Money Fees, Money AtPayPal, Money OwedToCustomers, Money OwedToSuppliers, Money Losses);

internal static class GetPaymentTotals
{
    public static void MapGetPaymentTotals(this WebApplication app) => app.MapGet("/v1/support/payments/totals", GetAsync)
        .WithName("GetPaymentTotals").WithTags("Support").WithSummary("Sums of the payment ledger by currency").Requires(Permission.SeeLedger);

    private static async Task<Ok<PaymentTotals>> GetAsync(PaymentsDbContext db, CancellationToken cancellationToken)
    {
        var sums = await db.Ledger.GroupBy(entry => new { entry.Currency, entry.Kind })
            .Select(group => new { group.Key.Currency, group.Key.Kind, Minor = group.Sum(entry => entry.AmountMinor) })
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(new PaymentTotals([.. sums.GroupBy(sum => sum.Currency).OrderBy(group => group.Key, StringComparer.Ordinal).Select(currency =>
        {
            var balances = new Balances(currency.Select(sum => (sum.Kind, sum.Minor)));
            Money Of(long minor) => new(minor, currency.Key);
            return new CurrencyTotals(
                Of(balances.Of(LedgerKind.Authorised)), Of(balances.Of(LedgerKind.Voided)), Of(balances.Of(LedgerKind.Captured)), Of(balances.GivenBack),
                Of(balances.Of(Account.Reserved)), Of(balances.Of(Account.Fees)), Of(balances.Of(Account.PayPal)), Of(-balances.Of(Account.Customer)),
                Of(-balances.Of(Account.Supplier)), Of(balances.Of(Account.Losses)));
        })]));
    }
}
