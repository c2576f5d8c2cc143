using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Aerona.TestKit;
using Xunit;

namespace Aerona.AllInOne.Tests;

/// <summary>The examples in docs/http, as a reader runs them. A file that is added is run too; <c>travellerToken</c>, <c>supportToken</c> and <c>operationsToken</c> are given.</summary>
public sealed class HttpExamples(RunningAerona aerona)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Files => [.. Directory.GetFiles(Path.Combine(Root(), "docs", "http"), "*.http").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Files))]
    public async Task An_example_answers_as_it_says(string file)
    {
        var examples = HttpFile.Parse(await File.ReadAllTextAsync(Path.Combine(Root(), "docs", "http", file), Stop));
        Assert.NotEmpty(examples.Examples);
        Assert.All(examples.Examples, example => Assert.True(example.ExpectsSomething, $"{example}: expects nothing"));

        await examples.RunAsync(aerona.Http, Given(), Stop);
    }

    [Fact]
    public async Task A_file_that_expects_what_is_not_so_fails_and_names_the_request()
    {
        var wrong = HttpFile.Parse("""
            @host = http://localhost:1
            ### Places
            # expect: $.places[0].code == LHR
            GET {{host}}/v1/places?q=frankfurt
            """);

        var problem = await Assert.ThrowsAsync<HttpExampleException>(() => wrong.RunAsync(aerona.Http, Given(), Stop));

        Assert.StartsWith("line 4, Places: expected $.places[0].code == LHR, found FRA", problem.Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => HttpFile.Parse("### x\n# expect: luck\nGET /v1/places?q=x"));
    }

    [Fact]
    public async Task A_return_from_Hanoi_to_London_with_one_change_at_most_can_be_filtered_by_what_its_facets_count_and_is_as_cheap_as_the_calendar_says()
    {
        var (there, back) = (DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddDays(9), DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddDays(16));
        object Question(object? filters) => new { origin = "HAN", destination = "LHR", departsOn = there, returnsOn = back, travellers = new { adults = 1 }, maxStops = 1, currency = "EUR", sort = "price", limit = 200, filters };

        var all = await AskAsync("/v1/flight-searches", Question(null));
        Assert.NotEqual(0, all.GetProperty("total").GetInt32());
        Assert.All(Legs(all), leg => Assert.InRange(leg.GetProperty("stops").GetInt32(), 0, 1));
        var options = all.GetProperty("legs")[0].GetProperty("options").GetInt32();
        var stops = all.GetProperty("legs")[0].GetProperty("facets").GetProperty("stops").EnumerateArray().ToList();
        Assert.Equal(options, stops.Sum(value => value.GetProperty("count").GetInt32()));   // each option has one number of stops
        foreach (var value in stops)
        {
            var chosen = await AskAsync("/v1/flight-searches", Question(new { stops = new[] { int.Parse(value.GetProperty("value").GetString()!, System.Globalization.CultureInfo.InvariantCulture) } }));

            // The filter is for both legs, the facet for the first alone: as many options there unless none is left to come back by.
            if (chosen.GetProperty("total").GetInt32() > 0)
            {
                Assert.Equal(value.GetProperty("count").GetInt32(), chosen.GetProperty("legs")[0].GetProperty("options").GetInt32());
                Assert.All(Legs(chosen), leg => Assert.Equal(value.GetProperty("value").GetString(), leg.GetProperty("stops").GetRawText()));
            }
        }

        var calendar = await AskAsync("/v1/flight-searches/calendar", new { origin = "HAN", destination = "LHR", departsOn = there, returnsOn = back, travellers = new { adults = 1 }, maxStops = 1, currency = "EUR" });
        var day = Assert.Single(calendar.GetProperty("days").EnumerateArray(), day => day.GetProperty("departsOn").GetString() == $"{there:yyyy-MM-dd}" && day.GetProperty("returnsOn").GetString() == $"{back:yyyy-MM-dd}");
        Assert.Equal(all.GetProperty("tabs").GetProperty("cheapest").GetProperty("price").GetRawText(), day.GetProperty("price").GetRawText());
    }

    private static IEnumerable<JsonElement> Legs(JsonElement answer) => answer.GetProperty("trips").EnumerateArray().SelectMany(trip => trip.GetProperty("legs").EnumerateArray());

    private async Task<JsonElement> AskAsync(string path, object question)
    {
        using var answer = await aerona.Http.PostAsJsonAsync(path, question, Stop);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Stop));
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Stop);
    }

    private Dictionary<string, string> Given() => new()
    {
        ["host"] = aerona.Http.BaseAddress!.ToString().TrimEnd('/'),
        ["travellerToken"] = aerona.Token("traveller", "http-examples"),
        ["supportToken"] = aerona.Token("support", "http-examples"),
        ["operationsToken"] = aerona.Token("operations", "http-examples"),
    };

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Aerona.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("Aerona.sln is in no folder above the tests");
    }
}
