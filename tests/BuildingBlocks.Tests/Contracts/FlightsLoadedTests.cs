using System.Text.Json;
using Aerona.Contracts;
using Aerona.Contracts.Operations;
using CsCheck;

namespace Aerona.BuildingBlocks.Tests.Contracts;

public sealed class FlightsLoadedTests
{
    private static readonly Gen<PublishedCabin[]> Cabins = Gen.Select(Gen.Bool.Array[4], Gen.Int[0, 900], Gen.Long[1, 10_000_000], Gen.OneOf(Gen.Const("EUR"), Gen.Const("USD"), Gen.Const("VND")))
        .Select((sold, seats, fare, currency) => Enum.GetValues<Cabin>().Where(cabin => sold[(int)cabin])
            .Select(cabin => new PublishedCabin(cabin, seats, "YWJF"[(int)cabin].ToString(), new(fare + (int)cabin, currency))).ToArray());

    private static readonly Gen<PublishedFlight> Flight = Gen.Select(
        Gen.OneOf(Gen.Const("VN"), Gen.Const("U2"), Gen.Const("9W")), Gen.Int[1, 9_999], Gen.Int[0, 2_000_000], Gen.Int[-48, 56], Gen.Int[15, 1_200], Gen.Int[-48, 56], Cabins, Gen.Long[1, long.MaxValue])
        .Select((carrier, number, minute, from, block, to, cabins, version) =>
        {
            var departs = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(minute);
            var (local, arrives) = (departs.UtcDateTime.AddMinutes(15 * from), departs.AddMinutes(block));
            var flight = new FlightDesignator(carrier, number);
            return new PublishedFlight(
                flight.OnDate(DateOnly.FromDateTime(local)), version, flight, "VN", "SGN", "CDG", DateTime.SpecifyKind(local, DateTimeKind.Unspecified), departs,
                DateTime.SpecifyKind(arrives.UtcDateTime.AddMinutes(15 * to), DateTimeKind.Unspecified), arrives, "789", cabins);
        });

    [Fact]
    public void Flights_come_out_of_the_columns_as_they_went_in() => Flight.List[0, 30].Sample(flights =>
    {
        var sent = JsonSerializer.Deserialize<FlightsLoaded>(JsonSerializer.Serialize(FlightsLoaded.Of(flights), JsonSerializerOptions.Web), JsonSerializerOptions.Web)!;

        Assert.Equal(flights.Count, sent.Count);
        Assert.Equal(flights.Select(flight => flight.Cabins), sent.Flights().Select(flight => flight.Cabins));
        Assert.Equal(flights, sent.Flights().Select((flight, at) => flight with { Cabins = flights[at].Cabins }));   // lists are equal to themselves only
    });

    [Fact]
    public void A_flight_that_does_not_fit_into_the_columns_is_refused() => Flight.Sample(fits =>
    {
        foreach (var odd in new[]
        {
            fits with { Supplier = "zz" }, fits with { Aircraft = "A321N" }, fits with { Flight = fits.Flight with { Suffix = 'A' } }, fits with { FlightId = "VN1-20200101" },
            fits with { ArrivesAt = fits.ArrivesAt.AddSeconds(1) },
        })
        {
            Assert.Throws<ArgumentException>(() => FlightsLoaded.Of([odd]));
        }

        Assert.ThrowsAny<ArgumentException>(() => FlightsLoaded.Of([.. Enumerable.Repeat(fits, FlightsLoaded.Most + 1)]));
    }, iter: 10);
}
