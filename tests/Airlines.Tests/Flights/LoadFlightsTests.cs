using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Operations;
using CsCheck;
using Microsoft.EntityFrameworkCore;

namespace Aerona.Airlines.Tests.Flights;

public sealed class LoadFlightsTests
{
    [Fact]
    public async Task A_published_flight_is_kept_as_it_was_said()
    {
        await using var house = await House.OpenAsync();
        var flight = House.Flight(55) with { Flight = new("AA", 55, 'B'), OperatingCarrier = "BA", FlightId = "AA55B-20261205" };

        await house.PublishAsync(flight);

        var kept = await house.QueryAsync(db => db.Flights.SingleAsync());
        Assert.Equal(
            (flight.FlightId, flight.Version, flight.Flight, flight.OperatingCarrier, flight.Origin, flight.Destination, flight.Aircraft),
            (kept.FlightId, kept.Version, kept.Flight, kept.OperatingCarrier, kept.Origin, kept.Destination, kept.Aircraft));
        Assert.Equal((flight.DepartsLocal, flight.DepartsAt, flight.ArrivesLocal, flight.ArrivesAt), (kept.DepartsLocal, kept.DepartsAt, kept.ArrivesLocal, kept.ArrivesAt));
        Assert.Equal(House.Day, kept.DepartsOn);
        Assert.Equal(flight.Cabins, kept.Cabins);
    }

    [Fact]
    public async Task The_highest_version_wins_in_whatever_order_versions_come()
    {
        await using var house = await House.OpenAsync();
        var number = 0;

        await Gen.Shuffle(Enumerable.Range(1, 5).ToArray()).SampleAsync(
            async versions =>
            {
                var id = Interlocked.Increment(ref number);
                foreach (var version in versions.SkipLast(2))
                {
                    await house.PublishAsync(House.Flight(id, fare: 100m + version, version: version));
                }

                await house.PublishAsync([.. versions.TakeLast(2).Select(version => House.Flight(id, fare: 100m + version, version: version))]);

                var kept = await house.QueryAsync(db => db.Flights.SingleAsync(flight => flight.FlightId == House.Flight(id).FlightId));
                Assert.Equal((5L, 105m), (kept.Version, kept.Find(Cabin.Economy)!.Fare.Amount));
            },
            iter: 20, threads: 1);
    }

    [Fact]
    public async Task A_message_of_five_hundred_flights_is_loaded_whole()
    {
        await using var house = await House.OpenAsync();

        await house.PublishAsync([.. Enumerable.Range(1, 500).Select(number => House.Flight(number))]);

        Assert.Equal(500, await house.QueryAsync(db => db.Flights.CountAsync()));
    }

    [Fact]
    public async Task A_new_authorisation_moves_what_is_left_of_an_open_cabin_and_never_below_nothing()
    {
        await using var house = await House.OpenAsync();
        var flight = House.Flight(1, seats: 5);
        await house.PublishAsync(flight, House.Flight(2));
        await house.HoldAsync(await house.OfferAsync(3, 0, flight));

        await house.PublishAsync(House.Flight(1, seats: 9, version: 2), House.Flight(2, seats: 9, version: 2));
        await house.PublishAsync(House.Flight(1, seats: 2, version: 3));
        await house.PublishAsync(House.Flight(1, seats: 7, version: 2));

        var moves = await house.Service.Published<SeatAvailabilityChanged>();
        Assert.Equal([2, 6, 0], moves.Select(move => move.Left));
        Assert.Equal(moves.Select(move => move.Version).Order().Distinct(), moves.Select(move => move.Version));
        Assert.All(moves, move => Assert.Equal((flight.FlightId, Cabin.Economy), (move.FlightId, move.Cabin)));
        Assert.Equal((2, 3), ((await house.CountAsync(flight))!.Authorised, (await house.CountAsync(flight))!.Occupied));
    }
}
