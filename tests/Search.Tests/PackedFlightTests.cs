using System.Text;
using System.Text.Json;
using Aerona.Contracts;
using Aerona.Contracts.Operations;
using Aerona.Search.Indexing;
using CsCheck;
using Xunit;

namespace Aerona.Search.Tests;

public sealed class PackedFlightTests
{
    private static readonly Gen<PublishedFlight> Flight = Gen.Select(
        Gen.Int[1, 9_999], Gen.OneOf(Gen.Const((char?)null), Gen.Const((char?)'A'), Gen.Const((char?)'Z')), Gen.Int[0, 40_000_000], Gen.Int[-48, 56], Gen.Int[60, 90_000], Gen.OneOf(Gen.Const((string?)null), Gen.Const((string?)"zz"), Gen.Const((string?)"Überland")), Gen.Bool.Array[4], Gen.Long[1, long.MaxValue])
        .Select((number, suffix, second, offset, block, supplier, sold, version) =>
        {
            var departs = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(second);
            var (local, arrives) = (departs.UtcDateTime.AddMinutes(15 * offset), departs.AddSeconds(block));
            var flight = new FlightDesignator("U2", number, suffix);
            return new PublishedFlight(
                flight.OnDate(DateOnly.FromDateTime(local)), version, flight, "VN", "SGN", "CDG", DateTime.SpecifyKind(local, DateTimeKind.Unspecified), departs,
                DateTime.SpecifyKind(arrives.UtcDateTime.AddMinutes(-15 * offset), DateTimeKind.Unspecified), arrives, "A321N",
                [.. Enum.GetValues<Cabin>().Where(cabin => sold[(int)cabin]).Select(cabin => new PublishedCabin(cabin, number, "YWJF"[(int)cabin].ToString(), new(block, "VND")))], supplier);
        });

    [Fact]
    public void A_flight_is_unpacked_as_it_was_packed_and_read_from_JSON_as_all_once_were() => Flight.Sample(flight =>
    {
        foreach (var packed in new[] { PackedFlight.Write(flight), Encoding.UTF8.GetBytes(JsonSerializer.Serialize(flight, JsonSerializerOptions.Web)) })
        {
            var read = PackedFlight.Read(packed);

            Assert.Equal(flight.Cabins, read.Cabins);
            Assert.Equal(flight, read with { Cabins = flight.Cabins });
        }
    });

    [Fact]
    public void Bytes_that_are_no_flight_are_refused_wherever_they_end() => Flight.Sample(flight =>
    {
        var whole = PackedFlight.Write(flight);

        Assert.Throws<InvalidDataException>(() => PackedFlight.Read([2, .. whole[1..]]));
        for (var length = 0; length < whole.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => PackedFlight.Read(whole.AsSpan(0, length)));
        }
    }, iter: 10);
}
