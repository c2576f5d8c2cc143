using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Aerona.Contracts;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Notifications;
using Aerona.Contracts.Operations;
using Aerona.Contracts.Tickets;
using Aerona.Hosting;
using Aerona.Notifications.Hooks;
using Aerona.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Aerona.Notifications.Tests.Hooks;

/// <summary>The service with callers, whose own messages are delivered when the test says so.</summary>
internal sealed class Place : IAsyncDisposable
{
    public const string Client = "live-shop";

    private static readonly JsonSerializerOptions Json = JsonSerializerOptions.Web;

    private readonly HashSet<long> _delivered = [];

    private Place(TestService service) => Service = service;

    public TestService Service { get; }

    public static async Task<Place> StartAsync(bool allowPrivate = true, Action<WebApplicationBuilder>? add = null, params (string Key, string? Value)[] settings) => new(await TestService.StartAsync(
        builder =>
        {
            builder.AddNotifications();
            add?.Invoke(builder);
        },
        bus => bus.AddNotificationsConsumers(),
        app => app.MapNotifications(),
        new Dictionary<string, string?>(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)))
        {
            ["PublicBaseUrl"] = "https://aerona.example",
            ["Egress:AllowPrivateAddresses"] = allowPrivate ? "true" : "false",
        }));

    public static TicketMessage Order { get; } = new(Orders.Family());

    /// <summary>A booking of that client, made and confirmed.</summary>
    public async Task<Guid> BookAsync(string? owner = Client, string locale = "en")
    {
        var id = Guid.NewGuid();
        await Service.ConsumeAsync(Order.Submitted(id, owner, locale, Service.Clock.GetUtcNow()));
        await Service.ConsumeAsync(Order.Confirmed(id, locale, Service.Clock.GetUtcNow()));
        return id;
    }

    public string Token(string subject = Client) => Service.Services.TokenFor(subject, [], TimeSpan.FromDays(30));

    public string GuestToken(Guid bookingId) => Service.Services.GetRequiredService<ITokens>().ForGuest(bookingId);

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body = null, string? token = null, string? key = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body, options: Json) };
        if (token is not "")
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token ?? Token());
        }

        if (method != HttpMethod.Get)
        {
            request.Headers.Add("Idempotency-Key", key ?? Guid.NewGuid().ToString());
        }

        return await Service.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public async Task<JsonElement> AskAsync(HttpMethod method, string path, object? body = null, string? token = null, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var answer = await SendAsync(method, path, body, token);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(expected == answer.StatusCode, $"{method} {path}: {(int)answer.StatusCode} {text}");
        return text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text);
    }

    public Task<JsonElement> GetAsync(string path, string? token = null) => AskAsync(HttpMethod.Get, path, token: token);

    /// <summary>The stable code of a refusal.</summary>
    public async Task<string?> RefusedAsync(HttpStatusCode expected, HttpMethod method, string path, object? body = null, string? token = null) =>
        (await AskAsync(method, path, body, token, expected)).GetProperty("code").GetString();

    /// <summary>An endpoint of the client; its id and its secret.</summary>
    public async Task<(string Id, string Secret)> EndpointAsync(string url, string? token = null, params string[] types)
    {
        var made = await AskAsync(HttpMethod.Post, "/v1/webhook-endpoints", new { url, types }, token, HttpStatusCode.Created);
        return (made.GetProperty("endpoint").GetProperty("id").GetString()!, made.GetProperty("secret").GetString()!);
    }

    /// <summary>The service's messages to itself that are due and were not delivered yet.</summary>
    public async Task<List<Outgoing>> DueAsync()
    {
        var now = Service.Clock.GetUtcNow();
        return [.. (await Service.OutgoingAsync(0)).Where(each => !_delivered.Contains(each.Id) && (each.DueAt ?? now) <= now
            && each.Message is DeliverWebhooks or RetryWebhooks or SendPush or WebhookEndpointDisabled)];
    }

    public Task DeliverAsync(Outgoing message)
    {
        _delivered.Add(message.Id);
        return Service.ConsumeAsync(message.Message);
    }

    /// <summary>Delivers what is due until nothing is.</summary>
    public async Task SettleAsync()
    {
        while (await DueAsync() is { Count: > 0 } due)
        {
            foreach (var message in due)
            {
                await DeliverAsync(message);
            }
        }
    }

    /// <summary>Another time, without the ticks of every timer in between.</summary>
    public void Jump(TimeSpan by) => Service.Clock.AdjustTime(Service.Clock.GetUtcNow() + by);

    public async Task AdvanceAsync(TimeSpan by)
    {
        Jump(by);
        await SettleAsync();
    }

    public ValueTask DisposeAsync() => Service.DisposeAsync();
}

/// <summary>Messages about a booking of that order.</summary>
internal sealed class TicketMessage(IssueTickets order)
{
    public const string Email = "alice.marie@example.org";

    public Segment Flight => order.Offer.Segments[0];

    public BookingSubmitted Submitted(Guid id, string? owner, string locale, DateTimeOffset at) =>
        new(id, order.Locator, order.Offer.OfferId, order.Passengers, new(Email, null, locale), owner, null, at);

    public BookingConfirmed Confirmed(Guid id, string locale, DateTimeOffset at) => new(
        id, order.Locator, order.Locators, order.Offer, order.Passengers, new(Email, null, locale), order.TicketNumbers, [], order.Offer.Total, at);

    public TicketsIssued Ticketed(Guid id) => new(id, order.OrderId, order.TicketNumbers);

    /// <summary>As sold.</summary>
    public FlightStatus Status => new(
        Flight.FlightId, Flight.Flight, Flight.Origin, Flight.DepartureZone, Flight.Destination, Flight.ArrivalZone, FlightState.Scheduled, Flight.DepartsAt, null, null,
        Flight.ArrivesAt, null, null);

    /// <summary>What may stand in nothing that leaves us.</summary>
    public IEnumerable<string> Personal =>
        [order.Locator, Email, .. order.Passengers.SelectMany(passenger => new[] { passenger.GivenName, passenger.Surname }), .. order.TicketNumbers.Select(ticket => ticket.Number)];
}
