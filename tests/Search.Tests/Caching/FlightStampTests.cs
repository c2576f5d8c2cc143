using Aerona.Contracts;
using Aerona.Search.Caching;
using Aerona.Search.Connections;
using Aerona.Search.SearchFlights;
using Aerona.Search.Timetables;
using Xunit;
using static Aerona.Search.Tests.SearchService;

namespace Aerona.Search.Tests.Caching;

public sealed class FlightStampTests
{
    private static readonly string[] Towns = ["JFK", "EWR", "BOS", "ORD", "LHR", "LGW", "CDG"];

    private static readonly DateTimeOffset Now = new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly IReadOnlyDictionary<Cabin, int> All = new Dictionary<Cabin, int>();

    /// <summary>Whatever changes in an answer has changed the stamp: what was kept under it is not shown any more.</summary>
    [Fact]
    public void No_change_of_an_answer_leaves_the_stamp_as_it_was()
    {
        var (changed, same) = (0, 0);
        for (var seed = 0; seed < 150; seed++)
        {
            var random = new Random(seed);
            var timetable = new Timetable();
            var world = Enumerable.Range(1, 60).Select(number => Any(random, number)).ToList();
            timetable.Put(world.ConvertAll(flight => DatedFlight.Of(flight, All)!));
            var request = new FlightSearchRequest(
                new(1), "NYC", "LON", new(2026, 12, 10), random.Next(2) == 0 ? new DateOnly(2026, 12, 12) : null, MaxStops: random.Next(3), IncludeDominated: true, Limit: 200, Currency: "USD");
            var (answer, stamp) = Find(timetable, request);

            var victim = world[random.Next(world.Count)];
            timetable.Put([DatedFlight.Of(
                random.Next(3) switch
                {
                    0 => victim with { DepartsLocal = victim.DepartsLocal.AddMinutes(30), DepartsAt = victim.DepartsAt.AddMinutes(30) },
                    1 => victim with { Cabins = [victim.Cabins[0] with { Fare = Money.Of(1, "USD") }] },
                    _ => victim,
                }, random.Next(2) == 0 ? All : new Dictionary<Cabin, int> { [Cabin.Economy] = random.Next(3) })!]);
            var (after, other) = Find(timetable, request);

            Assert.False(answer != after && stamp == other, $"seed {seed}: the answer changed and the stamp did not");
            _ = stamp == other ? same++ : changed++;
        }

        Assert.True(changed > 20 && same > 20, $"{changed} changed, {same} did not");
    }

    [Fact]
    public void It_is_the_same_whatever_the_order_in_which_flights_came()
    {
        var random = new Random(7);
        var world = Enumerable.Range(1, 80).Select(number => DatedFlight.Of(Any(random, number), All)!).ToArray();
        var (one, two) = (new Timetable(), new Timetable());
        one.Put(world);
        random.Shuffle(world);
        foreach (var some in world.Chunk(3))
        {
            two.Put(some);
            two.Put(some);   // heard of twice
        }

        var request = new FlightSearchRequest(new(1), "NYC", "LON", new(2026, 12, 10), MaxStops: 2, Currency: "USD");
        Assert.Equal(Find(one, request).Stamp, Find(two, request).Stamp);
    }

    [Theory]
    [InlineData("2026-12-01", 1)]
    [InlineData("2026-12-08", 5)]
    [InlineData("2026-12-31", 15)]
    [InlineData("2027-06-01", 30)]
    public void Entries_live_the_shorter_the_sooner_one_leaves_and_do_not_all_end_at_once(string day, int minutes)
    {
        var lifetime = Lifetimes.Of(DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture), Now);
        Assert.Equal(TimeSpan.FromMinutes(minutes), lifetime);

        var ends = Enumerable.Range(1, 200).Select(key => Lifetimes.Period(FlightDigest.Mix(0, (ulong)key), lifetime, Now).Ends - Now).ToList();
        Assert.All(ends, left => Assert.InRange(left, TimeSpan.FromTicks(1), lifetime));
        Assert.All(Enumerable.Range(0, 4), quarter => Assert.Contains(ends, left => left > lifetime * quarter / 4 && left <= lifetime * (quarter + 1) / 4));
        Assert.Equal(ends[3], Lifetimes.Period(FlightDigest.Mix(0, 4), lifetime, Now).Ends - Now);   // the same key, the same moment
        Assert.Equal(
            Lifetimes.Period(FlightDigest.Mix(0, 4), lifetime, Now).Number + 1, Lifetimes.Period(FlightDigest.Mix(0, 4), lifetime, Now + ends[3]).Number);
    }

    private static (string Answer, ulong Stamp) Find(Timetable timetable, FlightSearchRequest request)
    {
        Assert.Null(new TripSearch(timetable, ConnectionRules.Shipped).Find(request, Now, out var view));
        return (System.Text.Json.JsonSerializer.Serialize(view), FlightStamp.Of(timetable, request.AllLegs.Select(leg => TripSearch.Plan(leg, request.MaxStops))));
    }

    private static Contracts.Operations.PublishedFlight Any(Random random, int number)
    {
        var from = Towns[random.Next(Towns.Length)];
        var to = Towns.Where(town => town != from).ElementAt(random.Next(Towns.Length - 1));
        return Flight($"AA{number}", from, to, new DateTime(2026, 12, 9).AddMinutes(random.Next(6 * 24 * 60)), random.Next(60, 500), fare: random.Next(50, 900), seats: random.Next(1, 30));
    }
}
