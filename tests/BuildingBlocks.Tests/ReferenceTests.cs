using System.Globalization;
using System.Text.RegularExpressions;
using Aerona.Reference;
using Xunit;

namespace Aerona.BuildingBlocks.Tests;

public sealed partial class ReferenceTests
{
    [Fact]
    public void Airports_airlines_aircraft_and_currencies_are_as_many_as_promised()
    {
        Assert.InRange(Airports.All.Count, 120, 1000);
        Assert.InRange(Airports.All.Values.Count(airport => airport.Country == "US"), 60, 1000);
        Assert.InRange(Carriers.All.Count, 30, 1000);
        Assert.InRange(AircraftTypes.All.Count, 20, 1000);
        Assert.InRange(Currencies.All.Count, 150, 170);
    }

    [Fact]
    public void Every_code_has_its_shape_and_stands_under_itself()
    {
        Assert.All(Airports.All, entry => Assert.True(entry.Key == entry.Value.Code && ThreeLetters().IsMatch(entry.Key)));
        Assert.All(Airports.All.Values, airport => Assert.Matches(ThreeLetters(), airport.CityCode));
        Assert.All(Carriers.All, entry => Assert.True(entry.Key == entry.Value.Code && Regex.IsMatch(entry.Key, "^[A-Z0-9]{2}$") && !int.TryParse(entry.Key, out _)));
        Assert.All(AircraftTypes.All, entry => Assert.True(entry.Key == entry.Value.Code && Regex.IsMatch(entry.Key, "^[A-Z0-9]{3}$")));
        Assert.All(Currencies.All, entry => Assert.True(entry.Key == entry.Value.Code && ThreeLetters().IsMatch(entry.Key)));
    }

    [Fact]
    public void Accounting_codes_have_three_digits_and_belong_to_one_airline()
    {
        Assert.All(Carriers.All.Values, carrier => Assert.Matches("^[0-9]{3}$", carrier.AccountingCode));
        Assert.Equal(Carriers.All.Count, Carriers.All.Values.Select(carrier => carrier.AccountingCode).Distinct().Count());
    }

    [Fact]
    public void Every_zone_is_an_IANA_zone_known_to_this_machine() =>
        Assert.All(Airports.All.Values, airport =>
        {
            Assert.Matches("^[A-Z][A-Za-z_]+/[A-Z][A-Za-z_/]+$", airport.Zone);
            Assert.Equal(airport.Zone, airport.TimeZone.Id);
        });

    [Fact]
    public void Airports_of_one_city_code_name_the_same_city_in_the_same_country() =>
        Assert.All(
            Airports.All.Values.GroupBy(airport => airport.CityCode),
            city => Assert.Single(city.Select(airport => (airport.City, airport.Country)).Distinct()));

    [Fact]
    public void A_city_code_means_all_its_airports_and_an_airport_code_itself()
    {
        Assert.Equal(["EWR", "JFK", "LGA"], Airports.Named("NYC").Select(airport => airport.Code).Order());
        Assert.Equal(["LCY", "LGW", "LHR", "LTN", "STN"], Airports.Named("LON").Select(airport => airport.Code).Order());
        Assert.Equal(["HAN"], Airports.Named("HAN").Select(airport => airport.Code));
        Assert.Equal(["LHR"], Airports.Named("LHR").Select(airport => airport.Code));
        Assert.Empty(Airports.Named("XXX"));
    }

    [Fact]
    public void An_aircraft_has_economy_seats_and_a_range() =>
        Assert.All(AircraftTypes.All.Values, type =>
        {
            Assert.InRange(type.Economy, 50, 450);
            Assert.InRange(type.First, 0, 20);
            Assert.InRange(type.LapInfants, 1, type.Economy / 5);
            Assert.InRange(type.RangeKilometres, 1_000, 18_000);
        });

    [Theory]
    [InlineData("EUR", 2)]
    [InlineData("JPY", 0)]
    [InlineData("VND", 0)]
    [InlineData("KWD", 3)]
    [InlineData("HUF", 2)]
    public void Currencies_have_the_decimals_of_ISO_4217(string code, int decimals) => Assert.Equal(decimals, Currencies.Find(code)?.Decimals);

    [Theory]
    [InlineData("AA", "001")]
    [InlineData("LH", "220")]
    [InlineData("VN", "738")]
    [InlineData("NH", "205")]
    public void Airlines_have_their_accounting_codes(string code, string accounting) => Assert.Equal(accounting, Carriers.Find(code)?.AccountingCode);

    [Fact]
    public void Distances_are_great_circles()
    {
        Assert.InRange(Airports.KilometresBetween(Airports.Find("JFK")!, Airports.Find("LAX")!), 3950, 4000);
        Assert.InRange(Airports.KilometresBetween(Airports.Find("LHR")!, Airports.Find("SYD")!), 16_950, 17_060);
        Assert.InRange(Airports.KilometresBetween(Airports.Find("NAN")!, Airports.Find("PPT")!), 3300, 3500);   // across the date line
    }

    /// <summary>The table was written by hand; a collection nobody here wrote says whether a digit slipped.</summary>
    [Fact]
    public void Airports_lie_where_an_independent_collection_says()
    {
        var file = AeronaData("airports", "airports-iata.csv");
        var known = File.ReadLines(file).Skip(1).Select(Fields).ToDictionary(row => row[0]);
        var today = new DateTime(2026, 1, 15, 12, 0, 0, DateTimeKind.Utc);

        Assert.All(Airports.All.Values, airport =>
        {
            var row = Assert.Contains(airport.Code, (IDictionary<string, string[]>)known);
            Assert.Equal(row[5], airport.Country);
            var zone = TimeZoneInfo.FindSystemTimeZoneById(row[9]);
            Assert.All(Enumerable.Range(0, 52), week => Assert.Equal(zone.GetUtcOffset(today.AddDays(7 * week)), airport.TimeZone.GetUtcOffset(today.AddDays(7 * week))));
            if (airport.Code == "BRU")
            {
                return;   // the collection has minutes and seconds as decimals there: 50.5405 for 50°54'05"
            }

            Assert.Equal(double.Parse(row[7], CultureInfo.InvariantCulture), airport.Latitude, 0.03);
            Assert.Equal(double.Parse(row[8], CultureInfo.InvariantCulture), airport.Longitude, 0.03);
        });
    }

    [Fact]
    public void City_codes_agree_with_an_independent_collection()
    {
        var file = AeronaData("airports", "iata_macs.csv");
        var cities = File.ReadLines(file).Skip(1).Select(Fields).ToDictionary(row => row[3], row => row[1]);

        var shared = Airports.All.Values.Where(airport => cities.ContainsKey(airport.Code)).ToList();

        Assert.InRange(shared.Count, 40, 500);
        Assert.All(shared, airport => Assert.Equal(cities[airport.Code], airport.CityCode));
    }

    private static string AeronaData(params string[] path)
    {
        var folder = Environment.GetEnvironmentVariable("AERONA_DATA");
        Assert.SkipUnless(folder is { Length: > 0 }, "AERONA_DATA is not set: no independent collection to compare with");
        return Path.Combine([folder!, .. path]);
    }

    // RFC 4180 without line breaks in fields, which these files do not have.
    private static string[] Fields(string line) =>
        [.. Field().Matches(line).Select(field => field.Groups[1].Success ? field.Groups[1].Value.Replace("\"\"", "\"", StringComparison.Ordinal) : field.Groups[2].Value)];

    [GeneratedRegex("(?:^|,)(?:\"((?:[^\"]|\"\")*)\"|([^,]*))")]
    private static partial Regex Field();

    [GeneratedRegex("^[A-Z]{3}$")]
    private static partial Regex ThreeLetters();
}
