using System.Globalization;
using System.Text.Json;
using Aerona.Contracts;
using CsCheck;

namespace Aerona.BuildingBlocks.Tests.Contracts;

public sealed class DesignatorTests
{
    private static readonly Gen<FlightDesignator> Any = Gen.Select(
        Gen.Char["ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"], Gen.Char["ABCDEFGHIJKLMNOPQRSTUVWXYZ"], Gen.Bool, Gen.Int[1, 9999], Gen.Char["ABCDEFGHIJKLMNOPQRSTUVWXYZ"], Gen.Bool,
        (any, letter, letterFirst, number, suffix, hasSuffix) => new FlightDesignator(letterFirst ? $"{letter}{any}" : $"{any}{letter}", number, hasSuffix ? suffix : null));

    [Fact]
    public void What_is_printed_is_read_again() => Any.Sample(flight => FlightDesignator.Parse(flight.ToString()) == flight
        && JsonSerializer.Deserialize<FlightDesignator>(JsonSerializer.Serialize(flight)) == flight);

    [Fact]
    public void Blanks_zeros_and_case_do_not_matter() => Any.Sample(flight =>
        FlightDesignator.Parse($" {flight.Carrier.ToLowerInvariant()} {flight.Number.ToString("D4", CultureInfo.InvariantCulture)} {flight.Suffix} ") == flight);

    [Theory]
    [InlineData("VN55", "VN", 55, null)]
    [InlineData("VN 0055", "VN", 55, null)]
    [InlineData("U2123A", "U2", 123, 'A')]
    [InlineData("u2 1", "U2", 1, null)]
    [InlineData("9W 9999", "9W", 9999, null)]
    [InlineData("9W1Z", "9W", 1, 'Z')]
    [InlineData("3K0001", "3K", 1, null)]
    [InlineData("B61", "B6", 1, null)]
    public void Designators_of_every_form_are_read(string text, string carrier, int number, char? suffix) =>
        Assert.Equal(new FlightDesignator(carrier, number, suffix), FlightDesignator.Parse(text));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("VN")]
    [InlineData("VNA")]
    [InlineData("55")]
    [InlineData("1234")]
    [InlineData("VN0")]
    [InlineData("VN0000")]
    [InlineData("VN00055")]
    [InlineData("VN12345")]
    [InlineData("HVN55")]
    [InlineData("VN55AB")]
    [InlineData("VN-55")]
    [InlineData("VN+5")]
    [InlineData("VN٥٥")]
    [InlineData("ÄÖ55")]
    [InlineData("VN5 5\n")]
    public void What_is_no_designator_is_refused(string? text) => Assert.Null(FlightDesignator.Parse(text));

    [Theory]
    [InlineData("en")]
    [InlineData("th-TH")]
    [InlineData("ar-SA")]
    [InlineData("fa-IR")]
    public void A_dated_flight_has_one_id_in_every_culture(string culture)
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
        try
        {
            Assert.Equal("VN55-20261201", new FlightDesignator("VN", 55).OnDate(new(2026, 12, 1)));
            Assert.Equal("129.50 EUR", new Money(12950, "EUR").ToString());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData("55")]
    [InlineData("\"\"")]
    [InlineData("\"VN\"")]
    [InlineData("{}")]
    public void JSON_that_is_no_designator_says_so(string json) =>
        Assert.Equal("flight.designator_invalid", Assert.Throws<BadValueException>(() => JsonSerializer.Deserialize<FlightDesignator>(json)).Code);
}
