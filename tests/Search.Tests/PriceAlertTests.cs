using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Aerona.Contracts;
using Aerona.Contracts.Notifications;
using Aerona.Contracts.Users;
using Aerona.Hosting;
using Aerona.Pricing;
using Aerona.Search.PriceAlerts;
using Aerona.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;
using static Aerona.Search.Tests.SearchService;

namespace Aerona.Search.Tests;

public sealed class PriceAlertTests
{
    private static readonly DateTime Morning = new(2026, 12, 20, 8, 0, 0);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static string Ann { get; } = "0198c5f2-6d0e-7f5e-9a55-3c1d2b4f6a71";

    private static Money AllIn(decimal fare) => HouseTariff.Total(Money.Of(fare, "USD"), "JFK", "LAX", 1, 0, 0);

    [Fact]
    public async Task Below_the_limit_one_mail_is_asked_for_a_day_and_the_next_one_only_when_it_is_cheaper_still_or_was_dear_again()
    {
        await using var service = await StartAsync();
        var ann = SignedIn(service, Ann);
        await SellAsync(service, 300, 1);
        await AddAsync(ann, new { below = new { amount = AllIn(250).Amount.ToString("F2", System.Globalization.CultureInfo.InvariantCulture), currency = "USD" } });

        await LookAsync(service);
        Assert.Empty(await service.Published<SendPriceAlert>());
        await SellAsync(service, 250, 2);   // at the limit, not below it
        await LookAsync(service);
        Assert.Empty(await service.Published<SendPriceAlert>());
        await SellAsync(service, 240, 3);
        await LookAsync(service);
        await LookAsync(service);
        await SellAsync(service, 200, 4);   // cheaper, but the same day
        await LookAsync(service);

        var first = Assert.Single(await service.Published<SendPriceAlert>());
        Assert.Equal((new DateOnly(2026, 12, 1), "ann@example.org", AllIn(240), (Money?)AllIn(300)), (first.On, first.Email, first.Price, first.Was));
        Assert.Equal([new AlertLeg("JFK", "LAX", new(2026, 12, 20))], first.Legs);

        await NextDayAsync(service);
        await LookAsync(service);   // told 240, costs 200
        await NextDayAsync(service);
        await LookAsync(service);   // nothing new
        Assert.Equal([AllIn(240), AllIn(200)], (await service.Published<SendPriceAlert>()).Select(mail => mail.Price));

        await SellAsync(service, 400, 5);
        await LookAsync(service);
        await SellAsync(service, 245, 6);   // dearer than told, but it was high in between
        await LookAsync(service);
        Assert.Equal([AllIn(240), AllIn(200), AllIn(245)], (await service.Published<SendPriceAlert>()).Select(mail => mail.Price));
    }

    [Fact]
    public async Task By_a_percentage_of_the_price_when_it_began_and_what_is_sold_out_is_no_news()
    {
        await using var service = await StartAsync();
        await SellAsync(service, 300, 1);
        await AddAsync(SignedIn(service, Ann), new { dropPercent = 30 });

        await SellAsync(service, 250, 2);
        await LookAsync(service);
        await service.PublishAsync(Flight("AA1", "JFK", "LAX", Morning, version: 3, cabins: []));
        await LookAsync(service);
        Assert.Empty(await service.Published<SendPriceAlert>());
        await SellAsync(service, 180, 4);
        await LookAsync(service);

        Assert.Equal(AllIn(180), Assert.Single(await service.Published<SendPriceAlert>()).Price);
        Assert.True(100 * AllIn(180).Amount <= 70 * AllIn(300).Amount && 100 * AllIn(250).Amount > 70 * AllIn(300).Amount);
    }

    [Fact]
    public async Task The_link_in_the_mail_ends_it_by_one_post_and_opening_it_ends_nothing()
    {
        await using var service = await StartAsync();
        var ann = SignedIn(service, Ann);
        await SellAsync(service, 300, 1);
        var id = await AddAsync(ann, new { dropPercent = 10 });
        await SellAsync(service, 100, 2);
        await LookAsync(service);
        var end = Assert.Single(await service.Published<SendPriceAlert>()).EndPath;

        Assert.Contains("<button>", await service.Http.GetStringAsync(end), StringComparison.Ordinal);
        Assert.Equal("watching", (await ann.GetFromJsonAsync<JsonElement>($"/v1/price-alerts/{id}")).GetProperty("state").GetString());
        using var ended = await service.Http.PostAsync(end, new FormUrlEncodedContent([new("List-Unsubscribe", "One-Click")]));
        Assert.Equal(HttpStatusCode.OK, ended.StatusCode);
        Assert.Equal("ended", (await ann.GetFromJsonAsync<JsonElement>($"/v1/price-alerts/{id}")).GetProperty("state").GetString());

        await NextDayAsync(service);
        await SellAsync(service, 50, 3);
        await LookAsync(service);
        Assert.Single(await service.Published<SendPriceAlert>());
        Assert.Equal(HttpStatusCode.NotFound, (await service.Http.GetAsync("/price-alerts/no-such-code")).StatusCode);
    }

    [Fact]
    public async Task When_the_day_is_over_so_is_the_alert()
    {
        await using var service = await StartAsync();
        var ann = SignedIn(service, Ann);
        await SellAsync(service, 300, 1);
        var id = await AddAsync(ann, new { dropPercent = 10 });

        service.Clock.AdjustTime(new(2026, 12, 22, 0, 0, 0, TimeSpan.Zero));
        await service.Services.GetRequiredService<PriceAlertWatch>().LookAsync(CancellationToken.None);

        // The token is over too by now: a new one.
        Assert.Equal("over", (await SignedIn(service, Ann).GetFromJsonAsync<JsonElement>($"/v1/price-alerts/{id}")).GetProperty("state").GetString());
    }

    [Fact]
    public async Task What_somebody_saved_is_nobody_elses_and_a_guest_has_a_key_that_is_kept_as_a_hash()
    {
        await using var service = await StartAsync();
        await SellAsync(service, 300, 1);
        var key = (await (await PostAsync(service.Http, "/v1/search-keys", new { })).Content.ReadFromJsonAsync<JsonElement>()).GetProperty("key").GetString()!;
        var (guest, ann, bob) = (new HttpClient { BaseAddress = service.Http.BaseAddress }, SignedIn(service, Ann), SignedIn(service, "bob"));
        guest.DefaultRequestHeaders.Add("Search-Key", key);

        var saved = await SaveAsync(guest);
        var alert = await AddAsync(guest, new { dropPercent = 10 }, saved);
        Assert.Equal(HttpStatusCode.OK, (await guest.GetAsync($"/v1/saved-searches/{saved}")).StatusCode);
        foreach (var other in new[] { ann, bob })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await other.GetAsync($"/v1/saved-searches/{saved}")).StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await other.GetAsync($"/v1/price-alerts/{alert}")).StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await DeleteAsync(other, $"/v1/saved-searches/{saved}")).StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await DeleteAsync(other, $"/v1/price-alerts/{alert}")).StatusCode);
            Assert.Empty(await ItemsAsync(other, "/v1/saved-searches"));
            Assert.Equal(("saved_search.unknown", 400), await RefusedAsync(other, "/v1/price-alerts", new { savedSearchId = saved, email = "x@example.org", dropPercent = 5 }));
        }

        Assert.Equal(("auth.required", 401), await RefusedAsync(service.Http, "/v1/saved-searches", new { search = Question() }));
        guest.DefaultRequestHeaders.Remove("Search-Key");
        guest.DefaultRequestHeaders.Add("Search-Key", "guessed");
        Assert.Equal(HttpStatusCode.Unauthorized, (await guest.GetAsync("/v1/search-history")).StatusCode);
        Assert.DoesNotContain(key, await service.Query<Data.SearchDbContext, string>(db => Task.FromResult(string.Join(' ', db.SearchKeys.Select(row => row.Hash)))), StringComparison.Ordinal);

        guest.DefaultRequestHeaders.Remove("Search-Key");
        guest.DefaultRequestHeaders.Add("Search-Key", key);
        Assert.Equal(HttpStatusCode.NoContent, (await DeleteAsync(guest, "/v1/search-keys")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await guest.GetAsync("/v1/saved-searches")).StatusCode);
        Assert.Equal((0, 0), await service.Query<Data.SearchDbContext, (int, int)>(db => Task.FromResult((db.SavedSearches.Count(), db.PriceAlerts.Count()))));
    }

    [Fact]
    public async Task Searches_of_somebody_known_are_remembered_once_each_paged_and_forgotten_when_asked()
    {
        await using var service = await StartAsync();
        await SellAsync(service, 300, 1);
        var ann = SignedIn(service, Ann);
        foreach (var limit in new[] { 1, 2, 1 })   // the size of a page makes no other search
        {
            await SearchAsync(service, ann, "2026-12-20", limit);
        }

        service.Clock.AdjustTime(service.Clock.GetUtcNow().AddSeconds(1));
        await SearchAsync(service, ann, "2026-12-19", 1);
        await SearchAsync(service, service.Http, "2026-12-18", 1);   // nobody's
        var past = await PastAsync(ann, 2);

        Assert.Equal(["2026-12-19", "2026-12-20"], past.Select(one => one.GetProperty("search").GetProperty("departsOn").GetString()!));
        var first = await ann.GetFromJsonAsync<JsonElement>("/v1/search-history?limit=1");
        var second = await ann.GetFromJsonAsync<JsonElement>($"/v1/search-history?limit=1&cursor={first.GetProperty("nextCursor").GetString()}");
        Assert.Equal(past[1].GetProperty("id").GetString(), second.GetProperty("items")[0].GetProperty("id").GetString());
        Assert.Equal(JsonValueKind.Null, second.GetProperty("nextCursor").ValueKind);
        Assert.Equal(HttpStatusCode.OK, (await ann.PostAsJsonAsync("/v1/flight-searches", past[0].GetProperty("search"))).StatusCode);   // as it is

        Assert.Equal(HttpStatusCode.NoContent, (await DeleteAsync(ann, $"/v1/search-history/{past[1].GetProperty("id").GetString()}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await DeleteAsync(ann, $"/v1/search-history/{past[1].GetProperty("id").GetString()}")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await DeleteAsync(ann, "/v1/search-history")).StatusCode);
        Assert.Empty(await ItemsAsync(ann, "/v1/search-history"));
    }

    [Fact]
    public async Task An_erased_account_leaves_nothing_and_an_export_tells_everything()
    {
        await using var service = await StartAsync();
        await SellAsync(service, 300, 1);
        var ann = SignedIn(service, Ann);
        await AddAsync(ann, new { dropPercent = 10 });
        await AddAsync(SignedIn(service, "bob"), new { dropPercent = 10 });   // to Ann's address
        await SearchAsync(service, ann, "2026-12-20", 1);
        await PastAsync(ann, 1);

        var (export, erasure) = (Guid.NewGuid(), Guid.NewGuid());
        await service.ConsumeAsync(new AccountExportBegun(export, Guid.Parse(Ann), "ann@example.org", []));
        await service.ConsumeAsync(new AccountErasureBegun(erasure, Guid.Parse(Ann), "Ann@Example.org", [], service.Clock.GetUtcNow()));
        await service.ConsumeAsync(new AccountErasureBegun(erasure, Guid.Parse(Ann), "Ann@Example.org", [], service.Clock.GetUtcNow()));

        var told = Assert.Single(await service.Published<AccountDataExported>());
        using var json = JsonDocument.Parse(told.Json!);
        Assert.Equal((1, 1, 2), (json.RootElement.GetProperty("pastSearches").GetArrayLength(), json.RootElement.GetProperty("savedSearches").GetArrayLength(), json.RootElement.GetProperty("priceAlerts").GetArrayLength()));
        var erased = await service.Published<AccountDataErased>();
        Assert.Equal([4, 0], erased.Select(answer => answer.Fields.Count));
        Assert.Contains(new ErasedField("price_alert.email", Retention.Erased, 2), erased[0].Fields);
        Assert.Equal((0, 1, 0), await service.Query<Data.SearchDbContext, (int, int, int)>(db => Task.FromResult((db.PastSearches.Count(), db.SavedSearches.Count(), db.PriceAlerts.Count()))));
    }

    [Fact]
    public async Task A_wrong_alert_is_refused_with_its_code()
    {
        await using var service = await StartAsync();
        await SellAsync(service, 300, 1);
        var ann = SignedIn(service, Ann);
        var saved = await SaveAsync(ann);
        async Task<string> CodeAsync(object rule) => (await RefusedAsync(ann, "/v1/price-alerts", Merge(rule, new { savedSearchId = saved, email = "ann@example.org" }))).Code;

        Assert.Equal("price_alert.one_rule", await CodeAsync(new { }));
        Assert.Equal("price_alert.one_rule", await CodeAsync(new { dropPercent = 5, below = new { amount = "100.00", currency = "USD" } }));
        Assert.Equal("limit.out_of_range", await CodeAsync(new { dropPercent = 91 }));
        Assert.Equal("limit.out_of_range", await CodeAsync(new { below = new { amount = "0.00", currency = "USD" } }));
        Assert.Equal("currency.mismatch", await CodeAsync(new { below = new { amount = "100.00", currency = "EUR" } }));
        Assert.Equal(("mail.address_invalid", 400), await RefusedAsync(ann, "/v1/price-alerts", new { savedSearchId = saved, email = "Ann <ann@example.org>", dropPercent = 5 }));
        Assert.Equal(("place.unknown", 400), await RefusedAsync(ann, "/v1/saved-searches", new { search = Question(origin: "QQQ") }));
        for (var count = 0; count < PriceAlerts.PriceAlerts.Most; count++)
        {
            await AddAsync(ann, new { dropPercent = 5 }, saved);
        }

        Assert.Equal(("price_alert.too_many", 409), await RefusedAsync(SignedIn(service, "bob"), "/v1/price-alerts", new { savedSearchId = await SaveAsync(SignedIn(service, "bob")), email = "ann@example.org", dropPercent = 5 }));
    }

    private static Task SellAsync(TestService service, decimal fare, long version) => service.PublishAsync(Flight("AA1", "JFK", "LAX", Morning, fare: fare, version: version));

    /// <summary>When the next look at the alerts is due.</summary>
    private static Task LookAsync(TestService service)
    {
        service.Clock.AdjustTime(service.Clock.GetUtcNow() + PriceAlertWatch.BetweenChecks);
        return service.Services.GetRequiredService<PriceAlertWatch>().LookAsync(CancellationToken.None);
    }

    private static Task NextDayAsync(TestService service)
    {
        service.Clock.AdjustTime(service.Clock.GetUtcNow().AddDays(1));
        return Task.CompletedTask;
    }

    private static HttpClient SignedIn(TestService service, string subject)
    {
        var http = new HttpClient { BaseAddress = service.Http.BaseAddress };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", service.Services.TokenFor(subject, ["traveller"], TimeSpan.FromDays(10)));
        return http;
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient http, string path, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        return await http.SendAsync(request);
    }

    private static async Task<HttpResponseMessage> DeleteAsync(HttpClient http, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, path);
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        return await http.SendAsync(request);
    }

    private static async Task<Guid> CreatedAsync(HttpResponseMessage answer)
    {
        Assert.True(answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
        Assert.NotNull(answer.Headers.Location);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
    }

    private static async Task<Guid> SaveAsync(HttpClient http) =>
        await CreatedAsync(await PostAsync(http, "/v1/saved-searches", new { name = "Home", search = Question(departsOn: "2026-12-20") }));

    private static async Task<Guid> AddAsync(HttpClient http, object rule, Guid? saved = null) =>
        await CreatedAsync(await PostAsync(http, "/v1/price-alerts", Merge(rule, new { savedSearchId = saved ?? await SaveAsync(http), email = "ann@example.org" })));

    private static Dictionary<string, JsonElement> Merge(params object[] all) =>
        all.SelectMany(one => JsonSerializer.SerializeToElement(one).EnumerateObject()).ToDictionary(field => field.Name, field => field.Value);

    private static async Task<(string Code, int Status)> RefusedAsync(HttpClient http, string path, object body)
    {
        using var answer = await PostAsync(http, path, body);
        return ((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString()!, (int)answer.StatusCode);
    }

    private static async Task<List<JsonElement>> ItemsAsync(HttpClient http, string path) => [.. (await http.GetFromJsonAsync<JsonElement>(path)).GetProperty("items").EnumerateArray()];

    private static async Task SearchAsync(TestService service, HttpClient http, string day, int limit)
    {
        service.Clock.AdjustTime(service.Clock.GetUtcNow().AddMilliseconds(5));
        using var answer = await http.PostAsJsonAsync("/v1/flight-searches", Question(departsOn: day, limit: limit));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    /// <summary>History is written beside the searches: waits until so many are there.</summary>
    private static async Task<List<JsonElement>> PastAsync(HttpClient http, int count)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var deadline = TimeProvider.System.GetTimestamp();
        List<JsonElement> past;
        do
        {
            past = await ItemsAsync(http, "/v1/search-history");
        }
        while (past.Count < count && TimeProvider.System.GetElapsedTime(deadline) < Patience && await tick.WaitForNextTickAsync());
        Assert.Equal(count, past.Count);
        return past;
    }
}
