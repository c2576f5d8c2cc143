using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Aerona.Gateway.Forwarding;
using Aerona.Hosting;
using CsCheck;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Configuration;

namespace Aerona.Gateway.Tests;

public sealed class ForwardingTests
{
    private static readonly string[] Tricky = ["..", ".", "", "%2e%2e", "%2E.", "%2f", "..%2f", "%5c", "\\", ";", "..;", ";x=1", "%3b", "%252e%252e", "%00", "a", "b%20c", "v1", "bookings", "sandbox", "~", "%c3%a9"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_id_and_a_trace_go_through_and_the_id_comes_back_once()
    {
        await using var search = await EchoAsync(Routing.Services.Search);
        await using var gateway = await RunningGateway.StartAsync([search]);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/places?q=ha%20noi")
        {
            Headers = { { "X-Request-Id", "order-4711" }, { "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" } },
        };

        using var answer = await gateway.Http.SendAsync(request, Stop);

        var seen = await SeenAsync(answer);
        Assert.Equal("order-4711", seen.Header("X-Request-Id"));
        Assert.StartsWith("00-0af7651916cd43dd8448eb211c80319c-", seen.Header("traceparent"), StringComparison.Ordinal);
        Assert.Equal("order-4711", Assert.Single(answer.Headers.GetValues("X-Request-Id")));
        Assert.EndsWith("/v1/places?q=ha%20noi", (string?)seen["target"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_outside_can_say_for_whom_he_calls()
    {
        await using var search = await EchoAsync(Routing.Services.Search);
        await using var gateway = await RunningGateway.StartAsync([search]);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/places");
        foreach (var name in new[] { "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Prefix", "X-Forwarded-Port", "Forwarded", "X-Real-IP", "X-Original-URL", "X-HTTP-Method-Override" })
        {
            request.Headers.TryAddWithoutValidation(name, "203.0.113.7");
        }

        using var answer = await gateway.Http.SendAsync(request, Stop);

        var seen = await SeenAsync(answer);
        Assert.DoesNotContain("203.0.113.7", seen.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(("127.0.0.1", "http", gateway.Address.Authority), (seen.Header("X-Forwarded-For"), seen.Header("X-Forwarded-Proto"), seen.Header("X-Forwarded-Host")));
        Assert.Equal(gateway.Address.Authority, seen.Header("Host"));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.0.0.0/8, 127.0.0.0/8")]
    public async Task A_known_proxy_is_believed_and_what_stood_before_a_stranger_is_not(string known)
    {
        await using var search = await EchoAsync(Routing.Services.Search);
        await using var gateway = await RunningGateway.StartAsync([search], ("ForwardedHeaders:KnownProxies", known));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/places")
        {
            Headers = { { "X-Forwarded-For", "198.51.100.1, 203.0.113.7" }, { "X-Forwarded-Proto", "https, https" }, { "X-Forwarded-Host", "liar.example, aerona.example" } },
        };

        using var answer = await gateway.Http.SendAsync(request, Stop);

        var seen = await SeenAsync(answer);
        Assert.Equal(("203.0.113.7", "https", "aerona.example"), (seen.Header("X-Forwarded-For"), seen.Header("X-Forwarded-Proto"), seen.Header("X-Forwarded-Host")));
    }

    [Fact]
    public void A_proxy_that_is_no_address_is_named()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["ForwardedHeaders:KnownProxies:0"] = "10.0.0.1", ["ForwardedHeaders:KnownProxies:1"] = "proxy.local", ["ForwardedHeaders:KnownProxies:2"] = "10.0.0.0/99" });

        var problem = Assert.Throws<SettingException>(builder.AddAeronaBasics);

        Assert.Equal(["ForwardedHeaders:KnownProxies: 'proxy.local' is no address or network such as 10.0.0.0/8", "ForwardedHeaders:KnownProxies: '10.0.0.0/99' is no address or network such as 10.0.0.0/8"], problem.Lines);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused_here_and_an_import_streams_through()
    {
        await using var airlines = await EchoAsync(Routing.Services.Airlines);
        await using var operations = await EchoAsync(Routing.Services.Operations);
        await using var gateway = await RunningGateway.StartAsync([airlines, operations]);
        var megabyte = new byte[1024 * 1024];

        var (status, problem) = await gateway.AskAsync(new(HttpMethod.Post, "/v1/offers") { Content = new ByteArrayContent(megabyte) });
        var (chunkedStatus, chunked) = await gateway.AskAsync(new(HttpMethod.Post, "/v1/offers") { Content = new StreamContent(new MemoryStream(megabyte)), Headers = { TransferEncodingChunked = true } });
        using var import = await gateway.Http.PostAsync("/v1/operations/imports?format=us-on-time", new ByteArrayContent(megabyte), Stop);

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "request.too_large"), (status, (string?)problem!["code"]));
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "request.too_large"), (chunkedStatus, (string?)chunked!["code"]));
        Assert.Equal(0, airlines.Requests);
        Assert.Equal(megabyte.Length, (int?)(await SeenAsync(import))["bodyLength"]);
    }

    [Fact]
    public async Task A_body_that_trickles_is_refused_before_any_service_hears_of_it()
    {
        await using var airlines = await EchoAsync(Routing.Services.Airlines);
        await using var gateway = await RunningGateway.StartAsync([airlines], ("Gateway:BodyTimeout", "00:00:00.500"));

        var answer = await RawAsync(gateway.Address, $"POST /v1/offers HTTP/1.1\r\nHost: {gateway.Address.Authority}\r\nContent-Length: 1000\r\n\r\n{{");

        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"request.timeout\"", answer, StringComparison.Ordinal);
        Assert.Equal(0, airlines.Requests);
    }

    // Two that read a request differently are one that can be tricked: what is not clear is refused here, and what is passed on means one thing.
    [Theory]
    [InlineData("GET /v1/places HTTP/1.1\r\nHost: {0}\r\nHost: evil.example\r\n", 400)]
    [InlineData("GET /v1/places HTTP/1.1\r\nHost: evil.example/../x\r\n", 400)]
    [InlineData("GET /v1/places HTTP/1.1\r\n", 400)]
    [InlineData("POST /v1/offers HTTP/1.1\r\nHost: {0}\r\nContent-Length: 4\r\nContent-Length: 5\r\n", 400)]
    [InlineData("POST /v1/offers HTTP/1.1\r\nHost: {0}\r\nContent-Length: -1\r\n", 400)]
    [InlineData("POST /v1/offers HTTP/1.1\r\nHost: {0}\r\nTransfer-Encoding: identity, chunked, gzip\r\n", 400)]
    [InlineData("GET /v1/places HTTP/1.1\r\nHost: {0}\r\nX-Bad : spaced\r\n", 400)]
    [InlineData("GET /v1/places HTTP/1.1\r\nHost: {0}\r\n folded: x\r\n", 400)]
    [InlineData("GET /v1/places HTTP/1.1\r\nHost: {0}\r\nX-Long: {1}\r\n", 431)]
    [InlineData("GET /v1/places?{1} HTTP/1.1\r\nHost: {0}\r\n", 414)]
    [InlineData("GET /v1/places HTTP/1.1\r\nHost: {0}\r\n{2}", 431)]
    [InlineData("TRACE /v1/places HTTP/1.1\r\nHost: {0}\r\n", 405)]
    [InlineData("get /v1/places HTTP/1.1\r\nHost: {0}\r\n", 405)]
    [InlineData("GET http://evil.example/v1/places HTTP/1.1\r\nHost: {0}\r\n", 400)]
    [InlineData("GET /v1/places HTTP/1.1\r\nHost: {0}\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n", 400)]
    [InlineData("POST /v1/bookings HTTP/1.1\r\nHost: {0}\r\nIdempotency-Key: a\r\nIdempotency-Key: b\r\nContent-Length: 0\r\n", 400)]
    public async Task A_request_that_two_could_read_differently_is_refused(string head, int status)
    {
        await using var search = await EchoAsync(Routing.Services.Search);
        await using var bookings = await EchoAsync(Routing.Services.Bookings);
        await using var airlines = await EchoAsync(Routing.Services.Airlines);
        await using var gateway = await RunningGateway.StartAsync([search, bookings, airlines]);
        var many = string.Concat(Enumerable.Range(0, 100).Select(number => $"X-Many-{number}: x\r\n"));

        var answer = await RawAsync(gateway.Address, string.Format(System.Globalization.CultureInfo.InvariantCulture, head, gateway.Address.Authority, new string('x', 20_000), many) + "Connection: close\r\n\r\n");

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("evil.example", answer, StringComparison.Ordinal);
        Assert.Equal(0, search.Requests + bookings.Requests + airlines.Requests);
    }

    [Fact]
    public async Task What_a_service_answers_comes_through_as_it_is()
    {
        await using var bookings = await RunningService.StartAsync(Routing.Services.Bookings, async context =>
        {
            context.Response.StatusCode = 409;
            context.Response.ContentType = "application/problem+json";
            context.Response.Headers["Server"] = "Kestrel";
            context.Response.Headers["X-Powered-By"] = "a secret";
            context.Response.Headers["Idempotency-Replayed"] = "true";
            await context.Response.WriteAsync("""{"code":"conflict"}""");
        });
        await using var gateway = await RunningGateway.StartAsync([bookings]);

        using var answer = await gateway.Http.GetAsync(new Uri("/v1/bookings/1", UriKind.Relative), Stop);

        Assert.Equal((HttpStatusCode.Conflict, "application/problem+json", """{"code":"conflict"}"""), (answer.StatusCode, answer.Content.Headers.ContentType!.ToString(), await answer.Content.ReadAsStringAsync(Stop)));
        Assert.Equal("true", answer.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.False(answer.Headers.Contains("Server") || answer.Headers.Contains("X-Powered-By"));
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Fact]
    public async Task A_service_that_is_silent_too_long_is_a_504_that_says_whether_to_send_again()
    {
        await using var bookings = await RunningService.StartAsync(Routing.Services.Bookings, Never);
        await using var gateway = await RunningGateway.StartAsync([bookings], ("Gateway:ActivityTimeout", "00:00:01"));

        var (status, read) = await gateway.AskAsync(new(HttpMethod.Get, "/v1/bookings/1"));
        var (_, written) = await gateway.AskAsync(new(HttpMethod.Post, "/v1/bookings") { Content = JsonContent.Create(1) });

        Assert.Equal((HttpStatusCode.GatewayTimeout, "gateway.timeout", true), (status, (string?)read!["code"], (bool?)read["retryable"]));
        Assert.Equal(("gateway.timeout", null), ((string?)written!["code"], (bool?)written["retryable"]));
        Assert.Equal(2, bookings.Requests);
    }

    [Theory]
    [InlineData("/v1/bookings/../support/bookings", false)]
    [InlineData("/v1/places/%2e%2e/bookings", false)]
    [InlineData("/v1/places/..%2fbookings", false)]
    [InlineData("/v1/places%2fx", false)]
    [InlineData("/v1/places/x%5c..%5cy", false)]
    [InlineData("/v1/places;a=b/x", false)]
    [InlineData("/v1/places/..;/bookings", false)]
    [InlineData("/v1//bookings", false)]
    [InlineData("//v1/bookings", false)]
    [InlineData("/v1/places/%00", false)]
    [InlineData("/v1/places/%252e%252e", false)]
    [InlineData("/v1/places/./x", false)]
    [InlineData("/v1/places?q=../x;y//z%2f", true)]
    [InlineData("/v1/places/.well/a..b/...", true)]
    [InlineData("/", true)]
    [InlineData("/v1/places/x%20y/~z", true)]
    public void A_path_that_two_could_read_differently_is_none(string path, bool isPlain) => Assert.Equal(isPlain, PlainPaths.IsPlain(path));

    [Fact]
    public async Task No_path_however_written_comes_to_another_service_than_the_one_it_begins_with()
    {
        var seen = new List<(string Service, string Path)>();
        RequestDelegate Note(string service) => context =>
        {
            lock (seen)
            {
                seen.Add((service, context.Request.Path + context.Request.GetEncodedPathAndQuery()));
            }

            return Task.CompletedTask;
        };
        await using var places = await RunningService.StartAsync(Routing.Services.Search, Note(Routing.Services.Search));
        await using var bookings = await RunningService.StartAsync(Routing.Services.Bookings, Note(Routing.Services.Bookings));
        await using var sandbox = await RunningService.StartAsync(Routing.Services.Sandbox, Note(Routing.Services.Sandbox));
        await using var gateway = await RunningGateway.StartAsync([places, bookings, sandbox]);
        var part = Gen.Int[0, Tricky.Length - 1].Select(index => Tricky[index]);
        string[] prefixes = ["/v1/places", "/v1/bookings", "/sandbox", "/v1"];
        var prefix = Gen.Int[0, prefixes.Length - 1].Select(index => prefixes[index]);

        await Gen.Select(prefix, part.Array[0, 5]).SampleAsync(
            async (start, parts) =>
            {
                lock (seen)
                {
                    seen.Clear();
                }

                var answer = await RawAsync(gateway.Address, $"GET {start}/{string.Join('/', parts)} HTTP/1.1\r\nHost: {gateway.Address.Authority}\r\nConnection: close\r\n\r\n");
                var status = int.Parse(answer.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
                Assert.True(status is 200 or 400 or 404, $"{status}");
                lock (seen)
                {
                    Assert.All(seen, each => Assert.StartsWith(
                        each.Service switch { Routing.Services.Search => "/v1/places", Routing.Services.Bookings => "/v1/bookings", _ => "/sandbox" }, each.Path, StringComparison.Ordinal));
                    Assert.All(seen, each => Assert.DoesNotContain("..", each.Path, StringComparison.Ordinal));
                }
            },
            iter: 400, threads: 1);
    }

    private static Task<RunningService> EchoAsync(string name) => RunningService.StartAsync(name, async context =>
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        await context.Response.WriteAsJsonAsync(new
        {
            target = context.Request.GetEncodedPathAndQuery(),
            bodyLength = body.Length,
            headers = context.Request.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString()),
        });
    });

    private static async Task<JsonObject> SeenAsync(HttpResponseMessage answer) => JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop))!.AsObject();

    private static Task Never(HttpContext context)
    {
        var never = new TaskCompletionSource();
        context.RequestAborted.Register(never.SetCanceled);
        return never.Task;
    }

    /// <summary>The whole answer to a request that is sent as it is written.</summary>
    private static async Task<string> RawAsync(Uri address, string request)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(address.Host, address.Port, Stop);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), Stop);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var answer = new StringBuilder();
        var buffer = new char[4096];
        try
        {
            for (int read; (read = await reader.ReadAsync(buffer, Stop)) > 0;)
            {
                answer.Append(buffer, 0, read);
            }
        }
        catch (IOException) when (answer.Length > 0)
        {
            // It answered and closed while we were still sending.
        }

        return answer.ToString();
    }
}

internal static class Echoes
{
    public static string? Header(this JsonObject seen, string name) => (string?)seen["headers"]![name.ToLowerInvariant()];
}
