using System.Net.Http.Json;
using System.Text.Json;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Pricing;
using Aerona.Search.PriceHistory;
using Aerona.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;
using static Aerona.Search.Tests.SearchService;

namespace Aerona.Search.Tests;

public sealed class PriceHistoryTests
{
    private static readonly DateTime Morning = new(2026, 12, 20, 8, 0, 0);

    private static Money AllIn(decimal fare) => HouseTariff.Total(Money.Of(fare, "USD"), "JFK", "LAX", 1, 0, 0);

    [Fact]
    public async Task A_change_of_the_lowest_price_is_kept_by_the_day_it_was_seen_and_what_changes_nothing_is_not()
    {
        await using var service = await StartAsync();
        await service.PublishAsync(Flight("AA1", "JFK", "LAX", Morning, fare: 200), Flight("AA3", "JFK", "LAX", Morning, fare: 300));
        await ObserveAsync(service);
        service.Clock.AdjustTime(service.Clock.GetUtcNow().AddDays(1));
        await service.ChangeSeatsAsync(new SeatAvailabilityChanged("AA1-20261220", Cabin.Economy, 5, 1));   // cheaper still
        await ObserveAsync(service);
        service.Clock.AdjustTime(service.Clock.GetUtcNow().AddDays(1));
        await service.ChangeSeatsAsync(new SeatAvailabilityChanged("AA1-20261220", Cabin.Economy, 0, 2));
        await ObserveAsync(service);
        await service.PublishAsync(Flight("AA3", "JFK", "LAX", Morning, fare: 250, version: 2));   // the same day: the later one counts
        await ObserveAsync(service);
        service.Clock.AdjustTime(service.Clock.GetUtcNow().AddDays(1));
        await service.PublishAsync(Flight("AA3", "JFK", "LAX", Morning, version: 3, cabins: []));
        await ObserveAsync(service);

        var history = await HistoryAsync(service);

        Assert.Equal(
            [("2026-12-01", AllIn(200)), ("2026-12-03", AllIn(250)), ("2026-12-04", (Money?)null)],
            history.GetProperty("prices").EnumerateArray().Select(one => (one.GetProperty("observedOn").GetString()!, one.GetProperty("price").Deserialize<Money?>())));
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (history.GetProperty("level").ValueKind, history.GetProperty("median").ValueKind));   // too little is known
    }

    [Theory]
    [InlineData(100, "low")]
    [InlineData(250, "usual")]
    [InlineData(400, "high")]
    public async Task Low_usual_and_high_are_told_by_the_quartiles_of_the_route(int fare, string level)
    {
        await using var service = await StartAsync();
        await service.PublishAsync([.. Enumerable.Range(0, 8).Select(day => Flight($"AA{day + 1}", "JFK", "LAX", Morning.AddDays(day - 10), fare: 150 + (day * 25)))]);   // 150 to 325
        await service.PublishAsync(Flight("AA99", "JFK", "LAX", Morning, fare: fare));
        await ObserveAsync(service);

        var history = await HistoryAsync(service);

        var all = Enumerable.Range(0, 8).Select(day => AllIn(150 + (day * 25))).Append(AllIn(fare)).Order().ToList();
        Assert.Equal((level, 9), (history.GetProperty("level").GetString(), history.GetProperty("observations").GetInt32()));
        Assert.Equal([all[2], all[4], all[6]], new[] { "lowerQuartile", "median", "upperQuartile" }.Select(name => history.GetProperty(name).Deserialize<Money>()));
    }

    [Fact]
    public async Task What_was_not_looked_at_before_a_restart_is_looked_at_after_it()
    {
        var folder = Directory.CreateTempSubdirectory("aerona-search-");
        try
        {
            await using (var before = await StartAsync(folder.FullName))
            {
                await before.PublishAsync(Flight("AA1", "JFK", "LAX", Morning, fare: 200));
                await ObserveAsync(before);
                await before.PublishAsync(Flight("AA3", "JFK", "LAX", Morning, fare: 150));   // not looked at any more
            }

            await using var after = await StartAsync(folder.FullName);
            after.Clock.AdjustTime(after.Clock.GetUtcNow().AddDays(1));
            await after.CatchUpAsync();
            await ObserveAsync(after);

            var prices = (await HistoryAsync(after)).GetProperty("prices").EnumerateArray().Select(one => one.GetProperty("price").Deserialize<Money>()).ToList();
            Assert.Equal(AllIn(150), prices[^1]);
            Assert.Equal(prices.Distinct(), prices);   // nothing is written down again
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("?destination=LAX&departsOn=2026-12-20", "request.missing_field", "query:origin")]
    [InlineData("?origin=QQQ&destination=LAX&departsOn=2026-12-20", "place.unknown", "query:origin")]
    [InlineData("?origin=JFK&destination=LAX&departsOn=2026-11-01", "date.in_past", "query:departsOn")]
    public async Task A_wrong_question_names_its_parameter(string query, string code, string pointer)
    {
        await using var service = await StartAsync();

        using var answer = await service.Http.GetAsync("/v1/flight-searches/price-history" + query);

        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((400, code, pointer), ((int)answer.StatusCode, problem.GetProperty("code").GetString(), problem.GetProperty("errors")[0].GetProperty("pointer").GetString()));
    }

    private static Task ObserveAsync(TestService service) => service.Services.GetRequiredService<PriceObserver>().ObserveAsync(CancellationToken.None);

    private static Task<JsonElement> HistoryAsync(TestService service) =>
        service.Http.GetFromJsonAsync<JsonElement>("/v1/flight-searches/price-history?origin=NYC&destination=LAX&departsOn=2026-12-20");
}
