using System.Text.Json.Nodes;

namespace Aerona.BuildingBlocks.Tests.Hosting;

public sealed class ApiDescriptionTests
{
    [Fact]
    public async Task The_document_says_what_every_operation_needs_and_answers()
    {
        await using var shop = await Shop.StartAsync();

        var document = await (await shop.GetAsync("/openapi/v1.json")).JsonAsync();

        var place = document["paths"]!["/v1/orders"]!["post"]!;
        var key = Assert.Single(place["parameters"]!.AsArray(), parameter => (string?)parameter!["name"] == "Idempotency-Key")!;
        Assert.Equal(("header", true), ((string?)key["in"], (bool)key["required"]!));
        Assert.Equal("#/components/schemas/Problem", (string?)place["responses"]!["422"]!["content"]!["application/problem+json"]!["schema"]!["$ref"]);
        Assert.NotNull(place["responses"]!["default"]);
        Assert.Null(document["paths"]!["/v1/searches"]!["post"]!["parameters"]);
        Assert.Equal("http", (string?)document["components"]!["securitySchemes"]!["bearer"]!["type"]);
        Assert.Equal("""[{"bearer":[]}]""", document["paths"]!["/v1/members"]!["get"]!["security"]!.ToJsonString());
        Assert.Equal("""[{},{"bearer":[]}]""", document["paths"]!["/v1/whoami"]!["get"]!["security"]!.ToJsonString());
        Assert.Contains("requestId", document["components"]!["schemas"]!["Problem"]!["properties"]!.AsObject().Select(property => property.Key));
    }

    [Fact]
    public async Task Values_are_described_as_they_are_written()
    {
        await using var shop = await Shop.StartAsync();

        var schemas = (await (await shop.GetAsync("/openapi/v1.json")).JsonAsync())["components"]!["schemas"]!;

        var search = schemas["SearchRequest"]!;
        var names = search["properties"]!.AsObject().Select(property => property.Key);
        Assert.Equal(["origin", "adults", "travellers", "maxPrice", "cabin", "flight", "note", "sort"], names);
        Assert.Equal(["origin", "travellers"], search["required"]!.AsArray().Select(name => (string?)name));
        Assert.Equal("\"string\"", search["properties"]!["origin"]!["type"]!.ToJsonString());
        Assert.Contains("null", search["properties"]!["note"]!["type"]!.ToJsonString(), StringComparison.Ordinal);
        var money = schemas["Money"] ?? search["properties"]!["maxPrice"]!;
        Assert.Equal("string", (string?)money["properties"]!["amount"]!["type"]);
        Assert.Equal("string", (string?)money["properties"]!["currency"]!["type"]);
        Assert.Contains("premiumEconomy", schemas.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("VN55", schemas.ToJsonString(), StringComparison.Ordinal);
    }
}
