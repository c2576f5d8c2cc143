using System.Net.Http.Json;
using System.Text.Json;
using Xunit;

namespace Aerona.Search.Tests;

public sealed class PlacesTests
{
    [Theory]
    [InlineData("han", "HAN")]
    [InlineData("Hà Nội", "HAN")]
    [InlineData("hanoi", "HAN")]
    [InlineData("Đà Nẵng", "DAD")]
    [InlineData("München", null)]
    [InlineData("munich", "MUC")]
    [InlineData("São Paulo", "SAO")]
    [InlineData("lon", "LON")]
    [InlineData("NYC", "NYC")]
    [InlineData("new york", "NYC")]
    [InlineData("jfk", "JFK")]
    [InlineData("newark", "EWR")]
    [InlineData("heathrow", "LHR")]
    [InlineData("de gaulle", "CDG")]
    [InlineData("kennedy", "JFK")]
    [InlineData("o'hare", "ORD")]
    [InlineData("zzz", null)]
    [InlineData("frnakfurt", "FRA")]   // changed round
    [InlineData("amstrdam", "AMS")]   // missing
    [InlineData("singgapore", "SIN")]   // too many
    [InlineData("barcelonq", "BCN")]   // wrong
    [InlineData("hethrow", "LHR")]
    [InlineData("xqzwvbnm", null)]
    [InlineData("...", null)]
    public void The_first_place_is_the_one_meant(string typed, string? code) => Assert.Equal(code, Places.Find(typed, 10).FirstOrDefault()?.Code);

    [Fact]
    public async Task Airports_around_a_place_come_by_distance()
    {
        await using var service = await SearchService.StartAsync();

        var around = (await service.Http.GetFromJsonAsync<JsonElement>("/v1/places/LGW/nearby?radiusKm=100")).GetProperty("airports").EnumerateArray().ToList();
        using var unknown = await service.Http.GetAsync("/v1/places/QQQ/nearby");
        using var wide = await service.Http.GetAsync("/v1/places/LGW/nearby?radiusKm=1001");

        Assert.Equal(["LHR", "LCY", "LTN", "STN"], around.Select(airport => airport.GetProperty("code").GetString()).Order(StringComparer.Ordinal).Intersect(["LHR", "LCY", "LTN", "STN"]).OrderBy(code => around.FindIndex(one => one.GetProperty("code").GetString() == code)));
        var kilometres = around.ConvertAll(airport => airport.GetProperty("kilometres").GetInt32());
        Assert.Equal(kilometres.Order(), kilometres);
        Assert.All(kilometres, one => Assert.InRange(one, 1, 100));
        Assert.Equal((404, 400), ((int)unknown.StatusCode, (int)wide.StatusCode));
    }

    [Fact]
    public void A_city_stands_for_all_its_airports()
    {
        var london = Places.Find("london", 1)[0];

        Assert.True(london.IsCity);
        Assert.Equal(["LCY", "LGW", "LHR", "LTN", "STN"], london.Airports.Select(airport => airport.Code));
    }

    [Fact]
    public async Task Places_are_found_over_HTTP()
    {
        await using var service = await SearchService.StartAsync();

        var places = (await service.Http.GetFromJsonAsync<JsonElement>("/v1/places?q=tokyo&limit=2")).GetProperty("places");

        Assert.Equal(2, places.GetArrayLength());
        Assert.Equal("TYO", places[0].GetProperty("code").GetString());
        Assert.Equal("city", places[0].GetProperty("kind").GetString());
        Assert.Equal(["HND", "NRT"], places[0].GetProperty("airports").EnumerateArray().Select(airport => airport.GetProperty("code").GetString()));
        Assert.Equal("airport", places[1].GetProperty("kind").GetString());
    }

    [Theory]
    [InlineData("", "query.missing", "query:q")]
    [InlineData("?q=%20", "query.missing", "query:q")]
    [InlineData("?q=han&limit=0", "limit.out_of_range", "query:limit")]
    [InlineData("?q=han&limit=201", "limit.out_of_range", "query:limit")]
    [InlineData("?q=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "query.too_long", "query:q")]
    public async Task A_wrong_question_names_its_parameter(string query, string code, string pointer)
    {
        await using var service = await SearchService.StartAsync();

        using var answer = await service.Http.GetAsync("/v1/places" + query);

        Assert.Equal(400, (int)answer.StatusCode);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((code, pointer), (problem.GetProperty("code").GetString(), problem.GetProperty("errors")[0].GetProperty("pointer").GetString()));
    }
}
