using System.Net;
using System.Text.Json.Nodes;
using Aerona.Gateway.ApiDocument;
using Microsoft.AspNetCore.Http;

namespace Aerona.Gateway.Tests;

public sealed class DocumentTests
{
    private static readonly JsonObject Cats = Document("""
        {"openapi":"3.1.1","info":{"title":"Aerona","version":"v1","description":"All."},
         "paths":{"/v1/cats":{"get":{"operationId":"List","responses":{"200":{"$ref":"#/components/schemas/Page"}}}},"/v1/support/dead-letters":{"get":{"operationId":"Letters"}}},
         "components":{"schemas":{"Page":{"items":{"$ref":"#/components/schemas/Item"}},"Item":{"type":"string"},"Money":{"type":"object"}},"securitySchemes":{"bearer":{"type":"http"}}},
         "tags":[{"name":"Cats"}]}
        """);

    private static readonly JsonObject Dogs = Document("""
        {"openapi":"3.1.1","info":{"title":"Aerona","version":"v1","description":"All."},
         "paths":{"/v1/dogs":{"get":{"operationId":"List","responses":{"200":{"$ref":"#/components/schemas/Page"}}}},"/v1/support/dead-letters":{"get":{"operationId":"Letters"}}},
         "components":{"schemas":{"Page":{"items":{"$ref":"#/components/schemas/Item"}},"Item":{"type":"integer"},"Money":{"type":"object"}},"securitySchemes":{"bearer":{"type":"http"}}},
         "tags":[{"name":"Dogs"}]}
        """);

    [Fact]
    public void What_all_have_alike_stands_once_and_what_only_sounds_alike_bears_its_services_name()
    {
        var merged = MergedDocument.Merge([("Cats", Cats), ("Dogs", Dogs)], []);

        Assert.Equal(["/v1/cats", "/v1/dogs", "/v1/support/dead-letters"], Names(merged["paths"]));
        // Page is word for word the same, but refers to two different items.
        Assert.Equal(["CatsItem", "CatsPage", "DogsItem", "DogsPage", "Money"], Names(merged["components"]!["schemas"]));
        Assert.Equal("#/components/schemas/DogsItem", (string?)merged["components"]!["schemas"]!["DogsPage"]!["items"]!["$ref"]);
        Assert.Equal("#/components/schemas/CatsPage", (string?)merged["paths"]!["/v1/cats"]!["get"]!["responses"]!["200"]!["$ref"]);
        Assert.Equal(("CatsList", "DogsList", "Letters"), (Id(merged, "/v1/cats"), Id(merged, "/v1/dogs"), Id(merged, "/v1/support/dead-letters")));
        Assert.Equal(["bearer"], Names(merged["components"]!["securitySchemes"]));
        Assert.Null(merged["info"]!["x-missing-services"]);
    }

    [Fact]
    public void The_order_of_services_does_not_matter() => Assert.Equal(
        MergedDocument.Merge([("Cats", Cats), ("Dogs", Dogs)], []).ToJsonString(), MergedDocument.Merge([("Dogs", Dogs), ("Cats", Cats)], []).ToJsonString());

    [Fact]
    public async Task A_service_that_is_missing_is_named_and_one_that_went_keeps_its_place()
    {
        await using var search = await RunningService.StartAsync(Routing.Services.Search, context => context.Response.WriteAsync(Cats.ToJsonString()));
        await using var gateway = await RunningGateway.StartAsync([search]);

        var (status, first) = await gateway.AskAsync(new(HttpMethod.Get, "/openapi/v1.json"));
        await search.KillAsync();
        // It is kept for a few seconds only while services are missing; then it is asked for anew.
        var asked = 0;
        await RunningGateway.EventuallyAsync(async () => ++asked > 5 && (await gateway.AskAsync(new(HttpMethod.Get, "/openapi/v1.json"))).Status == HttpStatusCode.OK, "it goes on answering");
        var (_, then) = await gateway.AskAsync(new(HttpMethod.Get, "/openapi/v1.json"));

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(["operations", "airlines", "bookings", "payments", "tickets", "notifications", "users"], first!["info"]!["x-missing-services"]!.AsArray().Select(service => (string?)service));
        Assert.Contains("Not complete: operations", (string?)first["info"]!["description"], StringComparison.Ordinal);
        Assert.Contains("/v1/cats", Names(then!["paths"]));
    }

    [Fact]
    public async Task The_start_page_and_the_reference_are_there()
    {
        await using var gateway = await RunningGateway.StartAsync();

        foreach (var path in (string[])["/", "/index.js", "/reference/"])
        {
            using var answer = await gateway.Http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.Equal((path, HttpStatusCode.OK), (path, answer.StatusCode));
        }
    }

    private static JsonObject Document(string json) => JsonNode.Parse(json)!.AsObject();

    private static string? Id(JsonObject document, string path) => (string?)document["paths"]![path]!["get"]!["operationId"];

    private static IEnumerable<string> Names(JsonNode? node) => node!.AsObject().Select(child => child.Key);
}
