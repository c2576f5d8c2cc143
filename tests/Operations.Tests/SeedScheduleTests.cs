using Aerona.Contracts;
using Aerona.Contracts.Operations;
using Aerona.Operations.World;
using Aerona.Reference;
using Xunit;

namespace Aerona.Operations.Tests;

public sealed class SeedScheduleTests
{
    private static readonly DateOnly Monday = new(2026, 12, 7);

    private readonly SeedSchedule schedule = new(1);

    [Fact]
    public void Thirty_days_have_at_least_twenty_thousand_flights() =>
        Assert.InRange(Enumerable.Range(0, 30).Sum(day => schedule.CountOn(Monday.AddDays(day))), 20_000, 60_000);

    [Fact]
    public void The_same_seed_makes_the_same_world_and_another_seed_another()
    {
        static string Told(long seed) => System.Text.Json.JsonSerializer.Serialize(new SeedSchedule(seed).On(Monday).Select(flight => flight.Published()));

        Assert.Equal(Told(7), Told(7));
        Assert.NotEqual(Told(7), Told(8));
    }

    [Fact]
    public void No_designator_flies_twice_on_a_local_date()
    {
        var ids = Enumerable.Range(0, 31).SelectMany(day => schedule.On(Monday.AddDays(day))).Select(flight => flight.Id).ToList();

        Assert.Equal(ids.Count, ids.Distinct().Count());
    }

    [Fact]
    public void A_day_can_be_taken_up_anywhere() =>
        Assert.Equal(schedule.On(Monday).Skip(100).Select(flight => flight.Id), schedule.On(Monday, skip: 100).Select(flight => flight.Id));

    [Fact]
    public void A_day_counts_as_many_flights_as_it_has() =>
        Assert.All(Enumerable.Range(0, 7), day => Assert.Equal(schedule.On(Monday.AddDays(day)).Count(), schedule.CountOn(Monday.AddDays(day))));

    [Fact]
    public void Every_flight_is_one_that_could_be_flown() =>
        Assert.All(schedule.On(Monday), flight =>
        {
            var (origin, destination, aircraft) = (Airports.All[flight.Origin], Airports.All[flight.Destination], AircraftTypes.All[flight.Aircraft]);
            var kilometres = Airports.KilometresBetween(origin, destination);
            Assert.InRange(kilometres, 50, aircraft.RangeKilometres);
            Assert.Contains(flight.Carrier, Carriers.All);
            Assert.InRange(flight.Number, 1, SeedSchedule.NumbersBelow - 1);
            Assert.Equal(flight.DepartsLocal, TimeZoneInfo.ConvertTime(flight.DepartsAt, origin.TimeZone).DateTime);
            Assert.Equal(flight.ArrivesLocal, TimeZoneInfo.ConvertTime(flight.ArrivesAt, destination.TimeZone).DateTime);
            Assert.Equal(DateTimeKind.Unspecified, flight.DepartsLocal.Kind);
            Assert.Equal(DateTimeKind.Unspecified, flight.ArrivesLocal.Kind);
            Assert.Equal(flight.DepartsOn, DateOnly.FromDateTime(flight.DepartsLocal));
            Assert.InRange((flight.ArrivesAt - flight.DepartsAt).TotalMinutes, 40 + kilometres / 13, 45 + kilometres / 13);
            Assert.InRange(flight.DepartsLocal.Hour, 6, 23);
        });

    [Fact]
    public void Fares_are_in_euros_or_dollars_and_rise_from_cabin_to_cabin() =>
        Assert.All(schedule.On(Monday), flight =>
        {
            var kilometres = Airports.KilometresBetween(Airports.All[flight.Origin], Airports.All[flight.Destination]);
            Assert.Single(flight.Cabins.Select(cabin => cabin.Fare.Currency).Distinct(), currency => currency is "EUR" or "USD");
            Assert.Equal(flight.Cabins.OrderBy(cabin => cabin.Cabin), flight.Cabins);
            Assert.Equal(flight.Cabins.OrderBy(cabin => cabin.Fare.MinorUnits), flight.Cabins);
            Assert.Equal(Cabin.Economy, flight.Cabins[0].Cabin);
            Assert.InRange(flight.Cabins[0].Fare.Amount, 20m, 1_500m);
            Assert.InRange((double)flight.Cabins[0].Fare.Amount / kilometres, 0.015, 0.6);
        });

    [Fact]
    public void Every_cabin_of_the_aircraft_is_on_sale_and_overbooked_a_little_at_most() =>
        Assert.All(schedule.On(Monday), flight =>
        {
            var aircraft = AircraftTypes.All[flight.Aircraft];
            int Built(Cabin cabin) => cabin switch
            {
                Cabin.First => aircraft.First,
                Cabin.Business => aircraft.Business,
                Cabin.PremiumEconomy => aircraft.PremiumEconomy,
                _ => aircraft.Economy,
            };
            Assert.Equal(Enum.GetValues<Cabin>().Where(cabin => Built(cabin) > 0), flight.Cabins.Select(cabin => cabin.Cabin));
            Assert.All(flight.Cabins, cabin => Assert.InRange(cabin.Authorised, Built(cabin.Cabin), Built(cabin.Cabin) * 1.03));
        });

    [Fact]
    public void Every_route_is_flown_both_ways()
    {
        var flown = schedule.Flights.Select(flight => (flight.Origin.Code, flight.Destination.Code)).ToHashSet();

        Assert.All(Routes.All, route => Assert.True(flown.Contains((route.From, route.To)) && flown.Contains((route.To, route.From))));
        Assert.Equal(2 * Routes.All.Length, flown.Count);   // no pair stands in the table twice
    }
}
