using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Aerona.Airlines.Data;
using Aerona.Airlines.Offers;
using Aerona.Airlines.Outside;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Sandbox;
using Aerona.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Aerona.Airlines.Tests.Outside;

/// <summary>The Airlines service beside a played airline ZZ that it knows by HTTP only.</summary>
public sealed class ZzWorld : IAsyncLifetime
{
    public const string Secret = "aerona-sandbox-zz-webhook-secret";
    public const string OldSecret = "the-secret-before-this-one";

    /// <summary>Nothing is on sale on it but what ZZ flies; three weeks after the clocks' start.</summary>
    public static readonly DateOnly Day = new(2026, 12, 21);

    private TestService? sandbox;
    private TestService? airlines;

    public TestService Sandbox => sandbox!;

    public TestService Airlines => airlines!;

    /// <summary>What went over the wire so far.</summary>
    internal Recorder Wire { get; } = new();

    public async ValueTask InitializeAsync()
    {
        sandbox = await TestService.StartAsync(builder => builder.AddSandbox(), _ => { }, app => app.MapSandbox());
        airlines = await TestService.StartAsync(
            builder =>
            {
                builder.AddAirlines();
                builder.Services.AddHttpClient(SupplierHttp.ClientName("zz")).AddHttpMessageHandler(() => Wire.Handler());
            },
            bus => bus.AddAirlinesConsumers(),
            app => app.MapAirlines(),
            new Dictionary<string, string?>
            {
                ["Suppliers:zz:Protocol"] = "duffel",
                ["Suppliers:zz:BaseUrl"] = new Uri(sandbox.Http.BaseAddress!, "/sandbox/zz").ToString(),
                ["Suppliers:zz:AccessToken"] = "duffel_test_aerona-sandbox",
                ["Suppliers:zz:WebhookSecrets:0"] = OldSecret,
                ["Suppliers:zz:WebhookSecrets:1"] = Secret,
                ["Suppliers:zz:Timeout"] = "00:02:00",
                ["Suppliers:zz:OrderTimeout"] = "00:02:00",
                ["Suppliers:zz:BreakFor"] = "00:00:00.500",
                ["Suppliers:zz:FetchPause"] = "01:00:00",
                ["Suppliers:zz:Routes:0"] = "VIE-PRG",
                ["Suppliers:zz:HorizonDays"] = "3",
                ["Suppliers:zz:ReconcileEvery"] = "7.00:00:00",
            });
    }

    public async ValueTask DisposeAsync()
    {
        if (airlines is not null)
        {
            await airlines.DisposeAsync();
        }

        if (sandbox is not null)
        {
            await sandbox.DisposeAsync();
        }
    }

    /// <summary>Lets that much time pass on both sides, in one leap: what wakes up every second does so at its end.</summary>
    public void Pass(TimeSpan span)
    {
        var end = TimeSpan.FromSeconds(2);
        foreach (var clock in new[] { Sandbox.Clock, Airlines.Clock })
        {
            clock.AdjustTime(clock.GetUtcNow() + span - end);
            clock.Advance(end);
        }
    }

    internal async Task<LiveOffersView> FindAsync(string origin, string destination, params PassengerType[] party)
    {
        using var answer = await Airlines.Http.PostAsJsonAsync("/v1/offers/live", new
        {
            legs = new[] { new { origin, destination, departsOn = Day } },
            passengers = (party.Length == 0 ? [PassengerType.Adult] : party).Select(type => new { type = type.ToString().ToLowerInvariant() }),
            budgetSeconds = 30,
        });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<LiveOffersView>(House.Json))!;
    }

    internal async Task<OfferView> OfferAsync(string origin, string destination, params PassengerType[] party) => (await FindAsync(origin, destination, party)).Offers[0];

    internal static IReadOnlyList<Passenger> People(OfferView offer) =>
    [
        .. offer.Passengers.Select(passenger => new Passenger(
            passenger.Id, passenger.Type, "Ada", "Lovelace", "ADA", "LOVELACE",
            passenger.Type switch { PassengerType.Infant => new(2026, 2, 3), PassengerType.Child => new(2019, 2, 3), _ => new DateOnly(1990, 1, 31) },
            passenger.Type == PassengerType.Infant ? "p1" : null, Gender.Female)),
    ];

    internal static Contact Contact { get; } = new("ada@example.org", "+4930901820", "en");

    /// <summary>Delivers a message and then, one after the other, the commands within Airlines that it leads to.</summary>
    public async Task SendAsync<T>(T message) where T : class
    {
        var before = (
            await CountAsync<PriceAtSupplier>(), await CountAsync<HoldAtSupplier>(), await CountAsync<LookUpHoldAtSupplier>(), await CountAsync<PinAtSupplier>(),
            await CountAsync<ReleaseAtSupplier>());
        await Airlines.ConsumeAsync(message);
        await DeliverAsync<PriceAtSupplier>(before.Item1);
        await DeliverAsync<HoldAtSupplier>(before.Item2);
        await DeliverAsync<LookUpHoldAtSupplier>(before.Item3);
        await DeliverAsync<PinAtSupplier>(before.Item4);
        await DeliverAsync<ReleaseAtSupplier>(before.Item5);
    }

    private async Task<int> CountAsync<T>() where T : class => (await Airlines.Published<T>()).Count;

    private async Task DeliverAsync<T>(int already) where T : class
    {
        foreach (var command in (await Airlines.Published<T>()).Skip(already))
        {
            await Airlines.ConsumeAsync(command);
        }
    }

    /// <summary>What was said of a booking, of that kind.</summary>
    public async Task<IReadOnlyList<T>> SaidAsync<T>(Guid bookingId) where T : class =>
        [.. (await Airlines.Published<T>()).Where(message => (Guid)typeof(T).GetProperty("BookingId")!.GetValue(message)! == bookingId)];

    internal async Task<(Guid BookingId, Guid HoldId)> HoldAsync(OfferView offer)
    {
        var (bookingId, holdId) = (Guid.NewGuid(), Guid.NewGuid());
        await SendAsync(new HoldSeats(bookingId, holdId, offer.Id, People(offer), PayLater: false, Contact));
        return (bookingId, holdId);
    }

    /// <summary>Held and pinned, so that it can be bought.</summary>
    internal async Task<CommitAirlineOrder> PinnedAsync(OfferView offer)
    {
        var (bookingId, holdId) = await HoldAsync(offer);
        await SendAsync(new PinSeats(bookingId, holdId, OutsideHold.OnlyToken));
        Assert.Single(await SaidAsync<SeatsPinned>(bookingId));
        return new(bookingId, Guid.NewGuid(), holdId, OutsideHold.OnlyToken, offer.Id, "BCDFGH", People(offer), Contact);
    }

    /// <summary>Bought; the order as we know it.</summary>
    internal async Task<(CommitAirlineOrder Order, string Reference)> BoughtAsync(OfferView offer)
    {
        var order = await PinnedAsync(offer);
        await SendAsync(order);
        Assert.Single(await SaidAsync<AirlineOrderConfirmed>(order.BookingId));
        return (order, (await QueryAsync(db => db.AirlineOrders.SingleAsync(row => row.OrderId == order.OrderId))).Reference!);
    }

    internal Task<T> QueryAsync<T>(Func<AirlinesDbContext, Task<T>> query) => Airlines.Query(query);

    /// <summary>What ZZ's own books say of an order, by any of its references.</summary>
    public async Task<JsonElement> BooksAsync(object reference) => await Sandbox.Http.GetFromJsonAsync<JsonElement>($"/sandbox/zz/books/orders/{reference}");

    /// <summary>Speaks to ZZ as Duffel's client would.</summary>
    public async Task<JsonElement> CallZzAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, "/sandbox/zz" + path) { Content = body is null ? null : JsonContent.Create(new { data = body }) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "duffel_test_aerona-sandbox");
        request.Headers.Add("Duffel-Version", "v2");
        using var response = await Sandbox.Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return text == "" ? default : JsonDocument.Parse(text).RootElement;
    }

    /// <summary>Asks again and again until it is so.</summary>
    public static async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await holds())
        {
            try
            {
                await timer.WaitForNextTickAsync(deadline.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"not within two minutes: {what}");
            }
        }
    }
}

/// <summary>Keeps every call and its answer.</summary>
internal sealed class Recorder
{
    public sealed record Call(string Method, string PathAndQuery, string? Body, int Status, string Answer);

    public ConcurrentQueue<Call> Calls { get; } = [];

    public DelegatingHandler Handler() => new Ear(Calls);

    private sealed class Ear(ConcurrentQueue<Call> calls) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var body = request.Content is null ? null : await request.Content.ReadAsStringAsync(cancellationToken);
            var response = await base.SendAsync(request, cancellationToken);
            await response.Content.LoadIntoBufferAsync(cancellationToken);
            calls.Enqueue(new(request.Method.Method, request.RequestUri!.PathAndQuery, body, (int)response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken)));
            return response;
        }
    }
}
