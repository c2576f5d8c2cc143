using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Aerona.Reference;

namespace Aerona.Contracts;

/// <summary>An exact amount in a currency, kept in the currency's minor units. As JSON: <c>{"amount":"129.50","currency":"EUR"}</c>.</summary>
[JsonConverter(typeof(MoneyJsonConverter))]
public readonly record struct Money : IComparable<Money>
{
    /// <summary>From minor units (cents; whole yen; thousandths of a dinar).</summary>
    public Money(long minorUnits, string currency)
    {
        _ = Decimals(currency);
        MinorUnits = minorUnits;
        Currency = currency;
    }

    /// <summary>The amount times ten to the currency's decimals.</summary>
    public long MinorUnits { get; }

    /// <summary>ISO 4217 code; null only in <c>default(Money)</c>, which is no money at all: it equals itself and does nothing else.</summary>
    public string Currency { get; }

    /// <summary>The amount in whole units of the currency.</summary>
    [JsonIgnore]
    public decimal Amount => MinorUnits / Scale(Currency ?? throw NoMoney());

    /// <summary>
    /// From a decimal amount; throws <see cref="ArgumentException"/> for an unknown currency, more decimals than it has, or an amount past
    /// <see cref="long"/> in minor units.
    /// </summary>
    public static Money Of(decimal amount, string currency) =>
        InMinorUnits(amount, currency) is var minor && minor == decimal.Truncate(minor)
            ? new((long)minor, currency)
            : throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"{currency} has {Decimals(currency)} decimals, {amount} has more"), nameof(amount));

    /// <summary>From a decimal amount, rounded half away from zero to the currency's decimals; throws as <see cref="Of"/> does.</summary>
    public static Money Round(decimal amount, string currency) =>
        new((long)Math.Round(InMinorUnits(amount, currency), MidpointRounding.AwayFromZero), currency);

    /// <summary>Nothing, in that currency.</summary>
    public static Money Zero(string currency) => new(0, currency);

    /// <summary>The sum; throws <see cref="InvalidOperationException"/> when the currencies differ.</summary>
    public static Money operator +(Money left, Money right) => new(checked(left.MinorUnits + Same(left, right).MinorUnits), left.Currency);

    /// <summary>The difference; throws <see cref="InvalidOperationException"/> when the currencies differ.</summary>
    public static Money operator -(Money left, Money right) => new(checked(left.MinorUnits - Same(left, right).MinorUnits), left.Currency);

    /// <summary>Compares amounts; throws <see cref="InvalidOperationException"/> when the currencies differ.</summary>
    public int CompareTo(Money other) => MinorUnits.CompareTo(Same(this, other).MinorUnits);

    public static bool operator <(Money left, Money right) => left.CompareTo(right) < 0;

    public static bool operator >(Money left, Money right) => left.CompareTo(right) > 0;

    public static bool operator <=(Money left, Money right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Money left, Money right) => left.CompareTo(right) >= 0;

    /// <summary>The amount alone with all decimals of its currency and a point: <c>129.50</c>, <c>1300</c> (JPY).</summary>
    public string ToAmountString() => Amount.ToString("F" + Decimals(Currency), CultureInfo.InvariantCulture);

    /// <summary>Amount and currency: <c>129.50 EUR</c>.</summary>
    public override string ToString() => Currency is null ? "" : $"{ToAmountString()} {Currency}";

    private static int Decimals(string currency) => (currency is null ? null : Currencies.Find(currency))?.Decimals
        ?? throw new ArgumentException($"'{currency}' is no currency of ISO 4217 known here", nameof(currency));

    private static decimal InMinorUnits(decimal amount, string currency)
    {
        var scale = Scale(currency);
        return Math.Abs(amount) <= long.MaxValue / scale ? amount * scale : throw new ArgumentOutOfRangeException(nameof(amount), "the amount is too large");
    }

    private static InvalidOperationException NoMoney() => new("default(Money) is no amount of any currency");

    private static decimal Scale(string currency) => Decimals(currency) switch { 0 => 1m, 2 => 100m, 3 => 1000m, var other => (decimal)Math.Pow(10, other) };

    private static Money Same(Money left, Money right) => (left.Currency, right.Currency) switch
    {
        (null, _) or (_, null) => throw NoMoney(),
        var (mine, others) when mine == others => right,
        var (mine, others) => throw new InvalidOperationException($"{mine} and {others} do not add up"),
    };
}

/// <summary>Sums of money.</summary>
public static class MoneySums
{
    /// <summary>The sum, in the currency given when there is nothing to add.</summary>
    public static Money Sum(this IEnumerable<Money> amounts, string currency) => amounts.Aggregate(Money.Zero(currency), (sum, amount) => sum + amount);
}

internal sealed class MoneyJsonConverter : JsonConverter<Money>
{
    // 15 digits before the point: past any fare, within long for every currency.
    private const int LongestAmount = 20;

    public override Money Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Bad("money.not_an_object", "Money is an object with amount and currency, both text.");
        }

        string? amount = null, currency = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isAmount = reader.ValueTextEquals("amount");
            if (!isAmount && !reader.ValueTextEquals("currency"))
            {
                throw Bad("request.unknown_field", "Money has an amount and a currency and nothing else.", reader.GetString());
            }

            var member = isAmount ? "amount" : "currency";
            if ((isAmount ? amount : currency) is not null)
            {
                throw Bad("request.duplicate_field", "The field stands there twice.", member);
            }

            reader.Read();
            var value = reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw Bad("request.wrong_type", $"{member} must be text.", member);
            (amount, currency) = isAmount ? (value, currency) : (amount, value);
        }

        return Read(
            amount ?? throw Bad("request.missing_field", "amount is required.", "amount"),
            currency ?? throw Bad("request.missing_field", "currency is required.", "currency"));
    }

    public override void Write(Utf8JsonWriter writer, Money value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString("amount", value.ToAmountString());
        writer.WriteString("currency", value.Currency);
        writer.WriteEndObject();
    }

    private static Money Read(string amount, string currency)
    {
        if (Currencies.Find(currency) is null)
        {
            throw Bad("money.currency_unknown", "The currency must be a code of ISO 4217 that airlines file fares in, such as EUR.", "currency");
        }

        if (amount.Length > LongestAmount
            || !decimal.TryParse(amount, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            throw Bad("money.amount_invalid", "The amount must be a decimal number with a point, such as 129.50.", "amount");
        }

        try
        {
            return Money.Of(number, currency);
        }
        catch (ArgumentOutOfRangeException)
        {
            throw Bad("money.amount_too_large", "The amount is too large.", "amount");
        }
        catch (ArgumentException)
        {
            throw Bad("money.too_many_decimals", $"{currency} has {Currencies.Find(currency)!.Decimals} decimals.", "amount");
        }
    }

    private static BadValueException Bad(string code, string message, string? member = null) => new(code, message, member);
}
