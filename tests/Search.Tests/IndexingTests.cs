using System.Net.Http.Json;
using System.Text.Json;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Search.Indexing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;
using static Aerona.Search.Tests.SearchService;

namespace Aerona.Search.Tests;

public sealed class IndexingTests
{
    private static readonly DateTime Morning = new(2026, 12, 2, 8, 0, 0);

    // One minute after the clock's start: 2026-12-01T00:01Z in New York.
    private static readonly DateTime Evening = new(2026, 11, 30, 19, 1, 0);

    [Fact]
    public async Task A_newer_version_replaces_an_older_one_and_never_the_other_way_round()
    {
        await using var service = await StartAsync();

        await service.PublishAsync(Flight("AA1", "JFK", "LAX", Morning, version: 2));
        await service.PublishAsync(Flight("AA1", "JFK", "LAX", Morning.AddHours(1), version: 1));
        Assert.Equal(Morning, Departure(await service.SearchAsync(Question())));

        await service.PublishAsync(Flight("AA1", "JFK", "LAX", Morning.AddHours(2), version: 3));
        Assert.Equal(Morning.AddHours(2), Departure(await service.SearchAsync(Question())));
    }

    [Fact]
    public async Task An_older_count_of_seats_never_overwrites_a_newer_one()
    {
        await using var service = await StartAsync();
        await service.PublishAsync(Flight("AA1", "JFK", "LAX", Morning));

        await service.ChangeSeatsAsync(new SeatAvailabilityChanged("AA1-20261202", Cabin.Economy, 3, 7), new SeatAvailabilityChanged("AA1-20261202", Cabin.Economy, 8, 6));

        Assert.Equal(3, (await service.SearchAsync(Question())).Flights()[0].GetProperty("seatsLeft").GetInt32());
    }

    [Fact]
    public async Task Seats_heard_of_before_their_flight_count_when_it_comes()
    {
        await using var service = await StartAsync();

        await service.ChangeSeatsAsync(new SeatAvailabilityChanged("AA1-20261202", Cabin.Economy, 2, 1));
        await service.PublishAsync(Flight("AA1", "JFK", "LAX", Morning));

        Assert.Equal(2, (await service.SearchAsync(Question())).Flights()[0].GetProperty("seatsLeft").GetInt32());
    }

    [Fact]
    public async Task A_flight_that_is_too_full_for_the_party_is_not_offered()
    {
        await using var service = await StartAsync();
        await service.PublishAsync(Flight("AA1", "JFK", "LAX", Morning, seats: 3), Flight("AA3", "JFK", "LAX", Morning, seats: 4));

        Assert.Equal(2, (await service.SearchAsync(Question(travellers: new { adults = 2, children = 1, infants = 2 }))).GetProperty("total").GetInt32());
        Assert.Equal(["AA3-20261202"], (await service.SearchAsync(Question(travellers: new { adults = 3, children = 1 }))).Ids());
    }

    [Fact]
    public async Task A_flight_that_has_left_is_not_offered()
    {
        await using var service = await StartAsync();
        await service.PublishAsync(Flight("AA1", "JFK", "LAX", Evening), Flight("AA3", "JFK", "LAX", Evening.AddMinutes(5)));

        service.Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(["AA3-20261130"], (await service.SearchAsync(Question(departsOn: "2026-11-30"))).Ids());
    }

    [Fact]
    public async Task Pages_have_no_gap_and_no_repeat_while_flights_come_and_go()
    {
        await using var service = await StartAsync();
        await service.PublishAsync([.. Enumerable.Range(1, 20).Select(i => Flight($"AA{i}", "JFK", "LAX", Morning.AddMinutes(i), fare: 100 + 10 * i))]);

        var first = await service.SearchAsync(Question(limit: 8));
        await service.PublishAsync(Flight("DL1", "JFK", "LAX", Morning, fare: 50), Flight("DL2", "JFK", "LAX", Morning, fare: 1_000));
        await service.ChangeSeatsAsync(new SeatAvailabilityChanged("AA3-20261202", Cabin.Economy, 0, 1), new SeatAvailabilityChanged("AA15-20261202", Cabin.Economy, 0, 1));
        var second = await service.SearchAsync(Question(limit: 200, cursor: first.GetProperty("nextCursor").GetString()));

        // The later page goes on with what the first one counted, and says what is not so any more.
        Assert.Equal([.. Enumerable.Range(1, 20).Select(i => $"AA{i}-20261202")], [.. first.Ids(), .. second.Ids()]);
        Assert.Equal(
            ["AA15-20261202"],
            second.GetProperty("trips").EnumerateArray().Where(trip => trip.GetProperty("price").GetProperty("hasChanged").GetBoolean()).Select(trip => trip.GetProperty("id").GetString()));
        Assert.Null(second.GetProperty("nextCursor").GetString());
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]   // the index was lost
    [InlineData(false, true)]   // the index cannot be read
    public async Task After_a_restart_everything_is_found_again(bool isLost, bool isTorn)
    {
        var folder = Directory.CreateTempSubdirectory("aerona-search-");
        var index = Path.Combine(folder.FullName, "search-index");
        try
        {
            await using (var before = await StartAsync(folder.FullName))
            {
                await before.PublishAsync(Flight("AA1", "JFK", "LAX", Morning), Flight("AA3", "JFK", "LAX", Morning.AddHours(1)));
                await before.ChangeSeatsAsync(new SeatAvailabilityChanged("AA1-20261202", Cabin.Economy, 4, 1));
            }

            if (isLost)
            {
                Directory.Delete(index, recursive: true);
            }

            if (isTorn)
            {
                foreach (var file in Directory.GetFiles(index, "segments*"))
                {
                    await File.WriteAllBytesAsync(file, [1, 2, 3], TestContext.Current.CancellationToken);
                }
            }

            await using var after = await StartAsync(folder.FullName);
            await after.CatchUpAsync();
            var listed = await after.Http.GetFromJsonAsync<JsonElement>("/v1/flights?origin=JFK&departsOn=2026-12-02", TestContext.Current.CancellationToken);
            Assert.Equal(2, listed.GetProperty("total").GetInt32());
            await after.PublishAsync(Flight("AA5", "JFK", "LAX", Morning.AddHours(2)));

            var found = await after.SearchAsync(Question(sort: "departure"));
            Assert.Equal(["AA1-20261202", "AA3-20261202", "AA5-20261202"], found.Ids());
            Assert.Equal(4, found.Flights()[0].GetProperty("seatsLeft").GetInt32());
            Assert.Equal("date.beyond_horizon", (await after.RefusedAsync(Question(departsOn: "2026-12-03"))).Code);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task An_index_made_from_another_table_is_made_anew()
    {
        var folder = Directory.CreateTempSubdirectory("aerona-search-");
        try
        {
            await using (var before = await StartAsync(folder.FullName))
            {
                await before.PublishAsync(Flight("AA1", "JFK", "LAX", Morning));
            }

            foreach (var file in Directory.GetFiles(folder.FullName, "search.db*"))
            {
                File.Delete(file);
            }

            await using var after = await StartAsync(folder.FullName);
            await after.PublishAsync(Flight("DL1", "JFK", "LAX", Morning), Flight("DL2", "JFK", "LAX", Morning));

            Assert.Equal(["DL1-20261202", "DL2-20261202"], (await after.SearchAsync(Question())).Ids());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Availability_shows_nine_for_nine_and_more_and_none_once_it_has_left()
    {
        await using var service = await StartAsync();
        await service.PublishAsync(Flight("AA1", "JFK", "LAX", Evening, cabins:
        [
            new(Cabin.Economy, 150, "M", Money.Of(200, "USD")), new(Cabin.Business, 16, "J", Money.Of(600, "USD")),
        ]));
        await service.ChangeSeatsAsync(new SeatAvailabilityChanged("AA1-20261130", Cabin.Business, 2, 1));

        var now = await service.Http.GetFromJsonAsync<JsonElement>("/v1/flights/AA1-20261130/availability");
        service.Clock.Advance(TimeSpan.FromMinutes(1));
        var later = await service.Http.GetFromJsonAsync<JsonElement>("/v1/flights/AA1-20261130/availability");
        using var unknown = await service.Http.GetAsync("/v1/flights/ZZ9-20261202/availability");

        Assert.Equal([9, 2], now.GetProperty("cabins").EnumerateArray().Select(cabin => cabin.GetProperty("seatsLeft").GetInt32()));
        Assert.True(later.GetProperty("departed").GetBoolean());
        Assert.Equal([0, 0], later.GetProperty("cabins").EnumerateArray().Select(cabin => cabin.GetProperty("seatsLeft").GetInt32()));
        Assert.Equal("flight.not_found", (await unknown.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());
    }

    private static DateTime Departure(JsonElement page)
    {
        Assert.Equal(1, page.GetProperty("total").GetInt32());
        return page.Flights()[0].GetProperty("departure").GetProperty("local").GetDateTime();
    }
}
