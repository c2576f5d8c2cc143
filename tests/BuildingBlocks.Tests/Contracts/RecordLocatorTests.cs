using Aerona.Contracts;
using CsCheck;

namespace Aerona.BuildingBlocks.Tests.Contracts;

public sealed class RecordLocatorTests
{
    [Fact]
    public void The_alphabet_has_28_symbols_without_vowels_and_look_alikes()
    {
        Assert.Equal(28, RecordLocator.Alphabet.Distinct().Count());
        Assert.Equal(28, RecordLocator.Alphabet.Length);
        Assert.Empty(RecordLocator.Alphabet.Intersect("AEIOU01L"));
    }

    [Fact]
    public void New_ones_are_six_symbols_of_it() => Gen.Int.Sample(_ =>
    {
        var locator = RecordLocator.New();
        return locator.Length == 6 && locator.All(RecordLocator.Alphabet.Contains) && RecordLocator.Parse(locator) == locator;
    });

    /// <summary>
    /// 100,000 of 28^6 (481,890,304) meet 10.4 times on average, and more than 40 times in fewer than one run in 10^12; a generator with a tenth of the space
    /// would meet 104 times.
    /// </summary>
    [Fact]
    public void They_meet_as_seldom_as_chance_allows()
    {
        var locators = Enumerable.Range(0, 100_000).Select(_ => RecordLocator.New()).ToList();

        Assert.InRange(locators.Count - locators.Distinct().Count(), 0, 40);
    }

    /// <summary>600,000 symbols: each 21,429 times, give or take 144; five deviations and a half are one run in a million.</summary>
    [Fact]
    public void Every_symbol_is_as_frequent_as_any_other()
    {
        var counts = Enumerable.Range(0, 100_000).SelectMany(_ => RecordLocator.New()).CountBy(symbol => symbol).ToDictionary();

        Assert.Equal(28, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 21_429 - 792, 21_429 + 792));
    }

    [Fact]
    public void Case_and_outer_blanks_do_not_matter() => Gen.Char[RecordLocator.Alphabet].Array[6].Sample(symbols =>
    {
        var locator = new string(symbols);
        return RecordLocator.Parse($"  {locator.ToLowerInvariant()}\t") == locator;
    });

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("23456")]
    [InlineData("2345678")]
    [InlineData("23 456")]
    [InlineData("23456A")]
    [InlineData("23456O")]
    [InlineData("23456L")]
    [InlineData("2345\u0e36X")]
    public void What_cannot_be_ours_is_refused(string? text) => Assert.Null(RecordLocator.Parse(text));
}
