using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;

namespace Aerona.BuildingBlocks.Tests.Hosting;

public sealed class RequestTests : IAsyncLifetime
{
    private Shop shop = null!;

    public async ValueTask InitializeAsync() => shop = await Shop.StartAsync();

    public ValueTask DisposeAsync() => shop.DisposeAsync();

    [Fact]
    public async Task A_sane_request_id_comes_back()
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/nothing") { Headers = { { "X-Request-Id", "order-4711.a_B" } } };

        var answer = await shop.Http.SendAsync(request);

        var problem = await answer.ProblemAsync(404, "request.unknown_path");
        Assert.Equal("order-4711.a_B", (string?)problem["requestId"]);
    }

    [Theory]
    [InlineData("two words")]
    [InlineData("<script>")]
    [InlineData("")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task A_strange_request_id_is_replaced(string given)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/whoami");
        request.Headers.TryAddWithoutValidation("X-Request-Id", given);

        var id = (await shop.Http.SendAsync(request)).Headers.GetValues("X-Request-Id").Single();

        Assert.NotEqual(given, id);
        Assert.Matches("^[0-9a-f]{32}$", id);
    }

    [Fact]
    public async Task Each_request_without_an_id_gets_its_own()
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ => (await shop.GetAsync("/v1/whoami")).Headers.GetValues("X-Request-Id").Single()));

        Assert.Equal(20, ids.Distinct().Count());
    }

    [Fact]
    public async Task Every_answer_has_security_headers_and_a_page_may_set_its_own()
    {
        foreach (var path in new[] { "/v1/whoami", "/v1/nothing", "/v1/broken" })
        {
            var answer = await shop.GetAsync(path);
            Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.Equal("no-referrer", answer.Headers.GetValues("Referrer-Policy").Single());
            Assert.Equal("default-src 'none'; frame-ancestors 'none'", answer.Headers.GetValues("Content-Security-Policy").Single());
            Assert.False(answer.Headers.Contains("Server"));
        }

        Assert.Equal("default-src 'self'", (await shop.GetAsync("/page")).Headers.GetValues("Content-Security-Policy").Single());
    }

    [Fact]
    public async Task What_we_did_not_expect_is_a_500_that_tells_nothing_of_our_insides()
    {
        var problem = await (await shop.GetAsync("/v1/broken")).ProblemAsync(500, "internal");

        Assert.DoesNotContain("secret", problem.ToJsonString(), StringComparison.Ordinal);
        Assert.Null(problem["retryable"]);
    }

    [Fact]
    public async Task A_database_that_cannot_be_reached_is_a_503_to_be_sent_again()
    {
        var answer = await shop.GetAsync("/v1/nodatabase");

        var problem = await answer.ProblemAsync(503, "database.unavailable");
        Assert.True((bool?)problem["retryable"]);
        Assert.Equal("2", answer.Headers.GetValues("Retry-After").Single());
        Assert.DoesNotContain("secret", problem.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_paths_and_methods_are_problems()
    {
        await (await shop.GetAsync("/v1/nothing")).ProblemAsync(404, "request.unknown_path");
        var answer = await shop.PostAsync("/v1/whoami", "{}");
        await answer.ProblemAsync(405, "request.method_not_allowed");
        Assert.Contains("GET", answer.Content.Headers.Allow);
        await (await shop.GetAsync("/v1/gone")).ProblemAsync(410, "request.refused");
    }

    [Fact]
    public async Task A_body_that_is_not_JSON_by_its_type_is_refused()
    {
        var problem = await (await shop.PostAsync("/v1/searches", "origin=JFK", mediaType: "application/x-www-form-urlencoded")).ProblemAsync(415, "request.media_type");

        Assert.Equal(["header:Content-Type"], problem.Pointers());
    }

    [Fact]
    public async Task A_good_body_is_taken()
    {
        var answer = await shop.PostAsync(
            "/v1/searches",
            """{"origin":"JFK","travellers":[{"name":"A","birthDate":"1990-01-31"}],"maxPrice":{"amount":"500.00","currency":"USD"},"cabin":"premiumEconomy","flight":"VN 0055"}""");

        Assert.Equal(
            """{"origin":"JFK","adults":0,"travellers":[{"name":"A","birthDate":"1990-01-31"}],"maxPrice":{"amount":"500.00","currency":"USD"},"cabin":"premiumEconomy","flight":"VN55","note":null,"sort":"price"}""",
            await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("""{"origin":"JFK","travellers":[""", "request.malformed", "/travellers/0")]
    [InlineData("""{"origin":"JFK",}""", "request.malformed", "")]
    [InlineData("", "request.missing_body", "")]
    [InlineData("null", "request.missing_body", "")]
    [InlineData("[]", "request.wrong_type", "")]
    [InlineData("""{"origin":"JFK","travellers":[],"destinaton":"LAX"}""", "request.unknown_field", "/destinaton")]
    [InlineData("""{"Origin":"JFK","travellers":[]}""", "request.unknown_field", "/Origin")]
    [InlineData("""{"origin":"JFK","travellers":[{"name":"A","birthDate":"1990-01-31","a/b":1}]}""", "request.unknown_field", "/travellers/0/a~1b")]
    [InlineData("""{"origin":"JFK","origin":"LAX","travellers":[]}""", "request.duplicate_field", "/origin")]
    [InlineData("""{"origin":"JFK","travellers":[],"adults":"2"}""", "request.wrong_type", "/adults")]
    [InlineData("""{"origin":"JFK","travellers":[],"adults":2.5}""", "request.wrong_type", "/adults")]
    [InlineData("""{"origin":"JFK","travellers":[],"adults":99999999999}""", "request.wrong_type", "/adults")]
    [InlineData("""{"origin":7,"travellers":[]}""", "request.wrong_type", "/origin")]
    [InlineData("""{"origin":"JFK","travellers":{}}""", "request.wrong_type", "/travellers")]
    [InlineData("""{"origin":"JFK","travellers":[{"name":"A","birthDate":"31.1.1990"}]}""", "request.wrong_type", "/travellers/0/birthDate")]
    [InlineData("""{"origin":"JFK","travellers":[],"cabin":"lounge"}""", "request.unknown_value", "/cabin")]
    [InlineData("""{"origin":"JFK","travellers":[],"cabin":2}""", "request.wrong_type", "/cabin")]
    [InlineData("""{"origin":null,"travellers":[]}""", "request.null", "/origin")]
    [InlineData("""{"origin":"JFK","travellers":null}""", "request.null", "/travellers")]
    [InlineData("""{"origin":"JFK","travellers":[],"sort":null}""", "request.null", "/sort")]
    [InlineData("""{"travellers":[]}""", "request.missing_field", "/origin")]
    [InlineData("""{"origin":"JFK","travellers":[{"name":"A"}]}""", "request.missing_field", "/travellers/0/birthDate")]
    [InlineData("""{"origin":"JFK","travellers":[],"maxPrice":{"amount":"500.00","currency":"XXQ"}}""", "money.currency_unknown", "/maxPrice/currency")]
    [InlineData("""{"origin":"JFK","travellers":[],"maxPrice":{"amount":"500.001","currency":"EUR"}}""", "money.too_many_decimals", "/maxPrice/amount")]
    [InlineData("""{"origin":"JFK","travellers":[],"maxPrice":{"amount":500,"currency":"EUR"}}""", "request.wrong_type", "/maxPrice/amount")]
    [InlineData("""{"origin":"JFK","travellers":[],"maxPrice":{"amount":"9223372036854775808","currency":"EUR"}}""", "money.amount_too_large", "/maxPrice/amount")]
    [InlineData("""{"origin":"JFK","travellers":[],"maxPrice":5}""", "money.not_an_object", "/maxPrice")]
    [InlineData("""{"origin":"JFK","travellers":[],"flight":"55"}""", "flight.designator_invalid", "/flight")]
    [InlineData("""{"origin":"JFK","travellers":[],"flight":55}""", "flight.designator_invalid", "/flight")]
    public async Task A_bad_body_is_named_with_its_place(string body, string code, string pointer)
    {
        var problem = await (await shop.PostAsync("/v1/searches", body)).ProblemAsync(400, code);

        Assert.Equal([pointer], problem.Pointers());
    }

    [Fact]
    public async Task Malformed_JSON_says_in_which_line()
    {
        var problem = await (await shop.PostAsync("/v1/searches", "{\n\"origin\": JFK}")).ProblemAsync(400, "request.malformed");

        Assert.Contains("line 2, byte 11", (string?)problem["detail"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_choice_is_told_the_right_ones()
    {
        var problem = await (await shop.PostAsync("/v1/searches", """{"origin":"JFK","travellers":[],"cabin":"lounge"}""")).ProblemAsync(400, "request.unknown_value");

        Assert.Contains("one of economy, premiumEconomy, business, first", (string?)problem["detail"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_missing_field_is_named()
    {
        var problem = await (await shop.PostAsync("/v1/searches", "{}")).ProblemAsync(400, "request.missing_field");

        Assert.Equal(["/origin", "/travellers"], problem.Pointers());
    }

    [Fact]
    public async Task JSON_nested_too_deep_is_malformed() =>
        await (await shop.PostAsync("/v1/anything", new string('[', 33) + new string(']', 33))).ProblemAsync(400, "request.malformed");

    [Theory]
    [InlineData("/v1/numbers?limit=many", "request.wrong_type", "query:limit")]
    [InlineData("/v1/numbers", "request.missing_parameter", "query:limit")]
    [InlineData("/v1/numbers?limit=5&day=yesterday", "request.wrong_type", "query:day")]
    [InlineData("/v1/bookings/one", "request.wrong_type", "path:id")]
    public async Task A_bad_parameter_is_named(string path, string code, string pointer)
    {
        var problem = await (await shop.GetAsync(path)).ProblemAsync(400, code);

        Assert.Equal([pointer], problem.Pointers());
    }

    [Theory]
    [InlineData("/v1/searches")]
    [InlineData("/v1/orders")]
    public async Task A_body_over_256_KiB_is_refused_and_one_just_under_it_is_read(string path)
    {
        string Padded(int length) => $$"""{"nope":"{{new string('x', length - 11)}}"}""";

        await (await shop.PostAsync(path, Padded(256 * 1024 + 1), "key-1")).ProblemAsync(413, "request.too_large");
        await (await shop.PostAsync(path, Padded(256 * 1024), "key-1")).ProblemAsync(400, "request.unknown_field");
    }

    [Fact]
    public async Task An_endpoint_may_set_its_own_limit()
    {
        var answer = await shop.PostAsync("/v1/uploads", new string('x', 600 * 1024));

        Assert.Equal(600 * 1024, await answer.Content.ReadFromJsonAsync<int>());
    }

    /// <summary>Whatever is done to a good body, the answer is 200 or a problem that blames the caller and shows nothing of our insides.</summary>
    [Fact]
    public async Task No_body_makes_us_fail()
    {
        var good = Encoding.UTF8.GetBytes(
            """{"origin":"JFK","adults":1,"travellers":[{"name":"A\u00e9","birthDate":"1990-01-31"}],"maxPrice":{"amount":"500.00","currency":"USD"},"cabin":"economy","flight":"VN55"}""");
        var spice = new[] { "\\ud800", "\0", "1e999", "-", "null", "{}", "[", "}", "\"", "\u2028", "ÿ", "\\u0000", "99999999999999999999", "true", ",", ":" }.Select(Encoding.UTF8.GetBytes).ToArray();
        var edit = Gen.Select(Gen.Int[0, good.Length - 1], Gen.Int[0, 12], Gen.Int[-1, spice.Length - 1], Gen.Byte, (at, cut, which, any) => (at, cut, insert: which < 0 ? [any] : spice[which]));

        await edit.List[1, 3].SampleAsync(
            async edits =>
            {
                var body = edits.Aggregate(good, (bytes, change) => change.at >= bytes.Length
                    ? [.. bytes, .. change.insert]
                    : [.. bytes[..change.at], .. change.insert, .. bytes[Math.Min(bytes.Length, change.at + change.cut)..]]);
                using var content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
                var answer = await shop.Http.PostAsync("/v1/searches", content);
                var text = await answer.Content.ReadAsStringAsync();
                return answer.StatusCode == HttpStatusCode.OK || (answer.StatusCode == HttpStatusCode.BadRequest
                    && !text.Contains("Aerona.", StringComparison.Ordinal) && !text.Contains("System.", StringComparison.Ordinal)
                    && JsonNode.Parse(text)!["code"]!.ToString().Contains('.', StringComparison.Ordinal));
            },
            iter: 1500, threads: 4);
    }
}
