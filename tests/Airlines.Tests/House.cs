using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Aerona.Airlines.Data;
using Aerona.Airlines.Offers;
using Aerona.Airlines.Seats;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Operations;
using Aerona.Persistence;
using Aerona.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Aerona.Airlines.Tests;

/// <summary>The Airlines service with a flight or two, and the short ways to make offers, holds and orders in it.</summary>
internal sealed class House(TestService service) : IAsyncDisposable
{
    /// <summary>Of the contract as it travels: HTTP answers are read with it.</summary>
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static readonly DateOnly Day = new(2026, 12, 5);

    public TestService Service { get; } = service;

    public static async Task<House> OpenAsync(IReadOnlyDictionary<string, string?>? settings = null, Action<IServiceCollection>? fakes = null) => new(
        await TestService.StartAsync(
            builder =>
            {
                builder.AddAirlines();
                fakes?.Invoke(builder.Services);
            },
            bus => bus.AddAirlinesConsumers(),
            app => app.MapAirlines(),
            settings));

    public ValueTask DisposeAsync() => Service.DisposeAsync();

    /// <summary>A flight between JFK and LAX in New York's morning, priced in US dollars.</summary>
    public static PublishedFlight Flight(
        int number, int seats = 50, decimal fare = 200m, long version = 1, int hour = 9, string currency = "USD", string origin = "JFK", string destination = "LAX",
        DateOnly? day = null, int hours = 6)
    {
        var local = (day ?? Day).ToDateTime(new(hour, 0));
        var departsAt = new DateTimeOffset(local, TimeSpan.FromHours(-5)).ToUniversalTime();
        var designator = new FlightDesignator("AA", number);
        return new(
            designator.OnDate(day ?? Day), version, designator, "AA", origin, destination, local, departsAt,
            departsAt.AddHours(hours - 8).UtcDateTime, departsAt.AddHours(hours), "321",
            [
                new(Cabin.Economy, seats, "Y", Money.Of(fare, currency)),
                new(Cabin.Business, 8, "J", Money.Of(fare * 4, currency)),
            ]);
    }

    public Task PublishAsync(params PublishedFlight[] flights) => Service.ConsumeAsync(new FlightsPublished(flights));

    /// <summary>Asks for an offer by HTTP.</summary>
    public Task<HttpResponseMessage> AskForOfferAsync(object body, string? bearer = null, string? key = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/offers") { Content = JsonContent.Create(body) };
        request.Headers.Add("Idempotency-Key", key ?? Guid.NewGuid().ToString());
        request.Headers.Authorization = bearer is null ? null : new AuthenticationHeaderValue("Bearer", bearer);
        return Service.Http.SendAsync(request);
    }

    /// <summary>An offer in economy, or what the answer was.</summary>
    public async Task<OfferView> OfferAsync(int adults, int infants, params PublishedFlight[] flights)
    {
        var answer = await AskForOfferAsync(new
        {
            flights = flights.Select(flight => new { flightId = flight.FlightId, cabin = "economy" }),
            passengers = Enumerable.Repeat("adult", adults).Concat(Enumerable.Repeat("infant", infants)).Select(type => new { type }),
        });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<OfferView>(Json))!;
    }

    public Task<OfferView> OfferAsync(params PublishedFlight[] flights) => OfferAsync(1, 0, flights);

    /// <summary>Asks for seats by HTTP: <c>p1 1 12A</c>, passenger, flight and seat.</summary>
    public Task<HttpResponseMessage> AskForSeatsAsync(Guid offerId, params string[] seats)
    {
        var wanted = seats.Select(seat => seat.Split(' ')).Select(parts => new { passengerId = parts[0], segmentOrdinal = int.Parse(parts[1], CultureInfo.InvariantCulture), seat = parts[2] });
        var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/offers/{offerId}/seats") { Content = JsonContent.Create(new { seats = wanted }) };
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        return Service.Http.SendAsync(request);
    }

    /// <summary>The offer with those seats.</summary>
    public async Task<OfferView> SeatedAsync(OfferView offer, params string[] seats)
    {
        var answer = await AskForSeatsAsync(offer.Id, seats);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<OfferView>(Json))!;
    }

    public static IReadOnlyList<Passenger> People(OfferView offer, string surname = "DOE") =>
    [
        .. offer.Passengers.Select(passenger => new Passenger(
            passenger.Id, passenger.Type, "Jo", surname, "JO", surname, new(1990, 1, 31), passenger.Type == PassengerType.Infant ? "p1" : null)),
    ];

    /// <summary>Sends HoldSeats; the hold as it then stands in the books.</summary>
    public async Task<Hold> HoldAsync(OfferView offer, Guid? holdId = null, bool payLater = false)
    {
        var id = holdId ?? Guid.NewGuid();
        await Service.ConsumeAsync(new HoldSeats(Guid.NewGuid(), id, offer.Id, People(offer), payLater));
        return await HoldAsync(id);
    }

    public async Task<Hold> PinnedAsync(OfferView offer)
    {
        var hold = await HoldAsync(offer);
        await Service.ConsumeAsync(new PinSeats(hold.BookingId, hold.HoldId, hold.Token));
        return await HoldAsync(hold.HoldId);
    }

    public Task<Hold> HoldAsync(Guid holdId) => QueryAsync(db => db.Holds.SingleAsync(hold => hold.HoldId == holdId));

    public static CommitAirlineOrder Commit(Hold hold, OfferView offer, Guid? orderId = null, string surname = "DOE") => new(
        hold.BookingId, orderId ?? Guid.NewGuid(), hold.HoldId, hold.Token, offer.Id, "BCDFGH", People(offer, surname), new("jo@example.org", null, "en"));

    public Task<SeatCount?> CountAsync(PublishedFlight flight, Cabin? cabin = Cabin.Economy)
    {
        var key = SeatCount.KeyOf(flight.FlightId, cabin);
        return QueryAsync(db => db.SeatCounts.SingleOrDefaultAsync(count => count.Key == key));
    }

    public Task<T> QueryAsync<T>(Func<AirlinesDbContext, Task<T>> query) => Service.Query(query);

    /// <summary>The last message of that type put into the outbox.</summary>
    public async Task<T> LastAsync<T>() where T : class => (await Service.Published<T>())[^1];

    /// <summary>Runs inventory work in a transaction of its own, as a consumer would.</summary>
    public async Task<T> InTransactionAsync<T>(Func<SeatInventory, AirlinesDbContext, Task<T>> work)
    {
        await using var scope = Service.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AirlinesDbContext>();
        await using var transaction = await db.BeginAsync(CancellationToken.None);
        var result = await work(scope.ServiceProvider.GetRequiredService<SeatInventory>(), db);
        await db.SaveChangesAsync();
        await transaction.CommitAsync(CancellationToken.None);
        return result;
    }

    /// <summary>
    /// What must hold at every moment: counts are what the holds occupy, in all and in each booking class, and no more than authorised; and the seats that are somebody's
    /// are just those that live holds have, each once.
    /// </summary>
    public async Task AssertBooksAgreeAsync()
    {
        var (counts, holds, orders, seats) = await QueryAsync(async db => (
            await db.SeatCounts.ToListAsync(), await db.Holds.ToListAsync(), await db.HouseOrders.ToListAsync(), await db.AssignedSeats.ToListAsync()));
        var occupied = holds.Where(hold => hold.State != HoldState.Released).SelectMany(hold => hold.Occupies).ToLookup(taken => taken.Key, taken => taken.Seats);
        Assert.All(counts, count => Assert.Equal(occupied[count.Key].Sum(), count.Occupied));
        Assert.All(counts, count => Assert.InRange(count.Occupied, 0, count.Authorised));
        var inClasses = holds.Where(hold => hold.State != HoldState.Released).SelectMany(hold => hold.Occupies).ToLookup(taken => (taken.Key, taken.BookingClass), taken => taken.Seats);
        Assert.All(counts, count => Assert.All(count.Buckets ?? [], bucket => Assert.Equal(inClasses[(count.Key, bucket.BookingClass)].Sum(), bucket.Occupied)));
        Assert.Equal(
            holds.Where(hold => hold.State != HoldState.Released)
                .SelectMany(hold => (hold.Places ?? []).Where(place => place.Number is not null).Select(place => (place.FlightId, place.Number!, hold.HoldId))).Order(),
            seats.Select(seat => (seat.FlightId, seat.Number, seat.HoldId)).Order());
        Assert.Equal(
            holds.Where(hold => hold.State == HoldState.Sold).Select(hold => hold.HoldId).Order(),
            orders.Where(order => order.State == Airlines.House.HouseOrderState.Confirmed).Select(order => order.HoldId!.Value).Order());
    }
}
