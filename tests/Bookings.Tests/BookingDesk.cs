using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Aerona.Bookings.Data;
using Aerona.Bookings.Offers;
using Aerona.Bookings.Submission;
using Aerona.Contracts;
using Aerona.Contracts.Airlines;
using Aerona.Contracts.Bookings;
using Aerona.Contracts.Payments;
using Aerona.Contracts.Tickets;
using Aerona.Hosting;
using Aerona.Sagas.Booking;
using Aerona.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Aerona.Bookings.Tests;

/// <summary>The booking service with made-up offers; the tests play the other services.</summary>
internal sealed class BookingDesk : IAsyncDisposable
{
    public static readonly Money Price = new(51800, "EUR");
    private readonly TestService service;

    private BookingDesk(TestService service, FakeOffers offers) => (this.service, Offers) = (service, offers);

    public FakeOffers Offers { get; }

    public TestService Service => service;

    public DateTimeOffset Now => service.Clock.GetUtcNow();

    public static async Task<BookingDesk> StartAsync(
        NewLocators? locators = null, RoundTrips? roundTrips = null, IReadOnlyDictionary<string, string?>? settings = null, Action<IServiceCollection>? also = null)
    {
        var offers = new FakeOffers();
        var service = await TestService.StartAsync(
            builder =>
            {
                builder.AddBookings();
                builder.Services.AddSingleton<IOffers>(offers);
                also?.Invoke(builder.Services);
                if (roundTrips is not null)
                {
                    builder.Services.AddSingleton<IInterceptor>(roundTrips);
                }

                if (locators is not null)
                {
                    builder.Services.AddSingleton<NewLocator>(locators.Next);
                }
            },
            bus => bus.AddBookingsConsumers(),
            app => app.MapBookings(),
            new Dictionary<string, string?>(settings ?? new Dictionary<string, string?>())
            {
                ["ReturnUrls:AllowedOrigins:0"] = "https://shop.example",
                // Every timer of the host ticks through the time that a test lets pass.
                ["Booking:CommitUnknown"] = "00:31:00",
                ["Booking:CaptureRecovery"] = "00:31:00",
            });
        return new(service, offers);
    }

    /// <summary>A request that is right for the offer: two adults and a lap infant.</summary>
    public object Request(
        Guid? offerId = null, object? passengers = null, object? contact = null, string? returnUrl = null, string? clientReference = null, string payment = "now") => new
        {
            offerId = offerId ?? Offers.Default.OfferId,
            passengers = passengers ?? new[] { An, Binh, Infant },
            contact = contact ?? new { email = "an@example.org", phone = "+84901234567", locale = "vi" },
            returnUrl,
            clientReference,
            payment,
        };

    public static object An => Adult("p1", "An", "Lê");

    public static object Binh => Adult("p2", "Bình", "Nguyễn-Đặng");

    public static object Infant => new { id = "p3", givenName = "Cúc", surname = "Lê", birthDate = "2026-03-01", accompaniedBy = (string?)"p1" };

    public static object Adult(string id, string givenName, string surname) => new { id, givenName, surname, birthDate = "1990-01-31", accompaniedBy = (string?)null };

    public Task<HttpResponseMessage> PostAsync(string path, object? body, string? token = null, string? key = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Add("Idempotency-Key", key ?? Guid.NewGuid().ToString());
        return SendAsync(request, token);
    }

    public Task<HttpResponseMessage> GetAsync(string path, string? token = null) => SendAsync(new(HttpMethod.Get, path), token);

    public string TokenFor(string subject, params string[] roles) => service.Services.TokenFor(subject, roles, TimeSpan.FromHours(8));

    /// <summary>Submits and lets the saga begin.</summary>
    public async Task<(Guid Id, string Token)> BookAsync(string? token = null)
    {
        var response = await PostAsync("/v1/bookings", Request(), token);
        var view = await JsonAsync(response);
        var id = view.GetProperty("id").GetGuid();
        var submitted = (await service.Published<BookingSubmitted>()).Single(x => x.BookingId == id);
        await service.ConsumeAsync(submitted);
        return (id, token ?? view.GetProperty("guestToken").GetString()!);
    }

    /// <summary>Plays the other services until the payer has the link.</summary>
    public async Task UntilPaymentAsync(Guid id)
    {
        await service.ConsumeAsync(new OfferPriced(id, Offers.Default.OfferId, Offers.Default));
        var hold = (await service.Published<HoldSeats>()).Single(x => x.BookingId == id);
        await service.ConsumeAsync(new SeatsHeld(id, hold.HoldId, 1, Now.AddMinutes(20), Now.AddMinutes(20)));
        var open = (await service.Published<OpenPayment>()).Single(x => x.BookingId == id);
        await service.ConsumeAsync(new PaymentOpened(id, open.PaymentId, "https://pay.example/1", "ORDER-1"));
    }

    /// <summary>Plays the payer, PayPal and the airline until the money is reserved and the order is being made.</summary>
    public async Task UntilCommitAsync(Guid id)
    {
        var saga = await SagaAsync(id);
        var (payment, hold) = (saga.Payments[^1].PaymentId, saga.Holds[^1].HoldId);
        await service.ConsumeAsync(new PaymentApproved(id, payment));
        await service.ConsumeAsync(new SeatsPinned(id, hold, 1));
        await service.ConsumeAsync(new PaymentAuthorized(id, payment, Price, "AUTH-1", Now.AddDays(3), Now.AddDays(29)));
    }

    /// <summary>Plays everybody to the end.</summary>
    public async Task UntilConfirmedAsync(Guid id)
    {
        var saga = await SagaAsync(id);
        var order = saga.Orders[^1].OrderId;
        TicketNumber[] numbers = [new("p1", "7381234567890"), new("p2", "7381234567891"), new("p3", "7381234567892")];
        await service.ConsumeAsync(new AirlineOrderConfirmed(id, order, [new("house", "ABC234")], numbers, Now.AddDays(1), null));
        await service.ConsumeAsync(new TicketsIssued(id, order, numbers));
        await service.ConsumeAsync(new PaymentCaptured(id, saga.Payments[^1].PaymentId, Price, "CAP-1"));
        await service.ConsumeAsync(new DocumentsStored(id, order, [new("itinerary-receipt", "k", "receipt.pdf", "00")]));
    }

    /// <summary>Plays Airlines saying that the flights cost something else now; gives the new offer.</summary>
    public async Task<OfferSnapshot> UntilPriceDecisionAsync(Guid id, decimal newTotal = 560.50m)
    {
        var total = Money.Of(newTotal, "EUR");
        var offer = Offers.Default with { OfferId = Guid.NewGuid(), Total = total, Lines = [Offers.Default.Lines[0] with { Amount = total }] };
        await service.ConsumeAsync(new OfferPriceChanged(id, Offers.Default.OfferId, Price, offer));
        return offer;
    }

    /// <summary>Plays everybody until the tickets are issued and PayPal refuses to take the money.</summary>
    public async Task UntilRecoveryAsync(Guid id)
    {
        await UntilPaymentAsync(id);
        await UntilCommitAsync(id);
        var saga = await SagaAsync(id);
        TicketNumber[] numbers = [new("p1", "7381234567890"), new("p2", "7381234567891"), new("p3", "7381234567892")];
        await service.ConsumeAsync(new AirlineOrderConfirmed(id, saga.Orders[^1].OrderId, [new("house", "ABC234")], numbers, Now.AddDays(1), null));
        await service.ConsumeAsync(new TicketsIssued(id, saga.Orders[^1].OrderId, numbers));
        await service.ConsumeAsync(new CaptureRefused(id, saga.Payments[^1].PaymentId, "capture.declined"));
    }

    /// <summary>Plays an airline that never says whether it made the order, until only people can find out.</summary>
    public async Task UntilParkedAsync(Guid id)
    {
        await UntilPaymentAsync(id);
        await UntilCommitAsync(id);
        await service.ConsumeAsync(new AirlineOrderPending(id, (await SagaAsync(id)).Orders[^1].OrderId, 0));
        await PastDeadlineAsync(id);
    }

    /// <summary>Lets the state's time end.</summary>
    public async Task PastDeadlineAsync(Guid id)
    {
        service.Clock.SetUtcNow((await SagaAsync(id)).DeadlineAt!.Value);
        await service.ConsumeAsync(new BookingDeadline(id));
    }

    public Task<BookingState> SagaAsync(Guid id) =>
        service.Query<BookingsDbContext, BookingState>(db => db.Sagas.AsNoTracking().SingleAsync(saga => saga.CorrelationId == id));

    public static async Task<JsonElement> JsonAsync(HttpResponseMessage response) => await response.Content.ReadFromJsonAsync<JsonElement>();

    public async Task<JsonElement> ViewAsync(Guid id, string token) => await JsonAsync(await GetAsync($"/v1/bookings/{id}", token));

    public async ValueTask DisposeAsync() => await service.DisposeAsync();

    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, string? token)
    {
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return service.Http.SendAsync(request);
    }
}

/// <summary>Offers that the tests make up.</summary>
internal sealed class FakeOffers : IOffers
{
    public OfferSnapshot Default { get; } = Make(new DateTime(2027, 2, 1, 10, 0, 0), PassengerType.Adult, PassengerType.Adult, PassengerType.Infant);

    public Dictionary<Guid, OfferAnswer> Others { get; } = [];

    public string? LastAuthorization { get; private set; }

    public static OfferSnapshot Make(DateTime departs, params PassengerType[] types) => new(
        Guid.NewGuid(), "house", "VN",
        [
            new(1, "VN55-20270201", new("VN", 55), "VN", "HAN", "LHR", departs, "Asia/Ho_Chi_Minh", new(departs.AddHours(-7), TimeSpan.Zero), departs.AddHours(6),
                "Europe/London", new(departs.AddHours(6), TimeSpan.Zero), "789", Cabin.Economy, "Y", "YOW", "1PC"),
        ],
        [.. types.Select((type, i) => new OfferPassenger($"p{i + 1}", type))],
        [new("p1", PriceLineKind.BaseFare, "FARE", null, false, BookingDesk.Price)],
        BookingDesk.Price, new(null, null, null, null), new(2026, 12, 1, 0, 30, 0, TimeSpan.Zero));

    public OfferSnapshot Add(OfferSnapshot offer, bool expired = false)
    {
        Others[offer.OfferId] = new OfferAnswer.Found(offer, expired);
        return offer;
    }

    public Task<OfferAnswer> FindAsync(Guid offerId, string? authorization, CancellationToken cancellationToken)
    {
        LastAuthorization = authorization;
        return Task.FromResult(
            Others.TryGetValue(offerId, out var answer) ? answer
            : offerId == Default.OfferId ? new OfferAnswer.Found(Default, false)
            : new OfferAnswer.Unknown());
    }
}

/// <summary>Locators in a given order.</summary>
internal sealed class NewLocators(params string[] locators)
{
    private int next;

    public string Next() => locators[Interlocked.Increment(ref next) - 1];
}
