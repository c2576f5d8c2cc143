using System.Text.Json;
using Aerona.Contracts;

namespace Aerona.BuildingBlocks.Tests.Contracts;

public sealed class ChoiceTests
{
    [Theory]
    [InlineData("\"PremiumEconomy\"", "request.unknown_value")]
    [InlineData("\"lounge\"", "request.unknown_value")]
    [InlineData("\"economy,first\"", "request.unknown_value")]
    [InlineData("\"3\"", "request.unknown_value")]
    [InlineData("\"\"", "request.unknown_value")]
    [InlineData("1", "request.wrong_type")]
    [InlineData("[]", "request.wrong_type")]
    public void Anything_but_one_of_the_names_is_refused(string json, string code)
    {
        var problem = Assert.Throws<BadValueException>(() => JsonSerializer.Deserialize<Cabin>(json));

        Assert.Equal(code, problem.Code);
        Assert.EndsWith("one of economy, premiumEconomy, business, first.", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_value_is_read_as_it_was_written()
    {
        foreach (var cabin in Enum.GetValues<Cabin>())
        {
            Assert.Equal(cabin, JsonSerializer.Deserialize<Cabin>(JsonSerializer.Serialize(cabin)));
        }

        Assert.Equal("\"premiumEconomy\"", JsonSerializer.Serialize(Cabin.PremiumEconomy));
        Assert.Throws<JsonException>(() => JsonSerializer.Serialize((Cabin)7));
    }

    [Fact]
    public void Values_may_name_the_entries_of_a_table()
    {
        var seats = new Dictionary<Cabin, int> { [Cabin.PremiumEconomy] = 24 };

        Assert.Equal("""{"premiumEconomy":24}""", JsonSerializer.Serialize(seats));
        Assert.Equal(24, JsonSerializer.Deserialize<Dictionary<Cabin, int>>("""{"premiumEconomy":24}""")![Cabin.PremiumEconomy]);
    }
}
