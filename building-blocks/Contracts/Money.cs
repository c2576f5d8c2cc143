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

    /// <summary>ISO 4217 code.</summary>
    public string Currency { get; }

    /// <summary>The amount in whole units of the currency.</summary>
    [JsonIgnore]
    public decimal Amount => MinorUnits / Scale(Currency);

    /// <summary>From a decimal amount; throws <see cref="ArgumentException"/> for an unknown currency or more decimals than it has.</summary>
    public static Money Of(decimal amount, string currency) =>
        amount * Scale(currency) is var minor && minor == decimal.Truncate(minor)
            ? new((long)minor, currency)
            : throw new ArgumentException($"{currency} has {Decimals(currency)} decimals, {amount.ToString(CultureInfo.InvariantCulture)} has more", nameof(amount));

    /// <summary>From a decimal amount, rounded half away from zero to the currency's decimals.</summary>
    public static Money Round(decimal amount, string currency) =>
        new((long)Math.Round(amount * Scale(currency), MidpointRounding.AwayFromZero), currency);

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

    private static int Decimals(string currency) =>
        Currencies.Find(currency)?.Decimals ?? throw new ArgumentException($"'{currency}' is no currency of ISO 4217 known here", nameof(currency));

    private static decimal Scale(string currency) => Decimals(currency) switch { 0 => 1m, 2 => 100m, 3 => 1000m, var other => (decimal)Math.Pow(10, other) };

    private static Money Same(Money left, Money right) => left.Currency == right.Currency
        ? right
        : throw new InvalidOperationException($"{left.Currency} and {right.Currency} do not add up");
}

/// <summary>Sums of money.</summary>
public static class MoneySums
{
    /// <summary>The sum, in the currency given when there is nothing to add.</summary>
    public static Money Sum(this IEnumerable<Money> amounts, string currency) => amounts.Aggregate(Money.Zero(currency), (sum, amount) => sum + amount);
}

internal sealed class MoneyJsonConverter : JsonConverter<Money>
{
    private sealed record Shape(string Amount, string Currency);

    public override Money Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var shape = JsonSerializer.Deserialize<Shape>(ref reader, JsonSerializerOptions.Web) ?? throw new JsonException("money is an object with amount and currency");
        try
        {
            return decimal.TryParse(shape.Amount, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var amount)
                ? Money.Of(amount, shape.Currency ?? "")
                : throw new JsonException($"'{shape.Amount}' is no decimal amount");
        }
        catch (ArgumentException problem)
        {
            throw new JsonException(problem.Message, problem);
        }
    }

    public override void Write(Utf8JsonWriter writer, Money value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString("amount", value.ToAmountString());
        writer.WriteString("currency", value.Currency);
        writer.WriteEndObject();
    }
}
