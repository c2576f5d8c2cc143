using System.Globalization;
using Aerona.Contracts;
using Aerona.Reference;

namespace Aerona.Payments.PayPal;

/// <summary>Amounts as PayPal wants them: its own short list of currencies, some with fewer decimals than ISO 4217 gives them.</summary>
internal static class PayPalMoney
{
    /// <summary>Whether PayPal takes this currency.</summary>
    public static bool Takes(string currency) => PaymentCurrencies.Takes(currency);

    /// <summary>The amount as text, or null when PayPal does not take the currency or cannot express the amount (0.50 HUF).</summary>
    public static PayPalAmount? From(Money money) =>
        PaymentCurrencies.DecimalsOf(money.Currency) is { } decimals && decimal.Round(money.Amount, decimals) == money.Amount
            ? new(money.Currency, money.Amount.ToString("F" + decimals, CultureInfo.InvariantCulture))
            : null;

    /// <summary>What PayPal wrote, or null when that is no amount of a known currency.</summary>
    public static Money? Read(PayPalAmount? amount) =>
        amount is { CurrencyCode: not null } && Currencies.Find(amount.CurrencyCode) is { } currency
        && decimal.TryParse(amount.Value, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
        && decimal.Round(value, currency.Decimals) == value
            ? Money.Of(value, currency.Code)
            : null;
}
