using Aerona.Contracts;
using Aerona.Pricing;
using Aerona.Reference;
using CsCheck;

namespace Aerona.Airlines.Tests.Pricing;

public sealed class HouseTariffTests
{
    private static readonly Gen<Airport> AnyAirport = Gen.OneOf([.. Airports.All.Values]);

    private static readonly Gen<Money> AnyFare = Gen.Select(
        Gen.Long[0, 1_000_000], Gen.OneOf([.. Currencies.All.Keys.Where(HouseTariff.SellsIn)]), (minor, currency) => new Money(minor, currency));

    [Fact]
    public void A_route_worked_out_once_costs_what_the_lines_add_up_to() =>
        Gen.Select(AnyAirport, AnyAirport, AnyFare, Gen.Enum<PassengerType>()).Where((from, to, _, _) => from != to).Sample((from, to, fare, type) =>
            RouteTariff.Of(from, to, fare.Currency, type).Total(fare.MinorUnits)
            == HouseTariff.Lines("p1", type, fare, from.Code, to.Code).Select(line => line.Amount).Sum(fare.Currency).MinorUnits);

    [Fact]
    public void A_flight_inside_the_United_States_pays_a_percentage_and_three_fixed_charges()
    {
        var lines = HouseTariff.Lines("p1", PassengerType.Adult, Money.Of(200m, "USD"), "JFK", "LAX");

        Assert.Equal(
            [("FARE", 200m), ("YQ", 70m), ("US", 20.25m), ("ZP", 5.30m), ("AY", 5.60m), ("XF", 4.50m)],
            lines.Select(line => (line.Code, line.Amount.Amount)));
        Assert.False(lines.Single(line => line.Code == "US").Refundable);
        Assert.True(lines.Single(line => line.Code == "XF").Refundable);
        Assert.All(lines.Where(line => line.Kind == PriceLineKind.Tax), line => Assert.Equal("US", line.Country));
    }

    [Fact]
    public void A_flight_across_a_border_pays_what_the_country_left_and_the_country_reached_levy()
    {
        var lines = HouseTariff.Lines("p1", PassengerType.Adult, Money.Of(400m, "EUR"), "LHR", "JFK");

        Assert.Equal(["FARE", "YQ", "GB", "UB", "US", "YC", "XY", "XA"], lines.Select(line => line.Code));
        Assert.Equal(116.96m, lines.Single(line => line.Code == "GB").Amount.Amount);
        Assert.Equal(["GB", "GB", "US", "US", "US", "US"], lines.Where(line => line.Kind == PriceLineKind.Tax).Select(line => line.Country));
    }

    [Fact]
    public void A_lap_infant_pays_a_tenth_of_the_fare_and_no_airport_charges()
    {
        var lines = HouseTariff.Lines("p1", PassengerType.Infant, Money.Of(199.99m, "EUR"), "FRA", "CDG");

        Assert.Equal([("FARE", 20.00m)], lines.Select(line => (line.Code, line.Amount.Amount)));
    }

    [Fact]
    public void A_child_pays_three_quarters_of_the_fare_and_is_spared_the_British_duty()
    {
        var lines = HouseTariff.Lines("p1", PassengerType.Child, Money.Of(99.99m, "EUR"), "LHR", "CDG");

        Assert.Equal(74.99m, lines[0].Amount.Amount);
        Assert.DoesNotContain(lines, line => line.Code == "GB");
        Assert.Contains(lines, line => line.Code == "UB");
    }

    [Fact]
    public void A_country_without_an_own_entry_levies_a_total_of_taxes_under_its_own_name()
    {
        var lines = HouseTariff.Lines("p1", PassengerType.Adult, Money.Of(100m, "USD"), "KEF", "OSL");

        Assert.Equal(("XT", "IS"), lines.Where(line => line.Kind == PriceLineKind.Tax).Select(line => (line.Code, line.Country)).Single());
    }

    [Fact]
    public void Every_line_has_the_fares_currency_and_is_more_than_nothing() =>
        Gen.Select(AnyFare, AnyAirport, AnyAirport, Gen.Enum<PassengerType>()).Sample((fare, from, to, type) =>
        {
            var lines = HouseTariff.Lines("p1", type, fare, from.Code, to.Code);

            Assert.Equal(PriceLineKind.BaseFare, lines[0].Kind);
            Assert.All(lines, line => Assert.Equal((fare.Currency, "p1"), (line.Amount.Currency, line.PassengerId)));
            Assert.All(lines.Skip(1), line => Assert.True(line.Amount.MinorUnits > 0));
            Assert.All(lines, line => Assert.Equal(line.Kind == PriceLineKind.Tax, line.Country is not null));
        });

    [Fact]
    public void The_total_of_a_party_is_the_sum_of_its_passengers_lines() =>
        Gen.Select(AnyFare, AnyAirport, AnyAirport, Gen.Int[0, 9], Gen.Int[0, 9], Gen.Int[0, 9]).Sample((fare, from, to, adults, children, infants) =>
        {
            var party = Enumerable.Repeat(PassengerType.Adult, adults)
                .Concat(Enumerable.Repeat(PassengerType.Child, children))
                .Concat(Enumerable.Repeat(PassengerType.Infant, infants));

            var sum = party.SelectMany((type, index) => HouseTariff.Lines($"p{index}", type, fare, from.Code, to.Code)).Select(line => line.Amount).Sum(fare.Currency);

            Assert.Equal(sum, HouseTariff.Total(fare, from.Code, to.Code, adults, children, infants));
        });

    [Fact]
    public void Only_what_comes_with_a_refundable_fare_changes_with_it() =>
        Gen.Select(AnyFare, AnyAirport, AnyAirport).Sample((fare, from, to) =>
        {
            var strict = HouseTariff.Lines("p1", PassengerType.Adult, fare, from.Code, to.Code);
            var flexible = HouseTariff.Lines("p1", PassengerType.Adult, fare, from.Code, to.Code, fareRefundable: true);

            Assert.All(flexible, line => Assert.True(line.Refundable));
            Assert.Equal(strict.Select(line => (line.Code, line.Amount)), flexible.Select(line => (line.Code, line.Amount)));
            Assert.False(strict[0].Refundable);
        });

    [Fact]
    public void Codes_of_taxes_are_two_characters_and_airports_must_be_known()
    {
        foreach (var country in Airports.All.Values.DistinctBy(airport => airport.Country))
        {
            foreach (var other in new[] { "JFK", "SGN", "FRA" })
            {
                Assert.All(
                    HouseTariff.Lines("p1", PassengerType.Adult, Money.Of(10m, "USD"), country.Code, other).Where(line => line.Kind == PriceLineKind.Tax),
                    line => Assert.Matches("^[A-Z][A-Z0-9]$", line.Code));
            }
        }

        Assert.Throws<ArgumentException>(() => HouseTariff.Lines("p1", PassengerType.Adult, Money.Of(10m, "USD"), "QQQ", "JFK"));
    }
}
