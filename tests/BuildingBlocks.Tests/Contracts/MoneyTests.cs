using System.Globalization;
using System.Text.Json;
using Aerona.Contracts;
using Aerona.Reference;
using CsCheck;

namespace Aerona.BuildingBlocks.Tests.Contracts;

public sealed class MoneyTests
{
    private static readonly string[] Codes = [.. Currencies.All.Keys.Order(StringComparer.Ordinal)];
    private static readonly Gen<string> SomeCurrency = Gen.Int[0, Codes.Length - 1].Select(index => Codes[index]);

    private static readonly Gen<Money> Any = Gen.Select(Gen.Long[-1_000_000_000_000, 1_000_000_000_000], SomeCurrency, (minor, currency) => new Money(minor, currency));

    [Fact]
    public void What_is_written_is_read_again() => Any.Sample(money => JsonSerializer.Deserialize<Money>(JsonSerializer.Serialize(money)) == money);

    [Fact]
    public void The_amount_is_written_with_the_currencys_own_decimals() => Any.Sample(money =>
    {
        var text = JsonSerializer.SerializeToElement(money).GetProperty("amount").GetString()!;
        var decimals = Currencies.Find(money.Currency)!.Decimals;
        return (decimals == 0 ? !text.Contains('.', StringComparison.Ordinal) : text.Length - text.IndexOf('.', StringComparison.Ordinal) - 1 == decimals)
            && decimal.Parse(text, CultureInfo.InvariantCulture) == money.Amount;
    });

    [Fact]
    public void A_sum_is_the_sum_of_its_minor_units_in_any_order() =>
        Gen.Select(Gen.Long[-1_000_000_000, 1_000_000_000].List[0, 20], SomeCurrency).Sample((minors, currency) =>
        {
            var amounts = minors.Select(minor => new Money(minor, currency)).ToList();
            var sum = amounts.Sum(currency);
            return sum == new Money(minors.Sum(), currency) && sum == Enumerable.Reverse(amounts).Sum(currency)
                && amounts.Aggregate(sum, (left, amount) => left - amount) == Money.Zero(currency);
        });

    [Fact]
    public void Order_is_the_order_of_the_amounts() => Gen.Select(Any, Gen.Long[-1000, 1000]).Sample((money, more) =>
    {
        var other = new Money(money.MinorUnits + more, money.Currency);
        return Math.Sign(other.CompareTo(money)) == Math.Sign(more) && other > money == more > 0 && other <= money == more <= 0;
    });

    [Fact]
    public void Rounding_moves_an_amount_by_half_a_minor_unit_at_most() =>
        Gen.Select(Gen.Long[-1_000_000_000, 1_000_000_000], SomeCurrency).Sample((thousandths, currency) =>
        {
            var amount = thousandths / 10_000m;
            var unit = new Money(1, currency).Amount;
            return Math.Abs(Money.Round(amount, currency).Amount - amount) <= unit / 2;
        });

    [Theory]
    [InlineData(0.125, "EUR", 13)]
    [InlineData(-0.125, "EUR", -13)]
    [InlineData(0.5, "JPY", 1)]
    [InlineData(1.0005, "KWD", 1001)]
    public void Halves_are_rounded_away_from_zero(double amount, string currency, long minorUnits) =>
        Assert.Equal(minorUnits, Money.Round((decimal)amount, currency).MinorUnits);

    [Fact]
    public void Currencies_do_not_mix()
    {
        var (euros, dollars) = (new Money(100, "EUR"), new Money(100, "USD"));

        Assert.Throws<InvalidOperationException>(() => euros + dollars);
        Assert.Throws<InvalidOperationException>(() => euros - dollars);
        Assert.Throws<InvalidOperationException>(() => euros < dollars);
        Assert.NotEqual(euros, dollars);
    }

    [Fact]
    public void What_does_not_fit_is_refused_and_never_wraps_around()
    {
        var most = new Money(long.MaxValue, "EUR");

        Assert.Throws<OverflowException>(() => most + new Money(1, "EUR"));
        Assert.Throws<OverflowException>(() => new Money(long.MinValue, "EUR") - new Money(1, "EUR"));
        Assert.Throws<ArgumentOutOfRangeException>(() => Money.Of(decimal.MaxValue, "EUR"));
        Assert.Throws<ArgumentOutOfRangeException>(() => Money.Of(decimal.MinValue, "EUR"));
        Assert.Throws<ArgumentOutOfRangeException>(() => Money.Round(92_233_720_368_547_758.08m, "EUR"));
        Assert.Equal(most, Money.Of(92_233_720_368_547_758.07m, "EUR"));
    }

    [Fact]
    public void A_decimal_that_the_currency_does_not_have_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Money.Of(0.001m, "EUR"));
        Assert.Throws<ArgumentException>(() => Money.Of(0.5m, "JPY"));
        Assert.Equal(new Money(1, "KWD"), Money.Of(0.001m, "KWD"));
        Assert.Throws<ArgumentException>(() => Money.Of(1, "XXQ"));
        Assert.Throws<ArgumentException>(() => Money.Of(1, "eur"));
        Assert.Throws<ArgumentException>(() => new Money(1, null!));
    }

    [Fact]
    public void Money_that_nobody_made_is_no_money()
    {
        Assert.Equal(default, default(Money));
        Assert.Equal("", default(Money).ToString());
        Assert.Throws<InvalidOperationException>(() => default(Money) + default(Money));
        Assert.Throws<InvalidOperationException>(() => default(Money) + new Money(1, "EUR"));
        Assert.Throws<InvalidOperationException>(() => default(Money) < new Money(1, "EUR"));
        Assert.Throws<InvalidOperationException>(() => default(Money).Amount);
        Assert.Throws<InvalidOperationException>(() => JsonSerializer.Serialize(default(Money)));
    }

    [Theory]
    [InlineData("""{"amount":"1","currency":"XXQ"}""", "money.currency_unknown", "currency")]
    [InlineData("""{"amount":"1","currency":""}""", "money.currency_unknown", "currency")]
    [InlineData("""{"amount":"1.001","currency":"EUR"}""", "money.too_many_decimals", "amount")]
    [InlineData("""{"amount":"1.5","currency":"JPY"}""", "money.too_many_decimals", "amount")]
    [InlineData("""{"amount":"1,50","currency":"EUR"}""", "money.amount_invalid", "amount")]
    [InlineData("""{"amount":"1e3","currency":"EUR"}""", "money.amount_invalid", "amount")]
    [InlineData("""{"amount":" 1","currency":"EUR"}""", "money.amount_invalid", "amount")]
    [InlineData("""{"amount":"","currency":"EUR"}""", "money.amount_invalid", "amount")]
    [InlineData("""{"amount":"٣","currency":"EUR"}""", "money.amount_invalid", "amount")]
    [InlineData("""{"amount":"0.000000000000000000001","currency":"EUR"}""", "money.amount_invalid", "amount")]
    [InlineData("""{"amount":"99999999999999999999","currency":"EUR"}""", "money.amount_too_large", "amount")]
    [InlineData("""{"amount":"92233720368547758.08","currency":"EUR"}""", "money.amount_too_large", "amount")]
    [InlineData("""{"amount":1.5,"currency":"EUR"}""", "request.wrong_type", "amount")]
    [InlineData("""{"amount":null,"currency":"EUR"}""", "request.wrong_type", "amount")]
    [InlineData("""{"amount":"1","currency":null}""", "request.wrong_type", "currency")]
    [InlineData("""{"amount":"1"}""", "request.missing_field", "currency")]
    [InlineData("""{"currency":"EUR"}""", "request.missing_field", "amount")]
    [InlineData("""{"amount":"1","currency":"EUR","rate":"2"}""", "request.unknown_field", "rate")]
    [InlineData("""{"amount":"1","amount":"2","currency":"EUR"}""", "request.duplicate_field", "amount")]
    [InlineData("\"1 EUR\"", "money.not_an_object", null)]
    [InlineData("[]", "money.not_an_object", null)]
    public void Money_that_cannot_be_read_says_why(string json, string code, string? member)
    {
        var problem = Assert.Throws<BadValueException>(() => JsonSerializer.Deserialize<Money>(json));

        Assert.Equal((code, member), (problem.Code, problem.Member));
    }

    [Theory]
    [InlineData("""{"currency":"EUR","amount":"-0.5"}""", -50)]
    [InlineData("""{"amount":"129.5","currency":"EUR"}""", 12950)]
    [InlineData("""{"amount":"129.500","currency":"EUR"}""", 12950)]
    [InlineData("""{"amount":"92233720368547758.07","currency":"EUR"}""", long.MaxValue)]
    public void Money_is_read_in_any_order_and_scale(string json, long minorUnits) =>
        Assert.Equal(new Money(minorUnits, "EUR"), JsonSerializer.Deserialize<Money>(json));

    [Fact]
    public void Null_is_no_money() => Assert.ThrowsAny<JsonException>(() => JsonSerializer.Deserialize<Money>("null"));
}
