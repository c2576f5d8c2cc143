using Aerona.Contracts;
using Aerona.Reference;
using Xunit;

namespace Aerona.Operations.Tests;

public sealed class FlightRulesTests
{
    private static readonly Airport NewYork = Airports.All["JFK"];

    private static readonly Airport London = Airports.All["LHR"];

    [Fact]
    public void A_departure_in_the_hour_that_daylight_saving_leaves_out_is_moved_on()
    {
        // 2027-03-14 02:00 → 03:00 in New York.
        var flight = DatedFlight.New(
            new("AA", 1), NewYork, London, new(2027, 3, 14, 2, 30, 0), TimeSpan.FromHours(7), AircraftTypes.All["772"], []);

        Assert.Equal(new DateTime(2027, 3, 14, 3, 30, 0), flight.DepartsLocal);
        Assert.Equal(new DateTimeOffset(2027, 3, 14, 7, 30, 0, TimeSpan.Zero), flight.DepartsAt);
        Assert.Equal("AA1-20270314", flight.Id);
        Assert.Equal(new DateTime(2027, 3, 14, 14, 30, 0), flight.ArrivesLocal);   // London is still on winter time
    }

    [Fact]
    public void A_departure_in_the_hour_that_comes_twice_means_the_first()
    {
        // 2026-11-01 01:30 comes twice in New York.
        var (local, at) = FlightRules.Moment(new(2026, 11, 1, 1, 30, 0), NewYork.TimeZone);

        Assert.Equal(new DateTime(2026, 11, 1, 1, 30, 0), local);
        Assert.Equal(new DateTimeOffset(2026, 11, 1, 5, 30, 0, TimeSpan.Zero), at);
    }

    [Fact]
    public void Lord_Howe_moves_its_clock_by_half_an_hour()
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Australia/Lord_Howe");

        Assert.Equal(new DateTime(2026, 10, 4, 2, 45, 0), FlightRules.Moment(new(2026, 10, 4, 2, 15, 0), zone).Local);
    }

    [Fact]
    public void A_flight_over_the_date_line_arrives_on_the_day_before()
    {
        var flight = DatedFlight.New(
            new("NZ", 2), Airports.All["AKL"], Airports.All["PPT"], new(2026, 12, 5, 9, 0, 0), TimeSpan.FromHours(6), AircraftTypes.All["789"], []);

        Assert.Equal(new DateTime(2026, 12, 4, 16, 0, 0), flight.ArrivesLocal);
        Assert.Equal(TimeSpan.FromHours(6), flight.ArrivesAt - flight.DepartsAt);
    }

    [Theory]
    [InlineData("JFK", "LHR", "USD")]
    [InlineData("LHR", "JFK", "USD")]
    [InlineData("HNL", "HND", "USD")]
    [InlineData("LHR", "SIN", "EUR")]
    [InlineData("CDG", "HAN", "EUR")]
    [InlineData("HAN", "SGN", "USD")]
    public void A_route_is_priced_in_one_currency_both_ways(string from, string to, string currency)
    {
        Assert.Equal(currency, FlightRules.Currency(Airports.All[from], Airports.All[to]));
        Assert.Equal(currency, FlightRules.Currency(Airports.All[to], Airports.All[from]));
    }

    [Fact]
    public void A_small_cabin_is_sold_as_built() =>
        Assert.Equal(50, Assert.Single(FlightRules.Cabins(AircraftTypes.All["ER4"], 400, "USD", 1), cabin => cabin.Cabin == Cabin.Economy).Authorised);

    [Fact]
    public void Block_time_is_forty_minutes_and_a_minute_for_every_thirteen_kilometres() =>
        Assert.Equal(TimeSpan.FromMinutes(140), FlightRules.BlockTime(1_300));
}
