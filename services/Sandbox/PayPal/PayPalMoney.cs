using System.Globalization;
using System.Text.RegularExpressions;
using Aerona.Contracts;
using Aerona.Reference;

namespace Aerona.Sandbox.PayPal;

/// <summary>Amounts as PayPal writes and takes them.</summary>
internal static partial class PayPalMoney
{
    /// <summary>What PayPal takes, with its own number of decimals: HUF, JPY and TWD have none there.</summary>
    private static readonly Dictionary<string, int> Decimals =
        "AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD ILS MXN MYR NOK NZD PHP PLN SEK SGD THB USD".Split(' ').ToDictionary(code => code, _ => 2)
            .Concat("HUF JPY TWD".Split(' ').ToDictionary(code => code, _ => 0)).ToDictionary();

    /// <summary>As <c>{"currency_code":"EUR","value":"129.50"}</c>.</summary>
    public static object Json(Money money) => new
    {
        currency_code = money.Currency,
        value = money.Amount.ToString("F" + Decimals[money.Currency], CultureInfo.InvariantCulture),
    };

    /// <summary>What this PayPal keeps of a capture: 3.49 % and a fixed part, never more than the amount, in its own decimals.</summary>
    public static Money Fee(Money amount)
    {
        var decimals = Decimals[amount.Currency];
        var fee = decimal.Round((amount.Amount * 0.0349m) + (decimals == 0 ? 40m : 0.49m), decimals, MidpointRounding.AwayFromZero);
        return Money.Of(Math.Min(fee, amount.Amount), amount.Currency);
    }

    /// <summary>Reads an amount object; throws <see cref="PayPalProblem"/> as PayPal would refuse it.</summary>
    public static Money Read(string? currency, string? value, string pointer)
    {
        if (currency is null)
        {
            throw PayPalProblem.Invalid("MISSING_REQUIRED_PARAMETER", pointer + "/currency_code");
        }

        if (value is null)
        {
            throw PayPalProblem.Invalid("MISSING_REQUIRED_PARAMETER", pointer + "/value");
        }

        if (!Pattern().IsMatch(value) || value.Length > 32)
        {
            throw PayPalProblem.Invalid("INVALID_PARAMETER_SYNTAX", pointer + "/value", value);
        }

        if (!Decimals.TryGetValue(currency, out var decimals) || Currencies.Find(currency) is null)
        {
            throw PayPalProblem.Unprocessable("INVALID_CURRENCY_CODE", pointer + "/currency_code", currency);
        }

        var amount = decimal.Parse(value, NumberStyles.Number, CultureInfo.InvariantCulture);
        if (amount <= 0)
        {
            throw PayPalProblem.Unprocessable("CANNOT_BE_ZERO_OR_NEGATIVE", pointer + "/value", value);
        }

        return decimal.Round(amount, decimals) == amount
            ? Money.Of(amount, currency)
            : throw PayPalProblem.Unprocessable("DECIMAL_PRECISION", pointer + "/value", value);
    }

    [GeneratedRegex(@"^((-?[0-9]+)|(-?([0-9]+)?[.][0-9]+))$")]
    private static partial Regex Pattern();
}
