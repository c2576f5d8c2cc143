using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Aerona.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aerona.Sandbox.Tests.PayPal;

/// <summary>The sandbox's PayPal, spoken to by a merchant that knows nothing but HTTP.</summary>
internal sealed class PlayedPayPal(TestService service) : IAsyncDisposable
{
    private string? token;

    public TestService Service => service;

    public HttpClient Http => service.Http;

    public static async Task<PlayedPayPal> StartAsync(params IReadOnlyList<(string, string?)> settings) => new(await TestService.StartAsync(
        builder => builder.AddSandbox(), _ => { }, app => app.MapSandbox(), settings.ToDictionary(one => one.Item1, one => one.Item2)));

    public ValueTask DisposeAsync() => service.DisposeAsync();

    /// <summary>Lets that much time pass in one step: whatever wakes up every second does not do so for all of them. The token is over then.</summary>
    public void Leap(TimeSpan span)
    {
        token = null;
        Service.Clock.AdjustTime(Service.Clock.GetUtcNow() + span);
    }

    public async Task<string> TokenAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sandbox/paypal/v1/oauth2/token")
        {
            Content = new FormUrlEncodedContent([new("grant_type", "client_credentials")]),
            Headers = { Authorization = Basic("aerona-sandbox", "aerona-sandbox-secret") },
        };
        using var response = await Http.SendAsync(request);
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString()!;
    }

    public static AuthenticationHeaderValue Basic(string id, string secret) => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{id}:{secret}")));

    /// <summary>Calls the API; undefined JSON for an empty answer.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Json)> CallAsync(
        HttpMethod method, string path, object? body = null, string? requestId = null, bool representation = true)
    {
        token ??= await TokenAsync();
        using var request = new HttpRequestMessage(method, "/sandbox/paypal" + path) { Headers = { Authorization = new("Bearer", token) } };
        request.Content = body switch
        {
            null => null,
            string raw => new StringContent(raw, Encoding.UTF8, "application/json"),
            _ => JsonContent.Create(body),
        };
        if (requestId is not null)
        {
            request.Headers.Add("PayPal-Request-Id", requestId);
        }

        if (representation)
        {
            request.Headers.Add("Prefer", "return=representation");
        }

        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text == "" ? default : JsonDocument.Parse(text).RootElement);
    }

    public Task<(HttpStatusCode Status, JsonElement Json)> PostAsync(string path, object? body = null, string? requestId = null, bool representation = true) =>
        CallAsync(HttpMethod.Post, path, body ?? "{}", requestId, representation);

    public Task<(HttpStatusCode Status, JsonElement Json)> GetAsync(string path) => CallAsync(HttpMethod.Get, path);

    public static object Order(string value = "199.90", string currency = "EUR", string intent = "AUTHORIZE", string returnUrl = "https://shop.example/return") => new
    {
        intent,
        purchase_units = new[] { new { reference_id = "R7KX2M", custom_id = "payment-1", description = "HAN-SGN", amount = new { currency_code = currency, value } } },
        payment_source = new
        {
            paypal = new { experience_context = new { return_url = returnUrl, cancel_url = "https://shop.example/cancelled", user_action = "PAY_NOW" } },
        },
    };

    /// <summary>An order that this payer has approved.</summary>
    public async Task<string> ApprovedAsync(string payer = "happy", string value = "199.90", string currency = "EUR", string intent = "AUTHORIZE")
    {
        var (_, order) = await PostAsync("/v2/checkout/orders", Order(value, currency, intent));
        var id = order.GetProperty("id").GetString()!;
        (await ApproveAsync(id, payer)).EnsureSuccessStatusCode();
        return id;
    }

    public Task<HttpResponseMessage> ApproveAsync(string orderId, string payer) =>
        Http.PostAsJsonAsync($"/sandbox/paypal/checkout/{orderId}/approve", new { payer });

    /// <summary>An authorisation of an order that this payer has approved.</summary>
    public async Task<(string OrderId, string AuthorizationId)> AuthorizedAsync(string payer = "happy", string value = "199.90")
    {
        var id = await ApprovedAsync(payer, value);
        var (_, order) = await PostAsync($"/v2/checkout/orders/{id}/authorize", requestId: "authorize-" + id);
        return (id, Authorization(order).GetProperty("id").GetString()!);
    }

    public static JsonElement Authorization(JsonElement order) => order.GetProperty("purchase_units")[0].GetProperty("payments").GetProperty("authorizations")[0];

    public static string? Issue(JsonElement error) => error.GetProperty("details")[0].GetProperty("issue").GetString();

    public async Task<JsonElement> BooksAsync(string orderId) =>
        (await Http.GetFromJsonAsync<JsonElement>($"/sandbox/paypal/books/orders/{orderId}")).GetProperty("books");
}

/// <summary>Somebody who gets webhooks; answers what the test wants.</summary>
internal sealed class Listener : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly Channel<Heard> heard = Channel.CreateUnbounded<Heard>();

    private Listener(WebApplication app) => this.app = app;

    public sealed record Heard(string Body, IHeaderDictionary Headers)
    {
        public JsonElement Json => JsonDocument.Parse(Body).RootElement;

        public string Type => Json.GetProperty("event_type").GetString()!;
    }

    /// <summary>What to answer, in order; 200 afterwards.</summary>
    public Queue<int> Answers { get; } = [];

    public string Url { get; private set; } = "";

    public static async Task<Listener> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var listener = new Listener(builder.Build());
        listener.app.MapPost("/hook", async (HttpContext http) =>
        {
            using var reader = new StreamReader(http.Request.Body);
            var headers = new HeaderDictionary(http.Request.Headers.ToDictionary(one => one.Key, one => one.Value));
            await listener.heard.Writer.WriteAsync(new(await reader.ReadToEndAsync(), headers));
            return Results.StatusCode(listener.Answers.TryDequeue(out var status) ? status : 200);
        });
        await listener.app.StartAsync();
        listener.Url = listener.app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/hook";
        return listener;
    }

    public Task<Heard> NextAsync() => heard.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(2));

    public bool IsQuiet => heard.Reader.Count == 0;

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
